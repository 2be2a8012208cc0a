//! What programmes may cost, in versions.

use crate::app::internal;
use crate::rule::cost::programme::{Amounts, Budget as Plan, BudgetError, Budgets, LineType};
use crate::rule::ledger::{amount, date};
use crate::store::budget;
pub use crate::store::budget::load_programmes;
use crate::store::budget::{BudgetLineRow, BudgetRow};
use keepworth_contract::FaultCode;
use keepworth_contract::finance::{Budget, BudgetInput, BudgetLine, ProgrammeLine};
use keepworth_contract::{InvalidParam, Money, Month, ProgrammeKey, Word};
use keepworth_intake::{Failure, fault};
use keepworth_store::{Conn, RecordId, now};

/// What the rules know of it.
pub fn plan(budget: &Budget) -> Result<Plan, Failure> {
    let mut planned = Amounts::new();
    for line in &budget.lines {
        let minor = line.amount.minor_units().map_err(internal)?;
        planned.insert((line.month, line_type(line.line)), minor);
    }
    Ok(Plan {
        version: budget.version,
        effective_on: budget.effective_on,
        reason: budget.reason.clone(),
        planned,
    })
}

/// The rules' name of a kind of money.
pub fn line_type(line: ProgrammeLine) -> LineType {
    match line {
        ProgrammeLine::People => LineType::People,
        ProgrammeLine::Process => LineType::Process,
        ProgrammeLine::Politics => LineType::Politics,
        ProgrammeLine::Technology => LineType::Technology,
        ProgrammeLine::Training => LineType::Training,
        ProgrammeLine::Treatment => LineType::Treatment,
    }
}

/// A programme's budgets, oldest first.
pub fn load(conn: &mut Conn, programme: &str) -> Result<Vec<Budget>, Failure> {
    let mut budgets = Vec::new();
    for row in budget::load_budgets(conn, programme)? {
        let lines = budget::load_lines(conn, row.id)?;
        budgets.push(wire(row, &lines));
    }
    Ok(budgets)
}

pub(crate) fn wire(row: BudgetRow, lines: &[BudgetLineRow]) -> Budget {
    let currency = row.currency.0;
    let line = |row: &BudgetLineRow| BudgetLine {
        month: Month::from_index(row.month),
        line: row.line.0,
        amount: Money::from_minor(row.minor, currency),
    };
    Budget {
        id: row.id.0,
        programme: row.programme.into(),
        version: row.version.unsigned_abs(),
        effective_on: row.effective_on,
        reason: row.reason,
        currency,
        lines: lines.iter().map(line).collect(),
        recorded_at: row.recorded_at.and_utc(),
    }
}

/// The most lines of a budget.
pub const MOST_LINES: usize = 1_000;

/// Writes the next version of a programme's budget.
pub fn create(conn: &mut Conn, programme: String, new: BudgetInput) -> Result<Budget, Failure> {
    let mut faults = faults(&new);
    faults.extend(fault::text("programme", &programme, ProgrammeKey::LONGEST));
    if !faults.is_empty() {
        return Err(Failure::invalid(faults));
    }
    insert(conn, programme, new)
}

fn insert(conn: &mut Conn, programme: String, new: BudgetInput) -> Result<Budget, Failure> {
    conn.lock_source("budgets", &programme)?;
    let mut budgets = Budgets::default();
    for budget in load(conn, &programme)? {
        budgets.push(plan(&budget)?).map_err(internal)?;
    }
    let Some(first) = new.lines.first() else {
        return Err(Failure::invalid(faults(&new)));
    };
    let row = BudgetRow {
        id: RecordId::generate(),
        version: budgets.versions().len() as i32 + 1,
        programme,
        effective_on: new.effective_on,
        currency: first.amount.currency.into(),
        reason: new.reason,
        recorded_at: now().naive_utc(),
    };
    let mut lines = Vec::new();
    for line in new.lines {
        lines.push(BudgetLineRow {
            budget_id: row.id,
            month: line.month.index(),
            line: line.line.into(),
            minor: line.amount.minor_units().map_err(internal)?,
        });
    }
    lines.sort_by_key(|it| (it.month, it.line));
    let budget = wire(row.clone(), &lines);
    budgets.push(plan(&budget)?).map_err(refused)?;
    budget::insert_budget(conn, &row, &lines)?;
    Ok(budget)
}

#[expect(clippy::needless_pass_by_value, reason = "used with map_err")]
pub(crate) fn refused(error: BudgetError) -> Failure {
    let fault = InvalidParam::new(
        "effective_on",
        FaultCode::DatesOutOfOrder,
        error.to_string(),
    );
    Failure::invalid(vec![fault])
}

pub(crate) fn faults(new: &BudgetInput) -> Vec<InvalidParam> {
    let mut faults: Vec<_> = fault::text("reason", &new.reason, 1_000)
        .into_iter()
        .collect();
    faults.extend(date::range_fault("effective_on", new.effective_on));
    if new.lines.is_empty() || new.lines.len() > MOST_LINES {
        let reason = format!("{} lines; give 1 to {MOST_LINES}", new.lines.len());
        faults.push(InvalidParam::new("lines", FaultCode::OutOfRange, reason));
    }
    let mut seen = std::collections::BTreeSet::new();
    for (index, line) in new.lines.iter().enumerate() {
        let name = |field: &str| format!("lines/{index}/{field}");
        faults.extend(amount::fault(&name("amount"), line.amount));
        let first = new.lines[0].amount.currency;
        if line.amount.currency != first {
            let reason = format!("is {}; the first line is {first}", line.amount.currency);
            faults.push(InvalidParam::new(
                name("amount/currency"),
                FaultCode::MixedCurrencies,
                reason,
            ));
        }
        if !seen.insert((line.month, line.line)) {
            let reason = format!(
                "{} of {} is there twice; add both up",
                line.line.name(),
                line.month
            );
            faults.push(InvalidParam::new(
                name("line"),
                FaultCode::Duplicate,
                reason,
            ));
        }
    }
    faults
}
