//! Requests on their way: sent again where that can change nothing twice, and why they fail.

use std::time::Duration;

use keepworth_access::RequestIds;
use reqwest::{RequestBuilder, Response};
use serde::de::DeserializeOwned;

use super::{Client, ClientError};
use crate::Problem;

/// Pauses before a request is sent again.
const PAUSES: [Duration; 3] = [
    Duration::from_millis(100),
    Duration::from_millis(200),
    Duration::from_millis(400),
];
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

impl Client {
    /// Sends a request, and again where that can change nothing twice: a service that starts anew,
    /// or has too much to do, is there a moment later.
    pub(super) async fn send(&self, mut request: RequestBuilder) -> Result<Response, ClientError> {
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

    pub(super) async fn json<A: DeserializeOwned>(
        &self,
        response: Response,
    ) -> Result<A, ClientError> {
        let bytes = self.bytes(response).await?;
        serde_json::from_slice(&bytes).map_err(|error| self.protocol(error.to_string()))
    }

    /// An answer to its end.
    pub(super) async fn bytes(&self, response: Response) -> Result<Vec<u8>, ClientError> {
        let bytes = response.bytes().await;
        let bytes = bytes.map_err(|error| self.protocol(innermost(&error)))?;
        Ok(bytes.into())
    }

    pub(super) fn protocol(&self, reason: String) -> ClientError {
        ClientError::Protocol {
            service: self.service.clone(),
            reason,
        }
    }
}

/// The cause that says most: wrappers such as "error sending request" come first in the chain.
pub(super) fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
