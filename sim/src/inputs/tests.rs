//! What holds for every family.

mod draw;
mod form;
mod moment;

use super::Distribution;
use crate::sampling::{Plan, Sampling};

/// A member of each family.
fn families() -> Vec<Distribution> {
    let quantiles = vec![[0.1, 2.0], [0.5, 5.0], [0.9, 12.0]];
    vec![
        Distribution::Interval([0.04, 0.13]),
        Distribution::Interval([-2.0, 5.0]),
        Distribution::Uniform([2.0, 3.0]),
        Distribution::Triangular([0.07, 0.10, 0.16]),
        Distribution::Pert([0.48, 0.58, 0.66]),
        Distribution::Pert([0.0, 0.0, 1.0]),
        Distribution::Normal { mean: 1.0, sd: 0.1 },
        Distribution::TruncatedNormal {
            mean: 1.0,
            sd: 0.1,
            low: 0.9,
            high: 2.0,
        },
        Distribution::TruncatedNormal {
            mean: 0.0,
            sd: 1.0,
            low: 6.0,
            high: f64::INFINITY,
        },
        Distribution::Lognormal {
            median: 1.0,
            log_sd: 0.2,
        },
        Distribution::LognormalP10P90([0.020, 0.038]),
        Distribution::Beta {
            alpha: 0.5,
            beta: 0.7,
            low: 0.0,
            high: 1.0,
        },
        Distribution::Beta {
            alpha: 8.0,
            beta: 2.0,
            low: -1.0,
            high: 3.0,
        },
        Distribution::Gamma {
            shape: 3.0,
            scale: 2.0,
        },
        Distribution::Metalog {
            quantiles: quantiles.clone(),
            low: None,
            high: None,
        },
        Distribution::Metalog {
            quantiles: quantiles.clone(),
            low: Some(0.0),
            high: Some(20.0),
        },
        Distribution::Metalog {
            quantiles,
            low: Some(0.0),
            high: None,
        },
    ]
}

/// Families with steps.
fn discrete() -> Vec<Distribution> {
    let (values, weights) = (vec![3.0, 1.0, 2.0], vec![1.0, 2.0, 1.0]);
    vec![
        Distribution::Bernoulli(0.85),
        Distribution::Discrete { values, weights },
        Distribution::Empirical(vec![4.0, 1.0, 1.0, 7.0]),
    ]
}

fn uniforms(count: usize) -> Vec<f64> {
    let plan = Plan {
        method: Sampling::Random,
        seed: 11,
        trials: 1 << 30,
        inputs: 1,
        randomisations: 1,
    };
    let mut out = vec![0.0; count];
    plan.fill(0, 0, &mut out);
    out
}
