//! From a transaction log to one summary per customer: frequency, recency, age, mean spend.
//!
//! Purchases of a customer on one day are one purchase. The first purchase day starts the
//! customer's clock and counts neither as a repeat purchase nor in the mean spend.

use std::collections::HashMap;
use std::hash::Hash;

use super::{History, PurchaseError};

/// One line of a transaction log.
#[derive(Debug, Clone, PartialEq)]
pub struct Transaction<K> {
    /// Who bought.
    pub customer: K,
    /// Day of purchase, counted from any fixed day.
    pub day: i32,
    /// Amount paid, ≥ 0, refunds already taken off.
    pub amount: f64,
}

/// When observation ends and in which unit ages are told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RfmTerms {
    /// Days in a time unit: 1 for days, 7 for weeks, 30.4375 for months.
    pub unit_days: f64,
    /// Last day of observation, in the count of [`Transaction::day`]; later lines are ignored.
    pub observation_end: i32,
    /// Last day used for the summary; what follows until `observation_end` is held out.
    pub calibration_end: Option<i32>,
}

/// One customer's summary.
#[derive(Debug, Clone, PartialEq)]
pub struct CustomerSummary<K> {
    /// Who.
    pub customer: K,
    /// Day of the first purchase.
    pub first_day: i32,
    /// Repeat purchases, age at the last one, age at the end (of calibration, if split).
    pub history: History,
    /// Mean spend per repeat purchase; absent without one.
    pub mean_spend: Option<f64>,
    /// What was held out, when the log was split.
    pub holdout: Option<Holdout>,
}

/// Purchases after the calibration period, to judge a fit by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Holdout {
    /// Purchases (days with one) in the holdout period.
    pub purchases: u32,
    /// Length of the holdout period in time units.
    pub duration: f64,
}

/// Why a log could not be summarised.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RfmError {
    /// An amount that is no spend.
    #[error(
        "amount is {amount}: it must be finite and not negative; take refunds off the purchase they belong to"
    )]
    Amount {
        /// The value found.
        amount: f64,
    },
    /// A unit of no length.
    #[error("days per time unit is {unit_days}: it must be finite and greater than 0")]
    Unit {
        /// The value given.
        unit_days: f64,
    },
    /// Calibration ends at or after the end of observation.
    #[error(
        "calibration ends on day {calibration_end} and observation on day {observation_end}: calibration must end first"
    )]
    Split {
        /// Last day of calibration.
        calibration_end: i32,
        /// Last day of observation.
        observation_end: i32,
    },
    /// A log said to be sorted by customer is not.
    #[error(
        "the log is not sorted by customer: a customer comes again after others; sort it or summarise it unsorted"
    )]
    Unsorted,
    /// A summary that is no history.
    #[error(transparent)]
    History(#[from] PurchaseError),
}

impl RfmTerms {
    fn check(&self) -> Result<(), RfmError> {
        if !(self.unit_days > 0.0 && self.unit_days.is_finite()) {
            return Err(RfmError::Unit {
                unit_days: self.unit_days,
            });
        }
        match self.calibration_end {
            Some(calibration_end) if calibration_end >= self.observation_end => {
                Err(RfmError::Split {
                    calibration_end,
                    observation_end: self.observation_end,
                })
            }
            _ => Ok(()),
        }
    }

    fn units(&self, from: i32, to: i32) -> f64 {
        (f64::from(to) - f64::from(from)) / self.unit_days
    }
}

/// Days of one customer, in the order they came.
type Days = Vec<(i32, f64)>;

/// Summarises a log in any order; memory grows with customers and their purchase days.
#[derive(Debug, Clone)]
pub struct Summariser<K> {
    pub(super) customers: HashMap<K, Days>,
    last_day: Option<i32>,
}

impl<K> Default for Summariser<K> {
    fn default() -> Self {
        Self {
            customers: HashMap::new(),
            last_day: None,
        }
    }
}

impl<K: Hash + Ord> Summariser<K> {
    /// Adds one line of the log.
    ///
    /// # Errors
    /// When the amount is negative or not finite.
    pub fn add(&mut self, transaction: Transaction<K>) -> Result<(), RfmError> {
        let Transaction {
            customer,
            day,
            amount,
        } = transaction;
        check_amount(amount)?;
        self.last_day = self.last_day.max(Some(day));
        let days = self.customers.entry(customer).or_default();
        // A log in time order, the usual one, merges a day's lines at once.
        match days.last_mut() {
            Some((last, sum)) if *last == day => *sum += amount,
            _ => days.push((day, amount)),
        }
        Ok(())
    }

    /// The last day with a line, the earliest that observation can have ended.
    pub fn last_day(&self) -> Option<i32> {
        self.last_day
    }

    /// One summary per customer who bought by the end of calibration, in the order of customers.
    ///
    /// # Errors
    /// When the terms are unusable.
    pub fn finish(self, terms: RfmTerms) -> Result<Vec<CustomerSummary<K>>, RfmError> {
        terms.check()?;
        let mut customers: Vec<(K, Days)> = self.customers.into_iter().collect();
        customers.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        let summaries = customers
            .into_iter()
            .map(|(customer, days)| summarise(customer, days, &terms));
        summaries.filter_map(Result::transpose).collect()
    }
}

/// Summarises a log sorted by customer (dates in any order), one customer in memory at a time.
///
/// Yields a summary per customer who bought by the end of calibration. Customers must come in
/// ascending order: that is how a log that is not sorted is noticed.
///
/// # Errors
/// When the terms are unusable; the iterator yields the errors of lines.
pub fn summarise_sorted<K: Ord + Clone>(
    log: impl IntoIterator<Item = Transaction<K>>,
    terms: RfmTerms,
) -> Result<impl Iterator<Item = Result<CustomerSummary<K>, RfmError>>, RfmError> {
    terms.check()?;
    let mut log = log.into_iter().peekable();
    let mut before: Option<K> = None;
    let mut next_customer = move || {
        let customer = log.peek()?.customer.clone();
        if before.as_ref().is_some_and(|before| *before >= customer) {
            log.by_ref().for_each(drop);
            return Some(Err(RfmError::Unsorted));
        }
        before = Some(customer.clone());
        let mut days = Days::new();
        let mut checked = Ok(());
        while let Some(line) = log.next_if(|line| line.customer == customer) {
            checked = checked.and_then(|()| check_amount(line.amount));
            days.push((line.day, line.amount));
        }
        Some(checked.and_then(|()| summarise(customer, days, &terms)))
    };
    // A customer who came after calibration has no summary and is passed over.
    Ok(std::iter::from_fn(move || {
        std::iter::from_fn(&mut next_customer).find_map(Result::transpose)
    }))
}

fn check_amount(amount: f64) -> Result<(), RfmError> {
    if amount >= 0.0 && amount.is_finite() {
        Ok(())
    } else {
        Err(RfmError::Amount { amount })
    }
}

/// The summary of one customer; none when the first purchase lies after calibration.
fn summarise<K>(
    customer: K,
    mut days: Days,
    terms: &RfmTerms,
) -> Result<Option<CustomerSummary<K>>, RfmError> {
    days.retain(|&(day, _)| day <= terms.observation_end);
    days.sort_unstable_by_key(|&(day, _)| day);
    days.dedup_by(|later, kept| {
        let same = later.0 == kept.0;
        if same {
            kept.1 += later.1;
        }
        same
    });
    let end = terms.calibration_end.unwrap_or(terms.observation_end);
    let calibrated = days.partition_point(|&(day, _)| day <= end);
    let (known, held_out) = days.split_at(calibrated);
    let Some((&(first_day, _), repeats)) = known.split_first() else {
        return Ok(None);
    };
    let x = repeats.len() as f64;
    let last_day = repeats.last().map_or(first_day, |&(day, _)| day);
    let history = History::new(
        x,
        terms.units(first_day, last_day),
        terms.units(first_day, end),
    )?;
    let spent: f64 = repeats.iter().map(|&(_, amount)| amount).sum();
    Ok(Some(CustomerSummary {
        customer,
        first_day,
        history,
        mean_spend: (x > 0.0).then(|| spent / x),
        holdout: terms.calibration_end.map(|_| Holdout {
            purchases: u32::try_from(held_out.len()).unwrap_or(u32::MAX),
            duration: terms.units(end, terms.observation_end),
        }),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WEEKLY: RfmTerms = RfmTerms {
        unit_days: 7.0,
        observation_end: 100,
        calibration_end: None,
    };

    fn line(customer: &'static str, day: i32, amount: f64) -> Transaction<&'static str> {
        Transaction {
            customer,
            day,
            amount,
        }
    }

    fn unsorted(
        log: &[Transaction<&'static str>],
        terms: RfmTerms,
    ) -> Vec<CustomerSummary<&'static str>> {
        let mut summary = Summariser::default();
        for transaction in log {
            summary.add(transaction.clone()).unwrap();
        }
        summary.finish(terms).unwrap()
    }

    #[test]
    fn a_day_is_one_purchase_and_the_first_does_not_count() {
        let log = [
            line("ann", 30, 7.0),
            line("bob", 58, 9.0),
            line("ann", 2, 5.0),
            line("ann", 30, 3.0),
            line("ann", 65, 20.0),
            line("ann", 101, 99.0),
        ];
        let summaries = unsorted(&log, WEEKLY);
        let ann = &summaries[0];
        assert_eq!(
            (ann.customer, ann.first_day, ann.mean_spend),
            ("ann", 2, Some(15.0))
        );
        assert_eq!(ann.history, History::new(2.0, 9.0, 14.0).unwrap());
        let bob = &summaries[1];
        assert_eq!((bob.customer, bob.mean_spend), ("bob", None));
        assert_eq!(bob.history, History::new(0.0, 0.0, 6.0).unwrap());
    }

    #[test]
    fn what_follows_calibration_is_held_out() {
        let terms = RfmTerms {
            calibration_end: Some(44),
            ..WEEKLY
        };
        let log = [
            line("ann", 2, 5.0),
            line("ann", 30, 5.0),
            line("ann", 45, 5.0),
            line("ann", 100, 5.0),
            line("bob", 45, 5.0),
        ];
        let summaries = unsorted(&log, terms);
        assert_eq!(summaries.len(), 1, "who came after calibration is left out");
        assert_eq!(summaries[0].history, History::new(1.0, 4.0, 6.0).unwrap());
        assert_eq!(
            summaries[0].holdout,
            Some(Holdout {
                purchases: 2,
                duration: 8.0
            })
        );
    }

    #[test]
    fn bad_logs_are_named() {
        let mut summary = Summariser::default();
        assert!(matches!(
            summary.add(line("ann", 1, -2.0)),
            Err(RfmError::Amount { .. })
        ));
        assert!(matches!(
            summary.add(line("ann", 1, f64::NAN)),
            Err(RfmError::Amount { .. })
        ));
        let unit = RfmTerms {
            unit_days: 0.0,
            ..WEEKLY
        };
        assert!(matches!(
            Summariser::<&str>::default().finish(unit),
            Err(RfmError::Unit { .. })
        ));
        let split = RfmTerms {
            calibration_end: Some(100),
            ..WEEKLY
        };
        assert!(matches!(
            Summariser::<&str>::default().finish(split),
            Err(RfmError::Split { .. })
        ));
        let log = [
            line("bob", 1, 1.0),
            line("ann", 1, 1.0),
            line("bob", 2, 1.0),
        ];
        let found: Vec<_> = summarise_sorted(log, WEEKLY).unwrap().collect();
        assert!(
            matches!(found[..], [Ok(_), Err(RfmError::Unsorted)]),
            "{found:?}"
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn sorted_and_unsorted_summaries_agree(
            days in prop::collection::vec((0_u8..6, i32::MIN..i32::MAX, 0.0..50.0_f64), 0..60),
            near in prop::collection::vec((0_u8..6, -50..150, 0.0..50.0_f64), 0..60),
            split in proptest::option::of(-20..100),
        ) {
            let terms = RfmTerms { calibration_end: split, ..WEEKLY };
            let mut log: Vec<Transaction<u8>> = days.into_iter().chain(near)
                .map(|(customer, day, amount)| Transaction { customer, day, amount: amount.round() })
                .collect();
            let mut summary = Summariser::default();
            for transaction in &log {
                summary.add(transaction.clone()).unwrap();
            }
            log.sort_by_key(|transaction| transaction.customer);
            let sorted: Result<Vec<_>, _> = summarise_sorted(log, terms).unwrap().collect();
            prop_assert_eq!(summary.finish(terms), sorted);
        }
    }
}
