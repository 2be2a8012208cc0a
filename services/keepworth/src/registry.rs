//! Which services there are, and how each is started.

use anyhow::Context;
use keepworth_customers::Customers;
use keepworth_platform::server::Mounted;
use keepworth_platform::settings::Settings;
use keepworth_platform::{Service, document};
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
    /// Its contract.
    pub(crate) document: fn() -> OpenApi,
}

/// Every service.
pub(crate) const SERVICES: [Entry; 1] = [Entry {
    name: Customers::NAME,
    start: |settings| start(settings, |db, _| Ok(Customers::new(db))),
    migrate: migrate::<Customers>,
    document: document::<Customers>,
}];

fn open<S: Service>(settings: &Settings) -> anyhow::Result<Db> {
    Db::open(&settings.database_url(S::NAME), &settings.db_options())
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
