//! Customers.

use crate::Customers;
use crate::app::segment::Nameable;
use crate::app::segment_move;
use crate::rule::customer::faults;
use crate::store::customer;
use crate::store::customer::CustomerRow;
pub use crate::store::customer::{find_by_external_id, find_customer};
use keepworth_contract::batch::{BatchOptions, BatchReport};
use keepworth_contract::customers::{
    Customer, CustomerInput, CustomerPage, CustomerQuery, CustomerStatus,
};
use keepworth_intake::{Failure, batch, page};
use keepworth_store::Conn;

impl From<CustomerRow> for Customer {
    fn from(row: CustomerRow) -> Self {
        Self {
            id: row.id.0,
            source: row.source,
            external_id: row.external_id,
            segment: row.segment,
            status: if row.left_on.is_some() {
                CustomerStatus::Left
            } else {
                CustomerStatus::Active
            },
            acquired_on: row.acquired_on,
            acquisition_channel: row.acquisition_channel,
            observed_from: row.observed_from,
            observed_to: row.observed_to,
            left_on: row.left_on,
            leaving_cause: row.leaving_cause.map(|it| it.0),
            recorded_at: row.recorded_at.and_utc(),
        }
    }
}

/// Writes a batch, in the caller's transaction; sending it again changes nothing.
pub fn upsert(
    conn: &mut Conn,
    options: &BatchOptions,
    items: &[CustomerInput],
) -> Result<BatchReport, Failure> {
    let now = keepworth_store::now();
    let today = now.date_naive();
    let segments = Nameable::of(conn, options, items.iter().map(|it| &it.segment))?;
    let faults = batch::faults(items, |item| faults(item, today, &segments.keys));
    let sound = batch::sound(items, &faults);
    let now = now.naive_utc();
    let plan = customer::CUSTOMERS.plan(conn, items, options, faults)?;
    let seen = segment_move::seen(conn, &plan.changed, today)?;
    if plan.is_to_be_written(options) {
        segments.register(conn, sound.iter().map(|it| &it.segment), now)?;
    }
    customer::CUSTOMERS.write(conn, &plan, options, |planned| {
        Ok(CustomerRow::planned(planned, &options.import_id, now))
    })?;
    if plan.is_to_be_written(options) {
        segment_move::write_seen(conn, options, &seen, today)?;
    }
    Ok(BatchReport {
        moved: seen.len() as u64,
        ..plan.report(options)?
    })
}

/// Lists customers.
pub async fn list(app: &Customers, query: CustomerQuery) -> Result<CustomerPage, Failure> {
    page::check_text("segment", query.segment.as_deref())?;
    page::check_days("acquired", query.acquired_from, query.acquired_to)?;
    page::check_moment("recorded_since", query.recorded_since)?;
    page::list(app.db(), query, customer::list_customers, |row| row.id).await
}
