//! Use cases: one file each, which owns its transaction and can be called from a handler, a job or a test.

#![expect(
    clippy::missing_errors_doc,
    reason = "every use case fails with a `Failure`, which says what its caller is told"
)]

pub mod feedback;
pub(crate) mod import;
pub mod interaction;

pub mod feed;
pub mod metric;
use keepworth_contract::feed::CustomerKey;
use keepworth_intake::{Failure, fault};

/// The customer that a list is filtered by: both parts of the key, or neither.
pub fn customer_filter(
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
