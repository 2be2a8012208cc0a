//! Health: `/livez` says that the process runs, `/readyz` that it can serve.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::HttpResponse;
use futures_util::future::join_all;
use keepworth_store::{Db, Migrations};
use serde_json::json;

/// Whether the process is on its way out.
#[derive(Debug, Clone, Default)]
pub struct Draining(Arc<AtomicBool>);

impl Draining {
    /// Says that it is.
    pub fn begin(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    fn has_begun(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// What a service needs to be ready: its database, with the schema that the code knows.
#[derive(Clone)]
pub struct Readiness {
    /// The service's name.
    pub service: &'static str,
    /// Its database.
    pub db: Db,
    /// Its schema history.
    pub migrations: Migrations,
}

impl Readiness {
    async fn check(&self) -> Result<(), String> {
        match self.db.pending(&self.migrations).await {
            Ok(pending) if pending.is_empty() => Ok(()),
            Ok(pending) => Err(format!(
                "schema is behind by {} migrations; run `keepworth migrate {}`",
                pending.len(),
                self.service
            )),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// Answers `/livez`.
pub async fn livez() -> HttpResponse {
    HttpResponse::Ok().json(json!({"status": "live"}))
}

/// Answers `/readyz`: 200 when every service of the process is ready, else 503 with the reasons.
pub async fn readyz(services: &[Readiness], draining: &Draining) -> HttpResponse {
    let mut states = serde_json::Map::new();
    let mut ready = !draining.has_begun();
    let checks = services.iter().map(Readiness::check);
    for (service, state) in services.iter().zip(join_all(checks).await) {
        ready &= state.is_ok();
        let text = state.err().unwrap_or_else(|| "ready".to_owned());
        states.insert(service.service.to_owned(), text.into());
    }
    let status = match (ready, draining.has_begun()) {
        (true, _) => "ready",
        (false, true) => "shutting down",
        (false, false) => "not ready",
    };
    let body = json!({"status": status, "services": states});
    if ready {
        HttpResponse::Ok().json(body)
    } else {
        HttpResponse::ServiceUnavailable().json(body)
    }
}
