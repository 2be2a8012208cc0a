//! Exact quotients: kept as two whole numbers until a person reads them.

use serde::Serialize;

/// An exact quotient, as it is reported: never rounded before it is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Ratio {
    /// What is counted.
    pub numerator: i128,
    /// Out of what.
    pub denominator: i128,
}

impl Ratio {
    /// The quotient; none when the denominator is not positive.
    #[must_use]
    pub fn value(&self) -> Option<f64> {
        (self.denominator > 0).then(|| self.numerator as f64 / self.denominator as f64)
    }

    /// The same with a denominator that was given in `scale`ths.
    #[must_use]
    pub fn scaled(self, scale: i64) -> Self {
        Self {
            numerator: self.numerator * i128::from(scale),
            ..self
        }
    }

    /// The quotient as whole minor units, half to even; none when the denominator is not positive.
    #[must_use]
    pub fn minor(&self) -> Option<i64> {
        divide_half_even(self.numerator, self.denominator)
    }
}

/// `numerator/denominator` to the nearest whole number, half to even.
///
/// None when the denominator is not positive or the result does not fit.
#[must_use]
pub fn divide_half_even(numerator: i128, denominator: i128) -> Option<i64> {
    i64::try_from(quotient_half_even(numerator, denominator)?).ok()
}

/// The same, however large; none when the denominator is not positive.
#[must_use]
pub fn quotient_half_even(numerator: i128, denominator: i128) -> Option<i128> {
    if denominator <= 0 {
        return None;
    }
    let (floor, rest) = (
        numerator.div_euclid(denominator),
        numerator.rem_euclid(denominator),
    );
    let up = match rest.cmp(&(denominator - rest)) {
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Equal => floor % 2 != 0,
        std::cmp::Ordering::Greater => true,
    };
    Some(floor + i128::from(up))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_is_half_to_even() {
        let rounded = [5, 15, 25, -5, -15, 16].map(|n| divide_half_even(n, 10).unwrap());
        assert_eq!(rounded, [0, 2, 2, 0, -2, 2]);
        assert_eq!(divide_half_even(1, -1), None);
    }

    #[test]
    fn a_rate_is_not_rounded_before_it_is_divided_by() {
        // Stripe, Billing analytics: lifetime value 500/(10/110) is 5,500.00, not 5,555.56.
        let churn = Ratio {
            numerator: 10,
            denominator: 110,
        };
        let lifetime = Ratio {
            numerator: 500 * churn.denominator,
            denominator: churn.numerator,
        };
        assert_eq!(
            (lifetime.minor(), lifetime.value()),
            (Some(5_500), Some(5_500.0))
        );
        assert_eq!(
            Ratio {
                numerator: 1,
                denominator: 0
            }
            .value(),
            None
        );
    }
}
