//! The days that a charge is for.

use chrono::{Datelike, Months, NaiveDate};

use crate::Month;

/// A century, the most that one charge covers.
const MOST_MONTHS: i32 = 1_200;

/// The days from `from` on, up to but without `until`: a bill for January is from the 1st of
/// January until the 1st of February.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Period {
    from: NaiveDate,
    until: NaiveDate,
}

/// No period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PeriodError {
    /// It runs backwards.
    #[error("the period ends {until}, before it starts {from}")]
    Backwards {
        /// Its start.
        from: NaiveDate,
        /// Its end.
        until: NaiveDate,
    },
    /// It is too long to be meant.
    #[error("the period from {from} until {until} is longer than a century")]
    TooLong {
        /// Its start.
        from: NaiveDate,
        /// Its end.
        until: NaiveDate,
    },
}

impl Period {
    /// The days of a period; a one-off charge may have none.
    ///
    /// # Errors
    /// [`PeriodError`].
    pub fn new(from: NaiveDate, until: NaiveDate) -> Result<Self, PeriodError> {
        if until < from {
            return Err(PeriodError::Backwards { from, until });
        }
        if month_steps(from, until) > MOST_MONTHS {
            return Err(PeriodError::TooLong { from, until });
        }
        Ok(Self { from, until })
    }

    /// So many months from a day on; `None` beyond all calendars.
    #[must_use]
    pub fn of_months(from: NaiveDate, months: i32) -> Option<Self> {
        let until = from.checked_add_months(Months::new(u32::try_from(months).ok()?))?;
        Some(Self { from, until })
    }

    /// So many months up to a day; `None` beyond all calendars.
    #[must_use]
    pub fn months_up_to(until: NaiveDate, months: i32) -> Option<Self> {
        let from = until.checked_sub_months(Months::new(u32::try_from(months).ok()?))?;
        Some(Self { from, until })
    }

    /// The first day.
    #[must_use]
    pub fn from(self) -> NaiveDate {
        self.from
    }

    /// The day after the last one.
    #[must_use]
    pub fn until(self) -> NaiveDate {
        self.until
    }

    /// How many days.
    #[must_use]
    pub fn days(self) -> i64 {
        (self.until - self.from).num_days()
    }

    /// Whether a day is one of them.
    #[must_use]
    pub fn has(self, day: NaiveDate) -> bool {
        (self.from..self.until).contains(&day)
    }

    /// The whole number of months nearest to its length, at least one.
    ///
    /// Exports end a period on its last day or on the day after; both are the same number of
    /// months, and so are a month from the 31st and the February after it.
    #[must_use]
    pub fn nearest_months(self) -> i32 {
        let about = month_steps(self.from, self.until);
        let away = |months: &i32| {
            let end = self.from + Months::new(months.unsigned_abs());
            (end - self.until).num_days().abs()
        };
        let nearest = (1.max(about - 1)..=about + 1).min_by_key(away);
        nearest.unwrap_or(1)
    }

    /// The last of its [`nearest_months`](Self::nearest_months), the first being that of its first
    /// day.
    #[must_use]
    pub fn last_month(self) -> Month {
        Month::of(self.from).plus(self.nearest_months() - 1)
    }

    /// How many months it is, when it is a whole number of them: from a day of one month to the same
    /// day of another, or to its last day where there is no such day.
    #[must_use]
    pub fn whole_months(self) -> Option<i32> {
        let months = month_steps(self.from, self.until);
        let is_last = |day: NaiveDate| day.day() == days_of(day);
        let (first, end) = (self.from.day(), self.until.day());
        // Who begins on the 28th of February may have begun on the 31st of January.
        let same = first == end
            || (first < end && is_last(self.from))
            || (first > end && is_last(self.until));
        (months > 0 && same).then_some(months)
    }
}

/// Calendar months between the months of two days.
fn month_steps(from: NaiveDate, until: NaiveDate) -> i32 {
    Month::of(until).index() - Month::of(from).index()
}

/// Days in the month of a day.
fn days_of(day: NaiveDate) -> u32 {
    Month::of(day).last_day().day()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(from: &str, until: &str) -> Result<Period, PeriodError> {
        Period::new(from.parse().unwrap(), until.parse().unwrap())
    }

    #[test]
    fn periods_are_counted_in_the_nearest_months() {
        for (from, until, expected) in [
            ("2025-09-01", "2025-09-30", 1),
            ("2025-09-01", "2025-10-01", 1),
            ("2025-09-15", "2025-10-14", 1),
            ("2025-01-31", "2025-02-28", 1),
            ("2024-03-10", "2025-03-10", 12),
            ("2024-03-10", "2025-03-09", 12),
            ("2025-12-31", "2026-03-31", 3),
            ("2025-09-01", "2025-09-08", 1),
            ("2025-09-20", "2025-09-20", 1),
            ("2025-08-15", "2025-09-01", 1),
        ] {
            let found = period(from, until).unwrap();
            assert_eq!(found.nearest_months(), expected, "{from} {until}");
        }
        let year = period("2025-03-10", "2026-03-10").unwrap();
        assert_eq!(year.last_month().to_string(), "2026-02");
    }

    #[test]
    fn a_month_keeps_its_day_as_far_as_months_have_it() {
        for (from, until, expected) in [
            ("2025-01-31", "2025-02-28", Some(1)),
            ("2025-02-28", "2025-03-31", Some(1)),
            ("2025-03-31", "2025-04-30", Some(1)),
            ("2025-04-30", "2025-05-30", Some(1)),
            ("2024-02-29", "2025-02-28", Some(12)),
            ("2025-04-01", "2025-05-01", Some(1)),
            ("2025-01-01", "2027-01-01", Some(24)),
            ("2025-03-02", "2025-04-01", None),
            ("2025-01-31", "2025-03-02", None),
            ("2025-08-20", "2025-09-01", None),
            ("2025-08-20", "2025-08-20", None),
        ] {
            let found = period(from, until).unwrap();
            assert_eq!(found.whole_months(), expected, "{from} {until}");
        }
    }

    #[test]
    fn what_is_no_period_is_said() {
        let error = |from, until| period(from, until).unwrap_err().to_string();
        assert!(error("2025-09-02", "2025-09-01").contains("before it starts"));
        assert!(error("1000-01-01", "2025-01-01").contains("century"));
    }
}
