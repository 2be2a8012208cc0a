//! Use cases: one file each, which owns its transaction and can be called from a handler, a job or a test.

pub(crate) mod account;
pub(crate) mod acquire_or_keep;
pub(crate) mod acquire_or_keep_answer;
pub(crate) mod acquisition_source;
pub(crate) mod allocation;
pub(crate) mod allocation_rule;
pub(crate) mod avoidable_share;
pub(crate) mod budget;
pub(crate) mod campaign_touch;
pub(crate) mod census;
pub(crate) mod charge;
pub(crate) mod consumption_cost;
pub(crate) mod conversion;
pub(crate) mod cost_concentration;
pub(crate) mod earned_growth;
pub(crate) mod failure;
pub(crate) mod feed;
pub(crate) mod fx_rate;
pub(crate) mod general_ledger;
pub(crate) mod ledger_entry;
pub(crate) mod lever_basis;
pub(crate) mod metric;
pub(crate) mod period;
pub(crate) mod period_close;
pub(crate) mod programme;
pub(crate) mod response_evidence;
pub(crate) mod response_history;
pub(crate) mod revenue;
pub(crate) mod segment_month;
pub(crate) mod segment_month_count;
pub(crate) mod unit_cost;

use keepworth_contract::Month;
use keepworth_contract::ProblemCode;
use keepworth_intake::{Failure, fault};
use keepworth_store::{Conn, Db};

use crate::store;
pub(crate) use failure::internal;

/// Refuses a text to look for that no record can have.
pub(crate) fn check_filter(name: &str, value: Option<&str>) -> Result<(), Failure> {
    match value.and_then(|value| fault::text(name, value, 128)) {
        Some(fault) => Err(Failure::malformed(format!("{name} {}", fault.reason))),
        None => Ok(()),
    }
}

/// Refuses to change what belongs to a month whose books are closed.
pub(crate) fn check_open(conn: &mut Conn, month: Month) -> Result<(), Failure> {
    match store::period_close::find_closed_through(conn)?.filter(|through| month <= *through) {
        None => Ok(()),
        Some(through) => Err(Failure::conflict(
            ProblemCode::PeriodClosed,
            format!("{month} is closed (through {through}); change a later month instead"),
        )),
    }
}

/// Reads one unchanging picture of the books, planned with fresh statistics.
pub(crate) async fn read_picture<T: Send + 'static>(
    db: &Db,
    work: impl FnOnce(&mut Conn) -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let read = move |conn: &mut Conn| {
        conn.refresh_statistics()?;
        conn.snapshot(work)
    };
    db.read(read).await
}
