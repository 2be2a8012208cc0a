//! Links: what an experience has to do with leaving.

use actix_web::web::{Json, Path, Query};
use actix_web::{HttpRequest, HttpResponse, delete, get, post};
use keepworth_contract::simulator::{Link, LinkInput, LinkQuery, LinkSummaryPage};
use keepworth_contract::{Job, Problem};
use keepworth_platform::idempotency::{IdempotencyKey, Idempotent};
use keepworth_platform::prefer::{Prefer, PreferHeader};
use keepworth_platform::{ApiError, ApiResult, Body, ReadProblems, WriteProblems};
use keepworth_store::{Conn, RecordId};
use uuid::Uuid;

use crate::order::order;
use crate::{FiguresReader, Modeller};
use keepworth_simulator::app::link;

/// Orders an experience link from the feeds of customers and experience: a job, which goes on whoever waits for
/// it.
///
/// What the records forbid is a link too, of the verdict `REFUSED` with the reason; a job fails only where there is
/// nothing to look at.
#[utoipa::path(operation_id = "create_link", tag = "links", request_body(content = LinkInput, example = json!(
        {"exposure": "REPEAT_CONTACTS", "window_months": 3, "confounders": ["SEGMENT"], "as_of": "2025-09-30"})),
    params(PreferHeader, IdempotencyKey),
    responses((status = 201, body = Link, description = "The link, done in time"),
              (status = 202, body = Job, headers(("Location" = String, description = "The job's address")),
               description = "The job that will estimate it"),
              (status = 502, body = Problem, content_type = "application/problem+json",
               description = "Another service is missing"), WriteProblems, Modeller))]
#[post("/links")]
pub async fn create_link(
    app: Modeller,
    request: HttpRequest,
    prefer: Prefer,
    Idempotent { key, body }: Idempotent<Body<LinkInput>>,
) -> Result<HttpResponse, ApiError> {
    let room = app.rooms().baselines;
    let enqueue = move |conn: &mut Conn| link::enqueue(conn, room, &body.0);
    order(&app, &request, prefer, key, enqueue).await
}

/// Lists links in the order of their making.
#[utoipa::path(operation_id = "list_links", tag = "links", params(LinkQuery),
    responses((status = 200, body = LinkSummaryPage, description = "A page of links"), ReadProblems, FiguresReader))]
#[get("/links")]
pub async fn list_links(app: FiguresReader, query: Query<LinkQuery>) -> ApiResult<LinkSummaryPage> {
    Ok(Json(link::list(app.db(), query.into_inner()).await?))
}

/// One link with its evidence.
#[utoipa::path(operation_id = "load_link", tag = "links",
    params(("id" = Uuid, Path, description = "The link's identifier")),
    responses((status = 200, body = Link, description = "The link"), ReadProblems, FiguresReader))]
#[get("/links/{id}")]
pub async fn load_link(app: FiguresReader, id: Path<Uuid>) -> ApiResult<Link> {
    let id = RecordId(id.into_inner());
    let link = app.db().read(move |conn| link::load(conn, id));
    Ok(Json(link.await?))
}

/// Removes a link. Runs that went through it keep what they took from it.
#[utoipa::path(operation_id = "delete_link", tag = "links",
    params(("id" = Uuid, Path, description = "The link's identifier")),
    responses((status = 204, description = "It is gone"), ReadProblems, Modeller))]
#[delete("/links/{id}")]
pub async fn delete_link(app: Modeller, id: Path<Uuid>) -> Result<HttpResponse, ApiError> {
    let id = RecordId(id.into_inner());
    let remove = move |conn: &mut Conn| link::remove(conn, id);
    app.db().write(remove).await?;
    Ok(HttpResponse::NoContent().finish())
}
