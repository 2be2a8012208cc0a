//! What a worker is handed, and what it gives back.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use keepworth_access::{Permission, Surroundings};
use keepworth_contract::Problem;
use keepworth_intake::Failure;
use keepworth_store::{Conn, StoreError};
use tokio::sync::Notify;

use crate::{Job, cancelled};

/// Knows how to do jobs.
pub trait Work: Send + Sync + 'static {
    /// Does a job, without writing anything: what is to be written is answered, and written in the one
    /// transaction that says that the job is done. It ends soon after the task is stopped.
    fn run(&self, task: Task) -> Working;

    /// Hears that a job is over, done or not, in the transaction that says so: what others must hear of it is
    /// written with it or not at all.
    ///
    /// # Errors
    /// What the database answers; then the job is not over.
    fn over(&self, conn: &mut Conn, job: &Job) -> Result<(), StoreError> {
        let _ = (conn, job);
        Ok(())
    }

    /// Where what came of a job can be asked for, as a path; none of one that is not done.
    fn result(&self, job: &Job) -> Option<String>;
}

/// Work on its way.
pub type Working = Pin<Box<dyn Future<Output = Result<Write, Reason>> + Send>>;

/// The work's own writes; answers the job's result.
pub type Write = Box<dyn FnOnce(&mut Conn) -> Result<String, Reason> + Send>;

/// Why an attempt failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {}", .problem.code, .problem.detail.as_deref().unwrap_or(&.problem.title))]
pub struct Reason {
    /// What to tell who asked for it.
    pub problem: Box<Problem>,
    /// Whether another attempt may succeed.
    pub may_pass: bool,
}

impl From<StoreError> for Reason {
    fn from(error: StoreError) -> Self {
        let may_pass = matches!(
            error,
            StoreError::Locked
                | StoreError::Unavailable { .. }
                | StoreError::UnknownFate
                | StoreError::DiskFull
        );
        tracing::error!(%error, "a job's database");
        Self::of_ours("database_unavailable", &error.to_string(), may_pass)
    }
}

impl Reason {
    /// Who ordered it may no longer.
    pub(crate) fn forbidden(permission: Permission) -> Self {
        let problem = Box::new(Problem {
            r#type: "/problems/forbidden".to_owned(),
            title: "The caller may not".to_owned(),
            status: 403,
            detail: Some(format!(
                "who ordered it has no longer the permission {permission}; order it anew"
            )),
            code: "forbidden".to_owned(),
            request_id: None,
            invalid_params: Vec::new(),
        });
        Self {
            problem,
            may_pass: false,
        }
    }

    /// Something broke on our side.
    pub(crate) fn of_ours(code: &str, detail: &str, may_pass: bool) -> Self {
        let problem = Box::new(Problem {
            r#type: format!("/problems/{code}"),
            title: "Something broke on our side".to_owned(),
            status: if may_pass { 503 } else { 500 },
            detail: Some(detail.to_owned()),
            code: code.to_owned(),
            request_id: None,
            invalid_params: Vec::new(),
        });
        Self { problem, may_pass }
    }
}

/// A job in work: what to do, how far it is, whether to stop.
#[derive(Debug, Clone)]
pub struct Task {
    /// What to do.
    pub job: Job,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    done: AtomicU64,
    total: AtomicU64,
    is_stopped: AtomicBool,
    stopped: Notify,
}

impl Task {
    pub(crate) fn new(job: Job) -> Self {
        let shared = Arc::default();
        Self { job, shared }
    }

    /// Says how far it is, from any thread; it never goes back.
    pub fn report(&self, done: u64, total: u64) {
        self.shared.done.fetch_max(done, Ordering::Relaxed);
        self.shared.total.store(total, Ordering::Relaxed);
    }

    pub(crate) fn progress(&self) -> (i64, i64) {
        let read = |it: &AtomicU64| i64::try_from(it.load(Ordering::Relaxed)).unwrap_or(i64::MAX);
        (read(&self.shared.done), read(&self.shared.total))
    }

    /// True as soon as the work shall stop.
    #[must_use]
    pub fn stop_flag(&self) -> &AtomicBool {
        &self.shared.is_stopped
    }

    /// Does work that takes its thread for long on one of its own, until it is done or shall stop: the task's
    /// own thread has heartbeats to send.
    ///
    /// # Errors
    /// What the work answers, and that it was told to stop.
    pub async fn apart<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, Failure>> + Send + 'static,
    ) -> Result<T, Failure> {
        let (task, here) = (self.clone(), Surroundings::current());
        let handle = tokio::runtime::Handle::current();
        let work = move || {
            handle.block_on(here.around(async {
                tokio::select! {
                    done = work => done,
                    () = task.stopped() => Err(cancelled()),
                }
            }))
        };
        let done = tokio::task::spawn_blocking(work).await;
        done.map_err(Failure::internal)?
    }

    /// Waits until the work shall stop.
    pub async fn stopped(&self) {
        let notified = self.shared.stopped.notified();
        tokio::pin!(notified);
        notified.as_mut().enable();
        if !self.shared.is_stopped.load(Ordering::Acquire) {
            notified.await;
        }
    }

    pub(crate) fn stop(&self) {
        self.shared.is_stopped.store(true, Ordering::Release);
        self.shared.stopped.notify_waiters();
    }
}
