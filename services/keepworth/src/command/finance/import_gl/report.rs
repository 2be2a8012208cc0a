//! What became of the vouchers.

use std::path::{Path, PathBuf};

use keepworth_contract::InvalidParam;
use serde::{Deserialize, Serialize};

use super::ledger::GeneralLedger;
use crate::command::Outcome;
use crate::command::finance::wording::commands;
use crate::import::source::ErrorFile;
use crate::output::{Format, print_json, table, whole};

/// What became of the vouchers; the service's answers added up.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Report {
    /// Vouchers that were taken.
    vouchers: u64,
    /// Entries that were new.
    created: u64,
    /// Entries that were corrected.
    updated: u64,
    /// Entries that were there already.
    unchanged: u64,
    /// Vouchers that were not taken.
    pub(super) rejected: Vec<RejectedVoucher>,
    /// Where the lines of vouchers that were not taken are, with the reasons.
    #[serde(skip_deserializing)]
    error_file: Option<PathBuf>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct RejectedVoucher {
    /// Company, type and number.
    voucher: String,
    /// What is wrong with it.
    invalid_params: Vec<InvalidParam>,
}

impl RejectedVoucher {
    fn reason(&self) -> String {
        let reasons = self
            .invalid_params
            .iter()
            .map(|param| match param.name.as_str() {
                // Said of the voucher as a whole.
                "voucher" => param.reason.clone(),
                name => format!("{name}: {}", param.reason),
            });
        commands(&reasons.collect::<Vec<_>>().join("; "))
    }
}

/// Vouchers that are listed when many are not taken.
const LISTED: usize = 10;

impl Report {
    pub(super) fn add(&mut self, part: Self) {
        self.vouchers += part.vouchers;
        self.created += part.created;
        self.updated += part.updated;
        self.unchanged += part.unchanged;
        self.rejected.extend(part.rejected);
    }

    /// The same when one voucher refuses all.
    pub(super) fn refused_whole(self) -> Self {
        Self {
            rejected: self.rejected,
            ..Self::default()
        }
    }

    pub(super) fn outcome(&self) -> Outcome {
        match (self.rejected.len(), self.vouchers) {
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
        for rejected in &self.rejected {
            let code = rejected.invalid_params.first().map_or("", |it| &it.code);
            for row in ledger.voucher(&rejected.voucher) {
                errors.append(&row.cells, code, &rejected.reason())?;
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
            ("vouchers taken", self.vouchers),
            ("entries that are new", self.created),
            ("entries corrected", self.updated),
            ("entries unchanged", self.unchanged),
            ("vouchers not taken", self.rejected.len() as u64),
        ] {
            lines.add_row([name.to_owned(), whole(count as f64)]);
        }
        println!("{lines}");
        if dry_run {
            println!("Checked; nothing was written.");
        }
        for rejected in self.rejected.iter().take(LISTED) {
            println!("{}: {}", rejected.voucher, rejected.reason());
        }
        if self.rejected.len() > LISTED {
            println!("… and {} more", self.rejected.len() - LISTED);
        }
        if let Some(path) = &self.error_file {
            println!("lines not taken, with the reasons: {}", path.display());
        }
        Ok(())
    }
}
