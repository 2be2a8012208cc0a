//! Questions to runs.

use actix_web::web::{Json, Path, Query};
use actix_web::{HttpRequest, HttpResponse, get, post};
use keepworth_contract::simulator::{Question, QuestionInput, QuestionQuery, QuestionSummaryPage};
use keepworth_contract::{Job, Problem};
use keepworth_platform::idempotency::{IdempotencyKey, Idempotent};
use keepworth_platform::prefer::{Prefer, PreferHeader};
use keepworth_platform::{ApiError, ApiResult, Body, ReadProblems, WriteProblems};
use keepworth_store::{Conn, RecordId};
use uuid::Uuid;

use crate::order::order;
use crate::{FiguresReader, Modeller};
use keepworth_simulator::app::question;

/// Asks something of a run that is kept: why it is what it is, where it breaks even, what a budget pays for, what it is
/// worth to know more before deciding, or what a pilot is worth by its size. A job, which goes on whoever waits for it.
///
/// It is answered on the run's own first futures, so that the figures are of those that it stands beside.
#[utoipa::path(operation_id = "create_question", tag = "questions", request_body(content = QuestionInput, example = json!(
        {"question": {"kind": "BREAK_EVEN", "driver": "causal share", "goal": "npv = 0"}})),
    params(("id" = Uuid, Path, description = "The run's identifier"), PreferHeader, IdempotencyKey),
    responses((status = 201, body = Question, description = "The question with its answer, done in time"),
              (status = 202, body = Job, headers(("Location" = String, description = "The job's address")),
               description = "The job that will answer it"),
              (status = 409, body = Problem, content_type = "application/problem+json",
               description = "The run cannot be made again as it was kept"), WriteProblems, Modeller))]
#[post("/runs/{id}/questions")]
pub async fn create_question(
    app: Modeller,
    id: Path<Uuid>,
    request: HttpRequest,
    prefer: Prefer,
    asked: Idempotent<Body<QuestionInput>>,
) -> Result<HttpResponse, ApiError> {
    let (room, input) = (app.rooms().runs, asked.body.0);
    let run = RecordId(id.into_inner());
    let enqueue = move |conn: &mut Conn| question::enqueue(conn, room, run, input);
    order(&app, &request, prefer, asked.key, enqueue).await
}

/// Lists what was asked of a run, in that order.
#[utoipa::path(operation_id = "list_questions", tag = "questions",
    params(("id" = Uuid, Path, description = "The run's identifier"), QuestionQuery),
    responses((status = 200, body = QuestionSummaryPage, description = "A page of questions"), ReadProblems, FiguresReader))]
#[get("/runs/{id}/questions")]
pub async fn list_questions(
    app: FiguresReader,
    id: Path<Uuid>,
    query: Query<QuestionQuery>,
) -> ApiResult<QuestionSummaryPage> {
    let run = RecordId(id.into_inner());
    Ok(Json(
        question::list(app.db(), run, query.into_inner()).await?,
    ))
}

/// One question with its answer.
#[utoipa::path(operation_id = "load_question", tag = "questions",
    params(("id" = Uuid, Path, description = "The question's identifier")),
    responses((status = 200, body = Question, description = "The question with its answer"), ReadProblems, FiguresReader))]
#[get("/questions/{id}")]
pub async fn load_question(app: FiguresReader, id: Path<Uuid>) -> ApiResult<Question> {
    let id = RecordId(id.into_inner());
    let load = move |conn: &mut Conn| question::load(conn, id);
    Ok(Json(app.db().read(load).await?))
}
