//! Whether the next unit of money keeps more value than it recruits.
//!
//! Average acquisition and maintenance costs do not answer this; marginal ones do. What a
//! retention programme pays for each customer it keeps is `cost/(customers·Δchurn)`, to be held
//! against what another customer costs to win.

use serde::{Deserialize, Serialize};

use crate::error::{Error, checked};

/// What a retention programme costs and changes in one period.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RetentionProgramme {
    cost: f64,
    customers: f64,
    churn_before: f64,
    churn_after: f64,
}

impl RetentionProgramme {
    /// `cost` and both churn probabilities are per the same period.
    ///
    /// # Errors
    /// When the cost is negative, there is no customer, or a churn is outside [0, 1].
    pub fn new(
        cost: f64,
        customers: f64,
        churn_before: f64,
        churn_after: f64,
    ) -> Result<Self, Error> {
        checked("cost", cost, cost >= 0.0, "zero or more")?;
        checked("customers", customers, customers > 0.0, "above 0")?;
        for (name, churn) in [("churn_before", churn_before), ("churn_after", churn_after)] {
            let in_range = (0.0..=1.0).contains(&churn);
            checked(
                name,
                churn,
                in_range,
                "a probability per period, between 0 and 1",
            )?;
        }
        Ok(Self {
            cost,
            customers,
            churn_before,
            churn_after,
        })
    }

    /// The customers it reaches.
    #[must_use]
    pub fn customers(&self) -> f64 {
        self.customers
    }

    /// What it costs for each customer and period.
    #[must_use]
    pub fn cost_per_customer(&self) -> f64 {
        self.cost / self.customers
    }

    /// The share of customers kept per period.
    #[must_use]
    pub fn retention(&self) -> f64 {
        1.0 - self.churn_after
    }

    /// The fall in churn per period, a fraction; negative when churn rises.
    #[must_use]
    pub fn churn_fall(&self) -> f64 {
        self.churn_before - self.churn_after
    }

    /// Standard error of the fall in churn, when both are shares of as many customers:
    /// `√((p₁(1−p₁) + p₂(1−p₂))/n)`.
    #[must_use]
    pub fn sampling_error(&self) -> f64 {
        let variance = |churn: f64| churn * (1.0 - churn);
        ((variance(self.churn_before) + variance(self.churn_after)) / self.customers).sqrt()
    }

    /// Customers kept who would have left; negative when churn rises.
    #[must_use]
    pub fn customers_saved(&self) -> f64 {
        self.customers * self.churn_fall()
    }

    /// Cost for each customer kept; none when none is.
    #[must_use]
    pub fn cost_per_saved(&self) -> Option<f64> {
        let saved = self.customers_saved();
        (saved > 0.0).then(|| self.cost / saved)
    }

    /// The same programme had churn fallen by `more` (a fraction) than it did, within [0, 1].
    #[must_use]
    pub fn with_churn_lower_by(self, more: f64) -> Self {
        let churn_after = (self.churn_after - more).clamp(0.0, 1.0);
        Self {
            churn_after,
            ..self
        }
    }

    /// The fall in churn per period (a fraction: 0.04 is four points) at which keeping a customer costs
    /// as much as recruiting one.
    ///
    /// # Errors
    /// When `acquisition_cost` is not positive.
    pub fn break_even_churn_change(&self, acquisition_cost: f64) -> Result<f64, Error> {
        checked(
            "acquisition_cost",
            acquisition_cost,
            acquisition_cost > 0.0,
            "above 0",
        )?;
        Ok(self.cost / (acquisition_cost * self.customers))
    }
}

/// What to do with the next unit of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Keeping one more customer costs less than they are worth and than recruiting one.
    KeepMore,
    /// Recruiting one more customer costs less than they are worth and than keeping one.
    AcquireMore,
    /// One more customer costs more than they are worth, either way.
    Neither,
}

impl Verdict {
    /// The verdict from the marginal cost to keep, the marginal cost to acquire and the lifetime
    /// value of a customer, all in money per customer. Equal costs speak for keeping. Amounts that
    /// differ by less than [`TIE`] of themselves are equal: the last bit of a quotient decides
    /// nothing.
    ///
    /// An infinite or undefined marginal cost (nothing is gained by spending) is never worth it.
    #[must_use]
    pub fn from_marginal(keep: f64, acquire: f64, clv: f64) -> Self {
        let (keep_pays, acquire_pays) = (is_below(keep, clv), is_below(acquire, clv));
        match (keep_pays, acquire_pays) {
            (true, true) if is_below(acquire, keep) => Self::AcquireMore,
            (true, _) => Self::KeepMore,
            (false, true) => Self::AcquireMore,
            (false, false) => Self::Neither,
        }
    }
}

/// Amounts that differ by less than this part of the larger one are equal.
pub const TIE: f64 = 1e-9;

/// Whether two amounts are equal as far as verdicts go.
#[must_use]
pub fn is_tie(one: f64, other: f64) -> bool {
    let apart = (one - other).abs();
    one == other || apart.is_finite() && apart <= TIE * one.abs().max(other.abs())
}

fn is_below(one: f64, other: f64) -> bool {
    one < other && !is_tie(one, other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recruiting_can_be_cheaper() {
        // customers.json keep_or_acquire: 200,000 a year, 5,000 customers, churn 20% to 17%.
        let programme = RetentionProgramme::new(200_000.0, 5_000.0, 0.20, 0.17).unwrap();
        assert!((programme.customers_saved() - 150.0).abs() < 1e-9);
        assert_eq!(programme.cost_per_customer(), 40.0);
        assert_eq!(programme.retention(), 0.83);
        // √((0.2·0.8 + 0.17·0.83)/5,000)
        assert!((programme.sampling_error() - 0.007_760).abs() < 1e-6);
        let cost = programme.cost_per_saved().unwrap();
        assert!((cost - 1_333.33).abs() < 0.005);
        let points = programme.break_even_churn_change(1_000.0).unwrap() * 100.0;
        assert!((points - 4.0).abs() < 1e-12);
        assert_eq!(
            Verdict::from_marginal(cost, 1_000.0, 2_000.0),
            Verdict::AcquireMore
        );
        let at_break_even = RetentionProgramme::new(200_000.0, 5_000.0, 0.20, 0.16).unwrap();
        assert!((at_break_even.cost_per_saved().unwrap() - 1_000.0).abs() < 1e-9);
        assert_eq!(
            programme.with_churn_lower_by(0.17),
            programme.with_churn_lower_by(0.5)
        );
        assert_eq!(programme.with_churn_lower_by(-0.1).cost_per_saved(), None);
    }

    #[test]
    fn verdict_follows_the_margin() {
        assert_eq!(
            Verdict::from_marginal(500.0, 800.0, 2_000.0),
            Verdict::KeepMore
        );
        assert_eq!(
            Verdict::from_marginal(500.0, 800.0, 400.0),
            Verdict::Neither
        );
        assert_eq!(
            Verdict::from_marginal(f64::INFINITY, 800.0, 900.0),
            Verdict::AcquireMore
        );
        assert_eq!(
            Verdict::from_marginal(500.0, f64::NAN, 900.0),
            Verdict::KeepMore
        );
        assert_eq!(
            Verdict::from_marginal(f64::NAN, f64::NAN, 900.0),
            Verdict::Neither
        );
    }

    #[test]
    fn the_last_bit_decides_nothing() {
        // 0.1 + 0.2 is one bit more than 0.3.
        let (one, other) = (1_000.0 * (0.1 + 0.2), 1_000.0 * 0.3);
        assert!(one != other && is_tie(one, other));
        for (keep, acquire) in [(one, other), (other, one)] {
            assert_eq!(
                Verdict::from_marginal(keep, acquire, 900.0),
                Verdict::KeepMore
            );
        }
        assert_eq!(Verdict::from_marginal(one, 800.0, other), Verdict::Neither);
        assert!(!is_tie(300.0, 300.001) && !is_tie(300.0, f64::INFINITY));
        assert!(is_tie(f64::INFINITY, f64::INFINITY));
    }

    #[test]
    fn a_programme_that_keeps_nobody_has_no_cost_per_saved() {
        let harmful = RetentionProgramme::new(1.0, 10.0, 0.1, 0.2).unwrap();
        assert_eq!(harmful.cost_per_saved(), None);
        assert!(RetentionProgramme::new(1.0, 0.0, 0.1, 0.1).is_err());
        assert!(RetentionProgramme::new(1.0, 1.0, 10.0, 0.1).is_err());
        assert!(harmful.break_even_churn_change(0.0).is_err());
    }
}
