//! Problems: what a handler answers when it cannot do what was asked (RFC 9457).
//!
//! Three error types, each in its place: rules answer their own typed errors, stores answer
//! [`StoreError`], handlers answer [`ApiError`], into which both convert.

use actix_web::http::StatusCode;
use actix_web::http::header::{ContentType, HeaderName, HeaderValue};
use actix_web::{HttpResponse, ResponseError, web};
use keepworth_contract::{InvalidParam, Problem};
use keepworth_store::StoreError;

use crate::routes;
use utoipa::IntoResponses;

use crate::idempotency::BodyLimit;
use crate::trace;

/// What a handler answers.
pub type ApiResult<T> = Result<web::Json<T>, ApiError>;

/// A problem on its way to the caller.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{} {}: {}", .status.as_u16(), .code, .detail.as_deref().unwrap_or(.title))]
pub struct ApiError {
    status: StatusCode,
    code: &'static str,
    title: &'static str,
    detail: Option<String>,
    invalid_params: Vec<InvalidParam>,
}

impl ApiError {
    fn new(status: StatusCode, code: &'static str, title: &'static str) -> Self {
        Self {
            status,
            code,
            title,
            detail: None,
            invalid_params: Vec::new(),
        }
    }

    fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// 400: the request cannot be read.
    pub fn malformed(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "malformed_request",
            "The request cannot be read",
        )
        .with_detail(detail)
    }

    /// 422: the request can be read, but some of its fields cannot be taken.
    #[must_use]
    pub fn invalid(invalid_params: Vec<InvalidParam>) -> Self {
        let mut error = Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "validation_failed",
            "Some fields cannot be taken",
        );
        error.invalid_params = invalid_params;
        error
    }

    /// 404: there is no such thing.
    pub fn not_found(what: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "There is no such thing").with_detail(what)
    }

    /// 405: the path has other methods.
    pub fn method_not_allowed(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            "The path has other methods",
        )
        .with_detail(detail)
    }

    /// 409: something else stands in the way.
    pub fn conflict(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::CONFLICT,
            code,
            "The present state does not allow this",
        )
        .with_detail(detail)
    }

    /// 412: the resource is not what the caller thinks.
    pub fn precondition_failed(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::PRECONDITION_FAILED,
            "precondition_failed",
            "The resource is not what you think",
        )
        .with_detail(detail)
    }

    /// 413: the body is too large.
    pub fn too_large(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "body_too_large",
            "The body is too large",
        )
        .with_detail(detail)
    }

    /// 429: more at once than is done at once.
    pub fn too_many(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too_many_requests",
            "Too much at once",
        )
        .with_detail(detail)
    }

    /// 415: the body is of another kind.
    pub fn unsupported(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            "The body is of another kind",
        )
        .with_detail(detail)
    }

    /// 502: another service is missing or did not answer as promised.
    pub fn upstream(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::BAD_GATEWAY,
            "service_unreachable",
            "Another service is missing",
        )
        .with_detail(detail)
    }

    /// 503: not now.
    pub fn unavailable(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            code,
            "Not possible at the moment",
        )
        .with_detail(detail)
    }

    /// 500: our fault. The reason goes to the log, not to the caller.
    pub fn internal(reason: &dyn std::fmt::Display) -> Self {
        tracing::error!(%reason, "internal error");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal_error",
            "Something broke on our side",
        )
        .with_detail("the logs have the reason under this request id")
    }

    fn problem(&self) -> Problem {
        Problem {
            r#type: format!("/problems/{}", self.code),
            title: self.title.to_owned(),
            status: self.status.as_u16(),
            detail: self.detail.clone(),
            code: self.code.to_owned(),
            request_id: trace::current().map(|ids| ids.request),
            invalid_params: self.invalid_params.clone(),
        }
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        response.insert_header((
            HeaderName::from_static("content-type"),
            HeaderValue::from_static("application/problem+json"),
        ));
        let is_passing = [
            StatusCode::SERVICE_UNAVAILABLE,
            StatusCode::TOO_MANY_REQUESTS,
        ];
        if is_passing.contains(&self.status) {
            response.insert_header(("retry-after", "1"));
        }
        match serde_json::to_vec(&self.problem()) {
            Ok(body) => response.body(body),
            Err(_) => HttpResponse::InternalServerError()
                .content_type(ContentType::plaintext())
                .finish(),
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Locked => Self::unavailable("database_locked", error.to_string()),
            StoreError::ReadOnly => Self::unavailable("database_read_only", error.to_string()),
            StoreError::Unavailable { .. } | StoreError::Open { .. } | StoreError::Lone { .. } => {
                Self::unavailable("database_unavailable", error.to_string())
            }
            StoreError::Duplicate(ref key) => {
                Self::conflict("duplicate", format!("a record with the same {key} exists"))
            }
            StoreError::UnknownFate => Self::unavailable("fate_unknown", error.to_string()),
            StoreError::DiskFull => Self::unavailable("disk_full", error.to_string()),
            StoreError::Newer(_) => Self::unavailable("database_newer", error.to_string()),
            StoreError::Overflow => Self::conflict("too_large", error.to_string()),
            StoreError::Url { .. } | StoreError::Migration { .. } | StoreError::Query(_) => {
                Self::internal(&error)
            }
        }
    }
}

impl From<keepworth_store::diesel::result::Error> for ApiError {
    fn from(error: keepworth_store::diesel::result::Error) -> Self {
        StoreError::from(error).into()
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
}

/// Makes the extractors answer problems too, and limits bodies.
pub fn configure_extractors(config: &mut web::ServiceConfig, body_limit: usize) {
    config
        .app_data(BodyLimit(body_limit))
        .app_data(
            web::JsonConfig::default()
                .limit(body_limit)
                .error_handler(|error, _| {
                    use actix_web::error::JsonPayloadError as E;
                    match &error {
                        E::OverflowKnownLength { .. } | E::Overflow { .. } => {
                            ApiError::too_large(format!("{error}; send smaller batches"))
                        }
                        E::ContentType => ApiError::new(
                            StatusCode::UNSUPPORTED_MEDIA_TYPE,
                            "not_json",
                            "The body is not JSON",
                        )
                        .with_detail("send it with content-type: application/json"),
                        _ => ApiError::malformed(error.to_string()),
                    }
                    .into()
                }),
        )
        .app_data(
            web::QueryConfig::default()
                .error_handler(|error, _| ApiError::malformed(format!("query: {error}")).into()),
        )
        .app_data(
            web::PathConfig::default()
                .error_handler(|error, _| ApiError::not_found(format!("path: {error}")).into()),
        )
        .default_service(web::to(routes::none));
}
