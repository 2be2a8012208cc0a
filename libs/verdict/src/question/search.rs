//! What is turned until a goal is met, by the names that people give it.

use keepworth_sim::explain::{BreakEven, Driver, Goal, Setting, Trials, break_even, likely_range};
use keepworth_sim::{Input, Model};

use crate::words::input_name;

/// The causal share of all effects, as it is asked for.
const CAUSAL_SHARE: &str = "causal share";

/// What is turned to meet which goal.
pub struct Search {
    driver: Driver,
    range: [f64; 2],
    goal: Goal,
}

/// Why nothing can be turned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SearchError {
    /// No input has this name.
    #[error("no input {name:?}; give \"causal share\" or one of:{}", listed(.known))]
    Unknown {
        /// What was given.
        name: String,
        /// What there is.
        known: Vec<String>,
    },
    /// The scenario does not leave it to choose.
    #[error("{0:?} is nothing that this scenario leaves to choose")]
    NotChosen(String),
    /// It has no range to be searched.
    #[error("input {0:?} is yes or no, or never varies")]
    NeverVaries(String),
}

fn listed(names: &[String]) -> String {
    names.iter().map(|name| format!("\n  {name}")).collect()
}

impl Search {
    /// A search for the value of an input, of "causal share", or of what is chosen.
    ///
    /// # Errors
    /// A name of nothing, or of what cannot be turned.
    pub fn new(model: &Model, name: &str, goal: Goal) -> Result<Self, SearchError> {
        let (driver, range) = driver(model, name)?;
        Ok(Self {
            driver,
            range,
            goal,
        })
    }

    /// Where the goal is met on these futures.
    #[must_use]
    pub fn seek(&self, trials: &Trials<'_>) -> BreakEven {
        break_even(trials, self.driver, self.range, self.goal)
    }
}

fn driver(model: &Model, name: &str) -> Result<(Driver, [f64; 2]), SearchError> {
    if name == CAUSAL_SHARE {
        return Ok((Driver::CausalShare, [0.0, 1.0]));
    }
    if let Some(setting) = Setting::ALL.into_iter().find(|it| it.name() == name) {
        let range = setting.range(model);
        let range = range.ok_or_else(|| SearchError::NotChosen(name.to_owned()))?;
        return Ok((Driver::Setting(setting), range));
    }
    let index = find_input(model, name).ok_or_else(|| SearchError::Unknown {
        name: name.to_owned(),
        known: known(model),
    })?;
    let range = likely_range(&model.inputs()[index].draw).filter(|[low, high]| low < high);
    let range = range.ok_or_else(|| SearchError::NeverVaries(name.to_owned()))?;
    Ok((Driver::Input(index), range))
}

/// An input by its name, or by the one that people read.
pub(super) fn find_input(model: &Model, name: &str) -> Option<usize> {
    let called = |input: &Input| input.name == name || input_name(&input.name) == name;
    model.inputs().iter().position(called)
}

fn known(model: &Model) -> Vec<String> {
    let settings = Setting::ALL.iter().filter(|it| it.range(model).is_some());
    let settings = settings.map(|it| it.name());
    let inputs = model.inputs().iter().map(|input| input.name.as_str());
    settings.chain(inputs).map(str::to_owned).collect()
}
