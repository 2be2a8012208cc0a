//! Revenues.

use std::collections::HashMap;

use actix_web::web::{Data, Json, Query};
use actix_web::{get, post};
use chrono::{DateTime, Utc};
use keepworth_contract::batch::{BatchOptions, BatchReport};
use keepworth_contract::finance::RevenueInput;
use keepworth_contract::{InvalidParam, PageQuery};
use keepworth_intake::batch::{Identity, Plan};
use keepworth_intake::{Failure, batch, page};
use keepworth_platform::{ApiResult, ReadProblems, Service, WriteProblems};
use keepworth_store::{Conn, RecordId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::internal;
use crate::Finance;
use crate::rule::ledger::period_close::revenue_fault;
use crate::rule::revenue::charge::{covered, faults};
use crate::store::period_close;
use crate::store::revenue::{self, RevenueRecordRow};

/// What a customer was charged.
#[derive(Debug, Serialize, ToSchema)]
pub struct Revenue {
    /// Identifier.
    pub id: Uuid,
    /// What the source said.
    pub record: RevenueInput,
    /// The import that wrote it.
    pub import_id: String,
    /// When this version was written.
    pub recorded_at: DateTime<Utc>,
}

impl TryFrom<RevenueRecordRow> for Revenue {
    type Error = Failure;

    fn try_from(row: RevenueRecordRow) -> Result<Self, Failure> {
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

/// Which revenues.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct RevenueQuery {
    /// Items per page, 1 or more (default 50; more than 1,000 is cut to 1,000).
    #[param(minimum = 1)]
    pub page_size: Option<i64>,
    /// `next_cursor` of the page before; leave out for the first page.
    pub cursor: Option<String>,
    /// As it was known at this time (RFC 3339), before later corrections; now when left out.
    #[param(value_type = Option<String>, format = DateTime, example = "2025-10-15T00:00:00Z")]
    pub known_at: Option<DateTime<Utc>>,
}

/// Lists revenues in id order.
#[utoipa::path(operation_id = "list_revenues", tag = "revenue", params(RevenueQuery),
    responses((status = 200, body = RevenuePage, description = "A page of revenues"), ReadProblems))]
#[get("/revenues")]
pub async fn list_revenues(
    app: Data<Finance>,
    query: Query<RevenueQuery>,
) -> ApiResult<RevenuePage> {
    let RevenueQuery {
        page_size,
        cursor,
        known_at,
    } = query.into_inner();
    let known_at = known_at.map(|at| at.naive_utc());
    let query = PageQuery { page_size, cursor };
    let (after, limit) = (page::after(&query)?, query.limit());
    let mut rows = app
        .db()
        .read(move |conn| {
            revenue::revenues_after(conn, after, known_at, limit + 1).map_err(Failure::from)
        })
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
    pub items: Vec<RevenueInput>,
}

/// Writes up to 5,000 revenues; sending them again changes nothing.
///
/// A revenue that comes with another content is a correction: the earlier version is kept, and
/// listed by `known_at`. Revenue of a month whose books are closed is neither added nor changed.
#[utoipa::path(operation_id = "batch_upsert_revenues", tag = "revenue", request_body = RevenueBatch,
    responses((status = 200, body = BatchReport, description = "What became of each row"), WriteProblems))]
#[post("/revenues:batch_upsert")]
pub async fn batch_upsert_revenues(
    app: Data<Finance>,
    body: Json<RevenueBatch>,
) -> ApiResult<BatchReport> {
    let RevenueBatch { options, items } = body.into_inner();
    Ok(Json(
        keepworth_intake::upsert(app.db(), options, items, upsert).await?,
    ))
}

fn upsert(
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
fn in_closed_months(
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
