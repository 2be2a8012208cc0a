//! Closing of the books.

use crate::rule::ledger::period_close::CloseError;
use crate::store::period_close::PeriodCloseRow;
use keepworth_contract::finance::PeriodClose;
use keepworth_contract::{InvalidParam, Month};
use keepworth_intake::Failure;

impl From<PeriodCloseRow> for PeriodClose {
    fn from(row: PeriodCloseRow) -> Self {
        Self {
            month: Month::from_index(row.month),
            reason: row.reason,
            recorded_at: row.recorded_at.and_utc(),
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "used with map_err")]
pub(crate) fn refused(error: CloseError) -> Failure {
    match error {
        CloseError::Closed { .. } => Failure::conflict("period_closed", error.to_string()),
        CloseError::NotOver { .. } => Failure::invalid(vec![InvalidParam::new(
            "month",
            "not_over",
            error.to_string(),
        )]),
    }
}
