//! Figures derived from parameters, with their uncertainty by the delta method.

use nalgebra::{SMatrix, SVector};
use num_dual::{DualNum, DualSVec64, gradient};

use crate::fit::{Covariance, Estimate, FitError, Level, Scale};

/// How the interval of a derived figure is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Range {
    /// Greater than zero: interval on the log scale.
    Positive,
    /// Between zero and one: interval on the logit scale.
    Probability,
}

impl Range {
    /// The interval around `value`, inside the range.
    pub(crate) fn estimate(self, value: f64, se: f64, level: Level) -> Estimate {
        let (low, high) = match self {
            _ if !(se > 0.0 && se.is_finite()) => (value, value),
            Self::Positive => {
                let factor = (level.z() * se / value).exp();
                (value / factor, value * factor)
            }
            Self::Probability => {
                let odds = value / (1.0 - value);
                let factor = (level.z() * se / (value * (1.0 - value))).exp();
                let back = |odds: f64| 1.0 - 1.0 / (1.0 + odds);
                (back(odds / factor), back(odds * factor))
            }
        };
        Estimate {
            value,
            se,
            low,
            high,
        }
    }
}

/// A figure derived from parameters, its standard error by the delta method.
///
/// `covariance` is that of the logarithms of `parameters`; a parameter held fixed has a zero row.
pub fn derive<const N: usize>(
    parameters: &[f64; N],
    covariance: &SMatrix<f64, N, N>,
    (range, level): (Range, Level),
    figure: impl Fn([DualSVec64<N>; N]) -> DualSVec64<N>,
) -> Estimate {
    let logs = SVector::<f64, N>::from(*parameters).map(f64::ln);
    let (value, slope) = gradient(
        |x: SVector<DualSVec64<N>, N>| figure(std::array::from_fn(|i| x[i].exp())),
        &logs,
    );
    let variance = slope.dot(&(covariance * slope));
    range.estimate(value, variance.max(0.0).sqrt(), level)
}

/// Several positive figures derived from the same parameters: their logarithms with the joint
/// covariance `J·Σ·Jᵀ` of the delta method, ready to be handed over and drawn from.
///
/// `figure(parameters, i)` is the figure named `names[i]`.
///
/// # Errors
/// When a figure is not positive and finite, see [`FitError::NotFinite`].
pub fn derive_jointly<const N: usize>(
    parameters: &[f64; N],
    covariance: &SMatrix<f64, N, N>,
    names: &[String],
    figure: impl Fn([DualSVec64<N>; N], usize) -> DualSVec64<N>,
) -> Result<Covariance, FitError> {
    let logs = SVector::<f64, N>::from(*parameters).map(f64::ln);
    let lines = (0..names.len()).map(|i| {
        gradient(
            |x: SVector<DualSVec64<N>, N>| figure(std::array::from_fn(|k| x[k].exp()), i).ln(),
            &logs,
        )
    });
    let (mean, slopes): (Vec<f64>, Vec<SVector<f64, N>>) = lines.unzip();
    let matrix = slopes
        .iter()
        .map(|one| {
            slopes
                .iter()
                .map(|other| one.dot(&(covariance * other)))
                .collect()
        })
        .collect();
    Covariance::new(Scale::Log, names, mean, matrix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derives_a_product_by_the_delta_method() {
        // Means of independent Poisson counts of 40 and 9: the variance of ln λ is 1/count.
        let covariance = SMatrix::from_diagonal(&SVector::from([1.0 / 40.0, 1.0 / 9.0]));
        let product = derive(
            &[4.0, 0.09],
            &covariance,
            (Range::Positive, Level::USUAL),
            |[l, m]| l * m,
        );
        let log_se = (1.0_f64 / 40.0 + 1.0 / 9.0).sqrt();
        assert!((product.value - 0.36).abs() < 1e-9);
        assert!((product.se - 0.36 * log_se).abs() < 1e-9);
        assert!((product.high - 0.36 * (Level::USUAL.z() * log_se).exp()).abs() < 1e-9);
    }

    #[test]
    fn a_probability_keeps_its_interval_inside() {
        let interval = Range::Probability.estimate(0.98, 0.05, Level::USUAL);
        assert!(interval.low > 0.0 && interval.low < 0.98);
        assert!(interval.high > 0.98 && interval.high < 1.0);
        let half = Range::Probability.estimate(0.98, 0.05, Level::new(0.5).unwrap());
        assert!(interval.low < half.low && half.high < interval.high);
    }

    #[test]
    fn joint_figures_carry_their_covariance() {
        let covariance = SMatrix::from_diagonal(&SVector::from([0.04, 0.09]));
        let names = ["product".to_owned(), "ratio".to_owned()];
        let joint = derive_jointly(&[2.0, 3.0], &covariance, &names, |[a, b], which| {
            if which == 0 { a * b } else { a / b }
        })
        .unwrap();
        assert!((joint.mean[0] - 6.0_f64.ln()).abs() < 1e-12);
        assert!((joint.matrix[0][0] - 0.13).abs() < 1e-12);
        assert!((joint.matrix[0][1] + 0.05).abs() < 1e-12);
    }
}
