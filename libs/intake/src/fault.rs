//! Faults that many kinds of record share.

use chrono::{Datelike, NaiveDate};
use keepworth_contract::FaultCode;
use keepworth_contract::InvalidParam;

/// A text of 1 to `longest` characters, without control characters.
#[must_use]
pub fn text(name: &str, value: &str, longest: usize) -> Option<InvalidParam> {
    let wrong = |code, reason| Some(InvalidParam::new(name, code, reason));
    if value.trim().is_empty() {
        wrong(
            FaultCode::Missing,
            "is empty; every record needs one".to_owned(),
        )
    } else if value.chars().count() > longest {
        wrong(
            FaultCode::TooLong,
            format!(
                "has {} characters; at most {longest}",
                value.chars().count()
            ),
        )
    } else if value.chars().any(char::is_control) {
        wrong(
            FaultCode::ControlCharacter,
            "has control characters; remove them".to_owned(),
        )
    } else {
        None
    }
}

/// A date that must not come before another.
#[must_use]
pub fn before(
    name: &str,
    date: NaiveDate,
    earliest_name: &str,
    earliest: NaiveDate,
) -> Option<InvalidParam> {
    (date < earliest).then(|| {
        InvalidParam::new(
            name,
            FaultCode::DatesOutOfOrder,
            format!("{date} is before {earliest_name} {earliest}; correct one of them"),
        )
    })
}

/// A date that must have come already, and not before 1900: such years are typing errors.
#[must_use]
pub fn past(name: &str, date: NaiveDate, today: NaiveDate) -> Option<InvalidParam> {
    if date > today {
        let reason =
            format!("{date} has not come yet (today is {today}); records say what happened");
        Some(InvalidParam::new(name, FaultCode::InTheFuture, reason))
    } else if date.year() < 1900 {
        let reason = format!("{date} is before 1900; correct the year");
        Some(InvalidParam::new(name, FaultCode::TooEarly, reason))
    } else {
        None
    }
}

/// Why a day's facts cannot be asked for, if it has not come yet.
#[must_use]
pub fn not_come_yet(as_of: NaiveDate, today: NaiveDate) -> Option<String> {
    (as_of > today).then(|| {
        format!("{as_of} has not come yet (today is {today}); give a day whose facts are known")
    })
}
