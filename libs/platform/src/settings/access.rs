//! Settings of who is let in.

use std::path::PathBuf;

use keepworth_access::Role;
use serde::{Deserialize, Serialize};

use super::own_port;

/// Who is let in.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Access {
    /// Folder for the sockets and tokens of servers on this machine; empty is the user's own.
    pub run_dir: PathBuf,
    /// A file with the token to show to servers on other machines, read anew for each request; empty is none.
    pub token_file: PathBuf,
    /// Let everybody in who reaches the port.
    pub insecure_open_to_all: bool,
    /// Who vouches for callers.
    #[serde(default)]
    pub issuers: Vec<Issuer>,
}

/// Somebody who signs tokens: an identity provider, a cluster, a pipeline.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issuer {
    /// As its tokens name it (`iss`).
    pub issuer: String,
    /// Where its keys are; empty is where it says itself, by OpenID Connect Discovery.
    #[serde(default)]
    pub jwks_url: String,
    /// For whom its tokens must be (`aud`).
    pub audience: String,
    /// PEM file of the authorities that are believed where keys are fetched; empty is those of the system.
    #[serde(default)]
    pub ca_file: PathBuf,
    /// A file with the token to show where keys are fetched; empty is none.
    #[serde(default)]
    pub token_file: PathBuf,
    /// Which of its tokens' claims give which role.
    pub grants: Vec<Grant>,
}

/// A role for those whose token says something.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// In which claim, such as `sub` or `groups`.
    pub claim: String,
    /// What it is, or has among others.
    pub value: String,
    /// The role.
    pub role: Role,
}

impl Issuer {
    /// What cannot be: the key within the issuer, and why.
    pub(super) fn fault(&self) -> Option<(&'static str, String)> {
        let empty = [("issuer", &self.issuer), ("audience", &self.audience)];
        if let Some((key, _)) = empty.into_iter().find(|(_, value)| value.is_empty()) {
            return Some((key, "is empty".to_owned()));
        }
        let (key, url) = match self.jwks_url.as_str() {
            "" => ("issuer", &self.issuer),
            _ => ("jwks_url", &self.jwks_url),
        };
        let is_safe = url.starts_with("https://") || own_port(url).is_some();
        (!is_safe).then(|| {
            let why = "is no https address; keys in clear text are anybody's";
            (key, format!("{why}: {url}"))
        })
    }
}
