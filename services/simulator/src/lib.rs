//! The simulator service: what a programme would be worth, from what the other services know.
//!
//! **For:** freezing the feeds of customers, experience and finance into a [baseline], running
//! scenarios on it with the engine, and keeping both so that every result can be traced.
//! **Must not know:** other services' databases, how trials are drawn, how anything is shown.
//!
//! [baseline]: keepworth_contract::simulator::baseline::Baseline
//!
//! Data flows `feeds → join → tally → segment → build` into a baseline, and
//! `baseline → world → simulation` into a run; `http` (a crate of its own) and `store` are the edges. Both are jobs: ordered
//! in one request, done in the background, whoever waits for them.
//!
//! | figure | definition (version 1; of what the ledger gives, `revenue`, `hazard` and `experience_share`, 2) |
//! |---|---|
//! | `customers` | customers on the day |
//! | `customer_months` | time under observation in the window, each day its share of its month |
//! | `won_per_month` | customers acquired in the window over its months; as uncertain as a Poisson count, or as much more as its months show |
//! | `person_months`, `left` | time under observation, and who left in it, whenever it was |
//! | `hazard` | leavers over customer-months under observation; people enter when their observation begins. Of the last twelve calendar months where churn at equal tenure differs from that before (p < 0.01), else of the whole record |
//! | `quarterly_churn` | `left` over all who were observed; only when nobody was observed for longer than the last quarter |
//! | `experience_share` | leavers for attitude, dissatisfaction or effort over leavers whose cause is known: a ceiling |
//! | `revenue` | revenue over customer-months, both of everybody under observation (who left, who bought nothing, who never paid) on the same days, in whole months; a charge for months is spread over them |
//! | `mean_recurring_charge` | mean over customers with any of recurring revenue over the months of the window that it covers |
//! | `gross_margin` | 1 − cost of revenue over revenue, in the months in which cost of revenue is booked |
//! | `acquisition_cost` | acquisition cost over customers won, in the months in which acquisition is booked |
//! | `overhead` | overhead, training, retention, and service that no contact explains, over customer-months of the months that are booked |
//! | `programme_cost` | running experience programmes, over customer-months; the engine leaves it to the scenario |
//! | `maintenance_cost` | overhead, contacts and programmes, over customer-months: what finance calls maintenance cost |
//! | `acquisition_to_maintenance_cost` | `acquisition_cost` over twelve `maintenance_cost`, of the records |
//! | `contacts`, `minutes`, `cost_per_minute` | by channel: contacts over customer-months, minutes over contacts, service cost over minutes of the months that are booked |
//! | `nps`, `csat`, `ces`, `rating` | from each customer's last answer in the window |
//!
//! By what model customers leave as they grow older is chosen for each segment by rule, bands or a curve, and can be
//! overruled: [`HazardChoice`](keepworth_contract::simulator::curve::HazardChoice).
//!
//! Of segments of kind `PURCHASES` nobody sees who leaves: they are in no hazard, the company's neither, and a model of
//! what they bought tells who is there and how what they spend declines:
//! [`PurchaseBaseline`](keepworth_contract::simulator::purchase::PurchaseBaseline).
//!
//! The window is the last twelve calendar months, or as much of them as anybody was observed.
//!
//! Errors of ratios are those of customers: what one did in different months, and through different
//! channels, belongs together, and [`correlations`] say what is off together.
//!
//! **Customer-months are days**, and the engine is told so (`Heads::ThroughMonth`): customers come and go
//! evenly through its months, and money goes by those who were there on the way. Month ends alone would count
//! what a programme keeps half a month early: over `T` months `1/T` too much.
//!
//! [`correlations`]: keepworth_contract::simulator::baseline::SegmentBaseline::correlations

pub mod app;
mod error;
mod rule;
mod store;

use std::sync::Arc;

use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use keepworth_contract::client::{Client, ClientError, Reach};
use keepworth_erasure::Subjects;
use keepworth_jobs::Jobs;
pub use keepworth_jobs::Room;
use keepworth_store::{Db, Migrations};
use tokio::sync::Semaphore;

pub(crate) use error::BuildError;

use crate::app::build::Sources;
use crate::app::job::{LANES, Works};
use crate::app::scenario::OpenedBaselines;
use crate::app::what_if::Desk;

/// How the services are reached whose feeds a baseline is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peers {
    /// The customers service.
    pub customers: Reach,
    /// The experience service.
    pub experience: Reach,
    /// The finance service.
    pub finance: Reach,
}

/// How much of long work may be open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rooms {
    /// Runs.
    pub runs: Room,
    /// Baselines, and links.
    pub baselines: Room,
    /// Questions "what if" of one caller, answered or waiting; of all, four times as many.
    pub what_ifs: u32,
}

impl Default for Rooms {
    fn default() -> Self {
        Self {
            runs: Room::of_caller(8, "limits.runs"),
            baselines: Room::of_caller(32, "limits.baselines"),
            what_ifs: 8,
        }
    }
}

/// The service's state.
#[derive(Clone)]
pub struct Simulator {
    jobs: Jobs,
    sources: Sources,
    rooms: Rooms,
    desk: Arc<Desk>,
    opened: Arc<OpenedBaselines>,
    exports: Arc<Semaphore>,
}

/// Runs that are made again at once: each takes all cores.
const MOST_EXPORTS: usize = 2;

impl Simulator {
    /// The service on a database, reading from the other services.
    ///
    /// # Errors
    /// When no HTTP client can be set up.
    pub fn new(db: Db, peers: &Peers) -> Result<Self, ClientError> {
        let sources = Sources {
            customers: Client::new("customers", peers.customers.clone())?,
            experience: Client::new("experience", peers.experience.clone())?,
            finance: Client::new("finance", peers.finance.clone())?,
        };
        let work = Works {
            db: db.clone(),
            sources: sources.clone(),
        };
        Ok(Self {
            sources,
            jobs: Jobs::new(db, &LANES, work),
            rooms: Rooms::default(),
            desk: Arc::new(Desk::new(Rooms::default().what_ifs)),
            opened: Arc::new(OpenedBaselines::new()),
            exports: Arc::new(Semaphore::new(MOST_EXPORTS)),
        })
    }

    /// The service that leaves its jobs to other processes.
    #[must_use]
    pub fn with_workers(self) -> Self {
        Self {
            jobs: self.jobs.with_workers(),
            ..self
        }
    }

    /// The same, with other limits of long work.
    #[must_use]
    pub fn with_rooms(self, rooms: Rooms) -> Self {
        let desk = Arc::new(Desk::new(rooms.what_ifs));
        Self {
            rooms,
            desk,
            ..self
        }
    }

    /// How much of long work may be open.
    #[must_use]
    pub fn rooms(&self) -> Rooms {
        self.rooms
    }

    /// Room for runs that are made again to be taken away.
    pub(crate) fn exports(&self) -> &Semaphore {
        &self.exports
    }

    /// What it holds of customers.
    #[must_use]
    pub fn subjects(&self) -> Subjects {
        Subjects::new(self.db().clone(), "simulator", &app::subject::Held)
    }

    /// The services that it reads from.
    pub(crate) fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Where questions "what if" wait.
    pub(crate) fn desk(&self) -> &Arc<Desk> {
        &self.desk
    }

    /// Baselines that are at hand.
    pub(crate) fn opened(&self) -> &Arc<OpenedBaselines> {
        &self.opened
    }

    /// Its database.
    #[must_use]
    pub fn db(&self) -> &Db {
        self.jobs.db()
    }

    /// Its jobs.
    #[must_use]
    pub fn jobs(&self) -> &Jobs {
        &self.jobs
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
