//! Lifecycle events.

use keepworth_contract::Word;
use std::collections::{BTreeMap, HashMap};

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{get, post};
use chrono::{DateTime, NaiveDate, Utc};
use keepworth_contract::PageQuery;
use keepworth_contract::batch::{BatchOptions, BatchReport};
use keepworth_contract::customers::{LeavingCause, LifecycleEventInput, LifecycleKind};
use keepworth_intake::batch::{self, Identity, Planned};
use keepworth_intake::{Failure, page};
use keepworth_platform::{ApiResult, ReadProblems, Service, WriteProblems};
use keepworth_store::{Conn, RecordId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::Customers;
use crate::rule::lifecycle_event::{CustomerDates, customer_source, faults, text_faults};
use crate::store::customer::{self, CustomerRow};
use crate::store::lifecycle_event::{self, LifecycleEventRow};

/// Something that happened in a customer's life with the company.
#[derive(Debug, Serialize, ToSchema)]
pub struct LifecycleEvent {
    /// Identifier.
    pub id: Uuid,
    /// The system that the record comes from.
    pub source: String,
    /// The event's id in that system.
    pub external_id: String,
    /// What happened.
    pub kind: String,
    /// The day it happened.
    pub occurred_on: NaiveDate,
    /// Why, for leaving.
    pub cause: Option<LeavingCause>,
    /// In the source's own words.
    pub detail: Option<String>,
    /// When this version was written.
    pub recorded_at: DateTime<Utc>,
}

impl From<LifecycleEventRow> for LifecycleEvent {
    fn from(row: LifecycleEventRow) -> Self {
        Self {
            id: row.id.0,
            source: row.source,
            external_id: row.external_id,
            kind: row.kind,
            occurred_on: row.occurred_on,
            cause: row.cause.as_deref().and_then(LeavingCause::find),
            detail: row.detail,
            recorded_at: row.recorded_at.and_utc(),
        }
    }
}

/// A page of lifecycle events.
#[derive(Debug, Serialize, ToSchema)]
pub struct LifecycleEventPage {
    /// In id order.
    pub items: Vec<LifecycleEvent>,
    /// Continues the list; null at its end.
    pub next_cursor: Option<String>,
}

/// Lists a customer's lifecycle events in id order.
#[utoipa::path(operation_id = "list_lifecycle_events", tag = "lifecycle events",
    params(("id" = Uuid, Path, description = "The customer's identifier"), PageQuery),
    responses((status = 200, body = LifecycleEventPage, description = "A page of events"), ReadProblems))]
#[get("/customers/{id}/lifecycle-events")]
pub async fn list_lifecycle_events(
    app: Data<Customers>,
    id: Path<Uuid>,
    query: Query<PageQuery>,
) -> ApiResult<LifecycleEventPage> {
    let (after, limit, customer) = (page::after(&query)?, query.limit(), RecordId(*id));
    let mut rows = app
        .db()
        .read(move |conn| {
            lifecycle_event::events_after(conn, customer, after, limit + 1).map_err(Failure::from)
        })
        .await?;
    let next_cursor = page::split_next(&mut rows, limit, |row| row.id);
    let items = rows.into_iter().map(LifecycleEvent::from).collect();
    Ok(Json(LifecycleEventPage { items, next_cursor }))
}

/// Up to 5,000 lifecycle events at once.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LifecycleEventBatch {
    /// How to treat the batch.
    #[serde(flatten)]
    pub options: BatchOptions,
    /// The events.
    pub items: Vec<LifecycleEventInput>,
}

/// Writes up to 5,000 lifecycle events; `LEFT` also ends the customer.
#[utoipa::path(operation_id = "batch_upsert_lifecycle_events", tag = "lifecycle events",
    request_body = LifecycleEventBatch,
    responses((status = 200, body = BatchReport, description = "What became of each row"), WriteProblems))]
#[post("/lifecycle-events:batch_upsert")]
pub async fn batch_upsert_lifecycle_events(
    app: Data<Customers>,
    body: Json<LifecycleEventBatch>,
) -> ApiResult<BatchReport> {
    let LifecycleEventBatch { options, items } = body.into_inner();
    Ok(Json(
        keepworth_intake::upsert(app.db(), options, items, upsert).await?,
    ))
}

fn upsert(
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
    let faults = batch::faults(items, |item| {
        let customer = customers.get(&customer_identity(item));
        faults(item, customer.map(dates), now.date_naive())
    });
    let plan = lifecycle_event::LIFECYCLE_EVENTS.plan(conn, items, options, faults)?;
    lifecycle_event::LIFECYCLE_EVENTS.write(conn, &plan, options, |planned| {
        let customer = customers.get(&customer_identity(planned.record));
        let customer = customer.ok_or_else(|| Failure::internal("an event of nobody was sound"))?;
        Ok(event_row(planned, customer.id, &options.import_id, now))
    })?;
    if plan.is_to_be_written(options) {
        for planned in plan.new.iter().chain(&plan.changed) {
            end_customer(conn, planned.record, &customers)?;
        }
    }
    plan.report(options)
}

fn end_customer(
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

fn load_customers(
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

fn event_row(
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
        kind: kind_name(event.kind).to_owned(),
        occurred_on: event.occurred_on,
        cause: event.cause.map(|cause| cause.name().to_owned()),
        detail: event.detail.clone(),
        content_hash: planned.content_hash.clone(),
        import_id: import_id.to_owned(),
        recorded_at: now.naive_utc(),
    }
}

fn kind_name(kind: LifecycleKind) -> &'static str {
    match kind {
        LifecycleKind::Onboarded => "ONBOARDED",
        LifecycleKind::Renewed => "RENEWED",
        LifecycleKind::Upgraded => "UPGRADED",
        LifecycleKind::Downgraded => "DOWNGRADED",
        LifecycleKind::NoticeGiven => "NOTICE_GIVEN",
        LifecycleKind::Left => "LEFT",
    }
}

fn customer_identity(event: &LifecycleEventInput) -> Identity {
    (
        customer_source(event).to_owned(),
        event.customer_external_id.clone(),
    )
}

fn dates(customer: &CustomerRow) -> CustomerDates {
    CustomerDates {
        acquired_on: customer.acquired_on,
        observed_from: customer.observed_from,
        observed_to: customer.observed_to,
    }
}
