//! Problems, as RFC 9457 has them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{FaultCode, ProblemCode, Word};

/// Why a request failed (RFC 9457, `application/problem+json`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// A relative reference that names the kind of problem.
    #[schema(example = "/problems/validation_failed")]
    pub r#type: String,
    /// The kind of problem in words, the same for every occurrence.
    pub title: String,
    /// HTTP status.
    #[schema(example = 422)]
    pub status: u16,
    /// What happened this time, and how to mend it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub detail: Option<String>,
    /// A stable name for programs; new ones may come.
    #[schema(value_type = ProblemCode)]
    pub code: String,
    /// The id under which the logs know this request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub request_id: Option<String>,
    /// Each field or parameter at fault.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub invalid_params: Vec<InvalidParam>,
}

/// One field or parameter at fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InvalidParam {
    /// Its name; a path such as `items/3/acquired_on` inside a body.
    pub name: String,
    /// What is wrong with which value, and the fix.
    pub reason: String,
    /// A stable name for programs; new ones may come.
    #[schema(value_type = FaultCode)]
    pub code: String,
}

impl InvalidParam {
    /// A field at fault.
    pub fn new(name: impl Into<String>, code: FaultCode, reason: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            code: code.name().to_owned(),
            reason: reason.into(),
        }
    }
}
