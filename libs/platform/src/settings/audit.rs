//! Settings of the record of who did what.

use std::path::PathBuf;

use keepworth_access::sign::{KeyError, PublicKey};
use serde::{Deserialize, Serialize};

/// How the record of who did what is held fast.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Audit {
    /// The key that heads are signed with; empty is a file in the data folder.
    pub signing_key_file: PathBuf,
    /// Seconds between two signed heads.
    pub head_seconds: u64,
    /// Public keys that are believed besides those that were seen first, with commas between them.
    pub believed_keys: String,
}

impl Audit {
    /// What cannot be: the key of the settings, and why.
    pub(super) fn fault(&self) -> Option<(&'static str, String)> {
        if self.head_seconds == 0 {
            let why = "is 0; give at least 1 second".to_owned();
            return Some(("audit.head_seconds", why));
        }
        let wrong = self.keys().find_map(Result::err)?;
        Some((
            "audit.believed_keys",
            format!("has one that is none: {wrong}"),
        ))
    }

    /// Public keys that are believed besides those that were seen first.
    #[must_use]
    pub fn believed_keys(&self) -> Vec<PublicKey> {
        self.keys().filter_map(Result::ok).collect()
    }

    fn keys(&self) -> impl Iterator<Item = Result<PublicKey, KeyError>> {
        let texts = self.believed_keys.split(',').map(str::trim);
        texts.filter(|it| !it.is_empty()).map(str::parse)
    }
}
