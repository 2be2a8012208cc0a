//! `keepworth import`: records from CSV files, through a service's API.

use std::path::PathBuf;

use anyhow::Context;
use keepworth_contract::batch::{BatchOptions, OnInvalid};
use keepworth_contract::client::Client;

use crate::command::Outcome;
use crate::import::kind::Kind;
use crate::import::mapping::MappingFile;
use crate::import::pipeline::{self, Summary};
use crate::import::source;
use crate::import::table::Table;
use crate::output::{Format, print_json, table, whole};
use crate::{Global, runtime};

/// Import records from a CSV file with any headers.
///
/// The mapping file says how a row becomes a record. Rows that cannot be taken go to an error file
/// with their original columns and the reason; correct them there and import that file. Importing
/// the same file again changes nothing.
#[derive(clap::Args)]
#[command(
    after_help = r#"Kinds: customers, lifecycle-events, feedback, interactions, ledger-entries, revenues

Example:
  keepworth import customers crm.csv --mapping crm.toml --dry-run
  keepworth import customers crm.csv --mapping crm.toml

A mapping file:
  source = "crm"                       # the system the rows come from
  create_segments = true               # register segments that are new
  [where]                              # only some rows
  Status = ["Active", "Cancelled"]
  [fields]                             # columns in braces
  external_id = "{Id}"
  segment     = "{Plan} / {Region}"
  acquired_on = { from = "{Since}", date_format = "%d.%m.%Y" }
  left_on     = "{Cancelled on}"       # an empty cell leaves the field out
  leaving_cause = { from = "{Why}", values = { "too dear" = "PRICE" }, otherwise = "OTHER" }
Rules of a field: from, values, otherwise, date_format, months_before, not_before, times.
Also: delimiter = "auto", encoding = "utf-8" (a byte order mark wins).

A general ledger with vouchers and debits and credits: keepworth finance import-gl --help

Exit codes: 0 all rows taken, 1 some, 2 none."#
)]
pub(crate) struct Args {
    /// What the rows are: customers, lifecycle-events, feedback, …
    kind: String,
    /// The CSV file; - reads standard input.
    file: PathBuf,
    /// The mapping file.
    #[arg(long, value_name = "MAP.toml")]
    mapping: PathBuf,
    /// Check every row and write nothing.
    #[arg(long)]
    dry_run: bool,
    /// Where Keepworth runs, such as http://127.0.0.1:7979 (default: from the settings).
    #[arg(long)]
    url: Option<String>,
    /// Where rows that cannot be taken go (default: FILE.rejected.csv).
    #[arg(long, value_name = "FILE")]
    errors: Option<PathBuf>,
    /// The form of the summary.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Args {
    pub(crate) fn run(self, global: &Global) -> anyhow::Result<Outcome> {
        let kind = Kind::find(&self.kind).with_context(|| {
            format!(
                "there is no kind `{}`; there are {}",
                self.kind,
                Kind::names()
            )
        })?;
        let text = std::fs::read_to_string(&self.mapping)
            .with_context(|| format!("mapping {} cannot be read", self.mapping.display()))?;
        let named = || format!("mapping {}", self.mapping.display());
        let mapping = MappingFile::parse(&text).with_context(named)?;
        let progress = source::progress_bar(&self.file)?;
        let table = Table::open(
            source::open(&self.file, &progress)?,
            &mapping.delimiter,
            &mapping.encoding,
        )
        .with_context(|| self.file.display().to_string())?;
        let options = BatchOptions {
            import_id: source::new_import_id(),
            dry_run: self.dry_run,
            on_invalid: OnInvalid::Report,
            create_segments: mapping.create_segments,
        };
        let mapping = mapping.prepare(kind, &table.header).with_context(named)?;
        let client = Client::new(
            kind.service,
            &global.service_url(kind.service, self.url.as_deref())?,
        )?;
        let errors = self
            .errors
            .clone()
            .unwrap_or_else(|| source::rejected_path(&self.file));
        let summary = runtime::block_on(async {
            pipeline::run(
                table,
                mapping,
                &client,
                kind.resource,
                &options,
                &errors,
                &progress,
            )
            .await
        })?;
        progress.finish_and_clear();
        self.print(kind, &summary)?;
        Ok(match (summary.rejected, summary.taken()) {
            (0, _) => Outcome::Done,
            (_, 0) => Outcome::NotDone,
            _ => Outcome::Partly,
        })
    }

    fn print(&self, kind: &Kind, summary: &Summary) -> anyhow::Result<()> {
        if self.format == Format::Json {
            return print_json(summary);
        }
        let mut lines = table([kind.name, "rows"]);
        for (name, count) in [
            ("new", summary.created),
            ("updated", summary.updated),
            ("unchanged", summary.unchanged),
            ("left out by [where]", summary.filtered),
            ("not taken", summary.rejected),
        ] {
            lines.add_row([name.to_owned(), whole(count as f64)]);
        }
        println!("{lines}");
        let rate = whole(summary.rows as f64 / summary.seconds.max(1e-3));
        let verb = if self.dry_run {
            "checked, nothing written"
        } else {
            "read"
        };
        println!(
            "{} rows {verb} in {:.1} s ({rate} rows a second)",
            whole(summary.rows as f64),
            summary.seconds
        );
        if !summary.unused_columns.is_empty() {
            println!("columns not used: {}", summary.unused_columns.join(", "));
        }
        if let Some(path) = &summary.error_file {
            println!("rows not taken, with the reasons: {}", path.display());
        }
        Ok(())
    }
}
