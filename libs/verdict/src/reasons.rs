//! Why a result is what it is, as far as paper has room for it.

use keepworth_contract::simulator as wire;
use keepworth_sim::explain::Gist;
use serde::Serialize;

use crate::break_even::condition;
use crate::told::{told_estimate, told_swings};
use crate::words::input_name;

/// What decides a result, what would change it, and what it is worth to know more.
#[derive(Debug, Clone, PartialEq)]
pub struct Reasons {
    /// Futures that were explained.
    pub trials: u64,
    /// How far the mean NPV swings with each input, widest first.
    pub swings: Vec<wire::InputSwing>,
    /// Mean NPV of these futures, from which swings go either way.
    pub mean: wire::Estimate,
    /// What must be true for it to pay on average, one thing at a time.
    pub conditions: Vec<Condition>,
    /// What changes whether it pays at no likely value.
    pub powerless: Vec<String>,
    /// Value of perfect information: what deciding now instead of knowing everything costs on average.
    pub information: wire::Estimate,
    /// What a pilot of each effect is worth before its cost, the most valuable first; those that are worth nothing are
    /// left out.
    pub pilots: Vec<Pilot>,
}

/// What must be true of one thing for it to pay on average.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// The input, or what is chosen.
    pub driver: String,
    /// What must be true of it: the rest of a sentence.
    pub holds: String,
}

/// What a pilot of an effect is worth.
#[derive(Debug, Clone, PartialEq)]
pub struct Pilot {
    /// The initiative, and what its effect is on.
    pub effect: String,
    /// Of one that leaves no doubt.
    pub perfect: wire::Estimate,
    /// Of one that halves the variance.
    pub halving: wire::Estimate,
}

impl Reasons {
    /// The reasons of an explanation.
    ///
    /// # Errors
    /// A figure that the contract does not know.
    pub fn new(it: &Gist) -> Result<Self, serde_json::Error> {
        let (mut conditions, mut powerless) = (Vec::new(), Vec::new());
        for it in &it.break_even {
            let driver = input_name(&it.driver);
            match condition(it) {
                Some(holds) => conditions.push(Condition { driver, holds }),
                None => powerless.push(driver),
            }
        }
        let pilots = it.pilots.iter().filter(|it| it.evppi.value > 0.0);
        Ok(Self {
            trials: it.trials,
            swings: told_swings(&it.tornado)?,
            mean: told_estimate(it.expected_npv),
            conditions,
            powerless,
            information: told_estimate(it.evpi),
            pilots: pilots
                .map(|it| Pilot {
                    effect: format!("{}: {}", it.initiative, word(&it.on)),
                    perfect: told_estimate(it.evppi),
                    halving: told_estimate(it.evsi_equal),
                })
                .collect(),
        })
    }
}

/// A name of the wire in plain words.
fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name.replace('_', " "),
        _ => String::new(),
    }
}
