//! Moments and stated quantiles.

use super::families;
use crate::inputs::Distribution;
use crate::math::exp;

/// Moments by the trapezoidal rule over the normal score, which is exact to rounding for smooth
/// quantile functions.
fn numeric_moments(distribution: &Distribution) -> [f64; 2] {
    let nodes: Vec<(f64, f64)> = (-8 * 64..=8 * 64)
        .map(|i| f64::from(i) / 64.0)
        .map(|z| (z, exp(-0.5 * z * z) / std::f64::consts::TAU.sqrt() / 64.0))
        .collect();
    let mut values: Vec<f64> = nodes.iter().map(|node| node.0).collect();
    distribution.prepare().apply_normal(&mut values);
    let mean: f64 = values.iter().zip(&nodes).map(|(x, node)| x * node.1).sum();
    let variance = values
        .iter()
        .zip(&nodes)
        .map(|(x, node)| (x - mean) * (x - mean) * node.1)
        .sum();
    [mean, variance]
}

#[test]
fn moments_are_those_of_the_quantile_function() {
    for distribution in families() {
        let [mean, variance] = numeric_moments(&distribution);
        let (said_mean, said_variance) = (distribution.mean(), distribution.variance());
        // A triangular has a kink at its mode, and one bound leaves a metalog a tail that the rule here ends too soon for.
        let tolerance = match distribution {
            Distribution::Triangular(_) => 1e-4,
            Distribution::Metalog { .. } => 1e-2,
            _ => 1e-8,
        };
        assert!(
            (said_mean / mean - 1.0).abs() < tolerance,
            "{distribution:?}: {said_mean} {mean}"
        );
        if said_variance.is_finite() {
            let error = (said_variance / variance - 1.0).abs();
            assert!(
                error < tolerance,
                "{distribution:?}: {said_variance} {variance}"
            );
        }
    }
}

/// Means and variances from SciPy 1.x: `truncnorm`, `triang`, `beta`.
#[test]
fn moments_and_quantiles_agree_with_scipy() {
    let truncated = |mean, sd, low, high| Distribution::TruncatedNormal {
        mean,
        sd,
        low,
        high,
    };
    let beta = Distribution::Beta {
        alpha: 2.6,
        beta: 3.4,
        low: 0.0,
        high: 1.0,
    };
    for (distribution, mean, variance, u, quantile) in [
        (
            truncated(1.0, 0.1, 0.9, 2.0),
            1.028_759_997_093_917_9,
            0.006_296_862_857_766_055,
            0.3,
            0.977_517_749_210_133_8,
        ),
        (
            truncated(0.0, 1.0, -1.0, 0.5),
            -0.206_631_218_061_533_06,
            0.172_773_259_086_493_1,
            0.3,
            -0.471_904_673_227_932_4,
        ),
        (
            truncated(0.0, 1.0, 6.0, 8.0),
            6.158_481_366_839_988,
            0.023_985_213_407_840_655,
            0.3,
            6.057_652_579_551_58,
        ),
        (
            Distribution::Triangular([0.07, 0.10, 0.16]),
            0.11,
            0.000_35,
            0.7,
            0.119_750_776_405_003_78,
        ),
        (
            beta,
            2.6 / 6.0,
            0.035_079_365_079_365_08,
            0.7,
            0.536_875_710_798_904_6,
        ),
        (
            Distribution::Gamma {
                shape: 3.0,
                scale: 2.0,
            },
            6.0,
            12.0,
            0.3,
            3.827_551_588_254_124_2,
        ),
    ] {
        let near = |found: f64, truth: f64| (found / truth - 1.0).abs() < 1e-9;
        assert!(
            near(distribution.mean(), mean),
            "{distribution:?} {}",
            distribution.mean()
        );
        assert!(
            near(distribution.variance(), variance),
            "{distribution:?} {}",
            distribution.variance()
        );
        assert!(
            near(distribution.quantile(u), quantile),
            "{distribution:?} {}",
            distribution.quantile(u)
        );
    }
}

#[test]
fn stated_quantiles_are_hit() {
    let hits = |distribution: &Distribution, u: f64, value: f64| {
        let found = distribution.quantile(u);
        assert!(
            (found / value - 1.0).abs() < 1e-12,
            "{distribution:?} at {u}: {found}"
        );
    };
    for [low, high] in [[0.04, 0.13], [-2.0, 5.0]] {
        let interval = Distribution::Interval([low, high]);
        hits(&interval, 0.05, low);
        hits(&interval, 0.95, high);
    }
    let hazard = Distribution::LognormalP10P90([0.020, 0.038]);
    hits(&hazard, 0.1, 0.020);
    hits(&hazard, 0.9, 0.038);
    for metalog in families() {
        if let Distribution::Metalog { quantiles, .. } = &metalog {
            quantiles
                .iter()
                .for_each(|&[u, value]| hits(&metalog, u, value));
        }
    }
    // Two quantiles of a metalog are a logistic: odds to the value.
    let quantiles = vec![[0.25, -1.0], [0.75, 1.0]];
    let logistic = Distribution::Metalog {
        quantiles,
        low: None,
        high: None,
    };
    hits(&logistic, 0.9, 2.0);
    assert!(
        (logistic.variance() * 3.0_f64.ln().powi(2) * 3.0 / std::f64::consts::PI.powi(2) - 1.0)
            .abs()
            < 1e-9
    );
}
