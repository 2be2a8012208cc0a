//! From customers' dates to cohorts: who was at risk of leaving at which tenure, and who left.
//!
//! People enter the risk set when their observation window opens, not when they became customers
//! (left truncation): in the public Telco data the difference is a monthly hazard of 9.5% or
//! 0.82%. Days count inclusively: a customer who left on a day was a customer that day.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, Months, NaiveDate};
use keepworth_contract::Month;
use keepworth_contract::customers::{CohortRow, EpisodeRow, LeavingCause, Stay};

/// Months of a year.
const YEAR: i32 = 12;

/// Months from the morning of `from` to the morning of `to`: whole months, and the part of the
/// month begun by its own number of days. Zero when `to` is not after `from`.
#[must_use]
pub fn months_between(from: NaiveDate, to: NaiveDate) -> f64 {
    if to <= from {
        return 0.0;
    }
    let calendar =
        (to.year() - from.year()) * 12 + to.month().cast_signed() - from.month().cast_signed();
    let mut whole = calendar.unsigned_abs();
    if from + Months::new(whole) > to {
        whole -= 1;
    }
    let begun = from + Months::new(whole);
    let length = (from + Months::new(whole + 1) - begun).num_days();
    f64::from(whole) + (to - begun).num_days() as f64 / length as f64
}

/// Sums over customers by segment, completed month of tenure and year of the calendar; grows with
/// these, not with customers.
///
/// Years are counted back from the feed's day in twelve calendar months each: the finest calendar
/// that keeps the table small (a dozen times as many rows for a company that is as old), and year 0
/// is the window over which money is taken.
#[derive(Debug)]
pub struct CohortTable {
    as_of: NaiveDate,
    cells: BTreeMap<(String, u32, u32), Cell>,
}

#[derive(Debug, Default)]
struct Cell {
    at_risk: u64,
    entered: u64,
    exposure_months: f64,
    left: BTreeMap<LeavingCause, u64>,
    left_unknown: u64,
    active: u64,
}

impl CohortTable {
    /// Nobody yet, as of a day.
    #[must_use]
    pub fn new(as_of: NaiveDate) -> Self {
        Self {
            as_of,
            cells: BTreeMap::new(),
        }
    }

    /// Counts a customer in, each stay in its segment.
    pub fn add(&mut self, episode: &EpisodeRow) {
        for stay in episode.stays() {
            self.add_stay(episode, &stay);
        }
    }

    fn add_stay(&mut self, episode: &EpisodeRow, stay: &Stay<'_>) {
        let entry = months_between(episode.acquired_on, stay.from);
        let exit = months_between(episode.acquired_on, stay.to + Days::new(1));
        let first = entry.floor() as u32;
        // Who leaves at the very end of a month of tenure leaves in it, not in the next.
        let last = (exit.ceil() as u32).saturating_sub(1).max(first);
        let last_year = years_ago(self.as_of, stay.to);
        let first_year = years_ago(self.as_of, stay.from);
        let mut end = exit;
        for year in last_year..=first_year {
            let begins = months_between(episode.acquired_on, first_day(self.as_of, year));
            self.stretch(stay.segment, year, entry.max(begins), end);
            end = begins;
        }
        self.cell(stay.segment, first, first_year).entered += 1;
        if stay.is_last && episode.left {
            let cell = self.cell(stay.segment, last, last_year);
            let left = episode
                .cause
                .map(|cause| cell.left.entry(cause).or_default());
            *left.unwrap_or(&mut cell.left_unknown) += 1;
        } else if stay.is_last && stay.to == self.as_of {
            let month = exit.floor() as u32;
            self.cell(stay.segment, month, last_year).active += 1;
        }
    }

    /// Counts in a stretch of tenure that lies in one year.
    fn stretch(&mut self, segment: &str, year: u32, start: f64, end: f64) {
        let first = start.floor() as u32;
        let after = (end.ceil() as u32).max(first + 1);
        for month in first..after {
            let from = f64::from(month).max(start);
            let to = f64::from(month + 1).min(end);
            let cell = self.cell(segment, month, year);
            cell.at_risk += 1;
            cell.exposure_months += (to - from).max(0.0);
        }
    }

    fn cell(&mut self, segment: &str, month: u32, year: u32) -> &mut Cell {
        let key = (segment.to_owned(), month, year);
        self.cells.entry(key).or_default()
    }

    /// The rows, by segment, tenure and year.
    pub fn into_rows(self) -> impl Iterator<Item = CohortRow> {
        self.cells
            .into_iter()
            .map(|((segment, tenure_month, years_ago), cell)| CohortRow {
                segment,
                tenure_month,
                years_ago,
                at_risk: cell.at_risk,
                entered: cell.entered,
                exposure_months: cell.exposure_months,
                left: cell.left,
                left_unknown: cell.left_unknown,
                active: cell.active,
            })
    }
}

/// How many years of twelve calendar months before that of `as_of` a day lies in; 0 for the last.
fn years_ago(as_of: NaiveDate, day: NaiveDate) -> u32 {
    let months = Month::of(as_of).index() - Month::of(day).index();
    u32::try_from(months.max(0) / YEAR).unwrap_or_default()
}

/// The first day of such a year.
fn first_day(as_of: NaiveDate, years_ago: u32) -> NaiveDate {
    let back = YEAR * (years_ago.cast_signed() + 1) - 1;
    Month::of(as_of).plus(-back).first_day()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::history::CustomerHistory;
    use crate::rule::history::tests::{history, moved};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn rows(histories: Vec<CustomerHistory>, as_of: &str) -> Vec<CohortRow> {
        let mut table = CohortTable::new(day(as_of));
        for episode in histories
            .into_iter()
            .filter_map(|it| it.known_on(day(as_of)))
        {
            table.add(&episode);
        }
        table.into_rows().collect()
    }

    #[test]
    fn months_are_calendar_months() {
        assert_eq!(months_between(day("2025-01-31"), day("2025-02-28")), 1.0);
        assert_eq!(months_between(day("2024-07-01"), day("2025-10-01")), 15.0);
        assert_eq!(months_between(day("2025-04-01"), day("2025-04-16")), 0.5);
        assert_eq!(months_between(day("2025-04-01"), day("2025-04-01")), 0.0);
    }

    #[test]
    fn people_enter_when_the_window_opens() {
        let late = history("2023-07-01", "2025-07-01", Some("2025-09-30"));
        let rows = rows(vec![late], "2025-09-30");
        let months: Vec<u32> = rows.iter().map(|row| row.tenure_month).collect();
        assert_eq!(
            months,
            [24, 25, 26],
            "tenure before the window is no follow-up"
        );
        assert_eq!(rows.iter().map(|row| row.exposure_months).sum::<f64>(), 3.0);
        assert_eq!(rows[0].entered, 1);
        assert_eq!(rows[2].left, BTreeMap::from([(LeavingCause::Price, 1)]));
        assert_eq!(rows.iter().map(|row| row.active).sum::<u64>(), 0);
    }

    #[test]
    fn what_happened_later_is_not_known_yet() {
        let leaver = history("2025-01-01", "2025-01-01", Some("2025-06-15"));
        let before = rows(vec![leaver.clone()], "2025-06-14");
        assert!(before.iter().all(|row| row.departures() == 0));
        assert_eq!(before.iter().map(|row| row.active).sum::<u64>(), 1);
        assert!(rows(vec![leaver], "2024-12-31").is_empty());
    }

    #[test]
    fn years_are_counted_back_in_calendar_months() {
        // From 16 September 2023 on; the last year begins on 1 October 2024.
        let leaver = history("2023-09-16", "2023-09-16", Some("2024-11-30"));
        let rows = rows(vec![leaver], "2025-09-15");
        let of = |year: u32| rows.iter().filter(move |row| row.years_ago == year);
        let exposure = |year: u32| of(year).map(|row| row.exposure_months).sum::<f64>();
        // Half of September 2023; a year; 16 of the 31 days from 16 October to 15 November and so on
        // make two months of October and November 2024.
        assert!((exposure(0) - 2.0).abs() < 0.02, "{}", exposure(0));
        assert!((exposure(1) - 12.0).abs() < 0.02, "{}", exposure(1));
        assert!((exposure(2) - 0.5).abs() < 0.02, "{}", exposure(2));
        assert_eq!(of(0).map(CohortRow::departures).sum::<u64>(), 1);
        assert_eq!(of(2).map(|row| row.entered).sum::<u64>(), 1);
        // The thirteenth month of tenure, from 16 September to 15 October 2024, is in both years.
        let split: Vec<u32> = rows
            .iter()
            .filter(|row| row.tenure_month == 12)
            .map(|row| row.years_ago)
            .collect();
        assert_eq!(split, [0, 1]);
    }

    #[test]
    fn an_unknown_cause_is_not_another_cause() {
        let left = |cause: Option<LeavingCause>| {
            let mut leaver = history("2025-01-01", "2025-01-01", Some("2025-06-15"));
            leaver.leaving_cause = cause;
            leaver
        };
        let rows = rows(
            vec![left(None), left(Some(LeavingCause::Other))],
            "2025-09-30",
        );
        let last = rows.last().unwrap();
        assert_eq!(last.left, BTreeMap::from([(LeavingCause::Other, 1)]));
        assert_eq!((last.left_unknown, last.departures()), (1, 2));
    }

    #[test]
    fn whoever_is_no_longer_observed_is_not_counted_as_active() {
        let mut gone_dark = history("2025-01-01", "2025-01-01", None);
        gone_dark.observed_to = Some(day("2025-03-31"));
        let rows = rows(vec![gone_dark], "2025-06-30");
        assert_eq!(rows.iter().map(|row| row.active).sum::<u64>(), 0);
        assert_eq!(rows.iter().map(|row| row.exposure_months).sum::<f64>(), 3.0);
    }

    #[test]
    fn months_before_a_move_count_in_the_segment_before() {
        let mut mover = history("2025-01-01", "2025-01-01", Some("2025-09-30"));
        mover.segment = "gold".into();
        mover.moves = vec![
            moved("2025-04-01", "plus", Some("basic")),
            moved("2025-07-01", "gold", None),
        ];
        let early = rows(vec![mover.clone()], "2025-03-15");
        assert_eq!(early.len(), 3);
        assert!(early.iter().all(|row| row.segment == "basic"));
        assert_eq!(early.iter().map(|row| row.active).sum::<u64>(), 1);
        let rows = rows(vec![mover], "2025-12-31");
        for (segment, entered, left) in [("basic", 1, 0), ("plus", 1, 0), ("gold", 1, 1)] {
            let of = || rows.iter().filter(|row| row.segment == segment);
            assert_eq!(
                of().map(|row| row.exposure_months).sum::<f64>(),
                3.0,
                "{segment}"
            );
            assert_eq!(
                of().map(|row| row.entered).sum::<u64>(),
                entered,
                "{segment}"
            );
            assert_eq!(
                of().map(CohortRow::departures).sum::<u64>(),
                left,
                "{segment}"
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn person_months_and_leavers_add_up(
            starts in proptest::collection::vec((0i64..2000, 0i64..400, proptest::option::of(0i64..1500)), 1..60),
        ) {
            let as_of = day("2025-09-30");
            let origin = day("2019-01-01");
            let episodes: Vec<EpisodeRow> = starts
                .iter()
                .filter_map(|(acquired, late, left)| {
                    let acquired_on = origin + chrono::Duration::days(*acquired);
                    let observed_from = acquired_on + chrono::Duration::days(*late);
                    CustomerHistory {
                        left_on: left.map(|days| observed_from + chrono::Duration::days(days)),
                        acquired_on, observed_from,
                        ..history("2019-01-01", "2019-01-01", None)
                    }.known_on(as_of)
                })
                .collect();
            let mut table = CohortTable::new(as_of);
            episodes.iter().for_each(|episode| table.add(episode));
            let rows: Vec<CohortRow> = table.into_rows().collect();
            let expected: f64 = episodes.iter().map(|it| {
                months_between(it.acquired_on, it.observed_to + Days::new(1))
                    - months_between(it.acquired_on, it.observed_from)
            }).sum();
            let exposure: f64 = rows.iter().map(|row| row.exposure_months).sum();
            proptest::prop_assert!((exposure - expected).abs() < 1e-9 * (1.0 + expected));
            let left: u64 = rows.iter().map(CohortRow::departures).sum();
            proptest::prop_assert_eq!(left, episodes.iter().filter(|it| it.left).count() as u64);
            let active: u64 = rows.iter().map(|row| row.active).sum();
            proptest::prop_assert_eq!(active + left, episodes.len() as u64);
            let entered: u64 = rows.iter().map(|row| row.entered).sum();
            proptest::prop_assert_eq!(entered, episodes.len() as u64);
        }
    }
}
