//! One connection of either backend, and the macro that runs one query text on both.

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::r2d2::{ConnectionManager, PooledConnection};
use diesel::{QueryResult, SqliteConnection};

use crate::StoreError;
use crate::db::Connects;

/// A pooled SQLite connection.
pub type SqlitePooled = PooledConnection<ConnectionManager<SqliteConnection>>;
/// A pooled PostgreSQL connection.
pub type PgPooled = PooledConnection<Connects>;

/// Which database a connection speaks to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// The embedded database, one file per service.
    Sqlite,
    /// PostgreSQL, one database per service.
    Postgres,
}

#[derive(diesel::QueryableByName)]
struct StaleTable {
    #[diesel(sql_type = diesel::sql_types::Text)]
    name: String,
}

#[derive(diesel::QueryableByName)]
pub(crate) struct Lock {
    #[diesel(sql_type = diesel::sql_types::Bool)]
    pub(crate) taken: bool,
}

/// A connection of either backend. Store functions take `&mut Conn`, so that the caller owns the
/// transaction.
pub enum Conn {
    /// The embedded database.
    Sqlite(SqlitePooled),
    /// PostgreSQL.
    Pg(PgPooled),
}

/// Runs one query body on whichever backend the connection has.
///
/// The body is compiled once per backend, against that backend's real connection type: upserts,
/// `RETURNING`, batches and JSON work, and what one backend cannot do does not compile.
#[macro_export]
macro_rules! on_conn {
    ($conn:expr, |$c:ident| $body:expr) => {
        match $conn {
            $crate::Conn::Sqlite(pooled) => {
                let $c: &mut $crate::diesel::SqliteConnection = &mut *pooled;
                $body
            }
            $crate::Conn::Pg(pooled) => {
                let $c: &mut $crate::diesel::PgConnection = &mut *pooled;
                $body
            }
        }
    };
}

/// Inserts many rows: batches of multi-row `INSERT` on SQLite, binary `COPY` on PostgreSQL.
///
/// `$columns` is the number of columns of the row, from which the rows per statement follow:
/// SQLite refuses more than 32,766 variables. The row type derives `Insertable` with
/// `treat_none_as_default_value = false`, without which neither path compiles.
#[macro_export]
macro_rules! bulk_insert {
    ($conn:expr, $table:expr, $rows:expr, $columns:expr) => {
        match $conn {
            $crate::Conn::Sqlite(pooled) => {
                use $crate::diesel::RunQueryDsl;
                let connection: &mut $crate::diesel::SqliteConnection = &mut *pooled;
                let mut result = Ok(());
                for batch in $rows.chunks((30_000 / $columns).min(1_000)) {
                    if let Err(error) = $crate::diesel::insert_into($table)
                        .values(batch)
                        .execute(connection)
                    {
                        result = Err(error);
                        break;
                    }
                }
                result
            }
            $crate::Conn::Pg(pooled) => {
                use $crate::diesel::ExecuteCopyFromDsl;
                let connection: &mut $crate::diesel::PgConnection = &mut *pooled;
                if $rows.is_empty() {
                    Ok(())
                } else {
                    $crate::diesel::copy_from($table)
                        .from_insertable($rows)
                        .execute(connection)
                        .map(|_| ())
                }
            }
        }
    };
}

/// Reads the stored versions of records, by the columns that every imported table has: `id`,
/// `source`, `external_id`, `content_hash`, `import_id`.
///
/// Answers a `QueryResult` of tuples in that order.
#[macro_export]
macro_rules! select_versions {
    ($conn:expr, $table:ident, $source:expr, $external_ids:expr) => {{
        use $crate::diesel::prelude::*;
        $crate::on_conn!($conn, |c| $table::table
            .filter($table::source.eq($source))
            .filter($table::external_id.eq_any($external_ids))
            .select((
                $table::id,
                $table::source,
                $table::external_id,
                $table::content_hash,
                $table::import_id,
            ))
            .load::<($crate::RecordId, String, String, Vec<u8>, String)>(c))
    }};
}

/// Reads the rows of a table that have these ids.
///
/// Answers a `QueryResult` of the rows.
#[macro_export]
macro_rules! select_rows {
    ($conn:expr, $table:ident, $row:ty, $ids:expr) => {{
        use $crate::diesel::prelude::*;
        $crate::on_conn!($conn, |c| $table::table
            .filter($table::id.eq_any($ids))
            .select(<$row>::as_select())
            .load::<$row>(c))
    }};
}

/// Deletes the rows of a table that have these ids.
#[macro_export]
macro_rules! delete_rows {
    ($conn:expr, $table:ident, $ids:expr) => {{
        use $crate::diesel::prelude::*;
        $crate::on_conn!($conn, |c| $crate::diesel::delete(
            $table::table.filter($table::id.eq_any($ids))
        )
        .execute(c))
        .map(|_| ())
    }};
}

impl Conn {
    /// The backend this connection speaks to.
    #[must_use]
    pub fn backend(&self) -> Backend {
        match self {
            Self::Sqlite(_) => Backend::Sqlite,
            Self::Pg(_) => Backend::Postgres,
        }
    }

    /// Runs statements that return nothing.
    ///
    /// # Errors
    /// What the database answers.
    pub fn batch(&mut self, sql: &str) -> Result<(), StoreError> {
        Ok(on_conn!(self, |c| c.batch_execute(sql))?)
    }

    /// Holds off other writers of the same `(table, source)` until the transaction ends.
    ///
    /// On PostgreSQL an advisory lock; SQLite has one writer anyhow. With it, "look which rows
    /// exist, insert the rest" is safe, and the rest can go by `COPY`, which knows no conflicts.
    ///
    /// # Errors
    /// What the database answers.
    pub fn lock_source(&mut self, table: &str, source: &str) -> QueryResult<()> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Pg(c) => {
                use diesel::RunQueryDsl;
                diesel::sql_query("SELECT pg_advisory_xact_lock(hashtext($1), hashtext($2))")
                    .bind::<diesel::sql_types::Text, _>(table)
                    .bind::<diesel::sql_types::Text, _>(source)
                    .execute(&mut **c)
                    .map(|_| ())
            }
        }
    }

    /// Takes what [`lock_source`](Self::lock_source) takes, unless somebody else has it: then it
    /// answers `false` at once. SQLite has one writer anyhow, and answers `true`.
    ///
    /// # Errors
    /// What the database answers.
    pub fn try_lock(&mut self, table: &str, key: &str) -> QueryResult<bool> {
        match self {
            Self::Sqlite(_) => Ok(true),
            Self::Pg(c) => {
                use diesel::RunQueryDsl;
                diesel::sql_query(
                    "SELECT pg_try_advisory_xact_lock(hashtext($1), hashtext($2)) AS taken",
                )
                .bind::<diesel::sql_types::Text, _>(table)
                .bind::<diesel::sql_types::Text, _>(key)
                .get_result(&mut **c)
                .map(|lock: Lock| lock.taken)
            }
        }
    }

    /// Holds off whoever wants `what` [alone](Self::lock_alone), and nobody else, until the transaction ends.
    ///
    /// On PostgreSQL an advisory lock; SQLite has one writer anyhow.
    ///
    /// # Errors
    /// What the database answers.
    pub fn lock_shared(&mut self, what: &str) -> QueryResult<()> {
        self.advise("SELECT pg_advisory_xact_lock_shared(hashtext($1), 0)", what)
    }

    /// Holds off whoever else wants `what`, until the transaction ends.
    ///
    /// # Errors
    /// What the database answers.
    pub fn lock_alone(&mut self, what: &str) -> QueryResult<()> {
        self.advise("SELECT pg_advisory_xact_lock(hashtext($1), 0)", what)
    }

    fn advise(&mut self, statement: &str, what: &str) -> QueryResult<()> {
        use diesel::RunQueryDsl;
        let Self::Pg(c) = self else { return Ok(()) };
        diesel::sql_query(statement)
            .bind::<diesel::sql_types::Text, _>(what)
            .execute(&mut **c)
            .map(|_| ())
    }

    /// Refreshes the planner's statistics of tables that changed by a tenth or more since they were
    /// taken: without them PostgreSQL scans a freshly filled table many times slower.
    ///
    /// # Errors
    /// What the database answers.
    pub fn refresh_statistics(&mut self) -> Result<(), StoreError> {
        use diesel::RunQueryDsl;
        let Self::Pg(c) = self else { return Ok(()) };
        let stale: Vec<StaleTable> = diesel::sql_query(
            "SELECT relname::text AS name FROM pg_stat_user_tables \
             WHERE n_mod_since_analyze > 1000 + n_live_tup / 10",
        )
        .load(&mut **c)?;
        stale
            .iter()
            .try_for_each(|table| self.batch(&format!("ANALYZE {}", table.name)))
    }

    /// Runs `work` in a transaction: committed when it answers `Ok`, rolled back otherwise.
    ///
    /// On SQLite it begins `IMMEDIATE`, because a read that turns into a write fails at once when
    /// another writer is active, without waiting.
    ///
    /// # Errors
    /// What `work` answers, or that the transaction could not begin or commit.
    pub fn transaction<T, E: From<StoreError>>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        self.begin().map_err(StoreError::from)?;
        match work(self) {
            Ok(value) => {
                on_conn!(self, |c| AnsiTransactionManager::commit_transaction(c))
                    .map_err(|error| StoreError::from(error).of_commit())?;
                Ok(value)
            }
            Err(error) => {
                if let Err(rollback) =
                    on_conn!(self, |c| AnsiTransactionManager::rollback_transaction(c))
                {
                    tracing::error!(%rollback, "transaction could not be rolled back");
                }
                Err(error)
            }
        }
    }

    /// Runs `work` on one unchanging picture of the data, without holding up writers.
    ///
    /// # Errors
    /// What `work` answers, or that the picture could not be taken.
    pub fn snapshot<T, E: From<StoreError>>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        let begun = match self {
            Self::Sqlite(c) => AnsiTransactionManager::begin_transaction_sql(&mut **c, "BEGIN"),
            Self::Pg(c) => AnsiTransactionManager::begin_transaction_sql(
                &mut **c,
                "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            ),
        };
        begun.map_err(StoreError::from)?;
        let result = work(self);
        on_conn!(self, |c| AnsiTransactionManager::rollback_transaction(c))
            .map_err(StoreError::from)?;
        result
    }

    pub(crate) fn begin(&mut self) -> QueryResult<()> {
        match self {
            Self::Sqlite(c) => {
                AnsiTransactionManager::begin_transaction_sql(&mut **c, "BEGIN IMMEDIATE")
            }
            Self::Pg(c) => AnsiTransactionManager::begin_transaction(&mut **c),
        }
    }
}
