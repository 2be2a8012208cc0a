//! What is left of a run whose outcomes are too many to keep: counts and moments.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::sketch::Sketch;
use super::statistic::{Estimate, Numbers, PERCENTILES, independent_share, scatter};
use crate::outcome::{OUTCOMES, Outcome};
use crate::sampling::Sampling;
use crate::trials::{Block, Monthly, RunOptions};

/// What some blocks of a long run come to. Its size does not grow with trials, but for some hundred
/// bytes a block.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Digest {
    /// Number of independent randomisations, if trials are not independent.
    randomisations: Option<u32>,
    /// By randomisation, then by outcome: integers, which merge in any order.
    sketches: Vec<Vec<Sketch>>,
    /// By block, then as the sketches: sums, which are added in the order of the blocks.
    moments: BTreeMap<u64, Vec<Vec<Moments>>>,
    several_irr: u64,
    /// Figures by month, tile by tile, of the first block.
    pub(super) monthly: Vec<Monthly>,
}

/// Number, mean and sum of squared distances from it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
struct Moments {
    count: u64,
    mean: f64,
    squares: f64,
}

impl Moments {
    fn of(values: &[f64]) -> Self {
        let count = values.len() as u64;
        let mean = values.iter().sum::<f64>() / (count.max(1)) as f64;
        let squares = values.iter().map(|value| (value - mean) * (value - mean));
        Self {
            count,
            mean,
            squares: squares.sum(),
        }
    }

    /// Of both together (T. Chan, G. Golub and R. LeVeque, 1979).
    fn and(self, other: &Self) -> Self {
        let count = self.count + other.count;
        if count == 0 {
            return self;
        }
        let (distance, part) = (other.mean - self.mean, other.count as f64 / count as f64);
        Self {
            count,
            mean: self.mean + distance * part,
            squares: self.squares + other.squares + distance * distance * self.count as f64 * part,
        }
    }

    fn sd(&self) -> f64 {
        (self.squares / (self.count.max(2) - 1) as f64).sqrt()
    }

    /// Standard error of the standard deviation, the fourth moment from the counted values; that of a
    /// normal distribution where values are nearer to each other than they are counted apart.
    fn sd_error(&self, sketch: &Sketch) -> f64 {
        let (sd, n) = (self.sd(), self.count as f64);
        if sd < 1e-3 * self.mean.abs() {
            return sd / (2.0 * n).sqrt();
        }
        let fourth = sketch.mean_of(|value| ((value - self.mean) / sd).powi(4));
        sd * ((fourth - 1.0).max(0.0) / n).sqrt() / 2.0
    }
}

impl Digest {
    pub(crate) fn new(options: &RunOptions) -> Self {
        let grouped = options.sampling != Sampling::Random;
        let randomisations = grouped.then_some(options.randomisations);
        let groups = randomisations.unwrap_or(1) as usize;
        Self {
            randomisations,
            sketches: vec![vec![Sketch::default(); OUTCOMES]; groups],
            moments: BTreeMap::new(),
            several_irr: 0,
            monthly: Vec::new(),
        }
    }

    /// Takes a block in; false if it was there already.
    pub(crate) fn add(&mut self, index: u64, first_trial: u64, block: Block) -> bool {
        let groups = self.sketches.len();
        let mut moments = Vec::with_capacity(groups);
        for (group, sketches) in self.sketches.iter_mut().enumerate() {
            // Trial t is of randomisation t % groups.
            let first = (group + groups - (first_trial % groups as u64) as usize) % groups;
            let figures = Outcome::ALL.into_par_iter().zip(sketches);
            let add = |(outcome, sketch): (Outcome, &mut Sketch)| {
                let values = block.outcome(outcome).flatten().skip(first);
                let values: Vec<f64> = values.step_by(groups).copied().collect();
                sketch.add(&values);
                Moments::of(&values)
            };
            moments.push(figures.map(add).collect());
        }
        self.several_irr += block.several_irr();
        self.monthly.extend(block.into_monthly());
        self.moments.insert(index, moments).is_none()
    }

    /// Adds the blocks of another; the first block that both have, if any.
    pub(crate) fn merge(&mut self, other: Self) -> Option<u64> {
        let both = other
            .moments
            .keys()
            .find(|index| self.moments.contains_key(index))
            .copied();
        for (mine, theirs) in self
            .sketches
            .iter_mut()
            .flatten()
            .zip(other.sketches.iter().flatten())
        {
            mine.merge(theirs);
        }
        self.several_irr += other.several_irr;
        self.monthly.extend(other.monthly);
        self.moments.extend(other.moments);
        both
    }

    /// Whether a block is in it.
    pub(crate) fn has(&self, index: u64) -> bool {
        self.moments.contains_key(&index)
    }

    pub(super) fn several_irr(&self) -> u64 {
        self.several_irr
    }

    /// An outcome in each randomisation and in all.
    pub(super) fn figure(&self, outcome: Outcome) -> Figure {
        let parts: Vec<Part> = (0..self.sketches.len())
            .map(|group| Part {
                sketch: self.sketches[group][outcome as usize].clone(),
                moments: self.moments.values().fold(Moments::default(), |sum, it| {
                    sum.and(&it[group][outcome as usize])
                }),
            })
            .collect();
        let mut whole = Part::default();
        for part in &parts {
            whole.sketch.merge(&part.sketch);
            whole.moments = whole.moments.and(&part.moments);
        }
        Figure {
            whole,
            randomisations: self.randomisations.map(|_| parts),
        }
    }
}

#[derive(Default)]
struct Part {
    sketch: Sketch,
    moments: Moments,
}

/// An outcome of a long run.
pub(super) struct Figure {
    whole: Part,
    /// Each randomisation, if trials are not independent.
    randomisations: Option<Vec<Part>>,
}

impl Figure {
    pub(super) fn numbers(&self) -> Numbers {
        let Part { sketch, moments } = &self.whole;
        let n = moments.count as f64;
        let quantile_error = |p: f64| {
            let independent = || {
                let step = (p * (1.0 - p) / n).sqrt();
                let [low, high] = sketch.quantiles([p - step, p + step]);
                0.5 * (high - low)
            };
            self.error(independent, |part| part.sketch.quantiles([p])[0])
        };
        let mut errors = [0.0; 9];
        for (error, p) in errors[2..].iter_mut().zip(PERCENTILES) {
            *error = quantile_error(p);
        }
        errors[0] = self.error(|| moments.sd() / n.sqrt(), |part| part.moments.mean);
        errors[1] = self.error(|| moments.sd_error(sketch), |part| part.moments.sd());
        Numbers {
            mean: moments.mean,
            sd: moments.sd(),
            percentiles: sketch.quantiles(PERCENTILES),
            errors,
        }
    }

    pub(super) fn percentiles(&self) -> Vec<f64> {
        self.whole.sketch.quantiles(super::percentiles()).to_vec()
    }

    /// Share of trials in which a value satisfies a condition, which rounding must not change.
    pub(super) fn share(&self, holds: impl Fn(f64) -> bool + Copy) -> Estimate {
        let share = |part: &Part| part.sketch.count_where(holds) as f64 / part.moments.count as f64;
        let value = share(&self.whole);
        let independent = || independent_share(value, self.whole.moments.count as f64).mc_error;
        let mc_error = self.error(independent, share);
        Estimate { value, mc_error }
    }

    /// Mean of the lowest 5% of values.
    pub(super) fn cvar5(&self) -> Estimate {
        let lowest = |part: &Part| part.sketch.lowest((part.moments.count / 20).max(1));
        let (value, variance) = lowest(&self.whole);
        let independent = || {
            let gap = self.whole.sketch.quantiles([0.05])[0] - value;
            ((variance + 0.95 * gap * gap) / (0.05 * self.whole.moments.count as f64)).sqrt()
        };
        let mc_error = self.error(independent, |part| lowest(part).0);
        Estimate { value, mc_error }
    }

    /// An error: from the scatter of randomisations where there are any.
    fn error(&self, independent: impl FnOnce() -> f64, statistic: impl Fn(&Part) -> f64) -> f64 {
        match &self.randomisations {
            None => independent(),
            Some(parts) => {
                let parts = parts.iter().filter(|part| part.moments.count > 0);
                scatter(&parts.map(statistic).collect::<Vec<_>>())
            }
        }
    }
}
