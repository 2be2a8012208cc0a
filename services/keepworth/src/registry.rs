//! Which services there are, and how each is started.

use anyhow::Context;
use keepworth_customers::Customers;
use keepworth_experience::Experience;
use keepworth_finance::Finance;
use keepworth_platform::server::Mounted;
use keepworth_platform::settings::Settings;
use keepworth_platform::{Service, document};
use keepworth_simulator::Simulator;
use keepworth_store::Db;
use utoipa::openapi::OpenApi;

/// A service that the binary can run.
pub(crate) struct Entry {
    /// Its name.
    pub(crate) name: &'static str,
    /// Opens its database and makes it ready for mounting.
    pub(crate) start: fn(&Settings) -> anyhow::Result<Mounted>,
    /// Brings its schema up to date; answers the migrations that it applied.
    pub(crate) migrate: fn(&Settings) -> anyhow::Result<Vec<String>>,
    /// Whether it has long work, which workers can do.
    pub(crate) has_jobs: bool,
    /// Its contract.
    pub(crate) document: fn() -> OpenApi,
}

impl Entry {
    const fn of<S: Service>(
        has_jobs: bool,
        start: fn(&Settings) -> anyhow::Result<Mounted>,
    ) -> Self {
        Self {
            has_jobs,
            name: S::NAME,
            start,
            migrate: migrate::<S>,
            document: document::<S>,
        }
    }
}

/// Every service.
pub(crate) const SERVICES: [Entry; 4] = [
    Entry::of::<Customers>(false, |settings| {
        start(settings, |db, _| Ok(Customers::new(db)))
    }),
    Entry::of::<Experience>(false, |settings| {
        start(settings, |db, _| Ok(Experience::new(db)))
    }),
    Entry::of::<Finance>(false, |settings| start(settings, finance)),
    Entry::of::<Simulator>(true, |settings| start(settings, simulator)),
];

fn finance(db: Db, settings: &Settings) -> anyhow::Result<Finance> {
    let urls = keepworth_finance::Urls {
        customers: settings.service_url(Customers::NAME),
        experience: settings.service_url(Experience::NAME),
    };
    Ok(Finance::new(db, &urls, &settings.http()?))
}

fn simulator(db: Db, settings: &Settings) -> anyhow::Result<Simulator> {
    let urls = keepworth_simulator::Urls {
        customers: settings.service_url(Customers::NAME),
        experience: settings.service_url(Experience::NAME),
        finance: settings.service_url(Finance::NAME),
    };
    let simulator = Simulator::new(db, &urls, &settings.http()?);
    Ok(if settings.jobs.in_process {
        simulator
    } else {
        simulator.with_workers()
    })
}

fn open<S: Service>(settings: &Settings) -> anyhow::Result<Db> {
    Db::open(
        settings.database_url(S::NAME).expose(),
        &settings.db_options(),
    )
    .with_context(|| format!("the {} service has no database", S::NAME))
}

fn start<S: Service>(
    settings: &Settings,
    make: fn(Db, &Settings) -> anyhow::Result<S>,
) -> anyhow::Result<Mounted> {
    let db = open::<S>(settings)?;
    if settings.database.migrate_at_start {
        apply::<S>(&db)?;
    }
    Ok(Mounted::new(make(db, settings)?))
}

fn migrate<S: Service>(settings: &Settings) -> anyhow::Result<Vec<String>> {
    apply::<S>(&open::<S>(settings)?)
}

fn apply<S: Service>(db: &Db) -> anyhow::Result<Vec<String>> {
    db.migrate(&S::migrations()).with_context(|| {
        format!(
            "the {} service's schema cannot be brought up to date",
            S::NAME
        )
    })
}

/// The names of every service, for messages.
pub(crate) fn names() -> String {
    SERVICES
        .iter()
        .map(|entry| entry.name)
        .collect::<Vec<_>>()
        .join(", ")
}
