//! Trackings: frozen forecasts, held against what came.

use actix_web::web::{Json, Path, Query};
use actix_web::{HttpRequest, HttpResponse, get, post};
use keepworth_contract::simulator::{
    NextScenario, NextScenarioInput, Tracking, TrackingInput, TrackingQuery, TrackingSummaryPage,
};
use keepworth_contract::{Job, Problem};
use keepworth_platform::idempotency::{IdempotencyKey, Idempotent, Written};
use keepworth_platform::prefer::{Prefer, PreferHeader};
use keepworth_platform::{ApiError, ApiResult, Body, ReadProblems, WriteProblems};
use keepworth_store::{Conn, RecordId};
use uuid::Uuid;

use crate::order::order;
use crate::{FiguresReader, Modeller};
use keepworth_simulator::app::{scenario, tracking};

/// Orders that the forecast which was frozen with an approval is held against what came: a job, which goes on whoever
/// waits for it.
///
/// Records of customers, experience and finance are read up to a day, counted by month as a baseline counts them, and held
/// against the frozen bands, whatever would be forecast today: how many months lie within, whether a figure drifts, what
/// moved the result, and what was spent of the budget. A version is closed when that was done.
#[utoipa::path(operation_id = "create_tracking", tag = "trackings", request_body(content = TrackingInput, example = json!(
        {"until": "2025-06-30", "programmes": ["service-recovery"], "year_begins": 4})),
    params(("key" = String, Path, description = "The scenario's key"), PreferHeader, IdempotencyKey),
    responses((status = 201, body = Tracking, description = "The tracking, done in time"),
              (status = 202, body = Job, headers(("Location" = String, description = "The job's address")),
               description = "The job that will make it"),
              (status = 502, body = Problem, content_type = "application/problem+json",
               description = "Another service is missing"), WriteProblems, Modeller))]
#[post("/scenarios/{key}/trackings")]
pub async fn create_tracking(
    app: Modeller,
    key: Path<String>,
    request: HttpRequest,
    prefer: Prefer,
    asked: Idempotent<Body<TrackingInput>>,
) -> Result<HttpResponse, ApiError> {
    let (room, input) = (app.rooms().baselines, asked.body.0);
    let enqueue = move |conn: &mut Conn| tracking::enqueue(conn, room, &key, input);
    order(&app, &request, prefer, asked.key, enqueue).await
}

/// Lists a scenario's trackings in the order of their making.
#[utoipa::path(operation_id = "list_trackings", tag = "trackings",
    params(("key" = String, Path, description = "The scenario's key"), TrackingQuery),
    responses((status = 200, body = TrackingSummaryPage, description = "A page of trackings"), ReadProblems, FiguresReader))]
#[get("/scenarios/{key}/trackings")]
pub async fn list_trackings(
    app: FiguresReader,
    key: Path<String>,
    query: Query<TrackingQuery>,
) -> ApiResult<TrackingSummaryPage> {
    let key = key.into_inner();
    Ok(Json(
        tracking::list(app.db(), key, query.into_inner()).await?,
    ))
}

/// One tracking with its report.
#[utoipa::path(operation_id = "load_tracking", tag = "trackings",
    params(("id" = Uuid, Path, description = "The tracking's identifier")),
    responses((status = 200, body = Tracking, description = "The tracking"), ReadProblems, FiguresReader))]
#[get("/trackings/{id}")]
pub async fn load_tracking(app: FiguresReader, id: Path<Uuid>) -> ApiResult<Tracking> {
    let id = RecordId(id.into_inner());
    let load = move |conn: &mut Conn| tracking::load(conn, id);
    Ok(Json(app.db().read(load).await?))
}

/// Begins the next cycle's scenario with what a tracking has told: the text that was approved, on its baseline, with what is
/// believed now of its effects and of whether its initiatives work.
///
/// Months tell what an effect's size and causal share make together: that is written as its size, with a causal share of 1
/// and its grade as it was, so that futures are drawn with the quantiles that the tracking told. What was carried over and
/// what was left is in the answer. On a baseline of after the start the programme's effect is in the records already.
#[utoipa::path(operation_id = "write_next_scenario", tag = "trackings", request_body(content = NextScenarioInput, example = json!(
        {"key": "call-backs-2027", "reason": "the second year"})),
    params(("id" = Uuid, Path, description = "The tracking's identifier"), IdempotencyKey),
    responses((status = 200, body = NextScenario, description = "The next scenario"), WriteProblems, Modeller))]
#[post("/trackings/{id}:next")]
pub async fn write_next_scenario(
    app: Modeller,
    id: Path<Uuid>,
    request: Idempotent<Body<NextScenarioInput>>,
) -> Result<Written, ApiError> {
    let (id, asked) = (RecordId(id.into_inner()), request.body.0);
    let begin = move |conn: &mut Conn| tracking::begin(conn, id, &asked);
    let next = app.db().read(begin).await?;
    let rates = scenario::rates_of_new(&app, &next.scenario).await;
    let keep = move |conn: &mut Conn| next.keep(conn, rates);
    request.key.write(app.db(), keep).await
}
