//! Programme money: what was planned, in versions, and what was spent.
//!
//! A budget is never edited: a change is a new version with its date and reason, and months are
//! compared with the version that was in force, or with any other that is named.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use keepworth_contract::Month;
use serde::{Deserialize, Serialize};

/// The kinds of money a programme takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineType {
    /// Staff and their time.
    People,
    /// Redesign of how work is done.
    Process,
    /// The change-management work that gets an organisation to move.
    Politics,
    /// Systems.
    Technology,
    /// Training.
    Training,
    /// What customers are given.
    Treatment,
}

/// Minor units by month and line type.
pub type Amounts = BTreeMap<(Month, LineType), i64>;

/// One version of an initiative's budget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    /// 1 for the first version.
    pub version: u32,
    /// The day from which it holds.
    pub effective_on: NaiveDate,
    /// Why it replaced the one before.
    pub reason: String,
    /// What is planned.
    pub planned: Amounts,
}

/// A version that cannot follow the ones before it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BudgetError {
    /// Not the next number.
    #[error("version is {found}; the next version of this budget is {expected}")]
    Version {
        /// The number given.
        found: u32,
        /// The number needed.
        expected: u32,
    },
    /// Effective before its predecessor.
    #[error(
        "effective_on is {found}; it must not be before {previous}, when the last version took effect"
    )]
    Date {
        /// The date given.
        found: NaiveDate,
        /// The last version's date.
        previous: NaiveDate,
    },
}

/// The versions of one budget, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Budgets(Vec<Budget>);

impl Budgets {
    /// Adds the next version.
    ///
    /// # Errors
    /// When its number is not the next, or it takes effect before the last one.
    pub fn push(&mut self, budget: Budget) -> Result<(), BudgetError> {
        let expected = self.0.last().map_or(1, |last| last.version + 1);
        if budget.version != expected {
            return Err(BudgetError::Version {
                found: budget.version,
                expected,
            });
        }
        if let Some(last) = self.0.last()
            && budget.effective_on < last.effective_on
        {
            let (found, previous) = (budget.effective_on, last.effective_on);
            return Err(BudgetError::Date { found, previous });
        }
        self.0.push(budget);
        Ok(())
    }

    /// The version in force on a day; none before the first.
    #[must_use]
    pub fn find_in_force(&self, on: NaiveDate) -> Option<&Budget> {
        self.0.iter().rev().find(|budget| budget.effective_on <= on)
    }

    /// All versions, oldest first.
    #[must_use]
    pub fn versions(&self) -> &[Budget] {
        &self.0
    }
}

/// Planned beside actual for one month and line type, minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// The month.
    pub month: Month,
    /// The line type.
    pub line: LineType,
    /// What was planned.
    pub planned: i64,
    /// What was spent.
    pub actual: i64,
    /// Spent less planned, all months of this line so far: positive is over budget.
    pub cumulative_over: i64,
}

/// Every month and line type that is planned or spent, in order. Spend without a plan is over
/// budget by all of it; it does not vanish. Sums saturate.
#[must_use]
pub fn planned_against_actual(planned: &Amounts, actual: &Amounts) -> Vec<Comparison> {
    let keys: BTreeSet<_> = planned.keys().chain(actual.keys()).copied().collect();
    let mut over: BTreeMap<LineType, i64> = BTreeMap::new();
    let compare = |(month, line)| {
        let amount = |of: &Amounts| of.get(&(month, line)).copied().unwrap_or(0);
        let (planned, actual) = (amount(planned), amount(actual));
        let so_far = over.entry(line).or_default();
        *so_far = so_far.saturating_add(actual.saturating_sub(planned));
        Comparison {
            month,
            line,
            planned,
            actual,
            cumulative_over: *so_far,
        }
    };
    keys.into_iter().map(compare).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    fn budget(version: u32, effective_on: &str) -> Budget {
        Budget {
            version,
            effective_on: effective_on.parse().unwrap(),
            reason: "scope".to_owned(),
            planned: Amounts::new(),
        }
    }

    #[test]
    fn versions_follow_each_other() {
        let mut budgets = Budgets::default();
        budgets.push(budget(1, "2026-01-01")).unwrap();
        budgets.push(budget(2, "2026-06-15")).unwrap();
        let on = |day: &str| {
            budgets
                .find_in_force(day.parse().unwrap())
                .map(|b| b.version)
        };
        assert_eq!(on("2025-12-31"), None);
        assert_eq!((on("2026-06-14"), on("2026-06-15")), (Some(1), Some(2)));
        let skipped = budgets.clone().push(budget(4, "2026-07-01")).unwrap_err();
        assert_eq!(
            skipped.to_string(),
            "version is 4; the next version of this budget is 3"
        );
        assert!(matches!(
            budgets.push(budget(3, "2026-01-01")),
            Err(BudgetError::Date { .. })
        ));
    }

    #[test]
    fn unplanned_spend_is_over_budget() {
        use LineType::{People, Politics};
        let (may, june) = (month("2026-05"), month("2026-06"));
        let planned = Amounts::from([((may, People), 100), ((june, People), 100)]);
        let actual = Amounts::from([
            ((may, People), 80),
            ((june, People), 150),
            ((june, Politics), 7),
        ]);
        let rows: Vec<_> = planned_against_actual(&planned, &actual)
            .iter()
            .map(|row| {
                (
                    row.month,
                    row.line,
                    row.planned,
                    row.actual,
                    row.cumulative_over,
                )
            })
            .collect();
        let expected = [
            (may, People, 100, 80, -20),
            (june, People, 100, 150, 30),
            (june, Politics, 0, 7, 7),
        ];
        assert_eq!(rows, expected);
    }
}
