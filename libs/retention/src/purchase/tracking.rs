//! Purchases over calendar time, as they were made and as a model expects them.
//!
//! Customers start at different times. Counted from the first purchase of the earliest, one who has been
//! known for `T` of the longest `T` started at `max T − T`; all of them together are expected to have made
//! `Σ E[X(t − start)]` repeat purchases by `t` (the tracking plot of Fader, Hardie & Lee 2005, figure 4).
//! It shows what counts of customers cannot: a season, a campaign, a forecast that runs off.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::Hash;

use num_dual::DualSVec64;
use serde::Serialize;

use crate::fit::Estimate;
use crate::optimise::Range;

use super::{Histories, PurchaseError, PurchaseFit, RfmTerms, Summariser, measured, positive};

/// Repeat purchases of all customers in one period of calendar time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RepeatPurchases {
    /// End of the period, in time units since the first purchase of the earliest customer.
    pub t: f64,
    /// Repeat purchases in it, first ones not counted.
    pub repeat_purchases: f64,
}

/// Repeat purchases of all customers up to a time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Tracked {
    /// Time units since the first purchase of the earliest customer.
    pub t: f64,
    /// Repeat purchases made by then.
    pub actual: f64,
    /// Repeat purchases expected by then.
    pub expected: Estimate,
}

impl PurchaseFit {
    /// Cumulative repeat purchases of the customers who were fitted, period by period, beside those
    /// expected of them. Periods may go on beyond what was fitted: those are forecast.
    ///
    /// All customers must have been observed until the same day, as a summary of one log has them. The
    /// interval is that of the expectation, not of the purchases themselves.
    ///
    /// # Errors
    /// Without customers; when times do not rise from above 0, or purchases are negative; in BG/BB when a
    /// time is no whole number of periods.
    pub fn track(
        &self,
        customers: &Histories,
        purchases: &[RepeatPurchases],
    ) -> Result<Vec<Tracked>, PurchaseError> {
        let starts = starts(customers)?;
        let (mut actual, mut before) = (0.0, 0.0);
        let track = |period: &RepeatPurchases| {
            let t = positive("t", self.model.time("t", period.t)?)?;
            if t <= before {
                return Err(PurchaseError::NotInOrder { t, before });
            }
            before = t;
            actual += measured("repeat purchases", period.repeat_purchases)?;
            let expected = self.derive(Range::Positive, |model| {
                let known = starts.iter().take_while(|(start, _)| *start < t);
                known.fold(DualSVec64::from(0.0), |sum, (start, customers)| {
                    sum + model.purchases(t - start) * *customers
                })
            });
            Ok(Tracked {
                t,
                actual,
                expected,
            })
        };
        purchases.iter().map(track).collect()
    }
}

/// When customers started, in rising order, and how many.
fn starts(customers: &Histories) -> Result<Vec<(f64, f64)>, PurchaseError> {
    let groups = customers.groups();
    let longest = groups.iter().map(|(history, _)| history.age());
    let longest = longest.fold(0.0, f64::max);
    let mut starts: BTreeMap<u64, f64> = BTreeMap::new();
    for (history, customers) in groups {
        // Non-negative floats order as their bits do.
        *starts
            .entry((longest - history.age()).to_bits())
            .or_default() += customers;
    }
    if starts.values().sum::<f64>() <= 0.0 {
        return Err(PurchaseError::Empty);
    }
    let starts = starts.into_iter();
    Ok(starts.map(|(bits, n)| (f64::from_bits(bits), n)).collect())
}

impl<K: Hash + Ord> Summariser<K> {
    /// Repeat purchases of those who bought by the end of calibration, in each whole period from the first
    /// purchase of the earliest to the end of observation; to be tracked beside what a model expects.
    pub fn repeat_purchases(&self, terms: RfmTerms) -> Vec<RepeatPurchases> {
        let end = terms.calibration_end.unwrap_or(terms.observation_end);
        let days = |days: &Vec<(i32, f64)>| -> BTreeSet<i32> {
            let days = days.iter().map(|(day, _)| *day);
            days.filter(|day| *day <= terms.observation_end).collect()
        };
        let customers: Vec<BTreeSet<i32>> = (self.customers.values().map(days))
            .filter(|days| days.first().is_some_and(|first| *first <= end))
            .collect();
        let Some(origin) = customers.iter().filter_map(|days| days.first()).min() else {
            return Vec::new();
        };
        let since = |day: i32| (f64::from(day) - f64::from(*origin)) / terms.unit_days;
        let mut counts = vec![0.0; since(terms.observation_end).max(0.0) as usize];
        for day in customers.iter().flat_map(|days| days.iter().skip(1)) {
            let period = since(*day).ceil() as usize;
            if let Some(count) = counts.get_mut(period.saturating_sub(1)) {
                *count += 1.0;
            }
        }
        let periods = counts.into_iter().enumerate();
        let period = |(before, repeat_purchases)| RepeatPurchases {
            t: before as f64 + 1.0,
            repeat_purchases,
        };
        periods.map(period).collect()
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::ChaCha8Rng;

    use super::super::life::Life;
    use super::super::*;
    use super::*;

    /// Customers who start over the first 13 of 39 weeks, and go on for as long again.
    fn cohort(model: Model, truth: [f64; 4], step: f64) -> (Histories, Vec<RepeatPurchases>) {
        let mut rng = ChaCha8Rng::seed_from_u64(21);
        let (mut customers, mut counts) = (Histories::default(), vec![0.0; 78]);
        for i in 0..6_000 {
            let start = f64::from(i % 13) * step;
            let life = Life::new(model, truth, 78.0 - start, &mut rng);
            customers.add(life.history(39.0 - start), 1.0).unwrap();
            for at in &life.purchases {
                counts[(start + at).ceil() as usize - 1] += 1.0;
            }
        }
        let periods = counts.into_iter().enumerate();
        let period = |(week, repeat_purchases)| RepeatPurchases {
            t: week as f64 + 1.0,
            repeat_purchases,
        };
        (customers, periods.map(period).collect())
    }

    /// A model that is true keeps track of its customers, and of what they do afterwards.
    #[test]
    fn a_true_model_tracks_a_staggered_cohort() {
        for (model, truth, step) in [
            (Model::BgNbd, [0.8, 5.0, 0.9, 2.5], 0.97),
            (Model::ParetoNbd, [0.9, 8.0, 0.8, 14.0], 0.97),
            (Model::BgBb, [1.2, 0.75, 0.66, 2.8], 1.0),
        ] {
            let (customers, purchases) = cohort(model, truth, step);
            let fitted = fit(model, &customers).unwrap();
            let tracked = fitted.track(&customers, &purchases).unwrap();
            let gap = |it: &Tracked| (it.expected.value / it.actual - 1.0).abs();
            assert!(tracked[8..39].iter().all(|it| gap(it) < 0.05), "{model:?}");
            assert!(gap(&tracked[77]) < 0.05, "{model:?} {:?}", tracked[77]);
            // At the end of observation it is the figure that every fit carries.
            let of_all = fitted.hand_over().data["expected_repeat_purchases"];
            assert!((tracked[38].expected.value - of_all).abs() < 1e-6 * of_all);
            assert_eq!(tracked[38].actual, fitted.hand_over().events);
        }
    }

    #[test]
    fn a_log_is_counted_by_period() {
        let mut log = Summariser::default();
        for (customer, day) in [
            ("a", 100),
            ("a", 107),
            ("a", 107),
            ("a", 108),
            ("b", 90),
            ("b", 121),
            ("late", 119),
            ("late", 120),
        ] {
            let amount = 1.0;
            log.add(Transaction {
                customer,
                day,
                amount,
            })
            .unwrap();
        }
        let terms = RfmTerms {
            unit_days: 7.0,
            observation_end: 126,
            calibration_end: Some(112),
        };
        let found = log.repeat_purchases(terms);
        let counts: Vec<f64> = found.iter().map(|it| it.repeat_purchases).collect();
        // Days since the 90th: 17 and 18 in week 3, 31 in week 5; who came after calibration is left out.
        assert_eq!(counts, [0.0, 0.0, 2.0, 0.0, 1.0]);
        assert_eq!(found[4].t, 5.0);
    }

    #[test]
    fn periods_must_rise() {
        let (customers, mut purchases) = cohort(Model::BgNbd, [0.8, 5.0, 0.9, 2.5], 0.97);
        let fitted = fit(Model::BgNbd, &customers).unwrap();
        purchases[3].t = 3.0;
        let refused = fitted.track(&customers, &purchases).unwrap_err();
        assert!(
            matches!(refused, PurchaseError::NotInOrder { .. }),
            "{refused}"
        );
        assert!(
            fitted
                .track(&Histories::default(), &purchases[..2])
                .is_err()
        );
    }
}
