//! How long work stands, whatever it makes.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum JobState {
    /// It waits for its turn.
    Queued,
    /// It is in work.
    Running,
    /// It is done, and `result` says where its result is.
    Done,
    /// It cannot be done, and `problem` says why.
    Failed,
    /// Somebody cancelled it.
    Cancelled,
}

/// How far a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JobProgress {
    /// Steps done: of a run futures drawn, of an import rows read.
    pub done: u64,
    /// Steps in all, where they are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub total: Option<u64>,
}
