//! Programme money: planned against spent.

use crate::app::budget::{line_type, load, plan};
use crate::app::conversion::{Converter, reporting};
use crate::rule::cost::programme::{Amounts, Comparison, planned_against_actual};
use crate::rule::ledger::month_allocation::Overflow;
use crate::store::budget;
use keepworth_contract::finance::{
    Budget, ConversionRate, PlannedAgainstSpent, ProgrammeLine, ProgrammeMoney,
    ProgrammeMoneyQuery, ProgrammeReport,
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
    Ok(ProgrammeReport {
        items: items(&plan(&budget)?.planned, &spent.by_line, currency),
        without_line: Money::from_minor(spent.without_line, currency),
        rates: spent.rates,
        budget,
    })
}

/// What a programme may cost by its newest budget, if it has one, and what it did cost: in the budget's currency, else
/// in the one asked for, else in that of the entries.
pub fn money(
    conn: &mut Conn,
    programme: &str,
    query: &ProgrammeMoneyQuery,
) -> Result<ProgrammeMoney, Failure> {
    let with_spent = !query.budget_only.unwrap_or(false);
    let budget = load(conn, programme)?.pop();
    let currency = match &budget {
        Some(budget) => Some(budget.currency),
        None if with_spent => reporting(query.currency, &currencies(conn, programme)?)?,
        None => None,
    };
    let planned = match &budget {
        Some(budget) => plan(budget)?.planned,
        None => Amounts::new(),
    };
    let of = |minor: Result<i64, Overflow>| {
        let minor = minor?;
        Ok::<_, Failure>(currency.map(|it| Money::from_minor(minor, it)))
    };
    let in_all = of(sum(planned.values().copied()))?.filter(|_| budget.is_some());
    let mut money = ProgrammeMoney {
        programme: programme.into(),
        budget,
        currency,
        rates: Vec::new(),
        items: Vec::new(),
        planned: in_all,
        spent: None,
        without_line: None,
    };
    if let Some(currency) = currency.filter(|_| with_spent) {
        let spent = load_spent(conn, programme, currency)?;
        money.items = items(&planned, &spent.by_line, currency);
        let by_line = spent.by_line.values().copied();
        money.spent = of(sum(by_line.chain([spent.without_line])))?;
        money.without_line = of(Ok(spent.without_line))?;
        money.rates = spent.rates;
    }
    Ok(money)
}

/// The currencies of a programme's entries, by their codes.
fn currencies(conn: &mut Conn, programme: &str) -> Result<Vec<Currency>, Failure> {
    let rows = budget::load_spent(conn, programme)?;
    let mut found = Vec::from_iter(rows.into_iter().map(|row| row.spent().currency));
    found.sort_unstable_by_key(|it| it.code());
    found.dedup();
    Ok(found)
}

fn sum(minor: impl IntoIterator<Item = i64>) -> Result<i64, Overflow> {
    let mut minor = minor.into_iter();
    minor.try_fold(0_i64, i64::checked_add).ok_or(Overflow)
}

fn items(planned: &Amounts, spent: &Amounts, currency: Currency) -> Vec<PlannedAgainstSpent> {
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
    let compared = planned_against_actual(planned, spent);
    compared.into_iter().filter_map(item).collect()
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
