//! The jobs of a service as its callers see them: ordered, waited for, listed, cancelled.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use keepworth_contract::{Job as JobWire, JobKind, JobPage, PageQuery};
use keepworth_intake::{Failure, page};
use keepworth_store::{Conn, Db, Place, RecordId};
use tokio::sync::watch;

use crate::{
    Executor, Follower, InProcess, Job, Lane, Room, State, Work, Workers, full, table, told,
};

/// How long jobs that are over can be asked for; what they made stays.
const KEPT: TimeDelta = TimeDelta::days(30);

/// Puts a job into the queue in the caller's transaction, where there is room, and forgets those that were over
/// long ago.
///
/// # Errors
/// That there is no room, with when there may be, and what the database answers.
pub fn enqueue(conn: &mut Conn, kind: JobKind, room: Room, input: String) -> Result<Job, Failure> {
    let now = keepworth_store::now().naive_utc();
    if let Some(full) = full(conn, kind, room, now)? {
        let told = full.told(kind, room.setting);
        return Err(Failure::too_many(told).after(full.pause_seconds));
    }
    table::forget(conn, now - KEPT)?;
    Ok(table::enqueue(conn, kind, input, now)?)
}

/// The jobs of a service.
#[derive(Clone)]
pub struct Jobs {
    db: Db,
    work: Arc<dyn Work>,
    lanes: &'static [Lane],
    /// None where other processes do them.
    executor: Option<InProcess>,
}

impl Jobs {
    /// Those in a service's database, done in this process.
    #[must_use]
    pub fn new(db: Db, lanes: &'static [Lane], work: impl Work) -> Self {
        Self {
            db,
            work: Arc::new(work),
            lanes,
            executor: Some(InProcess::default()),
        }
    }

    /// The same, done by other processes.
    #[must_use]
    pub fn with_workers(self) -> Self {
        Self {
            executor: None,
            ..self
        }
    }

    /// The database that they are in.
    #[must_use]
    pub fn db(&self) -> &Db {
        &self.db
    }

    fn executor(&self) -> &dyn Executor {
        match &self.executor {
            Some(here) => here,
            None => &Workers,
        }
    }

    /// Whether this process does them.
    #[must_use]
    pub fn are_done_here(&self) -> bool {
        self.executor.is_some()
    }

    /// Hears that a job was ordered or cancelled.
    pub fn wake(&self) {
        self.executor().wake();
    }

    /// Does what was ordered until `stop` is true, unless other processes do.
    pub async fn work(self, stop: watch::Receiver<bool>) {
        if let Some(executor) = self.executor {
            executor.run(&self.db, self.lanes, &self.work, &stop).await;
        }
    }

    /// Waits until a job is over, but no longer than `at_most`; answers it as it then stands, whatever came
    /// of it.
    ///
    /// # Errors
    /// That there is none, and what the database answers.
    pub async fn settle(&self, id: RecordId, at_most: Duration) -> Result<Job, Failure> {
        let job = crate::wait(&self.db, self.executor(), id, at_most).await?;
        job.ok_or_else(|| missing(id))
    }

    /// Waits for a job, but no longer than `at_most`; answers it as it then stands.
    ///
    /// # Errors
    /// That there is none, why it failed or that it was cancelled, and what the database answers.
    pub async fn wait(&self, id: RecordId, at_most: Duration) -> Result<Job, Failure> {
        let job = self.settle(id, at_most).await?;
        match job.state {
            State::Queued | State::Running | State::Done => Ok(job),
            State::Cancelled => Err(told::cancelled()),
            State::Failed => Err(job.problem().map_or_else(told::cancelled, Failure::from)),
        }
    }

    /// Follows a job from how it stands.
    #[must_use]
    pub fn follow(&self, id: RecordId) -> Follower {
        Follower::new(self.clone(), self.executor().watch(), id)
    }

    /// One job as it stands.
    ///
    /// # Errors
    /// That there is none, and what the database answers.
    pub async fn find(&self, id: RecordId) -> Result<JobWire, Failure> {
        let find = move |conn: &mut Conn| Ok::<_, Failure>(table::find(conn, id)?);
        let job = self.db.read(find).await?;
        Ok(self.told(&job.ok_or_else(|| missing(id))?))
    }

    /// A page of jobs.
    ///
    /// # Errors
    /// A page that cannot be, and what the database answers.
    pub async fn list(&self, query: PageQuery) -> Result<JobPage, Failure> {
        let read = |conn: &mut Conn, place: &Place, _: &PageQuery| table::list(conn, place);
        page::list_told(
            &self.db,
            query,
            read,
            |job| job.id,
            |job| Ok(self.told(&job)),
        )
        .await
    }

    /// Cancels a job, unless it is over; answers it as it then stands.
    ///
    /// # Errors
    /// That there is none, and what the database answers.
    pub async fn cancel(&self, id: RecordId) -> Result<JobWire, Failure> {
        let work = Arc::clone(&self.work);
        let cancel = move |conn: &mut Conn| {
            let now = keepworth_store::now().naive_utc();
            let job = table::cancel(conn, id, now)?.ok_or_else(|| missing(id))?;
            // One in work is told of by its worker when it has stopped, and one that was over has been.
            if job.finished_at == Some(now) {
                work.over(conn, &job)?;
            }
            Ok::<_, Failure>(job)
        };
        let job = self.db.write(cancel).await?;
        self.wake();
        Ok(self.told(&job))
    }

    /// A job as it is told.
    #[must_use]
    pub fn told(&self, job: &Job) -> JobWire {
        told::job(job, self.work.result(job))
    }
}

fn missing(id: RecordId) -> Failure {
    Failure::not_found(format!("no job has the id {id}; GET /v1/jobs lists them"))
}
