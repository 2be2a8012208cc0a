//! Contracts: what is committed is what the code serves, and it is whole.

use std::collections::BTreeSet;
use std::fs;

use keepworth_contract::client::Client;
use keepworth_contract::customers::CustomersClient;
use keepworth_contract::experience::ExperienceClient;
use keepworth_contract::finance::FinanceClient;
use keepworth_contract::simulator::SimulatorClient;
use serde_json::Value;

use crate::support::{Database, Keepworth, Kind, run, workspace};

const SERVICES: [&str; 4] = ["customers", "experience", "finance", "simulator"];

fn committed(service: &str) -> Value {
    let text = fs::read_to_string(workspace("openapi").join(format!("{service}.json"))).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn the_committed_contracts_are_those_of_the_code() {
    let folder = tempfile::tempdir().unwrap();
    run(&["openapi", "-o", folder.path().to_str().unwrap()]).done();
    let documents = SERVICES.into_iter().chain(["keepworth"]);
    for name in documents.flat_map(|it| [format!("{it}.json"), format!("3.0/{it}.json")]) {
        let committed = fs::read_to_string(workspace("openapi").join(&name)).unwrap_or_default();
        let now = fs::read_to_string(folder.path().join(&name)).unwrap();
        assert!(
            now == committed,
            "openapi/{name} is not what the code says; run `make openapi` and look at the change"
        );
    }
}

/// Hands every object inside a document to `each`.
fn walk(value: &Value, each: &mut impl FnMut(&Value)) {
    each(value);
    match value {
        Value::Object(fields) => fields.values().for_each(|field| walk(field, each)),
        Value::Array(items) => items.iter().for_each(|item| walk(item, each)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_somewhere() {
    for service in SERVICES {
        let document = committed(service);
        walk(&document, &mut |value| {
            if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
                let pointer = reference.trim_start_matches('#');
                assert!(
                    document.pointer(pointer).is_some(),
                    "{service}: {reference} leads nowhere"
                );
            }
        });
    }
}

/// What these do needs nothing more to be said than their path.
const WITHOUT_BODY: [&str; 5] = [":cancel", ":confirm", ":rotate_secret", ":test", ":undo"];

#[test]
fn every_operation_is_named_described_and_can_fail() {
    for service in SERVICES {
        let document = committed(service);
        assert_eq!(document["openapi"], "3.1.0");
        let mut ids = BTreeSet::new();
        for (path, operations) in document["paths"].as_object().unwrap() {
            for (method, operation) in operations.as_object().unwrap() {
                let place = format!("{service}: {method} {path}");
                let id = operation["operationId"].as_str().expect(&place);
                assert!(
                    ids.insert(id.to_owned()),
                    "{place}: {id} names two operations"
                );
                assert!(
                    operation["summary"].is_string() || operation["description"].is_string(),
                    "{place}"
                );
                assert!(operation["tags"].is_array(), "{place}");
                let says_all = WITHOUT_BODY.iter().any(|it| path.ends_with(it));
                let takes = matches!(method.as_str(), "post" | "put") && !says_all;
                assert_eq!(operation["requestBody"].is_object(), takes, "{place}");
                let responses = operation["responses"].as_object().unwrap();
                assert!(
                    responses.keys().any(|status| status.starts_with('4')),
                    "{place}"
                );
                for (status, response) in responses {
                    assert!(response["description"].is_string(), "{place} {status}");
                    if status == "204" {
                        assert!(response["content"].is_null(), "{place} {status}");
                        continue;
                    }
                    let media = response["content"].as_object().unwrap();
                    let problem = media.contains_key("application/problem+json");
                    assert_eq!(problem, status.as_str() >= "400", "{place} {status}");
                }
            }
        }
    }
}

/// A stream of events is followed by browsers, and a file saved by them; here a job is asked how it stands,
/// and rows are read page by page.
const WITHOUT_METHOD: [&str; 2] = ["follow_job", "load_rejected_file"];

#[test]
fn every_operation_has_a_method_of_its_client() {
    let clients = [
        CustomersClient::OPERATIONS,
        ExperienceClient::OPERATIONS,
        FinanceClient::OPERATIONS,
        SimulatorClient::OPERATIONS,
    ];
    for (service, methods) in SERVICES.into_iter().zip(clients) {
        let document = committed(service);
        let paths = document["paths"].as_object().unwrap().values();
        let operations = paths.flat_map(|it| it.as_object().unwrap().values());
        let ids = operations.map(|it| it["operationId"].as_str().unwrap());
        let ids: BTreeSet<&str> = ids.filter(|it| !WITHOUT_METHOD.contains(it)).collect();
        // Tokens are the same everywhere, and so are their methods.
        let methods = methods.iter().chain(Client::TOKEN_OPERATIONS);
        let methods: BTreeSet<&str> = methods.copied().collect();
        assert_eq!(ids, methods, "{service}");
    }
}

#[test]
fn money_is_never_a_number() {
    for service in SERVICES {
        let document = committed(service);
        if let Some(amount) = document.pointer("/components/schemas/Money/properties/amount") {
            assert_eq!(amount["type"], "string", "{service}");
        }
    }
}

/// What stands for the variables of paths.
const NAMES: [(&str, &str); 6] = [
    ("programmes/{key}", "programmes/service-2027"),
    ("evidence/{key}", "evidence/call-backs-2025"),
    ("{key}", "smb"),
    ("{code}", "6800"),
    ("{month}", "2025-06"),
    ("{programme}", "cem"),
];

/// Who opens the page of a contract and sends what it shows gets an answer, and no faults; what an example
/// names and nobody has made yet is all that can be missing.
/// What its own schema says against an example.
fn against(schema: &Value) -> Option<&'static str> {
    let example = schema.get("example")?;
    let bound = |name: &str| schema[name].as_f64();
    if let Some(number) = example.as_f64() {
        let is_low = bound("minimum").is_some_and(|least| number < least);
        let is_high = bound("maximum").is_some_and(|most| number > most);
        return (is_low || is_high).then_some("out of its range");
    }
    let text = example.as_str()?;
    let length = text.chars().count() as f64;
    let is_short = bound("minLength").is_some_and(|least| length < least);
    let is_long = bound("maxLength").is_some_and(|most| length > most);
    let is_other = schema["pattern"].as_str().is_some_and(|pattern| {
        let pattern = regex::Regex::new(pattern).unwrap();
        !pattern.is_match(text)
    });
    let words = schema["enum"].as_array();
    let is_none_of = words.is_some_and(|words| !words.contains(example));
    (is_short || is_long || is_other || is_none_of).then_some("no text that it allows")
}

#[test]
fn examples_are_what_their_schemas_allow() {
    let wrong = serde_json::json!({"type": "string", "maxLength": 2, "example": "abc"});
    assert!(against(&wrong).is_some(), "a wrong one is found");
    for service in SERVICES {
        let mut examples = 0;
        walk(&committed(service), &mut |value| {
            examples += usize::from(value.get("example").is_some() && value.get("type").is_some());
            if let Some(why) = against(value) {
                panic!("{service}: an example is {why}: {value}");
            }
        });
        assert!(examples > 50, "{service} has {examples}");
    }
}

#[test]
fn what_is_shown_as_an_example_is_taken() {
    let database = Database::new(Kind::Sqlite);
    let keepworth = Keepworth::up(&database);
    let names = |path: &str| {
        NAMES
            .iter()
            .fold(path.to_owned(), |it, (from, to)| it.replace(from, to))
    };
    // Of what was made last: paths come in order, and a token's own ones after that which makes it.
    let mut made = String::new();
    for service in SERVICES {
        let contract = committed(service);
        for (path, operations) in contract["paths"].as_object().unwrap() {
            for method in ["post", "put"] {
                let content = &operations[method]["requestBody"]["content"]["application/json"];
                if content.is_null() {
                    continue;
                }
                let path_of = names(path).replace("{id}", &made);
                let (place, example) = (format!("/{service}{path_of}"), &content["example"]);
                assert!(example.is_object(), "{method} {place} has no example");
                let (status, answer) = match method {
                    "post" => keepworth.post_because(&place, example, "an example"),
                    _ => keepworth.put(&place, example),
                };
                assert!(status < 500, "{method} {place}: {answer}");
                if let Some(id) = answer["token"]["id"].as_str() {
                    id.clone_into(&mut made);
                }
                // A pilot needs customers, and scenarios, runs and trackings a baseline: more than examples make.
                let is_there = ![
                    "/v1/pilots/{key}",
                    "/v1/scenarios/{key}",
                    "/v1/runs/{id}",
                    "/v1/trackings/{id}",
                ]
                .iter()
                .any(|it| path.starts_with(it));
                assert!(
                    ![400, 404, 413, 415].contains(&status) || (status == 404 && !is_there),
                    "{method} {place}: {answer}"
                );
                let mut faults = answer["invalid_params"].as_array().into_iter().flatten();
                assert!(
                    faults
                        .all(|it| it["code"] == "unknown_baseline"
                            || it["code"] == "unknown_customer"),
                    "{method} {place}: {answer}"
                );
                if path.ends_with(":batch_upsert") {
                    assert_eq!(answer["created"], 1, "{place}: {answer}");
                }
            }
        }
    }
}
