//! The finance service: what was spent, what customers were charged, and what both come to.
//!
//! **For:** the cost ledger with its corrections, revenue per customer and month, the cost of
//! winning and of keeping customers, revenue movements, programme budgets, and the feeds
//! `economics` (costs by segment, category, channel and month) and `revenues` (one row per
//! customer, for joins). **Must not know:** who the customers are, scores, contacts.
//!
//! Data flows one way: `http` → rules (the files beside this one) → `store`. Money is whole minor
//! units throughout, never a float.
//!
//! ```
//! use keepworth_finance::Finance;
//!
//! let contract = keepworth_platform::document::<Finance>();
//! assert!(contract.paths.paths.contains_key("/v1/ledger-entries"));
//! ```

pub mod acquire_or_keep;
pub mod acquisition;
pub mod allocation;
mod amount;
pub mod component;
mod cost_total;
mod date;
pub mod definition;
mod fx;
mod general_ledger;
mod http;
mod ledger_entry;
pub mod maintenance;
mod month_allocation;
pub mod movement;
pub mod overlap;
mod period_close;
pub mod programme;
pub mod ratio;
mod recurring;
mod registry;
mod response_data;
pub mod response_fit;
mod revenue;
mod revenue_total;
mod scoring;
pub mod segment_economics;
pub mod share;
mod store;
pub mod uncertain_response;

use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use keepworth_platform::Service;
use keepworth_store::{Db, Migrations};
use utoipa_actix_web::service_config::ServiceConfig;

/// The service's state.
#[derive(Clone)]
pub struct Finance {
    db: Db,
}

impl Finance {
    /// The service on a database.
    #[must_use]
    pub fn new(db: Db) -> Self {
        Self { db }
    }
}

impl Service for Finance {
    const NAME: &'static str = "finance";
    const DESCRIPTION: &'static str = "What was spent on winning and keeping customers, what they \
        were charged, and what both come to. Feeds the simulator with economics and revenues.";

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
