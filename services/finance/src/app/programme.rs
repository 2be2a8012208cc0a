//! Programme money: planned against spent.

use crate::app::budget::{line_type, load};
use crate::app::conversion::Converter;
use crate::rule::cost::programme::{Amounts, Comparison, planned_against_actual};
use crate::rule::ledger::month_allocation::Overflow;
use crate::store::budget;
use keepworth_contract::finance::{
    Budget, ConversionRate, PlannedAgainstSpent, ProgrammeLine, ProgrammeReport,
};
use keepworth_contract::{Currency, Money, Word};
use keepworth_intake::Failure;
use keepworth_store::{Conn, now};
use std::collections::BTreeMap;

/// What a programme was to cost and what it did cost, month by month.
pub fn report(
    conn: &mut Conn,
    programme: &str,
    version: Option<u32>,
) -> Result<ProgrammeReport, Failure> {
    let budget = find_budget(load(conn, programme)?, version).ok_or_else(|| {
        Failure::not_found(match version {
            Some(version) => format!("programme `{programme}` has no budget version {version}"),
            None => format!("programme `{programme}` has no budget in force today"),
        })
    })?;
    let currency = budget.currency;
    let spent = load_spent(conn, programme, currency)?;
    let minor = |minor: i64| Money::from_minor(minor, currency);
    let item = |compared: Comparison| {
        let line = ProgrammeLine::all().find(|line| line_type(*line) == compared.line)?;
        Some(PlannedAgainstSpent {
            month: compared.month,
            line,
            planned: minor(compared.planned),
            spent: minor(compared.actual),
            cumulative_over: minor(compared.cumulative_over),
        })
    };
    let compared =
        planned_against_actual(&crate::app::budget::plan(&budget)?.planned, &spent.by_line);
    Ok(ProgrammeReport {
        items: compared.into_iter().filter_map(item).collect(),
        without_line: minor(spent.without_line),
        rates: spent.rates,
        budget,
    })
}

/// The version asked for, else the last one that is in force today.
pub fn find_budget(budgets: Vec<Budget>, version: Option<u32>) -> Option<Budget> {
    let today = now().date_naive();
    budgets.into_iter().rev().find(|budget| match version {
        Some(version) => budget.version == version,
        None => budget.effective_on <= today,
    })
}

pub(crate) struct Spending {
    by_line: Amounts,
    without_line: i64,
    rates: Vec<ConversionRate>,
}

pub(crate) fn load_spent(
    conn: &mut Conn,
    programme: &str,
    currency: Currency,
) -> Result<Spending, Failure> {
    let mut spending = Spending {
        by_line: BTreeMap::new(),
        without_line: 0,
        rates: Vec::new(),
    };
    let mut converter = Converter::new(currency, None);
    for row in budget::load_spent(conn, programme)? {
        let spent = row.spent();
        let minor = converter.flow(conn, spent.currency, spent.month, spent.minor)?;
        let sum = match spent.line {
            Some(line) => spending
                .by_line
                .entry((spent.month, line_type(line)))
                .or_default(),
            None => &mut spending.without_line,
        };
        *sum = sum.checked_add(minor).ok_or(Overflow)?;
    }
    spending.rates = converter.told();
    Ok(spending)
}
