//! Customers.

use crate::Customers;
use crate::rule::customer::faults;
use crate::store::customer::CustomerRow;
pub use crate::store::customer::{find_by_external_id, find_customer};
use crate::store::segment::SegmentRow;
use crate::store::{customer, segment};
use chrono::NaiveDateTime;
use keepworth_contract::batch::{BatchOptions, BatchReport};
use keepworth_contract::customers::{
    Customer, CustomerInput, CustomerPage, CustomerQuery, CustomerStatus, SegmentKind,
};
use keepworth_intake::{Failure, batch, page};
use keepworth_store::Conn;
use std::collections::{BTreeSet, HashSet};

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
    let registered = segment::hold_keys(conn)?;
    let mut allowed = registered.clone();
    if options.create_segments {
        allowed.extend(items.iter().map(|item| item.segment.clone()));
    }
    let faults = batch::faults(items, |item| faults(item, now.date_naive(), &allowed));
    let sound = batch::sound(items, &faults);
    let new_segments = new_segments(&sound, &registered);
    let now = now.naive_utc();
    let plan = customer::CUSTOMERS.plan(conn, items, options, faults)?;
    if plan.is_to_be_written(options) {
        segment::upsert_segments(conn, &segment_rows(new_segments, now))?;
    }
    customer::CUSTOMERS.write(conn, &plan, options, |planned| {
        Ok(CustomerRow::planned(planned, &options.import_id, now))
    })?;
    plan.report(options)
}

/// Segments that are to be registered: those that sound records name.
pub(crate) fn new_segments(items: &[&CustomerInput], registered: &HashSet<String>) -> Vec<String> {
    let named: BTreeSet<&String> = items.iter().map(|item| &item.segment).collect();
    named
        .into_iter()
        .filter(|key| !registered.contains(*key))
        .cloned()
        .collect()
}

pub(crate) fn segment_rows(keys: Vec<String>, recorded_at: NaiveDateTime) -> Vec<SegmentRow> {
    keys.into_iter()
        .map(|key| SegmentRow {
            name: key.clone(),
            key,
            recorded_at,
            kind: SegmentKind::Contract.into(),
        })
        .collect()
}

/// Lists customers.
pub async fn list(app: &Customers, query: CustomerQuery) -> Result<CustomerPage, Failure> {
    page::check_text("segment", query.segment.as_deref())?;
    page::check_days("acquired", query.acquired_from, query.acquired_to)?;
    page::check_moment("recorded_since", query.recorded_since)?;
    page::list(app.db(), query, customer::list_customers, |row| row.id).await
}
