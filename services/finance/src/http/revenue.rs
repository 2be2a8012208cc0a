//! Revenues.

use actix_web::web::{Data, Json, Query};
use actix_web::{get, post};
use chrono::{DateTime, Utc};
use keepworth_contract::PageQuery;
use keepworth_contract::batch::{BatchOptions, BatchReport};
use keepworth_contract::record::NewRevenue;
use keepworth_platform::batch::{Identity, Planned};
use keepworth_platform::{ApiError, ApiResult, ReadProblems, Service, WriteProblems, batch, page};
use keepworth_store::Conn;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{internal, lock_sources};
use crate::Finance;
use crate::revenue::faults;
use crate::store::revenue::{self, RevenueRecordRow};

/// What a customer was charged.
#[derive(Debug, Serialize, ToSchema)]
pub struct Revenue {
    /// Identifier.
    pub id: Uuid,
    /// What the source said.
    pub record: NewRevenue,
    /// The import that wrote it.
    pub import_id: String,
    /// When this version was written.
    pub recorded_at: DateTime<Utc>,
}

impl TryFrom<RevenueRecordRow> for Revenue {
    type Error = ApiError;

    fn try_from(row: RevenueRecordRow) -> Result<Self, ApiError> {
        Ok(Self {
            id: row.id.0,
            import_id: row.import_id.clone(),
            recorded_at: row.recorded_at.and_utc(),
            record: row.record().map_err(internal)?,
        })
    }
}

/// A page of revenues.
#[derive(Debug, Serialize, ToSchema)]
pub struct RevenuePage {
    /// In id order.
    pub items: Vec<Revenue>,
    /// Continues the list; null at its end.
    pub next_cursor: Option<String>,
}

/// Lists revenues in id order.
#[utoipa::path(operation_id = "list_revenues", tag = "revenue", params(PageQuery),
    responses((status = 200, body = RevenuePage, description = "A page of revenues"), ReadProblems))]
#[get("/revenues")]
pub async fn list_revenues(app: Data<Finance>, query: Query<PageQuery>) -> ApiResult<RevenuePage> {
    let (after, limit) = (page::after(&query)?, query.limit());
    let mut rows = app
        .db()
        .read(move |conn| revenue::revenues_after(conn, after, limit + 1).map_err(ApiError::from))
        .await?;
    let next_cursor = page::split_next(&mut rows, limit, |row| row.id);
    let items = rows.into_iter().map(Revenue::try_from);
    Ok(Json(RevenuePage {
        items: items.collect::<Result<_, _>>()?,
        next_cursor,
    }))
}

/// Up to 5,000 revenues at once.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RevenueBatch {
    /// How to treat the batch.
    #[serde(flatten)]
    pub options: BatchOptions,
    /// The revenues.
    pub items: Vec<NewRevenue>,
}

/// Writes up to 5,000 revenues; sending them again changes nothing.
#[utoipa::path(operation_id = "batch_upsert_revenues", tag = "revenue", request_body = RevenueBatch,
    responses((status = 200, body = BatchReport, description = "What became of each row"), WriteProblems))]
#[post("/revenues:batch_upsert")]
pub async fn batch_upsert_revenues(
    app: Data<Finance>,
    body: Json<RevenueBatch>,
) -> ApiResult<BatchReport> {
    let RevenueBatch { options, items } = body.into_inner();
    batch::check_size(&options, items.len())?;
    let report = app
        .db()
        .write(move |conn| upsert(conn, &options, &items))
        .await?;
    Ok(Json(report))
}

fn upsert(
    conn: &mut Conn,
    options: &BatchOptions,
    items: &[NewRevenue],
) -> Result<BatchReport, ApiError> {
    let now = super::now();
    let faults = batch::faults(items, |item| faults(item, now.date_naive()));
    let sound = batch::sound(items, &faults);
    lock_sources(conn, "revenues", sound.iter().map(|it| it.source.as_str()))?;
    let existing = revenue::find_existing(conn, sound.into_iter().map(identity))?;
    let plan = batch::plan(items, identity, &existing, options, faults);
    if plan.is_to_be_written(options) {
        let now = now.naive_utc();
        let rows = |planned: &[Planned<'_, NewRevenue>]| {
            let row = |it| RevenueRecordRow::planned(it, &options.import_id, now);
            planned.iter().map(row).collect::<Result<Vec<_>, _>>()
        };
        revenue::insert_revenues(conn, &rows(&plan.new).map_err(internal)?)?;
        revenue::update_revenues(conn, &rows(&plan.changed).map_err(internal)?)?;
    }
    plan.report(options)
}

fn identity(revenue: &NewRevenue) -> Identity {
    (revenue.source.clone(), revenue.external_id.clone())
}
