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
use keepworth_jobs::Jobs;
use keepworth_store::{Db, Migrations};
use tokio::sync::watch;

use crate::app::erasure::fan_out;

/// The service's state.
#[derive(Clone)]
pub struct Customers {
    everywhere: Everywhere,
    imports: Imports,
    jobs: Jobs,
}

/// Where something of customers is held: here, and in the other services.
#[derive(Clone)]
pub(crate) struct Everywhere {
    db: Db,
    peers: Arc<[Client]>,
}

impl Everywhere {
    fn subjects(&self) -> Subjects {
        Subjects::new(self.db.clone(), "customers", &app::subject::Held)
    }
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
        let everywhere = Everywhere {
            db: db.clone(),
            peers: Arc::new(peers),
        };
        let work = fan_out::Works(everywhere.clone());
        Ok(Self {
            everywhere,
            imports,
            jobs: Jobs::new(db, &fan_out::LANES, work),
        })
    }

    /// The service that leaves its imports and erasures to other processes.
    #[must_use]
    pub fn with_workers(self) -> Self {
        Self {
            imports: self.imports.with_workers(),
            jobs: self.jobs.with_workers(),
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

    /// Goes on with erasures that no job is left of, and does imports and erasures until `stop` is true, unless other
    /// processes do.
    pub async fn work(self, stop: watch::Receiver<bool>) {
        if self.jobs.are_done_here()
            && let Err(error) = fan_out::resume(&self.everywhere).await
        {
            tracing::error!(%error, "erasures that were left are not gone on with");
        }
        tokio::join!(self.imports.work(stop.clone()), self.jobs.work(stop));
    }

    /// Files of its records.
    #[must_use]
    pub fn imports(&self) -> &Imports {
        &self.imports
    }

    /// What it holds of customers.
    #[must_use]
    pub fn subjects(&self) -> Subjects {
        self.everywhere.subjects()
    }

    /// Its database.
    #[must_use]
    pub fn db(&self) -> &Db {
        &self.everywhere.db
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
