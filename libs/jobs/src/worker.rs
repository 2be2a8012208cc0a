//! One worker: leases a job, does it, beats meanwhile, says how it ended.

use std::sync::Arc;
use std::time::Duration;

use keepworth_access::Surroundings;
use keepworth_contract::JobKind;
use keepworth_store::{Conn, Db, RecordId, StoreError};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep, timeout};
use tracing::Instrument;

use crate::table::{self, Beat};
use crate::{Job, Reason, Task, Work, Write};

/// How often a worker says that it is alive.
const HEARTBEAT: Duration = Duration::from_millis(500);
/// How often a worker looks for jobs that nobody told it of, such as those of a process that died.
const POLL: Duration = Duration::from_secs(1);
/// How long a worker leaves a database alone that does not answer.
const PAUSE: Duration = Duration::from_secs(5);
/// How long work may take to stop.
const GRACE: Duration = Duration::from_secs(5);

/// A place in which one job at a time is done.
pub(crate) struct Slot {
    pub(crate) db: Db,
    pub(crate) kinds: &'static [JobKind],
    pub(crate) worker: RecordId,
    pub(crate) work: Arc<dyn Work>,
    pub(crate) bell: watch::Receiver<()>,
    pub(crate) change: watch::Sender<()>,
    pub(crate) stop: watch::Receiver<bool>,
}

/// How an attempt ended.
enum Ending {
    /// It has something to write.
    Written(Write),
    /// It failed.
    Failed(Reason),
    /// It was cancelled.
    Cancelled,
    /// The process is told to stop.
    Released,
    /// It is somebody else's now.
    Lost,
}

impl Slot {
    pub(crate) async fn run(mut self) {
        let mut is_known_broken = false;
        while !self.is_told_to_stop() {
            self.bell.mark_unchanged();
            match self.lease().await {
                Ok(Some(job)) => self.do_job(job).await,
                Ok(None) => self.rest(POLL).await,
                Err(error) => {
                    if !is_known_broken {
                        tracing::warn!(%error, "jobs cannot be leased; trying on");
                    }
                    is_known_broken = true;
                    self.rest(PAUSE).await;
                    continue;
                }
            }
            is_known_broken = false;
        }
    }

    /// Who is to tell may be gone: then nobody will.
    fn is_told_to_stop(&self) -> bool {
        *self.stop.borrow() || self.stop.has_changed().is_err()
    }

    async fn rest(&mut self, at_most: Duration) {
        tokio::select! {
            () = sleep(at_most) => {}
            _ = self.bell.changed() => {}
            _ = self.stop.changed() => {}
        }
    }

    async fn lease(&self) -> Result<Option<Job>, StoreError> {
        let (kinds, worker) = (self.kinds, self.worker);
        let now = keepworth_store::now().naive_utc();
        // Looking locks nobody out; on SQLite leasing does.
        let is_due = self
            .db
            .read(move |conn| Ok(table::is_due(conn, kinds, now)?));
        let is_due: Result<bool, StoreError> = is_due.await;
        if !is_due? {
            return Ok(None);
        }
        let work = Arc::clone(&self.work);
        let lease = move |conn: &mut Conn| {
            let leased = table::lease(conn, kinds, worker, now)?;
            let mut ended = leased.ended.iter();
            ended.try_for_each(|job| work.over(conn, job))?;
            Ok(leased.job)
        };
        self.db.write(lease).await
    }

    async fn do_job(&mut self, job: Job) {
        let span = tracing::info_span!("job", job_id = %job.id, kind = job.kind.name());
        async {
            self.change.send_replace(());
            let start = Instant::now();
            let (ending, surroundings) = match surroundings(&job) {
                Ok(it) => (self.attempt(&job, it.clone()).await, it),
                Err(reason) => (Ending::Failed(reason), Surroundings::default()),
            };
            let told = self.tell(&job, ending, surroundings).await;
            let milliseconds = start.elapsed().as_secs_f64() * 1e3;
            match told {
                Ok(state) => tracing::info!(state, milliseconds, "a job ended"),
                // The lease runs out, and the job is done again.
                Err(error) => tracing::error!(%error, milliseconds, "a job's end cannot be told"),
            }
            self.change.send_replace(());
        }
        .instrument(span)
        .await;
    }

    /// Works and beats, until the work ends or has to.
    async fn attempt(&mut self, job: &Job, surroundings: Surroundings) -> Ending {
        let task = Task::new(job.clone());
        let work = surroundings.around(self.work.run(task.clone()));
        let mut working = tokio::spawn(work.in_current_span());
        // Work that is done before the first beat needs none.
        let mut beats = interval_at(Instant::now() + HEARTBEAT, HEARTBEAT);
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let ending = tokio::select! {
                done = &mut working => return ended(done),
                _ = self.stop.changed() => Ending::Released,
                _ = beats.tick() => match self.beat(&task).await {
                    Beat::GoOn => continue,
                    Beat::Stop => Ending::Cancelled,
                    Beat::Lost => Ending::Lost,
                },
            };
            task.stop();
            return finish_or(working, ending).await;
        }
    }

    /// A beat that cannot be told is not the end: the next one may be, and the lease lasts a while.
    async fn beat(&self, task: &Task) -> Beat {
        let (leased, progress) = (task.job.clone(), task.progress());
        let now = keepworth_store::now().naive_utc();
        let beat = self
            .db
            .write(move |conn| Ok(table::heartbeat(conn, &leased, progress, now)?));
        let beat: Result<Beat, StoreError> = beat.await;
        self.change.send_replace(());
        beat.unwrap_or_else(|error| {
            tracing::warn!(%error, "a heartbeat was missed");
            Beat::GoOn
        })
    }

    /// Writes how it ended; answers in a word what was written.
    async fn tell(
        &self,
        job: &Job,
        ending: Ending,
        surroundings: Surroundings,
    ) -> Result<&'static str, StoreError> {
        let is_released = matches!(ending, Ending::Released);
        let reason = match ending {
            Ending::Written(write) => match self.finish(job, write, surroundings).await {
                Ok(state) => return Ok(state),
                Err(reason) => Some(reason),
            },
            Ending::Failed(reason) => Some(reason),
            Ending::Lost => return Ok("lost"),
            Ending::Cancelled | Ending::Released => None,
        };
        let (leased, work) = (job.clone(), Arc::clone(&self.work));
        let now = keepworth_store::now().naive_utc();
        let write = self.db.write(move |conn| {
            let (is_ours, state) = match reason {
                Some(it) => {
                    let told = table::fail(conn, &leased, &it.problem, it.may_pass, now)?;
                    (told, "failed")
                }
                None if is_released => (table::release(conn, &leased, now)?, "released"),
                None => (table::set_cancelled(conn, &leased, now)?, "cancelled"),
            };
            if !is_ours {
                return Ok("lost");
            }
            over(conn, &*work, leased.id)?;
            Ok(state)
        });
        write.await
    }

    /// The work's own writes and that it is done, in one transaction.
    async fn finish(
        &self,
        job: &Job,
        write: Write,
        surroundings: Surroundings,
    ) -> Result<&'static str, Reason> {
        let (leased, work) = (job.clone(), Arc::clone(&self.work));
        let now = keepworth_store::now().naive_utc();
        let finished = self.db.write(move |conn| {
            let result = write(conn)?;
            let is_ours = table::finish(conn, &leased, &result, now).map_err(StoreError::from)?;
            if !is_ours {
                return Err(Unfinished::Lost);
            }
            Ok(over(conn, &*work, leased.id)?)
        });
        match surroundings.around(finished).await {
            Ok(()) => Ok("done"),
            Err(Unfinished::Lost) => Ok("lost"),
            Err(Unfinished::Failed(reason)) => Err(reason),
        }
    }
}

/// Tells of a job that is over; one that is tried again or was given back is not.
fn over(conn: &mut Conn, work: &dyn Work, id: RecordId) -> Result<(), StoreError> {
    let job = table::find(conn, id)?.filter(|job| job.state.is_over());
    job.map_or(Ok(()), |job| work.over(conn, &job))
}

/// For whom a job is done, who must still be allowed to have it done; nobody's is the service's own.
fn surroundings(job: &Job) -> Result<Surroundings, Reason> {
    let errand = job.errand();
    let errand =
        errand.map_err(|error| Reason::of_ours("internal_error", &error.to_string(), false))?;
    let Some(errand) = errand else {
        return Ok(Surroundings::default());
    };
    let permission = errand.permission;
    let operation = format!("job {} {}", job.kind.name(), job.id);
    errand
        .begin(operation)
        .ok_or_else(|| Reason::forbidden(permission))
}

/// Why the last transaction was rolled back.
enum Unfinished {
    Lost,
    Failed(Reason),
}

impl From<Reason> for Unfinished {
    fn from(reason: Reason) -> Self {
        Self::Failed(reason)
    }
}

impl From<StoreError> for Unfinished {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

type Worked = Result<Result<Write, Reason>, tokio::task::JoinError>;

fn ended(worked: Worked) -> Ending {
    match worked {
        Ok(Ok(write)) => Ending::Written(write),
        Ok(Err(reason)) => Ending::Failed(reason),
        Err(panic) => {
            tracing::error!(%panic, "a job broke off");
            let detail = "the logs have the reason under this job's id";
            Ending::Failed(Reason::of_ours("internal_error", detail, false))
        }
    }
}

/// Waits a little for work that was told to stop: it may just have come to its end.
async fn finish_or(mut working: JoinHandle<Result<Write, Reason>>, ending: Ending) -> Ending {
    match timeout(GRACE, &mut working).await {
        Ok(Ok(Ok(write))) if !matches!(ending, Ending::Lost) => Ending::Written(write),
        Ok(_) => ending,
        Err(_) => {
            working.abort();
            ending
        }
    }
}
