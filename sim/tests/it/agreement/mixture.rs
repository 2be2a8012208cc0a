//! Random customers who differ by stretches of tenure, and hazards whose causes are named inputs, on a random scenario.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::dice::Dice;
use super::scenario::factors;

/// Names of the inputs that hazards of several segments may have as causes.
pub const CAUSES: [&str; 3] = ["cause one", "cause two", "cause three"];

/// Lets customers of a scenario differ, and hazards share causes.
pub fn add(dice: &mut Dice, scenario: &mut Value) {
    let mut named = BTreeSet::new();
    for segment in scenario["segments"].as_array_mut().unwrap() {
        if dice.chance(0.3) {
            segment["hazard"] = factors(dice);
        }
        if let Some(factors) = segment.pointer_mut("/hazard/factors") {
            differ(dice, factors);
            named.extend(name_causes(dice, factors));
        }
    }
    for name in &named {
        scenario["inputs"][name] =
            json!({ "distribution": { "normal": { "mean": 0, "sd": 1 } }, "note": "any" });
    }
    if named.len() > 1 && dice.chance(0.2) {
        correlate(dice, scenario, &named);
    }
}

fn differ(dice: &mut Dice, factors: &mut Value) {
    if dice.chance(0.7) {
        factors["mixture"] = json!(dice.chance(0.9));
    }
}

/// One after the other, from any of them on.
fn name_causes(dice: &mut Dice, factors: &mut Value) -> Vec<&'static str> {
    let loadings = factors["stretches"][0]["loadings"].as_array();
    let count = loadings.unwrap().len();
    if count == 0 || dice.chance(0.5) {
        return Vec::new();
    }
    let first = dice.whole(0, CAUSES.len() as u32 - 1) as usize;
    let names = CAUSES.into_iter().cycle().skip(first).take(count);
    let names: Vec<&str> = names.collect();
    factors["causes"] = json!(names);
    names
}

/// Causes are inputs like all others, and may move together.
fn correlate(dice: &mut Dice, scenario: &mut Value, named: &BTreeSet<&str>) {
    let pair: Vec<&str> = named.iter().copied().take(2).collect();
    let rho = dice.between(-0.8, 0.8);
    let group = json!({
        "inputs": pair,
        "matrix": [[1, rho], [rho, 1]],
        "scale": dice.pick(&["rank", "normal"]),
    });
    match scenario.get_mut("correlations") {
        Some(groups) => groups.as_array_mut().unwrap().push(group),
        None => scenario["correlations"] = json!([group]),
    }
}
