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
    terms: RfmTerms,
    customers: HashMap<K, Days>,
}

impl<K: Hash + Ord> Summariser<K> {
    /// An empty summary.
    ///
    /// # Errors
    /// When the terms are unusable.
    pub fn new(terms: RfmTerms) -> Result<Self, RfmError> {
        terms.check()?;
        Ok(Self {
            terms,
            customers: HashMap::new(),
        })
    }

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
        if day <= self.terms.observation_end {
            let days = self.customers.entry(customer).or_default();
            // A log in time order, the usual one, merges a day's lines at once.
            match days.last_mut() {
                Some((last, sum)) if *last == day => *sum += amount,
                _ => days.push((day, amount)),
            }
        }
        Ok(())
    }

    /// One summary per customer who bought by the end of calibration, in the order of customers.
    ///
    /// # Errors
    /// [`RfmError::History`] when a customer bought on more days than a history can hold.
    pub fn finish(self) -> Result<Vec<CustomerSummary<K>>, RfmError> {
        let mut customers: Vec<(K, Days)> = self.customers.into_iter().collect();
        customers.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        let summaries = customers
            .into_iter()
            .map(|(customer, days)| summarise(customer, days, &self.terms));
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
            if line.day <= terms.observation_end {
                days.push((line.day, line.amount));
            }
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
