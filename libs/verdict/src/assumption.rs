//! What a scenario on a baseline takes to be so, and how much of the outcome hangs on each.

use keepworth_contract::simulator::{CaseInput, Estimate};
use keepworth_sim::explain::{ExplainError, sobol_indices};
use keepworth_sim::{Evaluator, Model, Outcome, RunOptions, on_threads};

use crate::told::{told_estimate, told_input};
use crate::world::is_of_records;

/// An input with its part in the variance of NPV.
#[derive(Debug, Clone, PartialEq)]
pub struct Weighed {
    /// The input on its own.
    pub input: CaseInput,
    /// Its place among all, from 1; inputs that are drawn together share one.
    pub rank: usize,
    /// Share of the variance that it has a part in.
    pub variance_share: Estimate,
    /// What is drawn together with it.
    pub together_with: Vec<String>,
    /// Whether the baseline brings it.
    pub is_of_records: bool,
}

/// Every uncertain input of a model, what decides most first.
///
/// Shares are total Sobol indices (M. Jansen, 1999) of so many futures as the options have, for which the model is
/// evaluated as many times as it has inputs and two more.
///
/// # Errors
/// Options that cannot be sampled.
pub fn weigh(model: &Model, options: &RunOptions) -> Result<Vec<Weighed>, ExplainError> {
    let npv = || sobol_indices(model, options, Outcome::Npv);
    let indices = on_threads(options.threads, npv)??;
    let mut alone = Evaluator::new(model).middle().inputs;
    let mut weighed = Vec::new();
    for (place, index) in indices.into_iter().enumerate() {
        for name in &index.inputs {
            let Some(found) = alone.iter().position(|it| it.name == *name) else {
                continue;
            };
            let others = index.inputs.iter().filter(|it| *it != name);
            weighed.push(Weighed {
                is_of_records: is_of_records(name),
                input: told_input(alone.swap_remove(found)),
                rank: place + 1,
                variance_share: told_estimate(index.total),
                together_with: others.cloned().collect(),
            });
        }
    }
    Ok(weighed)
}
