//! Requests are closed, responses open.
//!
//! A misspelt field of a request is refused, and null is nowhere a value: what is not known is left out. A
//! response may get new fields, which a client must survive; a field that can be null is always there.

use serde_json::{Map, Value, json};

use super::walk;

/// Which way something goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// To a service.
    Request,
    /// From a service.
    Response,
}

/// Describes what goes one way.
pub fn direct(schema: &mut Value, direction: Direction) {
    walk(schema, &mut |object| match direction {
        Direction::Request => close(object),
        Direction::Response => open(object),
    });
}

fn required(object: &Map<String, Value>) -> Vec<String> {
    let names = object.get("required").and_then(Value::as_array);
    let names = names.into_iter().flatten();
    names
        .filter_map(|name| Some(name.as_str()?.to_owned()))
        .collect()
}

fn close(object: &mut Map<String, Value>) {
    let required = required(object);
    let Some(Value::Object(properties)) = object.get_mut("properties") else {
        return;
    };
    for (name, property) in properties {
        if !required.contains(name) {
            without_null(property);
        }
    }
    object
        .entry("additionalProperties")
        .or_insert(Value::Bool(false));
}

fn open(object: &mut Map<String, Value>) {
    if object.get("additionalProperties") == Some(&Value::Bool(false)) {
        object.remove("additionalProperties");
    }
    let mut required = required(object);
    let Some(Value::Object(properties)) = object.get("properties") else {
        return;
    };
    let nullable = properties.iter().filter(|(_, it)| can_be_null(it));
    for (name, _) in nullable {
        if !required.contains(name) {
            required.push(name.clone());
        }
    }
    if !required.is_empty() {
        object.insert("required".to_owned(), json!(required));
    }
}

fn can_be_null(schema: &Value) -> bool {
    let is_null = |it: &Value| it["type"] == "null" || *it == "null";
    let among = |list: &Value| list.as_array().is_some_and(|it| it.iter().any(is_null));
    among(&schema["type"]) || among(&schema["oneOf"])
}

/// Takes back that a value may be null.
pub fn without_null(schema: &mut Value) {
    if !can_be_null(schema) {
        return;
    }
    let Value::Object(fields) = schema else {
        return;
    };
    if let Some(Value::Array(types)) = fields.get_mut("type") {
        types.retain(|it| it != "null");
        if let [one] = types.as_slice() {
            let one = one.clone();
            fields.insert("type".to_owned(), one);
        }
    }
    if let Some(Value::Array(forms)) = fields.get_mut("oneOf") {
        forms.retain(|it| it["type"] != "null");
        if let [Value::Object(one)] = forms.as_slice() {
            let one = one.clone();
            fields.remove("oneOf");
            fields.extend(one);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directed(direction: Direction) -> Value {
        let mut schema = json!({"type": "object", "required": ["a"], "properties": {
            "a": {"type": "string"},
            "b": {"type": ["string", "null"]},
            "c": {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/C"}]},
            "d": {"type": "string"},
        }});
        direct(&mut schema, direction);
        schema
    }

    #[test]
    fn a_request_is_closed_and_leaves_out_what_it_does_not_know() {
        let schema = directed(Direction::Request);
        assert_eq!(schema["additionalProperties"], false);
        assert_eq!(schema["properties"]["b"], json!({"type": "string"}));
        let reference = json!({"$ref": "#/components/schemas/C"});
        assert_eq!(schema["properties"]["c"], reference);
        assert_eq!(schema["required"], json!(["a"]));
    }

    #[test]
    fn a_response_is_open_and_says_what_is_null() {
        let mut closed = directed(Direction::Request);
        direct(&mut closed, Direction::Response);
        assert!(closed.get("additionalProperties").is_none());
        let schema = directed(Direction::Response);
        assert_eq!(schema["required"], json!(["a", "b", "c"]));
    }
}
