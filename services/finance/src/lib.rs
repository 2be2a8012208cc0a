//! The finance service: what was spent, what customers were charged, and what both come to.
//!
//! **For:** the cost ledger with its corrections, revenue per customer and month, the cost of
//! winning and of keeping customers, revenue movements, programme budgets, and the feeds
//! `economics` (costs by segment, category, channel and month) and `revenues` (one row per
//! customer, for joins). Customers and contacts are counted from the feeds of their own services.
//! **Must not know:** other services' databases, scores.
//!
//! Data flows one way: `http` (a crate of its own) → `app`, a file per use case → `rule` and `store`. Money
//! is whole minor units throughout, never a float.

pub mod app;
pub mod rule;
mod store;

use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use keepworth_contract::client::{Client, ClientError, Reach};
use keepworth_erasure::Subjects;
use keepworth_imports::Imports;
use keepworth_jobs::Jobs;
use keepworth_store::{Db, Migrations};

use crate::app::census::Sources;
use crate::app::job::{LANES, Works};

/// How the services are reached whose feeds finance counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peers {
    /// The customers service.
    pub customers: Reach,
    /// The experience service.
    pub experience: Reach,
}

/// The service's state.
#[derive(Clone)]
pub struct Finance {
    db: Db,
    imports: Imports,
    jobs: Jobs,
    sources: Sources,
}

impl Finance {
    /// The service on a database, reading from the other services.
    ///
    /// # Errors
    /// When no HTTP client can be set up.
    pub fn new(db: Db, peers: &Peers) -> Result<Self, ClientError> {
        let sources = Sources {
            customers: Client::new("customers", peers.customers.clone())?,
            experience: Client::new("experience", peers.experience.clone())?,
        };
        let imports = Imports::new(db.clone(), app::import::KINDS);
        let work = Works {
            db: db.clone(),
            sources: sources.clone(),
        };
        Ok(Self {
            jobs: Jobs::new(db.clone(), &LANES, work),
            db,
            imports,
            sources,
        })
    }

    /// The service that leaves its imports and its jobs to other processes.
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

    /// Files of its records.
    #[must_use]
    pub fn imports(&self) -> &Imports {
        &self.imports
    }

    /// Its other long work.
    #[must_use]
    pub fn jobs(&self) -> &Jobs {
        &self.jobs
    }

    /// What it holds of customers.
    #[must_use]
    pub fn subjects(&self) -> Subjects {
        Subjects::new(self.db.clone(), "finance", &app::subject::Held)
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
