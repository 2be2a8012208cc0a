//! The experience service: what customers answered when asked, and every contact with them.
//!
//! **For:** feedback (NPS, CSAT, CES, ratings), interactions, the [`metric`]s made of them with
//! their uncertainty, and the feeds `metrics` (one row per kind of question, month and phase) and
//! `exposures` (one row per customer and month, for joins). **Must not know:** who the customers
//! are, whether they left, money: a customer is a key here, nothing more.
//!
//! Data flows one way: `http` → rules (`feedback`, `interaction`, `exposure`, `metric`) → `store`.
//!
//! ```
//! use keepworth_experience::Experience;
//!
//! let contract = keepworth_platform::document::<Experience>();
//! assert!(contract.paths.paths.contains_key("/v1/feedback"));
//! ```

mod app;
mod http;
pub mod rule;
mod store;

use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use keepworth_platform::{Covered, Service};
use keepworth_store::{Db, Migrations};
use utoipa_actix_web::service_config::ServiceConfig;

/// The service's state.
#[derive(Clone)]
pub struct Experience {
    db: Db,
}

impl Experience {
    /// The service on a database.
    #[must_use]
    pub fn new(db: Db) -> Self {
        Self { db }
    }
}

impl Service for Experience {
    const NAME: &'static str = "experience";
    const DESCRIPTION: &'static str = "What customers answered when asked, and every contact with \
        them. Feeds the simulator with metrics and exposures.";
    const TAGS: &'static [(&'static str, &'static str)] = &[
        ("feedback", "What customers answered when asked."),
        (
            "interactions",
            "Contacts between customers and the company.",
        ),
        ("metrics", "Scores with their intervals."),
        ("feeds", "What the simulator reads."),
    ];
    const COVERED: Covered = Covered {
        covers: &[
            "what customers answered, with intervals for every score",
            "contacts: by which channel, how long, whether they solved the issue",
            "exposures from which the link from experience to retention is estimated",
        ],
        assists: &["finding where journeys stall"],
        leaves: &[
            ("asking customers, and designing surveys", "a survey tool"),
            ("answering customers", "a contact centre or help desk"),
        ],
    };

    fn routes(config: &mut ServiceConfig<'_>) {
        http::routes(config);
    }

    fn migrations() -> Migrations {
        const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
        const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");
        Migrations {
            sqlite: || SQLITE,
            postgres: || POSTGRES,
        }
    }

    fn db(&self) -> &Db {
        &self.db
    }
}
