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

use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use keepworth_imports::Imports;
use keepworth_store::{Db, Migrations};

/// The service's state.
#[derive(Clone)]
pub struct Customers {
    db: Db,
    imports: Imports,
}

impl Customers {
    /// The service on a database.
    #[must_use]
    pub fn new(db: Db) -> Self {
        let imports = Imports::new(db.clone(), app::import::KINDS);
        Self { db, imports }
    }

    /// The service that leaves its imports to other processes.
    #[must_use]
    pub fn with_workers(self) -> Self {
        Self {
            imports: self.imports.with_workers(),
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
