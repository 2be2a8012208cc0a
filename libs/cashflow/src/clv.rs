//! Customer lifetime value at a constant margin and retention.
//!
//! With margin `m` per period, retention `r` and discount rate `d` per period, over an infinite
//! horizon (a horizon-free value exists only while `r < 1 + d`):
//!
//! | first payment | value |
//! |---|---|
//! | now | `m(1+d)/(1+d−r)` |
//! | in one period, certain | `m/(1+d−r)` |
//! | in one period, by those still there | `m·r/(1+d−r)` |
//!
//! (P. Pfeifer, M. Haskins, R. Conroy, Customer Lifetime Value, Journal of Managerial Issues 17,
//! 2005.) A mixture of customers is worth the mixture of their values, which is more than the
//! value at their average retention: compute per segment.

use serde::{Deserialize, Serialize};

use crate::error::{Error, checked};
use crate::rate::Rate;

/// When the first margin arrives, and who is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FirstPayment {
    /// Now, from every customer.
    Now,
    /// In one period, from every customer.
    NextCertain,
    /// In one period, from those retained until then.
    NextIfRetained,
}

/// A customer's margin and retention per period.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Customer {
    margin: f64,
    retention: f64,
    rate: Rate,
}

impl Customer {
    /// # Errors
    /// When the margin is not finite, the retention is outside [0, 1], or it is not below `1 + rate`,
    /// where the value would be infinite.
    pub fn new(margin: f64, retention: f64, rate: Rate) -> Result<Self, Error> {
        checked("margin", margin, true, "finite")?;
        let in_range = (0.0..=1.0).contains(&retention);
        checked(
            "retention",
            retention,
            in_range,
            "a probability per period, between 0 and 1",
        )?;
        let finite = retention < 1.0 + rate.value();
        checked(
            "retention",
            retention,
            finite,
            "below 1 + rate, or the value is infinite",
        )?;
        Ok(Self {
            margin,
            retention,
            rate,
        })
    }

    /// Lifetime value over an infinite horizon.
    ///
    /// ```
    /// use keepworth_cashflow::{Rate, clv::{Customer, FirstPayment}};
    /// let monthly = Rate::new(0.10)?.monthly_from_annual();
    /// let customer = Customer::new(80.0, 0.98, monthly)?;
    /// assert!((customer.lifetime_value(FirstPayment::Now) - 2_882.59).abs() < 0.005);
    /// # Ok::<(), keepworth_cashflow::Error>(())
    /// ```
    #[must_use]
    pub fn lifetime_value(&self, first: FirstPayment) -> f64 {
        let growth = 1.0 + self.rate.value();
        let per_margin = match first {
            FirstPayment::Now => growth,
            FirstPayment::NextCertain => 1.0,
            FirstPayment::NextIfRetained => self.retention,
        };
        self.margin * per_margin / (growth - self.retention)
    }

    /// Value of the first `payments` payments.
    #[must_use]
    pub fn value_within(&self, payments: u32, first: FirstPayment) -> f64 {
        self.lifetime_value(first) * (1.0 - self.kept_and_discounted().powf(f64::from(payments)))
    }

    /// When the expected discounted margin, first payment now, has paid `acquisition_cost`; none
    /// when it never does. A rate of zero gives the payback with churn alone.
    ///
    /// `m(1 − qᵗ)/(1 − q) ≥ cost` with `q = r/(1+d)`, solved for `t`.
    #[must_use]
    pub fn payback(&self, acquisition_cost: f64) -> Option<AcquisitionPayback> {
        let lifetime = self.lifetime_value(FirstPayment::Now);
        if acquisition_cost <= 0.0 {
            return Some(AcquisitionPayback {
                continuous: 0.0,
                payments: 0,
            });
        }
        if lifetime <= acquisition_cost {
            return None;
        }
        let remaining = (-acquisition_cost / lifetime).ln_1p();
        let continuous = remaining / self.kept_and_discounted().ln();
        // A solution that is whole but for rounding counts as whole.
        let payments = (continuous - 1e-9).ceil().max(1.0) as u32;
        Some(AcquisitionPayback {
            continuous,
            payments,
        })
    }

    /// `q = r/(1+d)`: the value of a unit one period from now, from one customer of today.
    fn kept_and_discounted(&self) -> f64 {
        self.retention / (1.0 + self.rate.value())
    }
}

/// When a customer's expected margin has paid what it cost to acquire them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct AcquisitionPayback {
    /// The solution in continuous payments.
    pub continuous: f64,
    /// The whole number of payments, the first of them at acquisition.
    pub payments: u32,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::flows::{Flows, Timing};

    fn customer(margin: f64, retention: f64, rate: Rate) -> Customer {
        Customer::new(margin, retention, rate).unwrap()
    }

    fn monthly() -> Rate {
        Rate::new(0.10).unwrap().monthly_from_annual()
    }

    #[track_caller]
    fn assert_near(found: f64, expected: f64, tolerance: f64) {
        assert!(
            (found - expected).abs() < tolerance,
            "{found} is not {expected}"
        );
    }

    #[test]
    fn published_values() {
        // customers.json "end-of-period": Net-4-You exercise, printed cut off after four decimals.
        let subscriber = customer(18.95, 0.788, Rate::new(0.01).unwrap());
        assert_near(
            subscriber.lifetime_value(FirstPayment::NextIfRetained),
            67.2639,
            1e-4,
        );
        // The product's metric definitions, margin 80, churn 2% a month, 10% a year.
        let base = customer(80.0, 0.98, monthly());
        assert_near(base.lifetime_value(FirstPayment::Now), 2_882.59, 0.005);
        assert_near(
            base.lifetime_value(FirstPayment::NextIfRetained),
            2_802.59,
            0.005,
        );
        assert_near(
            base.lifetime_value(FirstPayment::NextCertain),
            2_859.78,
            0.005,
        );
        let undiscounted = customer(80.0, 0.98, Rate::ZERO);
        assert_near(
            undiscounted.lifetime_value(FirstPayment::Now),
            4_000.0,
            1e-9,
        );
        assert_near(
            undiscounted.value_within(36, FirstPayment::Now),
            2_067.15,
            0.005,
        );
    }

    #[test]
    fn payback_with_churn() {
        // customers.json "payback-with-churn": 15 months with churn, 16 discounted.
        let churning = customer(80.0, 0.98, Rate::ZERO).payback(1_000.0).unwrap();
        assert_eq!(churning.payments, 15);
        assert_near(churning.continuous, 14.24, 0.005);
        let discounted = customer(80.0, 0.98, monthly());
        assert_eq!(discounted.payback(1_000.0).unwrap().payments, 16);
        assert_near(
            discounted.value_within(16, FirstPayment::Now),
            1_045.16,
            0.005,
        );
        assert_eq!(discounted.payback(3_000.0), None);
        assert_eq!(discounted.payback(80.0).unwrap().payments, 1);
    }

    #[test]
    fn average_churn_understates_a_mixed_base() {
        // customers.json "heterogeneity": half the base at 1%, half at 9% churn.
        let value =
            |churn: f64| customer(80.0, 1.0 - churn, Rate::ZERO).lifetime_value(FirstPayment::Now);
        assert_near(value(0.05), 1_600.0, 1e-9);
        assert_near(f64::midpoint(value(0.01), value(0.09)), 4_444.44, 0.005);
        let kept = f64::midpoint(0.99_f64.powi(36), 0.91_f64.powi(36));
        assert_near(kept, 0.3650, 5e-5);
    }

    #[test]
    fn reichheld_counterexample() {
        // A. Hughes on Reichheld's chart: 100,000 life policies at 1,000, commission 20% then
        // 0.5%, claims 75%. Five points more retention are worth 15%, five percent more 8%.
        let rate = Rate::new(0.07).unwrap();
        let value = |retention: [f64; 4]| {
            let mut policies = 100_000.0;
            let mut profits = vec![policies * 1_000.0 * (1.0 - 0.20 - 0.75)];
            for kept in retention {
                policies *= kept;
                profits.push(policies * 1_000.0 * (1.0 - 0.005 - 0.75));
            }
            Flows::periodic(profits, Timing::End).unwrap().npv(rate)
        };
        let retention = [0.50, 0.60, 0.65, 0.70];
        let base = value(retention);
        assert_near(base, 29_319_548.0, 1.0);
        assert_near(value(retention.map(|r| r + 0.05)) / base - 1.0, 0.151, 5e-4);
        assert_near(value(retention.map(|r| r * 1.05)) / base - 1.0, 0.082, 5e-4);
    }

    #[test]
    fn an_infinite_value_is_refused() {
        assert!(Customer::new(80.0, 1.0, Rate::ZERO).is_err());
        assert!(Customer::new(80.0, 1.1, monthly()).is_err());
    }

    proptest! {
        #[test]
        fn closed_forms_equal_the_sums(
            margin in 1.0..500.0f64, retention in 0.0..0.99f64, rate in 0.0..0.05f64, n in 1u32..60,
        ) {
            let rate = Rate::new(rate).unwrap();
            let sum: f64 = (0..n)
                .map(|t| margin * retention.powf(f64::from(t)) * rate.discount_factor(f64::from(t)))
                .sum();
            let closed = customer(margin, retention, rate).value_within(n, FirstPayment::Now);
            prop_assert!((closed - sum).abs() < 1e-9 * sum);
        }

        #[test]
        fn payback_is_the_first_payment_that_covers_the_cost(
            margin in 1.0..500.0f64, retention in 0.5..0.99f64, cost in 1.0..5_000.0f64,
        ) {
            let customer = customer(margin, retention, monthly());
            if let Some(payback) = customer.payback(cost) {
                let paid = |n| customer.value_within(n, FirstPayment::Now);
                prop_assert!(paid(payback.payments) >= cost * (1.0 - 1e-9));
                prop_assert!(paid(payback.payments - 1) < cost * (1.0 + 1e-9));
            } else {
                prop_assert!(customer.lifetime_value(FirstPayment::Now) <= cost);
            }
        }
    }
}
