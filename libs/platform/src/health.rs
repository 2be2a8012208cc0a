//! Health: `/livez` says that the process runs, `/readyz` that it can serve.

use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::future::join_all;
use keepworth_store::{Db, Migrations};
use serde_json::json;
use tokio::sync::watch;

/// Whether the process is on its way out.
#[derive(Debug, Clone)]
pub struct Draining(watch::Sender<bool>);

impl Default for Draining {
    fn default() -> Self {
        Self(watch::Sender::new(false))
    }
}

impl Draining {
    /// That of the process that a request is answered in.
    pub(crate) fn of(request: &HttpRequest) -> Self {
        let here = request.app_data::<web::Data<Self>>();
        here.map(|it| Self::clone(it)).unwrap_or_default()
    }

    /// Says that it is.
    pub fn begin(&self) {
        self.0.send_replace(true);
    }

    fn has_begun(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until it is: whoever holds an answer back that long gives it now.
    pub(crate) async fn begun(self) {
        let mut told = self.0.subscribe();
        let _ = told.wait_for(|has_begun| *has_begun).await;
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
