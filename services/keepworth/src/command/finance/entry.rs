//! What was spent, entry by entry, and what an entry said before.

use keepworth_contract::finance::{
    Basis, CostCategory, FinanceClient, LedgerEntry, LedgerEntryInput, LedgerEntryQuery,
    LedgerEntryVersionList,
};
use keepworth_contract::{Month, PageQuery, Recorded};
use serde::Serialize;
use uuid::Uuid;

use super::Asking;
use super::known_at::KnownAt;
use super::listing::Listing;
use super::wording::{time, worded};
use crate::Global;
use crate::present::{Cell, Sheet, row};
use crate::reading::word::word;

/// What was spent, entry by entry.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth finance entries --month 2025-09 --category service
  keepworth finance entries --month 2025-09 --format csv > september.csv

Entries come in the order in which they were first recorded.")]
pub(super) struct Args {
    /// Only entries posted in this month, YYYY-MM.
    #[arg(long)]
    month: Option<Month>,
    /// Only entries of this category: service, acquisition, overhead, …
    #[arg(long, value_parser = word::<CostCategory>)]
    category: Option<CostCategory>,
    /// Only entries spent on this segment.
    #[arg(long)]
    segment: Option<String>,
    #[command(flatten)]
    known_at: KnownAt,
    #[command(flatten)]
    listing: Listing,
}

fn id(text: &str) -> Result<Uuid, String> {
    text.parse().map_err(|_| {
        "an entry's id has 36 characters; `keepworth finance entries` lists them".to_owned()
    })
}

/// What one entry says, and what it said before it was corrected.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  keepworth finance entry 01980a3e-6b1c-7000-8000-000000000001

`keepworth finance entries` lists ids.")]
pub(super) struct OneArgs {
    /// The entry's id.
    #[arg(value_parser = id)]
    id: Uuid,
    #[command(flatten)]
    asking: Asking,
}

const HEADER: &str = "posted on | category | component | amount | currency | basis | segment | channel | campaign | programme | account | note | id";

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        let fetch = async |finance: &FinanceClient, page: PageQuery| {
            let query = LedgerEntryQuery {
                page_size: page.page_size,
                cursor: page.cursor,
                category: self.category,
                segment: self.segment.clone(),
                month: self.month,
                known_at: self.known_at.time(),
                ..LedgerEntryQuery::default()
            };
            finance.list_ledger_entries(&query).await
        };
        self.listing.show(global, fetch, |entries| {
            let mut sheet = sheet(entries);
            self.known_at.note(&mut sheet);
            sheet
        })
    }
}

fn sheet(entries: Vec<LedgerEntry>) -> Sheet {
    let mut sheet = Sheet::new("Costs, entry by entry", HEADER)
        .when_empty("No such entries. `keepworth import` brings them in.");
    for Recorded { id, record: it, .. } in entries {
        let programme = match (&it.programme, it.line) {
            (Some(programme), Some(line)) => Some(format!("{programme} ({})", worded(line))),
            (programme, _) => programme.as_ref().map(ToString::to_string),
        };
        row![sheet =>
            it.posted_on, worded(it.category), it.component.map(worded), it.amount.amount,
            it.amount.currency, basis(&it), it.segment, it.channel, it.campaign, programme,
            it.account, it.note, id.to_string(),
        ];
    }
    sheet
}

fn basis(entry: &LedgerEntryInput) -> Cell {
    let basis = match entry.basis {
        Basis::Recorded => "recorded",
        Basis::Assumed => "assumed",
    };
    if entry.capex {
        format!("{basis}, asset").into()
    } else {
        basis.into()
    }
}

/// An entry and its earlier versions.
#[derive(Serialize)]
struct History {
    entry: LedgerEntry,
    versions: LedgerEntryVersionList,
}

impl OneArgs {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        let ask = async |finance: &FinanceClient| {
            Ok(History {
                entry: finance.load_ledger_entry(self.id).await?,
                versions: finance.list_ledger_entry_versions(self.id).await?,
            })
        };
        self.asking
            .show(global, ask, |history| Ok(vec![history.sheet()]))
    }
}

impl History {
    fn sheet(&self) -> Sheet {
        let of = &self.entry.record;
        let mut sheet = Sheet::new(
            format!(
                "{}/{}: what it says, and what it said before",
                of.source, of.external_id
            ),
            "held for true from | until | posted on | category | amount | currency | basis | import | note",
        );
        let versions = self.versions.items.iter();
        let before = versions.map(|version| (&version.entry, time(version.superseded_at)));
        for (entry, until) in before.chain([(&self.entry, "today".to_owned())]) {
            let it = &entry.record;
            row![sheet =>
                time(entry.recorded_at), until, it.posted_on, worded(it.category),
                it.amount.amount, it.amount.currency, basis(it), &entry.import_id, &it.note,
            ];
        }
        sheet
    }
}
