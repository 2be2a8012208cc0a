//! The contract: one file per resource, wire types above their handlers.

mod customer;
mod feed;
mod lifecycle_event;
mod segment;

use utoipa_actix_web::service_config::ServiceConfig;

/// Registers every route of the service.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(customer::list_customers)
        .service(customer::load_customer)
        .service(customer::load_customer_by_external_id)
        .service(customer::batch_upsert_customers)
        .service(lifecycle_event::list_lifecycle_events)
        .service(lifecycle_event::load_lifecycle_event)
        .service(lifecycle_event::batch_upsert_lifecycle_events)
        .service(segment::list_segments)
        .service(segment::load_segment)
        .service(segment::put_segment)
        .service(feed::read_cohorts)
        .service(feed::list_cohorts)
        .service(feed::read_episodes)
        .service(feed::list_episodes);
}
