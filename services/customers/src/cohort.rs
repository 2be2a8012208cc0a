//! From customers' dates to cohorts: who was at risk of leaving at which tenure, and who left.
//!
//! People enter the risk set when their observation window opens, not when they became customers
//! (left truncation): in the public Telco data the difference is a monthly hazard of 9.5% or
//! 0.82%. Days count inclusively: a customer who left on a day was a customer that day.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, Months, NaiveDate};
use keepworth_contract::feed::CohortRow;
use keepworth_contract::record::LeavingCause;

/// A customer's time under observation, as of a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Episode {
    /// The segment's key.
    pub segment: String,
    /// The day they became a customer.
    pub acquired_on: NaiveDate,
    /// First day under observation.
    pub observed_from: NaiveDate,
    /// Last day under observation, not after the day of the question.
    pub observed_to: NaiveDate,
    /// Whether they left on `observed_to`, and why.
    pub left: Option<LeavingCause>,
    /// Whether they are a customer on the day of the question.
    pub active: bool,
}

/// A customer's dates as stored.
#[derive(Debug, Clone)]
pub struct CustomerHistory {
    /// The segment's key.
    pub segment: String,
    /// The day they became a customer.
    pub acquired_on: NaiveDate,
    /// First day under observation.
    pub observed_from: NaiveDate,
    /// Last day under observation; open when `None`.
    pub observed_to: Option<NaiveDate>,
    /// The last day as a customer, when they left.
    pub left_on: Option<NaiveDate>,
    /// Why.
    pub leaving_cause: Option<LeavingCause>,
}

impl CustomerHistory {
    /// What was known of the customer on the evening of `as_of`; `None` when nothing was.
    #[must_use]
    pub fn known_on(self, as_of: NaiveDate) -> Option<Episode> {
        if self.observed_from > as_of {
            return None;
        }
        let window_end = self.observed_to.unwrap_or(as_of).min(as_of);
        let left_on = self.left_on.filter(|left_on| *left_on <= window_end);
        Some(Episode {
            segment: self.segment,
            acquired_on: self.acquired_on,
            observed_from: self.observed_from,
            observed_to: left_on.unwrap_or(window_end),
            left: left_on.map(|_| self.leaving_cause.unwrap_or(LeavingCause::Other)),
            active: left_on.is_none() && window_end == as_of,
        })
    }
}

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

/// Sums over customers by segment and completed month of tenure; grows with these, not with
/// customers.
#[derive(Debug, Default)]
pub struct CohortTable {
    cells: BTreeMap<(String, u32), Cell>,
}

#[derive(Debug, Default)]
struct Cell {
    at_risk: u64,
    entered: u64,
    exposure_months: f64,
    left: BTreeMap<LeavingCause, u64>,
    active: u64,
}

impl CohortTable {
    /// Counts a customer in.
    pub fn add(&mut self, episode: &Episode) {
        let entry = months_between(episode.acquired_on, episode.observed_from);
        let exit = months_between(episode.acquired_on, episode.observed_to + Days::new(1));
        let first = entry.floor() as u32;
        // Who leaves at the very end of a month of tenure leaves in it, not in the next.
        let last = (exit.ceil() as u32).saturating_sub(1).max(first);
        for month in first..=last {
            let start = f64::from(month).max(entry);
            let end = f64::from(month + 1).min(exit);
            let cell = self.cell(&episode.segment, month);
            cell.at_risk += 1;
            cell.entered += u64::from(month == first);
            cell.exposure_months += (end - start).max(0.0);
            if let Some(cause) = episode.left.filter(|_| month == last) {
                *cell.left.entry(cause).or_default() += 1;
            }
        }
        if episode.active {
            self.cell(&episode.segment, exit.floor() as u32).active += 1;
        }
    }

    fn cell(&mut self, segment: &str, month: u32) -> &mut Cell {
        self.cells.entry((segment.to_owned(), month)).or_default()
    }

    /// The rows, by segment and tenure.
    pub fn into_rows(self) -> impl Iterator<Item = CohortRow> {
        self.cells
            .into_iter()
            .map(|((segment, tenure_month), cell)| CohortRow {
                segment,
                tenure_month,
                at_risk: cell.at_risk,
                entered: cell.entered,
                exposure_months: cell.exposure_months,
                left: cell.left,
                active: cell.active,
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn history(acquired: &str, from: &str, left: Option<&str>) -> CustomerHistory {
        CustomerHistory {
            segment: "all".into(),
            acquired_on: day(acquired),
            observed_from: day(from),
            observed_to: None,
            left_on: left.map(day),
            leaving_cause: left.map(|_| LeavingCause::Price),
        }
    }

    fn rows(histories: Vec<CustomerHistory>, as_of: &str) -> Vec<CohortRow> {
        let mut table = CohortTable::default();
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
        assert!(before.iter().all(|row| row.left.is_empty()));
        assert_eq!(before.iter().map(|row| row.active).sum::<u64>(), 1);
        assert!(rows(vec![leaver], "2024-12-31").is_empty());
    }

    #[test]
    fn whoever_is_no_longer_observed_is_not_counted_as_active() {
        let mut gone_dark = history("2025-01-01", "2025-01-01", None);
        gone_dark.observed_to = Some(day("2025-03-31"));
        let rows = rows(vec![gone_dark], "2025-06-30");
        assert_eq!(rows.iter().map(|row| row.active).sum::<u64>(), 0);
        assert_eq!(rows.iter().map(|row| row.exposure_months).sum::<f64>(), 3.0);
    }

    proptest::proptest! {
        #[test]
        fn person_months_and_leavers_add_up(
            starts in proptest::collection::vec((0i64..2000, 0i64..400, proptest::option::of(0i64..1500)), 1..60),
        ) {
            let as_of = day("2025-09-30");
            let origin = day("2019-01-01");
            let episodes: Vec<Episode> = starts
                .iter()
                .filter_map(|(acquired, late, left)| {
                    let acquired_on = origin + chrono::Duration::days(*acquired);
                    let observed_from = acquired_on + chrono::Duration::days(*late);
                    CustomerHistory {
                        segment: "all".into(), acquired_on, observed_from, observed_to: None,
                        left_on: left.map(|days| observed_from + chrono::Duration::days(days)),
                        leaving_cause: None,
                    }.known_on(as_of)
                })
                .collect();
            let mut table = CohortTable::default();
            episodes.iter().for_each(|episode| table.add(episode));
            let rows: Vec<CohortRow> = table.into_rows().collect();
            let expected: f64 = episodes.iter().map(|it| {
                months_between(it.acquired_on, it.observed_to + Days::new(1))
                    - months_between(it.acquired_on, it.observed_from)
            }).sum();
            let exposure: f64 = rows.iter().map(|row| row.exposure_months).sum();
            proptest::prop_assert!((exposure - expected).abs() < 1e-9 * (1.0 + expected));
            let left: u64 = rows.iter().flat_map(|row| row.left.values()).sum();
            proptest::prop_assert_eq!(left, episodes.iter().filter(|it| it.left.is_some()).count() as u64);
            let active: u64 = rows.iter().map(|row| row.active).sum();
            proptest::prop_assert_eq!(active + left, episodes.len() as u64);
            let entered: u64 = rows.iter().map(|row| row.entered).sum();
            proptest::prop_assert_eq!(entered, episodes.len() as u64);
        }
    }
}
