//! Payback: when the money is back for good.
//!
//! The **last** time the cumulative flow turns from negative to not negative, counted from now and,
//! interpolated in a straight line, where inside the period that moment lies. Money that came back
//! once and has to be put in again is not back. A series that is negative at its end is never paid
//! back, and one that is never negative has nothing to pay back: both are values of their own, not
//! large or small numbers. Periods are whole ones whatever the [`Timing`](crate::Timing).
//!
//! Discounted payback is the same rule on the discounted flows, so that it is never where the NPV
//! is negative, and only there.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::flows::Flows;
use crate::rate::Rate;

/// Whether and when the cumulative flow is back at zero for good.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum Payback {
    /// The cumulative flow is never negative: no money is ever out.
    NothingToPayBack,
    /// It was negative, and from this moment on it is not any more.
    PaidBack(Recovery),
    /// It is negative at the end, whatever came between.
    Never,
}

/// The moment from which the cumulative flow stays at or above zero.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Recovery {
    /// The flow that brings it there: the whole period from now, for periodic flows. Never 0.
    pub flow: usize,
    /// The moment, in periods (years, if dated), interpolated between this flow and the one before.
    pub periods: f64,
}

impl Payback {
    /// The moment of payback; none where there is nothing to pay back, and where it never comes.
    #[must_use]
    pub fn recovery(self) -> Option<Recovery> {
        match self {
            Self::PaidBack(recovery) => Some(recovery),
            Self::NothingToPayBack | Self::Never => None,
        }
    }

    /// Periods until the money is back, as [`Recovery::periods`].
    #[must_use]
    pub fn periods(self) -> Option<f64> {
        self.recovery().map(|recovery| recovery.periods)
    }
}

/// The periods to three digits, or the reason why there are none.
impl fmt::Display for Payback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NothingToPayBack => f.write_str("nothing to pay back"),
            Self::PaidBack(Recovery { periods, .. }) => write!(f, "{periods:.3}"),
            Self::Never => f.write_str("never"),
        }
    }
}

impl Flows<'_> {
    /// Payback without discounting.
    #[must_use]
    pub fn payback(&self) -> Payback {
        last_recovery(&self.cumulative(self.amounts()))
    }

    /// Payback of the discounted flows: never exactly where the NPV is negative (but for rounding).
    #[must_use]
    pub fn discounted_payback(&self, rate: Rate) -> Payback {
        last_recovery(&self.cumulative(&self.discounted(rate)))
    }

    /// The deepest point of the cumulative flow, as a positive amount: the most money that is
    /// out at any time. Zero when the flows never go below zero.
    #[must_use]
    pub fn peak_funding(&self) -> f64 {
        let points = self.cumulative(self.amounts());
        // Adding 0 turns −0 into 0.
        points.iter().map(|point| -point.sum).fold(0.0, f64::max) + 0.0
    }

    /// The first flow at which the money is out once more after it had come back.
    pub(crate) fn second_outlay(&self) -> Option<usize> {
        let points = self.cumulative(self.amounts());
        let (mut out, mut back) = (false, false);
        let again = |point: &&Point| {
            let negative = point.sum < 0.0;
            back |= out && !negative;
            out |= negative;
            back && negative
        };
        points.iter().find(again).map(|point| point.flow)
    }

    /// The sum of `amounts` up to each distinct time. What rounding alone leaves of zero is zero.
    fn cumulative(&self, amounts: &[f64]) -> Vec<Point> {
        let rounding = 1e-13 * amounts.iter().map(|amount| amount.abs()).sum::<f64>();
        let mut sum = 0.0;
        let mut points: Vec<Point> = Vec::with_capacity(amounts.len());
        for (flow, amount) in amounts.iter().enumerate() {
            sum += amount;
            let at = self.arrival(flow);
            let sum = if sum.abs() <= rounding { 0.0 } else { sum };
            let point = Point { flow, at, sum };
            match points.last_mut() {
                // Flows of one day are there together.
                Some(last) if last.at >= at => *last = point,
                _ => points.push(point),
            }
        }
        points
    }
}

/// The cumulative flow at one time.
struct Point {
    flow: usize,
    at: f64,
    sum: f64,
}

fn last_recovery(points: &[Point]) -> Payback {
    match points.iter().rposition(|point| point.sum < 0.0) {
        None => Payback::NothingToPayBack,
        Some(last) if last + 1 == points.len() => Payback::Never,
        Some(last) => {
            let (from, to) = (&points[last], &points[last + 1]);
            let share = -from.sum / (to.sum - from.sum);
            Payback::PaidBack(Recovery {
                flow: to.flow,
                periods: from.at + (to.at - from.at) * share,
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use proptest::prelude::*;

    use super::*;
    use crate::flows::Timing;

    const TIMINGS: [Timing; 4] = [Timing::End, Timing::Mid, Timing::Start, Timing::Tei];

    fn flows(amounts: &[f64]) -> Flows<'_> {
        Flows::periodic(amounts, Timing::End).unwrap()
    }

    fn rate(value: f64) -> Rate {
        Rate::new(value).unwrap()
    }

    fn paid_back(flow: usize, periods: f64) -> Payback {
        Payback::PaidBack(Recovery { flow, periods })
    }

    #[test]
    fn payback_is_interpolated_and_never_is_a_value() {
        // cashflow.json payback-discounted-1 and -2.
        let slow = flows(&[-1_000.0, 400.0, 400.0, 400.0]);
        assert_eq!(slow.payback(), paid_back(3, 2.5));
        assert_eq!(slow.discounted_payback(rate(0.10)), Payback::Never);
        let quick = flows(&[-1_000.0, 500.0, 500.0, 500.0]);
        assert_eq!(quick.payback(), paid_back(2, 2.0));
        let discounted = quick.discounted_payback(rate(0.10)).periods().unwrap();
        assert!((discounted - 2.352).abs() < 5e-4);
    }

    #[test]
    fn programme_vector() {
        // cashflow.json programme-1, thousands.
        let flows = flows(&[-400.0, 130.0, 340.0, 390.0]);
        assert!((flows.payback().periods().unwrap() - 1.794).abs() < 5e-4);
        let discounted = flows.discounted_payback(rate(0.10)).recovery().unwrap();
        assert!((discounted.periods - 2.0028).abs() < 5e-5);
        assert_eq!((discounted.flow, flows.peak_funding()), (3, 400.0));
    }

    /// Before a cent is spent nothing is paid back: 3.5 periods from now, whatever the timing.
    #[test]
    fn time_before_the_first_outlay_counts() {
        for timing in TIMINGS {
            let flows = Flows::periodic(vec![0.0, -1_000.0, 400.0, 400.0, 400.0], timing).unwrap();
            assert_eq!(flows.payback(), paid_back(4, 3.5), "{timing}");
            assert_eq!(flows.second_outlay(), None);
        }
        // At 5%: 952.380952 out, then 362.811791, 345.535039 and 329.080990 back.
        let late = flows(&[0.0, -1_000.0, 400.0, 400.0, 400.0]);
        let discounted = late.discounted_payback(rate(0.05)).periods().unwrap();
        assert!((discounted - 3.741_562_5).abs() < 1e-7, "{discounted}");
    }

    #[test]
    fn a_second_outlay_is_paid_back_too() {
        let recovered = flows(&[-100.0, 150.0, -100.0, 30.0, 40.0]);
        assert_eq!(recovered.payback(), paid_back(4, 3.5));
        assert_eq!(recovered.second_outlay(), Some(2));
        let lost = flows(&[-100.0, 150.0, -100.0, 30.0]);
        assert_eq!(lost.payback(), Payback::Never);
        assert_eq!(lost.second_outlay(), Some(2));
    }

    #[test]
    fn nothing_spent_is_nothing_to_pay_back() {
        let gain = flows(&[100.0, 50.0]);
        assert_eq!(gain.payback(), Payback::NothingToPayBack);
        assert_eq!(gain.peak_funding(), 0.0);
        assert_eq!(flows(&[0.0, 0.0]).payback(), Payback::NothingToPayBack);
        assert_eq!(flows(&[0.0, -1.0]).payback(), Payback::Never);
        // 0.3 − (0.1 + 0.2) is a little below zero, and 1100/1.1 not quite 1000.
        assert_eq!(flows(&[-0.1, -0.2, 0.3]).payback(), paid_back(2, 2.0));
        let even = flows(&[-1_000.0, 1_100.0]).discounted_payback(rate(0.10));
        assert!((even.periods().unwrap() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn flows_of_one_day_are_there_together() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let together = [(day("2026-01-01"), -100.0), (day("2026-01-01"), 120.0)];
        let flows = Flows::dated(&together).unwrap();
        assert_eq!(
            (flows.payback(), flows.peak_funding()),
            (Payback::NothingToPayBack, 0.0)
        );
        let apart = [(day("2026-01-01"), -100.0), (day("2027-01-01"), 200.0)];
        assert_eq!(Flows::dated(&apart).unwrap().payback(), paid_back(1, 0.5));
    }

    #[test]
    fn every_outcome_has_its_words() {
        let words = [Payback::NothingToPayBack, paid_back(4, 3.5), Payback::Never];
        let words = words.map(|payback| payback.to_string());
        assert_eq!(words, ["nothing to pay back", "3.500", "never"]);
    }

    proptest! {
        #[test]
        fn payback_is_the_last_turn(
            amounts in prop::collection::vec(-100.0..100.0f64, 1..30),
        ) {
            let flows = flows(&amounts);
            let sum = |n: usize| amounts[..n].iter().sum::<f64>();
            match flows.payback() {
                Payback::PaidBack(Recovery { flow, periods }) => {
                    prop_assert!((flow - 1) as f64 <= periods && periods <= flow as f64);
                    prop_assert!(sum(flow) < 0.0);
                    prop_assert!((flow + 1..=amounts.len()).all(|n| sum(n) > -1e-9));
                }
                Payback::NothingToPayBack => prop_assert_eq!(flows.peak_funding(), 0.0),
                Payback::Never => prop_assert!(sum(amounts.len()) < 0.0),
            }
        }

        /// Discounted payback says of the whole what the NPV says, for every timing; and a flow
        /// that moves with all others moves the payback by as much.
        #[test]
        fn payback_and_value_agree(
            amounts in prop::collection::vec(-100.0..100.0f64, 1..30),
            at in 0.0..0.3f64,
            timing in 0usize..4,
            lead in 1usize..5,
        ) {
            let flows = Flows::periodic(&amounts, TIMINGS[timing]).unwrap();
            let value = flows.npv(rate(at));
            if value.abs() > 1e-9 {
                let never = flows.discounted_payback(rate(at)) == Payback::Never;
                prop_assert_eq!(never, value < 0.0);
            }
            let later = [&vec![0.0; lead], &amounts[..]].concat();
            let later = Flows::periodic(later, TIMINGS[timing]).unwrap().payback();
            match (flows.payback(), later) {
                (Payback::PaidBack(now), Payback::PaidBack(later)) => {
                    prop_assert_eq!(now.flow + lead, later.flow);
                    prop_assert!((now.periods + lead as f64 - later.periods).abs() < 1e-9);
                }
                (now, later) => prop_assert_eq!(now, later),
            }
        }
    }
}
