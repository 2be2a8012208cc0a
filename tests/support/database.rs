//! Fresh databases for every test.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;

use keepworth_store::{Db, DbOptions, RecordId};

/// The two databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

const SERVICES: [&str; 4] = ["customers", "experience", "finance", "simulator"];

impl Kind {
    /// Whether PostgreSQL is there; says so when it is not.
    pub fn postgres_is_there(test: &str) -> bool {
        let there = server().is_some();
        if !there {
            eprintln!(
                "skipped {test} on PostgreSQL: KEEPWORTH_TEST_POSTGRES is not set; use `make test`"
            );
        }
        there
    }
}

fn server() -> Option<String> {
    std::env::var("KEEPWORTH_TEST_POSTGRES").ok()
}

/// A folder that only its owner can enter, as databases want it.
pub fn private_folder() -> tempfile::TempDir {
    let mut builder = tempfile::Builder::new();
    builder.permissions(Permissions::from_mode(0o700));
    builder.tempdir().unwrap()
}

/// One database per service, removed with the value.
pub struct Database {
    kind: Kind,
    folder: tempfile::TempDir,
    /// Distinguishes this test's databases on the server.
    name: String,
}

impl Database {
    pub fn new(kind: Kind) -> Self {
        let name = format!("t{}", RecordId::generate().0.simple());
        let database = Self {
            kind,
            folder: private_folder(),
            name,
        };
        if kind == Kind::Postgres {
            database.administer("CREATE DATABASE");
        }
        database
    }

    /// Settings that make Keepworth use it.
    pub fn settings(&self) -> Vec<String> {
        let mut settings = vec![format!(
            "database.data_dir={}",
            self.folder.path().display()
        )];
        if self.kind == Kind::Postgres {
            settings.extend(
                SERVICES.map(|service| format!("{service}.database_url={}", self.url(service))),
            );
        }
        settings
    }

    /// The URL of a service's database.
    pub fn url(&self, service: &str) -> String {
        match self.kind {
            Kind::Sqlite => format!("sqlite://{}/{service}.db", self.folder.path().display()),
            Kind::Postgres => format!("{}/{}_{service}", server().unwrap(), self.name),
        }
    }

    /// The folder of SQLite files.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Makes a service's PostgreSQL database refuse writes, for connections made from now on.
    pub fn make_read_only(&self, service: &str) {
        let name = format!("{}_{service}", self.name);
        self.run(&format!(
            "ALTER DATABASE {name} SET default_transaction_read_only = on"
        ));
    }

    /// Runs a statement on a service's database.
    pub fn execute(&self, service: &str, statement: &str) {
        execute(&self.url(service), statement);
    }

    /// What a statement such as `SELECT COUNT(*) …` counts in a service's database.
    pub fn count(&self, service: &str, statement: &str) -> i64 {
        use diesel::{Connection, RunQueryDsl};
        #[derive(diesel::QueryableByName)]
        struct Counted {
            #[diesel(sql_type = diesel::sql_types::BigInt)]
            n: i64,
        }
        let query = diesel::sql_query(format!("SELECT ({statement}) AS n"));
        let url = self.url(service);
        let counted: Counted = match url.strip_prefix("sqlite://") {
            Some(path) => query.get_result(&mut diesel::SqliteConnection::establish(path).unwrap()),
            None => query.get_result(&mut diesel::PgConnection::establish(&url).unwrap()),
        }
        .unwrap();
        counted.n
    }

    /// Puts every service's PostgreSQL database away as it is, as a platform's snapshot does; nobody may be
    /// connected.
    pub fn take_snapshot(&self) {
        for service in SERVICES {
            let name = format!("{}_{service}", self.name);
            self.run(&format!("CREATE DATABASE {name}_snapshot TEMPLATE {name}"));
        }
    }

    /// Puts the snapshot in place of what came after it; nobody may be connected.
    pub fn put_snapshot_back(&self) {
        for service in SERVICES {
            let name = format!("{}_{service}", self.name);
            self.run(&format!("DROP DATABASE {name}"));
            self.run(&format!("ALTER DATABASE {name}_snapshot RENAME TO {name}"));
        }
    }

    fn administer(&self, verb: &str) {
        for service in SERVICES {
            self.run(&format!("{verb} {}_{service}", self.name));
        }
    }

    fn run(&self, statement: &str) {
        execute(&format!("{}/postgres", server().unwrap()), statement);
    }
}

fn execute(url: &str, statement: &str) {
    let options = DbOptions {
        pool_size: 1,
        ..DbOptions::default()
    };
    let db = Db::open(url, &options).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let statement = statement.to_owned();
    let done: Result<(), keepworth_store::StoreError> =
        runtime.block_on(db.read(move |conn| conn.batch(&statement)));
    done.unwrap();
}

impl Drop for Database {
    fn drop(&mut self) {
        if self.kind == Kind::Postgres && !std::thread::panicking() {
            self.administer("DROP DATABASE IF EXISTS");
        }
    }
}
