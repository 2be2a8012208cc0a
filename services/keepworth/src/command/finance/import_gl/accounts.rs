//! The accounts of a general ledger, described from a CSV file.

use std::path::Path;

use anyhow::{Context, bail};
use keepworth_contract::Word;
use keepworth_contract::client::ClientError;
use keepworth_contract::finance::{
    Account, AccountInput, CostCategory, CostComponent, FinanceClient,
};

use crate::reading::column::{Column, next_row, open};
use keepworth_reading::Written;

/// Describes every account of `account,name,category,component`.
pub(super) async fn describe(client: &FinanceClient, file: &Path) -> anyhow::Result<()> {
    if file == Path::new("-") {
        bail!("accounts are read from a file, not from standard input");
    }
    let mut table = open(file, &Written::default())?;
    let code = Column::need(&table, None, &["account", "code"], "account")?;
    let name = Column::need(&table, None, &["name"], "name")?;
    let category = Column::need(&table, None, &["category"], "category")?;
    let component = Column::find(&table, None, &["component"])?;
    while let Some(row) = next_row(&mut table)? {
        let component = component.as_ref().map_or("", |it| it.text(&row));
        let body = AccountInput {
            name: name.text(&row).to_owned(),
            category: known("category", category.text(&row), CostCategory::find)
                .with_context(|| format!("line {}", row.line))?,
            component: known("component", component, CostComponent::find)
                .with_context(|| format!("line {}", row.line))?,
        };
        let put = describe_one(client, code.text(&row), &body).await;
        put.with_context(|| format!("line {}", row.line))?;
    }
    Ok(())
}

/// The file says what an account is, whatever was said before.
async fn describe_one(
    client: &FinanceClient,
    code: &str,
    account: &AccountInput,
) -> Result<Account, ClientError> {
    match client.put_account(code, account, None).await {
        Err(ClientError::Problem { problem, .. }) if problem.status == 428 => {
            client.put_account(code, account, Some("*")).await
        }
        answer => answer,
    }
}

/// The category or component of that name, if one is given.
fn known<T>(what: &str, name: &str, find: impl Fn(&str) -> Option<T>) -> anyhow::Result<Option<T>> {
    if name.is_empty() {
        return Ok(None);
    }
    let found = find(&name.to_uppercase().replace([' ', '-'], "_"));
    found.map(Some).with_context(|| {
        format!("there is no {what} `{name}`; `keepworth finance accounts --help` lists them")
    })
}
