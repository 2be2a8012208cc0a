//! Closing of the books.

use crate::rule::ledger::period_close::{CloseError, check};
use crate::store::period_close;
use crate::store::period_close::PeriodCloseRow;
pub use crate::store::period_close::load_closes;
use keepworth_access::RequestIds;
use keepworth_contract::FaultCode;
use keepworth_contract::ProblemCode;
use keepworth_contract::event::EventType;
use keepworth_contract::finance::{PeriodClose, PeriodCloseInput};
use keepworth_contract::{InvalidParam, Month};
use keepworth_intake::{Failure, fault};
use keepworth_store::{Conn, now};

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
fn refused(error: CloseError) -> Failure {
    match error {
        CloseError::Closed { .. } => {
            Failure::conflict(ProblemCode::PeriodClosed, error.to_string())
        }
        CloseError::NotOver { .. } => Failure::invalid(vec![InvalidParam::new(
            "month",
            FaultCode::NotOver,
            error.to_string(),
        )]),
    }
}

/// Closes a month that is over, and all before it.
pub fn close(conn: &mut Conn, new: PeriodCloseInput) -> Result<PeriodClose, Failure> {
    let PeriodCloseInput { month, reason } = new;
    if let Some(fault) = fault::text("reason", &reason, 1_000) {
        return Err(Failure::invalid(vec![fault]));
    }
    let now = now();
    let row = PeriodCloseRow {
        month: month.index(),
        reason,
        recorded_at: now.naive_utc(),
    };
    period_close::lock(conn)?;
    let through = period_close::find_closed_through(conn)?;
    check(month, now.date_naive(), through).map_err(refused)?;
    period_close::insert_close(conn, &row)?;
    let subject = format!("/v1/period-closes/{month}");
    let ids = RequestIds::current();
    keepworth_outbox::put(conn, EventType::PeriodClosed, &subject, ids.as_ref())?;
    Ok(PeriodClose::from(row))
}
