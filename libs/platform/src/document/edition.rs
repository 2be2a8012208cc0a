//! The edition of a contract for tools that read OpenAPI 3.0 only.

use keepworth_contract::description::{SCHEMAS, walk};
use serde_json::{Map, Value, json};

/// A document of OpenAPI 3.1 as one of 3.0: the same operations and types, with what 3.0 cannot say left
/// out (names of a map's properties, what kind of file a part is).
#[must_use]
pub fn edition_3_0(mut document: Value) -> Value {
    document["openapi"] = "3.0.3".into();
    if let Some(license) = document
        .pointer_mut("/info/license")
        .and_then(Value::as_object_mut)
    {
        // An SPDX expression since 3.1.
        license.remove("identifier");
        license.insert("url".to_owned(), LICENSE.into());
    }
    let types = types(&document);
    walk(&mut document, &mut |fields| {
        nullable_type(fields);
        nullable_form(fields, &types);
        reference_alone(fields, &types);
        one_value(fields);
        one_example(fields);
        exclusive(fields);
        fields.remove("propertyNames");
        fields.remove("contentMediaType");
    });
    document
}

const LICENSE: &str = "https://www.apache.org/licenses/LICENSE-2.0";

/// The type of every schema, by how it is referred to.
fn types(document: &Value) -> Map<String, Value> {
    let schemas = document["components"]["schemas"].as_object();
    let types = schemas.into_iter().flatten().map(|(name, schema)| {
        let kind = schema["type"].as_str().unwrap_or("object");
        (format!("{SCHEMAS}{name}"), kind.into())
    });
    types.collect()
}

/// `"type": ["string", "null"]`.
fn nullable_type(fields: &mut Map<String, Value>) {
    let Some(Value::Array(types)) = fields.get("type") else {
        return;
    };
    let (null, others): (Vec<_>, Vec<_>) = types.iter().cloned().partition(|it| it == "null");
    if let [only] = others.as_slice() {
        fields.insert("type".to_owned(), only.clone());
    }
    if !null.is_empty() {
        fields.insert("nullable".to_owned(), true.into());
    }
}

/// `"oneOf": [{"type": "null"}, …]`.
fn nullable_form(fields: &mut Map<String, Value>, types: &Map<String, Value>) {
    let Some(Value::Array(forms)) = fields.get_mut("oneOf") else {
        return;
    };
    let before = forms.len();
    forms.retain(|it| it["type"] != "null");
    if forms.len() == before {
        return;
    }
    if forms.len() == 1 {
        let reference = forms[0]["$ref"].as_str();
        // What has no type cannot be null in 3.0.
        let kind = reference.and_then(|it| types.get(it)).cloned();
        let forms = fields.remove("oneOf").unwrap_or_default();
        fields.insert("type".to_owned(), kind.unwrap_or_else(|| "object".into()));
        fields.insert("allOf".to_owned(), forms);
    }
    fields.insert("nullable".to_owned(), true.into());
}

/// What stands beside a `$ref` is not read in 3.0.
fn reference_alone(fields: &mut Map<String, Value>, types: &Map<String, Value>) {
    if fields.len() < 2 || !fields.get("$ref").is_some_and(Value::is_string) {
        return;
    }
    if let Some(reference) = fields.remove("$ref") {
        // A default is held against the type beside it.
        let kind = reference.as_str().and_then(|it| types.get(it));
        if let Some(kind) = kind.filter(|_| fields.contains_key("default")) {
            fields.insert("type".to_owned(), kind.clone());
        }
        fields.insert("allOf".to_owned(), json!([{"$ref": reference}]));
    }
}

fn one_value(fields: &mut Map<String, Value>) {
    if fields.get("const").is_some_and(|it| !it.is_object())
        && let Some(only) = fields.remove("const")
    {
        fields.insert("enum".to_owned(), json!([only]));
    }
}

fn one_example(fields: &mut Map<String, Value>) {
    if let Some(Value::Array(examples)) = fields.get("examples").cloned() {
        fields.remove("examples");
        if let Some(first) = examples.into_iter().next() {
            fields.insert("example".to_owned(), first);
        }
    }
}

fn exclusive(fields: &mut Map<String, Value>) {
    for (exclusive, limit) in [
        ("exclusiveMinimum", "minimum"),
        ("exclusiveMaximum", "maximum"),
    ] {
        if fields.get(exclusive).is_some_and(Value::is_number)
            && let Some(value) = fields.remove(exclusive)
        {
            fields.insert(limit.to_owned(), value);
            fields.insert(exclusive.to_owned(), true.into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_new_since_3_1_is_told_in_3_0() {
        let reference = json!({"$ref": "#/components/schemas/A"});
        let told = edition_3_0(json!({
            "openapi": "3.1.0",
            "a": {"type": ["string", "null"]},
            "b": {"oneOf": [{"type": "null"}, reference]},
            "c": {"$ref": "#/components/schemas/A", "description": "An A."},
            "d": {"const": 1, "examples": [1, 2]},
            "e": {"exclusiveMinimum": 0, "propertyNames": {"type": "string"}},
            "components": {"schemas": {"A": {"type": "string"}}},
        }));
        assert_eq!(
            told,
            json!({
                "openapi": "3.0.3",
                "a": {"type": "string", "nullable": true},
                "b": {"allOf": [reference], "type": "string", "nullable": true},
                "c": {"allOf": [reference], "description": "An A."},
                "d": {"enum": [1], "example": 1},
                "e": {"minimum": 0, "exclusiveMinimum": true},
                "components": {"schemas": {"A": {"type": "string"}}},
            })
        );
    }
}
