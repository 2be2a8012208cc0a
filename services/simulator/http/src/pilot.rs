//! Pilots: who is treated and who is left alone, and what came of it.

use actix_web::web::{Json, Path, Query};
use actix_web::{HttpRequest, HttpResponse, get, post};
use keepworth_contract::Job;
use keepworth_contract::simulator::{
    Evidence, Pilot, PilotConclusionInput, PilotInput, PilotPage, PilotQuery, PilotReading,
    PilotReadingInput, PilotReadingPage, PilotReadingQuery,
};
use keepworth_platform::idempotency::{IdempotencyKey, Idempotent, Written};
use keepworth_platform::prefer::{Prefer, PreferHeader};
use keepworth_platform::{ApiError, ApiResult, Body, ReadProblems, WriteProblems};
use keepworth_store::{Conn, RecordId};
use uuid::Uuid;

use crate::order::order;
use crate::{FiguresReader, Modeller};
use keepworth_simulator::app::pilot;

/// Names the arms of a pilot, and answers what it can find by its planned end.
///
/// Lots decide who is treated, drawn by a rule with a seed (`assign`) or before both arms were named; without lots
/// (`COMPARED`, or in waves `STAGGERED`) each customer is held against their own months before. Whoever is named and the customers service does
/// not know, or who had left before the start, is refused, each at its place. Who is in an arm is not changed
/// afterwards, and shown to nobody.
#[utoipa::path(operation_id = "create_pilot", tag = "pilots", request_body(content = PilotInput, example = json!(
        {"key": "call-backs-2026", "title": "Call-backs within a day", "outcome": "LEAVING",
        "starts_on": "2026-12-01", "ends_on": "2027-05-31", "smallest_effect": 0.1, "expected_per_month": 0.02,
        "control": [{"source": "crm", "external_id": "1"}, {"source": "crm", "external_id": "4"}],
        "treated": [{"source": "crm", "external_id": "2"}, {"source": "crm", "external_id": "3"}]})),
    params(IdempotencyKey),
    responses((status = 201, body = Pilot, description = "The pilot with its power",
               headers(("Location" = String, description = "Its address"))), WriteProblems, Modeller))]
#[post("/pilots")]
pub async fn create_pilot(
    app: Modeller,
    request: Idempotent<Body<PilotInput>>,
) -> Result<Written, ApiError> {
    let new = request.body.0;
    let arms = pilot::arms(&app, &new).await?;
    let work = move |conn: &mut Conn| pilot::create(conn, &new, &arms);
    let name = |it: &Pilot| it.key.clone();
    request.key.create(app.db(), name, work).await
}

/// Lists pilots in the order of their making.
#[utoipa::path(operation_id = "list_pilots", tag = "pilots", params(PilotQuery),
    responses((status = 200, body = PilotPage, description = "A page of pilots"), ReadProblems, FiguresReader))]
#[get("/pilots")]
pub async fn list_pilots(app: FiguresReader, query: Query<PilotQuery>) -> ApiResult<PilotPage> {
    Ok(Json(pilot::list(app.db(), query.into_inner()).await?))
}

/// One pilot by its key.
#[utoipa::path(operation_id = "load_pilot", tag = "pilots", params(("key" = String, Path, description = "Its key")),
    responses((status = 200, body = Pilot, description = "The pilot"), ReadProblems, FiguresReader))]
#[get("/pilots/{key}")]
pub async fn load_pilot(app: FiguresReader, key: Path<String>) -> ApiResult<Pilot> {
    let load = move |conn: &mut Conn| pilot::load(conn, &key);
    Ok(Json(app.db().read(load).await?))
}

/// Orders a look at a pilot: a job, which reads the feeds of customers and experience.
///
/// Its always-valid interval may be looked at as often as one likes; beside it stands the one for a single look.
#[utoipa::path(operation_id = "create_pilot_reading", tag = "pilots", request_body(content = PilotReadingInput,
        example = json!({"as_of": "2026-02-28"})),
    params(("key" = String, Path, description = "The pilot's key"), PreferHeader, IdempotencyKey),
    responses((status = 201, body = PilotReading, description = "The reading, done in time"),
              (status = 202, body = Job, headers(("Location" = String, description = "The job's address")),
               description = "The job that will make it"), WriteProblems, Modeller))]
#[post("/pilots/{key}/readings")]
pub async fn create_pilot_reading(
    app: Modeller,
    key: Path<String>,
    request: HttpRequest,
    prefer: Prefer,
    asked: Idempotent<Body<PilotReadingInput>>,
) -> Result<HttpResponse, ApiError> {
    let (room, body) = (app.rooms().baselines, asked.body.0);
    let enqueue = move |conn: &mut Conn| pilot::enqueue(conn, room, &key, &body);
    order(&app, &request, prefer, asked.key, enqueue).await
}

/// Lists the looks at a pilot: every one, since an effect that was looked for often enough is found.
#[utoipa::path(operation_id = "list_pilot_readings", tag = "pilots",
    params(("key" = String, Path, description = "The pilot's key"), PilotReadingQuery),
    responses((status = 200, body = PilotReadingPage, description = "A page of readings"), ReadProblems, FiguresReader))]
#[get("/pilots/{key}/readings")]
pub async fn list_pilot_readings(
    app: FiguresReader,
    key: Path<String>,
    query: Query<PilotReadingQuery>,
) -> ApiResult<PilotReadingPage> {
    let readings = pilot::list_readings(app.db(), key.into_inner(), query.into_inner());
    Ok(Json(readings.await?))
}

/// One look at a pilot.
#[utoipa::path(operation_id = "load_pilot_reading", tag = "pilots",
    params(("key" = String, Path, description = "The pilot's key"),
           ("id" = Uuid, Path, description = "The reading's identifier")),
    responses((status = 200, body = PilotReading, description = "The reading"), ReadProblems, FiguresReader))]
#[get("/pilots/{key}/readings/{id}")]
pub async fn load_pilot_reading(
    app: FiguresReader,
    path: Path<(String, Uuid)>,
) -> ApiResult<PilotReading> {
    let (key, id) = path.into_inner();
    let load = move |conn: &mut Conn| pilot::load_reading(conn, &key, RecordId(id));
    Ok(Json(app.db().read(load).await?))
}

/// Makes evidence of the last look at a pilot, under the pilot's key: its grade follows from the design and the look.
#[utoipa::path(operation_id = "conclude_pilot", tag = "pilots", request_body(content = PilotConclusionInput,
        example = json!({"owner": "A. Lovelace", "review_on": "2027-07-01"})),
    params(("key" = String, Path, description = "The pilot's key"), IdempotencyKey),
    responses((status = 200, body = Evidence, description = "The evidence"), WriteProblems, Modeller))]
#[post("/pilots/{key}:conclude")]
pub async fn conclude_pilot(
    app: Modeller,
    key: Path<String>,
    request: Idempotent<Body<PilotConclusionInput>>,
) -> Result<Written, ApiError> {
    let conclusion = request.body.0;
    let conclude = move |conn: &mut Conn| pilot::conclude(conn, &key, conclusion);
    request.key.write(app.db(), conclude).await
}
