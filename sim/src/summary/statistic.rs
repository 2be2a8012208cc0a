//! Statistics of one outcome over trials, and their Monte Carlo errors.
//!
//! With `random` sampling: the mean's error is `sd/√n`; a quantile's is half the distance between
//! the quantiles at `p ± √(p(1−p)/n)`; a share's is binomial, with one success and one failure
//! added (so that a share of 0 is not certain); that of CVaR5 includes the error of the 5% quantile
//! (its influence function). With `latin_hypercube` and `sobol` every error is the scatter of the
//! independent randomisations, `sd/√R`.

use serde::{Deserialize, Serialize};

use super::ranked::{Ranks, quantiles};
use super::values::Values;
use crate::run::RunOptions;
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

/// How the trials of a run depend on each other.
#[derive(Clone, Copy)]
pub(super) struct Sample {
    trials: usize,
    /// Number of independent randomisations, if trials are not independent.
    randomisations: Option<usize>,
}

/// Probabilities of the quantiles that have an error.
const ESTIMATED: [f64; 3] = [0.05, 0.50, 0.95];

impl Sample {
    pub(super) fn new(options: &RunOptions) -> Self {
        let grouped = options.sampling != Sampling::Random;
        Self {
            trials: options.trials as usize,
            randomisations: grouped.then_some(options.randomisations as usize),
        }
    }

    /// Statistics of a figure.
    pub(super) fn statistics(self, values: &Values<'_>) -> Statistics {
        let mean = values.mean();
        let sd = values.sd(mean);
        let step = |p: f64| (p * (1.0 - p) / self.trials as f64).sqrt();
        let [a, b, c] = ESTIMATED.map(|p| [p - step(p), p + step(p)]);
        let [p5, p10, p25, p50, p75, p90, p95, around @ ..] = quantiles(
            values,
            [
                0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95, a[0], a[1], b[0], b[1], c[0], c[1],
            ],
        );
        let [mc_mean, mc_p5, mc_p50, mc_p95] = self.errors(
            values,
            || {
                let half = |low: usize| 0.5 * (around[low + 1] - around[low]);
                [sd / root(self.trials), half(0), half(2), half(4)]
            },
            |group| {
                let [p5, p50, p95] = quantiles(group, ESTIMATED);
                [group.mean(), p5, p50, p95]
            },
        );
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
            mc_error: MonteCarloError {
                mean: mc_mean,
                p5: mc_p5,
                p50: mc_p50,
                p95: mc_p95,
            },
        }
    }

    /// Share of trials in which a figure satisfies a condition.
    pub(super) fn share(self, values: &Values<'_>, holds: impl Fn(f64) -> bool) -> Estimate {
        let value = values.share(&holds);
        let independent = || [independent_share(value, self.trials as f64).mc_error];
        let [mc_error] = self.errors(values, independent, |group| [group.share(&holds)]);
        Estimate { value, mc_error }
    }

    /// Mean of the lowest 5% of values.
    pub(super) fn cvar5(self, values: &Values<'_>) -> Estimate {
        let Tail { mean, sd } = Tail::of(values);
        let independent = || {
            let gap = quantiles(values, [0.05])[0] - mean;
            let variance = sd * sd + 0.95 * gap * gap;
            [(variance / (0.05 * self.trials as f64)).sqrt()]
        };
        let [mc_error] = self.errors(values, independent, |group| [Tail::of(group).mean]);
        let value = mean;
        Estimate { value, mc_error }
    }

    /// Errors: from the scatter of randomisations where there are any.
    fn errors<const N: usize>(
        self,
        values: &Values<'_>,
        independent: impl FnOnce() -> [f64; N],
        statistics: impl Fn(&Values<'_>) -> [f64; N],
    ) -> [f64; N] {
        let Some(count) = self.randomisations else {
            return independent();
        };
        let groups = (0..count.min(values.count())).map(|first| values.group(first, count));
        let estimates: Vec<[f64; N]> = groups.map(|group| statistics(&group)).collect();
        std::array::from_fn(|i| {
            let one: Vec<f64> = estimates.iter().map(|estimate| estimate[i]).collect();
            scatter(&one)
        })
    }
}

/// The lowest 5% of values, at least one.
struct Tail {
    mean: f64,
    sd: f64,
}

impl Tail {
    fn of(values: &Values<'_>) -> Self {
        let length = (values.count() / 20).max(1);
        let highest = Ranks::find(values, [length - 1]).at(length - 1);
        let below = values.sum(|value| f64::from(u8::from(value < highest)));
        // Equal values may lie on both sides of the end.
        let at_end = length as f64 - below;
        let sum = values.sum(|value| if value < highest { value } else { 0.0 });
        let mean = (sum + at_end * highest) / length as f64;
        let square = |value: f64| (value - mean) * (value - mean);
        let squares = values.sum(|value| if value < highest { square(value) } else { 0.0 });
        let squares = squares + at_end * square(highest);
        let sd = (squares / (length.max(2) - 1) as f64).sqrt();
        Self { mean, sd }
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
    let estimates = Values::from(estimates);
    estimates.sd(estimates.mean()) / root(estimates.count())
}

fn root(n: usize) -> f64 {
    (n as f64).sqrt()
}
