//! What is held of a customer, for the customer who asks.

use crate::Exporter;
use actix_web::post;
use actix_web::web::Json;
use keepworth_contract::subject::{Subject, SubjectExport};
use keepworth_customers::app::subject_export;
use keepworth_platform::{ApiResult, Body, ReasonHeader, WriteProblems};

/// Gathers everything that every service holds of a customer into one document.
///
/// Each service notes in its audit that it was asked. A customer of whom nothing is held is answered with a document
/// of no services; where a service does not answer, there is none.
#[utoipa::path(operation_id = "create_subject_export", tag = "erasures", params(ReasonHeader),
    request_body(content = Subject, example = json!({"source": "crm", "external_id": "C-1001"})),
    responses((status = 200, body = SubjectExport, description = "Everything that is held"), WriteProblems, Exporter))]
#[post("/subject-exports")]
pub async fn create_subject_export(
    app: Exporter,
    Body(subject): Body<Subject>,
) -> ApiResult<SubjectExport> {
    let gathered = subject_export::gather(&app, subject, app.reason()?).await;
    Ok(Json(gathered?))
}
