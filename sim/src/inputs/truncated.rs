//! The normal distribution between two bounds.

use crate::math::{Tails, exp, ndtr, ndtri, ndtri_each};
use std::f64::consts::TAU;

/// A normal given that it lies between two bounds, either of which may be infinite.
#[derive(Clone, Copy, Debug)]
pub(super) struct Truncated {
    mean: f64,
    /// Negative where the part between the bounds is told by its upper tails.
    sd: f64,
    bounds: [f64; 2],
    /// For each bound the tail of the untruncated normal on the side where both are small, which
    /// keeps far bounds from losing digits.
    tails: [f64; 2],
}

impl Truncated {
    pub(super) fn new(mean: f64, sd: f64, bounds: [f64; 2]) -> Self {
        let [low, high] = bounds.map(|bound| Tails::of_normal((bound - mean) / sd));
        let (sd, tails) = if low.lower <= high.upper {
            (sd, [low.lower, high.lower])
        } else {
            (-sd, [low.upper, high.upper])
        };
        Self {
            mean,
            sd,
            bounds,
            tails,
        }
    }

    /// The value with the given tails.
    pub(super) fn at(&self, at: Tails) -> f64 {
        self.value(ndtri(self.tail(at)))
    }

    /// Replaces each uniform by the value below which that share lies.
    #[inline(always)]
    pub(super) fn apply(&self, uniforms: &mut [f64]) {
        for u in &mut *uniforms {
            *u = self.tail(Tails::of_uniform(*u));
        }
        ndtri_each(uniforms);
        for z in uniforms {
            *z = self.value(*z);
        }
    }

    /// Tail of the untruncated normal at a share of the part between the bounds.
    #[inline(always)]
    fn tail(&self, at: Tails) -> f64 {
        at.upper * self.tails[0] + at.lower * self.tails[1]
    }

    /// The value of a standard normal, which rounding must not carry past a bound.
    #[inline(always)]
    fn value(&self, z: f64) -> f64 {
        (self.mean + self.sd * z)
            .max(self.bounds[0])
            .min(self.bounds[1])
    }
}

fn square(x: f64) -> f64 {
    x * x
}

fn normal_density(z: f64) -> f64 {
    exp(-0.5 * z * z) / TAU.sqrt()
}

/// Mean and variance of a standard normal between `low` and `high`.
pub(super) fn standard_moments(low: f64, high: f64) -> [f64; 2] {
    if (high - low) * (1.0 + low.abs().min(high.abs())) < 1.0 {
        return narrow_moments(low, high);
    }
    // The mirror image keeps the probabilities small, where they lose no digits.
    let sign = if low > 0.0 { -1.0 } else { 1.0 };
    let (low, high) = if low > 0.0 {
        (-high, -low)
    } else {
        (low, high)
    };
    let share = ndtr(high) - ndtr(low);
    let (at_low, at_high) = (normal_density(low), normal_density(high));
    let weighted = |bound: f64, density: f64| {
        if bound.is_finite() {
            bound * density
        } else {
            0.0
        }
    };
    let mean = (at_low - at_high) / share;
    let second = (weighted(low, at_low) - weighted(high, at_high)) / share;
    [sign * mean, 1.0 + second - mean * mean]
}

/// The same where the density changes little, by Simpson's rule: closed forms would cancel.
fn narrow_moments(low: f64, high: f64) -> [f64; 2] {
    const PANELS: u32 = 64;
    let (middle, width) = (0.5 * (low + high), high - low);
    // Offsets from the middle, each with its weight.
    let nodes = (0..=PANELS).map(|i| {
        let offset = width * (f64::from(i) / f64::from(PANELS) - 0.5);
        let simpson = if i == 0 || i == PANELS {
            1.0
        } else {
            f64::from(2 + 2 * (i % 2))
        };
        (
            offset,
            simpson * exp(-0.5 * offset * (2.0 * middle + offset)),
        )
    });
    let share: f64 = nodes.clone().map(|(_, weight)| weight).sum();
    let mean = nodes
        .clone()
        .map(|(offset, weight)| offset * weight)
        .sum::<f64>()
        / share;
    let variance = nodes
        .map(|(offset, weight)| square(offset - mean) * weight)
        .sum::<f64>()
        / share;
    [middle + mean, variance]
}
