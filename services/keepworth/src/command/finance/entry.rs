//! What was spent, entry by entry, and what an entry said before.

use keepworth_contract::Month;
use keepworth_contract::Word;
use keepworth_contract::finance::{Basis, CostCategory, LedgerEntryInput};
use keepworth_contract::finance::{LedgerEntry, LedgerEntryVersionList};
use serde::Deserialize;
use serde_json::{Value, json};

use super::known_at::KnownAt;
use super::listing::Listing;
use super::wording::{time, words};
use super::{Asking, path};
use crate::sheet::{Cell, Sheet};
use crate::{Global, runtime};

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
    #[arg(long, value_parser = category)]
    category: Option<CostCategory>,
    /// Only entries spent on this segment.
    #[arg(long)]
    segment: Option<String>,
    #[command(flatten)]
    known_at: KnownAt,
    #[command(flatten)]
    listing: Listing,
}

fn category(text: &str) -> Result<CostCategory, String> {
    let name = text.to_uppercase().replace(['-', ' '], "_");
    CostCategory::find(&name).ok_or_else(|| {
        let known = CostCategory::all().map(|it| it.name().to_lowercase().replace('_', "-"));
        let known: Vec<_> = known.collect();
        format!("there is no such category; there are {}", known.join(", "))
    })
}

fn id(text: &str) -> Result<String, String> {
    let is_id = text.len() == 36 && text.chars().all(|it| it.is_ascii_hexdigit() || it == '-');
    if is_id {
        Ok(text.to_owned())
    } else {
        Err("an entry's id has 36 characters; `keepworth finance entries` lists them".to_owned())
    }
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
    id: String,
    #[command(flatten)]
    asking: Asking,
}

const HEADER: [&str; 13] = [
    "posted on",
    "category",
    "component",
    "amount",
    "currency",
    "basis",
    "segment",
    "channel",
    "campaign",
    "programme",
    "account",
    "note",
    "id",
];

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        let query = [
            ("month", self.month.map(|month| month.to_string())),
            ("category", self.category.map(|it| it.name().to_owned())),
            ("segment", self.segment),
            self.known_at.query(),
        ];
        self.listing
            .show(global, "ledger-entries", &query, |entries| {
                let mut sheet = sheet(entries);
                self.known_at.note(&mut sheet);
                sheet
            })
    }
}

fn sheet(entries: Vec<LedgerEntry>) -> Sheet {
    let title = if entries.is_empty() {
        "No such entries. `keepworth import` brings them in."
    } else {
        "Costs, entry by entry"
    };
    let mut sheet = Sheet::new(title, &HEADER);
    for entry in entries {
        sheet.add(cells(&entry));
    }
    sheet
}

fn cells(entry: &LedgerEntry) -> [Cell; 13] {
    let it = &entry.record;
    let text = |text: &Option<String>| Cell::from(text.clone());
    let programme = match (&it.programme, it.line) {
        (Some(programme), Some(line)) => format!("{programme} ({})", words(line.name())).into(),
        _ => text(&it.programme),
    };
    [
        it.posted_on.to_string().into(),
        words(it.category.name()).into(),
        it.component.map(|component| words(component.name())).into(),
        it.amount.amount.into(),
        it.amount.currency.code().into(),
        basis(it),
        text(&it.segment),
        text(&it.channel),
        text(&it.campaign),
        programme,
        text(&it.account),
        text(&it.note),
        entry.id.to_string().into(),
    ]
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
#[derive(Deserialize)]
struct History {
    entry: LedgerEntry,
    versions: LedgerEntryVersionList,
}

impl OneArgs {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        let client = self.asking.client(global)?;
        let answer = runtime::block_on(async {
            let entry: Value = client
                .fetch(&path(&["ledger-entries", &self.id], &[])?)
                .await?;
            let before = path(&["ledger-entries", &self.id, "versions"], &[])?;
            let versions: Value = client.fetch(&before).await?;
            Ok(json!({ "entry": entry, "versions": versions }))
        })?;
        self.asking
            .print(&answer, |history: History| Ok(vec![history.sheet()]))
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
            &[
                "held for true from",
                "until",
                "posted on",
                "category",
                "amount",
                "currency",
                "basis",
                "import",
                "note",
            ],
        );
        let versions = self.versions.items.iter();
        let before = versions.map(|version| (&version.entry, time(version.superseded_at)));
        for (entry, until) in before.chain([(&self.entry, "today".to_owned())]) {
            let it = &entry.record;
            sheet.add([
                time(entry.recorded_at).into(),
                until.into(),
                it.posted_on.to_string().into(),
                words(it.category.name()).into(),
                it.amount.amount.into(),
                it.amount.currency.code().into(),
                basis(it),
                entry.import_id.clone().into(),
                it.note.clone().into(),
            ]);
        }
        sheet
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn categories_are_said_as_people_say_them() {
        assert_eq!(category("cost-of-revenue"), Ok(CostCategory::CostOfRevenue));
        assert_eq!(category("SERVICE"), Ok(CostCategory::Service));
        assert!(
            category("services")
                .unwrap_err()
                .contains("service, overhead")
        );
    }
}
