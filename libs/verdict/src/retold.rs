//! A run told again in all that a workbook or a memo of it says beside the result: one future to follow, the first
//! futures one by one, and why the result is what it is.

use std::collections::BTreeMap;

use keepworth_contract::Word;
use keepworth_contract::simulator as wire;
use keepworth_sim::explain::{ExplainError, Gist, MOST_TRIALS, Trials, gist, tornado};
use keepworth_sim::{Control, Evaluator, Model, Outcome, RunOptions, uniforms};

use crate::told::{told_case, told_swings};

/// Futures that are told one by one: as many as people scroll through.
const FUTURES: u64 = 1_000;

/// Why a run cannot be told again.
#[derive(Debug, thiserror::Error)]
pub enum RetoldError {
    /// It cannot be explained.
    #[error(transparent)]
    Explain(#[from] ExplainError),
    /// A figure that JSON cannot carry, or that the contract does not know.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

/// The future in which every uncertain input lies at its median.
///
/// # Errors
/// A figure that the contract does not know.
pub fn middle_case(model: &Model, options: &RunOptions) -> Result<wire::Case, RetoldError> {
    Ok(told_case(&evaluator(model, options).middle())?)
}

/// How far NPV swings with each input, widest first; none where the futures are too few to tell.
///
/// # Errors
/// Futures that cannot be drawn; a figure that the contract does not know.
pub fn swings(
    model: &Model,
    options: &RunOptions,
) -> Result<Option<Vec<wire::InputSwing>>, RetoldError> {
    let options = RunOptions {
        trials: options.trials.min(MOST_TRIALS),
        ..options.clone()
    };
    let Some(trials) = enough(Trials::draw(model, &options))? else {
        return Ok(None);
    };
    Ok(Some(told_swings(&tornado(&trials, Outcome::Npv))?))
}

/// Why the result is what it is; none where the futures are too few to tell.
///
/// # Errors
/// Futures that cannot be drawn, or a caller who no longer wants them.
pub fn explained(
    model: &Model,
    options: &RunOptions,
    control: &Control<'_>,
) -> Result<Option<Gist>, RetoldError> {
    Ok(enough(gist(model, options, control))?)
}

/// The run's first futures: of each figure one value a future.
#[must_use]
pub fn first_futures(model: &Model, options: &RunOptions) -> BTreeMap<wire::OutcomeName, Vec<f64>> {
    let count = options.trials.min(FUTURES) as usize;
    let mut columns = uniforms(model, &options.plan(model), 0, count);
    let evaluator = evaluator(model, options);
    evaluator.draw(&mut columns);
    let outcomes = evaluator.outcomes(&columns);
    let columns = Outcome::ALL.map(|it| outcomes.outcome(it).to_vec());
    wire::OutcomeName::all().zip(columns).collect()
}

fn evaluator<'m>(model: &'m Model, options: &RunOptions) -> Evaluator<'m> {
    Evaluator::new(model).with_demography_seed(options.seed)
}

fn enough<T>(found: Result<T, ExplainError>) -> Result<Option<T>, ExplainError> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(ExplainError::TooFewTrials { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
