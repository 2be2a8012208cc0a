//! Runs a scenario on a baseline.

use keepworth_contract::simulator::baseline::Baseline;
use keepworth_sim::explain::{self, ExplainError, WhatIf};
use keepworth_sim::{
    Comparison, Control, Model, RunError, RunOptions, RunResult, Scenario, ScenarioError, ledger,
    run,
};

use crate::world::{SealedBaseline, WorldError, world, world_of};

/// Why a simulation gave no result.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SimulationError {
    /// The baseline.
    #[error(transparent)]
    Baseline(#[from] WorldError),
    /// The scenario.
    #[error("scenario: {0}")]
    Scenario(#[from] ScenarioError),
    /// The run.
    #[error(transparent)]
    Run(#[from] RunError),
}

/// A scenario on a baseline, ready to be run.
///
/// # Errors
/// A baseline that is not as it was sealed or lacks a figure; a scenario that does not fit it.
pub fn prepare(scenario: &Scenario, baseline: &Baseline) -> Result<Model, SimulationError> {
    Ok(scenario.resolve(Some(&world(baseline, scenario)?))?)
}

/// [`prepare`], on a baseline whose seal was checked before.
///
/// # Errors
/// A figure that nobody gives; a scenario that does not fit the baseline.
pub fn prepare_on(scenario: &Scenario, on: &SealedBaseline) -> Result<Model, SimulationError> {
    Ok(scenario.resolve(Some(&world_of(on.baseline(), scenario)?))?)
}

/// What a model that was prepared on a baseline comes to, and what it hangs on. The result names the baseline by its own
/// hash.
///
/// # Errors
/// Options that cannot be run, or of too few futures; a question that was taken back.
pub fn what_if(
    model: &Model,
    on: &SealedBaseline,
    options: &RunOptions,
    control: &Control<'_>,
) -> Result<WhatIf, ExplainError> {
    let found = explain::what_if(model, options, control)?;
    let result = named(found.result, on.baseline());
    Ok(WhatIf { result, ..found })
}

/// Runs scenarios on shared draws, each against the first: that stands on one baseline, and the others on another or the
/// same. Results name their baselines by their own hashes.
///
/// # Errors
/// Options that cannot be run, or of more futures than can be compared.
pub fn compare(
    models: &[Model],
    [first, others]: [&SealedBaseline; 2],
    options: &RunOptions,
) -> Result<Comparison, RunError> {
    let found = keepworth_sim::compare(models, options, &Control::default())?;
    let mut runs = Vec::new();
    for (place, run) in found.runs.into_iter().enumerate() {
        let on = if place == 0 { first } else { others };
        runs.push(named(run, on.baseline()));
    }
    Ok(Comparison { runs, ..found })
}

/// Runs a scenario on a baseline. The result names the baseline by its own hash.
///
/// # Errors
/// As [`prepare`]; options that cannot be run; a run that was cancelled.
pub fn simulate(
    scenario: &Scenario,
    baseline: &Baseline,
    options: &RunOptions,
    control: &Control<'_>,
) -> Result<RunResult, SimulationError> {
    let result = run(&prepare(scenario, baseline)?, options, control)?;
    Ok(named(result, baseline))
}

/// [`simulate`], with the ledger by line and month of the same futures.
///
/// # Errors
/// As [`simulate`]; more futures than a ledger keeps.
pub fn simulate_with_ledger(
    scenario: &Scenario,
    baseline: &Baseline,
    options: &RunOptions,
    control: &Control<'_>,
) -> Result<RunResult, SimulationError> {
    let model = prepare(scenario, baseline)?;
    let trials = options.trials;
    let half = |offset: u64| {
        move |done: u64, _| {
            if let Some(progress) = control.progress {
                progress((offset + done) / 2, trials);
            }
        }
    };
    let (first, second) = (half(0), half(trials));
    let watched = |progress| Control {
        progress: Some(progress),
        cancel: control.cancel,
    };
    // The ledger first, because it may refuse.
    let book = ledger(&model, options, &watched(&first))?;
    let mut result = run(&model, options, &watched(&second))?;
    result.ledger = Some(book);
    Ok(named(result, baseline))
}

/// The engine hashes the plain data that it was handed; people know the document.
fn named(mut result: RunResult, baseline: &Baseline) -> RunResult {
    result.baseline_hash = Some(baseline.hash.clone());
    result
}
