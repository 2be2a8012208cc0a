//! What the books are kept by: accounts, exchange rates, closed months.

use chrono::NaiveDate;
use keepworth_contract::finance::{
    AccountList, FinanceClient, FxRate, FxRateInput, FxRateQuery, PeriodCloseList,
};
use keepworth_contract::{Currency, PageQuery};
use rust_decimal::Decimal;

use super::Asking;
use super::listing::Listing;
use super::wording::{time, worded};
use crate::Global;
use crate::present::{Cell, Sheet, row};

/// The accounts of the general ledger, and what their lines are.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  keepworth finance accounts

Categories: cost-of-revenue, acquisition, service, overhead, training, retention, programme.
Components, where the category's usual one is not meant: media, agency, leads, outreach, salaries,
commissions, tools, events, training, overhead, onboarding (of acquisition); contacts,
account-management, retention-marketing, loyalty, billing (of keeping).

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

Reports and baselines with `--currency` convert by these, and name each rate that they used:
  what flows in a month (revenue, cost)       at its average: the mean of the days that are quoted
  what stands at its end (recurring revenue)  at the last rate quoted in it
A month that has a few of its days is converted at the mean of those; one published monthly average,
dated on any day of the month, does too. A month without a quote is refused, never guessed from
another. The opposite pair does (EUR to USD for USD to EUR), and so do two pairs with a third
currency. `add-rate` writes a rate.")]
pub(super) struct RatesArgs {
    #[command(flatten)]
    listing: Listing,
}

/// Write an exchange rate.
///
/// A rate never changes, because amounts that were converted name it: give the correct one under
/// another source.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  keepworth finance add-rate USD EUR 0.9217 --on 2025-09-30 --source ecb     1 USD = 0.9217 EUR

A rate counts in the month of its day only. To count a whole year in euros, give one of each month; where
every day is given, flows are converted at the days' mean.")]
pub(super) struct AddRateArgs {
    /// What is converted, ISO 4217.
    from: Currency,
    /// What into, ISO 4217.
    into: Currency,
    /// Units of `into` for one unit of `from`, at most nine decimals.
    value: Decimal,
    /// The day it was quoted.
    #[arg(long, value_name = "DATE")]
    on: NaiveDate,
    /// Who quoted it.
    #[arg(long)]
    source: String,
    #[command(flatten)]
    asking: Asking,
}

impl AccountsArgs {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        let ask = async |finance: &FinanceClient| finance.list_accounts().await;
        self.asking.show(global, ask, |list: AccountList| {
            let title = "Accounts of the general ledger, and what their lines are";
            let mut sheet = Sheet::new(title, "account | name | category | component").when_empty(
                "No account is described yet: `keepworth finance import-gl GL.csv --accounts FILE.csv`.",
            );
            for account in list.items {
                let category = account.category.map_or("no cost".into(), worded);
                let component = account.component.map(worded);
                row![sheet => account.code, account.name, category, component];
            }
            Ok(vec![sheet])
        })
    }
}

impl ClosesArgs {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        let ask = async |finance: &FinanceClient| finance.list_period_closes().await;
        self.asking.show(global, ask, |list: PeriodCloseList| {
            let last = list.items.last().map(|it| it.month.to_string());
            let last = last.unwrap_or_default();
            let title = format!("Closed through {last}; later months can still be changed");
            let mut sheet = Sheet::new(title, "month | closed at | reason")
                .when_empty("No month is closed: every month can still be changed.");
            for close in list.items {
                row![sheet => close.month, time(close.recorded_at), close.reason];
            }
            Ok(vec![sheet])
        })
    }
}

impl RatesArgs {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        let fetch = async |finance: &FinanceClient, page: PageQuery| {
            let query = FxRateQuery {
                page_size: page.page_size,
                cursor: page.cursor,
                ..FxRateQuery::default()
            };
            finance.list_fx_rates(&query).await
        };
        self.listing.show(global, fetch, rates)
    }
}

impl AddRateArgs {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        let rate = FxRateInput {
            base: self.from,
            quote: self.into,
            value: self.value,
            quoted_on: self.on,
            source: self.source,
        };
        let ask = async |finance: &FinanceClient| finance.create_fx_rate(&rate).await;
        self.asking
            .show(global, ask, |rate| Ok(vec![rates(vec![rate])]))
    }
}

fn rates(rates: Vec<FxRate>) -> Sheet {
    let title = "Exchange rates: one unit of `from` is `value` units of `into`";
    let mut sheet = Sheet::new(title, "quoted on | from | into | value | source").when_empty(
        "No exchange rate, so amounts of several currencies cannot be added up: `keepworth finance add-rate`.",
    );
    for rate in rates {
        let value = rate.value.parse().map_or(Cell::Nothing, Cell::Amount);
        row![sheet => rate.quoted_on, rate.base.code(), rate.quote.code(), value, rate.source];
    }
    sheet
}
