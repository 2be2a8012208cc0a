//! How customers differ: the distribution over customers that a fitted mixture stands for.
//!
//! The models of purchases and of contracts let each customer have an own rate or chance, drawn from a
//! beta or a gamma distribution whose two parameters are what is estimated. A mean hides what those say:
//! a purchase chance of 60% is that of every customer, or that of six in ten who always buy.
//!
//! Moments are those of the textbook: of Beta(a, b) the mean is `a/(a+b)` and the variance
//! `ab/((a+b)²(a+b+1))`; of Gamma(shape, rate) they are `shape/rate` and `shape/rate²`; of an inverse gamma
//! `scale/(shape−1)` and `scale²/((shape−1)²(shape−2))` (N. L. Johnson, S. Kotz and N. Balakrishnan,
//! Continuous Univariate Distributions, 1994 and 1995, chapters 25, 17 and 17.8). Quantiles are found by
//! bisection. Intervals are by the delta method, with derivatives by central differences in the logarithms
//! of the parameters.

use nalgebra::{Matrix2, Vector2};
use serde::Serialize;
use statrs::function::beta::checked_beta_reg;
use statrs::function::gamma::{checked_gamma_lr, checked_gamma_ur};

use crate::fit::{Estimate, Level};
use crate::optimise::{ALIKE, Range};

/// Quantiles that a summary tells.
const TOLD: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];
/// Step of the central differences in the logarithm of a parameter: its square is left as error.
const STEP: f64 = 1e-4;
/// Halvings of the interval in which a quantile lies.
const HALVINGS: u32 = 100;
/// Logarithms, or log-odds, between which a quantile is looked for.
const WIDEST: f64 = 700.0;

/// A family of distributions with two parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Law {
    /// Beta(a, b), of chances.
    Beta,
    /// Gamma(shape, rate), of rates.
    Gamma,
    /// The inverse of a Gamma(shape, scale), of means.
    InverseGamma,
}

impl Law {
    /// Probability of at most `x`.
    fn below(self, [a, b]: [f64; 2], x: f64) -> f64 {
        let found = match self {
            _ if x <= 0.0 => return 0.0,
            Self::Beta if x >= 1.0 => return 1.0,
            Self::Beta => checked_beta_reg(a, b, x).ok(),
            Self::Gamma => checked_gamma_lr(a, b * x).ok(),
            Self::InverseGamma => checked_gamma_ur(a, b / x).ok(),
        };
        found.unwrap_or(f64::NAN)
    }

    /// The point below which a share of the customers lie.
    fn quantile(self, parameters: [f64; 2], share: f64) -> f64 {
        let at = |log: f64| match self {
            Self::Beta => 1.0 / (1.0 + (-log).exp()),
            Self::Gamma | Self::InverseGamma => log.exp(),
        };
        let (mut low, mut high) = (-WIDEST, WIDEST);
        for _ in 0..HALVINGS {
            let middle = 0.5 * (low + high);
            if self.below(parameters, at(middle)) < share {
                low = middle;
            } else {
                high = middle;
            }
        }
        at(0.5 * (low + high))
    }

    /// Infinite where there is none.
    fn mean(self, [a, b]: [f64; 2]) -> f64 {
        match self {
            Self::Beta => a / (a + b),
            Self::Gamma => a / b,
            Self::InverseGamma if a > 1.0 => b / (a - 1.0),
            Self::InverseGamma => f64::INFINITY,
        }
    }

    /// Infinite where there is none.
    fn sd(self, [a, b]: [f64; 2]) -> f64 {
        match self {
            Self::Beta => (a * b / (a + b + 1.0)).sqrt() / (a + b),
            Self::Gamma => a.sqrt() / b,
            Self::InverseGamma if a > 2.0 => b / ((a - 1.0) * (a - 2.0).sqrt()),
            Self::InverseGamma => f64::INFINITY,
        }
    }

    /// What the distribution looks like, in words.
    fn in_words(self, [a, b]: [f64; 2]) -> &'static str {
        match self {
            _ if a > ALIKE => "customers hardly differ",
            Self::Beta if a < 1.0 && b < 1.0 => "two kinds, crowded at 0 and at 1",
            Self::Beta if b < 1.0 => "crowded at 1, ever fewer below",
            Self::Beta | Self::Gamma if a < 1.0 => "crowded at 0, ever fewer above",
            _ => "spread around one peak",
        }
    }
}

/// How customers differ in one trait.
#[derive(Debug, Clone, PartialEq)]
pub struct Mixture {
    name: &'static str,
    about: &'static str,
    law: Law,
    parameters: [f64; 2],
    /// Covariance of the logarithms of the parameters.
    covariance: Matrix2<f64>,
    level: Level,
}

/// A point below which a share of the customers lie.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct MixtureQuantile {
    /// The share, between 0 and 1.
    pub share: f64,
    /// The point.
    #[serde(flatten)]
    pub estimate: Estimate,
}

/// What a mixture tells; its JSON is this struct, field by field.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MixtureSummary {
    /// Stable name of the trait, such as `purchase_rate`.
    pub name: &'static str,
    /// What it is, with its unit.
    pub about: &'static str,
    /// The family.
    pub law: Law,
    /// What it looks like, in words.
    pub shape: &'static str,
    /// Mean over customers; none where the distribution has none.
    pub mean: Option<Estimate>,
    /// Standard deviation over customers; none where the distribution has none.
    pub sd: Option<Estimate>,
    /// The points below which 5, 25, 50, 75 and 95% of the customers lie.
    pub quantiles: Vec<MixtureQuantile>,
}

impl Mixture {
    pub(crate) fn new(
        (name, about): (&'static str, &'static str),
        law: Law,
        parameters: [f64; 2],
        covariance: Matrix2<f64>,
        level: Level,
    ) -> Self {
        Self {
            name,
            about,
            law,
            parameters,
            covariance,
            level,
        }
    }

    /// Stable name of the trait, such as `purchase_rate`.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The point below which a share of the customers lie; the ends of its range for 0 and 1.
    pub fn quantile(&self, share: f64) -> Estimate {
        let range = match self.law {
            Law::Beta => Range::Probability,
            Law::Gamma | Law::InverseGamma => Range::Positive,
        };
        self.derive(range, |parameters| self.law.quantile(parameters, share))
    }

    /// Share of the customers above a threshold, which is in the unit of the trait.
    pub fn share_above(&self, threshold: f64) -> Estimate {
        self.derive(Range::Probability, |parameters| {
            1.0 - self.law.below(parameters, threshold)
        })
    }

    /// Mean, spread and quantiles.
    pub fn summary(&self) -> MixtureSummary {
        let moment = |figure: fn(Law, [f64; 2]) -> f64| {
            let exists = figure(self.law, self.parameters).is_finite();
            exists.then(|| self.derive(Range::Positive, |parameters| figure(self.law, parameters)))
        };
        let quantile = |share| MixtureQuantile {
            share,
            estimate: self.quantile(share),
        };
        MixtureSummary {
            name: self.name,
            about: self.about,
            law: self.law,
            shape: self.law.in_words(self.parameters),
            mean: moment(Law::mean),
            sd: moment(Law::sd),
            quantiles: TOLD.map(quantile).to_vec(),
        }
    }

    fn derive(&self, range: Range, figure: impl Fn([f64; 2]) -> f64) -> Estimate {
        let moved = |index: usize, step: f64| {
            let mut parameters = self.parameters;
            parameters[index] *= step.exp();
            figure(parameters)
        };
        let slope =
            Vector2::from_fn(|index, _| (moved(index, STEP) - moved(index, -STEP)) / (2.0 * STEP));
        let variance = slope.dot(&(self.covariance * slope));
        range.estimate(
            figure(self.parameters),
            variance.max(0.0).sqrt(),
            self.level,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn mixture(law: Law, parameters: [f64; 2]) -> Mixture {
        let covariance = Matrix2::new(0.01, 0.004, 0.004, 0.02);
        Mixture::new(("trait", ""), law, parameters, covariance, Level::USUAL)
    }

    fn close(found: f64, told: f64) {
        assert!(
            (found - told).abs() <= 1e-9 * (1.0 + told.abs()),
            "{found} is not {told}"
        );
    }

    /// Cases with closed forms: Beta(a, 1) has `xᵃ`, Gamma(1, b) is exponential, and its inverse.
    #[test]
    fn closed_forms_are_met() {
        let power = mixture(Law::Beta, [2.5, 1.0]);
        close(power.quantile(0.3).value, 0.3_f64.powf(0.4));
        close(power.share_above(0.6).value, 1.0 - 0.6_f64.powf(2.5));
        let waiting = mixture(Law::Gamma, [1.0, 4.0]);
        close(waiting.quantile(0.5).value, 2.0_f64.ln() / 4.0);
        close(waiting.share_above(0.7).value, (-2.8_f64).exp());
        let inverse = mixture(Law::InverseGamma, [1.0, 4.0]);
        close(inverse.quantile(0.5).value, 4.0 / 2.0_f64.ln());
        close(inverse.share_above(2.0).value, 1.0 - (-2.0_f64).exp());
        let told = inverse.summary();
        assert!(told.mean.is_none() && told.sd.is_none());
    }

    /// `ln x` of Gamma(1, b) at a share moves with `−ln b` alone.
    #[test]
    fn intervals_are_by_the_delta_method() {
        let waiting = mixture(Law::Gamma, [1.0, 4.0]).summary();
        let mean = waiting.mean.unwrap();
        // ln mean = ln shape − ln rate.
        let variance: f64 = 0.01 + 0.02 - 2.0 * 0.004;
        assert!((mean.se / mean.value - variance.sqrt()).abs() < 1e-7);
        close(
            mean.high,
            mean.value * (1.959_963_984_540_054 * mean.se / mean.value).exp(),
        );
    }

    #[test]
    fn shapes_are_told_in_words() {
        for (law, parameters, words) in [
            (Law::Beta, [0.4, 0.3], "two kinds"),
            (Law::Beta, [0.66, 2.8], "crowded at 0"),
            (Law::Beta, [1.2, 0.75], "crowded at 1"),
            (Law::Beta, [3.0, 9.0], "one peak"),
            (Law::Beta, [400.0, 900.0], "hardly differ"),
            (Law::Gamma, [0.24, 4.4], "crowded at 0"),
            (Law::InverseGamma, [3.7, 96.0], "one peak"),
        ] {
            let told = mixture(law, parameters).summary().shape;
            assert!(told.contains(words), "{law:?} {parameters:?}: {told}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn quantiles_and_shares_are_each_others_inverse(
            a in 0.05..80.0_f64, b in 0.05..80.0_f64, share in 0.02..0.98_f64,
        ) {
            for law in [Law::Beta, Law::Gamma, Law::InverseGamma] {
                let mixture = mixture(law, [a, b]);
                let point = mixture.quantile(share);
                let back = mixture.share_above(point.value);
                // Near 1 the numbers of a chance are too far apart to tell the share.
                if law != Law::Beta || point.value < 0.999_999 {
                    prop_assert!((back.value - (1.0 - share)).abs() < 1e-6, "{law:?} {point:?} {back:?}");
                }
                prop_assert!(point.low <= point.value && point.value <= point.high);
                let told = mixture.summary().quantiles;
                prop_assert!(told.windows(2).all(|pair| pair[0].estimate.value <= pair[1].estimate.value));
            }
        }
    }
}
