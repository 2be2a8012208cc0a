//! What became of the vouchers.

use std::path::{Path, PathBuf};

use keepworth_contract::finance::{GeneralLedgerReport, RejectedVoucher};
use serde::Serialize;

use crate::command::Outcome;
use crate::command::finance::wording::commands;
use crate::import::ledger::GeneralLedger;
use crate::import::source::ErrorFile;
use crate::present::{Sheet, row};

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

    pub(super) fn sheet(&self, dry_run: bool) -> Sheet {
        let mut sheet = Sheet::new("", "general ledger | count");
        row![sheet => "vouchers taken", self.sum.vouchers];
        row![sheet => "entries that are new", self.sum.created];
        row![sheet => "entries corrected", self.sum.updated];
        row![sheet => "entries unchanged", self.sum.unchanged];
        row![sheet => "vouchers not taken", self.sum.rejected.len()];
        if dry_run {
            sheet.note("Checked; nothing was written.");
        }
        for rejected in self.sum.rejected.iter().take(LISTED) {
            sheet.note(format!("{}: {}", rejected.voucher, reason(rejected)));
        }
        if self.sum.rejected.len() > LISTED {
            sheet.note(format!("… and {} more", self.sum.rejected.len() - LISTED));
        }
        if let Some(path) = &self.error_file {
            sheet.note(format!(
                "lines not taken, with the reasons: {}",
                path.display()
            ));
        }
        sheet
    }
}
