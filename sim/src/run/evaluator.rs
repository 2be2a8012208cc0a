//! From uniforms to values to outcomes, for many trials at a time.

use pulp::Arch;

use crate::flows::{Customers, DemographyDraws, Flows, Workspace};
use crate::inputs::Quantile;
use crate::kernel::kernel;
use crate::math;
use crate::model::{CorrelatedInputs, Draw, LANES, Lane, Model};
use crate::outcome::{OUTCOMES, Outcome, outcomes};

use super::columns::{Columns, Monthly};

/// A model made ready to be evaluated on any uniforms, input values, or both in turn.
///
/// The two steps are apart so that an input can be frozen or replaced between them:
///
/// 1. [`draw`](Self::draw) turns a column of uniforms for each input into a column of values,
/// 2. [`outcomes`](Self::outcomes) turns values into a column for each [`Outcome`].
///
/// A row is a trial; its bits depend on its own row alone, never on how rows are batched.
#[derive(Debug, Clone)]
pub struct Evaluator<'m> {
    model: &'m Model,
    draws: Vec<Prepared>,
    grouped: Vec<bool>,
    arch: Arch,
    seed: u64,
}

#[derive(Debug, Clone)]
enum Prepared {
    Quantile(Quantile),
    Success(f64),
}

/// What a batch of trials came to.
pub(crate) struct Evaluation {
    /// A column for each outcome.
    pub(crate) outcomes: Columns,
    /// Trials with several internal rates of return.
    pub(crate) several_irr: u64,
    /// Figures by month, when asked for.
    pub(crate) monthly: Option<Monthly>,
}

impl<'m> Evaluator<'m> {
    /// Makes a model ready.
    pub fn new(model: &'m Model) -> Self {
        let prepare = |draw: &Draw| match draw {
            Draw::Quantile(distribution) => Prepared::Quantile(distribution.prepare()),
            Draw::Success(probability) => Prepared::Success(*probability),
        };
        let mut grouped = vec![false; model.inputs.len()];
        for &member in model.groups.iter().flat_map(|group| &group.members) {
            grouped[member] = true;
        }
        let draws = model
            .inputs
            .iter()
            .map(|input| prepare(&input.draw))
            .collect();
        Self {
            model,
            draws,
            grouped,
            arch: Arch::new(),
            seed: 0,
        }
    }

    /// The same evaluator on plain instructions, to show that wide vectors change no bit.
    #[must_use]
    pub fn on_scalar_instructions(mut self) -> Self {
        self.arch = Arch::Scalar;
        self
    }

    /// The same evaluator with another seed for losses drawn customer by customer; 0 otherwise.
    #[must_use]
    pub fn with_demography_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The model.
    pub fn model(&self) -> &'m Model {
        self.model
    }

    /// Turns uniforms in (0, 1) into values of the inputs, in place.
    ///
    /// # Panics
    /// If there is not one column for each of [`Model::inputs`].
    pub fn draw(&self, columns: &mut Columns) {
        assert_eq!(
            columns.len(),
            self.draws.len(),
            "one column of uniforms for each input"
        );
        for input in 0..self.draws.len() {
            self.draw_alone(input, columns.column_mut(input));
        }
        for group in &self.model.groups {
            self.draw_together(group, columns);
        }
    }

    /// A column for each outcome, in the order of [`Outcome::ALL`], from values of the inputs; rows
    /// are the trials from 0 where losses are drawn customer by customer.
    ///
    /// # Panics
    /// If there is not one column for each of [`Model::inputs`].
    pub fn outcomes(&self, values: &Columns) -> Columns {
        self.evaluate(values, 0, 0).outcomes
    }

    /// Outcomes of the trials from `first_trial`, and figures by month of the first `monthly_trials`.
    pub(crate) fn evaluate(
        &self,
        values: &Columns,
        first_trial: u64,
        monthly_trials: usize,
    ) -> Evaluation {
        assert_eq!(
            values.len(),
            self.draws.len(),
            "one column of values for each input"
        );
        let trials = values.trials();
        let mut result = Evaluation {
            outcomes: Columns::new(OUTCOMES, trials),
            several_irr: 0,
            monthly: (monthly_trials > 0).then(|| Monthly::new(self.model.horizon, trials)),
        };
        let mut workspace = Workspace::new(self.model, monthly_trials > 0);
        let mut batch: Vec<Lane> = vec![[0.0; LANES]; values.len()];
        for first in (0..trials).step_by(LANES) {
            let count = LANES.min(trials - first);
            values.load(first, &mut batch);
            let flows = workspace.flows(
                self.arch,
                self.model,
                &batch,
                DemographyDraws {
                    seed: self.seed,
                    trial: first_trial + first as u64,
                },
            );
            let outcomes = outcomes(self.arch, self.model, flows);
            for (outcome, lane) in outcomes.figures.iter().enumerate() {
                let column = result.outcomes.column_mut(outcome);
                column[first..first + count].copy_from_slice(&lane[..count]);
            }
            let several = &outcomes.several_irr[..count];
            result.several_irr += several.iter().filter(|&&s| s).count() as u64;
            if let (Some(monthly), Some(customers)) = (&mut result.monthly, &flows.customers) {
                monthly.push(
                    flows,
                    customers,
                    count.min(monthly_trials.saturating_sub(first)),
                );
            }
        }
        result
    }
}

impl Evaluator<'_> {
    fn draw_alone(&self, input: usize, column: &mut [f64]) {
        match &self.draws[input] {
            _ if self.grouped[input] => normals(self.arch, column),
            Prepared::Quantile(quantile) => quantile.apply(column),
            Prepared::Success(probability) => {
                for u in column {
                    *u = if *u < *probability { 1.0 } else { 0.0 };
                }
            }
        }
    }

    fn draw_together(&self, group: &CorrelatedInputs, columns: &mut Columns) {
        let mut normals = columns.take(&group.members);
        group.copula.transform(&mut normals);
        for (&member, mut column) in group.members.iter().zip(normals) {
            if let Prepared::Quantile(quantile) = &self.draws[member] {
                quantile.apply_normal(&mut column);
            }
            columns.replace(member, column);
        }
    }
}

kernel! {
    fn normals<'a>(column: &'a mut [f64]) {
        math::ndtri_each(column);
    }
}

impl Monthly {
    /// Adds the first `count` trials of a batch.
    fn push(&mut self, flows: &Flows, customers: &Customers, count: usize) {
        let mut cumulative = [0.0; LANES];
        for (month, series) in self.months.iter_mut().enumerate() {
            for l in 0..LANES {
                cumulative[l] += flows.net[month][l] * flows.discount[month][l];
            }
            let [flow, without, with, kept, kept_with] = series;
            flow.extend_from_slice(&cumulative[..count]);
            without.extend_from_slice(&customers.active[0][month][..count]);
            with.extend_from_slice(&customers.active[1][month][..count]);
            kept.extend_from_slice(&customers.retention(0, month)[..count]);
            kept_with.extend_from_slice(&customers.retention(1, month)[..count]);
        }
    }
}

impl Customers {
    /// Share of the customers of the month before who stayed; 1 where there was none.
    fn retention(&self, world: usize, month: usize) -> Lane {
        let mut share = [1.0; LANES];
        let Some(before) = month
            .checked_sub(1)
            .map(|before| &self.active[world][before])
        else {
            return share;
        };
        let (now, recruited) = (&self.active[world][month], &self.recruited[month]);
        for l in 0..LANES {
            let recruited = if world == 1 { recruited[l] } else { 0.0 };
            let kept = now[l] - self.won[l] - recruited;
            share[l] = if before[l] > 0.0 {
                kept / before[l]
            } else {
                1.0
            };
        }
        share
    }
}

impl Columns {
    /// Values of one outcome, of columns made by [`Evaluator::outcomes`].
    pub fn outcome(&self, outcome: Outcome) -> &[f64] {
        self.column(outcome as usize)
    }
}
