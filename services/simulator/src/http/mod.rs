//! The contract: one file per resource, wire types above their handlers.

mod baseline;
mod run;

use utoipa_actix_web::service_config::ServiceConfig;

/// Registers every route of the service.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(baseline::create_baseline)
        .service(baseline::list_baselines)
        .service(baseline::load_baseline)
        .service(run::create_run)
        .service(run::list_runs)
        .service(run::load_run);
}
