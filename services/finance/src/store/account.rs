//! The chart of accounts.

use keepworth_contract::Word;
use std::collections::HashMap;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use keepworth_contract::finance::{CostCategory, CostComponent};
use keepworth_store::{Conn, on_conn};

use super::{UnknownValue, accounts, known};
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
    /// Name of the [`CostCategory`].
    pub category: Option<String>,
    /// Name of the [`CostComponent`].
    pub component: Option<String>,
    /// When it was written.
    pub recorded_at: NaiveDateTime,
}

impl AccountRow {
    /// What it says of its lines.
    ///
    /// # Errors
    /// When a name is none of this release.
    pub fn usage(&self) -> Result<AccountUse, UnknownValue> {
        let category = |name: &str| known("category", name, CostCategory::find);
        let component = |name: &str| known("component", name, CostComponent::find);
        Ok(AccountUse {
            category: self.category.as_deref().map(category).transpose()?,
            component: self.component.as_deref().map(component).transpose()?,
        })
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
///
/// # Errors
/// When a name is none of this release.
pub fn usages(rows: &[AccountRow]) -> Result<HashMap<String, AccountUse>, UnknownValue> {
    rows.iter()
        .map(|row| Ok((row.code.clone(), row.usage()?)))
        .collect()
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
