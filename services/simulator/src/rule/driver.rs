//! What costs are held against, by calendar month.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};
use keepworth_contract::Month;

use crate::rule::tally::Tally;
use crate::rule::window::{Window, months_between};

/// One calendar month of a segment, or of the company: only its part within the window.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct MonthDrivers {
    /// Customer-months under observation.
    pub(crate) months: f64,
    /// Customers won.
    pub(crate) won: f64,
    /// Revenue in minor units.
    pub(crate) revenue_minor: f64,
    /// Minutes of contact by channel.
    pub(crate) minutes_by_channel: BTreeMap<String, f64>,
}

impl MonthDrivers {
    /// Minutes of contact through one channel.
    pub(crate) fn minutes_of(&self, channel: &str) -> f64 {
        self.minutes_by_channel
            .get(channel)
            .copied()
            .unwrap_or_default()
    }

    fn add(&mut self, other: &Self) {
        self.months += other.months;
        self.won += other.won;
        self.revenue_minor += other.revenue_minor;
        for (channel, minutes) in &other.minutes_by_channel {
            *self.minutes_by_channel.entry(channel.clone()).or_default() += minutes;
        }
    }
}

/// The months of the window, each with its drivers, in order.
pub(crate) type DriversByMonth = BTreeMap<Month, MonthDrivers>;

/// A segment's drivers: month by month, and over the window.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Drivers {
    /// By month.
    pub(crate) by_month: DriversByMonth,
    /// Their sum.
    pub(crate) total: MonthDrivers,
}

impl From<DriversByMonth> for Drivers {
    fn from(by_month: DriversByMonth) -> Self {
        let mut total = MonthDrivers::default();
        by_month.values().for_each(|month| total.add(month));
        Self { by_month, total }
    }
}

impl Drivers {
    /// A driver in a month; zero outside the window.
    pub(crate) fn at(&self, month: Month, driver: impl Fn(&MonthDrivers) -> f64) -> f64 {
        self.by_month.get(&month).map_or(0.0, driver)
    }
}

/// A segment's drivers from the window's first day to its last.
pub(crate) fn drivers_by_month(
    tally: &Tally,
    window_from: NaiveDate,
    as_of: NaiveDate,
) -> DriversByMonth {
    let window = Window::ending(as_of);
    let months = tally.by_month.iter().enumerate().map(|(place, sums)| {
        let month = window.month(place);
        let from = window_from.max(month.first_day());
        let won = tally.won.range(from..month.plus(1).first_day().max(from));
        let minutes = sums.contacts.iter();
        let drivers = MonthDrivers {
            months: sums.months,
            won: won.map(|(_, won)| *won as f64).sum(),
            revenue_minor: sums.revenue_minor,
            minutes_by_channel: minutes
                .map(|(name, contacts)| (name.clone(), contacts.minutes()))
                .collect(),
        };
        (month, drivers)
    });
    months
        .filter(|(month, _)| *month >= Month::of(window_from))
        .collect()
}

fn months_of(from: NaiveDate, to: NaiveDate) -> impl Iterator<Item = Month> {
    (Month::of(from).index()..=Month::of(to).index()).map(Month::from_index)
}

/// The months whose costs are rated.
///
/// Ledger entries say their day, not the days that they are for. So a month that the window cuts in
/// the middle counts neither with its costs nor with what they are held against, as long as there
/// is a whole one. Where there is none, a month's costs count with the part of it that lies in the
/// window.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Calendar {
    /// Each month with the part of its costs that counts.
    parts: BTreeMap<Month, f64>,
    /// Months that the window cuts and that are left out.
    pub(crate) cut: BTreeSet<Month>,
}

impl Calendar {
    /// The calendar of a window.
    pub(crate) fn of(window_from: NaiveDate, as_of: NaiveDate) -> Self {
        let after = as_of + Days::new(1);
        let part = |month: Month| {
            let (first, next) = (month.first_day(), month.plus(1).first_day());
            months_between(window_from.max(first), after.min(next))
        };
        let parts: BTreeMap<Month, f64> = months_of(window_from, as_of)
            .map(|month| (month, part(month)))
            .collect();
        let is_whole = |part: f64| part >= 1.0;
        if !parts.values().any(|part| is_whole(*part)) {
            return Self {
                parts,
                cut: BTreeSet::new(),
            };
        }
        let (whole, cut): (BTreeMap<_, _>, BTreeMap<_, _>) =
            parts.into_iter().partition(|(_, part)| is_whole(*part));
        Self {
            parts: whole,
            cut: cut.into_keys().collect(),
        }
    }

    /// The months that are rated, in order.
    pub(crate) fn months(&self) -> impl DoubleEndedIterator<Item = Month> {
        self.parts.keys().copied()
    }

    /// The part of a month's costs that counts; zero for one that is not rated.
    pub(crate) fn part(&self, month: Month) -> f64 {
        self.parts.get(&month).copied().unwrap_or_default()
    }

    /// Whether no month is whole, so that parts of months are rated.
    pub(crate) fn is_in_parts(&self) -> bool {
        self.parts.values().any(|part| *part < 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn months_that_are_cut_are_not_rated() {
        let calendar = Calendar::of(day("2025-01-16"), day("2025-03-10"));
        let rated: Vec<String> = calendar.months().map(|month| month.to_string()).collect();
        assert_eq!(rated, ["2025-02"]);
        assert_eq!(calendar.cut.len(), 2);
        assert_eq!(calendar.part("2025-03".parse().unwrap()), 0.0);
        let whole = Calendar::of(day("2025-01-01"), day("2025-03-31"));
        assert_eq!((whole.months().count(), whole.cut.len()), (3, 0));
    }

    #[test]
    fn without_a_whole_month_parts_count_alike() {
        let calendar = Calendar::of(day("2025-04-16"), day("2025-05-15"));
        assert!(calendar.is_in_parts() && calendar.cut.is_empty());
        assert_eq!(calendar.part("2025-04".parse().unwrap()), 0.5);
    }
}
