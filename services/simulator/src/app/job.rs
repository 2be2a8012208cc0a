//! Jobs: who does them, who hears of them, and what came of them.

use keepworth_contract::JobKind;
use keepworth_contract::event::EventType;
use keepworth_intake::Failure;
use keepworth_jobs::{Job, Lane, Reason, State, Task, Work, Working};
use keepworth_store::{Conn, Db, RecordId, StoreError};
use serde::{Deserialize, Serialize};

use crate::app::build::Sources;
use crate::app::{backtest, baseline, link, pilot, question, run, tracking};

/// One run at a time: it takes every core; and one question to a run beside it, which takes seconds. Baselines, links and looks at pilots wait for other services most of the
/// time.
pub(crate) const LANES: [Lane; 3] = [
    Lane {
        kinds: &[JobKind::Run],
        at_once: 1,
    },
    Lane {
        kinds: &[JobKind::Question],
        at_once: 1,
    },
    Lane {
        kinds: &[
            JobKind::Baseline,
            JobKind::Backtest,
            JobKind::Tracking,
            JobKind::Link,
            JobKind::PilotReading,
        ],
        at_once: 4,
    },
];

/// Does the jobs of this service.
pub(crate) struct Works {
    pub(crate) db: Db,
    pub(crate) sources: Sources,
}

impl Work for Works {
    fn run(&self, task: Task) -> Working {
        let (db, sources) = (self.db.clone(), self.sources.clone());
        Box::pin(async move {
            let done = match task.job.kind.0 {
                JobKind::Run => run::compute(&db, &task).await,
                JobKind::Baseline => baseline::compute(sources, &task).await,
                JobKind::Link => link::compute(sources, &task).await,
                JobKind::PilotReading => pilot::compute(&db, sources, &task).await,
                JobKind::Backtest => backtest::compute(sources, &task).await,
                JobKind::Tracking => tracking::compute(&db, sources, &task).await,
                JobKind::Question => question::compute(&db, &task).await,
                other => Err(Failure::internal(format!("no job makes {other:?} here"))),
            };
            done.map_err(Reason::from)
        })
    }

    fn over(&self, conn: &mut Conn, job: &Job) -> Result<(), StoreError> {
        tell(conn, job)
    }

    fn result(&self, job: &Job) -> Option<String> {
        Some(match Product::of(job).ok()? {
            Product::Run { id } => format!("/v1/runs/{id}"),
            Product::Baseline { hash, .. } => format!("/v1/baselines/{hash}"),
            Product::Link { id } => format!("/v1/links/{id}"),
            Product::PilotReading { key, id } => format!("/v1/pilots/{key}/readings/{id}"),
            Product::Backtest { id } => format!("/v1/backtests/{id}"),
            Product::Question { id } => format!("/v1/questions/{id}"),
            Product::Tracking { id } => format!("/v1/trackings/{id}"),
        })
    }
}

/// Lets others hear that a job is over. The event is about the job, whatever became of it: who ordered it knows
/// it by its id, and it says where its result is.
fn tell(conn: &mut Conn, job: &Job) -> Result<(), StoreError> {
    let Some(what) = event(job) else {
        return Ok(());
    };
    let ids = job.errand().ok().flatten().map(|errand| errand.ids);
    let subject = format!("/v1/jobs/{}", job.id);
    Ok(keepworth_outbox::put(conn, what, &subject, ids.as_ref())?)
}

/// What others hear of a job; none of one that is not over.
fn event(job: &Job) -> Option<EventType> {
    Some(match (job.kind.0, job.state) {
        (JobKind::Run, State::Done) => EventType::RunDone,
        (JobKind::Run, State::Failed) => EventType::RunFailed,
        (JobKind::Run, State::Cancelled) => EventType::RunCancelled,
        (JobKind::Baseline, State::Done) => EventType::BaselineDone,
        (JobKind::Baseline, State::Failed) => EventType::BaselineFailed,
        (JobKind::Baseline, State::Cancelled) => EventType::BaselineCancelled,
        (JobKind::Link, State::Done) => EventType::LinkDone,
        (JobKind::Link, State::Failed) => EventType::LinkFailed,
        (JobKind::Link, State::Cancelled) => EventType::LinkCancelled,
        (JobKind::Backtest, State::Done) => EventType::BacktestDone,
        (JobKind::Backtest, State::Failed) => EventType::BacktestFailed,
        (JobKind::Backtest, State::Cancelled) => EventType::BacktestCancelled,
        (JobKind::Tracking, State::Done) => EventType::TrackingDone,
        (JobKind::Tracking, State::Failed) => EventType::TrackingFailed,
        (JobKind::Tracking, State::Cancelled) => EventType::TrackingCancelled,
        (JobKind::Question, State::Done) => EventType::QuestionDone,
        (JobKind::Question, State::Failed) => EventType::QuestionFailed,
        (JobKind::Question, State::Cancelled) => EventType::QuestionCancelled,
        _ => return None,
    })
}

/// What a job made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Product {
    /// A run.
    Run {
        /// Which.
        id: RecordId,
    },
    /// A baseline.
    Baseline {
        /// Which.
        hash: String,
        /// Whether it was not there before.
        is_new: bool,
    },
    /// A link.
    Link {
        /// Which.
        id: RecordId,
    },
    /// A look at a pilot.
    PilotReading {
        /// At which.
        key: String,
        /// Which look.
        id: RecordId,
    },
    /// A backtest.
    Backtest {
        /// Which.
        id: RecordId,
    },
    /// A tracking.
    Tracking {
        /// Which.
        id: RecordId,
    },
    /// A question to a run.
    Question {
        /// Which.
        id: RecordId,
    },
}

impl Product {
    /// What a job made that is done.
    pub fn of(job: &Job) -> Result<Self, Failure> {
        let result = job.result.as_deref();
        let result = result.ok_or_else(|| Failure::internal("a job made nothing"))?;
        serde_json::from_str(result).map_err(Failure::internal)
    }

    /// As it is kept with the job.
    pub(crate) fn write(&self) -> Result<String, Failure> {
        serde_json::to_string(self).map_err(Failure::internal)
    }
}
