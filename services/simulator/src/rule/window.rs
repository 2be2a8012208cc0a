//! Which days count: the window over which costs and contacts per customer-month are taken.

use chrono::{Datelike, Days, NaiveDate};
use keepworth_contract::Month;
use keepworth_contract::customers::{EpisodeRow, Stay};

/// Calendar months of the window, the day's own included: those of finance's revenues.
pub(crate) const MONTHS: usize = 12;

/// A value for each calendar month of the window, the oldest first.
pub(crate) type ByMonth<T> = [T; MONTHS];

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
        self.month(0).first_day()
    }

    /// The last day whose facts count.
    pub(crate) fn as_of(self) -> NaiveDate {
        self.as_of
    }

    /// The calendar month at a place, from 0.
    pub(crate) fn month(self, place: usize) -> Month {
        Month::of(self.as_of).plus(place as i32 + 1 - MONTHS as i32)
    }

    /// The place of a calendar month.
    pub(crate) fn place(self, month: Month) -> Option<usize> {
        let place = month.index() - self.month(0).index();
        usize::try_from(place).ok().filter(|place| *place < MONTHS)
    }

    /// Whether a month lies in the window with all its days, when the window begins on `from`.
    pub(crate) fn is_whole(self, place: usize, from: NaiveDate) -> bool {
        let month = self.month(place);
        from <= month.first_day() && last_day(month) <= self.as_of
    }

    /// Months of a stretch of time, both days included, in each month of the window.
    pub(crate) fn exposure(self, from: NaiveDate, to: NaiveDate) -> ByMonth<f64> {
        let until = to.min(self.as_of);
        std::array::from_fn(|place| share_of_month(self.month(place), [from, until]))
    }

    /// Whether a customer was one in the segment of a stay at the end of a month, or on the window's last day where
    /// that is before.
    pub(crate) fn is_there_at_end(
        self,
        episode: &EpisodeRow,
        stay: &Stay<'_>,
        place: usize,
    ) -> bool {
        let end = last_day(self.month(place)).min(self.as_of);
        let has_left = stay.is_last && episode.left;
        stay.from <= end && (stay.to > end || (stay.to == end && !has_left))
    }

    /// The share of a month's charge that falls on the days under observation: what was charged
    /// is for the days from when the customer was won, or the month's first, to when they left, or
    /// the month's last.
    pub(crate) fn charged_share(self, episode: &EpisodeRow, month: Month) -> f64 {
        let (first, last) = (month.first_day(), last_day(month));
        let from = episode.acquired_on.max(first);
        let until = if episode.left {
            episode.observed_to.min(last)
        } else {
            last
        };
        let until_observed = episode.observed_to.min(self.as_of).min(last);
        let observed = days(episode.observed_from.max(first), until_observed);
        (observed as f64 / days(from, until).max(observed).max(1) as f64).min(1.0)
    }

    /// Whether the customer was under observation in a month of the window.
    pub(crate) fn observes(self, episode: &EpisodeRow, month: Month) -> bool {
        month >= self.month(0) && observes(episode, month)
    }
}

/// Whether a customer was under observation in a month.
pub(crate) fn observes(episode: &EpisodeRow, month: Month) -> bool {
    (Month::of(episode.observed_from)..=Month::of(episode.observed_to)).contains(&month)
}

/// The share of a month's days that lie from one day to another, both included.
pub(crate) fn share_of_month(month: Month, [from, until]: [NaiveDate; 2]) -> f64 {
    let from = from.max(month.first_day());
    let days = days(from, until.min(last_day(month)));
    days as f64 / f64::from(length(month))
}

/// Days from one to another, both included; none when they are the wrong way round.
fn days(from: NaiveDate, to: NaiveDate) -> i64 {
    ((to - from).num_days() + 1).max(0)
}

fn last_day(month: Month) -> NaiveDate {
    month.plus(1).first_day() - Days::new(1)
}

/// Days of a calendar month.
fn length(month: Month) -> u32 {
    last_day(month).day()
}

/// Months from the morning of `from` to the morning of `to`, each day counting as its share of its
/// calendar month, so that stretches add up; zero when `to` is not after `from`.
pub(crate) fn months_between(from: NaiveDate, to: NaiveDate) -> f64 {
    let position = |day: NaiveDate| {
        let month = Month::of(day);
        (
            month.index(),
            f64::from(day.day0()) / f64::from(length(month)),
        )
    };
    let ((from_month, from_part), (to_month, to_part)) = (position(from), position(to));
    (f64::from(to_month - from_month) + (to_part - from_part)).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use keepworth_contract::feed::CustomerKey;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn episode(
        acquired_on: &str,
        observed_from: &str,
        observed_to: &str,
        left: bool,
    ) -> EpisodeRow {
        EpisodeRow {
            customer: CustomerKey {
                source: "crm".to_owned(),
                external_id: "1".to_owned(),
            },
            segment: "home".to_owned(),
            earlier_segments: Vec::new(),
            acquired_on: day(acquired_on),
            acquisition_channel: None,
            observed_from: day(observed_from),
            observed_to: day(observed_to),
            left,
            cause: None,
        }
    }

    #[test]
    fn whole_months_are_whole() {
        assert_eq!(months_between(day("2025-07-01"), day("2025-10-01")), 3.0);
        assert_eq!(months_between(day("2025-06-16"), day("2025-07-01")), 0.5);
        assert_eq!(months_between(day("2025-10-01"), day("2025-07-01")), 0.0);
        let window = Window::ending(day("2025-09-15"));
        assert!(window.is_whole(10, day("2025-08-01")) && !window.is_whole(10, day("2025-08-02")));
        assert!(
            !window.is_whole(11, day("2025-01-01")),
            "fifteen days of September"
        );
    }

    #[test]
    fn a_window_is_twelve_calendar_months() {
        let window = Window::ending(day("2025-09-30"));
        assert_eq!(window.first_day(), day("2024-10-01"));
        assert_eq!(
            Window::ending(day("2025-09-01")).first_day(),
            day("2024-10-01")
        );
        assert_eq!(window.place("2024-10".parse().unwrap()), Some(0));
        assert_eq!(window.place("2025-09".parse().unwrap()), Some(11));
        assert_eq!(window.place("2024-09".parse().unwrap()), None);
        assert_eq!(window.place("2025-10".parse().unwrap()), None);
    }

    #[test]
    fn exposure_counts_days_of_each_month() {
        let window = Window::ending(day("2025-09-15"));
        let exposure = |it: &EpisodeRow| window.exposure(it.observed_from, it.observed_to);
        let stays = episode("2020-01-01", "2025-06-16", "2025-09-15", false);
        assert_eq!(exposure(&stays)[7..], [0.0, 0.5, 1.0, 1.0, 0.5]);
        let total: f64 = exposure(&stays).iter().sum();
        assert_eq!(total, months_between(day("2025-06-16"), day("2025-09-16")));
        let gone = episode("2020-01-01", "2020-01-01", "2024-09-30", true);
        assert_eq!(exposure(&gone), [0.0; MONTHS]);
    }

    #[test]
    fn a_charge_counts_for_the_days_under_observation() {
        let window = Window::ending(day("2025-09-15"));
        let share =
            |episode: &EpisodeRow, place| window.charged_share(episode, window.month(place));
        // A customer of old: half of June was before, half of September is still to come.
        let stays = episode("2020-01-01", "2025-06-16", "2025-09-15", false);
        assert_eq!(
            [8, 9, 11].map(|place| share(&stays, place)),
            [0.5, 1.0, 0.5]
        );
        // First and last months are charged in part, and all of that counts.
        let brief = episode("2025-06-16", "2025-06-16", "2025-08-10", true);
        assert_eq!([8, 9, 10].map(|place| share(&brief, place)), [1.0; 3]);
        // Of the 26 days charged for September eleven have passed.
        let late = episode("2025-09-05", "2025-09-05", "2025-09-15", false);
        assert!((share(&late, 11) - 11.0 / 26.0).abs() < 1e-15);
    }
}
