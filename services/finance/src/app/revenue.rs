//! Revenues.

use crate::Finance;
use crate::app::internal;
use crate::rule::ledger::period_close::revenue_fault;
use crate::rule::revenue::charge::{covered, faults};
use crate::store::revenue::RevenueRecordRow;
pub use crate::store::revenue::find_revenue;
use crate::store::{period_close, revenue};
use keepworth_contract::InvalidParam;
use keepworth_contract::batch::{BatchOptions, BatchReport};
use keepworth_contract::finance::{Revenue, RevenueInput, RevenuePage, RevenueQuery};
use keepworth_intake::batch::{Identity, Plan};
use keepworth_intake::{Failure, batch, page};
use keepworth_store::{Conn, RecordId};
use std::collections::HashMap;

impl From<RevenueRecordRow> for Revenue {
    fn from(row: RevenueRecordRow) -> Self {
        Self {
            id: row.id.0,
            import_id: row.import_id.clone(),
            recorded_at: row.recorded_at.and_utc(),
            record: row.record(),
        }
    }
}

/// Writes a batch, in the caller's transaction; sending it again changes nothing.
pub fn upsert(
    conn: &mut Conn,
    options: &BatchOptions,
    items: &[RevenueInput],
) -> Result<BatchReport, Failure> {
    let now = keepworth_store::now();
    period_close::lock(conn)?;
    let faults = batch::faults(items, |item| faults(item, now.date_naive()));
    let table = &revenue::REVENUES;
    let plan = table.plan_unless(conn, items, options, faults, in_closed_months)?;
    table.write(conn, &plan, options, |planned| {
        RevenueRecordRow::planned(planned, &options.import_id, now.naive_utc()).map_err(internal)
    })?;
    plan.report(options)
}

/// Which revenues of a plan must not be written, because the books of their month are closed. What
/// is there already, word for word, may come again at any time.
pub fn in_closed_months(
    conn: &mut Conn,
    plan: &Plan<'_, RevenueInput>,
) -> Result<HashMap<Identity, InvalidParam>, Failure> {
    let Some(through) = period_close::find_closed_through(conn)? else {
        return Ok(HashMap::new());
    };
    let ids: Vec<RecordId> = plan.changed.iter().map(|planned| planned.id).collect();
    let stored = revenue::load_months(conn, &ids)?;
    let refused = plan.new.iter().chain(&plan.changed).filter_map(|planned| {
        let stored = stored.get(&planned.id).copied();
        let fault = revenue_fault(covered(planned.record).last_month, stored, through)?;
        Some((batch::identity(planned.record), fault))
    });
    Ok(refused.collect())
}

/// Lists revenues.
pub async fn list(app: &Finance, query: RevenueQuery) -> Result<RevenuePage, Failure> {
    page::check_customer(
        query.customer_source.as_deref(),
        query.customer_external_id.as_deref(),
    )?;
    page::check_range("month", query.month_from, query.month_to)?;
    page::check_moment("recorded_since", query.recorded_since)?;
    page::list(&app.db, query, revenue::list_revenues, |row| row.id).await
}
