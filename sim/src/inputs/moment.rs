//! Means and variances.

use super::distribution::Distribution;
use super::metalog::Metalog;
use super::truncated::standard_moments;
use crate::math::{Tails, exp, exp_m1, ln, ndtri};
use std::f64::consts::TAU;

pub(super) fn mean(distribution: &Distribution) -> f64 {
    match distribution {
        Distribution::Fixed(value) | Distribution::Bernoulli(value) => *value,
        Distribution::Uniform([low, high]) => 0.5 * low + 0.5 * high,
        Distribution::Triangular([low, mode, high]) => (low + mode + high) / 3.0,
        Distribution::Pert([low, mode, high]) => (low + 4.0 * mode + high) / 6.0,
        Distribution::Normal { mean, .. } => *mean,
        Distribution::TruncatedNormal {
            mean,
            sd,
            low,
            high,
        } => mean + sd * standard_moments((low - mean) / sd, (high - mean) / sd)[0],
        Distribution::Interval([low, high]) => {
            let [mean, sd] = interval_normal(*low, *high);
            if *low > 0.0 {
                exp(mean + 0.5 * sd * sd)
            } else {
                mean
            }
        }
        Distribution::Lognormal { median, log_sd } => median * exp(0.5 * log_sd * log_sd),
        Distribution::LognormalP10P90(bounds) => {
            let [mu, sd] = p10_p90_normal(*bounds);
            exp(mu + 0.5 * sd * sd)
        }
        Distribution::Beta {
            alpha,
            beta,
            low,
            high,
        } => low + (high - low) * alpha / (alpha + beta),
        Distribution::Gamma { shape, scale } => shape * scale,
        Distribution::Discrete { values, weights } => weighted(values, weights, |value| value),
        Distribution::Empirical(values) => average(values, |value| value),
        Distribution::Metalog {
            quantiles,
            low,
            high,
        } => metalog(quantiles, *low, *high)[0],
    }
}

pub(super) fn variance(distribution: &Distribution) -> f64 {
    match distribution {
        Distribution::Fixed(_) => 0.0,
        Distribution::Bernoulli(p) => p * (1.0 - p),
        Distribution::Uniform([low, high]) => square(high - low) / 12.0,
        Distribution::Triangular([low, mode, high]) => {
            let (left, right) = (mode - low, high - mode);
            (square(left) + left * right + square(right)) / 18.0
        }
        Distribution::Pert(points) => {
            let [alpha, beta] = pert_shapes(*points);
            square(points[2] - points[0]) * alpha * beta / 252.0
        }
        Distribution::Normal { sd, .. } => square(*sd),
        Distribution::TruncatedNormal {
            mean,
            sd,
            low,
            high,
        } => square(*sd) * standard_moments((low - mean) / sd, (high - mean) / sd)[1],
        Distribution::Interval([low, high]) => {
            let [mean, sd] = interval_normal(*low, *high);
            if *low > 0.0 {
                lognormal_variance(mean, sd)
            } else {
                square(sd)
            }
        }
        Distribution::Lognormal { median, log_sd } => lognormal_variance(ln(*median), *log_sd),
        Distribution::LognormalP10P90(bounds) => {
            let [mu, sd] = p10_p90_normal(*bounds);
            lognormal_variance(mu, sd)
        }
        Distribution::Beta {
            alpha,
            beta,
            low,
            high,
        } => {
            let sum = alpha + beta;
            square(high - low) * (alpha / sum) * (beta / sum) / (sum + 1.0)
        }
        Distribution::Gamma { shape, scale } => shape * square(*scale),
        Distribution::Discrete { values, weights } => {
            let mean = mean(distribution);
            weighted(values, weights, |value| square(value - mean))
        }
        Distribution::Empirical(values) => {
            let mean = mean(distribution);
            average(values, |value| square(value - mean))
        }
        Distribution::Metalog {
            quantiles,
            low,
            high,
        } => metalog(quantiles, *low, *high)[1],
    }
}

fn square(x: f64) -> f64 {
    x * x
}

fn lognormal_variance(mu: f64, sd: f64) -> f64 {
    exp_m1(sd * sd) * exp(2.0 * mu + sd * sd)
}

/// Shapes of the beta that a PERT is, `λ = 4`.
pub(super) fn pert_shapes([low, mode, high]: [f64; 3]) -> [f64; 2] {
    let width = high - low;
    [
        1.0 + 4.0 * (mode - low) / width,
        1.0 + 4.0 * (high - mode) / width,
    ]
}

/// Mean and sd of the normal (of the logarithm, where both bounds are positive) with a 90% interval.
pub(super) fn interval_normal(low: f64, high: f64) -> [f64; 2] {
    let (low, high) = if low > 0.0 {
        (ln(low), ln(high))
    } else {
        (low, high)
    };
    [0.5 * (low + high), (high - low) / (2.0 * ndtri(0.95))]
}

/// Mean and standard deviation of the logarithm, from the 10th and 90th percentile.
pub(super) fn p10_p90_normal([p10, p90]: [f64; 2]) -> [f64; 2] {
    let (low, high) = (ln(p10), ln(p90));
    [0.5 * (low + high), (high - low) / (2.0 * ndtri(0.9))]
}

fn average(values: &[f64], of: impl Fn(f64) -> f64) -> f64 {
    values.iter().map(|&value| of(value)).sum::<f64>() / values.len() as f64
}

fn weighted(values: &[f64], weights: &[f64], of: impl Fn(f64) -> f64) -> f64 {
    let sum: f64 = weights.iter().sum();
    values
        .iter()
        .zip(weights)
        .map(|(&value, weight)| of(value) * (weight / sum))
        .sum()
}

fn normal_density(z: f64) -> f64 {
    exp(-0.5 * z * z) / TAU.sqrt()
}

/// Mean and variance of a metalog by the trapezoidal rule over the normal score, which converges
/// faster than any power of the step for a smooth quantile function.
fn metalog(quantiles: &[[f64; 2]], low: Option<f64>, high: Option<f64>) -> [f64; 2] {
    const STEPS: i32 = 32;
    let Ok(fit) = Metalog::fit(quantiles, low, high) else {
        return [f64::NAN; 2];
    };
    let integral = |of: &dyn Fn(f64) -> f64| -> f64 {
        (-12 * STEPS..=12 * STEPS)
            .map(|i| f64::from(i) / f64::from(STEPS))
            .map(|z| of(fit.quantile(Tails::of_normal(z))) * normal_density(z) / f64::from(STEPS))
            .sum()
    };
    let mean = if fit.has_moment(1.0) {
        integral(&|value| value)
    } else {
        f64::INFINITY
    };
    let variance = if fit.has_moment(2.0) {
        integral(&|value| square(value - mean))
    } else {
        f64::INFINITY
    };
    [mean, variance]
}
