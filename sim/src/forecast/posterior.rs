//! What is believed of a model's inputs when months have been counted: Bayes' rule over futures.
//!
//! Each future is a draw of the inputs from what was believed before; its weight is the chance of what was counted, were
//! that future the true one (importance sampling from the prior: Rubin, "Using the SIR algorithm to simulate posterior
//! distributions", 1988). Rates are held against those who were really there, so that months tell of the inputs one by one:
//! leavers of the customers at the month's beginning, contacts and money of those through it. Counts scatter as in
//! [`with_programme`](super::with_programme): Poisson, and beyond it negative binomial with the months' variation; money by
//! Student's t of its logarithm, with as many degrees of freedom as its variation is known by.

use rayon::prelude::*;

use super::{CompanyScatter, Spread};
use crate::flows::{Line, Workspace};
use crate::math::{exp, ln, ln_1p, ln_gamma};
use crate::model::Model;
use crate::run::{RunError, checked_plan, on_threads, uniforms};
use crate::sampling::{Plan, Sampling};
use crate::trials::{Evaluator, RunOptions};

/// Futures that one thread follows in a row.
const TILE: u64 = 512;
/// Tiles between looks at whether there are enough.
const TILES: u64 = 128;
/// So many equally likely futures tell a quantile at 10% to a standard error of 1%.
const ENOUGH: f64 = 1_000.0;
/// Fewer tell no quantile. Where all futures that may be drawn would not come to so many, no more are drawn.
pub const FEWEST_EFFECTIVE: f64 = 100.0;
/// A future whose logarithm of weight is so far below the best has no part in anything.
const NEGLIGIBLE: f64 = 20.0;

/// What was counted of a company in a month.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CountedMonth {
    /// Which, from 1.
    pub month: usize,
    /// Customers at its beginning.
    pub before: f64,
    /// Customers at its end.
    pub after: f64,
    /// Who came in it.
    pub won: f64,
    /// Who left in it.
    pub leavers: f64,
    /// Contacts in it.
    pub contacts: f64,
    /// Revenue of it, where it is known.
    pub revenue: Option<f64>,
    /// Cost of contacts in it, where it is known.
    pub service_cost: Option<f64>,
}

/// What is believed of one number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Belief {
    /// Its mean.
    pub mean: f64,
    /// Quantiles at 10, 50 and 90%.
    pub quantiles: [f64; 3],
}

/// A number before and after months were counted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Updated {
    /// Before.
    pub prior: Belief,
    /// After.
    pub posterior: Belief,
}

/// What months tell of a model.
#[derive(Debug, Clone, PartialEq)]
pub struct Posterior {
    /// Futures that were drawn.
    pub futures: u64,
    /// As many equally likely ones would tell as much: `(Σw)²/Σw²` (Kong 1992).
    pub effective: f64,
    /// By input, in the order of the model's.
    pub inputs: Vec<Updated>,
    /// The programme's net present value within the horizon.
    pub npv: Updated,
    /// The chance that it is below zero, before and after.
    pub loss: [f64; 2],
}

/// One future: the logarithm of its weight, its inputs, and last its net present value.
struct Weighed {
    log: f64,
    values: Vec<f64>,
}

/// Weighs futures of a model by what was counted, at most `most` of them, until enough come near to it. Where fewer than
/// [`FEWEST_EFFECTIVE`] do, quantiles tell nothing.
///
/// # Errors
/// If the options cannot be sampled.
///
/// # Panics
/// If a month lies beyond the model's horizon.
pub fn posterior(
    model: &Model,
    options: &RunOptions,
    scatter: &CompanyScatter,
    counted: &[CountedMonth],
    most: u64,
) -> Result<Posterior, RunError> {
    assert!(
        counted
            .iter()
            .all(|it| (1..=model.horizon).contains(&it.month))
    );
    let options = RunOptions {
        trials: most,
        sampling: Sampling::Random,
        ..options.clone()
    };
    let plan = checked_plan(model, &options)?;
    on_threads(options.threads, || {
        let last_entry = model.last_entry;
        weigh(
            model,
            &plan,
            &Evidence {
                scatter,
                counted,
                last_entry,
            },
        )
    })
}

fn weigh(model: &Model, plan: &Plan, evidence: &Evidence<'_>) -> Posterior {
    let evaluator = Evaluator::new(model).with_demography_seed(plan.seed);
    let (mut prior, mut kept) = (Vec::new(), Vec::new());
    let (mut futures, mut best) = (0, f64::NEG_INFINITY);
    while futures < plan.trials && effective(&kept, best) < ENOUGH {
        let last = plan.trials.min(futures + TILES * TILE);
        let firsts: Vec<u64> = (futures..last).step_by(TILE as usize).collect();
        let tiles = firsts.into_par_iter().map(|first| {
            let count = TILE.min(last - first) as usize;
            let mut values = uniforms(model, plan, first, count);
            evaluator.draw(&mut values);
            let mut weighed = Vec::with_capacity(count);
            evaluator.each_future(&values, first, |room, trial, lane| {
                let place = (trial - first) as usize;
                let inputs = (0..model.inputs.len()).map(|it| values.column(it)[place]);
                weighed.push(Weighed {
                    log: evidence.log_likelihood(room, lane),
                    values: inputs
                        .chain([net_present_value(model, room, lane)])
                        .collect(),
                });
            });
            weighed
        });
        let batch: Vec<Weighed> = tiles.collect::<Vec<_>>().into_iter().flatten().collect();
        if prior.is_empty() {
            prior = batch.iter().map(|it| it.values.clone()).collect();
        }
        best = batch.iter().map(|it| it.log).fold(best, f64::max);
        kept.extend(batch);
        kept.retain(|it| it.log > best - NEGLIGIBLE);
        futures = last;
        // They grow in proportion.
        let to_come = plan.trials as f64 / futures as f64;
        if effective(&kept, best) * to_come < FEWEST_EFFECTIVE {
            break;
        }
    }
    let weights: Vec<f64> = kept.iter().map(|it| exp(it.log - best)).collect();
    let updated = |place: usize| Updated {
        prior: believed(prior.iter().map(|it| (it[place], 1.0))),
        posterior: believed(
            kept.iter()
                .map(|it| it.values[place])
                .zip(weights.iter().copied()),
        ),
    };
    let npv = model.inputs.len();
    let sum: f64 = weights.iter().sum();
    let losing = kept
        .iter()
        .zip(&weights)
        .filter(|(it, _)| it.values[npv] < 0.0);
    let before = prior.iter().filter(|it| it[npv] < 0.0).count();
    Posterior {
        futures,
        effective: effective(&kept, best),
        inputs: (0..npv).map(updated).collect(),
        npv: updated(npv),
        loss: [
            before as f64 / prior.len() as f64,
            losing.map(|(_, weight)| weight).sum::<f64>() / sum,
        ],
    }
}

fn effective(kept: &[Weighed], best: f64) -> f64 {
    let weights = kept.iter().map(|it| exp(it.log - best));
    let (sum, squares) = weights.fold((0.0, 0.0), |it, w| (it.0 + w, it.1 + w * w));
    if squares > 0.0 {
        sum * sum / squares
    } else {
        0.0
    }
}

/// Mean and quantiles of weighted values: the least value that so much of the weight is at or below.
fn believed(weighted: impl Iterator<Item = (f64, f64)>) -> Belief {
    let mut values: Vec<(f64, f64)> = weighted.collect();
    values.sort_by(|a, b| a.0.total_cmp(&b.0));
    let sum: f64 = values.iter().map(|it| it.1).sum();
    let mut below = 0.0;
    let mut at = values.iter().map(|(value, weight)| {
        below += weight;
        (*value, below)
    });
    let quantiles = [0.1, 0.5, 0.9].map(|level| {
        let found = at.find(|(_, below)| *below >= level * sum);
        found.map_or(f64::NAN, |(value, _)| value)
    });
    Belief {
        mean: values.iter().map(|it| it.0 * it.1).sum::<f64>() / sum,
        quantiles,
    }
}

fn net_present_value(model: &Model, room: &Workspace, lane: usize) -> f64 {
    let flows = room.last();
    let months = 0..=model.horizon;
    months
        .map(|month| flows.net[month][lane] * flows.discount[month][lane])
        .sum()
}

/// What is held against futures.
struct Evidence<'a> {
    scatter: &'a CompanyScatter,
    counted: &'a [CountedMonth],
    /// The last month in which anybody is won.
    last_entry: usize,
}

impl Evidence<'_> {
    fn log_likelihood(&self, room: &Workspace, lane: usize) -> f64 {
        let flows = room.last();
        let (Some(customers), Some(lines), Some(handled)) =
            (&flows.customers, &flows.lines, &flows.handled)
        else {
            return 0.0;
        };
        let [_, active] = &customers.active;
        let scatter = self.scatter;
        let of_month = |it: &CountedMonth| {
            let [before, after] = [active[it.month - 1][lane], active[it.month][lane]];
            let entering = customers.entering(it.month, self.last_entry, lane);
            let leaving = (before + entering - after).max(0.0);
            let through = f64::midpoint(before, after);
            let were = f64::midpoint(it.before, it.after);
            let there = |expected: f64, of: f64, really: f64| {
                if of > 0.0 {
                    expected / of * really
                } else {
                    0.0
                }
            };
            let money = |line: Line| {
                let sum =
                    lines.as_is(line)[it.month][lane] + lines.difference(line)[it.month][lane];
                there(sum * room.price_level(it.month)[lane], through, were)
            };
            let contacts = handled.contacts[it.month][lane].max(0.0);
            count(
                it.leavers,
                there(leaving, before, it.before),
                scatter.leaving,
            ) + count(it.won, entering, scatter.won)
                + count(
                    it.contacts,
                    there(contacts, through, were),
                    scatter.contacts,
                )
                + amount(it.revenue, money(Line::Revenue), scatter.revenue)
                + amount(
                    it.service_cost,
                    -money(Line::Contacts),
                    scatter.service_cost,
                )
        };
        self.counted.iter().map(of_month).sum()
    }
}

/// The logarithm of the chance of a count, but for what no future changes.
fn count(seen: f64, expected: f64, spread: Spread) -> f64 {
    if expected <= 0.0 {
        // A future in which nothing can be counted is none in which something was.
        return if seen > 0.0 { -1e6 } else { 0.0 };
    }
    let square = spread.variation * spread.variation;
    if square <= 0.0 {
        return seen * ln(expected) - expected;
    }
    let shape = 1.0 / square;
    let above = ln_gamma(seen + shape) - ln_gamma(shape);
    above + shape * ln(shape / (shape + expected)) + seen * ln(expected / (shape + expected))
}

/// The same of an amount; one whose scatter is not known tells nothing.
fn amount(seen: Option<f64>, expected: f64, spread: Spread) -> f64 {
    let variance = ln_1p(spread.variation * spread.variation);
    let Some(seen) = seen.filter(|it| *it > 0.0 && expected > 0.0 && variance > 0.0) else {
        return 0.0;
    };
    let freedom = spread.freedom.max(1.0);
    let off = (ln(seen / expected) + variance / 2.0) / variance.sqrt();
    -(freedom + 1.0) / 2.0 * ln_1p(off * off / freedom)
}

#[cfg(test)]
mod tests;
