//! Customers.

use keepworth_contract::Word;
use std::collections::{BTreeSet, HashSet};

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{get, post};
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use keepworth_contract::PageQuery;
use keepworth_contract::batch::{BatchOptions, BatchReport};
use keepworth_contract::customers::{CustomerInput, LeavingCause};
use keepworth_intake::fault;
use keepworth_intake::{Failure, batch, page};
use keepworth_platform::{ApiResult, ReadProblems, Service, WriteProblems};
use keepworth_store::{Conn, RecordId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::Customers;
use crate::rule::customer::faults;
use crate::store::customer::{self, CustomerRow};
use crate::store::segment::{self, SegmentRow};

/// A customer.
#[derive(Debug, Serialize, ToSchema)]
pub struct Customer {
    /// Identifier.
    pub id: Uuid,
    /// The system that the record comes from.
    pub source: String,
    /// The customer's id in that system.
    pub external_id: String,
    /// The segment's key.
    pub segment: String,
    /// Whether they are a customer still.
    pub status: CustomerStatus,
    /// The day they became a customer.
    pub acquired_on: NaiveDate,
    /// How they were won.
    pub acquisition_channel: Option<String>,
    /// First day on which leaving would have been recorded.
    pub observed_from: NaiveDate,
    /// Last day on which leaving would have been recorded; null is open.
    pub observed_to: Option<NaiveDate>,
    /// The last day as a customer, when they left.
    pub left_on: Option<NaiveDate>,
    /// Why they left.
    pub leaving_cause: Option<LeavingCause>,
    /// When this version was written.
    pub recorded_at: DateTime<Utc>,
}

/// Whether somebody is a customer still.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CustomerStatus {
    /// A customer.
    Active,
    /// Not any more.
    Left,
}

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
            leaving_cause: row.leaving_cause.as_deref().and_then(LeavingCause::find),
            recorded_at: row.recorded_at.and_utc(),
        }
    }
}

/// A page of customers.
#[derive(Debug, Serialize, ToSchema)]
pub struct CustomerPage {
    /// In id order.
    pub items: Vec<Customer>,
    /// Continues the list; null at its end.
    pub next_cursor: Option<String>,
}

/// Which customers.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct CustomerQuery {
    /// Items per page, 1 or more (default 50; more than 1,000 is cut to 1,000).
    #[param(minimum = 1)]
    pub page_size: Option<i64>,
    /// `next_cursor` of the page before; leave out for the first page.
    pub cursor: Option<String>,
    /// Only customers of this segment.
    pub segment: Option<String>,
}

/// Lists customers in id order.
#[utoipa::path(operation_id = "list_customers", tag = "customers", params(CustomerQuery),
    responses((status = 200, body = CustomerPage, description = "A page of customers"), ReadProblems))]
#[get("/customers")]
pub async fn list_customers(
    app: Data<Customers>,
    query: Query<CustomerQuery>,
) -> ApiResult<CustomerPage> {
    let CustomerQuery {
        page_size,
        cursor,
        segment,
    } = query.into_inner();
    let query = PageQuery { page_size, cursor };
    if let Some(fault) = segment
        .as_ref()
        .and_then(|key| fault::text("segment", key, 128))
    {
        return Err(Failure::malformed(format!("segment {}", fault.reason)).into());
    }
    let (after, limit) = (page::after(&query)?, query.limit());
    let mut rows = app
        .db()
        .read(move |conn| {
            customer::customers_after(conn, after, segment.as_deref(), limit + 1)
                .map_err(Failure::from)
        })
        .await?;
    let next_cursor = page::split_next(&mut rows, limit, |row| row.id);
    Ok(Json(CustomerPage {
        items: rows.into_iter().map(Customer::from).collect(),
        next_cursor,
    }))
}

/// One customer by id.
#[utoipa::path(operation_id = "load_customer", tag = "customers",
    params(("id" = Uuid, Path, description = "The customer's identifier")),
    responses((status = 200, body = Customer, description = "The customer"), ReadProblems))]
#[get("/customers/{id}")]
pub async fn load_customer(app: Data<Customers>, id: Path<Uuid>) -> ApiResult<Customer> {
    let id = RecordId(id.into_inner());
    let row = app
        .db()
        .read(move |conn| customer::find_customer(conn, id).map_err(Failure::from))
        .await?;
    let row = row.ok_or_else(|| Failure::not_found(format!("no customer has the id {id}")))?;
    Ok(Json(row.into()))
}

/// One customer by source and id there.
#[utoipa::path(operation_id = "load_customer_by_external_id", tag = "customers",
    params(("source" = String, Path, description = "The system that knows the customer"),
           ("external_id" = String, Path, description = "The customer's id there")),
    responses((status = 200, body = Customer, description = "The customer"), ReadProblems))]
#[get("/customers/by-external-id/{source}/{external_id}")]
pub async fn load_customer_by_external_id(
    app: Data<Customers>,
    path: Path<(String, String)>,
) -> ApiResult<Customer> {
    let (source, external_id) = path.into_inner();
    let missing = format!("no customer of `{source}` has the id `{external_id}` there");
    let row = app
        .db()
        .read(move |conn| {
            customer::find_by_external_id(conn, &source, &external_id).map_err(Failure::from)
        })
        .await?;
    let row = row.ok_or_else(|| Failure::not_found(missing))?;
    Ok(Json(row.into()))
}

/// Up to 5,000 customers at once.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomerBatch {
    /// How to treat the batch.
    #[serde(flatten)]
    pub options: BatchOptions,
    /// The customers.
    pub items: Vec<CustomerInput>,
}

/// Writes up to 5,000 customers; sending them again changes nothing.
///
/// What a record leaves out stays as it was: a customer who left by a lifecycle event stays left
/// when their record comes again without `left_on`.
#[utoipa::path(operation_id = "batch_upsert_customers", tag = "customers", request_body = CustomerBatch,
    responses((status = 200, body = BatchReport, description = "What became of each row"), WriteProblems))]
#[post("/customers:batch_upsert")]
pub async fn batch_upsert_customers(
    app: Data<Customers>,
    body: Json<CustomerBatch>,
) -> ApiResult<BatchReport> {
    let CustomerBatch { options, items } = body.into_inner();
    Ok(Json(
        keepworth_intake::upsert(app.db(), options, items, upsert).await?,
    ))
}

fn upsert(
    conn: &mut Conn,
    options: &BatchOptions,
    items: &[CustomerInput],
) -> Result<BatchReport, Failure> {
    let now = keepworth_store::now();
    let registered = segment::load_keys(conn)?;
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
fn new_segments(items: &[&CustomerInput], registered: &HashSet<String>) -> Vec<String> {
    let named: BTreeSet<&String> = items.iter().map(|item| &item.segment).collect();
    named
        .into_iter()
        .filter(|key| !registered.contains(*key))
        .cloned()
        .collect()
}

fn segment_rows(keys: Vec<String>, recorded_at: NaiveDateTime) -> Vec<SegmentRow> {
    keys.into_iter()
        .map(|key| SegmentRow {
            name: key.clone(),
            key,
            recorded_at,
        })
        .collect()
}
