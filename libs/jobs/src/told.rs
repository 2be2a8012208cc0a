//! Jobs in the words of the contract, and failures in those of jobs.

use keepworth_contract::{Job as JobWire, JobProgress, JobState, ProblemCode, Word};
use keepworth_intake::Failure;

use crate::{Job, Reason, State};

/// A job as it is told, and where its result is.
pub(crate) fn job(job: &Job, result: Option<String>) -> JobWire {
    JobWire {
        id: job.id.0,
        kind: job.kind.0,
        state: state(job.state),
        progress: JobProgress {
            done: job.done.unsigned_abs(),
            total: (job.total > 0).then_some(job.total.unsigned_abs()),
        },
        attempts: job.attempts.unsigned_abs(),
        is_cancel_requested: job.is_cancelled,
        result,
        problem: job.problem(),
        created_at: job.created_at.and_utc(),
        started_at: job.started_at.map(|it| it.and_utc()),
        finished_at: job.finished_at.map(|it| it.and_utc()),
    }
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

/// What an attempt ends with that was told to stop; who told it knows why.
#[must_use]
pub fn cancelled() -> Failure {
    let detail = "the job was cancelled; order it again";
    Failure::conflict(ProblemCode::Cancelled, detail)
}

/// Records that changed meanwhile, and a database that is busy, are another matter the next time.
impl From<Failure> for Reason {
    fn from(failure: Failure) -> Self {
        let problem = Box::new(failure.into_problem(None));
        let may_pass = problem.status == 503 || problem.code == ProblemCode::RecordsChanged.name();
        Self { problem, may_pass }
    }
}
