//! Serving: one service at the root, or several below their names; graceful to the end.

mod listening;
mod mounted;
mod paths;

use std::any::Any;
use std::io;
use std::time::Duration;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Extensions, ServiceRequest, ServiceResponse};
use actix_web::middleware::{Compress, Next, from_fn};
use actix_web::rt::net::UnixStream;
use actix_web::web;
use actix_web::{App, HttpServer, ResponseError};
use keepworth_intake::Failure;
use keepworth_store::Db;
use keepworth_tokens::Tokens;
use tokio::sync::watch;

use crate::access::{self, Peer};
use crate::error::configure_extractors;
use crate::form::FormLimit;
use crate::guard::Names;
use crate::health::Draining;
use crate::limits;
use crate::settings::Server;
use crate::{ApiError, audit, guard, pace, routes, trace};

pub use listening::{Listening, listen, listen_for_health, session_url};
pub use mounted::Mounted;
use paths::mount;

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
