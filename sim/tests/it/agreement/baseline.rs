//! The same company said in two documents: a baseline, and a scenario that stands on it.

use serde_json::{Map, Value, json};

use super::dice::Dice;
use super::mixture::CAUSES;

/// Every figure that a baseline must have of a segment, and what to say where nothing is known.
fn figures() -> [(&'static str, Value); 7] {
    [
        ("customers_by_tenure", json!([1.0])),
        ("won_per_month", json!(0)),
        ("hazard", json!({ "constant": { "hazard": 0.5 } })),
        ("revenue", json!(7)),
        ("gross_margin", json!(1)),
        ("overhead", json!(0)),
        ("acquisition_cost", json!(0)),
    ]
}

/// Figures that a segment need not have.
const OPTIONAL: [&str; 3] = ["overhead_avoidable", "channels", "experience_share"];

/// A scenario as it is, or divided between a baseline and what the scenario overrides.
pub fn divide(dice: &mut Dice, mut scenario: Value) -> Value {
    if dice.chance(0.6) {
        return json!({ "scenario": scenario });
    }
    let mut baseline = json!({ "as_of": "2026-01-31", "currency": "EUR" });
    if dice.chance(0.5) {
        baseline["heads"] = json!("through_month");
    }
    let it = scenario.as_object_mut().unwrap();
    if dice.chance(0.7) {
        it.remove("currency");
    }
    if dice.chance(0.5) {
        baseline["inputs"] = it.remove("inputs").unwrap();
        if let Some(correlations) = it.remove("correlations") {
            baseline["correlations"] = correlations;
        }
    } else {
        divide_inputs(dice, it, &mut baseline);
    }
    if dice.chance(0.5)
        && let Some(training) = it.remove("training")
    {
        baseline["training"] = training;
    }
    let mut overrides = Vec::new();
    let mut known = Vec::new();
    for segment in it["segments"].as_array().unwrap() {
        let (from_records, said) = divide_segment(dice, segment.as_object().unwrap().clone());
        known.push(from_records);
        if said.as_object().unwrap().len() > 1 {
            overrides.push(said);
        }
    }
    baseline["segments"] = json!(known);
    scenario["segments"] = json!(overrides);
    json!({ "scenario": scenario, "baseline": baseline })
}

/// Causes of hazards may be the baseline's while all other inputs are the scenario's.
fn divide_inputs(dice: &mut Dice, said: &mut Map<String, Value>, baseline: &mut Value) {
    let groups = said.get("correlations").cloned().unwrap_or_default();
    let mut groups = groups.as_array().into_iter().flatten();
    let are_together = groups.any(|group| {
        let names = group["inputs"].as_array().unwrap();
        names.iter().any(|name| CAUSES.iter().any(|it| name == it))
    });
    let inputs = said["inputs"].as_object_mut().unwrap();
    let named = CAUSES.into_iter().filter(|name| inputs.contains_key(*name));
    let named: Vec<&str> = named.collect();
    if !named.is_empty() && !are_together && dice.chance(0.5) {
        for name in named {
            baseline["inputs"][name] = inputs.remove(name).unwrap();
        }
    }
}

/// What a baseline says of a segment, and what a scenario says instead.
fn divide_segment(dice: &mut Dice, mut said: Map<String, Value>) -> (Value, Value) {
    let mut known =
        json!({ "name": said["name"], "quality_flags": [{ "code": "any", "detail": "any" }] });
    for (figure, unknown) in figures() {
        let overridden = dice.chance(0.3) && said.contains_key(figure);
        let from_records = if overridden {
            None
        } else {
            said.remove(figure)
        };
        known[figure] = from_records.unwrap_or(unknown);
    }
    for figure in OPTIONAL {
        if dice.chance(0.7)
            && let Some(value) = said.remove(figure)
        {
            known[figure] = value;
        }
    }
    (known, Value::Object(said))
}

/// The scenario that says everything itself.
pub fn unite(case: &Value) -> Value {
    let mut scenario = case["scenario"].clone();
    let Some(baseline) = case.get("baseline") else {
        return scenario;
    };
    for part in ["currency", "training", "correlations"] {
        if scenario.get(part).is_none() && baseline.get(part).is_some() {
            scenario[part] = baseline[part].clone();
        }
    }
    for (name, input) in baseline["inputs"].as_object().into_iter().flatten() {
        scenario["inputs"][name] = input.clone();
    }
    let mut segments = Vec::new();
    for known in baseline["segments"].as_array().into_iter().flatten() {
        let mut segment = known.clone();
        let said = scenario["segments"].as_array().into_iter().flatten();
        let it = segment.as_object_mut().unwrap();
        for part in ["quality_flags", "contacts_record", "revenue_record"] {
            it.remove(part);
        }
        for same in said.filter(|said| said["name"] == known["name"]) {
            it.extend(same.as_object().unwrap().clone());
        }
        segments.push(segment);
    }
    scenario["segments"] = json!(segments);
    scenario
}
