//! `keepworth import`: records from CSV files, through a service's API.

use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use csv::StringRecord;
use indicatif::ProgressBar;
use keepworth_contract::batch::{BatchOptions, OnInvalid};
use keepworth_contract::client::Client;
use tempfile::NamedTempFile;

use crate::command::Outcome;
use crate::import::pipeline::{self, Summary};
use crate::import::source;
use crate::present::number::whole;
use crate::present::{Presenting, Sheet, row};
use crate::{Global, Server, runtime};
use keepworth_reading::Written;
use keepworth_reading::mapping::{Bundle, Joined, KINDS, Kind, MappingFile, Notice, guess};
use keepworth_reading::table::Table;

/// Import records from a CSV file with any headers.
///
/// The mapping file says how a row becomes a record. Rows that cannot be taken go to an error file
/// with their original columns and the reason; correct them there and import that file. Importing
/// the same file again changes nothing.
#[derive(clap::Args)]
#[command(
    override_usage = "keepworth import [KIND] <FILE> [--mapping <MAP.toml> | --from <VENDOR>] [OPTIONS]",
    after_help = r#"Kinds: customers, lifecycle-events, feedback, interactions, ledger-entries, revenues,
  campaign-touches

Examples:
  keepworth import customers crm.csv --mapping crm.toml --dry-run
  keepworth import customers crm.csv --mapping crm.toml
  keepworth import customers.csv                      (columns named as the fields are, or a known export)
  keepworth import --from stripe customers.csv
  keepworth import --from stripe invoice_lines.csv --with invoices.csv
  keepworth import --from chartmogul line_items.csv --with invoices.csv
  keepworth import --from lago invoice_fees.csv --with invoices.csv --customer-source crm

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
Rules of a field: from, values, otherwise (an empty cell stays empty), date_format,
months_before, not_before, times, days_later; until (a period's end), minor_units, less (taxes),
discount = { total | amount, less, on } (of the row's invoice, spread over its rows), magnitude;
{column?} may be missing, {sign of column} is + or -; of a list of rules the first that gives a text
counts.
Revenue is for the days from = "…" up to without until = "…" (or for so many months from that day on);
or for so many months of which month = "…" is the last.
A date_format is strftime's, or rfc3339, epoch_seconds, epoch_millis.
Also: [[tell]] what, from, is, leave_out (rows that are counted and told); kind = "revenues"; [join] name, on, key (columns of the file --with are {name.column});
delimiter = "auto", encoding = "utf-8" (a byte order mark wins); number_format = "1.234,56" (a number
as the file writes it; without it decimals follow a point, and 1.000 is refused as 1 or 1000);
missing = ["NA"] (cells that hold nothing); time_zone = "Europe/Berlin" (whose days are meant).

A general ledger with vouchers and debits and credits: keepworth finance import-gl --help

Exit codes: 0 all rows taken, 1 some, 2 none."#
)]
pub(crate) struct Args {
    /// The CSV file, or - for standard input; before it, what its rows are (default: as the
    /// mapping says).
    #[arg(value_name = "[KIND] FILE", num_args = 1..=2, required = true)]
    rows: Vec<PathBuf>,
    /// The mapping file; without it and without --from the columns say what the file is.
    #[arg(long, value_name = "MAP.toml")]
    mapping: Option<PathBuf>,
    /// The file is an export of stripe, chartmogul or lago: no mapping is needed.
    #[arg(long, value_name = "VENDOR", conflicts_with = "mapping")]
    from: Option<String>,
    /// The file that the rows belong to, such as the invoices of invoice lines.
    #[arg(long, value_name = "FILE.csv")]
    with: Option<PathBuf>,
    /// The system that knows the customers, when the mapping names none (default: its source).
    #[arg(long, value_name = "SYSTEM")]
    customer_source: Option<String>,
    /// Check every row and write nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    server: Server,
    /// Where rows that cannot be taken go (default: FILE.rejected.csv).
    #[arg(long, value_name = "FILE")]
    errors: Option<PathBuf>,
    #[command(flatten)]
    presenting: Presenting,
}

impl Args {
    pub(crate) fn run(self, global: &Global) -> anyhow::Result<Outcome> {
        let progress = source::progress_bar(self.file())?;
        let opened = self.open(&progress)?;
        let (name, table, mut mapping) = (opened.name, opened.table, opened.mapping);
        let kept = opened.kept;
        let named = || name.clone();
        let kind = self.kind(&mapping).with_context(named)?;
        if let Some(system) = &self.customer_source {
            mapping.set_customer_source(system);
        }
        let options = BatchOptions {
            import_id: source::new_import_id(),
            dry_run: self.dry_run,
            on_invalid: OnInvalid::Report,
            create_segments: mapping.create_segments,
        };
        let joined = self.joined(&mapping).with_context(named)?;
        let mut mapping = mapping
            .prepare(kind, &table.header, joined)
            .with_context(named)?;
        if mapping.has_discounts() {
            let file = kept.as_ref().map_or(self.file(), NamedTempFile::path);
            mapping.read_discounts(source::open_table(file, &table.written)?)?;
        }
        let client = Client::new(kind.service, self.server.reach(kind.service, global)?)?;
        let errors = self
            .errors
            .clone()
            .unwrap_or_else(|| source::rejected_path(self.file()));
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
        let outcome = match (summary.rejected, summary.taken()) {
            (0, _) => Outcome::Done,
            (_, 0) => Outcome::NotDone,
            _ => Outcome::Partly,
        };
        let title = match self.mapping {
            None => format!("Taken as {name}"),
            Some(_) => String::new(),
        };
        self.presenting
            .show(summary, |it| Ok(vec![self.sheet(title, kind, &it)]))?;
        Ok(outcome)
    }

    /// The file.
    fn file(&self) -> &Path {
        self.rows.last().map_or(Path::new("-"), PathBuf::as_path)
    }

    /// What the command says that the rows are.
    fn asked(&self) -> Option<&str> {
        let [kind, _file] = self.rows.as_slice() else {
            return None;
        };
        kind.to_str()
    }

    /// Opens the file, with the mapping given or that of the vendor's export.
    fn open(&self, progress: &ProgressBar) -> anyhow::Result<Opened> {
        let file = || self.file().display().to_string();
        let Some(path) = &self.mapping else {
            let kept = self.keep(progress)?;
            let bytes = self.bytes(kept.as_ref(), progress)?;
            let table = Table::open(bytes, &Written::default()).with_context(file)?;
            let (name, mapping) = self.known(&table.header).with_context(file)?;
            return Ok(Opened {
                name,
                mapping,
                table,
                kept,
            });
        };
        let name = format!("mapping {}", path.display());
        let text =
            std::fs::read_to_string(path).with_context(|| format!("{name} cannot be read"))?;
        let mapping = MappingFile::parse(&text).with_context(|| name.clone())?;
        let kept = match mapping.may_have_discounts() {
            true => self.keep(progress)?,
            false => None,
        };
        let bytes = self.bytes(kept.as_ref(), progress)?;
        let table = Table::open(bytes, &mapping.written()).with_context(file)?;
        Ok(Opened {
            name,
            mapping,
            table,
            kept,
        })
    }

    /// What a file without a mapping is, and its mapping: the vendor's export, or what its columns say.
    fn known(&self, header: &StringRecord) -> anyhow::Result<(String, MappingFile)> {
        if let Some(vendor) = &self.from {
            let bundle = Bundle::choose(vendor, header)?;
            return Ok((bundle.name(), bundle.mapping()?));
        }
        let kinds = match self.asked() {
            Some(name) => vec![find(name)?],
            None => KINDS.iter().collect(),
        };
        let guess = guess(&kinds, header)?;
        Ok((guess.name.clone(), guess.mapping()?))
    }

    /// Keeps standard input in a file until the import ends: what an invoice takes off is spread over its
    /// lines, for which they are read twice.
    fn keep(&self, progress: &ProgressBar) -> anyhow::Result<Option<NamedTempFile>> {
        if self.file().as_os_str() != "-" {
            return Ok(None);
        }
        let mut kept = NamedTempFile::new().context("standard input cannot be kept in a file")?;
        io::copy(&mut source::open(self.file(), progress)?, &mut kept)
            .context("standard input cannot be kept in a file")?;
        Ok(Some(kept))
    }

    fn bytes(
        &self,
        kept: Option<&NamedTempFile>,
        progress: &ProgressBar,
    ) -> anyhow::Result<Box<dyn io::Read + Send>> {
        match kept {
            Some(kept) => Ok(Box::new(kept.reopen()?)),
            None => source::open(self.file(), progress),
        }
    }

    /// What the rows are: as the command says, and the mapping does not contradict.
    fn kind(&self, mapping: &MappingFile) -> anyhow::Result<&'static Kind> {
        let name = match (self.asked(), mapping.kind.as_deref()) {
            (Some(asked), Some(made)) if asked != made => {
                bail!("its rows are {made}, not {asked}")
            }
            (Some(name), _) | (None, Some(name)) => name,
            (None, None) => bail!(
                "nothing says what the rows are; name one of {}",
                Kind::names()
            ),
        };
        find(name)
    }

    /// The file that the rows belong to, when the mapping asks for one.
    fn joined(&self, mapping: &MappingFile) -> anyhow::Result<Option<Joined>> {
        match (&mapping.join, &self.with) {
            (Some(rule), Some(path)) => {
                let table = source::open_table(path, &mapping.written_beside())
                    .and_then(|table| Ok(mapping.read_join(rule, table)?));
                table.with_context(|| path.display().to_string()).map(Some)
            }
            (None, None) => Ok(None),
            (Some(rule), None) => bail!(
                "the rows belong to {0}, which are in a file of their own: add --with {1}.csv",
                rule.name(),
                rule.name().to_uppercase()
            ),
            (None, Some(_)) => bail!("the mapping joins no other file; leave out --with"),
        }
    }

    fn sheet(&self, title: String, kind: &Kind, summary: &Summary) -> Sheet {
        let mut sheet = Sheet::new(title, &format!("{} | rows", kind.name));
        row![sheet => "new", summary.created];
        row![sheet => "updated", summary.updated];
        row![sheet => "unchanged", summary.unchanged];
        row![sheet => "left out by [where]", summary.filtered];
        row![sheet => "left out, since the customer was erased", summary.skipped_erased];
        row![sheet => "not taken", summary.rejected];
        let rate = whole(summary.rows as f64 / summary.seconds.max(1e-3));
        let verb = if self.dry_run {
            "checked, nothing written"
        } else {
            "read"
        };
        sheet.note(format!(
            "{} rows {verb} in {:.1} s ({rate} rows a second)",
            whole(summary.rows as f64),
            summary.seconds
        ));
        if summary.moved > 0 {
            sheet.note(format!(
                "{} of them came with another segment, and count as moved today; lifecycle-events of kind MOVED say when \
                 it was",
                whole(summary.moved as f64)
            ));
        }
        for Notice {
            what,
            rows,
            example,
        } in &summary.told
        {
            sheet.note(format!(
                "{what}: rows {}, the first {example}",
                whole(*rows as f64)
            ));
        }
        if !summary.unused_columns.is_empty() {
            sheet.note(format!(
                "columns not used: {}",
                summary.unused_columns.join(", ")
            ));
        }
        if let Some(path) = &summary.error_file {
            sheet.note(format!(
                "rows not taken, with the reasons: {}",
                path.display()
            ));
        }
        sheet
    }
}

fn find(kind: &str) -> anyhow::Result<&'static Kind> {
    Kind::find(kind)
        .with_context(|| format!("there is no kind `{kind}`; there are {}", Kind::names()))
}

/// A file and how its rows become records.
struct Opened {
    /// What errors call the mapping.
    name: String,
    mapping: MappingFile,
    table: Table,
    /// Where standard input was kept.
    kept: Option<NamedTempFile>,
}
