//! The draws of a run, kept, so that it can be asked again with something changed.

use pulp::Arch;
use rayon::prelude::*;

use super::ExplainError;
use crate::kernel::{LANES, Lane};
use crate::model::Model;
use crate::outcome::Outcome;
use crate::run::{check_kept, checked_plan, uniforms};
use crate::sampling::Sampling;
use crate::trials::{Columns, Evaluator, RunOptions};
use crate::world::Strengths;

/// Trials evaluated by one thread at a time.
pub(super) const TILE: u64 = 512;

/// Groups whose scatter gives errors when trials are independent.
pub(super) const GROUPS: usize = 16;

/// Fewest trials that can be explained: ten in each group.
pub(super) const FEWEST: u64 = 160;

/// The trials of a run with their input values and outcomes.
///
/// They are the trials of [`run`](crate::run) with the same options, so that an explanation is of
/// the very figures that it stands beside.
#[derive(Debug, Clone)]
pub struct Trials<'m> {
    model: &'m Model,
    options: RunOptions,
    tiles: Vec<Columns>,
    outcomes: Vec<Columns>,
}

impl<'m> Trials<'m> {
    /// Draws and evaluates the trials, on the threads of the caller's pool.
    ///
    /// # Errors
    /// If the options cannot be sampled, or there are too few trials or randomisations to tell the
    /// error of a figure.
    pub fn draw(model: &'m Model, options: &RunOptions) -> Result<Self, ExplainError> {
        let plan = checked_plan(model, options)?;
        check_kept(options)?;
        if options.trials < FEWEST {
            let trials = options.trials;
            return Err(ExplainError::TooFewTrials {
                trials,
                fewest: FEWEST,
            });
        }
        let evaluator = Evaluator::new(model);
        let tiles: Vec<Columns> = (0..options.trials.div_ceil(TILE))
            .into_par_iter()
            .map(|tile| {
                let first = tile * TILE;
                let count = TILE.min(options.trials - first);
                let mut columns = uniforms(model, &plan, first, count as usize);
                evaluator.draw(&mut columns);
                columns
            })
            .collect();
        let mut trials = Self {
            model,
            options: options.clone(),
            tiles,
            outcomes: Vec::new(),
        };
        trials.outcomes = trials.evaluate(model, |_| ());
        Ok(trials)
    }

    /// The model.
    pub fn model(&self) -> &'m Model {
        self.model
    }

    /// How the trials were drawn.
    pub fn options(&self) -> &RunOptions {
        &self.options
    }

    /// Number of trials.
    pub fn count(&self) -> usize {
        self.options.trials as usize
    }

    /// Number of groups whose scatter gives errors: trial `t` is in group `t % groups`.
    pub(super) fn groups(&self) -> usize {
        groups(&self.options)
    }

    /// The values of an input, in the order of the trials.
    pub fn input(&self, index: usize) -> Vec<f64> {
        self.tiles
            .iter()
            .flat_map(|tile| tile.column(index))
            .copied()
            .collect()
    }

    /// The values of an outcome, in the order of the trials.
    pub fn outcome(&self, outcome: Outcome) -> Vec<f64> {
        join(&self.outcomes, outcome)
    }

    /// An outcome of another model on the same draws, in the order of the trials.
    ///
    /// The model has the same inputs: it is this one with initiatives switched off, shares set, or something else chosen.
    pub(super) fn outcome_of(&self, model: &Model, outcome: Outcome) -> Vec<f64> {
        join(&self.evaluate(model, |_| ()), outcome)
    }

    /// An outcome with one input set to a value in every trial, all others as drawn.
    pub(super) fn outcome_with(&self, input: usize, value: f64, outcome: Outcome) -> Vec<f64> {
        let set = |columns: &mut Columns| columns.column_mut(input).fill(value);
        join(&self.evaluate(self.model, set), outcome)
    }

    /// The strength of every effect, in the order of the trials: size × causal share × realisation
    /// where its initiative works, else 0; as if every gate were open.
    pub(super) fn strengths(&self) -> Vec<Vec<f64>> {
        let model = self.model.without_gates();
        let mut strengths = vec![Vec::with_capacity(self.count()); model.effects.len()];
        let mut batch: Vec<Lane> = vec![[0.0; LANES]; model.inputs.len()];
        let mut drawn = Strengths::default();
        for tile in &self.tiles {
            for first in (0..tile.trials()).step_by(LANES) {
                tile.load(first, &mut batch);
                let count = LANES.min(tile.trials() - first);
                drawn.draw(Arch::new(), &model, &batch);
                for (column, lane) in strengths.iter_mut().zip(&drawn.effects) {
                    column.extend_from_slice(&lane[..count]);
                }
            }
        }
        strengths
    }

    /// What the programme adds to the lifetime value of a customer who is won, in the order of the trials; 0 where nobody is.
    pub(super) fn lifetime_gains(&self) -> Vec<f64> {
        let evaluator = Evaluator::new(self.model).with_demography_seed(self.options.seed);
        let tiles = self.tiles.par_iter().enumerate();
        let gains: Vec<Vec<f64>> = tiles
            .map(|(tile, values)| evaluator.lifetime_gains(values, tile as u64 * TILE))
            .collect();
        gains.concat()
    }

    fn evaluate(&self, model: &Model, change: impl Fn(&mut Columns) + Sync) -> Vec<Columns> {
        let evaluator = Evaluator::new(model).with_demography_seed(self.options.seed);
        self.tiles
            .par_iter()
            .enumerate()
            .map_init(
                || evaluator.workspace(),
                |workspace, (tile, values)| {
                    let mut values = values.clone();
                    change(&mut values);
                    let first = tile as u64 * TILE;
                    evaluator.evaluate(workspace, &values, first, 0).outcomes
                },
            )
            .collect()
    }
}

/// Number of groups whose scatter gives the errors of a run's trials.
pub(super) fn groups(options: &RunOptions) -> usize {
    match options.sampling {
        Sampling::Random => GROUPS,
        _ => options.randomisations as usize,
    }
}

fn join(tiles: &[Columns], outcome: Outcome) -> Vec<f64> {
    tiles
        .iter()
        .flat_map(|tile| tile.outcome(outcome))
        .copied()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::tests::linear;
    use crate::run::{Control, run_blocks};

    #[test]
    fn they_are_the_trials_of_a_run() {
        let model = linear();
        let options = RunOptions {
            trials: 1_300,
            ..RunOptions::default()
        };
        let trials = Trials::draw(&model, &options).unwrap();
        let partial = run_blocks(&model, &options, 0..1, &Control::default()).unwrap();
        assert_eq!(trials.outcome(Outcome::Npv), partial.values(Outcome::Npv));
    }

    #[test]
    fn too_few_trials_are_refused() {
        let options = RunOptions {
            trials: 100,
            ..RunOptions::default()
        };
        let error = Trials::draw(&linear(), &options).unwrap_err();
        assert!(error.to_string().contains("give at least 160"), "{error}");
    }
}
