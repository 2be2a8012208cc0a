//! Payback: when the money is back.
//!
//! The first moment at which the cumulative flow is not negative, and, interpolated in a
//! straight line, where inside the period that moment lies. A series that never gets there has
//! no payback, which is a value (`None`), not a large number.

use serde::{Deserialize, Serialize};

use crate::flows::Flows;
use crate::rate::Rate;

/// When the cumulative flow first reaches zero.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Payback {
    /// The first flow whose cumulative sum is not negative: whole periods, for periodic flows.
    pub flow: usize,
    /// The moment, in periods (years, if dated), interpolated between the last two flows.
    pub periods: f64,
}

impl Flows<'_> {
    /// Payback without discounting; none when the money never comes back.
    #[must_use]
    pub fn payback(&self) -> Option<Payback> {
        self.first_recovery(self.amounts().iter().copied())
    }

    /// Payback of the discounted flows; none when the money never comes back.
    #[must_use]
    pub fn discounted_payback(&self, rate: Rate) -> Option<Payback> {
        self.first_recovery(self.discounted(rate).into_iter())
    }

    /// The deepest point of the cumulative flow, as a positive amount: the most money that is
    /// out at any time. Zero when the flows never go below zero.
    #[must_use]
    pub fn peak_funding(&self) -> f64 {
        let mut cumulative = 0.0;
        let depths = self.amounts().iter().map(|amount| {
            cumulative += amount;
            -cumulative
        });
        depths.fold(0.0, f64::max)
    }

    fn first_recovery(&self, amounts: impl Iterator<Item = f64>) -> Option<Payback> {
        let mut before = 0.0;
        for (k, amount) in amounts.enumerate() {
            let cumulative = before + amount;
            if cumulative >= 0.0 {
                return Some(Payback {
                    flow: k,
                    periods: self.moment(k, before, amount),
                });
            }
            before = cumulative;
        }
        None
    }

    /// When, on the way to flow `k`, a deficit of `−before` is made good by `amount`.
    fn moment(&self, k: usize, before: f64, amount: f64) -> f64 {
        if k == 0 {
            return self.arrival(0);
        }
        let start = self.arrival(k - 1);
        start + (self.arrival(k) - start) * (-before / amount)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::flows::Timing;

    fn flows(amounts: &[f64]) -> Flows<'_> {
        Flows::periodic(amounts, Timing::End).unwrap()
    }

    fn ten_percent() -> Rate {
        Rate::new(0.10).unwrap()
    }

    #[test]
    fn payback_is_interpolated_and_never_is_a_value() {
        // cashflow.json payback-discounted-1 and -2.
        let slow = flows(&[-1_000.0, 400.0, 400.0, 400.0]);
        assert_eq!(
            slow.payback(),
            Some(Payback {
                flow: 3,
                periods: 2.5
            })
        );
        assert_eq!(slow.discounted_payback(ten_percent()), None);
        let quick = flows(&[-1_000.0, 500.0, 500.0, 500.0]);
        assert_eq!(quick.payback().unwrap().periods, 2.0);
        assert_eq!(quick.payback().unwrap().flow, 2);
        let discounted = quick.discounted_payback(ten_percent()).unwrap();
        assert!((discounted.periods - 2.352).abs() < 5e-4);
    }

    #[test]
    fn programme_vector() {
        // cashflow.json programme-1, thousands.
        let flows = flows(&[-400.0, 130.0, 340.0, 390.0]);
        assert!((flows.payback().unwrap().periods - 1.794).abs() < 5e-4);
        let discounted = flows.discounted_payback(ten_percent()).unwrap();
        assert!((discounted.periods - 2.0028).abs() < 5e-5);
        assert_eq!((discounted.flow, flows.peak_funding()), (3, 400.0));
    }

    #[test]
    fn nothing_spent_is_paid_back_at_once() {
        assert_eq!(
            flows(&[100.0, 50.0]).payback(),
            Some(Payback {
                flow: 0,
                periods: 0.0
            })
        );
        assert_eq!(flows(&[100.0, 50.0]).peak_funding(), 0.0);
    }

    proptest! {
        #[test]
        fn payback_lies_in_the_period_it_names(
            amounts in prop::collection::vec(-100.0..100.0f64, 1..30),
        ) {
            let flows = flows(&amounts);
            match flows.payback() {
                Some(Payback { flow: 0, periods }) => prop_assert_eq!(periods, 0.0),
                Some(Payback { flow, periods }) => {
                    prop_assert!((flow - 1) as f64 <= periods && periods <= flow as f64);
                    let sum = |n: usize| amounts[..n].iter().sum::<f64>();
                    prop_assert!((1..=flow).all(|n| sum(n) < 0.0) && sum(flow + 1) >= -1e-9);
                }
                None => prop_assert!(flows.peak_funding() > 0.0),
            }
        }
    }
}
