//! How a service is reached: its address, and what vouches for the caller.

use std::fmt;
use std::path::PathBuf;

use super::ClientError;

/// Where a service answers, and how it knows who asks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reach {
    /// Its address, without `/v1`.
    pub url: String,
    /// The socket beside its port, when it is on this machine: as long as it is there, requests go through
    /// it, and the kernel says who sends them.
    pub socket: Option<PathBuf>,
    /// What is shown to servers that are reached otherwise.
    pub token: Option<Token>,
    /// PEM file of the authorities whose certificates are believed; none is those that this system believes.
    pub ca_file: Option<PathBuf>,
}

impl From<&str> for Reach {
    fn from(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            ..Self::default()
        }
    }
}

/// A token, which no log shows.
#[derive(Clone, PartialEq, Eq)]
pub enum Token {
    /// The token itself.
    Text(String),
    /// A file that holds it, and may hold another the next time.
    File(PathBuf),
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(_) => f.write_str("Text(***)"),
            Self::File(path) => write!(f, "File({})", path.display()),
        }
    }
}

impl Token {
    /// The token as it is now.
    pub(super) fn read(&self) -> Result<String, ClientError> {
        match self {
            Self::Text(token) => Ok(token.clone()),
            Self::File(path) => {
                let token = std::fs::read_to_string(path);
                let token = token.map_err(|error| ClientError::Token {
                    path: path.clone(),
                    reason: error.to_string(),
                })?;
                Ok(token.trim().to_owned())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_not_shown_and_a_file_read_anew() {
        let shown = format!("{:?}", Token::Text("s3cret".into()));
        assert!(!shown.contains("s3cret"), "{shown}");
        let file = tempfile::NamedTempFile::new().unwrap();
        let token = Token::File(file.path().to_owned());
        for text in ["one\n", "two"] {
            std::fs::write(file.path(), text).unwrap();
            assert_eq!(token.read().unwrap(), text.trim());
        }
        drop(file);
        assert!(token.read().unwrap_err().to_string().contains("token"));
    }
}
