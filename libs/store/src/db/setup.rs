//! How connections are set up, and whether what they lead to takes writes.

use std::path::Path;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::r2d2::{CustomizeConnection, Error};
use diesel::{PgConnection, QueryResult, SqliteConnection};
use rustix::fs::{Access, access};
use rustix::io::Errno;

use crate::{Conn, StoreError};

/// With less room than this, writes are about to fail.
const LEAST_ROOM: u64 = 16 * 1024 * 1024;

#[derive(Debug)]
pub(super) struct SqliteSetup {
    pub(super) wait: Duration,
}

impl CustomizeConnection<SqliteConnection, Error> for SqliteSetup {
    fn on_acquire(&self, conn: &mut SqliteConnection) -> Result<(), Error> {
        set_up(conn, self.wait).map_err(Error::QueryError)
    }
}

pub(super) fn set_up(conn: &mut SqliteConnection, wait: Duration) -> QueryResult<()> {
    // `busy_timeout` first: the switch to WAL itself needs a lock. `FULL`: what is acknowledged is
    // on disk (with `NORMAL` a power failure takes the last transactions back).
    conn.batch_execute(&format!(
        "PRAGMA busy_timeout = {}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
         PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; PRAGMA cache_size = -65536;",
        wait.as_millis()
    ))
}

#[derive(Debug)]
pub(super) struct PgSetup {
    pub(super) wait: Duration,
    pub(super) statement: Duration,
}

impl CustomizeConnection<PgConnection, Error> for PgSetup {
    fn on_acquire(&self, conn: &mut PgConnection) -> Result<(), Error> {
        conn.batch_execute(&format!(
            "SET lock_timeout = {}; SET statement_timeout = {};",
            self.wait.as_millis(),
            self.statement.as_millis()
        ))
        .map_err(Error::QueryError)
    }
}

/// Whether the file can be written to, and there is room to.
///
/// It is asked for by its name: a process that opens and closes the file by itself gives away the locks that
/// SQLite has on it, and another process, taking itself for the last one, would remove the log from under
/// this one.
pub(super) fn check_file(path: &Path) -> Result<(), StoreError> {
    access(path, Access::WRITE_OK).map_err(|error| match error {
        Errno::ACCESS | Errno::PERM | Errno::ROFS => StoreError::ReadOnly,
        _ => StoreError::Open {
            what: path.display().to_string(),
            reason: error.to_string(),
        },
    })?;
    let disk = rustix::fs::statvfs(path).map_err(|error| StoreError::Open {
        what: path.display().to_string(),
        reason: error.to_string(),
    })?;
    if disk.f_bavail.saturating_mul(disk.f_frsize) < LEAST_ROOM {
        return Err(StoreError::DiskFull);
    }
    Ok(())
}

/// Whether the server is one that takes writes.
pub(super) fn check_primary(conn: &mut Conn) -> Result<(), StoreError> {
    use diesel::RunQueryDsl;
    #[derive(diesel::QueryableByName)]
    struct ReadOnly {
        #[diesel(sql_type = diesel::sql_types::Text)]
        transaction_read_only: String,
    }
    let Conn::Pg(c) = conn else { return Ok(()) };
    let found: ReadOnly = diesel::sql_query("SHOW transaction_read_only").get_result(&mut **c)?;
    if found.transaction_read_only == "on" {
        return Err(StoreError::ReadOnly);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use diesel::RunQueryDsl;

    use crate::{Db, DbOptions, StoreError, on_conn};

    #[derive(diesel::QueryableByName)]
    struct Level {
        #[diesel(sql_type = diesel::sql_types::Integer)]
        synchronous: i32,
    }

    #[tokio::test]
    async fn what_is_acknowledged_is_on_disk() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/data/a.db", folder.path().display());
        let db = Db::open(&url, &DbOptions::default()).unwrap();
        let level = db.write(|conn| {
            let level: Level = on_conn!(conn, |c| diesel::sql_query("PRAGMA synchronous")
                .get_result(c))?;
            Ok::<_, StoreError>(level.synchronous)
        });
        // 2 is FULL: every commit waits until the log is on disk.
        assert_eq!(level.await.unwrap(), 2);
    }

    #[test]
    fn a_file_that_is_away_or_cannot_be_written_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.db");
        let away = super::check_file(&file).unwrap_err();
        assert!(matches!(away, StoreError::Open { .. }), "{away}");
        std::fs::write(&file, "").unwrap();
        super::check_file(&file).unwrap();
    }
}
