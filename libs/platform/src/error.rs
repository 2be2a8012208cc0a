//! Problems: what a handler answers when it cannot do what was asked (RFC 9457).
//!
//! Use cases answer a [`Failure`]; [`ApiError`] is how it looks on the wire.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError, web};
use keepworth_access::RequestIds;
use keepworth_contract::Problem;
use keepworth_intake::{Failure, Kind};
use utoipa::IntoResponses;

use crate::idempotency::BodyLimit;
use crate::routes;

/// What a handler answers.
pub type ApiResult<T> = Result<web::Json<T>, ApiError>;

/// A failure on its way to the caller.
#[derive(Debug, Clone, thiserror::Error)]
#[error(transparent)]
pub struct ApiError(Failure);

impl<E: Into<Failure>> From<E> for ApiError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        let status = StatusCode::from_u16(self.0.kind().status());
        status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        response.content_type("application/problem+json");
        if let Some(seconds) = self.0.retry_after() {
            response.insert_header(("retry-after", seconds.to_string()));
        }
        if self.0.kind() == Kind::Unauthenticated {
            response.insert_header(("www-authenticate", "Bearer"));
        }
        let request_id = RequestIds::current().map(|ids| ids.request);
        match serde_json::to_vec(&self.0.clone().into_problem(request_id)) {
            Ok(body) => response.body(body),
            Err(_) => HttpResponse::InternalServerError().finish(),
        }
    }
}

/// Problems that a reading operation can answer.
#[derive(IntoResponses)]
pub enum ReadProblems {
    /// The request cannot be read, for example for an unknown query parameter.
    #[response(
        status = 400,
        content_type = "application/problem+json",
        description = "The request cannot be read"
    )]
    Malformed(Problem),
    /// There is no such thing.
    #[response(
        status = 404,
        content_type = "application/problem+json",
        description = "There is no such thing"
    )]
    NotFound(Problem),
    /// Something broke on our side.
    #[response(
        status = 500,
        content_type = "application/problem+json",
        description = "Something broke on our side"
    )]
    Internal(Problem),
    /// Not possible at the moment.
    #[response(
        status = 503,
        content_type = "application/problem+json",
        description = "Not possible at the moment"
    )]
    Unavailable(Problem),
}

/// Problems that removing can answer, beside those of reading.
#[derive(IntoResponses)]
pub enum RemoveProblems {
    /// Something else stands on it.
    #[response(
        status = 409,
        content_type = "application/problem+json",
        description = "Something else stands on it"
    )]
    InUse(Problem),
}

/// Problems that a writing operation can answer.
#[derive(IntoResponses)]
pub enum WriteProblems {
    /// The request cannot be read.
    #[response(
        status = 400,
        content_type = "application/problem+json",
        description = "The request cannot be read"
    )]
    Malformed(Problem),
    /// The present state does not allow this.
    #[response(
        status = 409,
        content_type = "application/problem+json",
        description = "The present state does not allow this"
    )]
    Conflict(Problem),
    /// The body is too large.
    #[response(
        status = 413,
        content_type = "application/problem+json",
        description = "The body is too large"
    )]
    TooLarge(Problem),
    /// The body is of another kind, such as no JSON.
    #[response(
        status = 415,
        content_type = "application/problem+json",
        description = "The body is of another kind, such as no JSON"
    )]
    NotJson(Problem),
    /// Some fields cannot be taken.
    #[response(
        status = 422,
        content_type = "application/problem+json",
        description = "Some fields cannot be taken"
    )]
    Invalid(Problem),
    /// Something broke on our side.
    #[response(
        status = 500,
        content_type = "application/problem+json",
        description = "Something broke on our side"
    )]
    Internal(Problem),
    /// Not possible at the moment.
    #[response(
        status = 503,
        content_type = "application/problem+json",
        description = "Not possible at the moment"
    )]
    Unavailable(Problem),
}

/// That the resource is not what the caller thinks.
#[derive(IntoResponses)]
pub enum PreconditionProblems {
    /// The resource is not what the caller thinks.
    #[response(
        status = 412,
        content_type = "application/problem+json",
        description = "The resource has changed since the version in If-Match"
    )]
    PreconditionFailed(Problem),
    /// Which version is replaced is not said.
    #[response(
        status = 428,
        content_type = "application/problem+json",
        description = "Something else is there; say in If-Match which version is replaced"
    )]
    PreconditionRequired(Problem),
}

/// Makes the extractors answer problems too, and limits bodies.
pub fn configure_extractors(config: &mut web::ServiceConfig, body_limit: usize) {
    config
        .app_data(BodyLimit(body_limit))
        .app_data(web::PayloadConfig::new(body_limit))
        .app_data(
            web::QueryConfig::default()
                .error_handler(|error, _| answer(Failure::malformed(format!("query: {error}")))),
        )
        .app_data(
            web::PathConfig::default()
                .error_handler(|error, _| answer(Failure::not_found(format!("path: {error}")))),
        )
        .default_service(web::to(routes::none));
}

fn answer(failure: Failure) -> actix_web::Error {
    ApiError(failure).into()
}
