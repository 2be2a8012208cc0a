//! The chart of accounts.

use crate::Finance;
use crate::rule::cost::component::{admitted, find_place};
use crate::store::account;
use crate::store::account::AccountRow;
pub use crate::store::account::load_accounts;
use keepworth_contract::FaultCode;
use keepworth_contract::finance::{Account, AccountInput};
use keepworth_contract::{InvalidParam, Word};
use keepworth_intake::{Failure, Precondition, fault, version};
use keepworth_store::{Conn, Named};

impl From<AccountRow> for Account {
    fn from(row: AccountRow) -> Self {
        let usage = row.usage();
        Self {
            code: row.code,
            name: row.name,
            category: usage.category,
            component: usage.component,
            recorded_at: row.recorded_at.and_utc(),
        }
    }
}

/// One account by its code.
pub fn find(conn: &mut Conn, code: &str) -> Result<Option<Account>, Failure> {
    let row = account::find_account(conn, code)?;
    Ok(row.map(Account::from))
}

pub(crate) fn wrong_component(body: &AccountInput) -> Option<InvalidParam> {
    let component = body.component?;
    let reason = match body.category {
        Some(category) if find_place(category, Some(component)).is_some() => return None,
        Some(category) => format!(
            "{} has no component {}; it has: {}",
            category.name(),
            component.name(),
            admitted(category)
        ),
        None => "is given without category; name the category or leave it out".to_owned(),
    };
    Some(InvalidParam::new(
        "component",
        FaultCode::WrongComponent,
        reason,
    ))
}

/// Describes an account, or describes it anew: lines that come later follow it.
pub async fn put(
    app: &Finance,
    code: String,
    precondition: Precondition,
    body: AccountInput,
) -> Result<Account, Failure> {
    let faults: Vec<_> = [
        fault::text("code", &code, 128),
        fault::text("name", &body.name, 128),
        wrong_component(&body),
    ]
    .into_iter()
    .flatten()
    .collect();
    if !faults.is_empty() {
        return Err(Failure::invalid(faults));
    }
    let row = AccountRow {
        code,
        name: body.name.clone(),
        category: body.category.map(Named::new),
        component: body.component.map(Named::new),
        recorded_at: keepworth_store::now().naive_utc(),
    };
    let work = move |conn: &mut Conn| {
        conn.lock_source("accounts", &row.code)?;
        let current = find(conn, &row.code)?;
        let changes = current.as_ref().is_some_and(|it| !body.describes(it));
        precondition.check(current.as_ref(), changes)?;
        account::upsert_account(conn, &row)?;
        let put = Account::from(row);
        version::note_change(current.as_ref(), Some(&put))?;
        Ok(put)
    };
    app.db.write(work).await
}
