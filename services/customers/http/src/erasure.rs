//! Erasures of customers, in every service.

use crate::Eraser;
use actix_web::web::{Json, Path, Query};
use actix_web::{Either, get, post};
use keepworth_contract::SequenceQuery;
use keepworth_contract::customers::{Erasure, ErasureInput, ErasurePage, Person};
use keepworth_customers::app::erasure::{self, Asking};
use keepworth_intake::Failure;
use keepworth_platform::idempotency::{IdempotencyKey, Idempotent, Written};
use keepworth_platform::{ApiError, ApiResult, Body, ReadProblems, ReasonHeader, WriteProblems};
use keepworth_store::{Conn, RecordId};
use uuid::Uuid;

/// Who asks, and why; without a reason nothing is done.
fn asking(app: &Eraser) -> Result<Asking, Failure> {
    let by = Person {
        issuer: app.caller().issuer.clone(),
        subject: app.caller().subject.clone(),
    };
    let reason = app.reason()?.to_owned();
    Ok(Asking { by, reason })
}

/// Asks for the erasure of a customer in every service, or counts what it would do.
///
/// It is done when a second person has confirmed it. Records of the customer are erased; what the books must keep
/// stays under a random name; whoever sends the customer again is told that the rows were left out
/// (`skipped_erased`). A customer of whom nothing is held is answered with 404, since the id is likely misspelt.
#[utoipa::path(operation_id = "create_erasure", tag = "erasures", params(IdempotencyKey, ReasonHeader),
    request_body(content = ErasureInput, example = json!(
        {"subject": {"source": "crm", "external_id": "C-1001"}, "dry_run": true})),
    responses((status = 201, body = Erasure, description = "The erasure, which awaits its confirmation",
               headers(("Location" = String, description = "Its address"))),
              (status = 200, body = Erasure, description = "What it would do: nothing of it is kept"),
              (status = 404, body = keepworth_contract::Problem, content_type = "application/problem+json",
               description = "No service holds anything of them"), WriteProblems, Eraser))]
#[post("/erasures")]
pub async fn create_erasure(
    app: Eraser,
    request: Idempotent<Body<ErasureInput>>,
) -> Result<Either<Json<Erasure>, Written>, ApiError> {
    let input = request.body.0;
    let is_count = input.dry_run;
    let asked = erasure::ask(&app, input, asking(&app)?).await?;
    if is_count {
        return Ok(Either::Left(Json(asked.counted()?)));
    }
    let name = |it: &Erasure| it.id.unwrap_or_default().to_string();
    let written = request.key.create(app.db(), name, |conn| asked.keep(conn));
    Ok(Either::Right(written.await?))
}

/// Lists erasures in the order of their making: who asked, who confirmed, and which services are waited for.
#[utoipa::path(operation_id = "list_erasures", tag = "erasures", params(SequenceQuery),
    responses((status = 200, body = ErasurePage, description = "A page of erasures"), ReadProblems, Eraser))]
#[get("/erasures")]
pub async fn list_erasures(app: Eraser, query: Query<SequenceQuery>) -> ApiResult<ErasurePage> {
    Ok(Json(erasure::list(app.db(), query.into_inner()).await?))
}

/// One erasure, and the receipts that are there.
#[utoipa::path(operation_id = "load_erasure", tag = "erasures",
    params(("id" = Uuid, Path, description = "The erasure's identifier")),
    responses((status = 200, body = Erasure, description = "The erasure"), ReadProblems, Eraser))]
#[get("/erasures/{id}")]
pub async fn load_erasure(app: Eraser, id: Path<Uuid>) -> ApiResult<Erasure> {
    let id = RecordId(id.into_inner());
    let load = move |conn: &mut Conn| erasure::load(conn, id);
    Ok(Json(app.db().read(load).await?))
}

/// Confirms an erasure that somebody else asked for: it is done from then on, and cannot be called off any more.
///
/// On one machine, whose user is the only one there is, it is confirmed by who asked for it, and says so. What has
/// changed since it was counted is counted anew, and refused with `counts_changed`, to be looked at again. A service
/// that does not answer is asked again until it does; after a day the erasure is overdue.
#[utoipa::path(operation_id = "confirm_erasure", tag = "erasures",
    params(("id" = Uuid, Path, description = "The erasure's identifier"), ReasonHeader),
    responses((status = 200, body = Erasure, description = "The erasure, on its way"),
              (status = 404, body = keepworth_contract::Problem, content_type = "application/problem+json",
               description = "There is no such erasure"), WriteProblems, Eraser))]
#[post("/erasures/{id}:confirm")]
pub async fn confirm_erasure(app: Eraser, id: Path<Uuid>) -> ApiResult<Erasure> {
    let asking = asking(&app)?;
    let id = RecordId(id.into_inner());
    Ok(Json(erasure::confirm(&app, id, asking).await?))
}

/// Calls off an erasure that was not confirmed.
#[utoipa::path(operation_id = "cancel_erasure", tag = "erasures",
    params(("id" = Uuid, Path, description = "The erasure's identifier")),
    responses((status = 200, body = Erasure, description = "The erasure, called off"),
              (status = 404, body = keepworth_contract::Problem, content_type = "application/problem+json",
               description = "There is no such erasure"), WriteProblems, Eraser))]
#[post("/erasures/{id}:cancel")]
pub async fn cancel_erasure(app: Eraser, id: Path<Uuid>) -> ApiResult<Erasure> {
    let id = RecordId(id.into_inner());
    let cancel = move |conn: &mut Conn| erasure::cancel(conn, id);
    Ok(Json(app.db().write(cancel).await?))
}
