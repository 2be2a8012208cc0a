//! What became of the vouchers.

use std::path::{Path, PathBuf};

use keepworth_contract::finance::{GeneralLedgerReport, RejectedVoucher};
use serde::Serialize;

use super::ledger::GeneralLedger;
use crate::command::Outcome;
use crate::command::finance::wording::commands;
use crate::import::source::ErrorFile;
use crate::output::{Format, print_json, table, whole};

/// What became of the vouchers; the service's answers added up.
#[derive(Debug, Default, Serialize)]
pub(super) struct Report {
    #[serde(flatten)]
    pub(super) sum: GeneralLedgerReport,
    /// Where the lines of vouchers that were not taken are, with the reasons.
    error_file: Option<PathBuf>,
}

/// Why a voucher was not taken.
fn reason(rejected: &RejectedVoucher) -> String {
    let params = rejected.invalid_params.iter();
    let reasons = params.map(|param| match param.name.as_str() {
        // Said of the voucher as a whole.
        "voucher" => param.reason.clone(),
        name => format!("{name}: {}", param.reason),
    });
    commands(&reasons.collect::<Vec<_>>().join("; "))
}

/// Vouchers that are listed when many are not taken.
const LISTED: usize = 10;

impl Report {
    pub(super) fn add(&mut self, part: GeneralLedgerReport) {
        self.sum.vouchers += part.vouchers;
        self.sum.created += part.created;
        self.sum.updated += part.updated;
        self.sum.unchanged += part.unchanged;
        self.sum.rejected.extend(part.rejected);
    }

    /// The same when one voucher refuses all.
    pub(super) fn refused_whole(self) -> Self {
        let rejected = self.sum.rejected;
        Self {
            sum: GeneralLedgerReport {
                rejected,
                ..GeneralLedgerReport::default()
            },
            error_file: None,
        }
    }

    pub(super) fn outcome(&self) -> Outcome {
        match (self.sum.rejected.len(), self.sum.vouchers) {
            (0, _) => Outcome::Done,
            (_, 0) => Outcome::NotDone,
            _ => Outcome::Partly,
        }
    }

    /// Writes every line of the vouchers that were not taken, with the reason.
    pub(super) fn write_rejected(
        &mut self,
        ledger: &GeneralLedger,
        path: &Path,
    ) -> anyhow::Result<()> {
        let mut errors = ErrorFile::new(path, &ledger.header);
        for rejected in &self.sum.rejected {
            let code = rejected.invalid_params.first().map_or("", |it| &it.code);
            for row in ledger.voucher(&rejected.voucher) {
                errors.append(&row.cells, code, &reason(rejected))?;
            }
        }
        self.error_file = errors.finish()?;
        Ok(())
    }

    pub(super) fn print(&self, format: Format, dry_run: bool) -> anyhow::Result<()> {
        if format == Format::Json {
            return print_json(self);
        }
        let mut lines = table(["general ledger", "count"]);
        for (name, count) in [
            ("vouchers taken", self.sum.vouchers),
            ("entries that are new", self.sum.created),
            ("entries corrected", self.sum.updated),
            ("entries unchanged", self.sum.unchanged),
            ("vouchers not taken", self.sum.rejected.len() as u64),
        ] {
            lines.add_row([name.to_owned(), whole(count as f64)]);
        }
        println!("{lines}");
        if dry_run {
            println!("Checked; nothing was written.");
        }
        for rejected in self.sum.rejected.iter().take(LISTED) {
            println!("{}: {}", rejected.voucher, reason(rejected));
        }
        if self.sum.rejected.len() > LISTED {
            println!("… and {} more", self.sum.rejected.len() - LISTED);
        }
        if let Some(path) = &self.error_file {
            println!("lines not taken, with the reasons: {}", path.display());
        }
        Ok(())
    }
}
