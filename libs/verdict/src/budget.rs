//! A budget of finance as a scenario counts its months.
//!
//! Month 0 of a scenario is the calendar month of the baseline's day. A month of a budget is one of the scenario's if it
//! ends after that day; what was planned for months before is spent, or was not needed, whatever is decided now.

use chrono::NaiveDate;
use keepworth_contract::Month;
use keepworth_contract::finance::{Budget, BudgetLine, ProgrammeLine};
use rust_decimal::Decimal;

/// Which month of a scenario a calendar month is, if it ends after the baseline's day.
pub(crate) fn month_of(as_of: NaiveDate, month: Month) -> Option<u32> {
    if month.last_day() <= as_of {
        return None;
    }
    u32::try_from(month.index() - Month::of(as_of).index()).ok()
}

/// Months in a row in which a budget plans the same for one kind of money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stretch {
    pub(crate) line: ProgrammeLine,
    /// Each month.
    pub(crate) amount: Decimal,
    /// The first of them, in the scenario's count.
    pub(crate) first: u32,
    /// How many.
    pub(crate) months: u32,
}

/// What of a budget lies ahead of a baseline.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Ahead {
    /// By kind of money, then by month.
    pub(crate) stretches: Vec<Stretch>,
    /// What was planned for months that are over.
    pub(crate) over: Decimal,
    /// Lines ahead that take money back, which no cost of a scenario does.
    pub(crate) negative: Vec<BudgetLine>,
}

/// What of a budget lies ahead of a baseline's day.
pub(crate) fn ahead(budget: &Budget, as_of: NaiveDate) -> Ahead {
    let mut lines = budget.lines.clone();
    lines.sort_by_key(|it| (it.line, it.month));
    let mut found = Ahead::default();
    for it in lines {
        let amount = it.amount.amount;
        let Some(month) = month_of(as_of, it.month) else {
            found.over += amount;
            continue;
        };
        if amount.is_zero() {
            continue;
        }
        if amount.is_sign_negative() {
            found.negative.push(it);
            continue;
        }
        match found.stretches.last_mut() {
            Some(last)
                if last.line == it.line
                    && last.amount == amount
                    && last.first + last.months == month =>
            {
                last.months += 1;
            }
            _ => found.stretches.push(Stretch {
                line: it.line,
                amount,
                first: month,
                months: 1,
            }),
        }
    }
    found
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use chrono::DateTime;
    use keepworth_contract::{Currency, Money};

    pub(crate) fn budget(lines: &[(&str, ProgrammeLine, i64)]) -> Budget {
        let currency: Currency = "EUR".parse().unwrap();
        Budget {
            id: uuid::Uuid::nil(),
            programme: "call-backs".into(),
            version: 2,
            effective_on: "2026-01-01".parse().unwrap(),
            reason: "board".to_owned(),
            currency,
            lines: lines
                .iter()
                .map(|(month, line, amount)| BudgetLine {
                    month: month.parse().unwrap(),
                    line: *line,
                    amount: Money::from_minor(amount * 100, currency),
                })
                .collect(),
            recorded_at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_month_is_ahead_if_it_ends_after_the_day() {
        let of = |day: &str, month: &str| month_of(day.parse().unwrap(), month.parse().unwrap());
        assert_eq!(of("2026-06-30", "2026-06"), None);
        assert_eq!(of("2026-06-29", "2026-06"), Some(0));
        assert_eq!(of("2026-06-30", "2026-07"), Some(1));
        assert_eq!(of("2026-06-30", "2027-06"), Some(12));
        assert_eq!(of("2026-06-30", "2026-05"), None);
    }

    #[test]
    fn equal_months_in_a_row_are_one_stretch_and_nothing_is_lost() {
        use ProgrammeLine::{People, Technology};
        let budget = budget(&[
            ("2026-06", People, 7),
            ("2026-08", People, 10),
            ("2026-07", People, 10),
            ("2026-09", People, 12),
            ("2026-11", People, 12),
            ("2026-07", Technology, 10),
            ("2026-08", Technology, 0),
            ("2026-09", Technology, -3),
        ]);
        let found = ahead(&budget, "2026-06-30".parse().unwrap());
        let stretches = found.stretches.iter();
        let told = stretches.map(|it| (it.line, it.first, it.months));
        assert_eq!(
            Vec::from_iter(told),
            [
                (People, 1, 2),
                (People, 3, 1),
                (People, 5, 1),
                (Technology, 1, 1)
            ]
        );
        assert_eq!((found.over, found.negative.len()), (Decimal::from(7), 1));
    }
}
