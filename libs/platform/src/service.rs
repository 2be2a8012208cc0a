//! What a service is, as far as the platform cares.

use std::pin::Pin;

use futures_util::future::OptionFuture;
use keepworth_contract::event::EventType;
use keepworth_erasure::Subjects;
use keepworth_imports::Imports;
use keepworth_jobs::Jobs;
use keepworth_store::{Db, Migrations};
use tokio::sync::watch;
use utoipa_actix_web::service_config::ServiceConfig;

/// A service: its name, its routes, its database.
pub trait Service: 'static {
    /// Its state, of the crate that does its work and knows no HTTP; handlers reach it as `web::Data<App>`.
    type App: Clone + Send + Sync + 'static;

    /// Its name in paths, files and settings.
    const NAME: &'static str;
    /// What it is for, in a sentence or two.
    const DESCRIPTION: &'static str;

    /// What its operations are about, by their tags.
    const TAGS: &'static [(&'static str, &'static str)];
    /// What it covers, what it helps with and what it leaves to other tools.
    const COVERED: Covered;
    /// The events that it puts into its outbox; a service with any has webhooks, and its migrations make the
    /// tables of `keepworth_outbox`.
    const EVENTS: &'static [EventType] = &[];

    /// Registers every route below `/v1`, with its documentation: one list makes both.
    fn routes(config: &mut ServiceConfig<'_>);
    /// Its schema history.
    fn migrations() -> Migrations;
    /// Its database.
    fn db(app: &Self::App) -> &Db;

    /// What it holds of customers.
    fn subjects(app: &Self::App) -> Subjects;

    /// Files of its records, where it takes some.
    fn imports(app: &Self::App) -> Option<Imports> {
        let _ = app;
        None
    }

    /// Its other long work, where it has some.
    fn jobs(app: &Self::App) -> Option<Jobs> {
        let _ = app;
        None
    }

    /// What it does beside answering, from the start of the process until `stop` is true: then every
    /// request has its answer.
    fn background(app: &Self::App, stop: watch::Receiver<bool>) -> Background {
        let (imports, jobs) = (Self::imports(app), Self::jobs(app));
        let taking = imports.map(|it| it.work(stop.clone()));
        let working = jobs.map(|it| it.work(stop));
        Box::pin(async {
            tokio::join!(OptionFuture::from(taking), OptionFuture::from(working));
        })
    }
}

/// What a service is for, and what it is not for.
#[derive(Debug, Clone, Copy)]
pub struct Covered {
    /// What it does from end to end.
    pub covers: &'static [&'static str],
    /// What it helps with, and does not do alone.
    pub assists: &'static [&'static str],
    /// What other tools do, and which kind.
    pub leaves: &'static [(&'static str, &'static str)],
}

/// What a service does beside answering.
pub type Background = Pin<Box<dyn Future<Output = ()> + Send>>;
