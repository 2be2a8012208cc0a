//! Which services there are, and how each is started.

use std::path::Path;

use anyhow::{Context, ensure};
use keepworth_customers::Customers;
use keepworth_customers_http::CustomersService;
use keepworth_experience::Experience;
use keepworth_experience_http::ExperienceService;
use keepworth_finance::Finance;
use keepworth_finance_http::FinanceService;
use keepworth_platform::audit::Anchors;
use keepworth_platform::server::Mounted;
use keepworth_platform::settings::Settings;
use keepworth_platform::{Service, document};
use keepworth_simulator::{Room, Simulator};
use keepworth_simulator_http::SimulatorService;
use keepworth_store::{Db, Migrations};
use utoipa::openapi::OpenApi;

use crate::runtime;

/// A service that the binary can run.
pub(crate) struct Entry {
    /// Its name.
    pub(crate) name: &'static str,
    /// Opens its database and makes it ready for mounting.
    pub(crate) start: fn(&Settings) -> anyhow::Result<Mounted>,
    /// Opens its database alone.
    pub(crate) open: fn(&Settings) -> anyhow::Result<Db>,
    /// Its schema's history.
    migrations: fn() -> Migrations,
    /// Brings its schema up to date; answers the migrations that it applied.
    pub(crate) migrate: fn(&Settings) -> anyhow::Result<Vec<String>>,
    /// Its long work, for a process that does nothing else.
    pub(crate) work: fn(&Settings) -> anyhow::Result<Mounted>,
    /// Its contract.
    pub(crate) document: fn() -> OpenApi,
}

impl Entry {
    const fn of<S: Service>(
        start: fn(&Settings) -> anyhow::Result<Mounted>,
        work: fn(&Settings) -> anyhow::Result<Mounted>,
    ) -> Self {
        Self {
            work,
            name: S::NAME,
            start,
            open: open::<S>,
            migrations: S::migrations,
            migrate: migrate::<S>,
            document: document::<S>,
        }
    }
}

/// Every service.
pub(crate) const SERVICES: [Entry; 4] = [
    Entry::of::<CustomersService>(
        |settings| start::<CustomersService>(settings, customers, &[]),
        |settings| work::<CustomersService>(settings, customers),
    ),
    Entry::of::<ExperienceService>(
        |settings| start::<ExperienceService>(settings, experience, &[]),
        |settings| work::<ExperienceService>(settings, experience),
    ),
    Entry::of::<FinanceService>(
        |settings| {
            let known = [CustomersService::NAME, ExperienceService::NAME];
            start::<FinanceService>(settings, finance, &known)
        },
        |settings| work::<FinanceService>(settings, finance),
    ),
    Entry::of::<SimulatorService>(
        |settings| {
            let known = [
                CustomersService::NAME,
                ExperienceService::NAME,
                FinanceService::NAME,
            ];
            start::<SimulatorService>(settings, simulator, &known)
        },
        |settings| work::<SimulatorService>(settings, simulator),
    ),
];

fn customers(db: Db, settings: &Settings) -> anyhow::Result<Customers> {
    let peers = keepworth_customers::Peers {
        experience: settings.reach(ExperienceService::NAME),
        finance: settings.reach(FinanceService::NAME),
        simulator: settings.reach(SimulatorService::NAME),
    };
    let customers = Customers::new(db, &peers)?.with_room(settings.limits.imports.get());
    Ok(if settings.jobs.in_process {
        customers
    } else {
        customers.with_workers()
    })
}

fn experience(db: Db, settings: &Settings) -> anyhow::Result<Experience> {
    let experience = Experience::new(db).with_room(settings.limits.imports.get());
    Ok(if settings.jobs.in_process {
        experience
    } else {
        experience.with_workers()
    })
}

fn finance(db: Db, settings: &Settings) -> anyhow::Result<Finance> {
    let peers = keepworth_finance::Peers {
        customers: settings.reach(CustomersService::NAME),
        experience: settings.reach(ExperienceService::NAME),
    };
    let finance = Finance::new(db, &peers)?.with_room(settings.limits.imports.get());
    Ok(if settings.jobs.in_process {
        finance
    } else {
        finance.with_workers()
    })
}

fn simulator(db: Db, settings: &Settings) -> anyhow::Result<Simulator> {
    let peers = keepworth_simulator::Peers {
        customers: settings.reach(CustomersService::NAME),
        experience: settings.reach(ExperienceService::NAME),
        finance: settings.reach(FinanceService::NAME),
    };
    let rooms = keepworth_simulator::Rooms {
        runs: Room::of_caller(settings.limits.runs.get(), "limits.runs"),
        baselines: Room::of_caller(settings.limits.baselines.get(), "limits.baselines"),
        what_ifs: settings.limits.what_ifs.get(),
    };
    let simulator = Simulator::new(db, &peers)?.with_rooms(rooms);
    Ok(if settings.jobs.in_process {
        simulator
    } else {
        simulator.with_workers()
    })
}

/// What a worker runs: a service's long work, without its routes.
fn work<S: Service>(
    settings: &Settings,
    make: fn(Db, &Settings) -> anyhow::Result<S::App>,
) -> anyhow::Result<Mounted> {
    let db = opened::<S>(settings)?;
    let app = make(db.clone(), settings)?;
    let begin = move |stop| S::background(&app, stop);
    Ok(Mounted::worker(S::NAME, db, S::migrations(), begin))
}

fn open<S: Service>(settings: &Settings) -> anyhow::Result<Db> {
    Db::open(settings.database(S::NAME), &settings.db_options())
        .with_context(|| format!("the {} service has no database", S::NAME))
}

impl Entry {
    /// Opens its database for who only reads it: one that is there, with the schema that this version knows.
    pub(crate) fn open_existing(&self, settings: &Settings) -> anyhow::Result<Db> {
        let url = settings.database(self.name).url()?;
        if let Some(path) = url.strip_prefix("sqlite://") {
            ensure!(
                Path::new(path).exists(),
                "{} has no database at {path}; name its folder with --set database.data_dir=DIR",
                self.name
            );
        }
        let db = (self.open)(settings)?;
        let pending = runtime::block_on(async { Ok(db.pending(&(self.migrations)()).await?) })?;
        ensure!(
            pending.is_empty(),
            "the schema of {} is of an older version; `keepworth migrate {}` brings it up to date",
            self.name,
            self.name
        );
        Ok(db)
    }
}

/// The database, its schema brought up to date where the settings say so.
fn opened<S: Service>(settings: &Settings) -> anyhow::Result<Db> {
    let db = open::<S>(settings)?;
    if settings.database.migrate_at_start {
        apply::<S>(&db)?;
    }
    Ok(db)
}

/// The service, which exchanges signed heads with those that it knows.
fn start<S: Service>(
    settings: &Settings,
    make: fn(Db, &Settings) -> anyhow::Result<S::App>,
    known: &[&'static str],
) -> anyhow::Result<Mounted> {
    let anchors = Anchors::open(settings, known);
    let anchors = anchors.context("there is no key to sign the record of who did what with")?;
    let app = make(opened::<S>(settings)?, settings)?;
    forget_again::<S>(&app)?;
    Ok(Mounted::new::<S>(app, anchors))
}

/// Erases again whom a restored backup has and whose erasure is noted beside it, before anybody is answered.
fn forget_again<S: Service>(app: &S::App) -> anyhow::Result<()> {
    let (subjects, db) = (S::subjects(app), S::db(app).clone());
    runtime::block_on(async move {
        // A schema that waits for `keepworth migrate` has no tables for it, and the service is not ready.
        if db
            .pending(&S::migrations())
            .await
            .is_ok_and(|it| it.is_empty())
        {
            let again = subjects.replay().await;
            again.with_context(|| format!("erasures of {} cannot be done again", S::NAME))?;
        }
        Ok(())
    })
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
