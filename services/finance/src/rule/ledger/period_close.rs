//! When a month can be closed, and what a closed month refuses.

use chrono::NaiveDate;
use keepworth_contract::FaultCode;
use keepworth_contract::{InvalidParam, Month};

/// Why a month cannot be closed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CloseError {
    /// It goes on.
    #[error("{month} is not over yet (today is {today}); close it in {next}")]
    NotOver {
        /// The month.
        month: Month,
        /// The day it was asked.
        today: NaiveDate,
        /// The first month in which it can be closed.
        next: Month,
    },
    /// It was closed before.
    #[error("{month} is closed already: the books are closed through {through}")]
    Closed {
        /// The month.
        month: Month,
        /// The last closed month.
        through: Month,
    },
}

/// Checks that a month can be closed on `today`, when the books are closed through a month.
///
/// # Errors
/// [`CloseError`].
pub fn check(month: Month, today: NaiveDate, through: Option<Month>) -> Result<(), CloseError> {
    if month >= Month::of(today) {
        let next = month.plus(1);
        return Err(CloseError::NotOver { month, today, next });
    }
    match through.filter(|through| month <= *through) {
        Some(through) => Err(CloseError::Closed { month, through }),
        None => Ok(()),
    }
}

/// What is wrong with writing an entry posted on a day, which is stored with another month when it
/// is a correction, while the books are closed through a month.
#[must_use]
pub fn fault(posted_on: NaiveDate, stored: Option<Month>, through: Month) -> Option<InvalidParam> {
    let open = through.plus(1).first_day();
    let closed = |month: Month| month <= through;
    let reason = if stored.is_some_and(closed) {
        format!(
            "the entry is in the books of a closed month (closed through {through}); leave it as \
             it is, and post the difference as a new entry on or after {open}"
        )
    } else if closed(Month::of(posted_on)) {
        format!(
            "{posted_on} is in a closed month (closed through {through}); post it on or after {open}"
        )
    } else {
        return None;
    };
    Some(InvalidParam::new(
        "posted_on",
        FaultCode::PeriodClosed,
        reason,
    ))
}

/// What is wrong with writing a revenue for a month (the last it covers), which is stored with
/// another when it is a correction, while the books are closed through a month.
#[must_use]
pub fn revenue_fault(month: Month, stored: Option<Month>, through: Month) -> Option<InvalidParam> {
    let open = through.plus(1);
    let reason = if stored.is_some_and(|stored| stored <= through) {
        format!(
            "the revenue is in the books of a closed month (closed through {through}); leave it as \
             it is, and send the difference as a new one, or a REFUND, for {open} or later"
        )
    } else if month <= through {
        format!("{month} is a closed month (closed through {through}); send it for {open} or later")
    } else {
        return None;
    };
    Some(InvalidParam::new("month", FaultCode::PeriodClosed, reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn months_are_closed_once_they_are_over_and_only_once() {
        let (today, through) = (day("2025-10-01"), Some(month("2025-08")));
        assert_eq!(check(month("2025-09"), today, through), Ok(()));
        assert_eq!(check(month("2025-01"), today, None), Ok(()));
        let going_on = check(month("2025-10"), today, through).unwrap_err();
        assert!(going_on.to_string().ends_with("close it in 2025-11"));
        assert!(matches!(
            check(month("2025-08"), today, through),
            Err(CloseError::Closed { .. })
        ));
    }

    #[test]
    fn the_books_of_a_closed_month_stay_as_they_are() {
        let through = month("2025-08");
        assert_eq!(fault(day("2025-09-01"), None, through), None);
        assert_eq!(
            fault(day("2025-09-01"), Some(month("2025-09")), through),
            None
        );
        let late = fault(day("2025-08-31"), None, through).unwrap();
        assert!(late.reason.contains("on or after 2025-09-01"), "{late:?}");
        let moved = fault(day("2025-09-01"), Some(month("2025-07")), through).unwrap();
        assert_eq!(moved.code, "period_closed");
        assert!(moved.reason.contains("post the difference"), "{moved:?}");
    }

    #[test]
    fn revenue_of_a_closed_month_stays_as_it_is() {
        let (august, september) = (month("2025-08"), month("2025-09"));
        assert_eq!(revenue_fault(september, Some(september), august), None);
        let late = revenue_fault(august, None, august).unwrap();
        assert!(late.reason.contains("for 2025-09 or later"), "{late:?}");
        let moved = revenue_fault(september, Some(august), august).unwrap();
        assert!(moved.reason.contains("REFUND"), "{moved:?}");
    }
}
