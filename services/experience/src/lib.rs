//! The experience service: what customers answered when asked, and every contact with them.
//!
//! **For:** feedback (NPS, CSAT, CES, ratings), interactions, the [`metric`]s made of them with
//! their uncertainty, and the feeds `metrics` (one row per kind of question, month and phase) and
//! `exposures` (one row per customer and month, for joins). **Must not know:** who the customers
//! are, whether they left, money: a customer is a key here, nothing more.
//!
//! Data flows one way: `http` (a crate of its own) → `app`, a file per use case → `rule` and `store`.

pub mod app;
pub mod rule;
mod store;

use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use keepworth_erasure::Subjects;
use keepworth_imports::Imports;
use keepworth_store::{Db, Migrations};

/// The service's state.
#[derive(Clone)]
pub struct Experience {
    db: Db,
    imports: Imports,
}

impl Experience {
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

    /// What it holds of customers.
    #[must_use]
    pub fn subjects(&self) -> Subjects {
        Subjects::new(self.db.clone(), "experience", &app::subject::Held)
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
