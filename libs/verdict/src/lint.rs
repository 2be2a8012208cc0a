//! What in a scenario can be run and is probably not meant.
//!
//! The engine refuses what cannot be simulated. What is found here can: the result would be of something else than its
//! writer had in mind, or of nothing. A finding says what is there and what to do about it; nobody has to.

mod budget;
mod claim;
mod evidence;
mod felt;
mod owner;
mod risk;
mod segment;
mod size;
#[cfg(test)]
mod tests;

use chrono::{Months, NaiveDate};
use keepworth_contract::simulator::baseline::Baseline;
use keepworth_contract::simulator::{LintCode, LintFinding, LintSeverity};
use keepworth_sim::Scenario;
use keepworth_sim::scenario::{Effect, Initiative};

use crate::Library;

pub use budget::{KeyKnown, keys};

/// The window of a baseline, in months: one that is older has no month in common with a new one's.
const WINDOW: Months = Months::new(12);

/// What is known of the day on which a scenario is looked through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Today {
    /// The day.
    pub day: NaiveDate,
    /// The last day that a baseline is kept of, where baselines are kept.
    pub newest_baseline: Option<NaiveDate>,
}

/// Looks through a scenario on its baseline. Evidence is looked up where there is a library; a scenario that does not
/// fit the baseline is found in what of it does.
///
/// # Errors
/// When the library cannot be read.
pub fn lint<L: Library>(
    scenario: &Scenario,
    baseline: &Baseline,
    library: Option<&mut L>,
    today: &Today,
) -> Result<Vec<LintFinding>, L::Error> {
    let segments = segment::seen(scenario, baseline);
    let mut findings = age(baseline, today);
    findings.extend(owner::missing(scenario));
    findings.extend(felt::by_nobody(scenario, &segments));
    findings.extend(claim::twice(scenario));
    findings.extend(size::points(scenario));
    findings.extend(segment::revenue_for_margin(scenario, &segments));
    findings.extend(risk::twice(scenario));
    if let Some(library) = library {
        findings.extend(evidence::refused(scenario, library)?);
    }
    Ok(findings)
}

fn age(baseline: &Baseline, today: &Today) -> Vec<LintFinding> {
    let as_of = baseline.as_of;
    let mut findings = Vec::new();
    let is_old = as_of
        .checked_add_months(WINDOW)
        .is_some_and(|end| end < today.day);
    if is_old {
        let what = format!(
            "the baseline is of {as_of}, and today is {}: no month of its figures lies in the last twelve",
            today.day
        );
        let way_out =
            "build one of today (keepworth baseline build), and put the next version on it";
        findings.push(warning(LintCode::BaselineOld, "", what, way_out));
    }
    if let Some(newest) = today.newest_baseline.filter(|it| *it > as_of) {
        let what = format!("the baseline is of {as_of}, and one of {newest} is kept");
        let way_out = "put the next version on the later one, or say in its reason why this one";
        findings.push(warning(LintCode::BaselineSuperseded, "", what, way_out));
    }
    findings
}

/// Every effect with its initiative and its path.
fn effects(scenario: &Scenario) -> impl Iterator<Item = (&Initiative, &Effect, String)> {
    let initiatives = scenario.initiatives.iter().enumerate();
    initiatives.flat_map(|(i, initiative)| {
        let effects = initiative.effects.iter().enumerate();
        effects.map(move |(j, effect)| {
            let path = format!("initiatives[{i}].effects[{j}]");
            (initiative, effect, path)
        })
    })
}

fn warning(
    code: LintCode,
    path: impl Into<String>,
    what: impl Into<String>,
    way_out: impl Into<String>,
) -> LintFinding {
    LintFinding {
        code,
        severity: LintSeverity::Warning,
        path: path.into(),
        what: what.into(),
        way_out: way_out.into(),
    }
}

fn error(
    code: LintCode,
    path: impl Into<String>,
    what: impl Into<String>,
    way_out: impl Into<String>,
) -> LintFinding {
    LintFinding {
        severity: LintSeverity::Error,
        ..warning(code, path, what, way_out)
    }
}
