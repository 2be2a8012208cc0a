//! The chart of accounts.

use crate::app::internal;
use crate::rule::cost::component::{admitted, find_place};
use crate::store::account::{self, AccountRow};
use keepworth_contract::InvalidParam;
use keepworth_contract::Word;
use keepworth_contract::finance::{Account, AccountInput};
use keepworth_intake::Failure;
use keepworth_store::Conn;

impl TryFrom<AccountRow> for Account {
    type Error = Failure;

    fn try_from(row: AccountRow) -> Result<Self, Failure> {
        let usage = row.usage().map_err(internal)?;
        Ok(Self {
            code: row.code,
            name: row.name,
            category: usage.category,
            component: usage.component,
            recorded_at: row.recorded_at.and_utc(),
        })
    }
}

pub(crate) fn find(conn: &mut Conn, code: &str) -> Result<Option<Account>, Failure> {
    let row = account::find_account(conn, code)?;
    row.map(Account::try_from).transpose()
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
    Some(InvalidParam::new("component", "wrong_component", reason))
}
