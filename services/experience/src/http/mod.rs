//! The contract: one file per resource, wire types above their handlers.

mod feed;
mod feedback;
mod interaction;
mod metric;

use utoipa_actix_web::service_config::ServiceConfig;

/// Registers every route of the service.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(feedback::list_feedback)
        .service(feedback::load_feedback)
        .service(feedback::batch_upsert_feedback)
        .service(interaction::list_interactions)
        .service(interaction::load_interaction)
        .service(interaction::batch_upsert_interactions)
        .service(metric::list_metrics)
        .service(feed::read_metrics)
        .service(feed::list_metrics)
        .service(feed::read_exposures)
        .service(feed::list_exposures);
}
