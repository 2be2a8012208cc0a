//! Segments: groups of customers that are modelled together.

use crate::{FiguresReader, Importer};
use actix_web::web::{Json, Path};
use actix_web::{HttpResponse, delete, get, put};
use keepworth_contract::customers::{Segment, SegmentInput, SegmentList};
use keepworth_customers::app::segment;
use keepworth_intake::Failure;
use keepworth_intake::page::check_text;
use keepworth_platform::{ApiError, ApiResult, Body, ReadProblems, RemoveProblems, WriteProblems};
use keepworth_store::Conn;

/// Lists every segment, in key order.
#[utoipa::path(operation_id = "list_segments", tag = "segments",
    responses((status = 200, body = SegmentList, description = "Every segment"), ReadProblems, FiguresReader))]
#[get("/segments")]
pub async fn list_segments(app: FiguresReader) -> ApiResult<SegmentList> {
    let rows = app
        .db()
        .read(|conn| segment::load_segments(conn).map_err(Failure::from))
        .await?;
    Ok(Json(SegmentList {
        items: rows.into_iter().map(Segment::from).collect(),
    }))
}

/// One segment by its key.
#[utoipa::path(operation_id = "load_segment", tag = "segments",
    params(("key" = String, Path, description = "Names the segment everywhere")),
    responses((status = 200, body = Segment, description = "The segment"), ReadProblems, FiguresReader))]
#[get("/segments/{key}")]
pub async fn load_segment(app: FiguresReader, key: Path<String>) -> ApiResult<Segment> {
    let all = |conn: &mut Conn| segment::load_segments(conn).map_err(Failure::from);
    let row = app
        .db()
        .read(all)
        .await?
        .into_iter()
        .find(|row| row.key == *key);
    let row = row.ok_or_else(|| segment::unknown(&key))?;
    Ok(Json(row.into()))
}

/// Registers a segment, or changes its name and kind.
#[utoipa::path(operation_id = "put_segment", tag = "segments",
    params(("key" = String, Path, description = "Names the segment everywhere")), request_body(content = SegmentInput, example = json!(
        {"name": "Web shop", "kind": "PURCHASES"})),
    responses((status = 200, body = Segment, description = "The segment"), WriteProblems, Importer))]
#[put("/segments/{key}")]
pub async fn put_segment(
    app: Importer,
    key: Path<String>,
    Body(body): Body<SegmentInput>,
) -> ApiResult<Segment> {
    Ok(Json(
        keepworth_customers::app::segment::put(&app, key.into_inner(), body).await?,
    ))
}

/// Removes a segment that no customer is in.
#[utoipa::path(operation_id = "delete_segment", tag = "segments",
    params(("key" = String, Path, description = "Names the segment everywhere")),
    responses((status = 204, description = "It is gone"), ReadProblems, RemoveProblems, Importer))]
#[delete("/segments/{key}")]
pub async fn delete_segment(app: Importer, key: Path<String>) -> Result<HttpResponse, ApiError> {
    let key = key.into_inner();
    check_text("key", Some(&key))?;
    let remove = move |conn: &mut Conn| segment::remove(conn, &key);
    app.db().write(remove).await?;
    Ok(HttpResponse::NoContent().finish())
}
