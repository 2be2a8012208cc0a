//! `keepworth audit`: whether the record of who did what is whole, and what it says.

use anyhow::{Context, bail, ensure};
use clap::Subcommand;
use keepworth_store::Db;
use keepworth_store::audit::{self, AuditRow, Head, Wanted};
use serde::Serialize;

use crate::command::Outcome;
use crate::present::{Presenting, Sheet, row};
use crate::registry::{Entry, SERVICES, names};
use crate::{Global, runtime};

/// Check and read the record of who did what, when and why.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    Verify(Verify),
    Export(Export),
}

/// Look at every entry of every service's chain, and say where one does not hold.
///
/// A changed byte, a missing entry and a cut end are found by the chain itself. Who can write the database can
/// write a whole chain anew: that is found by a head that was noted elsewhere before.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth audit verify
  keepworth audit verify --head finance=1207:9f86d081…        as it was noted a month ago

Note the heads it prints where who runs the databases cannot change them. Exit code 2 where a chain is broken.")]
struct Verify {
    /// Where a chain ended once, as this command printed it: SERVICE=NUMBER:HASH.
    #[arg(long = "head", value_name = "SERVICE=HEAD", value_parser = noted)]
    heads: Vec<(String, Head)>,
    #[command(flatten)]
    presenting: Presenting,
}

/// Write the entries of a service's chain.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth audit export finance -o finance-audit.csv
  keepworth audit export customers --format json

An entry says who did what, when and why, and holds no value of what was changed.")]
struct Export {
    /// Of this service.
    service: String,
    #[command(flatten)]
    presenting: Presenting,
}

fn noted(text: &str) -> Result<(String, Head), String> {
    let (service, head) = text.split_once('=').ok_or("write SERVICE=NUMBER:HASH")?;
    if !SERVICES.iter().any(|it| it.name == service) {
        return Err(format!(
            "there is no service `{service}`; there are {}",
            names()
        ));
    }
    Ok((service.to_owned(), head.parse()?))
}

/// How a chain stands.
#[derive(Serialize)]
struct Stand {
    service: &'static str,
    entries: Option<i64>,
    head: Option<String>,
    /// Where it does not hold.
    broken: Option<String>,
}

impl Args {
    pub(crate) fn run(self, global: &Global) -> anyhow::Result<Outcome> {
        match self.action {
            Action::Verify(args) => args.run(global),
            Action::Export(args) => args.run(global),
        }
    }
}

impl Verify {
    fn run(self, global: &Global) -> anyhow::Result<Outcome> {
        let stands = SERVICES.iter().map(|entry| self.stand(global, entry));
        let stands = stands.collect::<anyhow::Result<Vec<_>>>()?;
        let broken: Vec<_> = stands
            .iter()
            .filter(|it| it.broken.is_some())
            .map(|it| it.service)
            .collect();
        self.presenting.show(&stands, |stands| {
            let mut sheet = Sheet::new(
                "Who did what: the chain of each service",
                "service | entries | head | broken",
            );
            for it in stands {
                row![sheet => it.service, it.entries, it.head.clone(), it.broken.clone()];
            }
            Ok(vec![sheet])
        })?;
        ensure!(
            broken.is_empty(),
            "the record of {} is not what was written",
            broken.join(" and ")
        );
        Ok(Outcome::Done)
    }

    fn stand(&self, global: &Global, entry: &Entry) -> anyhow::Result<Stand> {
        let db = (entry.open)(&global.settings(&[])?)?;
        let noted = self
            .heads
            .iter()
            .filter(|(service, _)| service == entry.name);
        let mut noted: Vec<Option<Head>> = noted.map(|(_, head)| Some(head.clone())).collect();
        noted.push(None);
        let verified = noted.into_iter().map(|noted| verify(&db, noted));
        let verified = verified.collect::<anyhow::Result<Vec<_>>>()?;
        let broken = verified.iter().find_map(|it| it.as_ref().err());
        let whole = verified.iter().find_map(|it| it.as_ref().ok());
        Ok(Stand {
            service: entry.name,
            entries: whole.map(|it| it.entries),
            head: whole.map(|it| it.head.to_string()),
            broken: broken.map(ToString::to_string),
        })
    }
}

fn verify(db: &Db, noted: Option<Head>) -> anyhow::Result<Result<audit::Verified, audit::Broken>> {
    let verify = db.read(move |conn| audit::verify(conn, noted.as_ref()));
    runtime::block_on(async { Ok(verify.await?) })
}

impl Export {
    fn run(self, global: &Global) -> anyhow::Result<Outcome> {
        let entry = SERVICES.iter().find(|it| it.name == self.service);
        let Some(entry) = entry else {
            bail!(
                "there is no service `{}`; there are {}",
                self.service,
                names()
            );
        };
        let db = (entry.open)(&global.settings(&[])?)?;
        let all = db.read(|conn| audit::list(conn, &Wanted::default(), i64::MAX));
        let rows = runtime::block_on(async { Ok(all.await?) })?;
        let entries = rows
            .iter()
            .map(entry_of)
            .collect::<anyhow::Result<Vec<_>>>()?;
        self.presenting
            .show(entries, |entries| Ok(vec![sheet(&entries)]))?;
        Ok(Outcome::Done)
    }
}

/// An entry with its place in the chain.
fn entry_of(row: &AuditRow) -> anyhow::Result<serde_json::Value> {
    let read = serde_json::from_str(&row.entry);
    let broken = || {
        let seq = row.seq;
        format!("entry {seq} is no JSON; `keepworth audit verify` says more")
    };
    let mut entry: serde_json::Value = read.with_context(broken)?;
    entry["seq"] = row.seq.into();
    entry["hash"] = row.hash_in_digits().into();
    Ok(entry)
}

fn sheet(entries: &[serde_json::Value]) -> Sheet {
    const FIELDS: [&str; 11] = [
        "seq",
        "at",
        "issuer",
        "subject",
        "via",
        "permission",
        "operation",
        "reason",
        "request_id",
        "content",
        "hash",
    ];
    let mut sheet = Sheet::new("Who did what, when and why", &FIELDS.join(" | "));
    for entry in entries {
        let text = |field: &str| match &entry[field] {
            serde_json::Value::Null => String::new(),
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let [a, b, c, d, e, f, g, h, i, j, k] = FIELDS.map(text);
        row![sheet => a, b, c, d, e, f, g, h, i, j, k];
    }
    sheet
}
