//! When something happened: as stored, in which month, and on which day it counts. All in UTC.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use keepworth_contract::FaultCode;
use keepworth_contract::{InvalidParam, Month};

/// No record can be older: the first day that computers count from.
const FIRST_DAY: NaiveDate = NaiveDate::from_ymd_opt(1970, 1, 1).expect("a calendar day");
/// The last day that both databases order as text and as time alike.
const LAST_DAY: NaiveDate = NaiveDate::from_ymd_opt(9999, 12, 31).expect("a calendar day");

/// The moment as both databases keep it: whole microseconds, leap seconds folded into the next.
#[must_use]
pub fn stored(at: DateTime<Utc>) -> NaiveDateTime {
    DateTime::from_timestamp_micros(at.timestamp_micros())
        .map_or(at.naive_utc(), |at| at.naive_utc())
}

/// The calendar month of a stored moment.
#[must_use]
pub fn month(at: NaiveDateTime) -> Month {
    Month::of(at.date())
}

/// The last moment of a day: what happened until then counts on it.
#[must_use]
pub fn evening(day: NaiveDate) -> NaiveDateTime {
    // A day outside the range that records can have counts none or all of them; the databases
    // cannot hold it.
    let before_all = FIRST_DAY.pred_opt().unwrap_or(FIRST_DAY);
    let last = NaiveTime::from_hms_micro_opt(23, 59, 59, 999_999).unwrap_or(NaiveTime::MIN);
    day.clamp(before_all, LAST_DAY).and_time(last)
}

/// The first moment of a day, which the databases can hold.
#[must_use]
pub fn morning(day: NaiveDate) -> NaiveDateTime {
    day.clamp(FIRST_DAY, LAST_DAY).and_time(NaiveTime::MIN)
}

/// What is wrong with the moment of a record that came in at `now`.
#[must_use]
pub fn fault(name: &str, at: DateTime<Utc>, now: DateTime<Utc>) -> Option<InvalidParam> {
    if at > now {
        Some(InvalidParam::new(
            name,
            FaultCode::InTheFuture,
            format!("{at} has not come yet (it is {now}); records say what happened"),
        ))
    } else if at.date_naive() < FIRST_DAY {
        Some(InvalidParam::new(
            name,
            FaultCode::TooEarly,
            format!("{at} is before {FIRST_DAY}; correct the year"),
        ))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_month_is_one_of_utc() {
        let late = at("2025-06-30T23:30:00-02:00");
        assert_eq!(month(stored(late)).to_string(), "2025-07");
    }

    #[test]
    fn a_leap_second_belongs_to_the_next_month() {
        let leap = stored(at("2016-12-31T23:59:60.5Z"));
        assert_eq!(leap, at("2017-01-01T00:00:00.5Z").naive_utc());
        assert_eq!(month(leap).to_string(), "2017-01");
    }

    #[test]
    fn the_evening_counts_and_the_next_morning_does_not() {
        let evening = evening("2025-06-30".parse().unwrap());
        assert!(stored(at("2025-06-30T23:59:59.999999999Z")) <= evening);
        assert!(stored(at("2025-07-01T00:00:00Z")) > evening);
    }

    #[test]
    fn any_day_can_be_asked_for() {
        assert!(evening(NaiveDate::MAX) > stored(at("2026-01-01T00:00:00Z")));
        assert!(evening(NaiveDate::MIN) < stored(at("1970-01-01T00:00:00Z")));
    }

    #[test]
    fn the_future_and_the_distant_past_are_refused() {
        let now = at("2025-11-01T12:00:00Z");
        let code = |text| fault("responded_at", at(text), now).map(|fault| fault.code);
        assert_eq!(code("2025-11-01T12:00:00Z"), None);
        assert_eq!(code("1970-01-01T00:00:00Z"), None);
        assert_eq!(
            code("2025-11-01T12:00:01Z").as_deref(),
            Some("in_the_future")
        );
        assert_eq!(code("1969-12-31T23:59:59Z").as_deref(), Some("too_early"));
    }
}
