//! Small documents of others, such as the keys of an identity provider.

use std::path::Path;
use std::time::Duration;

use reqwest::StatusCode;
use serde::de::DeserializeOwned;

use super::{ClientError, Token, http, innermost};

/// Time for the whole of a document.
const TIMEOUT: Duration = Duration::from_secs(5);
/// The longest document, in bytes.
const LONGEST: usize = 1024 * 1024;

/// Fetches small documents.
#[derive(Debug, Clone)]
pub struct Fetcher {
    http: reqwest::Client,
    token: Option<Token>,
}

impl Fetcher {
    /// Believes the authorities of `ca_file`, or those of the system, and shows a token where there is one.
    ///
    /// # Errors
    /// [`ClientError`] when the file cannot be used.
    pub fn new(ca_file: Option<&Path>, token: Option<Token>) -> Result<Self, ClientError> {
        let http = http::believing(ca_file)?;
        Ok(Self { http, token })
    }

    /// Fetches a document of JSON.
    ///
    /// # Errors
    /// In words, why there is none.
    pub async fn json<T: DeserializeOwned>(&self, url: &str) -> Result<T, String> {
        let mut request = self.http.get(url).timeout(TIMEOUT);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token.read().map_err(|error| error.to_string())?);
        }
        let why = |error: reqwest::Error| format!("{url}: {}", innermost(&error));
        let mut answer = request.send().await.map_err(why)?;
        if answer.status() != StatusCode::OK {
            return Err(format!("{url} answered {}", answer.status()));
        }
        let mut document = Vec::new();
        while let Some(piece) = answer.chunk().await.map_err(why)? {
            if document.len() + piece.len() > LONGEST {
                return Err(format!("{url} has more than {LONGEST} bytes"));
            }
            document.extend_from_slice(&piece);
        }
        serde_json::from_slice(&document).map_err(|error| format!("{url}: {error}"))
    }
}
