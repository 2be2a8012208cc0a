//! Statistics of one outcome over trials, and their Monte Carlo errors.
//!
//! With `random` sampling: the mean's error is `sd/√n`; a quantile's is half the distance between
//! the quantiles at `p ± √(p(1−p)/n)`; a share's is binomial, with one success and one failure
//! added (so that a share of 0 is not certain); that of CVaR5 includes the error of the 5% quantile
//! (its influence function). With `latin_hypercube` and `sobol` every error is the scatter of the
//! independent randomisations, `sd/√R`.

use serde::{Deserialize, Serialize};

use crate::outcome::Outcome;
use crate::run::{Block, RunOptions};
use crate::sampling::Sampling;

/// Statistics of an outcome.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each percentile is named after itself")]
pub struct Statistics {
    /// Mean.
    pub mean: f64,
    /// Standard deviation over trials.
    pub sd: f64,
    pub p5: f64,
    pub p10: f64,
    pub p25: f64,
    pub p50: f64,
    pub p75: f64,
    pub p90: f64,
    pub p95: f64,
    /// Monte Carlo standard errors.
    pub mc_error: MonteCarloError,
}

/// Monte Carlo standard errors of an outcome's statistics.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(
    missing_docs,
    reason = "each is the error of the statistic that it is named after"
)]
pub struct MonteCarloError {
    pub mean: f64,
    pub p5: f64,
    pub p50: f64,
    pub p95: f64,
}

/// A figure with its Monte Carlo standard error.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The figure.
    pub value: f64,
    /// Its Monte Carlo standard error.
    pub mc_error: f64,
}

/// The trials of a run.
pub(super) struct Sample<'a> {
    blocks: &'a [Block],
    trials: usize,
    /// Number of independent randomisations, if trials are not independent.
    randomisations: Option<usize>,
}

impl<'a> Sample<'a> {
    pub(super) fn new(options: &RunOptions, blocks: &'a [Block]) -> Self {
        let grouped = options.sampling != Sampling::Random;
        Self {
            blocks,
            trials: options.trials as usize,
            randomisations: grouped.then_some(options.randomisations as usize),
        }
    }

    fn values(&self, outcome: Outcome) -> impl Iterator<Item = f64> + '_ {
        self.blocks
            .iter()
            .flat_map(move |block| block.outcomes.outcome(outcome))
            .copied()
    }

    /// The outcome's values in increasing order.
    pub(super) fn sorted(&self, outcome: Outcome) -> Vec<f64> {
        sorted(self.values(outcome))
    }

    /// The values of each randomisation apart.
    fn groups(&self, outcome: Outcome, count: usize) -> impl Iterator<Item = Vec<f64>> + '_ {
        (0..count.min(self.trials))
            .map(move |group| self.values(outcome).skip(group).step_by(count).collect())
    }

    /// An error: from the scatter of randomisations where there are any.
    fn error(
        &self,
        outcome: Outcome,
        independent: impl FnOnce() -> f64,
        statistic: impl Fn(Vec<f64>) -> f64,
    ) -> f64 {
        match self.randomisations {
            None => independent(),
            Some(count) => {
                let estimates: Vec<f64> = self.groups(outcome, count).map(statistic).collect();
                if estimates.len() < 2 {
                    f64::NAN
                } else {
                    sd(&estimates) / root(estimates.len())
                }
            }
        }
    }

    pub(super) fn statistics(&self, outcome: Outcome) -> Statistics {
        let values: Vec<f64> = self.values(outcome).collect();
        let (mean, sd) = (mean(&values), sd(&values));
        let sorted = sorted(values);
        let at = |p: f64| quantile_of(&sorted, p);
        let quantile_error = |p: f64| {
            self.error(
                outcome,
                || {
                    let step = (p * (1.0 - p) / self.trials as f64).sqrt();
                    0.5 * (at((p + step).min(1.0)) - at((p - step).max(0.0)))
                },
                |group| quantile_of(&self::sorted(group), p),
            )
        };
        Statistics {
            mean,
            sd,
            p5: at(0.05),
            p10: at(0.10),
            p25: at(0.25),
            p50: at(0.50),
            p75: at(0.75),
            p90: at(0.90),
            p95: at(0.95),
            mc_error: MonteCarloError {
                mean: self.error(
                    outcome,
                    || sd / root(self.trials),
                    |group| self::mean(&group),
                ),
                p5: quantile_error(0.05),
                p50: quantile_error(0.50),
                p95: quantile_error(0.95),
            },
        }
    }

    /// Share of trials in which an outcome satisfies a condition.
    pub(super) fn share(&self, outcome: Outcome, holds: impl Fn(f64) -> bool) -> Estimate {
        let count = |values: &mut dyn Iterator<Item = f64>| values.filter(|v| holds(*v)).count();
        let value = count(&mut self.values(outcome)) as f64 / self.trials as f64;
        let mc_error = self.error(
            outcome,
            || self.binomial(value).mc_error,
            |group| {
                let n = group.len() as f64;
                count(&mut group.into_iter()) as f64 / n
            },
        );
        Estimate { value, mc_error }
    }

    /// A share with the error it has among independent trials.
    pub(super) fn binomial(&self, value: f64) -> Estimate {
        let n = self.trials as f64;
        let p = (value * n + 1.0) / (n + 2.0);
        Estimate {
            value,
            mc_error: (p * (1.0 - p) / n).sqrt(),
        }
    }

    /// Mean NPV of the worst 5% of trials.
    pub(super) fn cvar5(&self) -> Estimate {
        let sorted = self.sorted(Outcome::Npv);
        let value = worst(&sorted);
        let independent = || {
            let tail = &sorted[..tail_length(sorted.len())];
            let spread = if tail.len() < 2 { 0.0 } else { sd(tail) };
            let gap = quantile_of(&sorted, 0.05) - value;
            ((spread * spread + 0.95 * gap * gap) / (0.05 * self.trials as f64)).sqrt()
        };
        let mc_error = self.error(Outcome::Npv, independent, |group| {
            worst(&self::sorted(group))
        });
        Estimate { value, mc_error }
    }
}

fn tail_length(n: usize) -> usize {
    (n / 20).max(1)
}

fn worst(sorted: &[f64]) -> f64 {
    mean(&sorted[..tail_length(sorted.len())])
}

fn root(n: usize) -> f64 {
    (n as f64).sqrt()
}

fn sorted(values: impl IntoIterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_unstable_by(f64::total_cmp);
    values
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Standard deviation with `n − 1`; 0 of a single value.
fn sd(values: &[f64]) -> f64 {
    let mean = mean(values);
    let squares: f64 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
    (squares / (values.len().max(2) - 1) as f64).sqrt()
}

/// Quantile of sorted values, linear between order statistics (type 7 of Hyndman and Fan).
pub(super) fn quantile_of(sorted: &[f64], p: f64) -> f64 {
    let at = p * (sorted.len() - 1) as f64;
    let below = at.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (at - below as f64) * (sorted[above] - sorted[below])
}
