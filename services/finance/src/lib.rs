//! The finance service: what was spent, what customers were charged, and what both come to.
//!
//! **For:** the cost ledger with its corrections, revenue per customer and month, the cost of
//! winning and of keeping customers, revenue movements, programme budgets, and the feeds
//! `economics` (costs by segment, category, channel and month) and `revenues` (one row per
//! customer, for joins). Customers and contacts are counted from the feeds of their own services.
//! **Must not know:** other services' databases, scores.
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

mod app;
mod http;
pub mod rule;
mod store;

use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use keepworth_contract::client::{Client, Http};
use keepworth_platform::{Covered, Service, trace};
use keepworth_store::{Db, Migrations};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::app::census::Sources;

/// Where the services are whose feeds finance counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Urls {
    /// The customers service, without `/v1`.
    pub customers: String,
    /// The experience service.
    pub experience: String,
}

/// The service's state.
#[derive(Clone)]
pub struct Finance {
    db: Db,
    sources: Sources,
}

impl Finance {
    /// The service on a database, reading from the other services at `urls`.
    #[must_use]
    pub fn new(db: Db, urls: &Urls, http: &Http) -> Self {
        let sources = Sources {
            customers: Client::new("customers", &urls.customers, http),
            experience: Client::new("experience", &urls.experience, http),
        };
        Self { db, sources }
    }

    /// Clients that hand the ids of the present request on.
    fn sources(&self) -> Sources {
        Sources {
            customers: trace::hand_on(&self.sources.customers),
            experience: trace::hand_on(&self.sources.experience),
        }
    }
}

impl Service for Finance {
    const NAME: &'static str = "finance";
    const DESCRIPTION: &'static str = "What was spent on winning and keeping customers, what they \
        were charged, and what both come to. Feeds the simulator with economics and revenues.\n\n\
        Any request may be sent again. Batches know their records by source and external id, and \
        change nothing the second time; nor do counts. Other POSTs take an Idempotency-Key. What \
        PUT replaces has an ETag: with If-Match it is replaced only if nobody else has changed it.";
    const TAGS: &'static [(&'static str, &'static str)] = &[
        (
            "ledger",
            "Costs as they were posted, and the closing of months.",
        ),
        (
            "general ledger",
            "Accounts, and vouchers as an accounting system exports them.",
        ),
        ("exchange rates", "Rates as they were quoted."),
        ("allocation", "Who bears which cost."),
        (
            "metrics",
            "Customer metrics by stated definitions, and which costs can be avoided.",
        ),
        (
            "acquisition",
            "What it costs to win customers, by channel and campaign.",
        ),
        (
            "acquire or keep",
            "Where the next unit of money is spent best.",
        ),
        (
            "programmes",
            "What programmes may cost, and what they do cost.",
        ),
        ("revenue", "What customers were charged."),
        (
            "feeds",
            "What the simulator reads, and allocations line by line.",
        ),
    ];
    const COVERED: Covered = Covered {
        covers: &[
            "costs by voucher and cost centre, allocated to segments by stated rules",
            "revenue, recurring revenue and its movements by named definitions",
            "acquisition and maintenance cost, avoidable shares, budgets of programmes",
        ],
        assists: &["the customer metrics that a finance department reports"],
        leaves: &[
            (
                "posting, invoicing, payments and taxes",
                "an accounting or billing system",
            ),
            ("statutory reports", "an accounting system"),
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
