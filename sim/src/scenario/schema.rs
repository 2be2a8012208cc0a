//! JSON Schema of the types that the inputs own.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::Scenario;
use crate::inputs::{CorrelationScale, Distribution, Grade, GradeChange};

impl Scenario {
    /// JSON Schema of scenario files, for editors and for checking without the engine.
    pub fn json_schema() -> serde_json::Value {
        schemars::schema_for!(Scenario).to_value()
    }
}

impl JsonSchema for Grade {
    fn schema_name() -> Cow<'static, str> {
        "Grade".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "evidence: A randomised pilot, B controlled before-after comparison, C observational link on own data, D stated by a vendor or an expert, or unknown",
            "enum": ["A", "B", "C", "D"]
        })
    }
}

impl JsonSchema for CorrelationScale {
    fn schema_name() -> Cow<'static, str> {
        "CorrelationScale".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "rank: Spearman's correlations; normal: those of the normals behind the inputs",
            "enum": ["rank", "normal"]
        })
    }
}

impl JsonSchema for GradeChange {
    fn schema_name() -> Cow<'static, str> {
        "GradeChange".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let (grade, share) = (
            generator.subschema_for::<Grade>(),
            generator.subschema_for::<Distribution>(),
        );
        json_schema!({
            "description": "a rule put in place of a grade's default, and why",
            "type": "object",
            "additionalProperties": false,
            "required": ["grade", "rule", "reason"],
            "properties": {
                "grade": grade,
                "reason": { "type": "string", "minLength": 1 },
                "rule": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["sd_factor", "causal_share"],
                    "properties": {
                        "sd_factor": { "type": "number", "minimum": 1, "maximum": 100 },
                        "bare_sd": { "type": "number", "minimum": 0 },
                        "causal_share": share
                    }
                }
            }
        })
    }
}

impl JsonSchema for Distribution {
    fn schema_name() -> Cow<'static, str> {
        "Distribution".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let numbers = |n: usize| serde_json::json!({ "type": "array", "items": { "type": "number" }, "minItems": n, "maxItems": n });
        let family = |name: &str, form: serde_json::Value| {
            serde_json::json!({
                "type": "object", "additionalProperties": false,
                "required": [name], "properties": { name: form }
            })
        };
        let record = |required: &[&str], optional: &[&str]| {
            let number = serde_json::json!({ "type": "number" });
            let properties: serde_json::Map<_, _> = required
                .iter()
                .chain(optional)
                .map(|name| ((*name).to_owned(), number.clone()))
                .collect();
            serde_json::json!({
                "type": "object", "additionalProperties": false,
                "required": required, "properties": properties
            })
        };
        let list =
            serde_json::json!({ "type": "array", "items": { "type": "number" }, "minItems": 1 });
        json_schema!({
            "description": "an uncertain number: a number is certain, \"4% to 13%\" a 90% interval, a table names the family",
            "anyOf": [
                { "type": "number" },
                { "type": "string", "pattern": "^\\s*\\S+(\\s* to \\s*\\S+|\\s*%)\\s*$" },
                family("fixed", serde_json::json!({ "type": "number" })),
                family("interval", numbers(2)),
                family("uniform", numbers(2)),
                family("triangular", numbers(3)),
                family("pert", numbers(3)),
                family("normal", record(&["mean", "sd"], &[])),
                family("truncated_normal", record(&["mean", "sd"], &["low", "high"])),
                family("lognormal", record(&["median", "log_sd"], &[])),
                family("lognormal_p10_p90", numbers(2)),
                family("beta", record(&["alpha", "beta"], &["low", "high"])),
                family("gamma", record(&["shape", "scale"], &[])),
                family("bernoulli", serde_json::json!({ "type": "number", "minimum": 0, "maximum": 1 })),
                family("discrete", serde_json::json!({
                    "type": "object", "additionalProperties": false,
                    "required": ["values", "weights"],
                    "properties": { "values": list, "weights": list }
                })),
                family("empirical", list.clone()),
                family("metalog", serde_json::json!({
                    "type": "object", "additionalProperties": false,
                    "required": ["quantiles"],
                    "properties": {
                        "quantiles": { "type": "array", "items": numbers(2), "minItems": 2, "maxItems": 9 },
                        "low": { "type": "number" }, "high": { "type": "number" }
                    }
                }))
            ]
        })
    }
}
