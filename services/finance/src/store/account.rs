//! The chart of accounts.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use keepworth_contract::finance::{CostCategory, CostComponent};
use keepworth_store::{Conn, Named, on_conn};

use super::accounts;
use crate::rule::ledger::general_ledger::AccountUse;

/// An account as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(
    table_name = accounts,
    primary_key(code),
    treat_none_as_default_value = false,
    treat_none_as_null = true
)]
pub struct AccountRow {
    /// Names it in the ledger.
    pub code: String,
    /// Names it for people.
    pub name: String,
    /// What its lines are spent on.
    pub category: Option<Named<CostCategory, accounts::table>>,
    /// On what exactly.
    pub component: Option<Named<CostComponent, accounts::table>>,
    /// When it was written.
    pub recorded_at: NaiveDateTime,
}

impl AccountRow {
    /// What it says of its lines.
    #[must_use]
    pub fn usage(&self) -> AccountUse {
        AccountUse {
            category: self.category.map(|it| it.0),
            component: self.component.map(|it| it.0),
        }
    }
}

/// Every account, by code.
///
/// # Errors
/// What the database answers.
pub fn load_accounts(conn: &mut Conn) -> QueryResult<Vec<AccountRow>> {
    on_conn!(conn, |c| accounts::table
        .order(accounts::code)
        .select(AccountRow::as_select())
        .load(c))
}

/// An account by its code.
///
/// # Errors
/// What the database answers.
pub fn find_account(conn: &mut Conn, code: &str) -> QueryResult<Option<AccountRow>> {
    on_conn!(conn, |c| accounts::table
        .find(code)
        .select(AccountRow::as_select())
        .first(c)
        .optional())
}

/// What every account says of its lines, by code.
#[must_use]
pub fn usages(rows: &[AccountRow]) -> HashMap<String, AccountUse> {
    let usage = |row: &AccountRow| (row.code.clone(), row.usage());
    rows.iter().map(usage).collect()
}

/// Writes an account, or replaces it.
///
/// # Errors
/// What the database answers.
pub fn upsert_account(conn: &mut Conn, row: &AccountRow) -> QueryResult<()> {
    on_conn!(conn, |c| diesel::insert_into(accounts::table)
        .values(row)
        .on_conflict(accounts::code)
        .do_update()
        .set(row)
        .execute(c))
    .map(|_| ())
}
