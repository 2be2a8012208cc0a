//! What a scenario on a baseline takes to be so, and how much of the outcome hangs on each.

use keepworth_contract::simulator::{Assumption, AssumptionOrigin, Estimate};
use keepworth_sim::explain::{ExplainError, sobol_indices};
use keepworth_sim::{CaseInput, Evaluator, Model, Outcome, RunOptions, on_threads};

use crate::place::places_of_input;
use crate::told::{told_estimate, told_input};
use crate::world::is_of_records;

/// Futures of each evaluation of the shares: so many as tell what decides from what does not, within a second or two for
/// a hundred inputs.
const WEIGHED_ON: u64 = 2_048;

/// Why there is no register of assumptions.
#[derive(Debug, thiserror::Error)]
pub enum AssumptionError {
    /// The shares of the variance cannot be told.
    #[error(transparent)]
    Explain(#[from] ExplainError),
    /// The scenario's text is no TOML.
    #[error(transparent)]
    Text(#[from] toml::de::Error),
}

/// How futures are drawn for the shares of the variance: the same for every scenario, whatever its runs are ordered with,
/// so that the register and whatever is taken away say the same.
#[must_use]
pub fn weighing(threads: Option<usize>) -> RunOptions {
    RunOptions {
        trials: WEIGHED_ON,
        threads,
        ..RunOptions::default()
    }
}

/// Every uncertain input of a model with its part in the variance of NPV and its places in the scenario's text, what
/// decides most first. Who last looked at it is for whoever keeps that to add.
///
/// Shares are total Sobol indices (M. Jansen, 1999) of so many futures as the options have, for which the model is
/// evaluated as many times as it has inputs and two more.
///
/// # Errors
/// Options that cannot be sampled; a text that is no TOML.
pub fn assumptions(
    model: &Model,
    text: &str,
    options: &RunOptions,
) -> Result<Vec<Assumption>, AssumptionError> {
    let npv = || sobol_indices(model, options, Outcome::Npv);
    let indices = on_threads(options.threads, npv).map_err(ExplainError::from)??;
    let mut alone = Evaluator::new(model).middle().inputs;
    let mut found = Vec::new();
    for (rank, index) in (1..).zip(indices) {
        for name in &index.inputs {
            let Some(place) = alone.iter().position(|it| it.name == *name) else {
                continue;
            };
            let others = index.inputs.iter().filter(|it| *it != name);
            let weight = Weight {
                rank,
                share: told_estimate(index.total),
                together_with: others.cloned().collect(),
            };
            found.push(assumption(alone.swap_remove(place), weight, text)?);
        }
    }
    Ok(found)
}

/// How much hangs on an input.
struct Weight {
    rank: u32,
    share: Estimate,
    together_with: Vec<String>,
}

fn assumption(it: CaseInput, weight: Weight, text: &str) -> Result<Assumption, toml::de::Error> {
    let it = told_input(it);
    Ok(Assumption {
        rank: weight.rank,
        variance_share: weight.share,
        together_with: weight.together_with,
        unit: it.unit,
        shape: it.shape,
        p10: it.p10,
        p50: it.p50,
        p90: it.p90,
        grade: it.grade,
        origin: match is_of_records(&it.name) {
            true => AssumptionOrigin::Records,
            false => AssumptionOrigin::Scenario,
        },
        source: it.note,
        used_at: places_of_input(text, &it.name)?,
        check: None,
        input: it.name,
    })
}
