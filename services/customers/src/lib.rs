//! The customers service: who they are, in which segment, since when, and whether they left.
//!
//! **For:** customer records, segments, lifecycle events, and the feeds `cohorts` (who was at
//! risk of leaving at which tenure, who left and why) and `episodes` (one row per customer, for
//! joins). **Must not know:** scores, contacts, money.
//!
//! Data flows one way: `http` (a crate of its own) → `app`, a file per use case → `rule` and `store`.

pub mod app;
mod rule;
mod store;

use std::sync::Arc;

use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use keepworth_contract::client::{Client, ClientError, Reach};
use keepworth_erasure::Subjects;
use keepworth_imports::Imports;
use keepworth_jobs::{Executor, InProcess, Work};
use keepworth_store::{Db, Migrations};
use tokio::sync::watch;

use crate::app::erasure::fan_out;

/// The service's state.
#[derive(Clone)]
pub struct Customers {
    db: Db,
    imports: Imports,
    /// The other services, which hold something of customers too.
    peers: Arc<[Client]>,
    /// Who does erasures; none where other processes do.
    executor: Option<InProcess>,
}

/// How the services are reached that hold something of customers too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peers {
    /// The experience service.
    pub experience: Reach,
    /// The finance service.
    pub finance: Reach,
    /// The simulator service.
    pub simulator: Reach,
}

impl Customers {
    /// The service on a database, which has customers erased in the other services too.
    ///
    /// # Errors
    /// When no HTTP client can be set up.
    pub fn new(db: Db, peers: &Peers) -> Result<Self, ClientError> {
        let imports = Imports::new(db.clone(), app::import::KINDS);
        let peers = [
            Client::new("experience", peers.experience.clone())?,
            Client::new("finance", peers.finance.clone())?,
            Client::new("simulator", peers.simulator.clone())?,
        ];
        Ok(Self {
            db,
            imports,
            peers: Arc::new(peers),
            executor: Some(InProcess::default()),
        })
    }

    /// The service that leaves its imports to other processes.
    #[must_use]
    pub fn with_workers(self) -> Self {
        Self {
            imports: self.imports.with_workers(),
            executor: None,
            ..self
        }
    }

    /// The same, with so many imports of one caller in work and waiting.
    #[must_use]
    pub fn with_room(self, imports_of_caller: u32) -> Self {
        Self {
            imports: self.imports.with_room(imports_of_caller),
            ..self
        }
    }

    /// Hears that an erasure was confirmed.
    fn wake_erasures(&self) {
        if let Some(executor) = &self.executor {
            executor.wake();
        }
    }

    /// Does its imports and erasures until `stop` is true, unless other processes do.
    pub async fn work(self, stop: watch::Receiver<bool>) {
        let imports = self.imports.clone().work(stop.clone());
        let Some(executor) = self.executor.clone() else {
            return imports.await;
        };
        if let Err(error) = fan_out::resume(&self).await {
            tracing::error!(%error, "erasures that were left are not gone on with");
        }
        let db = self.db.clone();
        let work: Arc<dyn Work> = Arc::new(fan_out::Works(self));
        tokio::join!(imports, executor.run(&db, &fan_out::LANES, &work, &stop));
    }

    /// Files of its records.
    #[must_use]
    pub fn imports(&self) -> &Imports {
        &self.imports
    }

    /// What it holds of customers.
    #[must_use]
    pub fn subjects(&self) -> Subjects {
        Subjects::new(self.db.clone(), "customers", &app::subject::Held)
    }

    /// Its database.
    #[must_use]
    pub fn db(&self) -> &Db {
        &self.db
    }
}

/// The schema's history.
#[must_use]
pub fn migrations() -> Migrations {
    const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
    const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");
    Migrations {
        sqlite: || SQLITE,
        postgres: || POSTGRES,
    }
}
