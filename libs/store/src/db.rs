//! Pools, and the gate that keeps blocking threads from queueing inside them.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::r2d2::{ConnectionManager, CustomizeConnection, Pool};
use diesel::{PgConnection, SqliteConnection};
use tokio::sync::Semaphore;

use crate::{Backend, Conn, Migrations, StoreError};

/// How to open a database.
#[derive(Debug, Clone)]
pub struct DbOptions {
    /// Connections for reads (SQLite) or for everything (PostgreSQL).
    pub pool_size: u32,
    /// How long a request waits for a connection or a lock before it fails.
    pub wait: Duration,
}

impl Default for DbOptions {
    fn default() -> Self {
        Self {
            pool_size: 8,
            wait: Duration::from_secs(10),
        }
    }
}

type SqlitePool = Pool<ConnectionManager<SqliteConnection>>;
type PgPool = Pool<ConnectionManager<PgConnection>>;

enum Pools {
    /// SQLite admits one writer: a pool of one makes writers wait here, fairly, and not inside
    /// SQLite.
    Sqlite {
        writer: SqlitePool,
        readers: SqlitePool,
    },
    Pg(PgPool),
}

struct Inner {
    pools: Pools,
    read_gate: Semaphore,
    write_gate: Semaphore,
}

/// A database: cheap to clone, safe to share.
#[derive(Clone)]
pub struct Db(Arc<Inner>);

impl Db {
    /// Opens `sqlite://PATH` (created when missing) or `postgres://…`.
    ///
    /// # Errors
    /// [`StoreError::Url`] for another scheme, [`StoreError::Open`] when the file or the server
    /// cannot be reached.
    pub fn open(url: &str, options: &DbOptions) -> Result<Self, StoreError> {
        if let Some(path) = url.strip_prefix("sqlite://") {
            Self::open_sqlite(path, options)
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Self::open_postgres(url, options)
        } else {
            Err(StoreError::Url {
                scheme: url.split(':').next().unwrap_or_default().to_owned(),
            })
        }
    }

    fn open_sqlite(path: &str, options: &DbOptions) -> Result<Self, StoreError> {
        if let Some(folder) = Path::new(path).parent() {
            std::fs::create_dir_all(folder).map_err(|error| StoreError::Open {
                what: folder.display().to_string(),
                reason: error.to_string(),
            })?;
        }
        let pool = |size| {
            Pool::builder()
                .max_size(size)
                .min_idle(Some(1))
                .connection_timeout(options.wait)
                .connection_customizer(Box::new(SqliteSetup { wait: options.wait }))
                .build(ConnectionManager::new(path))
                .map_err(|error| StoreError::Open {
                    what: path.to_owned(),
                    reason: error.to_string(),
                })
        };
        let writer = pool(1)?;
        let readers = pool(options.pool_size)?;
        Ok(Self::gated(
            Pools::Sqlite { writer, readers },
            options.pool_size,
            1,
        ))
    }

    fn open_postgres(url: &str, options: &DbOptions) -> Result<Self, StoreError> {
        let pool = Pool::builder()
            .max_size(options.pool_size)
            .min_idle(Some(0))
            .connection_timeout(options.wait)
            .build_unchecked(ConnectionManager::new(url));
        Ok(Self::gated(
            Pools::Pg(pool),
            options.pool_size,
            options.pool_size,
        ))
    }

    fn gated(pools: Pools, readers: u32, writers: u32) -> Self {
        Self(Arc::new(Inner {
            pools,
            read_gate: Semaphore::new(readers as usize),
            write_gate: Semaphore::new(writers as usize),
        }))
    }

    /// The backend in use.
    #[must_use]
    pub fn backend(&self) -> Backend {
        match self.0.pools {
            Pools::Sqlite { .. } => Backend::Sqlite,
            Pools::Pg(_) => Backend::Postgres,
        }
    }

    /// Runs `work` on a connection, off the async threads, without a transaction.
    ///
    /// # Errors
    /// What `work` answers, or [`StoreError::Unavailable`] when no connection is to be had.
    pub async fn read<T, E>(
        &self,
        work: impl FnOnce(&mut Conn) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        // The permit is taken before a blocking thread is: blocked threads never wait for a
        // connection.
        let permit = self
            .0
            .read_gate
            .acquire()
            .await
            .map_err(|_| StoreError::closed())?;
        let inner = Arc::clone(&self.0);
        let result = blocking(move || work(&mut inner.reader()?)).await;
        drop(permit);
        result
    }

    /// Runs `work` in one write transaction, off the async threads: all of it happens, or nothing.
    ///
    /// # Errors
    /// What `work` answers, or [`StoreError::Unavailable`] when no connection is to be had.
    pub async fn write<T, E>(
        &self,
        work: impl FnOnce(&mut Conn) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let permit = self
            .0
            .write_gate
            .acquire()
            .await
            .map_err(|_| StoreError::closed())?;
        let inner = Arc::clone(&self.0);
        let result = blocking(move || inner.writer()?.transaction(work)).await;
        drop(permit);
        result
    }

    /// Brings the schema up to date.
    ///
    /// # Errors
    /// [`StoreError::Migration`] with the database's reason.
    pub fn migrate(&self, migrations: &Migrations) -> Result<Vec<String>, StoreError> {
        migrations.run(&mut self.0.writer()?)
    }

    /// Names of migrations that the code has and the database has not.
    ///
    /// # Errors
    /// [`StoreError::Migration`] with the database's reason.
    pub async fn pending(&self, migrations: &Migrations) -> Result<Vec<String>, StoreError> {
        let migrations = *migrations;
        self.read(move |conn| migrations.pending(conn)).await
    }
}

impl Inner {
    fn reader(&self) -> Result<Conn, StoreError> {
        match &self.pools {
            Pools::Sqlite { readers, .. } => Ok(Conn::Sqlite(readers.get()?)),
            Pools::Pg(pool) => Ok(Conn::Pg(pool.get()?)),
        }
    }

    fn writer(&self) -> Result<Conn, StoreError> {
        match &self.pools {
            Pools::Sqlite { writer, .. } => Ok(Conn::Sqlite(writer.get()?)),
            Pools::Pg(pool) => Ok(Conn::Pg(pool.get()?)),
        }
    }
}

async fn blocking<T, E>(work: impl FnOnce() -> Result<T, E> + Send + 'static) -> Result<T, E>
where
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(join) => match join.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Err(StoreError::closed().into()),
        },
    }
}

#[derive(Debug)]
struct SqliteSetup {
    wait: Duration,
}

impl CustomizeConnection<SqliteConnection, diesel::r2d2::Error> for SqliteSetup {
    fn on_acquire(&self, conn: &mut SqliteConnection) -> Result<(), diesel::r2d2::Error> {
        // `busy_timeout` first: the switch to WAL itself needs a lock.
        conn.batch_execute(&format!(
            "PRAGMA busy_timeout = {}; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; \
             PRAGMA foreign_keys = ON; PRAGMA cache_size = -65536;",
            self.wait.as_millis()
        ))
        .map_err(diesel::r2d2::Error::QueryError)
    }
}
