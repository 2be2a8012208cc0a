//! Which days count: the window over which costs and contacts per customer-month are taken.

use chrono::{Datelike, Days, NaiveDate};
use keepworth_contract::Month;
use keepworth_contract::feed::EpisodeRow;

/// Calendar months of the window, the day's own included: those of finance's revenues.
const MONTHS: i32 = 12;

/// The last twelve calendar months up to a day; of the last one only what has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    as_of: NaiveDate,
}

impl Window {
    /// The window of a baseline as of a day.
    pub(crate) fn ending(as_of: NaiveDate) -> Self {
        Self { as_of }
    }

    /// Its first day.
    pub(crate) fn first_day(self) -> NaiveDate {
        Month::of(self.as_of).plus(1 - MONTHS).first_day()
    }

    /// The last day whose facts count.
    pub(crate) fn as_of(self) -> NaiveDate {
        self.as_of
    }

    /// Months that a customer was under observation in the window.
    pub(crate) fn months_of(self, episode: &EpisodeRow) -> f64 {
        let from = episode.observed_from.max(self.first_day());
        months_between(from, episode.observed_to + Days::new(1))
    }

    /// Whether the customer was under observation in a month of the window.
    pub(crate) fn observes(self, episode: &EpisodeRow, month: Month) -> bool {
        let from = episode.observed_from.max(self.first_day());
        (Month::of(from)..=Month::of(episode.observed_to)).contains(&month)
    }
}

/// Months from the morning of `from` to the morning of `to`, each day counting as its share of its
/// calendar month, so that stretches add up; zero when `to` is not after `from`.
pub(crate) fn months_between(from: NaiveDate, to: NaiveDate) -> f64 {
    let position = |day: NaiveDate| {
        let month = Month::of(day);
        let length = (month.plus(1).first_day() - month.first_day()).num_days();
        (month.index(), f64::from(day.day0()) / length as f64)
    };
    let ((from_month, from_part), (to_month, to_part)) = (position(from), position(to));
    (f64::from(to_month - from_month) + (to_part - from_part)).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn whole_months_are_whole() {
        assert_eq!(months_between(day("2025-07-01"), day("2025-10-01")), 3.0);
        assert_eq!(months_between(day("2025-06-16"), day("2025-07-01")), 0.5);
        assert_eq!(months_between(day("2025-10-01"), day("2025-07-01")), 0.0);
    }

    #[test]
    fn a_window_is_twelve_calendar_months() {
        let window = Window::ending(day("2025-09-30"));
        assert_eq!(window.first_day(), day("2024-10-01"));
        assert_eq!(
            Window::ending(day("2025-09-01")).first_day(),
            day("2024-10-01")
        );
    }
}
