//! Keelin's metalog: a smooth distribution through given quantiles.

use pulp::Arch;

use super::matrix;
use super::validation::{DistributionError, LARGEST};
use crate::kernel::kernel;
use crate::math::{Tails, exp, ln};

/// A fitted metalog.
///
/// `M(u) = a₁ + a₂ L + a₃ (u − ½) L + a₄ (u − ½) + a₅ (u − ½)² + a₆ (u − ½)² L + …` with
/// `L = ln(u/(1 − u))`; the value is `M`, `low + e^M`, `high − e^−M`, or a logistic between both
/// bounds. T. W. Keelin, "The Metalog Distributions", Decision Analysis 13 (2016), equations 5–8.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Metalog {
    coefficients: Vec<f64>,
    low: Option<f64>,
    high: Option<f64>,
}

const MOST_QUANTILES: usize = 9;

fn refuse<T>(
    parameter: &'static str,
    value: f64,
    fix: &'static str,
) -> Result<T, DistributionError> {
    Err(DistributionError {
        family: "metalog",
        parameter,
        value,
        fix,
    })
}

/// Term `k` of the metalog (from 0) at probability `u` with log odds `l`.
#[inline(always)]
fn term(k: usize, u: f64, l: f64) -> f64 {
    let centred = u - 0.5;
    match k {
        0 => 1.0,
        1 => l,
        2 => centred * l,
        3 => centred,
        k => {
            let power = (0..k / 2).fold(1.0, |power, _| power * centred);
            if k % 2 == 0 { power } else { power * l }
        }
    }
}

impl Metalog {
    /// The metalog with as many terms as quantiles, which passes through each of them.
    pub(super) fn fit(
        quantiles: &[[f64; 2]],
        low: Option<f64>,
        high: Option<f64>,
    ) -> Result<Self, DistributionError> {
        check(quantiles, low, high)?;
        let count = quantiles.len();
        let matrix = quantiles
            .iter()
            .map(|&[u, _]| {
                (0..count)
                    .map(|k| term(k, u, ln(u) - ln(1.0 - u)))
                    .collect()
            })
            .collect();
        let right = quantiles
            .iter()
            .map(|&[_, value]| unbounded(value, low, high))
            .collect();
        let Some(coefficients) = matrix::solve(matrix, right) else {
            return refuse(
                "quantiles",
                count as f64,
                "give probabilities further apart",
            );
        };
        let fit = Self {
            coefficients,
            low,
            high,
        };
        fit.check_increasing()?;
        Ok(fit)
    }

    /// Whether the quantile function increases, on a grid of log odds from −30 to 30.
    fn check_increasing(&self) -> Result<(), DistributionError> {
        if let Some(u) = find_fall(Arch::new(), self) {
            let fix = "no metalog rises through these quantiles there; give fewer or smoother ones";
            return refuse("probability", u, fix);
        }
        for u in [1e-16, 1.0 - 1e-16] {
            let value = self.quantile(Tails::of_uniform(u));
            let stays = value.abs() <= 1e200;
            if !stays {
                return refuse(
                    "quantiles",
                    value,
                    "the tails run off; give fewer or smoother ones",
                );
            }
        }
        Ok(())
    }

    /// Replaces uniforms by the values that have their rank; a loop that the caller's instruction set vectorises.
    #[inline(always)]
    pub(super) fn apply(&self, uniforms: &mut [f64]) {
        for u in uniforms {
            *u = self.quantile(Tails::of_uniform(*u));
        }
    }

    #[inline(always)]
    fn unbounded_at(&self, at: Tails) -> f64 {
        let l = ln(at.lower) - ln(at.upper);
        self.coefficients
            .iter()
            .enumerate()
            .map(|(k, a)| a * term(k, at.lower, l))
            .sum()
    }

    #[inline(always)]
    pub(super) fn quantile(&self, at: Tails) -> f64 {
        let m = self.unbounded_at(at);
        match (self.low, self.high) {
            (None, None) => m,
            (Some(low), None) => low + exp(m),
            (None, Some(high)) => high - exp(-m),
            (Some(low), Some(high)) => low + (high - low) / (1.0 + exp(-m)),
        }
    }

    pub(super) fn support(&self) -> [f64; 2] {
        [
            self.low.unwrap_or(f64::NEG_INFINITY),
            self.high.unwrap_or(f64::INFINITY),
        ]
    }

    /// Whether the mean of the `power`-th power exists: with one bound the free tail is that of
    /// `(odds)^slope`, which has moments below `1/slope` only.
    pub(super) fn has_moment(&self, power: f64) -> bool {
        let side = match (self.low, self.high) {
            (Some(_), None) => 0.5,
            (None, Some(_)) => -0.5,
            _ => return true,
        };
        let slope: f64 = (0..self.coefficients.len())
            .map(|k| self.coefficients[k] * (term(k, 0.5 + side, 1.0) - term(k, 0.5 + side, 0.0)))
            .sum();
        slope * power < 1.0
    }
}

kernel! {
    /// The first probability of the grid at which the quantile function does not increase.
    fn find_fall<'a>(of: &'a Metalog) -> Option<f64> {
        let mut before = f64::NEG_INFINITY;
        for step in -600..=600 {
            let odds = exp(-f64::from(step) / 20.0);
            let u = 1.0 / (1.0 + odds);
            let now = of.unbounded_at(Tails {
                lower: u,
                upper: odds * u,
            });
            let rises = now > before;
            if !rises {
                return Some(u);
            }
            before = now;
        }
        None
    }
}

/// The value on the scale of `M`.
fn unbounded(value: f64, low: Option<f64>, high: Option<f64>) -> f64 {
    match (low, high) {
        (None, None) => value,
        (Some(low), None) => ln(value - low),
        (None, Some(high)) => -ln(high - value),
        (Some(low), Some(high)) => ln(value - low) - ln(high - value),
    }
}

fn check(
    quantiles: &[[f64; 2]],
    low: Option<f64>,
    high: Option<f64>,
) -> Result<(), DistributionError> {
    let count = quantiles.len();
    if !(2..=MOST_QUANTILES).contains(&count) {
        return refuse(
            "quantiles",
            count as f64,
            "give two to nine pairs of probability and value",
        );
    }
    let mut before = [0.0, low.unwrap_or(-LARGEST)];
    let end = high.unwrap_or(LARGEST);
    for bound in [before[1], end] {
        if !(-LARGEST..=LARGEST).contains(&bound) {
            return refuse("bound", bound, "give a number within ±1e100");
        }
    }
    for &[probability, value] in quantiles {
        if !(probability > before[0] && probability < 1.0) {
            return refuse(
                "probability",
                probability,
                "give increasing probabilities between 0 and 1",
            );
        }
        if !(value > before[1] && value < end) {
            return refuse("value", value, "give increasing values between the bounds");
        }
        before = [probability, value];
    }
    Ok(())
}
