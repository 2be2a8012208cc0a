//! Long work: ordered, and waited for.

use std::time::Duration;

use reqwest::{RequestBuilder, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Client, ClientError};
use crate::{Job, JobState};

/// The longest that a service is asked to hold an answer back.
pub(crate) const WAIT: Duration = Duration::from_secs(590);
/// Between two looks at a job.
const LOOK: Duration = Duration::from_millis(500);

/// Long work that was ordered.
#[derive(Debug, Clone)]
pub enum Ordered<T> {
    /// It was done in time.
    Done(Box<T>),
    /// It goes on, whoever waits for it.
    Underway(Box<Job>),
}

impl Client {
    /// Orders long work, and waits so long for it at the most.
    pub(crate) async fn order<A: DeserializeOwned>(
        &self,
        path: &[&str],
        body: &(impl Serialize + Sync),
        wait: Duration,
    ) -> Result<Ordered<A>, ClientError> {
        self.ordered(self.creating(path)?.json(body), wait).await
    }

    /// Orders long work on a text, such as a CSV file, and waits so long for it at the most.
    pub(crate) async fn order_text<A: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &(impl Serialize + Sync),
        content_type: &str,
        text: String,
        wait: Duration,
    ) -> Result<Ordered<A>, ClientError> {
        let request = self.creating(path)?.query(query);
        let request = request.header("content-type", content_type).body(text);
        self.ordered(request, wait).await
    }

    async fn ordered<A: DeserializeOwned>(
        &self,
        request: RequestBuilder,
        wait: Duration,
    ) -> Result<Ordered<A>, ClientError> {
        let request = request.header("prefer", format!("wait={}", wait.as_secs()));
        let response = self.send(request).await?;
        match response.status() {
            StatusCode::ACCEPTED => Ok(Ordered::Underway(Box::new(self.json(response).await?))),
            _ => Ok(Ordered::Done(Box::new(self.json(response).await?))),
        }
    }

    /// Waits until long work is done, however long it takes, and answers what came of it.
    ///
    /// # Errors
    /// [`ClientError`]; the job's own problem when it failed.
    pub(crate) async fn done<A: DeserializeOwned>(
        &self,
        ordered: Ordered<A>,
    ) -> Result<A, ClientError> {
        let mut job = match ordered {
            Ordered::Done(answer) => return Ok(*answer),
            Ordered::Underway(job) => *job,
        };
        while matches!(job.state, JobState::Queued | JobState::Running) {
            tokio::time::sleep(LOOK).await;
            job = self.get(&["jobs", &job.id.to_string()], &()).await?;
        }
        if let Some(problem) = job.problem {
            let (service, problem) = (self.service.clone(), Box::new(problem));
            return Err(ClientError::Problem { service, problem });
        }
        match job.result.as_deref().and_then(|it| it.strip_prefix("/v1/")) {
            Some(result) => self.get(&Vec::from_iter(result.split('/')), &()).await,
            None => Err(self.protocol(format!(
                "job {} ended {:?} without a result",
                job.id, job.state
            ))),
        }
    }
}
