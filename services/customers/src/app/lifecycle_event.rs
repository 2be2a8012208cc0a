//! Lifecycle events.

use crate::Customers;
use crate::app::segment::Nameable;
use crate::app::segment_move;
use crate::rule::lifecycle_event::{Beside, CustomerDates, customer_source, faults, text_faults};
use crate::store::customer::CustomerRow;
use crate::store::lifecycle_event::LifecycleEventRow;
pub use crate::store::lifecycle_event::find_event;
use crate::store::{customer, lifecycle_event};
use chrono::{DateTime, Utc};
use keepworth_contract::batch::{BatchOptions, BatchReport};
use keepworth_contract::customers::{
    LifecycleEvent, LifecycleEventInput, LifecycleEventPage, LifecycleEventQuery, LifecycleKind,
};
use keepworth_intake::batch::{Identity, Planned};
use keepworth_intake::{Failure, batch, page};
use keepworth_store::{Conn, Named, Place, RecordId};
use std::collections::{BTreeMap, HashMap};

impl From<LifecycleEventRow> for LifecycleEvent {
    fn from(row: LifecycleEventRow) -> Self {
        Self {
            id: row.id.0,
            source: row.source,
            external_id: row.external_id,
            kind: row.kind.0,
            occurred_on: row.occurred_on,
            cause: row.cause.map(|it| it.0),
            segment: row.segment,
            from_segment: row.from_segment,
            detail: row.detail,
            recorded_at: row.recorded_at.and_utc(),
        }
    }
}

/// Writes a batch, in the caller's transaction; sending it again changes nothing.
pub fn upsert(
    conn: &mut Conn,
    options: &BatchOptions,
    items: &[LifecycleEventInput],
) -> Result<BatchReport, Failure> {
    let now = keepworth_store::now();
    // Looked up by fields that are sound by themselves; then judged by what was found.
    let by_itself = batch::faults(items, text_faults);
    let sound = batch::sound(items, &by_itself);
    // `LEFT` ends customers, so other batches of theirs wait too.
    keepworth_intake::lock_sources(
        conn,
        "customers",
        sound.iter().map(|it| customer_source(it)),
    )?;
    let customers = load_customers(conn, &sound)?;
    let segments = Nameable::of(conn, options, segment_move::named(&sound))?;
    let first_moves = segment_move::first_moves(conn, &sound, &customers)?;
    let faults = batch::faults(items, |item| {
        let identity = customer_identity(item);
        let beside = Beside {
            segments: &segments.keys,
            first_move: first_moves.get(&identity).copied(),
        };
        let customer = customers.get(&identity).map(dates);
        faults(item, customer, beside, now.date_naive())
    });
    let sound = batch::sound(items, &faults);
    let plan = lifecycle_event::LIFECYCLE_EVENTS.plan(conn, items, options, faults)?;
    if plan.is_to_be_written(options) {
        segments.register(conn, segment_move::named(&sound), now.naive_utc())?;
    }
    lifecycle_event::LIFECYCLE_EVENTS.write(conn, &plan, options, |planned| {
        let customer = customers.get(&customer_identity(planned.record));
        let customer = customer.ok_or_else(|| Failure::internal("an event of nobody was sound"))?;
        Ok(event_row(planned, customer.id, &options.import_id, now))
    })?;
    if plan.is_to_be_written(options) {
        for planned in plan.new.iter().chain(&plan.changed) {
            end_customer(conn, planned.record, &customers)?;
        }
        segment_move::place_customers(conn, &plan, &customers)?;
    }
    plan.report(options)
}

/// Lists a customer's lifecycle events.
pub async fn list(
    app: &Customers,
    customer: RecordId,
    query: LifecycleEventQuery,
) -> Result<LifecycleEventPage, Failure> {
    page::check_days("occurred", query.occurred_from, query.occurred_to)?;
    page::check_moment("recorded_since", query.recorded_since)?;
    let read = move |conn: &mut Conn, place: &Place, query: &LifecycleEventQuery| {
        lifecycle_event::list_events(conn, place, customer, query)
    };
    page::list(app.db(), query, read, |row| row.id).await
}

pub(crate) fn end_customer(
    conn: &mut Conn,
    event: &LifecycleEventInput,
    customers: &HashMap<Identity, CustomerRow>,
) -> Result<(), Failure> {
    let customer = customers.get(&customer_identity(event));
    match customer {
        Some(customer) if event.kind == LifecycleKind::Left => {
            customer::update_left(conn, customer.id, event.occurred_on, event.cause)
                .map_err(Failure::from)
        }
        _ => Ok(()),
    }
}

pub(crate) fn load_customers(
    conn: &mut Conn,
    items: &[&LifecycleEventInput],
) -> Result<HashMap<Identity, CustomerRow>, Failure> {
    let mut by_source: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for item in items {
        by_source
            .entry(customer_source(item))
            .or_default()
            .push(item.customer_external_id.clone());
    }
    let mut customers = HashMap::new();
    for (source, ids) in by_source {
        for row in customer::find_many(conn, source, &ids)? {
            customers.insert((row.source.clone(), row.external_id.clone()), row);
        }
    }
    Ok(customers)
}

pub(crate) fn event_row(
    planned: &Planned<'_, LifecycleEventInput>,
    customer_id: RecordId,
    import_id: &str,
    now: DateTime<Utc>,
) -> LifecycleEventRow {
    let event = planned.record;
    LifecycleEventRow {
        id: planned.id,
        source: event.source.clone(),
        external_id: event.external_id.clone(),
        customer_id,
        kind: event.kind.into(),
        occurred_on: event.occurred_on,
        cause: event.cause.map(Named::new),
        segment: event.segment.clone(),
        from_segment: event.from_segment.clone(),
        detail: event.detail.clone(),
        content_hash: planned.content_hash.clone(),
        import_id: import_id.to_owned(),
        recorded_at: now.naive_utc(),
    }
}

pub(crate) fn customer_identity(event: &LifecycleEventInput) -> Identity {
    (
        customer_source(event).to_owned(),
        event.customer_external_id.clone(),
    )
}

pub(crate) fn dates(customer: &CustomerRow) -> CustomerDates {
    CustomerDates {
        acquired_on: customer.acquired_on,
        observed_from: customer.observed_from,
        observed_to: customer.observed_to,
    }
}
