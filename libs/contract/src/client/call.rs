//! What can be asked of a service, by method and form of the body.

use std::time::Duration;

use chrono::NaiveDate;
use reqwest::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::form::Form;
use super::{Client, ClientError, FeedReader};
use crate::ImportInput;
use crate::batch::{BatchOptions, BatchReport};
use crate::feed::FeedQuery;
use crate::rows::FeedRows;

#[derive(Serialize)]
struct BatchBody<'a, T> {
    #[serde(flatten)]
    options: &'a BatchOptions,
    items: &'a [T],
}

impl Client {
    /// Sends a batch to `/v1/{resource}:batch_upsert`; for records of which only a file says what kind
    /// they are. Records of a known kind have methods of their own.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn batch_upsert<T: Serialize + Sync>(
        &self,
        resource: &str,
        options: &BatchOptions,
        items: &[T],
    ) -> Result<BatchReport, ClientError> {
        let resource = format!("{resource}:batch_upsert");
        self.post(&[&resource], &BatchBody { options, items }).await
    }

    /// Sends `body` as JSON and reads the answer, under a key that makes it safe to be sent again.
    pub(crate) async fn post<A: DeserializeOwned>(
        &self,
        path: &[&str],
        body: &(impl Serialize + Sync),
    ) -> Result<A, ClientError> {
        let request = self.creating(path)?.json(body);
        self.json(self.send(request).await?).await
    }

    /// The same, saying why.
    pub(crate) async fn post_because<A: DeserializeOwned>(
        &self,
        path: &[&str],
        body: &(impl Serialize + Sync),
        reason: &str,
    ) -> Result<A, ClientError> {
        let request = self.creating(path)?.header("keepworth-reason", reason);
        self.json(self.send(request.json(body)).await?).await
    }

    /// Hands a file over, waits so long for what comes of it at the most, and reads how that stands.
    pub(crate) async fn upload<A: DeserializeOwned>(
        &self,
        path: &[&str],
        input: &ImportInput,
        wait: Duration,
    ) -> Result<A, ClientError> {
        let form = Form::of(input);
        let request = self.creating(path)?;
        let request = request.header("prefer", format!("wait={}", wait.as_secs()));
        let request = request.header("content-type", form.content_type());
        self.json(self.send(request.body(form.into_bytes())).await?)
            .await
    }

    /// Replaces what is at `path` by `body` as JSON and reads the answer.
    pub(crate) async fn put<A: DeserializeOwned>(
        &self,
        path: &[&str],
        body: &(impl Serialize + Sync),
    ) -> Result<A, ClientError> {
        let request = self.request(Method::PUT, path)?.json(body);
        self.json(self.send(request).await?).await
    }

    /// Replaces what is at `path` and of that version, where one is there.
    pub(crate) async fn put_version<A: DeserializeOwned>(
        &self,
        path: &[&str],
        body: &(impl Serialize + Sync),
        version: Option<&str>,
    ) -> Result<A, ClientError> {
        let mut request = self.request(Method::PUT, path)?.json(body);
        if let Some(version) = version {
            request = request.header("if-match", version);
        }
        self.json(self.send(request).await?).await
    }

    /// The same, saying why.
    pub(crate) async fn put_version_because<A: DeserializeOwned>(
        &self,
        path: &[&str],
        body: &(impl Serialize + Sync),
        version: &str,
        reason: &str,
    ) -> Result<A, ClientError> {
        let request = self.request(Method::PUT, path)?.json(body);
        let request = request.header("if-match", version);
        let request = request.header("keepworth-reason", reason);
        self.json(self.send(request).await?).await
    }

    /// Removes what is at `path` and reads what it was.
    pub(crate) async fn delete<A: DeserializeOwned>(
        &self,
        path: &[&str],
    ) -> Result<A, ClientError> {
        let request = self.request(Method::DELETE, path)?;
        self.json(self.send(request).await?).await
    }

    /// Removes what is at `path`.
    pub(crate) async fn remove(&self, path: &[&str]) -> Result<(), ClientError> {
        let request = self.request(Method::DELETE, path)?;
        self.send(request).await.map(|_| ())
    }

    /// Reads JSON.
    pub(crate) async fn get<A: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &(impl Serialize + Sync),
    ) -> Result<A, ClientError> {
        let request = self.request(Method::GET, path)?.query(query);
        self.json(self.send(request).await?).await
    }

    /// Reads a file of a kind.
    pub(crate) async fn fetch(
        &self,
        path: &[&str],
        media_type: &str,
    ) -> Result<Vec<u8>, ClientError> {
        let request = self.request(Method::GET, path)?;
        let response = self.send(request.header("accept", media_type)).await?;
        self.bytes(response).await
    }

    /// The rows of a feed that a query asks for.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn rows<T: DeserializeOwned + Send + 'static>(
        &self,
        feed: &str,
        query: &(impl Serialize + Sync),
    ) -> Result<FeedRows<T>, ClientError> {
        let request = self.request(Method::GET, &["feed", feed])?;
        let response = self.send(request.query(query)).await?;
        let reader = FeedReader::open(self.service.clone(), feed, response).await?;
        Ok(FeedRows::new(reader))
    }

    /// Opens a feed as of a day.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn feed(&self, feed: &str, as_of: NaiveDate) -> Result<FeedReader, ClientError> {
        let request = self.request(Method::GET, &["feed", feed])?;
        let response = self.send(request.query(&FeedQuery { as_of })).await?;
        FeedReader::open(self.service.clone(), feed, response).await
    }
}
