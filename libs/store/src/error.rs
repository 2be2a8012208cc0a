//! What can go wrong between a service and its database.

use diesel::result::{DatabaseErrorKind, DeserializeFieldError, Error as DieselError};

use crate::TlsError;
use crate::named::UnknownWord;

/// A database error, sorted by what a caller can do about it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The URL names no supported database.
    #[error("database URL starts with `{scheme}:`; use sqlite://PATH or postgres://USER@HOST/NAME")]
    Url {
        /// The scheme found.
        scheme: String,
    },
    /// The file that holds the URL cannot be read.
    #[error(
        "the database's URL cannot be read from `{}`: {reason}; database_url_file names a file that holds it and nothing else",
        file.display()
    )]
    UrlFile {
        /// The file.
        file: std::path::PathBuf,
        /// The system's reason.
        reason: String,
    },
    /// The file or server cannot be opened.
    #[error("cannot open database `{what}`: {reason}")]
    Open {
        /// A path or a host, never with credentials.
        what: String,
        /// The database's reason.
        reason: String,
    },
    /// A file that was in use when it was copied, without the log that is part of it.
    #[error(
        "`{0}` was in use when it was copied, and `{0}-wal`, which has what was written last, is not beside it; \
         copy the whole folder while the service is stopped, or use `keepworth backup` and `keepworth restore`. If \
         another tool wrote the log into the file, so that it is known to be whole: sqlite3 '{0}' \
         'PRAGMA application_id = 0'",
        path.display()
    )]
    Lone {
        /// The file.
        path: std::path::PathBuf,
    },
    /// Others than the owner can read the data.
    #[error("others can read `{0}`; keep them out: chmod -R go= '{0}'", path.display())]
    Exposed {
        /// The file or folder.
        path: std::path::PathBuf,
    },
    /// What belongs to the database and is not in it cannot be read or written.
    #[error(
        "`{}` cannot be used: {reason}; erasure.key_file and erasure.noted_dir say where the secret and the notes of \
         erasures are", path.display()
    )]
    Beside {
        /// The file.
        path: std::path::PathBuf,
        /// Why.
        reason: String,
    },
    /// The server would not be reached as safely as is asked for.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// What answers is not believed to be the server, or does not encrypt.
    #[error(
        "the database's server is not believed: {reason}; database.ca_file names who signs its certificate, that is for the host in the URL, and the server has `ssl = on`"
    )]
    Untrusted {
        /// libpq's reason.
        reason: String,
    },
    /// No connection came free in time, or the server is away.
    #[error("database unavailable: {reason}; try again shortly")]
    Unavailable {
        /// The pool's reason.
        reason: String,
    },
    /// Another process holds the database.
    #[error("database is locked by another process; stop it or try again shortly")]
    Locked,
    /// The database does not accept writes.
    #[error(
        "database is read-only; check the file's permissions, the disk, or that the URL names the primary"
    )]
    ReadOnly,
    /// The connection was lost while a transaction was being committed.
    #[error(
        "the database went away during the commit: whether it was written is not known; send it again, nothing is written twice"
    )]
    UnknownFate,
    /// There is no room to write.
    #[error("the disk of the database is full; make room")]
    DiskFull,
    /// The schema has migrations that this version of the program does not know.
    #[error(
        "the database has migrations of a newer Keepworth ({}); run that version, or restore a backup of before",
        .0.join(", ")
    )]
    Newer(Vec<String>),
    /// A sum of stored figures does not fit.
    #[error("a sum exceeds 9·10¹⁸; correct the record that is in a wrong unit")]
    Overflow,
    /// The schema could not be brought up to date.
    #[error("migration failed: {reason}")]
    Migration {
        /// The database's reason.
        reason: String,
    },
    /// A row with the same key exists.
    #[error("a record with the same {0} exists")]
    Duplicate(UniqueKey),
    /// A stored name is none of its set.
    #[error(
        "`{table}.{column}` holds `{word}`, a word that this release does not know; run the release that \
         wrote it, or correct the row"
    )]
    UnknownWord {
        /// The table.
        table: &'static str,
        /// The column.
        column: String,
        /// What it holds.
        word: String,
    },
    /// Any other answer of the database.
    #[error(transparent)]
    Query(DieselError),
}

/// The constraint that a duplicate violated: PostgreSQL names it, SQLite lists its columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UniqueKey(pub String);

impl std::fmt::Display for UniqueKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl StoreError {
    /// The same, where it is what a commit answered.
    pub(crate) fn of_commit(self) -> Self {
        match self {
            Self::Unavailable { .. } => Self::UnknownFate,
            other => other,
        }
    }

    pub(crate) fn closed() -> Self {
        Self::Unavailable {
            reason: "shutting down".to_owned(),
        }
    }
}

impl From<DieselError> for StoreError {
    fn from(error: DieselError) -> Self {
        let DieselError::DatabaseError(kind, info) = &error else {
            return unknown_word(&error).unwrap_or(Self::Query(error));
        };
        let message = info.message();
        match kind {
            DatabaseErrorKind::UniqueViolation => {
                Self::Duplicate(UniqueKey(info.constraint_name().map_or_else(
                    || {
                        message
                            .trim_start_matches("UNIQUE constraint failed: ")
                            .to_owned()
                    },
                    str::to_owned,
                )))
            }
            DatabaseErrorKind::ReadOnlyTransaction => Self::ReadOnly,
            DatabaseErrorKind::ClosedConnection => Self::Unavailable {
                reason: message.to_owned(),
            },
            _ => by_words(message).unwrap_or(Self::Query(error)),
        }
    }
}

/// What a [`Named`](crate::Named) column could not read.
fn unknown_word(error: &DieselError) -> Option<StoreError> {
    let DieselError::DeserializationError(error) = error else {
        return None;
    };
    let field = error.downcast_ref::<DeserializeFieldError>()?;
    let unknown = field.error.downcast_ref::<UnknownWord>()?;
    Some(StoreError::UnknownWord {
        table: unknown.table,
        column: field.field_name.clone().unwrap_or_default(),
        word: unknown.word.clone(),
    })
}

/// What diesel does not sort, by the words of the databases.
fn by_words(message: &str) -> Option<StoreError> {
    let says = |words: &[&str]| words.iter().any(|it| message.contains(it));
    if says(&["database is locked", "due to lock timeout"]) {
        Some(StoreError::Locked)
    } else if says(&["readonly database"]) {
        Some(StoreError::ReadOnly)
    } else if says(&["disk is full", "No space left on device"]) {
        Some(StoreError::DiskFull)
    } else if says(&["integer overflow", "bigint out of range"]) {
        Some(StoreError::Overflow)
    } else if says(&["server closed the connection", "terminating connection"]) {
        let reason = message.trim().to_owned();
        Some(StoreError::Unavailable { reason })
    } else if says(&["due to statement timeout"]) {
        let reason = "a statement took longer than database.statement_seconds".to_owned();
        Some(StoreError::Unavailable { reason })
    } else {
        None
    }
}

impl From<diesel::r2d2::PoolError> for StoreError {
    fn from(error: diesel::r2d2::PoolError) -> Self {
        let reason = error.to_string();
        if reason.contains("SSL") || reason.contains("certificate") {
            Self::Untrusted { reason }
        } else {
            Self::Unavailable { reason }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_commit_is_told_from_one_that_failed() {
        let lost = by_words("server closed the connection unexpectedly").unwrap();
        assert!(matches!(lost.of_commit(), StoreError::UnknownFate));
        let full = by_words("database or disk is full").unwrap();
        assert!(matches!(full.of_commit(), StoreError::DiskFull));
        assert!(by_words("syntax error").is_none());
    }
}
