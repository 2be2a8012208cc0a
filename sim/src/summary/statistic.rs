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

use super::ranked::Ranked;

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

    /// The values of an outcome in the order of the trials.
    pub(super) fn values(&self, outcome: Outcome) -> Vec<f64> {
        let mut values = Vec::with_capacity(self.trials);
        for block in self.blocks {
            block
                .outcome(outcome)
                .for_each(|tile| values.extend_from_slice(tile));
        }
        values
    }

    /// Statistics of values in the order of the trials.
    pub(super) fn statistics(&self, values: &[f64]) -> Statistics {
        let (mean, sd) = (mean(values), sd(values));
        let mut ranked = Ranked::new(values);
        let [p5, p10, p25, p50, p75, p90, p95] =
            ranked.quantiles([0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95]);
        let quantile_error = |p: f64, ranked: &mut Ranked| {
            let independent = || {
                let step = (p * (1.0 - p) / self.trials as f64).sqrt();
                0.5 * (ranked.quantile(p + step) - ranked.quantile(p - step))
            };
            self.error(values, independent, |group| Ranked::new(group).quantile(p))
        };
        let mc_error = MonteCarloError {
            mean: self.error(values, || sd / root(self.trials), self::mean),
            p5: quantile_error(0.05, &mut ranked),
            p50: quantile_error(0.50, &mut ranked),
            p95: quantile_error(0.95, &mut ranked),
        };
        Statistics {
            mean,
            sd,
            p5,
            p10,
            p25,
            p50,
            p75,
            p90,
            p95,
            mc_error,
        }
    }

    /// Share of trials in which a value satisfies a condition.
    pub(super) fn share(&self, values: &[f64], holds: impl Fn(f64) -> bool) -> Estimate {
        let share = |values: &[f64]| {
            values.iter().filter(|&&value| holds(value)).count() as f64 / values.len() as f64
        };
        let value = share(values);
        let mc_error = self.error(values, || self.binomial(value).mc_error, share);
        Estimate { value, mc_error }
    }

    /// A share with the error it has among independent trials.
    pub(super) fn binomial(&self, value: f64) -> Estimate {
        independent_share(value, self.trials as f64)
    }

    /// Mean of the lowest 5% of values.
    pub(super) fn cvar5(&self, values: &[f64]) -> Estimate {
        let mut ranked = Ranked::new(values);
        let worst = ranked.lowest(tail_length(values.len()));
        let value = mean(&worst);
        let independent = || {
            let gap = ranked.quantile(0.05) - value;
            let variance = sd(&worst).powi(2) + 0.95 * gap * gap;
            (variance / (0.05 * self.trials as f64)).sqrt()
        };
        let mc_error = self.error(values, independent, |group| {
            mean(&Ranked::new(group).lowest(tail_length(group.len())))
        });
        Estimate { value, mc_error }
    }

    /// An error: from the scatter of randomisations where there are any.
    fn error(
        &self,
        values: &[f64],
        independent: impl FnOnce() -> f64,
        statistic: impl Fn(&[f64]) -> f64,
    ) -> f64 {
        let Some(count) = self.randomisations else {
            return independent();
        };
        let estimates: Vec<f64> = (0..count.min(values.len()))
            .map(|first| {
                let group: Vec<f64> = values[first..].iter().step_by(count).copied().collect();
                statistic(&group)
            })
            .collect();
        scatter(&estimates)
    }
}

/// A share with the error it has among so many independent trials.
pub(super) fn independent_share(value: f64, trials: f64) -> Estimate {
    let p = (value * trials + 1.0) / (trials + 2.0);
    Estimate {
        value,
        mc_error: (p * (1.0 - p) / trials).sqrt(),
    }
}

/// The error of the mean of independent estimates.
pub(super) fn scatter(estimates: &[f64]) -> f64 {
    sd(estimates) / root(estimates.len())
}

fn tail_length(n: usize) -> usize {
    (n / 20).max(1)
}

fn root(n: usize) -> f64 {
    (n as f64).sqrt()
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
