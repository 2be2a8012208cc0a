//! Who does the jobs of a table: this process, or others.

use std::sync::Arc;
use std::time::Duration;

use keepworth_contract::JobKind;
use keepworth_store::{Db, RecordId, StoreError};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

use crate::worker::Slot;
use crate::{Job, Work, table};

/// How often the table is looked at where nobody says that something changed.
const POLL: Duration = Duration::from_millis(500);

/// Who does the jobs of a table. The table alone is the truth: an executor only spares waiting.
pub trait Executor: Send + Sync {
    /// Hears that a job was put into the table or cancelled there.
    fn wake(&self);

    /// Watches the table.
    fn watch(&self) -> Watch;
}

/// Says when something in the table may have changed.
#[derive(Debug)]
pub struct Watch(Option<watch::Receiver<()>>);

impl Watch {
    /// Waits for the next change, or for a moment.
    pub async fn changed(&mut self) {
        let heard = match &mut self.0 {
            Some(bell) => timeout(POLL, bell.changed())
                .await
                .is_ok_and(|it| it.is_ok()),
            None => false,
        };
        if !heard
            && self
                .0
                .as_ref()
                .is_none_or(|bell| bell.has_changed().is_err())
        {
            sleep(POLL).await;
        }
    }
}

/// Waits until a job is over, but no longer than `at_most`; answers it as it then stands. Whoever
/// waits may go away: the job goes on.
///
/// # Errors
/// What the database answers.
pub async fn wait(
    db: &Db,
    executor: &dyn Executor,
    id: RecordId,
    at_most: Duration,
) -> Result<Option<Job>, StoreError> {
    let until = Instant::now() + at_most;
    let mut watch = executor.watch();
    loop {
        let job: Result<_, StoreError> = db.read(move |conn| Ok(table::find(conn, id)?)).await;
        let job = job?;
        let is_over = job.as_ref().is_none_or(|job| job.state.is_over());
        let left = until.saturating_duration_since(Instant::now());
        if is_over || left.is_zero() {
            return Ok(job);
        }
        let _ = timeout(left, watch.changed()).await;
    }
}

/// Other processes lease from the same table: nothing is done here.
#[derive(Debug, Clone, Copy)]
pub struct Workers;

impl Executor for Workers {
    fn wake(&self) {}

    fn watch(&self) -> Watch {
        Watch(None)
    }
}

/// Jobs are done in this process, beside whatever else leases from the table.
#[derive(Debug, Clone)]
pub struct InProcess {
    /// Rings when there may be something to do.
    work: watch::Sender<()>,
    /// Rings when a job changed.
    change: watch::Sender<()>,
}

/// Kinds of job that share workers.
#[derive(Debug, Clone, Copy)]
pub struct Lane {
    /// Which jobs.
    pub kinds: &'static [JobKind],
    /// How many are done at once.
    pub at_once: usize,
}

impl Default for InProcess {
    fn default() -> Self {
        Self {
            work: watch::Sender::new(()),
            change: watch::Sender::new(()),
        }
    }
}

impl Executor for InProcess {
    fn wake(&self) {
        self.work.send_replace(());
        self.change.send_replace(());
    }

    fn watch(&self) -> Watch {
        Watch(Some(self.change.subscribe()))
    }
}

impl InProcess {
    /// Does jobs until `stop` is true or its sender is gone; then what is in work is given back.
    pub async fn run(
        &self,
        db: &Db,
        lanes: &[Lane],
        work: &Arc<dyn Work>,
        stop: &watch::Receiver<bool>,
    ) {
        let mut slots = tokio::task::JoinSet::new();
        for lane in lanes {
            for _ in 0..lane.at_once {
                let slot = Slot {
                    db: db.clone(),
                    kinds: lane.kinds,
                    worker: RecordId::generate(),
                    work: Arc::clone(work),
                    bell: self.work.subscribe(),
                    change: self.change.clone(),
                    stop: stop.clone(),
                };
                slots.spawn(slot.run());
            }
        }
        slots.join_all().await;
    }
}
