//! How many months a service period covers.

use chrono::{Datelike, Months, NaiveDate};

/// A century, as the services take at the most.
const MOST_MONTHS: i32 = 1_200;

/// The whole number of months nearest to the time from `start` until `end`, at least one.
///
/// Exports end a period on its last day or on the day after; both are the same number of months,
/// and so are a month from the 31st and the February after it. A week counts as a month: what is
/// charged by the week is recurring revenue of the month that it begins in.
///
/// # Errors
/// A period that ends before it starts, or is longer than a century.
pub(super) fn months(start: NaiveDate, end: NaiveDate) -> Result<i32, String> {
    if end < start {
        return Err(format!("the period ends {end}, before it starts {start}"));
    }
    let about = 12 * (end.year() - start.year()) + end.month0().cast_signed()
        - start.month0().cast_signed();
    if about > MOST_MONTHS {
        return Err(format!(
            "the period from {start} until {end} is longer than a century"
        ));
    }
    let away = |months: &i32| {
        let months = Months::new(months.unsigned_abs());
        (start + months - end).num_days().abs()
    };
    let nearest = (1.max(about - 1)..=about + 1).min_by_key(away);
    Ok(nearest.unwrap_or(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_counted_in_whole_months() {
        let of = |start: &str, end: &str| months(start.parse().unwrap(), end.parse().unwrap());
        for (start, end, expected) in [
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
            assert_eq!(of(start, end), Ok(expected), "{start} {end}");
        }
        assert!(
            of("2025-09-02", "2025-09-01")
                .unwrap_err()
                .contains("before it starts")
        );
        assert!(
            of("1000-01-01", "2025-01-01")
                .unwrap_err()
                .contains("century")
        );
    }
}
