//! What a job came to that makes a report.

use actix_web::HttpResponse;
use keepworth_jobs::Job;

/// Answers the report of a job that is done, which is kept as JSON.
pub(crate) fn reported(job: &Job) -> HttpResponse {
    let report = job.result.clone().unwrap_or_default();
    HttpResponse::Ok()
        .content_type("application/json")
        .body(report)
}
