//! `keepworth audit export`: what the record says.

use std::path::PathBuf;

use anyhow::Context;
use clap::ValueEnum;
use keepworth_access::{Permission, Via};
use keepworth_store::Db;
use keepworth_store::audit::{self, AuditRow, Notice, Wanted};
use serde_json::Value;

use super::{ocsf, service};
use crate::command::Outcome;
use crate::present::{Format, Presenting, Sheet, row};
use crate::{Global, runtime};

/// Write the entries of a service's chain.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth audit export finance -o finance-audit.csv
  keepworth audit export customers --format ocsf -o customers.ocsf.jsonl

An entry says who did what, when and why, and holds no value of what was changed. That it was exported is in the
record as well.")]
pub(super) struct Export {
    /// Of this service.
    service: String,
    /// The form of the entries.
    #[arg(long, value_enum, value_name = "FORM", default_value_t)]
    format: Form,
    /// Write them to this file, whole or not at all; - is standard output.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// The form of entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Form {
    /// As the name of --output ends, or for people.
    #[default]
    Auto,
    /// For people.
    Table,
    /// For programs: everything, as one list.
    Json,
    /// For spreadsheets.
    Csv,
    /// For data frames.
    Parquet,
    /// For logs: everything, an entry a line.
    Jsonl,
    /// For tools that look after many systems: OCSF 1.6.0, API Activity (6003), an event a line.
    Ocsf,
}

impl Export {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<Outcome> {
        let entry = service(&self.service)?;
        let db = entry.open_existing(&global.settings(&[])?)?;
        let all = db.read(|conn| audit::list(conn, &Wanted::default(), i64::MAX));
        let rows = runtime::block_on(async { Ok(all.await?) })?;
        let entries = rows.iter().map(entry_of);
        let entries = entries.collect::<anyhow::Result<Vec<_>>>()?;
        self.write(entry.name, entries)?;
        if let Err(error) = note(&db, entry.name) {
            eprintln!("that the record was exported could not be written into it: {error:#}");
        }
        Ok(Outcome::Done)
    }

    fn write(&self, service: &str, entries: Vec<Value>) -> anyhow::Result<()> {
        let format = match self.format {
            Form::Jsonl => return self.lines(entries.into_iter().map(Ok)),
            Form::Ocsf => return self.lines(entries.iter().map(|it| ocsf::event(service, it))),
            Form::Auto => None,
            Form::Table => Some(Format::Table),
            Form::Json => Some(Format::Json),
            Form::Csv => Some(Format::Csv),
            Form::Parquet => Some(Format::Parquet),
        };
        Presenting::new(format, self.output.clone())
            .show(entries, |entries| Ok(vec![sheet(&entries)]))
    }

    fn lines(&self, lines: impl Iterator<Item = anyhow::Result<Value>>) -> anyhow::Result<()> {
        let sink = Presenting::new(Some(Format::Json), self.output.clone()).sink()?;
        sink.write(|out| {
            for line in lines {
                writeln!(out, "{}", line?)?;
            }
            Ok(())
        })
    }
}

/// Writes into the record that it was read by who has the database's credentials.
fn note(db: &Db, service: &str) -> anyhow::Result<()> {
    let notice = Notice {
        issuer: "local".to_owned(),
        subject: rustix::process::geteuid().as_raw().to_string(),
        via: Via::Database,
        permission: Some(Permission::AuditRead),
        operation: format!("keepworth audit export {service}"),
        outcome: audit::Outcome::Read,
        count: 1,
    };
    runtime::block_on(async { Ok(audit::notice(db, notice).await?) })
}

/// An entry with its place in the chain.
fn entry_of(row: &AuditRow) -> anyhow::Result<Value> {
    let read = serde_json::from_str(&row.entry);
    let broken = || {
        let seq = row.seq;
        format!("entry {seq} is no JSON; `keepworth audit verify` says more")
    };
    let mut entry: Value = read.with_context(broken)?;
    entry["seq"] = row.seq.into();
    entry["hash"] = row.hash_in_digits().into();
    Ok(entry)
}

fn sheet(entries: &[Value]) -> Sheet {
    const FIELDS: [&str; 16] = [
        "seq",
        "at",
        "issuer",
        "subject",
        "via",
        "permission",
        "operation",
        "outcome",
        "count",
        "reason",
        "request_id",
        "content",
        "rows",
        "before",
        "after",
        "hash",
    ];
    let mut sheet = Sheet::new("Who did what, when and why", &FIELDS.join(" | "));
    for entry in entries {
        let text = |field: &str| match &entry[field] {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = FIELDS.map(text);
        row![sheet => a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p];
    }
    sheet
}
