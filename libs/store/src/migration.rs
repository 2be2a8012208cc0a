//! Embedded migrations, one tree per backend.

use diesel::pg::Pg;
use diesel::sqlite::Sqlite;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness};

use crate::{Conn, StoreError};

/// A service's schema history, for both backends.
#[derive(Clone, Copy)]
pub struct Migrations {
    /// Statements for SQLite.
    pub sqlite: fn() -> EmbeddedMigrations,
    /// Statements for PostgreSQL.
    pub postgres: fn() -> EmbeddedMigrations,
}

/// The advisory lock that lets one process migrate at a time.
const MIGRATION_LOCK: i64 = 0x6b65_6570;

impl Migrations {
    /// Applies what is pending and answers its names. On PostgreSQL one process does so at a time.
    ///
    /// # Errors
    /// [`StoreError::Migration`].
    pub(crate) fn run(&self, conn: &mut Conn) -> Result<Vec<String>, StoreError> {
        if let Conn::Pg(_) = conn {
            conn.batch(&format!("SELECT pg_advisory_lock({MIGRATION_LOCK})"))?;
        }
        let applied = match conn {
            Conn::Sqlite(c) => run_on::<Sqlite>(&mut **c, (self.sqlite)()),
            Conn::Pg(c) => run_on::<Pg>(&mut **c, (self.postgres)()),
        };
        if let Conn::Pg(_) = conn {
            conn.batch(&format!("SELECT pg_advisory_unlock({MIGRATION_LOCK})"))?;
        }
        applied
    }

    pub(crate) fn pending(&self, conn: &mut Conn) -> Result<Vec<String>, StoreError> {
        match conn {
            Conn::Sqlite(c) => names(c.pending_migrations((self.sqlite)())),
            Conn::Pg(c) => names(c.pending_migrations((self.postgres)())),
        }
    }

    /// Takes every migration back, newest first. For tests that prove each can be.
    ///
    /// # Errors
    /// [`StoreError::Migration`].
    pub fn revert_all(&self, conn: &mut Conn) -> Result<(), StoreError> {
        match conn {
            Conn::Sqlite(c) => c.revert_all_migrations((self.sqlite)()).map(|_| ()),
            Conn::Pg(c) => c.revert_all_migrations((self.postgres)()).map(|_| ()),
        }
        .map_err(failed)
    }
}

fn run_on<DB: diesel::backend::Backend>(
    conn: &mut impl MigrationHarness<DB>,
    migrations: EmbeddedMigrations,
) -> Result<Vec<String>, StoreError>
where
    EmbeddedMigrations: diesel::migration::MigrationSource<DB>,
{
    let applied = conn.run_pending_migrations(migrations).map_err(failed)?;
    Ok(applied.iter().map(ToString::to_string).collect())
}

type Found<DB> = diesel::migration::Result<Vec<Box<dyn diesel::migration::Migration<DB>>>>;

fn names<DB: diesel::backend::Backend>(found: Found<DB>) -> Result<Vec<String>, StoreError> {
    Ok(found
        .map_err(failed)?
        .iter()
        .map(|m| m.name().to_string())
        .collect())
}

#[expect(clippy::needless_pass_by_value, reason = "used with map_err")]
fn failed(reason: Box<dyn std::error::Error + Send + Sync>) -> StoreError {
    StoreError::Migration {
        reason: reason.to_string(),
    }
}
