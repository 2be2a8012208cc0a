//! The contract: one file per resource, wire types above their handlers.

mod baseline;
mod job;
mod run;

use utoipa_actix_web::service_config::ServiceConfig;

/// Registers every route of the service.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(baseline::create_baseline)
        .service(baseline::list_baselines)
        .service(baseline::load_baseline)
        .service(job::list_jobs)
        .service(job::load_job)
        .service(job::cancel_job)
        .service(job::follow_job)
        .service(run::create_run)
        .service(run::list_runs)
        .service(run::load_run);
}
