//! Examples of properties: one for each name, so that what is the same looks the same everywhere.
//!
//! They are those of one company: its customer `C-1042` of the segment `smb`, won by `search`, who called in June
//! 2025. What a type says itself stands; a name that means different things in different types is not here.

use serde_json::{Map, Value, json};

/// Gives every property that has none the example of its name or of its form.
pub(super) fn give_examples(schemas: &mut Map<String, Value>) {
    for schema in schemas.values_mut() {
        give(schema);
    }
}

fn give(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            if let Some(Value::Object(properties)) = fields.get_mut("properties") {
                for (name, property) in properties {
                    give_to(name, property);
                }
            }
            fields.values_mut().for_each(give);
        }
        Value::Array(items) => items.iter_mut().for_each(give),
        _ => {}
    }
}

fn give_to(name: &str, property: &mut Value) {
    let is_said = ["example", "examples", "enum", "const", "default", "$ref"];
    let Some(fields) = property.as_object_mut() else {
        return;
    };
    if is_said.iter().any(|it| fields.contains_key(*it)) {
        return;
    }
    if let Some(example) = example(name, fields) {
        fields.insert("example".to_owned(), example);
    }
}

fn example(name: &str, fields: &Map<String, Value>) -> Option<Value> {
    let format = fields.get("format").and_then(Value::as_str);
    let example = match (type_of(fields)?, format) {
        ("string", Some("date")) => json!(date(name)),
        ("string", Some("date-time")) => json!("2025-07-01T08:30:00Z"),
        ("string", Some("uuid")) => json!("0190b9d6-0000-7000-8000-000000000000"),
        ("string", None) => json!(text(name)?),
        ("integer", _) => json!(count(name)?),
        ("number", _) => json!(number(name)?),
        _ => return None,
    };
    Some(example)
}

/// The one type of a property, besides null.
fn type_of(fields: &Map<String, Value>) -> Option<&str> {
    match fields.get("type")? {
        Value::String(one) => Some(one),
        Value::Array(several) => several
            .iter()
            .filter_map(Value::as_str)
            .find(|it| *it != "null"),
        _ => None,
    }
}

/// Days in the order in which they come: somebody is observed, won, leaves.
fn date(name: &str) -> &'static str {
    match name {
        "observed_from" | "acquired_on" | "effective_on" | "from" => "2024-03-01",
        "observed_to" | "as_of" | "until" => "2025-06-30",
        "left_on" | "cancelled_on" | "ended_on" => "2025-05-31",
        _ => "2025-06-15",
    }
}

fn text(name: &str) -> Option<&'static str> {
    Some(match name {
        "account" => "6000",
        "campaign" => "spring-offer",
        "acquisition_channel" => "search",
        "channel" => "phone",
        "component" => "OVERHEAD",
        "cost_center" => "Service",
        "currency" => "EUR",
        "description" => "Calls back within a day",
        "detail" => "2025-06 is not over yet; count months that are over",
        "external_id" | "customer_external_id" => "C-1042",
        "feed" => "episodes",
        "file_name" => "customers.csv",
        "hash" | "input_hash" | "baseline_hash" | "sha256" => {
            "5f2a0c7d9b1e4f6a8c3d5e7f9a1b3c5d7e9f1a3b5c7d9e1f3a5b7c9d1e3f5a7b"
        }
        "import_id" => "crm-2025-06",
        "initiative" => "Call back",
        "issue" => "late delivery",
        "month" => "2025-06",
        "name" => "Call back",
        "next_cursor" => "eyJhZnRlciI6IjAxOTBiOWQ2In0",
        "note" | "reason" => "decided by the board on 12 June",
        "phase" => "onboarding",
        "programme" => "retain-smb",
        "request_id" => "0190b9d6-1111-7000-8000-000000000000",
        "scenario" | "scenario_name" => "Faster answers",
        "segment" => "smb",
        "service" => "finance",
        "source" | "customer_source" => "billing",
        "voucher" => "Journal Entry/77",
        "engine_version" => "0.9.0",
        _ => return None,
    })
}

fn count(name: &str) -> Option<i64> {
    Some(match name {
        "attempts" | "version" | "seed" | "period_months" => 1,
        "basis_points" => 250,
        "contacts" => 840,
        "created" | "rows" | "entries" => 1_000,
        "customers" | "n" | "total" | "active" => 1_200,
        "draws" | "trials" | "futures" => 10_000,
        "handle_seconds" => 420,
        "lag_months" => 2,
        "left" | "lost" | "left_unknown" => 31,
        "minor" | "revenue_minor" => 4_990_000,
        "minutes" => 5_880,
        "months" => 12,
        "new_customers" | "won" | "entered" => 40,
        "new_from_paid" => 25,
        "rejected" | "filtered" | "abandoned" | "unresolved" => 3,
        "score" => 9,
        "segments" => 4,
        "unchanged" | "updated" => 0,
        "vouchers" => 212,
        _ => return None,
    })
}

fn number(name: &str) -> Option<f64> {
    Some(match name {
        "correlation" => 0.3,
        "hazard" | "rate" => 0.021,
        "level" => 0.95,
        "low" => 0.018,
        "high" => 0.024,
        "mean" | "p50" | "value" => 182_000.0,
        "p5" => 41_000.0,
        "p25" => 121_000.0,
        "p75" => 246_000.0,
        "p95" => 338_000.0,
        "mc_error" | "sd" | "se" => 900.0,
        "share" | "ceiling" | "cost_share" => 0.4,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_property_has_the_example_of_its_name_or_form_and_keeps_its_own() {
        let mut schemas = json!({"Thing": {"properties": {
            "segment": {"type": "string"},
            "month": {"type": "string", "example": "1999-01"},
            "as_of": {"type": ["string", "null"], "format": "date"},
            "state": {"type": "string", "enum": ["A"]},
            "anything": {"type": "string"},
            "inner": {"type": "object", "properties": {"rows": {"type": "integer"}}},
        }}});
        give_examples(schemas.as_object_mut().unwrap());
        let of = |name: &str| &schemas["Thing"]["properties"][name]["example"];
        assert_eq!(of("segment"), "smb");
        assert_eq!(of("month"), "1999-01");
        assert_eq!(of("as_of"), "2025-06-30");
        assert_eq!((of("state"), of("anything")), (&Value::Null, &Value::Null));
        let inner = &schemas["Thing"]["properties"]["inner"]["properties"];
        assert_eq!(inner["rows"]["example"], 1_000);
    }
}
