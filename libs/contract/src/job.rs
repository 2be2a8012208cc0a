//! Long work: how it stands, and where its result is.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::Problem;

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

/// What a job makes.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum JobKind {
    /// A run.
    Run,
    /// A baseline.
    Baseline,
    /// A reading of a pilot.
    PilotReading,
    /// A backtest.
    Backtest,
    /// A tracking.
    Tracking,
    /// A question to a run.
    Question,
    /// What segments did in some months, counted from the records of all services.
    SegmentMonthCount,
    /// The costs of a general ledger, taken from a file.
    GeneralLedgerImport,
    /// Records taken from a file.
    Import,
    /// The erasure of a customer in every service.
    Erasure,
    /// An experience link.
    Link,
}

/// Long work, as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Job {
    /// Identifier.
    pub id: Uuid,
    /// What it makes.
    pub kind: JobKind,
    /// How it stands.
    pub state: JobState,
    /// How far it is.
    pub progress: JobProgress,
    /// How often it was begun: more than once where its process ended in the middle of it, or it failed
    /// of something that may pass.
    pub attempts: u32,
    /// Whether it was cancelled; one in work stops within a second.
    pub is_cancel_requested: bool,
    /// Where its result is, once it is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(
        nullable = false,
        example = "/v1/runs/0190b9d6-0000-7000-8000-000000000000"
    )]
    pub result: Option<String>,
    /// Why it failed; of one that is not over, why the last attempt did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub problem: Option<Problem>,
    /// When it was ordered.
    pub created_at: DateTime<Utc>,
    /// When it was begun last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub started_at: Option<DateTime<Utc>>,
    /// When it was over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub finished_at: Option<DateTime<Utc>>,
}

/// What is heard of a job that is followed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct JobEvent {
    /// `progress` whenever the job changed, `end` when it is over.
    pub event: String,
    /// The job, as JSON.
    pub data: String,
}

/// A page of a list.
pub type JobPage = crate::Page<Job>;
