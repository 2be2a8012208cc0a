//! What is believed of a model's inputs when months have been counted: Bayes' rule over futures.
//!
//! Futures are drawn from what was believed before and led to what is believed after in steps, in each of which what was
//! counted weighs a little more: those in which it is unlikely give way to copies of those in which it is not, and all then
//! move on, each by some of its inputs (a sequential Monte Carlo sampler: Del Moral, Doucet and Jasra, Journal of the Royal
//! Statistical Society B 68, 2006; moves that keep the prior: Cotter, Roberts, Stuart and White, Statistical Science 28, 2013).
//! So few futures suffice where what was counted leaves little of what was thought possible. [`evidence`] says how likely it is.

mod effect;
mod evidence;

use rayon::prelude::*;

use super::CompanyScatter;
use super::chance::Chance;
use crate::flows::Workspace;
use crate::math::{exp, ln, ndtr, ndtri};
use crate::model::Model;
use crate::run::{Control, RunError, checked_plan, on_threads, uniforms};
use crate::sampling::Sampling;
use crate::trials::{Columns, Evaluator, RunOptions};

use evidence::Evidence;

pub use effect::{UpdatedEffect, UpdatedSuccess};
pub use evidence::CountedMonth;

/// Futures that are followed: they tell a quantile at 10% to a standard error of 0.7%.
const FUTURES: usize = 2_048;
/// Futures that one thread follows in a row.
const TILE: usize = 256;
/// So many times all futures move in a step, and again at the end.
const MOVES: usize = 16;
/// The share of its inputs that a future moves by at once.
const MOVED: f64 = 0.15;
/// How far inputs move, as a share of what is believed of them before; 1 is to be drawn anew.
const STRIDES: [f64; 4] = [1.0, 0.4, 0.15, 0.05];
/// More steps are taken by nothing that a model can be.
const MOST_STEPS: usize = 60;
/// Where fewer futures than this share of all differ in the end, they tell no quantile.
const LEAST_DIFFERENT: f64 = 0.25;
/// An input that moves so many standard deviations on average was believed to be elsewhere: by chance 1 of 16,000 moves so.
const CONFLICT: f64 = 4.0;

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
    /// Futures that were followed.
    pub futures: u64,
    /// Whether they came to where what was counted weighs in full.
    pub is_whole: bool,
    /// How many of them are different in the end.
    pub different: u64,
    /// How far the input that moved most did, on average, in standard deviations of what was believed of it before, and which
    /// it is; none where the model has no inputs.
    pub farthest: Option<(f64, usize)>,
    /// By input, in the order of the model's.
    pub inputs: Vec<Updated>,
    /// By effect that is uncertain, in the order of the model's.
    pub effects: Vec<UpdatedEffect>,
    /// By initiative of which it is not certain that it works.
    pub successes: Vec<UpdatedSuccess>,
    /// The programme's net present value within the horizon.
    pub npv: Updated,
    /// The chance that it is below zero, before and after.
    pub loss: [f64; 2],
}

impl Posterior {
    /// Whether so few futures are different that quantiles tell nothing, or they never came to where they were led.
    pub fn is_too_coarse(&self) -> bool {
        !self.is_whole || (self.different as f64) < LEAST_DIFFERENT * self.futures as f64
    }

    /// The input which would have to be where nobody believed that it could be, for what was counted to come about: then
    /// what was believed is wrong, and what follows from it is too (a conflict of prior and data: Evans and Moshonov,
    /// Bayesian Analysis 1, 2006).
    pub fn in_conflict(&self) -> Option<usize> {
        let (moved, input) = self.farthest?;
        (moved > CONFLICT).then_some(input)
    }
}

/// Leads futures of a model from what is believed before to what is believed after so many months.
///
/// Progress is told in futures by how much what was counted weighs already: each step takes about as long.
///
/// # Errors
/// If the options cannot be sampled; if it is cancelled.
///
/// # Panics
/// If a month lies beyond the model's horizon.
pub fn posterior(
    model: &Model,
    options: &RunOptions,
    scatter: &CompanyScatter,
    counted: &[CountedMonth],
    control: &Control<'_>,
) -> Result<Posterior, RunError> {
    assert!(
        counted
            .iter()
            .all(|it| (1..=model.horizon).contains(&it.month))
    );
    let options = RunOptions {
        trials: FUTURES as u64,
        sampling: Sampling::Random,
        ..options.clone()
    };
    let plan = checked_plan(model, &options)?;
    on_threads(options.threads, || {
        let first = uniforms(model, &plan, 0, FUTURES);
        let normals = |place: usize| {
            let inputs = 0..model.inputs.len();
            inputs.map(|it| ndtri(first.column(it)[place])).collect()
        };
        let leader = Leader {
            model,
            evidence: Evidence::new(model, scatter, counted),
            seed: plan.seed,
            control,
        };
        leader.lead(&(0..FUTURES).map(normals).collect::<Vec<_>>())
    })?
}

/// A future: its inputs as standard normals, and what they make.
#[derive(Debug, Clone)]
struct Led {
    normals: Vec<f64>,
    /// The logarithm of the chance of what was counted, but for what no future changes.
    log: f64,
    /// Its inputs, and last its net present value.
    values: Vec<f64>,
}

/// Leads futures.
struct Leader<'a> {
    model: &'a Model,
    evidence: Evidence<'a>,
    seed: u64,
    control: &'a Control<'a>,
}

impl Leader<'_> {
    fn lead(&self, normals: &[Vec<f64>]) -> Result<Posterior, RunError> {
        let prior = self.evaluate(normals);
        let (mut led, mut weight, mut turn) = (prior.clone(), 0.0, 0);
        for _ in 0..MOST_STEPS {
            let next = next_weight(&led, weight);
            led = self.resample(&led, next - weight, turn);
            weight = next;
            let moves = if weight < 1.0 { MOVES } else { 2 * MOVES };
            for _ in 0..moves {
                turn += 1;
                self.go_on(weight)?;
                self.move_on(&mut led, weight, turn);
            }
            if weight >= 1.0 {
                break;
            }
        }
        Ok(told(self.model, &prior, &led, weight >= 1.0))
    }

    /// Tells how far it is, and refuses to go on for whoever no longer wants it.
    fn go_on(&self, weight: f64) -> Result<(), RunError> {
        let (done, all) = ((weight * FUTURES as f64) as u64, FUTURES as u64);
        self.control.report(done, all);
        self.control.check(done, all)
    }

    fn evaluate(&self, normals: &[Vec<f64>]) -> Vec<Led> {
        let inputs = self.model.inputs.len();
        let tiles = normals.par_chunks(TILE).map(|tile| {
            let mut values = Columns::new(inputs, tile.len());
            for input in 0..inputs {
                let column = values.column_mut(input).iter_mut().zip(tile);
                column.for_each(|(value, normals)| *value = ndtr(normals[input]));
            }
            let evaluator = Evaluator::new(self.model);
            evaluator.draw(&mut values);
            let mut led = Vec::with_capacity(tile.len());
            evaluator.each_future(&values, 0, |room, place, lane| {
                let place = place as usize;
                let drawn = (0..inputs).map(|it| values.column(it)[place]);
                let npv = net_present_value(self.model, room, lane);
                led.push(Led {
                    normals: tile[place].clone(),
                    log: self.evidence.log_likelihood(room, lane),
                    values: drawn.chain([npv]).collect(),
                });
            });
            led
        });
        tiles.collect::<Vec<_>>().into_iter().flatten().collect()
    }

    /// As many futures as before, each as often as what is more of the weight makes it likely (systematic resampling).
    fn resample(&self, led: &[Led], more: f64, turn: usize) -> Vec<Led> {
        let weights = weights(led, more);
        let share = weights.iter().sum::<f64>() / led.len() as f64;
        let mut aim = Chance::led(self.seed, turn, FUTURES).uniform() * share;
        let (mut below, mut found) = (0.0, Vec::with_capacity(led.len()));
        for (it, weight) in led.iter().zip(weights) {
            below += weight;
            while aim < below && found.len() < led.len() {
                found.push(it.clone());
                aim += share;
            }
        }
        // What rounding leaves over.
        while let Some(last) = found.last().filter(|_| found.len() < led.len()) {
            found.push(last.clone());
        }
        found
    }

    /// Moves each future by some of its inputs, if what was counted allows it (Metropolis).
    fn move_on(&self, led: &mut [Led], weight: f64, turn: usize) {
        let proposed = led.iter().enumerate().map(|(place, it)| {
            let mut chance = Chance::led(self.seed, turn, place);
            let stride = STRIDES[(chance.uniform() * STRIDES.len() as f64) as usize];
            let stay = (1.0 - stride * stride).sqrt();
            let mut move_one = |normal: &f64| {
                if chance.uniform() < MOVED {
                    stay * normal + stride * chance.normal()
                } else {
                    *normal
                }
            };
            it.normals.iter().map(&mut move_one).collect()
        });
        let proposed = self.evaluate(&proposed.collect::<Vec<_>>());
        for (place, (it, proposed)) in led.iter_mut().zip(proposed).enumerate() {
            let mut chance = Chance::led(self.seed, turn, FUTURES + 1 + place);
            if ln(chance.uniform()) < weight * (proposed.log - it.log) {
                *it = proposed;
            }
        }
    }
}

/// Weights of futures when what was counted weighs so much more; the largest is 1.
fn weights(led: &[Led], more: f64) -> Vec<f64> {
    let best = led
        .iter()
        .map(|it| it.log)
        .fold(f64::NEG_INFINITY, f64::max);
    led.iter().map(|it| exp(more * (it.log - best))).collect()
}

/// How much what was counted weighs next: as much as leaves half of the futures, `(Σw)²/Σw²` (Kong 1992).
fn next_weight(led: &[Led], weight: f64) -> f64 {
    let leaves_half = |next: f64| {
        let weights = weights(led, next - weight);
        let (sum, squares) = weights
            .iter()
            .fold((0.0, 0.0), |it, w| (it.0 + w, it.1 + w * w));
        sum * sum / squares >= led.len() as f64 / 2.0
    };
    if leaves_half(1.0) {
        return 1.0;
    }
    let (mut low, mut high) = (weight, 1.0);
    for _ in 0..40 {
        let middle = f64::midpoint(low, high);
        if leaves_half(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

fn told(model: &Model, prior: &[Led], led: &[Led], is_whole: bool) -> Posterior {
    let updated = |place: usize| {
        let [prior, posterior] = [prior, led].map(|futures| {
            let values = futures.iter().map(|it| it.values[place]);
            believed(values.collect())
        });
        Updated { prior, posterior }
    };
    let npv = model.inputs.len();
    let loss = |futures: &[Led]| {
        let losing = futures.iter().filter(|it| it.values[npv] < 0.0).count();
        losing as f64 / futures.len() as f64
    };
    let mut different: Vec<f64> = led.iter().map(|it| it.log).collect();
    different.sort_by(f64::total_cmp);
    different.dedup();
    let moved = |input: usize| {
        let sum: f64 = led.iter().map(|it| it.normals[input]).sum();
        ((sum / led.len() as f64).abs(), input)
    };
    Posterior {
        futures: led.len() as u64,
        is_whole,
        different: different.len() as u64,
        farthest: (0..npv)
            .map(moved)
            .max_by(|one, other| one.0.total_cmp(&other.0)),
        inputs: (0..npv).map(updated).collect(),
        effects: effect::effects(model, [prior, led]),
        successes: effect::successes(model, [prior, led]),
        npv: updated(npv),
        loss: [loss(prior), loss(led)],
    }
}

/// Mean of values, and their quantiles.
fn believed(mut values: Vec<f64>) -> Belief {
    values.sort_by(f64::total_cmp);
    let at = |level: f64| values[(level * values.len() as f64) as usize];
    Belief {
        mean: values.iter().sum::<f64>() / values.len() as f64,
        quantiles: [at(0.1), at(0.5), at(0.9)],
    }
}

fn net_present_value(model: &Model, room: &Workspace, lane: usize) -> f64 {
    let flows = room.last();
    let months = 0..=model.horizon;
    months
        .map(|month| flows.net[month][lane] * flows.discount[month][lane])
        .sum()
}

#[cfg(test)]
mod tests;
