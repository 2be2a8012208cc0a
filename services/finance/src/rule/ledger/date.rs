//! When a day can be taken.

use chrono::{Datelike, NaiveDate};
use keepworth_contract::FaultCode;
use keepworth_contract::InvalidParam;
use keepworth_intake::fault;

/// What is wrong with a day on which something happened.
#[must_use]
pub fn fault(name: &str, day: NaiveDate, today: NaiveDate) -> Option<InvalidParam> {
    range_fault(name, day).or_else(|| fault::past(name, day, today))
}

/// What is wrong with any day: from 1900 to 9999 both databases order them alike.
#[must_use]
pub fn range_fault(name: &str, day: NaiveDate) -> Option<InvalidParam> {
    (!(1900..=9999).contains(&day.year())).then(|| {
        let reason = format!("{day} is outside 1900 to 9999; correct it");
        InvalidParam::new(name, FaultCode::OutOfRange, reason)
    })
}
