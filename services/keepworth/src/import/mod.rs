//! Import: rows of any CSV, mapped to records, sent in batches through a service's API.
//!
//! Data flows one way: `keepworth_reading` makes rows of bytes and records of rows, and [`pipeline`] sends
//! them in batches to the service; rows that fail go to the error file of [`source`].

pub(crate) mod ledger;
pub(crate) mod pipeline;
pub(crate) mod source;

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use keepworth_reading::mapping::{KINDS, Kind};
    use serde_json::Value;

    use crate::registry::SERVICES;

    /// The record's fields in the service's contract, and whether each is required.
    fn in_contract(kind: &Kind) -> BTreeMap<String, bool> {
        let entry = SERVICES
            .iter()
            .find(|entry| entry.name == kind.service)
            .unwrap();
        let document = serde_json::to_value((entry.document)()).unwrap();
        let resolve = |schema: &Value| -> Value {
            let reference = schema["$ref"].as_str().unwrap().trim_start_matches('#');
            document.pointer(reference).unwrap().clone()
        };
        let path = format!("/v1/{}:batch_upsert", kind.resource);
        let body = &document["paths"][&path]["post"]["requestBody"]["content"]["application/json"];
        let batch = resolve(&body["schema"]);
        let parts = batch["allOf"]
            .as_array()
            .cloned()
            .unwrap_or_else(|| vec![batch.clone()]);
        let items = parts
            .iter()
            .map(|part| &part["properties"]["items"]["items"]);
        let record = resolve(items.into_iter().find(|it| it.is_object()).unwrap());
        let required = record["required"].as_array().unwrap();
        let names = record["properties"].as_object().unwrap().keys();
        names
            .map(|name| (name.clone(), required.contains(&name.as_str().into())))
            .collect()
    }

    #[test]
    fn kinds_have_the_fields_of_the_contract() {
        for kind in &KINDS {
            let fields: BTreeMap<String, bool> = kind
                .fields
                .iter()
                .map(|it| (it.name.to_owned(), it.required))
                .collect();
            assert_eq!(fields, in_contract(kind), "{}", kind.name);
        }
    }
}
