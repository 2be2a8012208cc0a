//! What programmes may cost, and what they do cost.

use std::collections::BTreeSet;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use keepworth_contract::finance::ProgrammeLine;
use keepworth_contract::{Currency, Month};
use keepworth_store::{Conn, Named, RecordId, bulk_insert, on_conn};

use super::{InLedger, budget_lines, budgets, ledger_entries};

/// A version of a budget as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = budgets, treat_none_as_default_value = false)]
pub struct BudgetRow {
    /// Identifier.
    pub id: RecordId,
    /// The programme.
    pub programme: String,
    /// 1 for the programme's first budget.
    pub version: i32,
    /// The day from which it holds.
    pub effective_on: NaiveDate,
    /// The currency of its lines.
    pub currency: Named<Currency, budgets::table>,
    /// Why it was made.
    pub reason: String,
    /// When it was written.
    pub recorded_at: NaiveDateTime,
}

/// What is planned for one month and kind of money.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = budget_lines, treat_none_as_default_value = false)]
pub struct BudgetLineRow {
    /// The budget.
    pub budget_id: RecordId,
    /// Index of the [`Month`].
    pub month: i32,
    /// The kind of money.
    pub line: Named<ProgrammeLine, budget_lines::table>,
    /// Minor units.
    pub minor: i64,
}

/// A programme's budgets, oldest first.
///
/// # Errors
/// What the database answers.
pub fn load_budgets(conn: &mut Conn, programme: &str) -> QueryResult<Vec<BudgetRow>> {
    on_conn!(conn, |c| budgets::table
        .filter(budgets::programme.eq(programme))
        .order(budgets::version)
        .select(BudgetRow::as_select())
        .load(c))
}

/// Every programme that has a budget or costs, by name.
///
/// # Errors
/// What the database answers.
pub fn load_programmes(conn: &mut Conn) -> QueryResult<BTreeSet<String>> {
    let planned: Vec<String> = on_conn!(conn, |c| budgets::table
        .select(budgets::programme)
        .distinct()
        .load(c))?;
    let spent: Vec<Option<String>> = on_conn!(conn, |c| ledger_entries::table
        .select(ledger_entries::programme)
        .distinct()
        .load(c))?;
    Ok(planned
        .into_iter()
        .chain(spent.into_iter().flatten())
        .collect())
}

/// A budget's lines, by month and kind.
///
/// # Errors
/// What the database answers.
pub fn load_lines(conn: &mut Conn, budget: RecordId) -> QueryResult<Vec<BudgetLineRow>> {
    on_conn!(conn, |c| budget_lines::table
        .filter(budget_lines::budget_id.eq(budget))
        .order((budget_lines::month, budget_lines::line))
        .select(BudgetLineRow::as_select())
        .load(c))
}

/// Writes a budget.
///
/// # Errors
/// What the database answers.
pub fn insert_budget(
    conn: &mut Conn,
    budget: &BudgetRow,
    lines: &[BudgetLineRow],
) -> QueryResult<()> {
    on_conn!(conn, |c| diesel::insert_into(budgets::table)
        .values(budget)
        .execute(c))?;
    bulk_insert!(conn, budget_lines::table, lines, 4)
}

/// What a programme cost in one month.
#[derive(Debug)]
pub struct Spent {
    /// The month.
    pub month: Month,
    /// The kind of money, when the entries name it.
    pub line: Option<ProgrammeLine>,
    /// The currency.
    pub currency: Currency,
    /// Minor units, what was capitalised included.
    pub minor: i64,
}

/// What a programme cost, by month, kind and currency.
///
/// # Errors
/// What the database answers.
pub fn load_spent(conn: &mut Conn, programme: &str) -> QueryResult<Vec<SpentRow>> {
    use ledger_entries as e;
    on_conn!(conn, |c| e::table
        .filter(e::programme.eq(programme))
        .group_by((e::month, e::line, e::currency))
        .select((
            e::month,
            e::line,
            e::currency,
            sql::<BigInt>("CAST(SUM(minor) AS BIGINT)"),
        ))
        .load(c))
}

/// A sum of a programme's entries, as read.
#[derive(Debug, Queryable)]
pub struct SpentRow {
    month: i32,
    line: Option<InLedger<ProgrammeLine>>,
    currency: InLedger<Currency>,
    minor: i64,
}

impl SpentRow {
    /// What it says.
    #[must_use]
    pub fn spent(self) -> Spent {
        Spent {
            month: Month::from_index(self.month),
            line: self.line.map(|it| it.0),
            currency: self.currency.0,
            minor: self.minor,
        }
    }
}
