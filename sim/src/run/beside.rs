//! What is told beside a result, from the first futures of the run: what lies beyond the horizon, the
//! verdict at other horizons, what finance has not confirmed, and what stopping is worth.

use rayon::prelude::*;

use super::uniforms;
use crate::flows::DemographyDraws;
use crate::kernel::{LANES, Lane};
use crate::model::{InitiativeId, Model};
use crate::outcome::Outcome;
use crate::sampling::Sampling;
use crate::summary::{
    AtHorizon, Beside, Estimate, GateValue, Level, Money, Statistics, StopValue, Unconfirmed,
    difference, share_below_zero,
};
use crate::trials::{Columns, Evaluator, RunOptions};
use crate::world::Strengths;

/// Futures that are asked, the run's first ones.
const FUTURES: u64 = 1_024;

/// Futures that are asked of customers who differ or are drawn, who take a hundred times as long.
const FEW_FUTURES: u64 = 512;

/// Futures evaluated by one thread at a time.
const TILE: u64 = 256;

/// Horizons that are told, in months, when they are not the scenario's own.
const HORIZONS: [usize; 5] = [12, 24, 36, 60, 120];

/// Tells what stands beside a result.
pub(super) fn beside(model: &Model, options: &RunOptions) -> Beside {
    let draws = Draws::new(model, options);
    let npv = draws.npv(model);
    let run_off = model.may_run_off().then(|| {
        let mut asked = model.clone();
        asked.terminal = model.run_off_terminal(false);
        draws.money(&draws.outcome(&asked, Outcome::TerminalValue))
    });
    let own = model.horizon;
    let others = HORIZONS.into_iter().filter(|&months| months != own);
    let horizons = others.map(|months| draws.at_horizon(model, months));
    Beside {
        futures: draws.options.trials,
        run_off,
        horizons: horizons.collect(),
        unconfirmed: draws.unconfirmed(model, &npv),
        gates: draws.gates(model, &npv),
        stops: draws.stops(model, &npv),
    }
}

/// The first futures of a run, drawn.
struct Draws {
    options: RunOptions,
    /// Values of the inputs, tile by tile.
    tiles: Vec<Columns>,
}

impl Draws {
    fn new(model: &Model, options: &RunOptions) -> Self {
        let plan = options.plan(model);
        // The first futures of a latin hypercube are no sample: all of them are asked.
        let all = options.sampling == Sampling::LatinHypercube;
        let trials = if all {
            options.trials
        } else {
            options.trials.min(if model.is_slow() {
                FEW_FUTURES
            } else {
                FUTURES
            })
        };
        let evaluator = Evaluator::new(model);
        let tiles = (0..trials.div_ceil(TILE)).into_par_iter().map(|tile| {
            let first = tile * TILE;
            let count = TILE.min(trials - first);
            let mut columns = uniforms(model, &plan, first, count as usize);
            evaluator.draw(&mut columns);
            columns
        });
        Self {
            tiles: tiles.collect(),
            options: RunOptions {
                trials,
                ..options.clone()
            },
        }
    }

    /// An outcome of a model with the same inputs, future by future.
    fn outcome(&self, model: &Model, outcome: Outcome) -> Vec<f64> {
        let evaluator = Evaluator::new(model).with_demography_seed(self.options.seed);
        let values: Vec<Vec<f64>> = self
            .tiles
            .par_iter()
            .enumerate()
            .map_init(
                || evaluator.workspace(),
                |workspace, (tile, values)| {
                    let first = tile as u64 * TILE;
                    let found = evaluator.evaluate(workspace, values, first, 0);
                    found.outcomes.outcome(outcome).to_vec()
                },
            )
            .collect();
        values.concat()
    }

    fn npv(&self, model: &Model) -> Vec<f64> {
        self.outcome(model, Outcome::Npv)
    }

    fn at_horizon(&self, model: &Model, months: usize) -> AtHorizon {
        let npv = self.npv(&model.at_horizon(months));
        AtHorizon {
            months,
            npv: self.money(&npv),
            loses: share_below_zero(&self.options, &npv),
        }
    }

    fn money(&self, values: &[f64]) -> Money {
        let found = self.statistics(values);
        let number = |level: Level| level.number().unwrap_or_default();
        Money {
            mean: mean_of(&found),
            p5: number(found.p5),
            p50: number(found.p50),
            p95: number(found.p95),
        }
    }

    fn statistics(&self, values: &[f64]) -> Statistics {
        difference(&self.options, values).0
    }

    fn mean(&self, values: &[f64]) -> Estimate {
        mean_of(&self.statistics(values))
    }

    /// What would move if finance confirmed what it has not; none where nothing would.
    fn unconfirmed(&self, model: &Model, npv: &[f64]) -> Option<Unconfirmed> {
        let confirmed = model.with_avoidable(1.0);
        let more = minus(&self.npv(&confirmed), npv);
        if more.iter().all(|more| *more == 0.0) {
            return None;
        }
        let (with, without) = (self.benefits(&confirmed), self.benefits(model));
        let years = model.horizon as f64 / 12.0;
        let a_year: Vec<f64> = minus(&with, &without)
            .iter()
            .map(|sum| sum / years)
            .collect();
        Some(Unconfirmed {
            a_year: self.mean(&a_year),
            npv: self.mean(&more),
        })
    }

    /// Benefits over all months, undiscounted and before tax, future by future.
    fn benefits(&self, model: &Model) -> Vec<f64> {
        let evaluator = Evaluator::new(model).with_demography_seed(self.options.seed);
        let sums = self.tiles.par_iter().enumerate().map_init(
            || evaluator.workspace(),
            |workspace, (tile, values)| {
                let mut sums = Vec::with_capacity(values.trials());
                let mut batch = vec![[0.0; LANES]; values.len()];
                for first in (0..values.trials()).step_by(LANES) {
                    values.load(first, &mut batch);
                    let draws = DemographyDraws {
                        seed: self.options.seed,
                        trial: tile as u64 * TILE + first as u64,
                    };
                    let flows = workspace.flows(evaluator.arch(), model, &batch, draws);
                    let count = LANES.min(values.trials() - first);
                    let sum = |l: usize| flows.benefit.iter().map(|month| month[l]).sum::<f64>();
                    sums.extend((0..count).map(sum));
                }
                sums
            },
        );
        sums.collect::<Vec<Vec<f64>>>().concat()
    }

    fn gates(&self, model: &Model, npv: &[f64]) -> Vec<GateValue> {
        let gated = model.initiatives.iter().enumerate();
        let gated = gated.filter_map(|(index, it)| Some((index, it, it.gate.as_ref()?)));
        gated
            .filter(|(_, it, _)| it.active)
            .map(|(index, initiative, gate)| {
                let committed = self.npv(&model.without_gate(InitiativeId(index)));
                GateValue {
                    initiative: initiative.name.clone(),
                    pilot: model.initiatives[gate.pilot].name.clone(),
                    reading_sd: gate.reading_sd,
                    rolled_out: self.mean(&self.decided(model, |it| it.spent[index])),
                    option_value: self.mean(&minus(npv, &committed)),
                }
            })
            .collect()
    }

    fn stops(&self, model: &Model, npv: &[f64]) -> Vec<StopValue> {
        let stopped = model.initiatives.iter().enumerate();
        let stopped = stopped.filter_map(|(index, it)| Some((index, it, it.stop.as_ref()?)));
        stopped
            .filter(|(_, it, _)| it.active)
            .map(|(index, initiative, stop)| {
                let committed = self.npv(&model.without_stop(InitiativeId(index)));
                let given_up = |it: &Strengths| {
                    let (done, goes_on) = (&it.spent[index], &it.goes_on[index]);
                    std::array::from_fn(|l| done[l] * (1.0 - goes_on[l]))
                };
                StopValue {
                    initiative: initiative.name.clone(),
                    last_month: stop.at,
                    reading_sd: stop.reading_sd(),
                    given_up: self.mean(&self.decided(model, given_up)),
                    option_value: self.mean(&minus(npv, &committed)),
                }
            })
            .collect()
    }

    /// What is decided, future by future: 1 for yes.
    fn decided(&self, model: &Model, decision: impl Fn(&Strengths) -> Lane) -> Vec<f64> {
        let evaluator = Evaluator::new(model);
        let mut strengths = Strengths::default();
        let mut decided = Vec::new();
        for values in &self.tiles {
            let mut batch = vec![[0.0; LANES]; values.len()];
            for first in (0..values.trials()).step_by(LANES) {
                values.load(first, &mut batch);
                strengths.draw(evaluator.arch(), model, &batch);
                let count = LANES.min(values.trials() - first);
                decided.extend_from_slice(&decision(&strengths)[..count]);
            }
        }
        decided
    }
}

fn mean_of(statistics: &Statistics) -> Estimate {
    Estimate {
        value: statistics.mean.unwrap_or_default(),
        mc_error: statistics.mc_error.mean.unwrap_or_default(),
    }
}

fn minus(with: &[f64], without: &[f64]) -> Vec<f64> {
    with.iter()
        .zip(without)
        .map(|(with, without)| with - without)
        .collect()
}
