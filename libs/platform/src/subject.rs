//! What the customers service asks of every service when a customer is erased or asks what is held of them: one set of
//! routes for all.

use actix_web::post;
use actix_web::web::Json;
use keepworth_access::permission::SubjectServe;
use keepworth_contract::subject::{ServiceExport, SignedReceipt, Subject, SubjectErasure};
use keepworth_erasure::Subjects;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{Allowed, ApiResult, Body, WriteProblems};

/// What the service holds of customers, for the customers service.
type Asked = Allowed<SubjectServe, Subjects>;

/// What these operations are about.
pub(crate) const TAG: (&str, &str) = (
    "subjects",
    "What a service holds of one customer: erased, or handed out, when the customers service says so.",
);

/// Every route.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(erase_subject).service(export_subject);
}

/// Erases what this service holds of a customer, in one transaction, and answers with a signed receipt; or counts it.
///
/// People ask the customers service, which asks every service: `POST /v1/erasures`. From then on rows that name the
/// customer are left out of what is taken in, as `skipped_erased`. Sent again, it answers with the receipt of the
/// first time.
#[utoipa::path(operation_id = "erase_subject", tag = "subjects", request_body(content = SubjectErasure, example = json!(
        {"erasure_id": "019a0000-0000-7000-8000-000000000000", "dry_run": true,
         "subject": {"source": "crm", "external_id": "C-1001"}})),
    responses((status = 200, body = SignedReceipt, description = "What became of the rows"), WriteProblems, Asked))]
#[post("/subjects:erase")]
pub async fn erase_subject(
    subjects: Asked,
    Body(order): Body<SubjectErasure>,
) -> ApiResult<SignedReceipt> {
    Ok(Json(subjects.erase(order).await?))
}

/// Everything that this service holds of a customer.
///
/// People ask the customers service, which asks every service: `POST /v1/subject-exports`.
#[utoipa::path(operation_id = "export_subject", tag = "subjects", request_body(content = Subject, example = json!(
        {"source": "crm", "external_id": "C-1001"})),
    responses((status = 200, body = ServiceExport, description = "Its rows, by table"), WriteProblems, Asked))]
#[post("/subjects:export")]
pub async fn export_subject(
    subjects: Asked,
    Body(subject): Body<Subject>,
) -> ApiResult<ServiceExport> {
    Ok(Json(subjects.export(subject).await?))
}
