//! Revenues.

use crate::Finance;
use crate::app::revenue::upsert;
use crate::store::revenue::{self};
use actix_web::web::{Data, Json, Query};
use actix_web::{get, post};
use keepworth_contract::PageQuery;
use keepworth_contract::batch::BatchReport;
use keepworth_contract::finance::RevenueQuery;
use keepworth_contract::finance::{RevenueBatch, RevenuePage};
use keepworth_intake::{Failure, page};
use keepworth_platform::{ApiResult, ReadProblems, Service, WriteProblems};

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
    let rows = app
        .db()
        .read(move |conn| {
            revenue::revenues_after(conn, after, known_at, limit + 1).map_err(Failure::from)
        })
        .await?;
    Ok(Json(page::page(rows, limit, |row| row.id)?))
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
    let (options, items) = body.into_inner().into_parts();
    Ok(Json(
        keepworth_intake::upsert(app.db(), options, items, upsert).await?,
    ))
}
