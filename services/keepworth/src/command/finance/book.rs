//! What the books are kept by: accounts, exchange rates, closed months.

use serde::Deserialize;

use super::listing::Listing;
use super::wording::{FxRate, words};
use super::{Asking, path};
use crate::Global;
use crate::sheet::{Cell, Sheet};

/// The accounts of the general ledger, and what their lines are.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  keepworth finance accounts

An import of a general ledger takes its costs from accounts that have a category; describe them
with `keepworth finance import-gl GL.csv --accounts FILE.csv`.")]
pub(super) struct AccountsArgs {
    #[command(flatten)]
    asking: Asking,
}

/// Months whose books are closed.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  keepworth finance closes

Entries of closed months are neither added nor changed any more.")]
pub(super) struct ClosesArgs {
    #[command(flatten)]
    asking: Asking,
}

/// Exchange rates that amounts are converted with.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  keepworth finance rates

A month is converted at its last rate; reports name each rate that they used.")]
pub(super) struct RatesArgs {
    #[command(flatten)]
    listing: Listing,
}

#[derive(Deserialize)]
struct Items<T> {
    items: Vec<T>,
}

#[derive(Deserialize)]
struct Account {
    code: String,
    name: String,
    category: Option<String>,
    component: Option<String>,
}

#[derive(Deserialize)]
struct PeriodClose {
    month: String,
    reason: String,
    recorded_at: String,
}

impl AccountsArgs {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        let path = path(&["accounts"], &[])?;
        self.asking.show(global, &path, |list: Items<Account>| {
            let title = if list.items.is_empty() {
                "No account is described yet: `keepworth finance import-gl GL.csv --accounts FILE.csv`."
            } else {
                "Accounts of the general ledger, and what their lines are"
            };
            let mut sheet = Sheet::new(title, &["account", "name", "category", "component"]);
            for account in list.items {
                let category = account.category.map_or("no cost".into(), |it| words(&it));
                let component = account.component.map(|it| words(&it));
                sheet.add([
                    account.code.into(),
                    account.name.into(),
                    category.into(),
                    component.into(),
                ]);
            }
            Ok(vec![sheet])
        })
    }
}

impl ClosesArgs {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        let path = path(&["period-closes"], &[])?;
        self.asking.show(global, &path, |list: Items<PeriodClose>| {
            let title = list.items.last().map_or_else(
                || "No month is closed: every month can still be changed.".to_owned(),
                |last| {
                    format!(
                        "Closed through {}; later months can still be changed",
                        last.month
                    )
                },
            );
            let mut sheet = Sheet::new(title, &["month", "closed at", "reason"]);
            for close in list.items {
                let cells = [close.month, close.recorded_at, close.reason];
                sheet.add(cells.map(Cell::from));
            }
            Ok(vec![sheet])
        })
    }
}

impl RatesArgs {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        self.listing
            .show(global, "fx-rates", &[], |rates: Vec<FxRate>| {
                let title = if rates.is_empty() {
                    "No exchange rate: amounts of several currencies cannot be added up."
                } else {
                    "Exchange rates: one unit of `from` is `value` units of `into`"
                };
                let mut sheet =
                    Sheet::new(title, &["quoted on", "from", "into", "value", "source"]);
                for rate in rates {
                    // A decimal string; spreadsheets keep all its digits.
                    let value = rate.value.parse().map_or(Cell::Nothing, Cell::Amount);
                    sheet.add([
                        rate.quoted_on.into(),
                        rate.base.into(),
                        rate.quote.into(),
                        value,
                        rate.source.into(),
                    ]);
                }
                sheet
            })
    }
}
