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
mod tests {
    use super::*;
    use keepworth_contract::customers::EarlierSegment;
    use proptest::prelude::*;

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    fn key() -> CustomerKey {
        CustomerKey {
            source: "crm".into(),
            external_id: "1".into(),
        }
    }

    fn episode(from: &str, to: &str) -> EpisodeRow {
        EpisodeRow {
            customer: key(),
            segment: "home".into(),
            earlier_segments: Vec::new(),
            acquired_on: "2025-01-15".parse().unwrap(),
            acquisition_channel: Some("web".into()),
            observed_from: from.parse().unwrap(),
            observed_to: to.parse().unwrap(),
            left: false,
            cause: None,
        }
    }

    fn charge(kind: RevenueKind, last: &str, months: i32, minor: i64) -> CustomerCharge {
        CustomerCharge {
            customer: key(),
            kind,
            currency: "EUR".parse().unwrap(),
            minor,
            span: Span::new(month(last), months, None),
        }
    }

    fn counts(first: &str, last: &str) -> SegmentCounts {
        SegmentCounts::new(month(first), month(last), Some(month("2025-01")))
    }

    #[test]
    fn customers_are_a_mean_over_days_of_those_under_observation() {
        let mut counts = counts("2025-01", "2025-04");
        // Fifteen, and twenty, of February's 28 days; one who is seen from March on.
        for (from, to) in [
            ("2025-02-14", "2025-04-30"),
            ("2025-02-01", "2025-02-20"),
            ("2025-03-01", "2025-04-30"),
        ] {
            counts.add(&episode(from, to), &[], &[]).unwrap();
        }
        assert_eq!(
            counts.unobserved,
            [(month("2025-01"), 3), (month("2025-02"), 1)].into()
        );
        let counts = counts.into_counts();
        let customers: Vec<(String, i64)> = counts
            .iter()
            .map(|((month, _), it)| (month.to_string(), it.customers(*month)))
            .collect();
        let expected = [("2025-02", 1), ("2025-03", 2), ("2025-04", 2)];
        assert_eq!(customers, expected.map(|(m, n)| (m.to_owned(), n)));
        assert_eq!(
            counts[&(month("2025-02"), "home".to_owned())].customer_days,
            35
        );
    }

    #[test]
    fn the_first_month_that_is_paid_for_makes_a_new_customer() {
        use RevenueKind::{OneOff, Recurring, Refund};
        let charges = [
            charge(OneOff, "2025-01", 1, 0),
            charge(Refund, "2025-01", 1, 500),
            charge(Recurring, "2025-12", 11, 1_100),
        ];
        assert_eq!(first_paid(&charges), Some(month("2025-02")));
        assert_eq!(first_paid(&charges[..2]), None);
        let mut counts = counts("2025-02", "2025-03");
        let episode = episode("2025-01-15", "2025-03-31");
        counts.add(&episode, &[], &charges).unwrap();
        let older = EpisodeRow {
            acquired_on: "2024-12-31".parse().unwrap(),
            ..episode
        };
        counts.add(&older, &[], &charges[2..]).unwrap();
        assert_eq!(counts.paid_before_records, 1);
        let counts = counts.into_counts();
        let of = |text| &counts[&(month(text), "home".to_owned())];
        assert_eq!(
            of("2025-02").new_customers,
            [(Some("web".to_owned()), 1)].into()
        );
        assert!(of("2025-03").new_customers.is_empty());
        assert_eq!(of("2025-03").revenue, [("EUR", 200)].into());
    }

    #[test]
    fn who_moves_counts_in_both_segments() {
        let moved = EarlierSegment {
            segment: "start".into(),
            until: "2025-03-10".parse().unwrap(),
        };
        let episode = EpisodeRow {
            earlier_segments: vec![moved],
            ..episode("2025-01-15", "2025-04-30")
        };
        let contact = |month: &str| exposure(month, "phone");
        let charges = [charge(RevenueKind::Recurring, "2025-04", 4, 400)];
        let mut counts = counts("2025-01", "2025-04");
        let contacts = [contact("2025-02"), contact("2025-03")];
        counts.add(&episode, &contacts, &charges).unwrap();
        let counts = counts.into_counts();
        let of = |text, segment: &str| counts.get(&(month(text), segment.to_owned()));
        let days = |text, segment| of(text, segment).map_or(0, |it| it.customer_days);
        assert_eq!((days("2025-02", "start"), days("2025-02", "home")), (28, 0));
        assert_eq!(
            (days("2025-03", "start"), days("2025-03", "home")),
            (10, 21)
        );
        for (month, segment) in [
            ("2025-01", "start"),
            ("2025-02", "start"),
            ("2025-03", "home"),
            ("2025-04", "home"),
        ] {
            assert_eq!(
                of(month, segment).unwrap().revenue,
                [("EUR", 100)].into(),
                "{month}"
            );
        }
        assert!(of("2025-03", "start").unwrap().revenue.is_empty());
        assert_eq!(of("2025-01", "start").unwrap().new_customers.len(), 1);
        assert_eq!(of("2025-02", "start").unwrap().contact_sum().count, 2);
        assert_eq!(of("2025-03", "home").unwrap().contact_sum().count, 2);
    }

    fn exposure(month: &str, channel: &str) -> ExposureRow {
        let sum = ContactSum {
            count: 2,
            handle_seconds: 90,
        };
        ExposureRow {
            customer: key(),
            month: month.into(),
            contacts: [(channel.to_owned(), sum)].into(),
            unresolved: 0,
            abandoned: 0,
            scores: BTreeMap::new(),
        }
    }

    #[test]
    fn contacts_count_by_channel_in_their_month() {
        let mut counts = counts("2025-02", "2025-02");
        let rows = [
            exposure("2025-01", "phone"),
            exposure("2025-02", "chat"),
            exposure("2025-02", "phone"),
        ];
        let episode = episode("2025-01-15", "2025-03-31");
        counts.add(&episode, &rows, &[]).unwrap();
        assert!(counts.add(&episode, &[exposure("2025", "x")], &[]).is_err());
        let counts = counts.into_counts();
        let all = counts[&(month("2025-02"), "home".to_owned())].contact_sum();
        assert_eq!((all.count, all.handle_seconds), (4, 180));
    }

    proptest! {
        #[test]
        fn the_parts_of_a_charge_sum_to_it(
            minor in 0i64..1_000_000_000, months in 1i32..60, refund in any::<bool>(),
        ) {
            let kind = if refund { RevenueKind::Refund } else { RevenueKind::Recurring };
            let charge = charge(kind, "2025-12", months, minor);
            let first = charge.span.first();
            let parts: Vec<i128> =
                super::months(first, charge.span.last()).map(|month| charge.part(month)).collect();
            prop_assert_eq!(parts.len(), months as usize);
            prop_assert_eq!(parts.iter().sum::<i128>(), i128::from(kind.sign() * minor));
            let most = parts.iter().max().unwrap() - parts.iter().min().unwrap();
            prop_assert!(most <= 1);
        }
    }
}
