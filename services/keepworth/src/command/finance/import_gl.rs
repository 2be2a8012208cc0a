//! A general ledger with its vouchers, from a CSV file into the books.

mod accounts;
mod report;

use std::path::PathBuf;

use anyhow::Context;
use keepworth_contract::Currency;
use keepworth_contract::batch::OnInvalid;
use keepworth_contract::finance::{FinanceClient, GeneralLedgerQuery};

use super::Asking;
use crate::command::Outcome;
use crate::import::ledger::GeneralLedger;
use crate::import::source;
use crate::{Global, runtime};
use keepworth_reading::Written;
use keepworth_reading::date::DateFormat;
use keepworth_reading::table::Table;
use report::Report;

/// Import the costs of a general ledger, voucher by voucher.
///
/// The file has the columns of ERPNext's general ledger. A voucher is taken whole or not at all:
/// its debits and credits must be equal, its accounts described, its month open. Lines of vouchers
/// that are not taken go to an error file with the reason; correct them there and import that
/// file. Importing the same file again changes nothing.
#[derive(clap::Args)]
#[command(after_help = "\
Columns: posting_date, account, debit, credit, voucher_type, voucher_no; read when they are there:
cost_center, remarks, company. `Posting Date` is `posting_date`, and `Debit (EUR)` is `debit`; the
sums that ERPNext's report has ('Opening', 'Total') are not read.

Accounts are described once, in a CSV file; those without a category are no cost:
  account,name,category,component
  6000,Support wages,SERVICE,
  6800,Advertising,ACQUISITION,MEDIA
  1200,Bank,,

Examples:
  keepworth finance import-gl gl.csv --currency EUR --accounts accounts.csv
  keepworth finance import-gl gl.csv --currency EUR --dry-run
  zcat gl.csv.gz | keepworth finance import-gl - --currency EUR --all-or-nothing

Exit codes: 0 all vouchers taken, 1 some, 2 none.")]
pub(super) struct Args {
    /// The CSV file; - reads standard input.
    file: PathBuf,
    /// Currency of `debit` and `credit`, the company's own.
    #[arg(long, value_name = "CODE")]
    currency: Currency,
    /// The system that the file comes from.
    #[arg(long, default_value = "erpnext")]
    source: String,
    /// Describe these accounts first.
    #[arg(long, value_name = "FILE.csv", conflicts_with = "dry_run")]
    accounts: Option<PathBuf>,
    /// Take no voucher when one cannot be taken.
    #[arg(long)]
    all_or_nothing: bool,
    /// Check every voucher and write nothing.
    #[arg(long)]
    dry_run: bool,
    /// Where lines of vouchers that are not taken go (default: FILE.rejected.csv).
    #[arg(long, value_name = "FILE")]
    errors: Option<PathBuf>,
    /// How `posting_date` is written, such as %d-%m-%Y (default: as every row of the file has it).
    #[arg(long, value_name = "FORMAT")]
    date_format: Option<DateFormat>,
    /// Encoding of the file; a byte order mark wins.
    #[arg(long, default_value = "utf-8")]
    encoding: String,
    #[command(flatten)]
    asking: Asking,
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<Outcome> {
        let client = self.asking.client(global)?;
        let ledger = self
            .read()
            .with_context(|| self.file.display().to_string())?;
        let mut report = runtime::block_on(async {
            if let Some(file) = &self.accounts {
                let described = accounts::describe(&client, file).await;
                described.with_context(|| file.display().to_string())?;
            }
            self.import(&client, &ledger).await
        })?;
        let errors = self.errors.clone();
        let errors = errors.unwrap_or_else(|| source::rejected_path(&self.file));
        report.write_rejected(&ledger, &errors)?;
        let outcome = report.outcome();
        let to = &self.asking.presenting;
        to.show(report, |report| Ok(vec![report.sheet(self.dry_run)]))?;
        Ok(outcome)
    }

    fn read(&self) -> anyhow::Result<GeneralLedger> {
        let progress = source::progress_bar(&self.file)?;
        let bytes = source::open(&self.file, &progress)?;
        let written = Written {
            encoding: self.encoding.clone(),
            ..Written::default()
        };
        let mut ledger = GeneralLedger::read(Table::open(bytes, &written)?)?;
        ledger.write_days(self.date_format.clone())?;
        progress.finish_and_clear();
        Ok(ledger)
    }

    async fn import(
        &self,
        client: &FinanceClient,
        ledger: &GeneralLedger,
    ) -> anyhow::Result<Report> {
        let import_id = source::new_import_id();
        if self.dry_run || self.all_or_nothing {
            // Nothing may be written before every voucher is known to be sound.
            let checked = self.send(client, ledger, &import_id, true).await?;
            if self.dry_run {
                return Ok(checked);
            }
            if !checked.sum.rejected.is_empty() {
                return Ok(checked.refused_whole());
            }
        }
        self.send(client, ledger, &import_id, false).await
    }

    /// Sends every voucher, in as many requests as the file's size asks for.
    async fn send(
        &self,
        client: &FinanceClient,
        ledger: &GeneralLedger,
        import_id: &str,
        dry_run: bool,
    ) -> anyhow::Result<Report> {
        let query = GeneralLedgerQuery {
            source: self.source.clone(),
            import_id: import_id.to_owned(),
            currency: self.currency,
            dry_run,
            on_invalid: match self.all_or_nothing && !dry_run {
                true => OnInvalid::Refuse,
                false => OnInvalid::Report,
            },
        };
        let parts = ledger.parts();
        let progress = source::counter(parts.len() as u64, "requests")?;
        let mut sum = Report::default();
        for part in parts {
            let text = ledger.text(&part)?;
            sum.add(client.take_general_ledger(&query, text).await?);
            progress.inc(1);
        }
        progress.finish_and_clear();
        Ok(sum)
    }
}
