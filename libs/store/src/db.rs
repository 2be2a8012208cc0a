//! Pools, and the gates that keep blocking threads from queueing inside them.

mod mark;
mod private;
mod setup;
mod source;
mod tls;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use diesel::SqliteConnection;
use diesel::r2d2::{ConnectionManager, CustomizeConnection, ManageConnection, Pool};
use keepworth_access::Surroundings;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::audit;
use crate::{Backend, Beside, Conn, Migrations, StoreError};
use mark::Keeper;
pub(crate) use mark::unmark;
use setup::{PgSetup, SqliteSetup};
pub(crate) use source::Connects;
pub use source::Source;
pub use tls::{Tls, TlsError};

/// How to open a database.
#[derive(Debug, Clone)]
pub struct DbOptions {
    /// Connections for reads (SQLite) or for everything (PostgreSQL).
    pub pool_size: u32,
    /// How long a request waits for a connection or a lock before it fails.
    pub wait: Duration,
    /// How long one statement may take on PostgreSQL.
    pub statement: Duration,
    /// How much is asked of the connection to PostgreSQL.
    pub tls: Tls,
    /// PEM file of those who sign certificates of PostgreSQL's servers; none is whom this system believes.
    pub ca_file: Option<PathBuf>,
    /// Where that is which belongs to the database and is not in it; none is the folder of the file, or for a
    /// server the present one.
    pub beside: Option<Beside>,
}

impl Default for DbOptions {
    fn default() -> Self {
        Self {
            pool_size: 8,
            wait: Duration::from_secs(10),
            statement: Duration::from_secs(300),
            tls: Tls::default(),
            ca_file: None,
            beside: None,
        }
    }
}

type SqlitePool = Pool<ConnectionManager<SqliteConnection>>;
type PgPool = Pool<Connects>;

enum Pools {
    /// SQLite admits one writer: a pool of one makes writers wait here, fairly, and not inside
    /// SQLite.
    Sqlite {
        path: PathBuf,
        writer: SqlitePool,
        readers: SqlitePool,
        probe: SqlitePool,
        /// The last field: it goes after the pools.
        _keeper: Keeper,
    },
    Pg {
        pool: PgPool,
        probe: PgPool,
    },
}

/// How long the question may take whether the database is there: health is answered within a second.
const PROBE_WAIT: Duration = Duration::from_millis(900);

struct Inner {
    pools: Pools,
    read_gate: Semaphore,
    /// Of those who read, those who read at length.
    length_gate: Semaphore,
    write_gate: Semaphore,
    wait: Duration,
    beside: Beside,
}

/// A database: cheap to clone, safe to share.
#[derive(Clone)]
pub struct Db(Arc<Inner>);

impl Db {
    /// Opens `sqlite://PATH` (created when missing) or `postgres://…`.
    ///
    /// # Errors
    /// [`StoreError::Url`] for another scheme, [`StoreError::UrlFile`] for a file without a URL, [`StoreError::Open`] when the file or the server
    /// cannot be reached, [`StoreError::Lone`] for a file that was copied without its log,
    /// [`StoreError::Exposed`] for a file or folder that others can read, [`StoreError::Tls`] for a
    /// server that would not be reached as safely as is asked for.
    pub fn open(source: impl Into<Source>, options: &DbOptions) -> Result<Self, StoreError> {
        let source = source.into();
        let url = source.url()?;
        if let Some(path) = url.strip_prefix("sqlite://") {
            Self::open_sqlite(path, options)
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Self::open_postgres(&source, options)
        } else {
            Err(StoreError::Url {
                scheme: url.split(':').next().unwrap_or_default().to_owned(),
            })
        }
    }

    fn open_sqlite(path: &str, options: &DbOptions) -> Result<Self, StoreError> {
        private::make_private(Path::new(path))?;
        let keeper = Keeper::open(path, options.wait)?;
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
        let setup = SqliteSetup { wait: PROBE_WAIT };
        let pools = Pools::Sqlite {
            path: path.into(),
            writer,
            readers,
            probe: probe(ConnectionManager::new(path), setup),
            _keeper: keeper,
        };
        Ok(Self::gated(pools, options, 1))
    }

    fn open_postgres(source: &Source, options: &DbOptions) -> Result<Self, StoreError> {
        // What would be refused at every connection is refused now.
        Connects::new(source, options).url()?;
        let setup = PgSetup {
            wait: options.wait,
            statement: options.statement,
        };
        let pool = Pool::builder()
            .max_size(options.pool_size)
            .min_idle(Some(0))
            .connection_timeout(options.wait)
            .connection_customizer(Box::new(setup))
            .build_unchecked(Connects::new(source, options));
        let setup = PgSetup {
            wait: PROBE_WAIT,
            statement: PROBE_WAIT,
        };
        let probe = probe(Connects::new(source, options), setup);
        Ok(Self::gated(
            Pools::Pg { pool, probe },
            options,
            options.pool_size,
        ))
    }

    fn gated(pools: Pools, options: &DbOptions, writers: u32) -> Self {
        let folder = match &pools {
            Pools::Sqlite { path, .. } => path.parent(),
            Pools::Pg { .. } => None,
        };
        let folder = folder.unwrap_or(Path::new(".")).to_owned();
        let readers = options.pool_size as usize;
        Self(Arc::new(Inner {
            pools,
            read_gate: Semaphore::new(readers),
            length_gate: Semaphore::new(readers.div_ceil(2)),
            write_gate: Semaphore::new(writers as usize),
            wait: options.wait,
            beside: options
                .beside
                .clone()
                .unwrap_or_else(|| Beside::in_folder(&folder)),
        }))
    }

    /// Where that is which belongs to the database and is not in it.
    #[must_use]
    pub fn beside(&self) -> &Beside {
        &self.0.beside
    }

    /// The backend in use.
    #[must_use]
    pub fn backend(&self) -> Backend {
        match self.0.pools {
            Pools::Sqlite { .. } => Backend::Sqlite,
            Pools::Pg { .. } => Backend::Postgres,
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
        let read = move |inner: &Inner| work(&mut inner.reader()?);
        self.run(&self.0.read_gate, read).await
    }

    /// The same for work that reads much: it has at most half of the connections, so that short reads
    /// do not wait for it.
    ///
    /// # Errors
    /// Those of [`read`](Self::read).
    pub async fn read_at_length<T, E>(
        &self,
        work: impl FnOnce(&mut Conn) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let permit = self.permit(&self.0.length_gate).await?;
        let result = self.read(work).await;
        drop(permit);
        result
    }

    /// Runs `work` off the async threads. Its permit is taken before a blocking thread is: blocked
    /// threads never wait for a connection.
    async fn run<T, E>(
        &self,
        gate: &Semaphore,
        work: impl FnOnce(&Inner) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let permit = self.permit(gate).await?;
        let inner = Arc::clone(&self.0);
        // The work knows on its thread, too, for whom it is done.
        let here = Surroundings::current();
        let result = blocking(move || here.within(|| work(&inner))).await;
        drop(permit);
        result
    }

    async fn permit<'a>(&self, gate: &'a Semaphore) -> Result<SemaphorePermit<'a>, StoreError> {
        match tokio::time::timeout(self.0.wait, gate.acquire()).await {
            Ok(permit) => permit.map_err(|_| StoreError::closed()),
            Err(_) => Err(StoreError::Unavailable {
                reason: format!("every connection was in use for {:?}", self.0.wait),
            }),
        }
    }

    /// Runs `work` in one write transaction, off the async threads: all of it happens, or nothing. What is done for
    /// a caller leaves its [entry](crate::audit) in it.
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
        let write = move |inner: &Inner| {
            inner.writer()?.transaction(|conn| {
                let done = work(conn)?;
                audit::append(conn)?;
                Ok(done)
            })
        };
        self.run(&self.0.write_gate, write).await
    }

    /// The same without an entry: for what the record of who did what keeps itself.
    pub(crate) async fn write_beside<T, E>(
        &self,
        work: impl FnOnce(&mut Conn) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let write = move |inner: &Inner| inner.writer()?.transaction(work);
        self.run(&self.0.write_gate, write).await
    }

    /// Brings the schema up to date.
    ///
    /// # Errors
    /// [`StoreError::Migration`] with the database's reason.
    pub fn migrate(&self, migrations: &Migrations) -> Result<Vec<String>, StoreError> {
        migrations.run(&mut self.0.writer()?)
    }

    /// Names of migrations that the code has and the database has not; asked on a connection of its
    /// own, so that a busy database is not taken for one that is away.
    ///
    /// # Errors
    /// That it does not answer within a second, takes no writes, has no room, or is newer than the
    /// code.
    pub async fn pending(&self, migrations: &Migrations) -> Result<Vec<String>, StoreError> {
        let (migrations, inner) = (*migrations, Arc::clone(&self.0));
        let work = move || {
            let mut conn = inner.prober()?;
            let pending = migrations.pending(&mut conn)?;
            match &inner.pools {
                Pools::Sqlite { path, .. } => setup::check_file(path)?,
                Pools::Pg { .. } => setup::check_primary(&mut conn)?,
            }
            Ok(pending)
        };
        let answer = tokio::time::timeout(PROBE_WAIT, blocking(work)).await;
        answer.unwrap_or_else(|_| {
            Err(StoreError::Unavailable {
                reason: "it does not answer within a second".to_owned(),
            })
        })
    }

    /// The same beside running work: waits for those who read, as long as one waits for a lock. PostgreSQL writes over
    /// what was removed by itself, when it vacuums.
    ///
    /// # Errors
    /// What the database answers.
    pub async fn settle(&self) -> Result<(), StoreError> {
        let own = self.clone();
        let settle = move |_: &Inner| own.checkpoint();
        self.run(&self.0.write_gate, settle).await
    }

    /// Makes the database file whole, so that it can be copied when nothing runs any more.
    /// PostgreSQL does so by itself.
    ///
    /// # Errors
    /// What the database answers.
    pub fn checkpoint(&self) -> Result<(), StoreError> {
        match &self.0.pools {
            Pools::Sqlite { .. } => self.0.writer()?.batch("PRAGMA wal_checkpoint(TRUNCATE)"),
            Pools::Pg { .. } => Ok(()),
        }
    }
}

/// A pool for the question whether the database is there.
fn probe<M: ManageConnection>(
    manager: M,
    setup: impl CustomizeConnection<M::Connection, M::Error>,
) -> Pool<M> {
    Pool::builder()
        .max_size(1)
        .min_idle(Some(0))
        .connection_timeout(PROBE_WAIT)
        .connection_customizer(Box::new(setup))
        .build_unchecked(manager)
}

impl Db {
    pub(crate) fn reader(&self) -> Result<Conn, StoreError> {
        self.0.reader()
    }

    pub(crate) fn writer(&self) -> Result<Conn, StoreError> {
        self.0.writer()
    }
}

impl Inner {
    fn reader(&self) -> Result<Conn, StoreError> {
        match &self.pools {
            Pools::Sqlite { readers, .. } => Ok(Conn::Sqlite(readers.get()?)),
            Pools::Pg { pool, .. } => Ok(Conn::Pg(pool.get()?)),
        }
    }

    fn prober(&self) -> Result<Conn, StoreError> {
        match &self.pools {
            Pools::Sqlite { probe, .. } => Ok(Conn::Sqlite(probe.get()?)),
            Pools::Pg { probe, .. } => Ok(Conn::Pg(probe.get()?)),
        }
    }

    fn writer(&self) -> Result<Conn, StoreError> {
        match &self.pools {
            Pools::Sqlite { writer, .. } => Ok(Conn::Sqlite(writer.get()?)),
            Pools::Pg { pool, .. } => Ok(Conn::Pg(pool.get()?)),
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
