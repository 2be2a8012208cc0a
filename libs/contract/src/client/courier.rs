//! Events on their way to webhooks.

use std::net::Ipv4Addr;
use std::time::Duration;

use reqwest::{Client, Url};

use super::{ClientError, http, innermost};

/// Time for the whole of a delivery.
const TIMEOUT: Duration = Duration::from_secs(15);

/// Why events cannot be sent to an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// It cannot be read.
    #[error("`{0}` is no address ({1}); give one such as https://hooks.example.com/keepworth")]
    Unreadable(String, String),
    /// What is sent could be read on the way.
    #[error(
        "`{0}` is neither https nor http on the service's own machine (127.0.0.1, [::1], localhost); give an https address"
    )]
    Exposed(String),
    /// It names somebody, and whoever lists webhooks would read the password.
    #[error("it holds a name or a password; leave them out, the receiver checks the signature")]
    Credentials,
}

/// Whether events may be sent to an address: nobody on the way shall read or change them.
///
/// # Errors
/// Why not.
pub fn check_target(url: &str) -> Result<(), TargetError> {
    let parsed = Url::parse(url)
        .map_err(|error| TargetError::Unreadable(url.to_owned(), error.to_string()))?;
    if !parsed.username().is_empty() || parsed.password().is_some() {
        return Err(TargetError::Credentials);
    }
    let host = parsed.host_str().unwrap_or_default();
    let is_here = matches!(host, "localhost" | "[::1]")
        || host.parse().is_ok_and(|it: Ipv4Addr| it.is_loopback());
    match parsed.scheme() {
        "https" => Ok(()),
        "http" if is_here => Ok(()),
        _ => Err(TargetError::Exposed(url.to_owned())),
    }
}

/// Brings small documents to addresses of others, and follows nobody elsewhere.
#[derive(Debug, Clone)]
pub struct Courier {
    http: Client,
}

impl Courier {
    /// Believes the authorities of the system.
    ///
    /// # Errors
    /// [`ClientError::Setup`] when no HTTP client can be set up.
    pub fn new() -> Result<Self, ClientError> {
        let http = http::staying()?;
        Ok(Self { http })
    }

    /// Posts a document under headers; answers the status of what came back, which is not read.
    ///
    /// # Errors
    /// In words that name no address, why nothing came back.
    pub async fn post(
        &self,
        url: &str,
        headers: &[(&str, String)],
        document: String,
    ) -> Result<u16, String> {
        let mut request = self.http.post(url).timeout(TIMEOUT).body(document);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        match request.send().await {
            Ok(answer) => Ok(answer.status().as_u16()),
            Err(error) if error.is_timeout() => {
                Err(format!("no answer within {} seconds", TIMEOUT.as_secs()))
            }
            Err(error) => Err(innermost(&error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_is_encrypted_or_stays_on_the_machine() {
        for good in [
            "https://hooks.example.com/a?b=c",
            "https://10.0.0.7:8443/",
            "http://127.0.0.1:9000/hook",
            "http://[::1]/",
            "http://localhost:80",
        ] {
            assert_eq!(check_target(good), Ok(()), "{good}");
        }
        for exposed in [
            "http://hooks.example.com/",
            "http://127.0.0.1.example.com/",
            "http://10.0.0.7/",
            "ftp://127.0.0.1/",
            "file:///etc/passwd",
        ] {
            assert!(
                matches!(check_target(exposed), Err(TargetError::Exposed(_))),
                "{exposed}"
            );
        }
        assert_eq!(
            check_target("https://me:pw@host/"),
            Err(TargetError::Credentials)
        );
        assert!(matches!(
            check_target("hooks"),
            Err(TargetError::Unreadable(..))
        ));
    }
}
