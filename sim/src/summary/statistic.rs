//! Statistics of one outcome over trials, and their Monte Carlo errors.
//!
//! With `random` sampling: the mean's error is `sd/√n`; a quantile's is half the distance between
//! the quantiles at `p ± √(p(1−p)/n)`; a share's is binomial, with one success and one failure
//! added (so that a share of 0 is not certain); that of CVaR5 includes the error of the 5% quantile
//! (its influence function). With `latin_hypercube` and `sobol` every error is the scatter of the
//! independent randomisations, `sd/√R`.

use serde::{Deserialize, Serialize};

use super::level::Level;
use super::ranked::{Ranks, quantiles};
use super::values::Values;
use crate::outcome::Outcome;
use crate::sampling::Sampling;
use crate::trials::RunOptions;

/// Statistics of an outcome.
///
/// A rate of return has no mean, because averages of rates say nothing; a payback has none, because
/// "never" is no month. They have the shares of trials with a value and without one instead.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each percentile is named after itself")]
pub struct Statistics {
    /// Mean, of a number that every trial has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean: Option<f64>,
    /// Standard deviation over trials, of such a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sd: Option<f64>,
    /// Shares of trials with and without a value, of an outcome that not every trial has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shares: Option<Shares>,
    pub p5: Level,
    pub p10: Level,
    pub p25: Level,
    pub p50: Level,
    pub p75: Level,
    pub p90: Level,
    pub p95: Level,
    /// Monte Carlo standard error of each of them; of a percentile that is a word there is none.
    pub mc_error: MonteCarloError,
}

/// Monte Carlo standard errors of an outcome's statistics.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[expect(
    missing_docs,
    reason = "each is the error of the statistic that it is named after"
)]
pub struct MonteCarloError {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sd: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p5: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p10: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p25: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p50: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p75: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p90: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p95: Option<f64>,
}

/// Shares of trials in which an outcome is a number, and in which it is not. They add up to 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Shares {
    /// A number.
    pub value: Estimate,
    /// A payback beyond the horizon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub never: Option<Estimate>,
    /// A payback of flows that were never negative.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nothing_to_pay_back: Option<Estimate>,
    /// No rate of return.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub none: Option<Estimate>,
    /// More than one rate of return.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub several: Option<Estimate>,
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

/// Probabilities of the percentiles.
pub(super) const PERCENTILES: [f64; 7] = [0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95];

/// Statistics as numbers: of mean, standard deviation and percentiles.
pub(super) struct Numbers {
    pub(super) mean: f64,
    pub(super) sd: f64,
    pub(super) percentiles: [f64; 7],
    /// Errors of the mean, the standard deviation and the percentiles.
    pub(super) errors: [f64; 9],
}

impl Numbers {
    /// What they say of an outcome; `shares` are those of one that not every trial has.
    pub(super) fn into_statistics(self, kind: Kind, shares: Option<Shares>) -> Statistics {
        let [p5, p10, p25, p50, p75, p90, p95] = self.percentiles.map(|value| kind.level(value));
        let has_mean = shares.is_none();
        let [mean, sd, errors @ ..] = self.errors;
        let error = |i: usize| {
            let level = kind.level(self.percentiles[i]);
            level.number().map(|_| errors[i])
        };
        Statistics {
            mean: has_mean.then_some(self.mean),
            sd: has_mean.then_some(self.sd),
            shares,
            p5,
            p10,
            p25,
            p50,
            p75,
            p90,
            p95,
            mc_error: MonteCarloError {
                mean: has_mean.then_some(mean),
                sd: has_mean.then_some(sd),
                p5: error(0),
                p10: error(1),
                p25: error(2),
                p50: error(3),
                p75: error(4),
                p90: error(5),
                p95: error(6),
            },
        }
    }
}

/// What the numbers of an outcome stand for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    /// Themselves.
    Number,
    /// Months, `never` being none of them.
    Payback {
        /// The horizon + 1.
        never: f64,
    },
    /// Rates of return; −1 is none, or several.
    Rate,
}

/// Below the least rate of return that is looked for.
const LEAST_RATE: f64 = -0.94;

impl Kind {
    pub(super) fn of(outcome: Outcome, horizon: usize) -> Self {
        match outcome {
            Outcome::PaybackMonth
            | Outcome::DiscountedPaybackMonth
            | Outcome::PaybackInterpolated
            | Outcome::DiscountedPaybackInterpolated => Self::Payback {
                never: (horizon + 1) as f64,
            },
            Outcome::IrrAnnual | Outcome::MirrAnnual => Self::Rate,
            _ => Self::Number,
        }
    }

    /// A percentile between two months, or between a month and never, is the later.
    fn level(self, value: f64) -> Level {
        match self {
            Self::Payback { never } if value > never - 1.0 => Level::Never,
            Self::Payback { .. } if value == 0.0 => Level::NothingToPayBack,
            Self::Rate if value < LEAST_RATE => Level::None,
            _ => Level::Number(value),
        }
    }
}

impl Sample {
    pub(super) fn new(options: &RunOptions) -> Self {
        let grouped = options.sampling != Sampling::Random;
        Self {
            trials: options.trials as usize,
            randomisations: grouped.then_some(options.randomisations as usize),
        }
    }

    /// Statistics of a figure.
    pub(super) fn numbers(self, values: &Values<'_>) -> Numbers {
        let mean = values.mean();
        let sd = values.sd(mean);
        let step = |p: f64| (p * (1.0 - p) / self.trials as f64).sqrt();
        let around: [f64; 21] = std::array::from_fn(|i| {
            let p = PERCENTILES[i % 7];
            p + [0.0, -step(p), step(p)][i / 7]
        });
        let quantile = quantiles(values, around);
        let percentiles: [f64; 7] = std::array::from_fn(|i| quantile[i]);
        let errors = self.errors(
            values,
            || {
                let half = |i: usize| 0.5 * (quantile[14 + i] - quantile[7 + i]);
                let mut errors: [f64; 9] = std::array::from_fn(|i| half(i.saturating_sub(2)));
                errors[0] = sd / root(self.trials);
                errors[1] = sd_error(values, mean, sd, self.trials);
                errors
            },
            |group| {
                let percentiles = quantiles(group, PERCENTILES);
                let mean = group.mean();
                let mut all: [f64; 9] = std::array::from_fn(|i| percentiles[i.saturating_sub(2)]);
                (all[0], all[1]) = (mean, group.sd(mean));
                all
            },
        );
        Numbers {
            mean,
            sd,
            percentiles,
            errors,
        }
    }

    /// Statistics of a number that every trial has.
    pub(super) fn statistics(self, values: &Values<'_>) -> Statistics {
        self.numbers(values).into_statistics(Kind::Number, None)
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

/// Standard error of a standard deviation, from the fourth moment: `√((m₄ − σ⁴)/n)/(2σ)`.
fn sd_error(values: &Values<'_>, mean: f64, sd: f64, trials: usize) -> f64 {
    let fourth = values.sum(|value| ((value - mean) * (value - mean)).powi(2)) / trials as f64;
    if sd > 0.0 {
        ((fourth - sd.powi(4)).max(0.0) / trials as f64).sqrt() / (2.0 * sd)
    } else {
        0.0
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
