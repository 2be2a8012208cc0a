//! Values that nobody should send, in every place of every operation: each is answered as the contract
//! says, and never by a failure, on both databases.

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Map, Value, json};

use crate::support::{Database, Keepworth, Kind, on_both_databases, workspace};

on_both_databases!(every_operation_answers_hostile_values_as_its_contract_says);

const SERVICES: [&str; 4] = ["customers", "experience", "finance", "simulator"];

/// Each place of a body gets one value in so many, another place others, so that every value is sent and every place is
/// tried; `make slow` sends all to all.
const ONE_IN: usize = if cfg!(feature = "slow-tests") { 1 } else { 4 };

/// In paths and queries, as they are sent.
const IN_ADDRESSES: [&str; 11] = [
    "%00",
    "a%00b",
    "%ED%A0%80",
    "%F0%9F%92%A9",
    "%27%20OR%201=1--",
    "0000-01-01",
    "1899-12-31",
    "99999-12-31",
    "-1",
    "99999999999999999999",
    "0.1",
];

/// In the place of a text of a body.
fn in_bodies() -> Vec<Value> {
    vec![
        json!("\u{0}"),
        json!("a\u{0}b"),
        json!("\u{202e}"),
        json!("0000-01-01"),
        json!("1899-12-31"),
        json!("9999-12-31"),
        json!("1899-12"),
        json!("x".repeat(100_000)),
        json!("1e400"),
        json!("-9223372036854775809"),
        json!(-1),
        json!(1e300),
        json!(null),
        json!([]),
        json!({}),
    ]
}

/// One operation of a contract.
struct Operation<'a> {
    document: &'a Value,
    service: &'a str,
    method: &'a str,
    path: &'a str,
    parameters: Vec<&'a Value>,
    body: Option<&'a Value>,
    statuses: BTreeSet<u16>,
}

impl<'a> Operation<'a> {
    fn all(document: &'a Value, service: &'a str) -> Vec<Self> {
        let paths = document["paths"].as_object().unwrap();
        let operations = paths.iter().flat_map(|(path, operations)| {
            let operations = operations.as_object().unwrap().iter();
            operations.map(move |(method, it)| (path, method, it))
        });
        let made = operations.map(|(path, method, it)| Self {
            document,
            service,
            method,
            path,
            parameters: it["parameters"].as_array().into_iter().flatten().collect(),
            body: it.pointer("/requestBody/content/application~1json/schema"),
            statuses: it["responses"]
                .as_object()
                .unwrap()
                .keys()
                .map(|it| it.parse().unwrap())
                .collect(),
        });
        made.collect()
    }

    /// The address with usual values, but for the parameter at `place`, which is `value`.
    fn address(&self, place: Option<usize>, value: &str) -> String {
        let (mut path, mut query) = (self.path.to_owned(), Vec::new());
        for (index, parameter) in self.parameters.iter().enumerate() {
            let name = parameter["name"].as_str().unwrap();
            let is_asked = Some(index) == place;
            let usual = text_of(&self.usual(&parameter["schema"], 0));
            let value = if is_asked { value } else { &usual };
            match parameter["in"].as_str().unwrap() {
                "path" => path = path.replace(&format!("{{{name}}}"), value),
                "query" if is_asked || parameter["required"] == true => {
                    query.push(format!("{name}={value}"));
                }
                _ => {}
            }
        }
        format!("/{}{path}?{}", self.service, query.join("&"))
    }

    /// A value that a schema allows, with all that it requires.
    fn usual(&self, schema: &Value, depth: u32) -> Value {
        if let Some(reference) = schema["$ref"].as_str() {
            let target = self
                .document
                .pointer(reference.trim_start_matches('#'))
                .unwrap();
            return self.usual(target, depth + 1);
        }
        let first = |name: &str| schema[name].as_array().and_then(|it| it.first());
        if let Some(one) = first("oneOf").or(first("anyOf")).or(first("allOf")) {
            return self.usual(one, depth + 1);
        }
        if let Some(one) = first("enum")
            .or(schema.get("example"))
            .or(first("examples"))
        {
            return one.clone();
        }
        let kind = schema["type"].as_str().or(schema["type"][0].as_str());
        match (kind, schema["format"].as_str()) {
            (Some("string"), Some("date")) => json!("2025-01-31"),
            (Some("string"), Some("date-time")) => json!("2025-01-31T12:00:00Z"),
            (Some("string"), Some("uuid")) => json!("0190b9d6-0000-7000-8000-000000000000"),
            (Some("string"), _) if schema["pattern"].is_string() => json!("2025-01"),
            (Some("string"), _) => json!("a"),
            (Some("integer" | "number"), _) => schema.get("minimum").cloned().unwrap_or(json!(1)),
            (Some("boolean"), _) => json!(true),
            (Some("array"), _) if depth < 8 => json!([self.usual(&schema["items"], depth + 1)]),
            (Some("object"), _) => {
                let none = Map::new();
                let properties = schema["properties"].as_object().unwrap_or(&none);
                let made = properties
                    .iter()
                    .map(|(name, it)| (name.clone(), self.usual(it, depth + 1)));
                Value::Object(if depth < 8 {
                    made.collect()
                } else {
                    none.clone()
                })
            }
            _ => json!(null),
        }
    }

    /// What is wrong with the answer.
    fn fault(&self, keepworth: &Keepworth, address: &str, body: Option<&Value>) -> Option<String> {
        let method = self.method.to_uppercase().parse().unwrap();
        let mut request = keepworth.client().request(method, keepworth.at(address));
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().unwrap();
        let status = response.status().as_u16();
        let text = response.text().unwrap_or_default();
        let said = format!(
            "{} {address} {} → {status} {}",
            self.method,
            body.map_or(String::new(), |it| it
                .to_string()
                .chars()
                .take(300)
                .collect()),
            text.chars().take(300).collect::<String>()
        );
        // A path that no longer fits its template is another path.
        let is_told = status == 404 || self.statuses.contains(&status);
        (status >= 500 || !is_told).then_some(said)
    }
}

fn text_of(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// Where in a value there is something that can be replaced.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => fields
            .iter()
            .for_each(|(name, it)| places(it, &format!("{at}/{name}"), found)),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(index, it)| places(it, &format!("{at}/{index}"), found)),
        _ => found.push(at.to_owned()),
    }
}

fn every_operation_answers_hostile_values_as_its_contract_says(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    let (mut asked, mut faults) = (0, Vec::new());
    for service in SERVICES {
        let text =
            fs::read_to_string(workspace("openapi").join(format!("{service}.json"))).unwrap();
        let document: Value = serde_json::from_str(&text).unwrap();
        for operation in Operation::all(&document, service) {
            let usual = operation.body.map(|schema| operation.usual(schema, 0));
            for place in 0..operation.parameters.len() {
                for value in IN_ADDRESSES {
                    faults.extend(operation.fault(
                        &keepworth,
                        &operation.address(Some(place), value),
                        usual.as_ref(),
                    ));
                    asked += 1;
                }
            }
            let Some(usual) = usual else { continue };
            let (address, mut found) = (operation.address(None, ""), Vec::new());
            places(&usual, "", &mut found);
            for (turn, value) in in_bodies().into_iter().enumerate() {
                let chosen = |index: usize| (index + turn).is_multiple_of(ONE_IN);
                let places = found.iter().enumerate();
                for (_, place) in places.filter(|(index, _)| chosen(*index)) {
                    let mut body = usual.clone();
                    *body.pointer_mut(place).unwrap() = value.clone();
                    faults.extend(operation.fault(&keepworth, &address, Some(&body)));
                    asked += 1;
                }
                faults.extend(operation.fault(&keepworth, &address, Some(&value)));
            }
        }
    }
    let words = faults.join("\n");
    assert!(faults.is_empty(), "{} of {asked}:\n{words}", faults.len());
}
