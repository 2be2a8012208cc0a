//! One document of several services, for an SDK that knows them all.

use std::collections::BTreeSet;

use keepworth_contract::description::{SCHEMAS, Schemas, walk};
use serde_json::{Map, Value, json};

/// All services below their names, as `keepworth up` serves them.
///
/// What two services call alike and is not alike bears the service's name: `FinanceMetricReport`,
/// `finance_load_metrics`.
#[must_use]
pub fn merged(documents: &[(&str, Value)]) -> Value {
    let schema_names = ambiguous(documents, |document| {
        named(&document["components"]["schemas"])
    });
    let operation_ids = ambiguous(documents, operations);
    let (mut paths, mut schemas) = (Map::new(), Schemas::new());
    let mut tags = Vec::new();
    for (service, document) in documents {
        let mut document = document.clone();
        rename(&mut document, service, &schema_names, &operation_ids);
        for tag in document["tags"].as_array().into_iter().flatten() {
            let name = tagged(service, &tag["name"]);
            tags.push(json!({"name": name, "description": tag["description"]}));
        }
        for (path, item) in take(&mut document, "/paths") {
            paths.insert(format!("/{service}{path}"), item);
        }
        for (name, schema) in take(&mut document, "/components/schemas") {
            schemas.insert(in_service(service, name, &schema_names), schema);
        }
    }
    let info = documents.first().map(|(_, document)| &document["info"]);
    let (version, license) = info.map_or((&Value::Null, &Value::Null), |it| {
        (&it["version"], &it["license"])
    });
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Keepworth",
            "description": "What a customer experience management programme is worth: every service in one process, each below its name.",
            "license": license,
            "version": version,
        },
        "servers": [{"url": "."}],
        "security": [],
        "tags": tags,
        "paths": paths,
        "components": {"schemas": schemas},
    })
}

fn take(document: &mut Value, pointer: &str) -> Map<String, Value> {
    match document.pointer_mut(pointer).map(Value::take) {
        Some(Value::Object(fields)) => fields,
        _ => Map::new(),
    }
}

fn named(fields: &Value) -> Vec<(String, Value)> {
    let fields = fields.as_object().into_iter().flatten();
    fields
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// Operations by their ids; no two are the same operation.
fn operations(document: &Value) -> Vec<(String, Value)> {
    let paths = named(&document["paths"]).into_iter();
    let operations = paths.flat_map(|(path, item)| {
        let title = document["info"]["title"].clone();
        named(&item)
            .into_iter()
            .map(move |(method, it)| (it["operationId"].clone(), json!([title, path, method])))
    });
    operations
        .filter_map(|(id, place)| Some((id.as_str()?.to_owned(), place)))
        .collect()
}

/// Names under which documents have different things.
fn ambiguous(
    documents: &[(&str, Value)],
    things: impl Fn(&Value) -> Vec<(String, Value)>,
) -> BTreeSet<String> {
    let (mut seen, mut ambiguous) = (Map::new(), BTreeSet::new());
    for (name, thing) in documents.iter().flat_map(|(_, document)| things(document)) {
        match seen.get(&name) {
            Some(other) if *other != thing => {
                ambiguous.insert(name);
            }
            _ => {
                seen.insert(name, thing);
            }
        }
    }
    ambiguous
}

fn in_service(service: &str, name: String, ambiguous: &BTreeSet<String>) -> String {
    if !ambiguous.contains(&name) {
        return name;
    }
    let (first, rest) = service.split_at(1);
    format!("{}{rest}{name}", first.to_uppercase())
}

/// Two services may have a tag of the same name.
fn tagged(service: &str, tag: &Value) -> String {
    format!("{service} {}", tag.as_str().unwrap_or_default())
}

fn rename(
    document: &mut Value,
    service: &str,
    schema_names: &BTreeSet<String>,
    operation_ids: &BTreeSet<String>,
) {
    walk(document, &mut |fields| {
        // The tags of the document itself are objects.
        let tags = fields.get_mut("tags").and_then(Value::as_array_mut);
        for tag in tags.into_iter().flatten().filter(|tag| tag.is_string()) {
            *tag = tagged(service, tag).into();
        }
        for (key, value) in fields {
            let Some(text) = value.as_str() else {
                continue;
            };
            if let Some(name) = text.strip_prefix(SCHEMAS) {
                let name = in_service(service, name.to_owned(), schema_names);
                *value = format!("{SCHEMAS}{name}").into();
            } else if key == "operationId" && operation_ids.contains(text) {
                *value = format!("{service}_{text}").into();
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(title: &str, schema: &Value) -> Value {
        json!({
            "info": {"title": title, "version": "1"},
            "paths": {"/v1/metrics": {"get": {"operationId": "load_metrics",
                "schema": {"$ref": "#/components/schemas/Report"}}}},
            "components": {"schemas": {"Report": schema, "Money": {"type": "object"}}},
        })
    }

    #[test]
    fn what_is_not_alike_bears_its_services_name() {
        let one = ("customers", document("one", &json!({"type": "object"})));
        let two = ("finance", document("two", &json!({"type": "string"})));
        let merged = merged(&[one, two]);
        let schemas: Vec<_> = merged["components"]["schemas"]
            .as_object()
            .unwrap()
            .keys()
            .collect();
        assert_eq!(schemas, ["CustomersReport", "FinanceReport", "Money"]);
        let operation = &merged["paths"]["/finance/v1/metrics"]["get"];
        assert_eq!(operation["operationId"], "finance_load_metrics");
        assert_eq!(
            operation["schema"]["$ref"],
            "#/components/schemas/FinanceReport"
        );
    }
}
