//! The contract: one file per resource, wire types above their handlers.

mod feed;
mod feedback;
mod interaction;
mod metric;

use keepworth_contract::feed::CustomerKey;
use keepworth_platform::ApiError;
use utoipa_actix_web::service_config::ServiceConfig;

/// Registers every route of the service.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(feedback::list_feedback)
        .service(feedback::batch_upsert_feedback)
        .service(interaction::list_interactions)
        .service(interaction::batch_upsert_interactions)
        .service(metric::list_metrics)
        .service(feed::read_metrics)
        .service(feed::read_exposures);
}

/// The customer that a list is filtered by: both parts of the key, or neither.
fn customer_filter(
    source: Option<String>,
    external_id: Option<String>,
) -> Result<Option<CustomerKey>, ApiError> {
    match (source, external_id) {
        (Some(source), Some(external_id)) => Ok(Some(CustomerKey {
            source,
            external_id,
        })),
        (None, None) => Ok(None),
        _ => Err(ApiError::malformed(
            "customer_source and customer_external_id name a customer together; give both or \
             neither",
        )),
    }
}
