//! A service as a process holds it: its routes, its long work, what it needs to be ready.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::web::{self, ServiceConfig};
use keepworth_outbox::Outbox;
use keepworth_store::{Db, Migrations};
use keepworth_tokens::Tokens;
use tokio::sync::watch;
use utoipa::openapi::OpenApi;
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::access::Sealed;
use crate::audit::{Anchors, Log, Notices};
use crate::document::document;
use crate::health::Readiness;
use crate::service::Background;
use crate::{Service, capability};

/// Registers a service's routes below a prefix.
type Configure = dyn Fn(&mut ServiceConfig, &str) + Send + Sync;

/// Starts what a service does beside answering.
type Begin = dyn Fn(watch::Receiver<bool>) -> Background + Send + Sync;

/// A service as it is mounted in a process.
#[derive(Clone)]
pub struct Mounted {
    pub(super) name: &'static str,
    pub(super) readiness: Readiness,
    contract: Arc<OpenApi>,
    pub(super) notices: Notices,
    configure: Arc<Configure>,
    pub(super) begin: Arc<Begin>,
    /// Those that open it; a worker has none to open.
    pub(super) tokens: Option<Tokens>,
}

impl Mounted {
    /// Makes a service ready for mounting, whose record is held fast so.
    pub fn new<S: Service>(app: S::App, anchors: Anchors) -> Self {
        let readiness = Readiness {
            service: S::NAME,
            db: S::db(&app).clone(),
            migrations: S::migrations(),
        };
        let imports = S::imports(&app).map(|it| web::Data::new(Sealed::new(it)));
        let jobs = S::jobs(&app).map(|it| web::Data::new(Sealed::new(it)));
        let subjects = web::Data::new(Sealed::new(S::subjects(&app)));
        let beside = app.clone();
        let outbox = Outbox::new(S::db(&app).clone(), S::NAME, S::EVENTS);
        let outbox_of_requests = web::Data::new(Sealed::new(outbox.clone()));
        let state = web::Data::new(Sealed::new(app));
        let capabilities = web::Data::new(Sealed::new(capability::capabilities::<S>()));
        let tokens = Tokens::new(readiness.db.clone());
        let tokens_of_requests = web::Data::new(Sealed::new(tokens.clone()));
        let (db, notices) = (readiness.db.clone(), Notices::default());
        let log = web::Data::new(Sealed::new(Log {
            service: S::NAME,
            db: db.clone(),
            anchors: anchors.clone(),
        }));
        let document = Arc::new(document::<S>());
        let contract = web::Bytes::from(document.to_json().unwrap_or_default());
        let configure = move |config: &mut ServiceConfig, prefix: &str| {
            let contract = contract.clone();
            let docs = format!("{prefix}/docs/");
            let mut scope = web::scope(prefix);
            if let Some(imports) = &imports {
                scope = scope.app_data(imports.clone());
            }
            if let Some(jobs) = &jobs {
                scope = scope.app_data(jobs.clone());
            }
            config.service(
                scope
                    .app_data(state.clone())
                    .app_data(capabilities.clone())
                    .app_data(log.clone())
                    .app_data(subjects.clone())
                    .app_data(outbox_of_requests.clone())
                    .app_data(tokens_of_requests.clone())
                    .service(web::scope("/v1").configure(|v1| {
                        let mut v1 = utoipa_actix_web::service_config::ServiceConfig::new(v1);
                        capability::routes::<S>(&mut v1);
                    }))
                    .route(
                        "/openapi.json",
                        web::get().to(move || {
                            let contract = contract.clone();
                            async move {
                                HttpResponse::Ok()
                                    .content_type("application/json")
                                    .body(contract)
                            }
                        }),
                    )
                    .service(web::redirect("/docs", docs))
                    .service(SwaggerUi::new("/docs/{_:.*}").config(docs_of(prefix))),
            );
        };
        Self {
            name: S::NAME,
            tokens: Some(tokens),
            readiness,
            contract: document,
            notices: notices.clone(),
            configure: Arc::new(configure),
            begin: Arc::new(move |stop| {
                let own = S::background(&beside, stop.clone());
                let heads = (
                    anchors.clone().hold(db.clone(), S::NAME, stop.clone()),
                    anchors.clone().end(db.clone(), S::NAME),
                );
                let noticing = notices.clone().write(db.clone(), stop.clone());
                let outbox = (!S::EVENTS.is_empty()).then(|| outbox.clone());
                Box::pin(async {
                    let delivery = async {
                        if let Some(outbox) = outbox {
                            outbox.deliver(stop).await;
                        }
                    };
                    let (hold, end) = heads;
                    tokio::join!(own, delivery, noticing, hold);
                    // The last head is that of all that the service wrote.
                    end.await;
                })
            }),
        }
    }
}

/// How a contract is shown. Where there are several there are sessions, which their pages keep; elsewhere a page
/// keeps no token that somebody types into it.
fn docs_of(prefix: &str) -> Config<'static> {
    let config = Config::from(format!("{prefix}/openapi.json"));
    config.persist_authorization(!prefix.is_empty())
}

impl Mounted {
    /// Registers its routes below a prefix.
    pub fn configure(&self, config: &mut ServiceConfig, prefix: &str) {
        (self.configure)(config, prefix);
    }

    /// Its contract.
    #[must_use]
    pub fn contract(&self) -> &OpenApi {
        &self.contract
    }

    /// A service's long work alone, without its routes, and whether its database is well.
    pub fn worker(
        name: &'static str,
        db: Db,
        migrations: Migrations,
        begin: impl Fn(watch::Receiver<bool>) -> Background + Send + Sync + 'static,
    ) -> Self {
        let readiness = Readiness {
            service: name,
            db,
            migrations,
        };
        Self {
            name,
            tokens: None,
            readiness,
            contract: Arc::default(),
            notices: Notices::default(),
            configure: Arc::new(|_, _| {}),
            begin: Arc::new(begin),
        }
    }
}
