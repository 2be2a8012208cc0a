//! Jobs: who does them, how they are told, and what came of them.

use keepworth_contract::ProblemCode;
use std::time::Duration;

use chrono::TimeDelta;
use keepworth_contract::event::EventType;
use keepworth_contract::simulator::{Job as JobWire, JobKind, JobPage, JobProgress, JobState, Run};
use keepworth_contract::{PageQuery, Word};
use keepworth_intake::{Failure, page};
use keepworth_jobs::{Executor, Job, Lane, Reason, Room, State, Task, Work, Working, table};
use keepworth_store::{Conn, Db, Place, RecordId, StoreError};
use serde::{Deserialize, Serialize};

use crate::app::build::Sources;
use crate::app::{baseline, run};

/// One run at a time: it takes every core. Baselines wait for other services most of the time.
pub(crate) const LANES: [Lane; 2] = [
    Lane {
        kinds: &[run::KIND],
        at_once: 1,
    },
    Lane {
        kinds: &[baseline::KIND],
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
            let done = match task.job.kind.as_str() {
                run::KIND => run::compute(&db, &task).await,
                baseline::KIND => baseline::compute(&sources, &task).await,
                other => Err(Failure::internal(format!(
                    "no job is of the kind `{other}`"
                ))),
            };
            done.map_err(reason)
        })
    }

    fn over(&self, conn: &mut Conn, job: &Job) -> Result<(), StoreError> {
        tell(conn, job)
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
    Some(match (JobKind::find(&job.kind)?, job.state) {
        (JobKind::Run, State::Done) => EventType::RunDone,
        (JobKind::Run, State::Failed) => EventType::RunFailed,
        (JobKind::Run, State::Cancelled) => EventType::RunCancelled,
        (JobKind::Baseline, State::Done) => EventType::BaselineDone,
        (JobKind::Baseline, State::Failed) => EventType::BaselineFailed,
        (JobKind::Baseline, State::Cancelled) => EventType::BaselineCancelled,
        (_, State::Queued | State::Running) => return None,
    })
}

/// Records that changed meanwhile, and a database that is busy, are another matter the next time.
fn reason(failure: Failure) -> Reason {
    let problem = Box::new(failure.into_problem(None));
    let may_pass = problem.status == 503 || problem.code == "records_changed";
    Reason { problem, may_pass }
}

/// What an attempt ends with that was told to stop; who told it knows why.
pub fn stopped() -> Failure {
    Failure::conflict(
        ProblemCode::Cancelled,
        "the job was cancelled; order it again",
    )
}

/// What a job made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Product {
    /// A run.
    Run { id: RecordId },
    /// A baseline, and whether it was not there before.
    Baseline { hash: String, is_new: bool },
}

impl Product {
    fn of(job: &Job) -> Result<Option<Self>, Failure> {
        let read = |json: &str| serde_json::from_str(json).map_err(Failure::internal);
        job.result.as_deref().map(read).transpose()
    }

    /// As it is kept with the job.
    pub(crate) fn write(&self) -> Result<String, Reason> {
        serde_json::to_string(self).map_err(|error| reason(Failure::internal(error)))
    }

    fn link(&self) -> String {
        match self {
            Self::Run { id } => format!("/v1/runs/{id}"),
            Self::Baseline { hash, .. } => format!("/v1/baselines/{hash}"),
        }
    }
}

/// How long jobs that are over can be asked for; what they made stays.
const KEPT: TimeDelta = TimeDelta::days(30);

/// Refuses a job for which there is no room.
pub(crate) fn refuse_more(
    conn: &mut Conn,
    kind: &str,
    room: Room,
    (what, setting): (&str, &str),
) -> Result<(), Failure> {
    let full = keepworth_jobs::full(conn, kind, room, keepworth_store::now().naive_utc())?;
    full.map_or(Ok(()), |it| {
        Err(Failure::too_many(it.told(what, setting)).after(it.pause_seconds))
    })
}

/// Puts a job into the queue, and forgets those that were over long ago.
pub fn enqueue(conn: &mut Conn, kind: &str, input: String) -> Result<Job, Failure> {
    let now = keepworth_store::now().naive_utc();
    table::forget(conn, now - KEPT)?;
    Ok(table::enqueue(conn, kind, input, now)?)
}

/// What came of a job, for who waited for it.
pub enum Outcome {
    /// A run.
    Run(Box<Run>),
    /// The document of a baseline, and whether it was not there before.
    Baseline {
        /// Its name.
        hash: String,
        /// As it is kept, in JSON.
        document: String,
        /// Whether it was not there before.
        is_new: bool,
    },
}

/// Waits for a job; answers it as it then stands, and what came of it when it is done.
pub async fn wait(
    db: &Db,
    executor: &dyn Executor,
    id: RecordId,
    at_most: Duration,
) -> Result<(Job, Option<Outcome>), Failure> {
    let job = keepworth_jobs::wait(db, executor, id, at_most).await?;
    let job = job.ok_or_else(|| missing(id))?;
    let outcome = match job.state {
        State::Queued | State::Running => None,
        State::Cancelled => return Err(stopped()),
        State::Failed => return Err(job.problem().map_or_else(stopped, Failure::from)),
        State::Done => {
            let product = Product::of(&job)?;
            let load = move |conn: &mut Conn| product.map(|it| load(conn, it)).transpose();
            db.read(load).await?
        }
    };
    Ok((job, outcome))
}

fn load(conn: &mut Conn, product: Product) -> Result<Outcome, Failure> {
    Ok(match product {
        Product::Run { id } => Outcome::Run(Box::new(run::load(conn, id)?)),
        Product::Baseline { hash, is_new } => Outcome::Baseline {
            document: baseline::load(conn, &hash)?,
            hash,
            is_new,
        },
    })
}

fn missing(id: RecordId) -> Failure {
    Failure::not_found(format!("no job has the id {id}; GET /v1/jobs lists them"))
}

/// One job.
pub fn find(conn: &mut Conn, id: RecordId) -> Result<JobWire, Failure> {
    let job = table::find(conn, id)?;
    told(&job.ok_or_else(|| missing(id))?)
}

/// Cancels a job, unless it is over; answers it as it then stands.
pub fn cancel(conn: &mut Conn, id: RecordId) -> Result<JobWire, Failure> {
    let now = keepworth_store::now().naive_utc();
    let job = table::cancel(conn, id, now)?.ok_or_else(|| missing(id))?;
    // One in work is told of by its worker when it has stopped, and one that was over has been.
    if job.finished_at == Some(now) {
        tell(conn, &job)?;
    }
    told(&job)
}

/// A job as it is told. (Neither type is of this crate, so that there is no `From`.)
pub fn told(job: &Job) -> Result<JobWire, Failure> {
    let unknown = || Failure::internal(format!("a job of the kind `{}`", job.kind));
    Ok(JobWire {
        id: job.id.0,
        kind: JobKind::find(&job.kind).ok_or_else(unknown)?,
        state: state(job.state),
        progress: JobProgress {
            done: job.done.unsigned_abs(),
            total: (job.total > 0).then_some(job.total.unsigned_abs()),
        },
        attempts: job.attempts.unsigned_abs(),
        is_cancel_requested: job.is_cancelled,
        result: Product::of(job)?.map(|it| it.link()),
        problem: job.problem(),
        created_at: job.created_at.and_utc(),
        started_at: job.started_at.map(|it| it.and_utc()),
        finished_at: job.finished_at.map(|it| it.and_utc()),
    })
}

fn state(state: State) -> JobState {
    match state {
        State::Queued => JobState::Queued,
        State::Running => JobState::Running,
        State::Done => JobState::Done,
        State::Failed => JobState::Failed,
        State::Cancelled => JobState::Cancelled,
    }
}

/// Lists jobs.
pub async fn list(db: &Db, query: PageQuery) -> Result<JobPage, Failure> {
    let read = |conn: &mut Conn, place: &Place, _: &PageQuery| table::list(conn, place);
    page::list_told(db, query, read, |job| job.id, |job| told(&job)).await
}
