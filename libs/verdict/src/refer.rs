//! Puts figures in place of what a scenario refers to.
//!
//! A scenario may name what stands elsewhere, such as evidence in a library, in place of figures. The engine is
//! pure and knows no library: whoever keeps one hands it in as a [`Library`], and gets the scenario with every
//! reference replaced, and what each came to. One kind of reference is one module here.

mod backtest;
mod currency;
mod evidence;
mod files;
mod link;
mod product;
mod size;
#[cfg(test)]
mod tests;

use keepworth_contract::simulator::{ReferenceKind, RunReference};
use keepworth_contract::{Flag, FlagCode};
use keepworth_sim::scenario::{Problem, WhichBacktest};
use keepworth_sim::{Scenario, ScenarioError};

pub use backtest::{FoundBacktest, backtests_known_to};
pub use currency::{FoundRate, currencies_to_ask};
pub use evidence::FoundEvidence;
pub(crate) use evidence::word;
pub use files::{Files, NoLinks};
pub use link::{FoundLink, LinkUse};

/// Where references lead.
pub trait Library {
    /// Why it cannot be read.
    type Error;

    /// The evidence of a key, as it is now, or in the version that `KEY@VERSION` names; none where no evidence
    /// has it.
    ///
    /// # Errors
    /// When the library cannot be read.
    fn evidence(&mut self, key: &str) -> Result<Option<FoundEvidence>, Self::Error>;

    /// The experience link of an id; none where none has it.
    ///
    /// # Errors
    /// When the library cannot be read.
    fn link(&mut self, id: &str) -> Result<Option<FoundLink>, Self::Error>;

    /// The backtest of an id, or the newest that the baseline knows of; none where there is none.
    ///
    /// # Errors
    /// When the library cannot be read.
    fn backtest(&mut self, which: &WhichBacktest) -> Result<Option<FoundBacktest>, Self::Error>;

    /// The currency of the baseline: ISO 4217, empty where there is none.
    fn currency(&self) -> &str;

    /// What one unit of a currency is worth in that; none where nobody tells.
    ///
    /// # Errors
    /// When the library cannot be read.
    fn exchange(&mut self, code: &str) -> Result<Option<FoundRate>, Self::Error>;
}

/// A scenario without references.
#[derive(Debug, Clone, PartialEq)]
pub struct Referred {
    /// With the figures in their place.
    pub scenario: Scenario,
    /// What they came from, in the order of the scenario.
    pub references: Vec<RunReference>,
    /// What a reader of its result must know.
    pub flags: Vec<keepworth_sim::Flag>,
}

/// Why a reference cannot be followed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ReferError<E> {
    /// It leads nowhere, or to something else than the scenario needs there.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// The library cannot be read.
    #[error("{0}")]
    Library(E),
}

/// Puts what a library says in place of each reference of a scenario.
///
/// # Errors
/// [`ReferError`], with the first reference that cannot be followed.
pub fn refer<L: Library>(
    scenario: &Scenario,
    library: &mut L,
) -> Result<Referred, ReferError<L::Error>> {
    let mut referred = Referred {
        scenario: scenario.clone(),
        references: Vec::new(),
        flags: Vec::new(),
    };
    for (i, initiative) in referred.scenario.initiatives.iter_mut().enumerate() {
        for (j, effect) in initiative.effects.iter_mut().enumerate() {
            let path = format!("initiatives[{i}].effects[{j}]");
            let located = |error| match error {
                ReferError::Scenario(error) => ReferError::Scenario(scenario.located(error)),
                library @ ReferError::Library(_) => library,
            };
            // Through a link first: it sees the evidence that is named beside it.
            let through = link::refer(effect, &initiative.reach, &path, library);
            referred.references.extend(through.map_err(located)?);
            let by_evidence = evidence::refer(effect, &path, library);
            referred.references.extend(by_evidence.map_err(located)?);
        }
    }
    backtest::refer(&mut referred, library)?;
    currency::refer(&mut referred, library)?;
    flag_drawn_apart(&mut referred.references);
    Ok(referred)
}

/// Two effects through one link are right or wrong together, and are drawn apart.
fn flag_drawn_apart(references: &mut [RunReference]) {
    let links = references.iter().map(|it| (it.kind, it.key.clone()));
    let links = Vec::from_iter(links.filter(|(kind, _)| *kind == ReferenceKind::Link));
    for reference in references {
        let uses = links.iter().filter(|(_, key)| *key == reference.key);
        let uses = uses.count();
        if reference.kind == ReferenceKind::Link && uses > 1 {
            let detail = format!(
                "{uses} effects go through the link {}, each with a draw of its own: together they are less certain \
                 than the result has them",
                reference.key
            );
            let flag = Flag::new(FlagCode::LinkDrawnApart, detail);
            reference.quality_flags.push(flag);
        }
    }
}

/// A problem at a place of the scenario.
fn at(path: String, problem: Problem) -> ScenarioError {
    ScenarioError {
        path,
        line: None,
        problem,
    }
}
