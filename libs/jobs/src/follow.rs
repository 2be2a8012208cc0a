//! Follows a job from change to change.

use std::time::Duration;

use keepworth_contract::Job;
use keepworth_intake::Failure;
use keepworth_store::RecordId;

use crate::{Jobs, Watch};

/// How long a follower hears nothing at most: whatever lies between would take it for dead.
const SILENCE: Duration = Duration::from_secs(15);

/// Follows a job until it is over.
pub struct Follower {
    jobs: Jobs,
    id: RecordId,
    watch: Watch,
    last: Option<Job>,
}

/// What a follower hears.
pub enum News {
    /// The job changed.
    Changed(Box<Job>),
    /// It did not.
    Nothing,
}

impl Follower {
    pub(crate) fn new(jobs: Jobs, watch: Watch, id: RecordId) -> Self {
        Self {
            jobs,
            id,
            watch,
            last: None,
        }
    }

    /// The next change, or that there was none for a while; nothing once the job is over.
    ///
    /// # Errors
    /// That the job is gone, and what the database answers.
    pub async fn next(&mut self) -> Result<Option<News>, Failure> {
        let is_over = |job: &Job| job.finished_at.is_some();
        if self.last.as_ref().is_some_and(is_over) {
            return Ok(None);
        }
        match tokio::time::timeout(SILENCE, self.change()).await {
            Ok(job) => job.map(|job| Some(News::Changed(Box::new(job)))),
            Err(_) => Ok(Some(News::Nothing)),
        }
    }

    async fn change(&mut self) -> Result<Job, Failure> {
        loop {
            let job = self.jobs.find(self.id).await?;
            if self.last.as_ref() != Some(&job) {
                self.last = Some(job.clone());
                return Ok(job);
            }
            self.watch.changed().await;
        }
    }
}
