//! What customers were charged, line by line.

use keepworth_contract::finance::{FinanceClient, Revenue, RevenueQuery};
use keepworth_contract::{PageQuery, Recorded, Word};

use super::known_at::KnownAt;
use super::listing::Listing;
use super::wording::words;
use crate::Global;
use crate::present::{Sheet, row};

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
                ..RevenueQuery::default()
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
    let header = "customer | last month | months | kind | amount | currency | source | external id | id | from | until | cancelled";
    let mut sheet = Sheet::new("What customers were charged", header)
        .when_empty("No revenue. `keepworth import revenues` brings it in.");
    for Recorded { id, record: it, .. } in revenues {
        row![sheet =>
            it.customer_external_id, it.month, it.months, words(it.kind.name()), it.amount.amount,
            it.amount.currency, it.source, it.external_id, id.to_string(), it.from, it.until,
            it.cancelled_on,
        ];
    }
    sheet
}
