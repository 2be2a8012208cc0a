//! From uniforms to values to outcomes, for many trials at a time.

use pulp::Arch;
use serde::{Deserialize, Serialize};

use crate::flows::{DemographyDraws, Workspace};
use crate::inputs::{Copula, Quantile};
use crate::kernel::kernel;
use crate::kernel::{LANES, Lane};
use crate::math;
use crate::model::{CorrelatedInputs, Model, Prepared};
use crate::outcome::{OUTCOMES, Outcome, outcomes};
use crate::summary::{LedgerTile, MonthlyLedger};

use super::columns::Columns;
use super::monthly::Monthly;
use super::options::RunOptions;

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
    grouped: Vec<bool>,
    arch: Arch,
    pub(super) seed: u64,
}

/// What a tile of trials came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
        let mut grouped = vec![false; model.inputs.len()];
        for &member in model.groups.iter().flat_map(|group| &group.members) {
            grouped[member.0] = true;
        }
        Self {
            model,
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

    /// The instructions that it computes with.
    pub(crate) fn arch(&self) -> Arch {
        self.arch
    }

    /// Turns uniforms in (0, 1) into values of the inputs, in place.
    ///
    /// # Panics
    /// If there is not one column for each of [`Model::inputs`].
    pub fn draw(&self, columns: &mut Columns) {
        assert_eq!(
            columns.len(),
            self.model.inputs.len(),
            "one column of uniforms for each input"
        );
        for input in 0..self.model.inputs.len() {
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
        self.evaluate(&mut self.workspace(), values, 0, 0).outcomes
    }

    /// The ledger of the trials whose input values are given, as [`outcomes`](Self::outcomes) is their verdict.
    ///
    /// # Panics
    /// If there is not one column for each of [`Model::inputs`].
    pub fn ledger(&self, values: &Columns) -> MonthlyLedger {
        let options = RunOptions {
            trials: values.trials() as u64,
            ..RunOptions::default()
        };
        MonthlyLedger::new(&options, &[self.ledger_tile(values, 0)])
    }

    /// The ledger of the trials from `first_trial`, each of them where they are a run's first.
    pub(crate) fn ledger_tile(&self, values: &Columns, first_trial: u64) -> LedgerTile {
        let mut workspace = self.workspace();
        workspace.keep_lines();
        let mut tile = LedgerTile::new(self.model.horizon + 1, first_trial == 0);
        let mut batch: Vec<Lane> = vec![[0.0; LANES]; values.len()];
        for first in (0..values.trials()).step_by(LANES) {
            values.load(first, &mut batch);
            let draws = DemographyDraws {
                seed: self.seed,
                trial: first_trial + first as u64,
            };
            let flows = workspace.flows(self.arch, self.model, &batch, draws);
            let Some(lines) = &flows.lines else { continue };
            for l in 0..LANES.min(values.trials() - first) {
                let amount = |line, month: usize| {
                    let [as_is, difference] = [lines.as_is(line), lines.difference(line)];
                    [as_is[month][l], difference[month][l]]
                };
                tile.add(amount, |month| flows.discount[month][l]);
            }
        }
        tile
    }

    /// Shows the flows of each trial from `first_trial`, with customers, lines and contacts by month: the room that they
    /// lie in, which trial, and in which lane.
    pub(crate) fn each_future(
        &self,
        values: &Columns,
        first_trial: u64,
        mut show: impl FnMut(&Workspace, u64, usize),
    ) {
        let mut workspace = self.workspace();
        workspace.keep_lines();
        workspace.follow_customers(true);
        workspace.count_contacts(self.model);
        let mut batch: Vec<Lane> = vec![[0.0; LANES]; values.len()];
        for first in (0..values.trials()).step_by(LANES) {
            values.load(first, &mut batch);
            let trial = first_trial + first as u64;
            let seed = self.seed;
            workspace.flows(
                self.arch,
                self.model,
                &batch,
                DemographyDraws { seed, trial },
            );
            for lane in 0..LANES.min(values.trials() - first) {
                show(&workspace, trial + lane as u64, lane);
            }
        }
    }

    /// What the programme adds to the lifetime value of a customer who is won, by trial from `first_trial`; 0 where nobody is.
    pub(crate) fn lifetime_gains(&self, values: &Columns, first_trial: u64) -> Vec<f64> {
        let mut workspace = self.workspace();
        workspace.follow_lifetime();
        let mut batch: Vec<Lane> = vec![[0.0; LANES]; values.len()];
        let mut gains = Vec::with_capacity(values.trials());
        for first in (0..values.trials()).step_by(LANES) {
            values.load(first, &mut batch);
            let (seed, trial) = (self.seed, first_trial + first as u64);
            let draws = DemographyDraws { seed, trial };
            let flows = workspace.flows(self.arch, self.model, &batch, draws);
            let (gain, won) = (flows.lifetime_gain.unwrap_or_default(), flows.totals.won);
            let of_one = (0..LANES).map(|l| if won[l] > 0.0 { gain[l] / won[l] } else { 0.0 });
            gains.extend(of_one.take(values.trials() - first));
        }
        gains
    }

    /// Room to evaluate one tile of trials after the other.
    pub(crate) fn workspace(&self) -> Workspace {
        Workspace::new(self.model)
    }

    /// Outcomes of the trials from `first_trial`, and figures by month of the first `monthly_trials`.
    pub(crate) fn evaluate(
        &self,
        workspace: &mut Workspace,
        values: &Columns,
        first_trial: u64,
        monthly_trials: usize,
    ) -> Evaluation {
        assert_eq!(
            values.len(),
            self.model.inputs.len(),
            "one column of values for each input"
        );
        let trials = values.trials();
        let mut result = Evaluation {
            outcomes: Columns::with_capacity(OUTCOMES, trials),
            several_irr: 0,
            monthly: (monthly_trials > 0).then(|| Monthly::new(self.model, monthly_trials)),
        };
        workspace.follow_customers(monthly_trials > 0);
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
            let outcomes = outcomes(self.arch, flows);
            result.outcomes.push(&outcomes.figures, count);
            let several = &outcomes.several_irr[..count];
            result.several_irr += several.iter().filter(|&&s| s).count() as u64;
            if let Some(monthly) = &mut result.monthly {
                monthly.keep(self.arch, flows);
            }
        }
        result
    }
}

impl Evaluator<'_> {
    fn draw_alone(&self, input: usize, column: &mut [f64]) {
        match &self.model.prepared[input] {
            _ if self.grouped[input] => normals(self.arch, column),
            Prepared::Quantile(quantile) => quantiles(self.arch, quantile, column),
            Prepared::Success(probability) => {
                for u in column {
                    *u = if *u < *probability { 1.0 } else { 0.0 };
                }
            }
        }
    }

    fn draw_together(&self, group: &CorrelatedInputs, columns: &mut Columns) {
        let mut normals = columns.take(&group.members);
        correlate(self.arch, &group.copula, &mut normals);
        for (&member, mut column) in group.members.iter().zip(normals) {
            if let Prepared::Quantile(quantile) = &self.model.prepared[member] {
                quantiles_of_normals(self.arch, quantile, &mut column);
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

kernel! {
    fn correlate<'a>(copula: &'a Copula, normals: &'a mut [Vec<f64>]) {
        copula.transform(normals);
    }
}

kernel! {
    fn quantiles<'a>(quantile: &'a Quantile, column: &'a mut [f64]) {
        quantile.apply(column);
    }
}

kernel! {
    fn quantiles_of_normals<'a>(quantile: &'a Quantile, column: &'a mut [f64]) {
        quantile.apply_normal(column);
    }
}

impl Columns {
    /// Values of one outcome, of columns made by [`Evaluator::outcomes`].
    pub fn outcome(&self, outcome: Outcome) -> &[f64] {
        self.column(outcome as usize)
    }
}
