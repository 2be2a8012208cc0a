//! Several scenarios on the same draws.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Control, RunError, evaluate_blocks, on_threads};
use crate::model::Model;
use crate::outcome::Outcome;
use crate::summary::{Estimate, RunResult, Statistics, difference};
use crate::trials::RunOptions;

/// Scenarios run on shared draws, and how each fares against the first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The result of each scenario, in the order given.
    pub runs: Vec<RunResult>,
    /// Each scenario but the first against the first, trial by trial.
    pub differences: Vec<Difference>,
}

/// One scenario minus the first, trial by trial.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// The scenario.
    pub scenario: String,
    /// The scenario that it is compared with.
    pub against: String,
    /// Its NPV minus the other's.
    pub npv: Statistics,
    /// Share of trials in which its NPV is higher.
    pub better: Estimate,
}

/// Runs several models on the same draws: inputs of the same name have the same uniforms.
///
/// The first one's result is the one that it has alone.
///
/// # Errors
/// As [`run`](super::run).
pub fn compare(
    models: &[Model],
    options: &RunOptions,
    control: &Control<'_>,
) -> Result<Comparison, RunError> {
    on_threads(options.threads, || compare_here(models, options, control))?
}

fn compare_here(
    models: &[Model],
    options: &RunOptions,
    control: &Control<'_>,
) -> Result<Comparison, RunError> {
    super::check_kept(options)?;
    let models = on_shared_draws(models);
    let all = options.trials * models.len() as u64;
    let mut partials = Vec::new();
    for (model, before) in models.iter().zip(0..) {
        let before = before * options.trials;
        let progress = |done, _| control.report(before + done, all);
        let control = Control {
            progress: Some(&progress),
            cancel: control.cancel,
        };
        let blocks = 0..options.blocks();
        partials.push(evaluate_blocks(model, options, blocks, &control)?);
    }
    let npv: Vec<Vec<f64>> = partials
        .iter()
        .map(|partial| partial.values(Outcome::Npv))
        .collect();
    let mut differences = Vec::new();
    for (model, values) in models.iter().zip(&npv).skip(1) {
        let minus: Vec<f64> = values.iter().zip(&npv[0]).map(|(b, a)| b - a).collect();
        let (npv, better) = difference(options, &minus);
        let (scenario, against) = (model.name.clone(), models[0].name.clone());
        differences.push(Difference {
            scenario,
            against,
            npv,
            better,
        });
    }
    let runs = partials
        .into_iter()
        .zip(&models)
        .map(|(partial, model)| partial.finish(model));
    Ok(Comparison {
        runs: runs.collect::<Result<_, _>>()?,
        differences,
    })
}

/// The models with the streams of their inputs numbered together, by name.
fn on_shared_draws(models: &[Model]) -> Vec<Model> {
    let mut streams = BTreeMap::new();
    let mut models = models.to_vec();
    for model in &mut models {
        // An input that takes another's uniform goes by the other's name.
        let leader = |stream: usize| model.inputs.iter().find(|input| input.stream == stream);
        let names: Vec<String> = model
            .inputs
            .iter()
            .map(|input| leader(input.stream).unwrap_or(input).name.clone())
            .collect();
        for (input, name) in model.inputs.iter_mut().zip(names) {
            let next = streams.len();
            input.stream = *streams.entry(name).or_insert(next);
        }
    }
    models
}

/// What a model's stage gates are worth: the option to stop after the pilot.
///
/// Compares the same model with its follow-up rolled out whatever the pilot says to the model as it
/// is, on the same draws: the mean of the one difference is the value of the option.
///
/// # Errors
/// As [`run`](super::run).
pub fn compare_without_gates(
    model: &Model,
    options: &RunOptions,
    control: &Control<'_>,
) -> Result<Comparison, RunError> {
    let mut committed = model.without_gates();
    committed.name = format!("{}, rolled out whatever the pilot says", model.name);
    compare(&[committed, model.clone()], options, control)
}
