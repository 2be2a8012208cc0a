//! Typed clients of the services.

mod courier;
mod error;
mod feed_reader;
mod fetcher;
mod form;
mod heads;
mod http;
mod imports;
mod reach;
mod sessions;
mod subject;
#[cfg(test)]
mod tests;
mod tokens;

use std::path::PathBuf;
use std::time::Duration;

use chrono::NaiveDate;
use keepworth_access::RequestIds;
use reqwest::{Method, RequestBuilder, Response, StatusCode, Url};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::batch::{BatchOptions, BatchReport};
use crate::feed::FeedQuery;
use crate::rows::FeedRows;
use crate::{ImportInput, Job, JobState, Problem};

use form::Form;

pub use courier::{Courier, TargetError, check_target};
pub use error::ClientError;
pub use feed_reader::{FeedReader, TRAILER_START};
pub use fetcher::Fetcher;
pub use heads::HeadsClient;
pub use reach::{Reach, Token};

/// Makes the client of a service: a method for each operation of its contract, by the operation's id.
macro_rules! client {
    (
        $(#[$doc:meta])*
        $client:ident of $service:literal;
        $(
            $(#[$about:meta])*
            $name:ident($($arg:ident: $kind:ty),*) -> $answer:ty = $how:ident($($with:expr),*);
        )*
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $client($crate::client::Client);

        impl $client {
            /// The operations of the contract that it has a method for.
            pub const OPERATIONS: &'static [&'static str] = &[$(stringify!($name)),*];

            /// A client of the service.
            ///
            /// # Errors
            /// [`ClientError`](crate::client::ClientError) when the HTTP client cannot be set up.
            pub fn new(
                reach: impl Into<$crate::client::Reach>,
            ) -> Result<Self, $crate::client::ClientError> {
                $crate::client::Client::new($service, reach).map(Self)
            }

            $(
                $(#[$about])*
                ///
                /// # Errors
                /// [`ClientError`](crate::client::ClientError).
                pub async fn $name(
                    &self,
                    $($arg: $kind),*
                ) -> Result<$answer, $crate::client::ClientError> {
                    self.0.$how($($with),*).await
                }
            )*
        }
    };
}
pub(crate) use client;

/// A service of Keepworth, reached over HTTP.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    /// The socket that is used as long as it is there.
    socket: Option<(reqwest::Client, PathBuf)>,
    token: Option<Token>,
    service: String,
    base_url: String,
}

/// Pauses before a request is sent again.
const PAUSES: [Duration; 3] = [
    Duration::from_millis(100),
    Duration::from_millis(200),
    Duration::from_millis(400),
];
/// The longest that a service is asked to hold an answer back.
pub(crate) const WAIT: Duration = Duration::from_secs(590);
/// Between two looks at a job.
const LOOK: Duration = Duration::from_millis(500);
/// The longest pause that a service may ask for: who is asked for more hears of it instead.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// A request that was not done.
enum Failed {
    /// It was answered so.
    Answered(Response),
    /// Nothing answered.
    Unreachable(String),
    /// Something answered that is not believed to be the service.
    Untrusted(String),
}

impl Failed {
    /// Why nothing was answered.
    fn unanswered(error: &reqwest::Error) -> Self {
        let reason = innermost(error);
        if reason.contains("certificate") {
            Self::Untrusted(reason)
        } else {
            Self::Unreachable(reason)
        }
    }

    /// Whether it may be done a moment later.
    fn may_pass(&self) -> bool {
        match self {
            Self::Answered(response) => matches!(response.status().as_u16(), 429 | 503),
            Self::Unreachable(_) => true,
            Self::Untrusted(_) => false,
        }
    }

    /// The pause that the service asks for.
    fn asked_pause(&self) -> Option<Duration> {
        let Self::Answered(response) = self else {
            return None;
        };
        let seconds = response.headers().get("retry-after")?.to_str().ok()?;
        Some(Duration::from_secs(seconds.parse().ok()?))
    }

    /// How long to wait before it is sent again; nothing where that is no use, or would take too long.
    fn pause(&self, usual: Duration) -> Option<Duration> {
        let pause = self.asked_pause().unwrap_or(usual);
        Some(pause).filter(|it| self.may_pass() && *it <= LONGEST_PAUSE)
    }
}

/// Long work that was ordered.
#[derive(Debug, Clone)]
pub enum Ordered<T> {
    /// It was done in time.
    Done(Box<T>),
    /// It goes on, whoever waits for it.
    Underway(Box<Job>),
}

#[derive(Serialize)]
struct BatchBody<'a, T> {
    #[serde(flatten)]
    options: &'a BatchOptions,
    items: &'a [T],
}

impl Client {
    /// A client of `service`.
    ///
    /// # Errors
    /// [`ClientError::Authorities`] for a file of authorities that cannot be used, [`ClientError::Setup`] when
    /// the HTTP client cannot be set up.
    pub fn new(service: &str, reach: impl Into<Reach>) -> Result<Self, ClientError> {
        let reach = reach.into();
        let over = |socket: PathBuf| Ok((http::over(&socket)?, socket));
        Ok(Self {
            http: http::believing(reach.ca_file.as_deref())?,
            socket: reach.socket.map(over).transpose()?,
            token: reach.token,
            service: service.to_owned(),
            base_url: reach.url.trim_end_matches('/').to_owned(),
        })
    }

    /// A request of `path`, on the line that leads to the service now: it may have been started since.
    fn request(&self, method: Method, path: &[&str]) -> Result<RequestBuilder, ClientError> {
        let mut address = self.address(path)?;
        let http = match &self.socket {
            Some((http, socket)) if socket.exists() => {
                // What never leaves the machine is not encrypted: the kernel says who is at the other end.
                let _ = address.set_scheme("http");
                http
            }
            _ => &self.http,
        };
        Ok(http.request(method, address))
    }

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

    /// The rows of a feed that a query asks for.
    pub(crate) async fn rows<T>(
        &self,
        feed: &str,
        query: &(impl Serialize + Sync),
    ) -> Result<FeedRows<T>, ClientError> {
        let request = self.request(Method::GET, &["feed", feed])?;
        let response = self.send(request.query(query)).await?;
        let reader = FeedReader::open(self.service.clone(), feed, response).await?;
        Ok(FeedRows::new(reader))
    }

    /// A request that creates something, under a key of its own: sent again, it creates nothing more.
    fn creating(&self, path: &[&str]) -> Result<RequestBuilder, ClientError> {
        let key = Uuid::new_v4().to_string();
        let request = self.request(Method::POST, path)?;
        Ok(request.header("idempotency-key", key))
    }

    /// Where the contract has `path`; each part may be any text.
    fn address(&self, path: &[&str]) -> Result<Url, ClientError> {
        // An address leaves these out, and is then that of something else.
        if let Some(segment) = path.iter().find(|it| matches!(**it, "" | "." | "..")) {
            let segment = (*segment).to_owned();
            return Err(ClientError::Address { segment });
        }
        let wrong = |reason: &dyn std::fmt::Display| ClientError::Unreachable {
            service: self.service.clone(),
            url: self.base_url.clone(),
            reason: reason.to_string(),
        };
        let mut address = Url::parse(&self.base_url).map_err(|error| wrong(&error))?;
        match address.path_segments_mut() {
            Ok(mut segments) => segments.pop_if_empty().push("v1").extend(path),
            Err(()) => return Err(wrong(&"it is no address of a service")),
        };
        Ok(address)
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

    /// Sends a request, and again where that can change nothing twice: a service that starts anew,
    /// or has too much to do, is there a moment later.
    async fn send(&self, mut request: RequestBuilder) -> Result<Response, ClientError> {
        if let Some(token) = &self.token {
            request = request.bearer_auth(token.read()?);
        }
        let ids = RequestIds::current();
        for (name, value) in ids.iter().flat_map(RequestIds::headers) {
            request = request.header(name, value);
        }
        let mut pauses = PAUSES.into_iter();
        loop {
            let again = request.try_clone();
            let failed = match request.send().await {
                Ok(response) if response.status().is_success() => return Ok(response),
                Ok(response) => Failed::Answered(response),
                Err(error) => Failed::unanswered(&error),
            };
            let pause = pauses.next().and_then(|usual| failed.pause(usual));
            match (again, pause) {
                (Some(again), Some(pause)) => {
                    tokio::time::sleep(pause).await;
                    request = again;
                }
                _ => return Err(self.failure(failed).await),
            }
        }
    }

    async fn failure(&self, failed: Failed) -> ClientError {
        let (service, url) = (self.service.clone(), self.base_url.clone());
        let response = match failed {
            Failed::Answered(response) => response,
            Failed::Unreachable(reason) => {
                return ClientError::Unreachable {
                    service,
                    url,
                    reason: self.with_socket(reason),
                };
            }
            Failed::Untrusted(reason) => {
                return ClientError::Untrusted {
                    service,
                    url,
                    reason,
                };
            }
        };
        let status = response.status();
        match response.json::<Problem>().await {
            Ok(problem) => ClientError::Problem {
                service,
                problem: Box::new(problem),
            },
            Err(_) => self.protocol(format!("status {status} without a problem document")),
        }
    }

    /// Why nothing answered: a server that was killed leaves its socket behind, and whoever then listens on its
    /// port is not asked, since it may be anybody.
    fn with_socket(&self, reason: String) -> String {
        match &self.socket {
            Some((_, socket)) if socket.exists() => format!(
                "{reason} at {}; where that is left of a server that was killed, remove it",
                socket.display()
            ),
            _ => reason,
        }
    }

    async fn json<A: DeserializeOwned>(&self, response: Response) -> Result<A, ClientError> {
        let bytes = response
            .bytes()
            .await
            .map_err(|error| self.protocol(innermost(&error)))?;
        serde_json::from_slice(&bytes).map_err(|error| self.protocol(error.to_string()))
    }

    fn protocol(&self, reason: String) -> ClientError {
        ClientError::Protocol {
            service: self.service.clone(),
            reason,
        }
    }
}

/// The cause that says most: wrappers such as "error sending request" come first in the chain.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
