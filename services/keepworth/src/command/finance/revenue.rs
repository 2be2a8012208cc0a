//! What customers were charged, line by line.

use keepworth_contract::finance::{FinanceClient, Revenue, RevenueQuery};
use keepworth_contract::{PageQuery, Recorded, Word};

use super::known_at::KnownAt;
use super::listing::Listing;
use super::wording::words;
use crate::Global;
use crate::sheet::Sheet;

/// What customers were charged, line by line.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth finance revenues
  keepworth finance revenues --format csv > revenues.csv

A charge for several months counts in equal parts in each of them; `last month` is the last one. A
charge for days is from `from` up to, and without, `until`.")]
pub(super) struct Args {
    #[command(flatten)]
    known_at: KnownAt,
    #[command(flatten)]
    listing: Listing,
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        let fetch = async |finance: &FinanceClient, page: PageQuery| {
            let query = RevenueQuery {
                page_size: page.page_size,
                cursor: page.cursor,
                known_at: self.known_at.time(),
            };
            finance.list_revenues(&query).await
        };
        self.listing.show(global, fetch, |revenues| {
            let mut sheet = sheet(revenues);
            self.known_at.note(&mut sheet);
            sheet
        })
    }
}

fn sheet(revenues: Vec<Revenue>) -> Sheet {
    let title = if revenues.is_empty() {
        "No revenue. `keepworth import revenues` brings it in."
    } else {
        "What customers were charged"
    };
    let header = [
        "customer",
        "last month",
        "months",
        "kind",
        "amount",
        "currency",
        "source",
        "external id",
        "id",
        "from",
        "until",
        "cancelled",
    ];
    let mut sheet = Sheet::new(title, &header);
    for Recorded { id, record: it, .. } in revenues {
        sheet.add([
            it.customer_external_id.into(),
            it.month.map(|month| month.to_string()).into(),
            i64::from(it.months).into(),
            words(it.kind.name()).into(),
            it.amount.amount.into(),
            it.amount.currency.code().into(),
            it.source.into(),
            it.external_id.into(),
            id.to_string().into(),
            it.from.map(|day| day.to_string()).into(),
            it.until.map(|day| day.to_string()).into(),
            it.cancelled_on.map(|day| day.to_string()).into(),
        ]);
    }
    sheet
}
