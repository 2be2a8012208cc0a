//! A service's contract: what utoipa makes of its routes, told so that strangers can generate from it.

mod edition;
mod example;
mod merged;

use std::collections::BTreeSet;

use keepworth_contract::Problem;
use keepworth_contract::description::{
    Direction, SCHEMAS, Schemas, direct, name_variants, walk, without_null,
};
use serde_json::{Value, json};
use utoipa::openapi::{InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder};
use utoipa::{PartialSchema, ToSchema};
use utoipa_actix_web::AppExt;

use crate::access::PERMISSION;
use crate::{Service, capability, subject, tokens, webhook};

use example::give_examples;

pub use edition::edition_3_0;
pub use merged::merged;

/// The service's contract, built from the same routes that it serves.
#[must_use]
pub fn document<S: Service>() -> OpenApi {
    let mut document = described_by_utoipa::<S>();
    let told = serde_json::to_value(&document).map(|mut value| {
        tell(&mut value);
        show_webhook::<S>(&mut value);
        let own = ("service", "What the service says of itself.");
        let events: &[_] = if S::EVENTS.is_empty() {
            &[]
        } else {
            &[webhook::TAG]
        };
        let tags = S::TAGS
            .iter()
            .chain(&[subject::TAG])
            .chain(events)
            .chain([&tokens::TAG, &own]);
        let tags = tags.map(|(name, about)| json!({"name": name, "description": about}));
        value["tags"] = tags.collect();
        value
    });
    // What utoipa writes it reads; were it otherwise, the committed contracts would not be those of the code.
    if let Ok(told) = told.and_then(serde_json::from_value) {
        document = told;
    }
    document
}

fn described_by_utoipa<S: Service>() -> OpenApi {
    let license = LicenseBuilder::new()
        .name("Apache-2.0")
        .identifier(Some("Apache-2.0"))
        .build();
    let info = InfoBuilder::new()
        .title(format!("Keepworth {}", S::NAME))
        .description(Some(S::DESCRIPTION))
        .version(env!("CARGO_PKG_VERSION"))
        .license(Some(license))
        .build();
    let (_, mut document) = actix_web::App::new()
        .into_utoipa_app()
        .openapi(OpenApiBuilder::new().info(info).build())
        .service(utoipa_actix_web::scope("/v1").configure(capability::routes::<S>))
        .split_for_parts();
    // Relative to the document, so that it holds at the root of a host and below a prefix.
    document.servers = Some(vec![utoipa::openapi::Server::new(".")]);
    // Answers refer to it, and utoipa does not see what it refers to.
    let mut problem = vec![("Problem".to_owned(), Problem::schema())];
    Problem::schemas(&mut problem);
    let schemas = &mut document.components.get_or_insert_default().schemas;
    schemas.extend(problem);
    document
}

/// The example of a webhook, for an event that this service sends.
fn show_webhook<S: Service>(document: &mut Value) {
    const BODY: &str = "/paths/~1v1~1webhooks/post/requestBody/content/application~1json";
    let body = document.pointer_mut(BODY);
    if let (Some(body), Some(event)) = (body, S::EVENTS.first()) {
        body["example"] = json!({
            "url": "https://hooks.example.com/keepworth", "events": [event],
            "description": "tells the planning tool",
        });
    }
}

/// Tells requests from responses, and the forms of unions; what nothing refers to is left out.
fn tell(document: &mut Value) {
    let schemas = document.pointer_mut("/components/schemas").map(Value::take);
    let Some(Value::Object(mut schemas)) = schemas else {
        return;
    };
    name_variants(&mut schemas);
    let asked = reached(document, &schemas, "requestBody");
    let answered = reached(document, &schemas, "responses");
    let twins = twins(&schemas, &asked, &answered);
    let mut told = Schemas::new();
    for (name, schema) in &schemas {
        for (direction, names) in [
            (Direction::Request, &asked),
            (Direction::Response, &answered),
        ] {
            if names.contains(name) {
                let schema = directed(schema, direction, &twins);
                told.insert(in_direction(name, direction, &twins), schema);
            }
        }
    }
    for name in reached(document, &schemas, "parameters") {
        if let Some(schema) = schemas.get(&name).filter(|_| !told.contains_key(&name)) {
            told.insert(name, schema.clone());
        }
    }
    give_examples(&mut told);
    document["components"]["schemas"] = Value::Object(told);
    for (part, direction) in [
        ("requestBody", Direction::Request),
        ("responses", Direction::Response),
    ] {
        each_part(document, part, &mut |part| rename(part, direction, &twins));
    }
    each_part(document, "parameters", &mut parameter_without_null);
    name_permissions(document);
}

/// Says of every operation which permission it takes, and how a caller shows who they are.
fn name_permissions(document: &mut Value) {
    document["components"]["securitySchemes"]["bearer"] = json!({
        "type": "http", "scheme": "bearer",
        "description": "A token; on the machine that Keepworth runs on, `keepworth token` prints one.",
    });
    document["security"] = json!([{"bearer": []}]);
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    let operations = paths.flat_map(|(_, item)| item.as_object_mut().into_iter().flatten());
    for (_, operation) in operations {
        let refused = operation.pointer_mut("/responses/403");
        let said = refused.and_then(|it| it.as_object_mut()?.remove(PERMISSION));
        if let Some(permission) = said {
            operation[PERMISSION] = permission;
        }
    }
}

/// Hands the part of that name of every operation to `each`.
fn each_part(document: &mut Value, part: &str, each: &mut impl FnMut(&mut Value)) {
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    let operations = paths.flat_map(|(_, item)| item.as_object_mut().into_iter().flatten());
    operations
        .filter_map(|(_, operation)| operation.get_mut(part))
        .for_each(each);
}

/// A header or a parameter can be left out, not be null.
fn parameter_without_null(parameters: &mut Value) {
    walk(parameters, &mut |fields| {
        if let Some(schema) = fields.get_mut("schema") {
            without_null(schema);
        }
    });
}

fn references(value: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut value = value.clone();
    walk(&mut value, &mut |fields| {
        let name = fields.get("$ref").and_then(Value::as_str);
        found.extend(
            name.and_then(|it| it.strip_prefix(SCHEMAS))
                .map(str::to_owned),
        );
    });
    found
}

/// The schemas that are reached from the part of that name of any operation.
fn reached(document: &mut Value, schemas: &Schemas, part: &str) -> BTreeSet<String> {
    let mut open = BTreeSet::new();
    each_part(document, part, &mut |part| open.extend(references(part)));
    let mut found = BTreeSet::new();
    while let Some(name) = open.pop_first() {
        if let Some(schema) = schemas.get(&name).filter(|_| !found.contains(&name)) {
            open.extend(references(schema));
        }
        found.insert(name);
    }
    found
}

/// What goes both ways and does not look the same, itself or something in it.
fn twins(
    schemas: &Schemas,
    asked: &BTreeSet<String>,
    answered: &BTreeSet<String>,
) -> BTreeSet<String> {
    let none = BTreeSet::new();
    let both = Vec::from_iter(asked.intersection(answered).filter_map(|name| {
        let schema = schemas.get(name)?;
        Some((name, schema, references(schema)))
    }));
    let differs = |schema: &Value| {
        directed(schema, Direction::Request, &none) != directed(schema, Direction::Response, &none)
    };
    let own = both.iter().filter(|(_, schema, _)| differs(schema));
    let mut twins = BTreeSet::from_iter(own.map(|(name, ..)| (*name).clone()));
    loop {
        let more = both.iter().filter(|(name, _, references)| {
            !twins.contains(*name) && !references.is_disjoint(&twins)
        });
        let more = Vec::from_iter(more.map(|(name, ..)| (*name).clone()));
        if more.is_empty() {
            return twins;
        }
        twins.extend(more);
    }
}

fn directed(schema: &Value, direction: Direction, twins: &BTreeSet<String>) -> Value {
    let mut schema = schema.clone();
    direct(&mut schema, direction);
    rename(&mut schema, direction, twins);
    schema
}

/// What a schema that goes both ways is called one way: `Money` is sent as `MoneyInput`, and a
/// `RevenueInput` comes back as `RevenueRecord`.
fn in_direction(name: &str, direction: Direction, twins: &BTreeSet<String>) -> String {
    match (name.strip_suffix("Input"), direction) {
        _ if !twins.contains(name) => name.to_owned(),
        (Some(record), Direction::Response) => format!("{record}Record"),
        (None, Direction::Request) => format!("{name}Input"),
        _ => name.to_owned(),
    }
}

fn rename(value: &mut Value, direction: Direction, twins: &BTreeSet<String>) {
    walk(value, &mut |fields| {
        for text in fields.values_mut() {
            let name = text.as_str().and_then(|it| it.strip_prefix(SCHEMAS));
            if let Some(name) = name {
                let name = in_direction(name, direction, twins);
                *text = format!("{SCHEMAS}{name}").into();
            }
        }
    });
}
