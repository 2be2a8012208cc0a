//! Use cases: one file each, which owns its transaction and can be called from a handler, a job or a test.

#![expect(
    clippy::missing_errors_doc,
    reason = "every use case fails with a `Failure`, which says what its caller is told"
)]

pub mod account;
pub mod acquire_or_keep;
pub mod acquisition_source;
pub mod allocation;
pub mod allocation_rule;
pub mod avoidable_share;
pub mod budget;
pub mod campaign_touch;
pub(crate) mod census;
pub(crate) mod charge;
pub mod consumption_cost;
pub(crate) mod conversion;
pub mod cost_concentration;
pub mod earned_growth;
pub mod exchange_outlook;
pub(crate) mod failure;
pub mod feed;
pub(crate) mod flag;
pub mod fx_rate;
pub mod general_ledger;
pub(crate) mod import;
pub(crate) mod job;
pub mod ledger_entry;
pub(crate) mod lever_basis;
pub mod metric;
pub mod period;
pub mod period_close;
pub mod programme;
pub mod purchase;
pub(crate) mod response_evidence;
pub mod response_history;
pub mod revenue;
pub mod segment_month;
pub mod segment_month_count;
pub(crate) mod segment_verdict;
pub(crate) mod subject;
pub mod unit_cost;
pub mod win_back;

use keepworth_contract::Month;
use keepworth_contract::ProblemCode;
use keepworth_intake::Failure;
use keepworth_store::{Conn, Db};

use crate::store;
pub use failure::internal;

/// Refuses to change what belongs to a month whose books are closed.
pub fn check_open(conn: &mut Conn, month: Month) -> Result<(), Failure> {
    match store::period_close::find_closed_through(conn)?.filter(|through| month <= *through) {
        None => Ok(()),
        Some(through) => Err(Failure::conflict(
            ProblemCode::PeriodClosed,
            format!("{month} is closed (through {through}); change a later month instead"),
        )),
    }
}

/// Reads one unchanging picture of the books, planned with fresh statistics.
pub async fn read_picture<T: Send + 'static>(
    db: &Db,
    work: impl FnOnce(&mut Conn) -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let read = move |conn: &mut Conn| {
        conn.refresh_statistics()?;
        conn.snapshot(work)
    };
    db.read(read).await
}
