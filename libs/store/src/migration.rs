//! Embedded migrations, one tree per backend.

use diesel::RunQueryDsl;
use diesel::connection::SimpleConnection;
use diesel::migration::{MigrationSource, MigrationVersion};
use diesel::pg::{Pg, PgConnection};
use diesel::sqlite::Sqlite;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness};

use crate::conn::Lock;
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
        match conn {
            // Whoever comes second waits here, and finds everything done.
            Conn::Sqlite(c) => c.immediate_transaction(|c| run_on::<Sqlite>(c, (self.sqlite)())),
            Conn::Pg(c) => {
                wait_for_others(c)?;
                // A statement of a migration may take as long as it takes.
                let usual: Timeout =
                    diesel::sql_query("SHOW statement_timeout").get_result(&mut **c)?;
                c.batch_execute("SET statement_timeout = 0")?;
                let applied = run_on::<Pg>(&mut **c, (self.postgres)());
                c.batch_execute(&format!(
                    "SET statement_timeout = '{}'; SELECT pg_advisory_unlock({MIGRATION_LOCK})",
                    usual.statement_timeout
                ))?;
                applied
            }
        }
    }

    /// Names of migrations that the code has and the database has not.
    ///
    /// # Errors
    /// [`StoreError::Newer`] where the database has some that the code has not.
    pub(crate) fn pending(&self, conn: &mut Conn) -> Result<Vec<String>, StoreError> {
        match conn {
            Conn::Sqlite(c) => pending_on::<Sqlite>(&mut **c, &(self.sqlite)()),
            Conn::Pg(c) => pending_on::<Pg>(&mut **c, &(self.postgres)()),
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
    pending_on(conn, &migrations)?;
    let applied = conn.run_pending_migrations(migrations).map_err(failed)?;
    Ok(applied.iter().map(ToString::to_string).collect())
}

fn pending_on<DB: diesel::backend::Backend>(
    conn: &mut impl MigrationHarness<DB>,
    migrations: &EmbeddedMigrations,
) -> Result<Vec<String>, StoreError>
where
    EmbeddedMigrations: diesel::migration::MigrationSource<DB>,
{
    let applied = conn.applied_migrations().map_err(failed)?;
    let known = migrations.migrations().map_err(failed)?;
    let is_known =
        |version: &MigrationVersion<'_>| known.iter().any(|it| it.name().version() == *version);
    let newer: Vec<String> = applied
        .iter()
        .filter(|version| !is_known(version))
        .map(ToString::to_string)
        .collect();
    if !newer.is_empty() {
        return Err(StoreError::Newer(newer));
    }
    let names = known.iter().map(|it| it.name());
    let pending = names.filter(|it| !applied.contains(&it.version()));
    Ok(pending.map(ToString::to_string).collect())
}

#[derive(diesel::QueryableByName)]
struct Timeout {
    #[diesel(sql_type = diesel::sql_types::Text)]
    statement_timeout: String,
}

/// Takes the lock of migrations, and says when it has to wait for another process that has it.
fn wait_for_others(conn: &mut PgConnection) -> Result<(), StoreError> {
    let take = format!("SELECT pg_try_advisory_lock({MIGRATION_LOCK}) AS taken");
    let mut seconds = 0;
    while !diesel::sql_query(&take).get_result::<Lock>(conn)?.taken {
        if seconds % 10 == 0 {
            tracing::warn!(
                seconds,
                "another process brings the schema up to date; waiting for it to end"
            );
        }
        std::thread::sleep(std::time::Duration::from_secs(1));
        seconds += 1;
    }
    Ok(())
}

#[expect(clippy::needless_pass_by_value, reason = "used with map_err")]
fn failed(reason: Box<dyn std::error::Error + Send + Sync>) -> StoreError {
    StoreError::Migration {
        reason: reason.to_string(),
    }
}
