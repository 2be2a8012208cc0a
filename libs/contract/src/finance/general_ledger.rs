//! Import of a general ledger.

use crate::batch::OnInvalid;
use crate::{Currency, InvalidParam};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// What the file is.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct GeneralLedgerQuery {
    /// The system that the file comes from.
    #[param(min_length = 1, max_length = 64, example = "erpnext")]
    pub source: String,
    /// Names the import.
    #[param(min_length = 1, max_length = 64, example = "2025-09-gl")]
    pub import_id: String,
    /// ISO 4217 code of `debit` and `credit`.
    pub currency: Currency,
    /// Check and answer as usual, write nothing.
    #[serde(default)]
    #[param(default = false)]
    pub dry_run: bool,
    /// What to do when some vouchers cannot be taken.
    #[serde(default)]
    #[param(default = "report")]
    pub on_invalid: OnInvalid,
}

/// What became of a file's vouchers.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct GeneralLedgerReport {
    /// Vouchers that were taken.
    pub vouchers: u64,
    /// Entries that were new.
    pub created: u64,
    /// Entries that were corrected.
    pub updated: u64,
    /// Entries that were there already.
    pub unchanged: u64,
    /// Vouchers that were not taken, nor any line of theirs.
    pub rejected: Vec<RejectedVoucher>,
}

/// A voucher that was not taken.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RejectedVoucher {
    /// Company, type and number.
    pub voucher: String,
    /// What is wrong with it.
    pub invalid_params: Vec<InvalidParam>,
}
