//! The months that a report is about.

use crate::store::KnownAt;
use chrono::{DateTime, Utc};
use keepworth_contract::Month;
use keepworth_intake::Failure;

/// Months, and how they are looked at.
#[derive(Debug, Clone, Copy)]
pub struct Period {
    /// The first month.
    pub first: Month,
    /// The last one.
    pub last: Month,
    /// Spend comes this many months before.
    pub lag: i32,
    /// As it was known at a time.
    pub known_at: KnownAt,
}

/// 1905: no record is of before 1900, and spend may come some years before what it buys.
const EARLIEST: i32 = 1905 * 12;

impl Period {
    /// Some months (1 when left out) up to `last`, with no lag.
    pub fn ending(last: Month, months: Option<i32>) -> Result<Self, Failure> {
        let months = months.unwrap_or(1);
        if !(1..=60).contains(&months) {
            return Err(Failure::malformed(format!(
                "months is {months}; give 1 to 60"
            )));
        }
        let first = last.plus(1 - months);
        if first.index() < EARLIEST {
            return Err(Failure::malformed(format!(
                "month: {last} is too early; the period would begin in {first}, of which there are no records"
            )));
        }
        Ok(Self {
            first,
            last,
            lag: 0,
            known_at: None,
        })
    }

    /// The same, as it was known at a time.
    pub fn known(self, at: Option<DateTime<Utc>>) -> Self {
        let known_at = at.map(|at| at.naive_utc());
        Self { known_at, ..self }
    }

    /// Each of them.
    pub fn months(self) -> impl Iterator<Item = Month> {
        (self.first.index()..=self.last.index()).map(Month::from_index)
    }
}
