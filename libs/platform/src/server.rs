//! Serving: one service at the root, or several below their names; graceful to the end.

use std::any::Any;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::net::UnixListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::Extensions;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::{Compress, Next, from_fn};
use actix_web::rt::net::UnixStream;
use actix_web::web::{self, ServiceConfig};
use actix_web::{App, HttpResponse, HttpServer, ResponseError};
use keepworth_outbox::Outbox;
use keepworth_store::{Db, Migrations};
use keepworth_tokens::Tokens;
use tokio::sync::watch;
use utoipa::openapi::OpenApi;
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::access::{self, Gate, Local, LocalPlace, Peer, Sealed};
use crate::audit::{AllNotices, Anchors, Log, Notices};
use crate::document::{document, merged};
use crate::error::configure_extractors;
use crate::form::FormLimit;
use crate::health::{self, Draining, Readiness};
use crate::limits::{self, Limits};
use crate::routes::{self, Routes};
use crate::service::Background;
use crate::settings::{Server, Settings};
use crate::tls::Certificate;
use keepworth_intake::Failure;

use crate::guard::Names;
use crate::{ApiError, Service, audit, capability, guard, pace, session, trace};

/// Registers a service's routes below a prefix.
type Configure = dyn Fn(&mut ServiceConfig, &str) + Send + Sync;

/// Starts what a service does beside answering.
type Begin = dyn Fn(watch::Receiver<bool>) -> Background + Send + Sync;

/// A service as it is mounted in a process.
#[derive(Clone)]
pub struct Mounted {
    name: &'static str,
    readiness: Readiness,
    contract: Arc<OpenApi>,
    notices: Notices,
    configure: Arc<Configure>,
    begin: Arc<Begin>,
    /// Those that open it; a worker has none to open.
    tokens: Option<Tokens>,
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

/// A process that listens, and has not begun to answer yet.
pub struct Listening {
    /// Where.
    pub address: SocketAddr,
    listener: TcpListener,
    certificate: Option<Certificate>,
    socket: Option<UnixListener>,
    gate: Gate,
    limits: Limits,
}

impl Listening {
    /// The URL to ask it at.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.certificate.is_some() {
            "https"
        } else {
            "http"
        };
        format!("{scheme}://{}", self.address)
    }

    /// The address at which a browser of this machine's user has a session, once and within 15 minutes; none
    /// where nobody is known to be that.
    #[must_use]
    pub fn session_url(&self) -> Option<String> {
        let ticket = self.gate.ticket()?;
        Some(session_url(&self.url(), &ticket))
    }
}

/// The page of the server at an address, with a ticket where browsers send it nowhere.
#[must_use]
pub fn session_url(url: &str, ticket: &str) -> String {
    format!("{}/docs/#ticket={ticket}", url.trim_end_matches('/'))
}

/// Takes the port, and the socket beside it for the user that the process runs as.
///
/// # Errors
/// When the port is taken or the address is not ours, the socket cannot be made, or others could reach it
/// and nobody would ask who they are; the message says which, and what to do.
pub fn listen(settings: &Settings) -> io::Result<Listening> {
    let listening = listen_for_health(settings)?;
    let (address, access) = (listening.address, &settings.access);
    if !address.ip().is_loopback() && access.issuers.is_empty() && !access.insecure_open_to_all {
        return Err(io::Error::other(format!(
            "{address} can be reached from other machines, and nothing says who may do what there; name in \
             access.issuers who vouches for callers, listen on 127.0.0.1, or let everybody in with --set \
             access.insecure_open_to_all=true"
        )));
    }
    let place = LocalPlace::new(&access.run_dir, address.port());
    let (local, socket) = match Local::open(place) {
        Ok((local, socket)) => (Some(Arc::new(local)), Some(socket)),
        // In a container there may be no place for one, and nobody to use it.
        Err(error) if access.insecure_open_to_all || !access.issuers.is_empty() => {
            tracing::info!(%error, "there is no socket for commands");
            (None, None)
        }
        Err(error) => return Err(error),
    };
    Ok(Listening {
        socket,
        gate: Gate::new(local, access)?,
        ..listening
    })
}

/// Takes the port of a process that only says how it is, to anybody.
///
/// # Errors
/// When the port is taken or the address is not ours, or the certificate cannot be served; the message names
/// what is wrong.
pub fn listen_for_health(settings: &Settings) -> io::Result<Listening> {
    let limits = Limits::new(&settings.limits);
    let settings = &settings.server;
    let certificate = Certificate::open(&settings.tls)?;
    let place = (settings.host.as_str(), settings.port);
    let listener = TcpListener::bind(place).map_err(|error| {
        io::Error::new(
            error.kind(),
            format!(
                "cannot listen on {}:{}: {error}; choose another with --port",
                settings.host, settings.port
            ),
        )
    })?;
    Ok(Listening {
        address: listener.local_addr()?,
        listener,
        certificate,
        socket: None,
        gate: Gate::default(),
        limits,
    })
}

/// Connections that a thread holds open; more wait to be taken.
const MOST_CONNECTIONS: usize = 1024;

/// The exit code of who was asked twice to stop, as of a process that Ctrl-C ended.
const INTERRUPTED: i32 = 130;

/// Serves until SIGTERM or Ctrl-C, then lets requests in flight finish.
///
/// One service is mounted at the root; several below their names, so that `/customers/v1/…` in one
/// process is `/v1/…` of a process of its own.
///
/// # Errors
/// When the server cannot start.
pub async fn run(listening: Listening, settings: Server, services: Vec<Mounted>) -> io::Result<()> {
    let draining = Draining::default();
    let (for_app, body_limit) = (draining.clone(), settings.body_limit_bytes);
    let form_limit = settings.import_limit_bytes;
    let databases: Vec<Db> = services.iter().map(|it| it.readiness.db.clone()).collect();
    let names = Names::of(&settings.names);
    let gate = web::Data::new(listening.gate.with_tokens(doors(&services)));
    let (stop, stopping) = watch::channel(false);
    let begin = |it: &Mounted| actix_web::rt::spawn((it.begin)(stopping.clone()));
    let background: Vec<_> = services.iter().map(begin).collect();
    let for_requests = gate.clone();
    let limits = web::Data::new(listening.limits);
    let mut server = HttpServer::new(move || {
        let (services, draining) = (services.clone(), for_app.clone());
        App::new()
            .wrap(from_fn(routes::head_as_get))
            .wrap(from_fn(refuse_nul))
            .wrap(from_fn(pace::hold))
            .wrap(from_fn(limits::hold))
            .wrap(from_fn(access::recognise))
            .wrap(from_fn(audit::notice))
            .wrap(Compress::default())
            .wrap(from_fn(guard::refuse_other_hosts))
            .wrap(from_fn(guard::tell_browsers))
            .wrap(from_fn(trace::with_ids))
            .app_data(web::Data::new(names.clone()))
            .app_data(for_requests.clone())
            .app_data(limits.clone())
            .app_data(FormLimit(form_limit))
            .app_data(web::Data::new(draining.clone()))
            .configure(|config| configure_extractors(config, body_limit))
            .configure(|config| mount(config, &services, &draining))
    })
    .on_connect(note_peer)
    .worker_max_blocking_threads(64)
    .max_connections(MOST_CONNECTIONS)
    .shutdown_timeout(settings.shutdown_timeout_seconds)
    .disable_signals();
    if settings.workers > 0 {
        server = server.workers(settings.workers);
    }
    server = match listening.certificate {
        None => server.listen(listening.listener)?,
        Some(certificate) => {
            let config = certificate.config()?;
            actix_web::rt::spawn(certificate.follow());
            server.listen_rustls_0_23(listening.listener, config)?
        }
    };
    if let Some(socket) = listening.socket {
        server = server.listen_uds(socket)?;
    }
    let server = server.run();
    let handle = server.handle();
    actix_web::rt::spawn(async move {
        stop_signal().await;
        tracing::info!("shutting down");
        draining.begin();
        tokio::time::sleep(Duration::from_secs(settings.shutdown_delay_seconds)).await;
        actix_web::rt::spawn(handle.stop(true));
        stop_signal().await;
        tracing::warn!("asked twice to stop: requests in flight are broken off");
        // What was acknowledged is on disk; threads at work would be waited for otherwise.
        std::process::exit(INTERRUPTED);
    });
    server.await?;
    gate.close();
    stop.send_replace(true);
    for beside in background {
        if let Err(error) = beside.await {
            tracing::error!(%error, "what a service does beside answering broke off");
        }
    }
    for database in databases {
        if let Err(error) = database.checkpoint() {
            tracing::warn!(%error, "the write-ahead log stays beside its database; copy both");
        }
    }
    Ok(())
}

/// Below which path the tokens of each service open something.
fn doors(services: &[Mounted]) -> Vec<(String, Tokens)> {
    let is_only = services.len() == 1;
    let door = |it: &Mounted| {
        let path = if is_only {
            "/v1/".to_owned()
        } else {
            format!("/{}/v1/", it.name)
        };
        Some((path, it.tokens.clone()?))
    };
    services.iter().filter_map(door).collect()
}

/// Keeps who is at the other end of a socket with its connection.
fn note_peer(connection: &dyn Any, data: &mut Extensions) {
    let socket = connection.downcast_ref::<UnixStream>();
    if let Some(Ok(peer)) = socket.map(UnixStream::peer_cred) {
        data.insert(Peer { uid: peer.uid() });
    }
}

/// No text can have the character NUL: PostgreSQL has none, so SQLite shall not have one either. In
/// queries and bodies the fields refuse it, by their names.
async fn refuse_nul<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    if request.uri().path().contains("%00") {
        let error = ApiError::from(Failure::malformed(
            "the path has the character NUL; remove it",
        ));
        let answer = request.into_response(error.error_response());
        return Ok(answer.map_into_right_body());
    }
    Ok(next.call(request).await?.map_into_left_body())
}

fn mount(config: &mut ServiceConfig, services: &[Mounted], draining: &Draining) {
    let readiness: Vec<Readiness> = services.iter().map(|it| it.readiness.clone()).collect();
    let draining = draining.clone();
    config.route("/livez", web::get().to(health::livez)).route(
        "/readyz",
        web::get().to(move || {
            let (readiness, draining) = (readiness.clone(), draining.clone());
            async move { health::readyz(&readiness, &draining).await }
        }),
    );
    let mut routes = Routes::default();
    if let [only] = services {
        routes.add("", &only.contract);
        let notices = AllNotices(vec![(String::new(), only.notices.clone())]);
        config.app_data(web::Data::new(notices));
        config.app_data(web::Data::new(routes));
        only.configure(config, "");
        return;
    }
    let names: Vec<&str> = services.iter().map(|service| service.name).collect();
    session::routes(config, &names);
    config.route(
        "/",
        web::get().to({
            let page = index(&names);
            move || {
                let page = page.clone();
                async move {
                    HttpResponse::Ok()
                        .content_type("text/html; charset=utf-8")
                        .body(page)
                }
            }
        }),
    );
    config.route("/openapi.json", {
        let contract = contract_of_all(services);
        web::get().to(move || {
            let contract = contract.clone();
            async move {
                HttpResponse::Ok()
                    .content_type("application/json")
                    .body(contract)
            }
        })
    });
    let notices = services
        .iter()
        .map(|it| (format!("/{}", it.name), it.notices.clone()));
    config.app_data(web::Data::new(AllNotices(notices.collect())));
    for service in services {
        let prefix = format!("/{}", service.name);
        routes.add(&prefix, &service.contract);
        service.configure(config, &prefix);
    }
    config.app_data(web::Data::new(routes));
}

/// The document of every service below its name.
fn contract_of_all(services: &[Mounted]) -> web::Bytes {
    let document = |it: &Mounted| Some((it.name, serde_json::to_value(&*it.contract).ok()?));
    let documents: Vec<_> = services.iter().filter_map(document).collect();
    merged(&documents).to_string().into()
}

fn index(names: &[&str]) -> String {
    let links: String = names
        .iter()
        .map(|name| format!("<li><a href=\"/{name}/docs/\">{name}</a></li>"))
        .collect();
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Keepworth</title>\
         <h1>Keepworth</h1><p>The contracts of the services in this process:</p><ul>{links}</ul>\
         <p><a href=\"/openapi.json\">One document of all of them</a></p></html>"
    )
}

async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
        }
        Err(_) => {
            let _ = tokio::signal::ctrl_c().await;
        }
    }
}
