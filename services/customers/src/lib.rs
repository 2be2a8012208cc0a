//! The customers service: who they are, in which segment, since when, and whether they left.
//!
//! **For:** customer records, segments, lifecycle events, and the feeds `cohorts` (who was at
//! risk of leaving at which tenure, who left and why) and `episodes` (one row per customer, for
//! joins). **Must not know:** scores, contacts, money.
//!
//! Data flows one way: `http` → rules (`customer`, `lifecycle_event`, `cohort`) → `store`.
//!
//! ```
//! use keepworth_customers::Customers;
//!
//! let contract = keepworth_platform::document::<Customers>();
//! assert!(contract.paths.paths.contains_key("/v1/customers"));
//! ```

mod app;
mod http;
mod rule;
mod store;

use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use keepworth_platform::{Covered, Service};
use keepworth_store::{Db, Migrations};
use utoipa_actix_web::service_config::ServiceConfig;

/// The service's state.
#[derive(Clone)]
pub struct Customers {
    db: Db,
}

impl Customers {
    /// The service on a database.
    #[must_use]
    pub fn new(db: Db) -> Self {
        Self { db }
    }
}

impl Service for Customers {
    const NAME: &'static str = "customers";
    const DESCRIPTION: &'static str = "Who the customers are, in which segment, since when, and \
        whether they left. Feeds the simulator with cohorts and episodes.";
    const TAGS: &'static [(&'static str, &'static str)] = &[
        ("customers", "Who the customers are, and their segment."),
        (
            "lifecycle events",
            "What happened to customers: who left, when and why.",
        ),
        (
            "segments",
            "Groups of customers that are modelled together.",
        ),
        ("feeds", "What the simulator reads."),
    ];
    const COVERED: Covered = Covered {
        covers: &[
            "who the customers are, in which segment, since when, and whether they left",
            "cohorts and episodes from which retention is estimated",
        ],
        assists: &["segments, which are registered here and defined elsewhere"],
        leaves: &[
            ("contact data, sales and campaigns", "a CRM"),
            (
                "joining the records of one person from several systems",
                "a customer data platform",
            ),
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
