//! From uniforms to values to outcomes, for many trials at a time.

use pulp::{Arch, NullaryFnOnce};

use crate::flows::{Flows, flows};
use crate::inputs::Quantile;
use crate::math;
use crate::model::{Draw, LANES, Lane, Model};
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
        }
    }

    /// The same evaluator on plain instructions, to show that wide vectors change no bit.
    #[must_use]
    pub fn on_scalar_instructions(mut self) -> Self {
        self.arch = Arch::Scalar;
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
        self.arch.dispatch(Drawing {
            evaluator: self,
            columns,
        });
    }

    /// A column for each outcome, in the order of [`Outcome::ALL`], from values of the inputs.
    ///
    /// # Panics
    /// If there is not one column for each of [`Model::inputs`].
    pub fn outcomes(&self, values: &Columns) -> Columns {
        self.evaluate(values, 0).outcomes
    }

    /// Outcomes, and figures by month for the first `monthly_trials` rows.
    pub(crate) fn evaluate(&self, values: &Columns, monthly_trials: usize) -> Evaluation {
        assert_eq!(
            values.len(),
            self.draws.len(),
            "one column of values for each input"
        );
        self.arch.dispatch(Evaluating {
            evaluator: self,
            values,
            monthly_trials,
        })
    }
}

/// Drawing, compiled once for each width of vectors.
struct Drawing<'a> {
    evaluator: &'a Evaluator<'a>,
    columns: &'a mut Columns,
}

impl NullaryFnOnce for Drawing<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { evaluator, columns } = self;
        for (input, draw) in evaluator.draws.iter().enumerate() {
            let column = columns.column_mut(input);
            match draw {
                _ if evaluator.grouped[input] => math::ndtri_each(column),
                Prepared::Quantile(quantile) => quantile.apply(column),
                Prepared::Success(probability) => {
                    for u in column {
                        *u = if *u < *probability { 1.0 } else { 0.0 };
                    }
                }
            }
        }
        for group in &evaluator.model.groups {
            let mut normals = columns.take(&group.members);
            group.copula.transform(&mut normals);
            for (&member, mut column) in group.members.iter().zip(normals) {
                if let Prepared::Quantile(quantile) = &evaluator.draws[member] {
                    quantile.apply_normal(&mut column);
                }
                columns.replace(member, column);
            }
        }
    }
}

/// Evaluating, compiled once for each width of vectors.
struct Evaluating<'a> {
    evaluator: &'a Evaluator<'a>,
    values: &'a Columns,
    monthly_trials: usize,
}

impl NullaryFnOnce for Evaluating<'_> {
    type Output = Evaluation;

    #[inline(always)]
    fn call(self) -> Evaluation {
        let Self {
            evaluator,
            values,
            monthly_trials,
        } = self;
        let model = evaluator.model;
        let trials = values.trials();
        let mut result = Evaluation {
            outcomes: Columns::new(OUTCOMES, trials),
            several_irr: 0,
            monthly: (monthly_trials > 0).then(|| Monthly::new(model.horizon)),
        };
        let mut batch: Vec<Lane> = vec![[0.0; LANES]; values.len()];
        for first in (0..trials).step_by(LANES) {
            let count = LANES.min(trials - first);
            values.load(first, &mut batch);
            let flows = flows(model, &batch);
            let outcomes = outcomes(model, &flows);
            for (outcome, lane) in outcomes.figures.iter().enumerate() {
                let column = result.outcomes.column_mut(outcome);
                column[first..first + count].copy_from_slice(&lane[..count]);
            }
            let several = &outcomes.several_irr[..count];
            result.several_irr += several.iter().filter(|&&s| s).count() as u64;
            if let Some(monthly) = &mut result.monthly {
                monthly.push(&flows, count.min(monthly_trials.saturating_sub(first)));
            }
        }
        result
    }
}

impl Monthly {
    /// Adds the first `count` trials of a batch.
    #[inline(always)]
    fn push(&mut self, flows: &Flows, count: usize) {
        let mut cumulative = [0.0; LANES];
        for month in 0..flows.net.len() {
            let (net, discount) = (&flows.net[month], &flows.discount[month]);
            let mut kept = [[1.0; LANES]; 2];
            for l in 0..LANES {
                cumulative[l] += net[l] * discount[l];
                if month > 0 {
                    let share = |kept: f64, of: f64| if of > 0.0 { kept / of } else { 1.0 };
                    kept[0][l] = share(flows.baseline_kept[month][l], flows.baseline[month - 1][l]);
                    kept[1][l] = share(
                        flows.programme_kept[month][l],
                        flows.programme[month - 1][l],
                    );
                }
            }
            let [flow, baseline, programme, retained, retained_programme] = &mut self.months[month];
            flow.extend_from_slice(&cumulative[..count]);
            baseline.extend_from_slice(&flows.baseline[month][..count]);
            programme.extend_from_slice(&flows.programme[month][..count]);
            retained.extend_from_slice(&kept[0][..count]);
            retained_programme.extend_from_slice(&kept[1][..count]);
        }
    }
}

/// The outcome's column.
impl Columns {
    /// Values of one outcome, of columns made by [`Evaluator::outcomes`].
    pub fn outcome(&self, outcome: Outcome) -> &[f64] {
        self.column(outcome as usize)
    }
}
