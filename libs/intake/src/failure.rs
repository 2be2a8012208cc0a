//! Why a use case could not do what was asked.
//!
//! Three error types, each in its place: rules answer their own typed errors, stores answer
//! [`StoreError`], use cases answer [`Failure`], into which both convert. Only the edge knows how a
//! failure looks on the wire.

use std::borrow::Cow;
use std::time::Duration;

use keepworth_contract::{InvalidParam, Problem, ProblemCode, Word};
use keepworth_store::StoreError;

/// Kinds of failures, as far as a caller has to tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The request cannot be read.
    Malformed,
    /// Some fields cannot be taken.
    Invalid,
    /// Nobody says who they are, or not so that it can be believed.
    Unauthenticated,
    /// The caller may not.
    Forbidden,
    /// There is no such thing.
    NotFound,
    /// The path has other methods.
    NotAllowed,
    /// There is it in no form that the caller would have.
    NotAcceptable,
    /// The present state does not allow it.
    Conflict,
    /// The resource is not what the caller thinks.
    PreconditionFailed,
    /// The resource is there, and the caller does not say which version is replaced.
    PreconditionRequired,
    /// The body is too large.
    TooLarge,
    /// The body did not come in time.
    TooSlow,
    /// The body is of another kind.
    Unsupported,
    /// The server does not go by that name.
    Misdirected,
    /// More at once than is done at once.
    TooMany,
    /// Another service is missing, or did not answer as promised.
    Upstream,
    /// Not possible at the moment.
    Unavailable,
    /// Our fault.
    Internal,
}

impl Kind {
    const ALL: [Self; 17] = [
        Self::Malformed,
        Self::Unauthenticated,
        Self::Forbidden,
        Self::Invalid,
        Self::NotFound,
        Self::NotAcceptable,
        Self::Conflict,
        Self::PreconditionFailed,
        Self::PreconditionRequired,
        Self::TooLarge,
        Self::TooSlow,
        Self::Unsupported,
        Self::Misdirected,
        Self::TooMany,
        Self::Upstream,
        Self::Unavailable,
        Self::Internal,
    ];

    /// Its status in HTTP, which problems carry (RFC 9457).
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::Malformed => 400,
            Self::Unauthenticated => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::NotAllowed => 405,
            Self::NotAcceptable => 406,
            Self::TooSlow => 408,
            Self::Conflict => 409,
            Self::PreconditionFailed => 412,
            Self::TooLarge => 413,
            Self::Unsupported => 415,
            Self::Invalid => 422,
            Self::Misdirected => 421,
            Self::PreconditionRequired => 428,
            Self::TooMany => 429,
            Self::Internal => 500,
            Self::Upstream => 502,
            Self::Unavailable => 503,
        }
    }

    /// What it is called, the same for every occurrence.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Malformed => "The request cannot be read",
            Self::Unauthenticated => "Nobody says who they are",
            Self::Forbidden => "The caller may not",
            Self::NotFound => "There is no such thing",
            Self::NotAllowed => "The path has other methods",
            Self::NotAcceptable => "There is no such form of it",
            Self::Conflict => "The present state does not allow this",
            Self::PreconditionFailed => "The resource is not what you think",
            Self::TooLarge => "The body is too large",
            Self::TooSlow => "The body did not come in time",
            Self::Unsupported => "The body is of another kind",
            Self::Invalid => "Some fields cannot be taken",
            Self::PreconditionRequired => "Which version is replaced is not said",
            Self::Misdirected => "The server does not go by that name",
            Self::TooMany => "Too much at once",
            Self::Internal => "Something broke on our side",
            Self::Upstream => "Another service is missing",
            Self::Unavailable => "Not possible at the moment",
        }
    }
}

/// Why a use case could not do what was asked.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{code}: {}", .detail.as_deref().unwrap_or(.kind.title()))]
pub struct Failure {
    kind: Kind,
    code: Cow<'static, str>,
    detail: Option<String>,
    invalid_params: Vec<InvalidParam>,
    /// Seconds after which it may be tried again, where that is known.
    retry_after: Option<u64>,
}

impl Failure {
    fn new(kind: Kind, code: ProblemCode, detail: impl Into<String>) -> Self {
        Self {
            kind,
            code: Cow::Borrowed(code.name()),
            detail: Some(detail.into()),
            invalid_params: Vec::new(),
            retry_after: None,
        }
    }

    /// The request cannot be read.
    pub fn malformed(detail: impl Into<String>) -> Self {
        Self::new(Kind::Malformed, ProblemCode::MalformedRequest, detail)
    }

    /// The request can be read, but some of its fields cannot be taken.
    #[must_use]
    pub fn invalid(invalid_params: Vec<InvalidParam>) -> Self {
        Self {
            kind: Kind::Invalid,
            code: Cow::Borrowed(ProblemCode::ValidationFailed.name()),
            detail: None,
            invalid_params,
            retry_after: None,
        }
    }

    /// The same, of a part of a request: what is wrong with its fields is told within it.
    #[must_use]
    pub fn within(mut self, part: &str) -> Self {
        for fault in &mut self.invalid_params {
            fault.name = format!("{part}/{}", fault.name);
        }
        self
    }

    /// Nobody says who they are, or not so that it can be believed.
    pub fn unauthenticated(detail: impl Into<String>) -> Self {
        Self::new(Kind::Unauthenticated, ProblemCode::Unauthenticated, detail)
    }

    /// The caller may not.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(Kind::Forbidden, ProblemCode::Forbidden, detail)
    }

    /// There is no such thing.
    pub fn not_found(what: impl Into<String>) -> Self {
        Self::new(Kind::NotFound, ProblemCode::NotFound, what)
    }

    /// The path has other methods.
    pub fn not_allowed(detail: impl Into<String>) -> Self {
        Self::new(Kind::NotAllowed, ProblemCode::MethodNotAllowed, detail)
    }

    /// There is it in other forms.
    pub fn not_acceptable(detail: impl Into<String>) -> Self {
        Self::new(Kind::NotAcceptable, ProblemCode::NotAcceptable, detail)
    }

    /// Something else stands in the way.
    pub fn conflict(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self::new(Kind::Conflict, code, detail)
    }

    /// The resource is not what the caller thinks.
    pub fn precondition_failed(detail: impl Into<String>) -> Self {
        Self::new(
            Kind::PreconditionFailed,
            ProblemCode::PreconditionFailed,
            detail,
        )
    }

    /// The resource is there, and the caller does not say which version is replaced.
    pub fn precondition_required(detail: impl Into<String>) -> Self {
        Self::new(
            Kind::PreconditionRequired,
            ProblemCode::PreconditionRequired,
            detail,
        )
    }

    /// The body is too large.
    pub fn too_large(detail: impl Into<String>) -> Self {
        Self::new(Kind::TooLarge, ProblemCode::BodyTooLarge, detail)
    }

    /// The server does not go by that name.
    pub fn misdirected(detail: impl Into<String>) -> Self {
        Self::new(Kind::Misdirected, ProblemCode::UnknownHost, detail)
    }

    /// The body did not come in time.
    pub fn too_slow(detail: impl Into<String>) -> Self {
        Self::new(Kind::TooSlow, ProblemCode::BodyTooSlow, detail)
    }

    /// More at once than is done at once.
    pub fn too_many(detail: impl Into<String>) -> Self {
        Self::new(Kind::TooMany, ProblemCode::TooManyRequests, detail)
    }

    /// The same, which may be tried again after so many [seconds].
    #[must_use]
    pub fn after(self, seconds: u64) -> Self {
        Self {
            retry_after: Some(seconds),
            ..self
        }
    }

    /// The body is of another kind.
    pub fn unsupported(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self::new(Kind::Unsupported, code, detail)
    }

    /// Another service is missing or did not answer as promised.
    pub fn upstream(detail: impl Into<String>) -> Self {
        Self::new(Kind::Upstream, ProblemCode::ServiceUnreachable, detail)
    }

    /// Not now.
    pub fn unavailable(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self::new(Kind::Unavailable, code, detail)
    }

    /// Our fault. The reason goes to the log, not to the caller.
    pub fn internal(reason: impl std::fmt::Display) -> Self {
        tracing::error!(%reason, "internal error");
        let detail = "the logs have the reason under this request id";
        Self::new(Kind::Internal, ProblemCode::InternalError, detail)
    }

    /// What kind of failure.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Seconds after which it may be tried again; none where trying again is no use.
    #[must_use]
    pub fn retry_after(&self) -> Option<u64> {
        let may_pass = matches!(self.kind, Kind::Unavailable | Kind::TooMany);
        may_pass.then(|| self.retry_after.unwrap_or(1))
    }

    /// The failure as a problem, to a caller whose request has this id.
    #[must_use]
    pub fn into_problem(self, request_id: Option<String>) -> Problem {
        Problem {
            r#type: format!("/problems/{}", self.code),
            title: self.kind.title().to_owned(),
            status: self.kind.status(),
            detail: self.detail,
            code: self.code.into_owned(),
            request_id,
            invalid_params: self.invalid_params,
        }
    }
}

/// A failure that was kept, such as that of a job, and is told again.
impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        let mut kinds = Kind::ALL.into_iter();
        let kind = kinds.find(|kind| kind.status() == problem.status);
        Self {
            kind: kind.unwrap_or(Kind::Internal),
            code: Cow::Owned(problem.code),
            detail: problem.detail,
            invalid_params: problem.invalid_params,
            retry_after: None,
        }
    }
}

/// A pause as `Retry-After` has it: whole seconds, rounded up, at least one.
#[must_use]
pub fn seconds(pause: Duration) -> u64 {
    (pause.as_secs() + u64::from(pause.subsec_nanos() > 0)).max(1)
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let text = error.to_string();
        match error {
            StoreError::Locked => Self::unavailable(ProblemCode::DatabaseLocked, text),
            StoreError::ReadOnly => Self::unavailable(ProblemCode::DatabaseReadOnly, text),
            StoreError::Unavailable { .. }
            | StoreError::Open { .. }
            | StoreError::Exposed { .. }
            | StoreError::Tls(_)
            | StoreError::UrlFile { .. }
            | StoreError::Untrusted { .. }
            | StoreError::Lone { .. } => Self::unavailable(ProblemCode::DatabaseUnavailable, text),
            StoreError::Beside { .. } => Self::unavailable(ProblemCode::SecretMissing, text),
            StoreError::Duplicate(key) => Self::conflict(
                ProblemCode::Duplicate,
                format!("a record with the same {key} exists"),
            ),
            StoreError::UnknownFate => Self::unavailable(ProblemCode::FateUnknown, text),
            StoreError::DiskFull => Self::unavailable(ProblemCode::DiskFull, text),
            StoreError::Newer(_) => Self::unavailable(ProblemCode::DatabaseNewer, text),
            StoreError::Overflow => Self::conflict(ProblemCode::TooLarge, text),
            StoreError::Url { .. }
            | StoreError::Migration { .. }
            | StoreError::UnknownWord { .. }
            | StoreError::Query(_) => Self::internal(text),
        }
    }
}

impl From<diesel::result::Error> for Failure {
    fn from(error: diesel::result::Error) -> Self {
        StoreError::from(error).into()
    }
}

impl From<std::convert::Infallible> for Failure {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kept_failure_is_told_as_it_was() {
        for kind in Kind::ALL {
            let problem = Failure::new(kind, ProblemCode::RateExists, "why").into_problem(None);
            assert_eq!(Failure::from(problem.clone()).into_problem(None), problem);
        }
    }
}
