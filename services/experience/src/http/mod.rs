//! The contract: one file per resource, wire types above their handlers.

mod feed;
mod feedback;
mod interaction;
mod metric;

use keepworth_contract::feed::CustomerKey;
use keepworth_intake::Failure;
use keepworth_intake::fault;
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
) -> Result<Option<CustomerKey>, Failure> {
    let (source, external_id) = match (source, external_id) {
        (Some(source), Some(external_id)) => (source, external_id),
        (None, None) => return Ok(None),
        _ => {
            return Err(Failure::malformed(
                "customer_source and customer_external_id name a customer together; give both or \
                 neither",
            ));
        }
    };
    let faults = [
        fault::text("customer_source", &source, 64),
        fault::text("customer_external_id", &external_id, 128),
    ];
    match faults.into_iter().flatten().next() {
        Some(fault) => Err(Failure::malformed(format!(
            "{} {}",
            fault.name, fault.reason
        ))),
        None => Ok(Some(CustomerKey {
            source,
            external_id,
        })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(source: Option<&str>, external_id: Option<&str>) -> Option<Option<CustomerKey>> {
        customer_filter(source.map(str::to_owned), external_id.map(str::to_owned)).ok()
    }

    #[test]
    fn a_customer_is_named_by_both_parts_of_the_key() {
        let key = CustomerKey {
            source: "crm".into(),
            external_id: "7".into(),
        };
        assert_eq!(filter(Some("crm"), Some("7")), Some(Some(key)));
        assert_eq!(filter(None, None), Some(None));
        assert_eq!(filter(Some("crm"), None), None);
        assert_eq!(filter(None, Some("7")), None);
        assert_eq!(filter(Some("crm"), Some("\0")), None);
    }
}
