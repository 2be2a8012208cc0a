//! What each segment did in each month, counted customer by customer: denominators of unit costs
//! and weights of allocation.
//!
//! | count | definition |
//! |---|---|
//! | customers | mean over the month's days of customers under observation, to the nearest whole one |
//! | new customers | those of whose charges above zero the first covers this month first |
//! | contacts, minutes | handled contacts of the month, and their handling time to the nearest minute |
//! | revenue | charges less refunds; one for several months counts in equal parts in each of them |
//!
//! A customer counts in the segment in which they were at the time: by days, and what is known of a month as a whole
//! (contacts, charges, that it is the first to be paid) in that of most of its days. Who was won before
//! the month in which records of revenue begin is never a new one: when they paid first is not known.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};
use keepworth_contract::customers::EpisodeRow;
use keepworth_contract::experience::{ContactSum, ExposureRow};
use keepworth_contract::feed::CustomerKey;
use keepworth_contract::finance::RevenueKind;
use keepworth_contract::rows::AboutCustomer;
use keepworth_contract::{Currency, Month, MonthError};

use crate::rule::metric::ratio::divide_half_even;
use crate::rule::revenue::span::Span;

/// What a customer was charged, or given back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerCharge {
    /// Who.
    pub customer: CustomerKey,
    /// What for.
    pub kind: RevenueKind,
    /// What in.
    pub currency: Currency,
    /// Minor units, refunds positive.
    pub minor: i64,
    /// The months that it is for.
    pub span: Span,
}

impl AboutCustomer for CustomerCharge {
    fn customer(&self) -> &CustomerKey {
        &self.customer
    }
}

impl CustomerCharge {
    /// The part of a month that it covers, refunds negative. The parts sum to the charge.
    #[must_use]
    pub fn part(&self, month: Month) -> i128 {
        i128::from(self.kind.sign() * self.span.part(self.minor, month))
    }
}

/// The first month that a charge above zero covers.
#[must_use]
pub fn first_paid(charges: &[CustomerCharge]) -> Option<Month> {
    let paid = charges
        .iter()
        .filter(|it| it.kind != RevenueKind::Refund && it.minor > 0);
    paid.map(|it| it.span.first()).min()
}

/// What one segment did in one month.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SegmentCount {
    customer_days: u64,
    /// Customers who paid for the first time, by how they were won.
    pub new_customers: BTreeMap<Option<String>, u64>,
    /// Contacts by channel.
    pub contacts: BTreeMap<String, ContactSum>,
    /// Minor units by currency.
    pub revenue: BTreeMap<&'static str, i128>,
}

impl SegmentCount {
    /// The mean number of customers over the days of `month`, half to even.
    #[must_use]
    pub fn customers(&self, month: Month) -> i64 {
        let days = (last_day(month) - month.first_day()).num_days() + 1;
        divide_half_even(self.customer_days.into(), days.into()).unwrap_or(i64::MAX)
    }

    /// Handled contacts of all channels.
    #[must_use]
    pub fn contact_sum(&self) -> ContactSum {
        let add = |sum: ContactSum, it: &ContactSum| ContactSum {
            count: sum.count + it.count,
            handle_seconds: sum.handle_seconds + it.handle_seconds,
        };
        self.contacts.values().fold(ContactSum::default(), add)
    }
}

/// Counts the customers of a period into their segments; grows with segments, channels and months,
/// not with customers.
#[derive(Debug)]
pub struct SegmentCounts {
    first: Month,
    last: Month,
    records_begin: Option<Month>,
    counts: BTreeMap<(Month, String), SegmentCount>,
    /// Customers counted.
    pub customers: u64,
    /// By month, customers who had been won but were not yet under observation.
    pub unobserved: BTreeMap<Month, u64>,
    /// Customers whose first charge is not known to be their first: won before records begin.
    pub paid_before_records: u64,
    /// The currencies of the revenue counted.
    pub currencies: BTreeSet<&'static str>,
}

impl SegmentCounts {
    /// Nobody is counted yet; `records_begin` is the first month that any charge covers.
    #[must_use]
    pub fn new(first: Month, last: Month, records_begin: Option<Month>) -> Self {
        Self {
            first,
            last,
            records_begin,
            counts: BTreeMap::new(),
            customers: 0,
            unobserved: BTreeMap::new(),
            paid_before_records: 0,
            currencies: BTreeSet::new(),
        }
    }

    /// Counts a customer in, with all that is known of them.
    ///
    /// # Errors
    /// [`MonthError`] when an exposure's month is none.
    pub fn add(
        &mut self,
        episode: &EpisodeRow,
        exposures: &[ExposureRow],
        charges: &[CustomerCharge],
    ) -> Result<(), MonthError> {
        self.customers += 1;
        self.add_days(episode);
        if let Some(month) = first_paid(charges).filter(|month| self.is_in(*month)) {
            self.add_new(month, episode);
        }
        for exposure in exposures {
            let month: Month = exposure.month.parse()?;
            if self.is_in(month) && !exposure.contacts.is_empty() {
                self.add_contacts(month, episode.stay_of(month).segment, exposure);
            }
        }
        for charge in charges {
            self.add_revenue(episode, charge);
        }
        Ok(())
    }

    /// What each segment did, by month and segment.
    #[must_use]
    pub fn into_counts(self) -> BTreeMap<(Month, String), SegmentCount> {
        self.counts
    }

    fn is_in(&self, month: Month) -> bool {
        self.first <= month && month <= self.last
    }

    fn count(&mut self, month: Month, segment: &str) -> &mut SegmentCount {
        self.counts.entry((month, segment.to_owned())).or_default()
    }

    fn add_days(&mut self, episode: &EpisodeRow) {
        let won = Month::of(episode.acquired_on).max(self.first);
        let seen = Month::of(episode.observed_from);
        for month in months(won, seen.plus(-1).min(self.last)) {
            *self.unobserved.entry(month).or_default() += 1;
        }
        for stay in episode.stays() {
            let until = Month::of(stay.to).min(self.last);
            for month in months(Month::of(stay.from).max(self.first), until) {
                let from = stay.from.max(month.first_day());
                let to = stay.to.min(last_day(month));
                let days = u64::try_from((to - from).num_days() + 1).unwrap_or(0);
                self.count(month, stay.segment).customer_days += days;
            }
        }
    }

    fn add_new(&mut self, month: Month, episode: &EpisodeRow) {
        let won = Month::of(episode.acquired_on);
        if self.records_begin.is_some_and(|begin| won < begin) {
            self.paid_before_records += 1;
            return;
        }
        let channel = episode.acquisition_channel.clone();
        let segment = episode.stay_of(month).segment;
        let new = &mut self.count(month, segment).new_customers;
        *new.entry(channel).or_default() += 1;
    }

    fn add_contacts(&mut self, month: Month, segment: &str, exposure: &ExposureRow) {
        let contacts = &mut self.count(month, segment).contacts;
        for (channel, sum) in &exposure.contacts {
            if !contacts.contains_key(channel) {
                contacts.insert(channel.clone(), ContactSum::default());
            }
            if let Some(all) = contacts.get_mut(channel) {
                all.count += sum.count;
                all.handle_seconds += sum.handle_seconds;
            }
        }
    }

    fn add_revenue(&mut self, episode: &EpisodeRow, charge: &CustomerCharge) {
        let (first, last) = (charge.span.first(), charge.span.last());
        for month in months(first.max(self.first), last.min(self.last)) {
            let currency = charge.currency.code();
            self.currencies.insert(currency);
            let segment = episode.stay_of(month).segment;
            let revenue = &mut self.count(month, segment).revenue;
            *revenue.entry(currency).or_default() += charge.part(month);
        }
    }
}

fn months(first: Month, last: Month) -> impl Iterator<Item = Month> {
    (first.index()..=last.index()).map(Month::from_index)
}

/// The last day of a month.
#[must_use]
pub fn last_day(month: Month) -> NaiveDate {
    month.plus(1).first_day() - Days::new(1)
}

#[cfg(test)]
mod tests;
