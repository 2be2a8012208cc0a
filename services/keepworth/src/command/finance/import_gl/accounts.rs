//! The accounts of a general ledger, described from a CSV file.

use std::path::Path;

use anyhow::{Context, bail};
use keepworth_contract::client::Client;
use serde::Serialize;
use serde_json::Value;

use crate::column::{Column, next_row, open};
use crate::command::finance::path;

/// An account as the service takes it.
#[derive(Serialize)]
struct AccountBody {
    name: String,
    category: Option<String>,
    component: Option<String>,
}

/// Describes every account of `account,name,category,component`.
pub(super) async fn describe(client: &Client, file: &Path) -> anyhow::Result<()> {
    if file == Path::new("-") {
        bail!("accounts are read from a file, not from standard input");
    }
    let mut table = open(file)?;
    let code = Column::need(&table.header, None, &["account", "code"], "account")?;
    let name = Column::need(&table.header, None, &["name"], "name")?;
    let category = Column::need(&table.header, None, &["category"], "category")?;
    let component = Column::find(&table.header, None, &["component"])?;
    while let Some(row) = next_row(&mut table)? {
        let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let body = AccountBody {
            name: name.text(&row).to_owned(),
            category: given(category.text(&row)),
            component: component.as_ref().and_then(|it| given(it.text(&row))),
        };
        let path = path(&["accounts", code.text(&row)], &[])?;
        let put = client.put::<Value>(&path, &body).await;
        put.with_context(|| format!("line {}", row.line))?;
    }
    Ok(())
}
