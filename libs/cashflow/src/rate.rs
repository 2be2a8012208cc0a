//! Rates per period and the conversions between them.
//!
//! - another period: `(1+r)^(1/n) − 1` and back, `(1+r)^n − 1`;
//! - inflation (Fisher): `1 + nominal = (1 + real)(1 + inflation)`;
//! - a probability per period over `n` periods: `1 − (1−p)^n`, never `n·p`.

use serde::{Deserialize, Serialize};

use crate::error::{Error, checked};

/// A rate of return, discount or inflation **per period**, as a fraction: 0.10 is ten percent.
///
/// Always finite and above −1, so that `1 + r` can be raised to any power. What a period is
/// (month, year) is the caller's convention: rate and flows must share it.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Rate(f64);

impl Rate {
    /// No discounting.
    pub const ZERO: Self = Self(0.0);

    /// # Errors
    /// When `rate` is not finite or not above −1.
    pub fn new(rate: f64) -> Result<Self, Error> {
        checked(
            "rate",
            rate,
            rate > -1.0,
            "above -1, as a fraction (0.10 for ten percent)",
        )
        .map(Self)
    }

    /// The rate as a fraction per period.
    #[must_use]
    pub fn value(self) -> f64 {
        self.0
    }

    /// `(1+r)^(−t)`: what one unit, `periods` from now, is worth now.
    #[must_use]
    pub fn discount_factor(self, periods: f64) -> f64 {
        (1.0 + self.0).powf(-periods)
    }

    /// `(1+r)^t`: what one unit grows to in `periods`.
    #[must_use]
    pub fn growth_factor(self, periods: f64) -> f64 {
        (1.0 + self.0).powf(periods)
    }

    /// The equivalent monthly rate of an annual one, `(1+r)^(1/12) − 1`.
    ///
    /// ```
    /// # use keepworth_cashflow::Rate;
    /// let annual = Rate::new(0.10)?;
    /// assert!((annual.monthly_from_annual().value() - 0.007_974_140_4).abs() < 1e-10);
    /// # Ok::<(), keepworth_cashflow::Error>(())
    /// ```
    #[must_use]
    pub fn monthly_from_annual(self) -> Self {
        self.over(1.0 / 12.0)
    }

    /// The equivalent annual rate of a monthly one, `(1+r)^12 − 1`.
    #[must_use]
    pub fn annual_from_monthly(self) -> Self {
        self.over(12.0)
    }

    /// The equivalent rate of `periods` periods, also of a part of one: `(1+r)^n − 1`.
    #[must_use]
    pub fn over(self, periods: f64) -> Self {
        Self((self.0.ln_1p() * periods).exp_m1())
    }

    /// The real rate behind a nominal one (Fisher): `(1+nominal)/(1+inflation) − 1`.
    #[must_use]
    pub fn real(self, inflation: Self) -> Self {
        Self((1.0 + self.0) / (1.0 + inflation.0) - 1.0)
    }

    /// The nominal rate of a real one (Fisher): `(1+real)(1+inflation) − 1`.
    #[must_use]
    pub fn nominal(self, inflation: Self) -> Self {
        Self((1.0 + self.0) * (1.0 + inflation.0) - 1.0)
    }
}

impl TryFrom<f64> for Rate {
    type Error = Error;

    fn try_from(rate: f64) -> Result<Self, Error> {
        Self::new(rate)
    }
}

impl From<Rate> for f64 {
    fn from(rate: Rate) -> Self {
        rate.0
    }
}

/// Amounts in today's prices turned into the prices of their own period:
/// `real[t]·(1+inflation)^t`, where `real[0]` is now.
#[must_use]
pub fn inflate(real: &[f64], inflation: Rate) -> Vec<f64> {
    let mut growth = 1.0;
    real.iter()
        .map(|amount| {
            let nominal = amount * growth;
            growth *= 1.0 + inflation.0;
            nominal
        })
        .collect()
}

/// The probability that something with `probability` per period happens within `periods`:
/// `1 − (1−p)^n`. Twelve months of 2% churn are 21.5% a year, not 24%.
///
/// # Errors
/// When `probability` is outside [0, 1].
pub fn compound_probability(probability: f64, periods: u32) -> Result<f64, Error> {
    let in_range = (0.0..=1.0).contains(&probability);
    let p = checked("probability", probability, in_range, "between 0 and 1")?;
    Ok(-(f64::from(periods) * (-p).ln_1p()).exp_m1())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_of_minus_one_or_nan_is_refused_and_named() {
        for bad in [-1.0, -3.0, f64::NAN, f64::INFINITY] {
            assert!(Rate::new(bad).is_err(), "{bad}");
        }
        assert_eq!(
            Rate::new(-1.0).unwrap_err().to_string(),
            "rate is -1; it must be above -1, as a fraction (0.10 for ten percent)"
        );
    }

    #[test]
    fn month_and_year_are_inverse() {
        let annual = Rate::new(0.10).unwrap();
        let back = annual.monthly_from_annual().annual_from_monthly();
        assert!((back.value() - 0.10).abs() < 1e-15);
    }

    #[test]
    fn monthly_churn_is_compounded_to_a_year() {
        // customers.json "annualise": 2% a month is 21.5283% a year.
        assert!((compound_probability(0.02, 12).unwrap() - 0.215_283).abs() < 5e-7);
        assert!(compound_probability(1.5, 12).is_err());
        assert_eq!(compound_probability(1.0, 3).unwrap(), 1.0);
    }

    #[test]
    fn real_rate_and_deflated_flows_give_the_nominal_value() {
        let (nominal, inflation) = (Rate::new(0.10).unwrap(), Rate::new(0.05).unwrap());
        let real = nominal.real(inflation);
        assert!((real.nominal(inflation).value() - 0.10).abs() < 1e-15);
        let flows = [-100.0, 60.0, 70.0];
        let of = |flows: &[f64], rate: Rate| -> f64 {
            flows
                .iter()
                .enumerate()
                .map(|(t, c)| c * rate.discount_factor(t as f64))
                .sum()
        };
        assert!((of(&flows, real) - of(&inflate(&flows, inflation), nominal)).abs() < 1e-12);
    }
}
