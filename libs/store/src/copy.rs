//! Copies of embedded databases, all as of one moment, while services go on reading from them.

use std::path::Path;

use chrono::{DateTime, Utc};
use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::{Connection, RunQueryDsl, SqliteConnection};

use crate::db::unmark;
use crate::{Backend, Conn, Db, StoreError, on_conn};

/// A write lock, given back with the value.
struct Held(Conn);

impl Drop for Held {
    fn drop(&mut self) {
        if let Err(error) = on_conn!(&mut self.0, |c| {
            AnsiTransactionManager::rollback_transaction(c)
        }) {
            tracing::error!(%error, "a write lock could not be given back");
        }
    }
}

/// Copies each database to a file that is not there yet, and answers the moment that they are of. Nobody
/// writes to any of them meanwhile, so that the copies agree with each other.
///
/// # Errors
/// [`StoreError::Locked`] where a writer does not end in time; [`StoreError::Open`] for a database
/// that is none of SQLite; what the database answers.
pub fn copy_together(copies: &[(Db, &Path)]) -> Result<DateTime<Utc>, StoreError> {
    let mut held = Vec::new();
    for (db, _) in copies {
        if db.backend() != Backend::Sqlite {
            return Err(StoreError::Open {
                what: "copy".to_owned(),
                reason: "only SQLite databases are copied; use pg_dump".to_owned(),
            });
        }
        let mut writer = db.writer()?;
        writer.begin()?;
        held.push(Held(writer));
    }
    let moment = crate::now();
    for (db, to) in copies {
        copy(&mut db.reader()?, to)?;
    }
    Ok(moment)
}

fn copy(conn: &mut Conn, to: &Path) -> Result<(), StoreError> {
    let to = to.display().to_string();
    // A copy without free pages and without a log of its own.
    on_conn!(conn, |c| diesel::sql_query("VACUUM INTO ?")
        .bind::<diesel::sql_types::Text, _>(&to)
        .execute(c))?;
    // It is whole by itself, and the mark of what is in use was copied with the rest.
    let mut copied = SqliteConnection::establish(&to).map_err(|error| StoreError::Open {
        what: to.clone(),
        reason: error.to_string(),
    })?;
    Ok(unmark(&mut copied)?)
}

#[derive(diesel::QueryableByName)]
struct Finding {
    #[diesel(sql_type = diesel::sql_types::Text)]
    integrity_check: String,
}

/// Checks that a file is a whole SQLite database.
///
/// # Errors
/// [`StoreError::Open`] with what is wrong with it.
pub fn check_integrity(path: &Path) -> Result<(), StoreError> {
    let what = path.display().to_string();
    let broken = |reason: String| StoreError::Open {
        what: what.clone(),
        reason,
    };
    let mut conn = SqliteConnection::establish(&what).map_err(|it| broken(it.to_string()))?;
    let findings: Vec<Finding> = conn
        .batch_execute("PRAGMA query_only = ON")
        .and_then(|()| diesel::sql_query("PRAGMA integrity_check").load(&mut conn))
        .map_err(|it| broken(it.to_string()))?;
    match findings.first() {
        Some(first) if first.integrity_check == "ok" => Ok(()),
        first => Err(broken(first.map_or_else(
            || "it cannot be checked".to_owned(),
            |it| it.integrity_check.clone(),
        ))),
    }
}
