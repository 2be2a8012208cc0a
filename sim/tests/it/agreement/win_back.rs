//! Random customers who come back, and effects on whether they do, on a random scenario.

use serde_json::{Map, Value, json};

use super::dice::Dice;

/// Adds to a scenario who comes back, and what initiatives do about it.
pub fn add(dice: &mut Dice, scenario: &mut Value) {
    for segment in scenario["segments"].as_array_mut().unwrap() {
        if dice.chance(0.4) {
            segment["win_back"] = win_back(dice);
        }
    }
    let segments = scenario["segments"].as_array().unwrap().iter();
    let returning = segments.filter(|it| it["win_back"].is_object());
    let returning: Vec<Value> = returning.map(|it| it["name"].clone()).collect();
    let months = scenario["horizon_months"].as_u64().unwrap() as u32;
    let Some(Value::Array(initiatives)) = scenario.get_mut("initiatives") else {
        return;
    };
    for deed in initiatives.iter_mut() {
        let reached = |it: &&Value| deed["reach"].get(it.as_str().unwrap()).is_some();
        let reached: Vec<&Value> = returning.iter().filter(reached).collect();
        if !reached.is_empty() && dice.chance(0.5) {
            let effect = effect(dice, &reached);
            deed["effects"].as_array_mut().unwrap().push(effect);
        }
    }
    read(dice, initiatives, months);
}

fn win_back(dice: &mut Dice) -> Value {
    let months = dice.whole(1, 8);
    let hazards = (0..months).map(|_| {
        if dice.chance(0.1) {
            0.0
        } else {
            dice.between(0.0, 0.4)
        }
    });
    let mut it = Map::new();
    it.insert("hazards".into(), json!(hazards.collect::<Vec<f64>>()));
    if dice.chance(0.5) {
        it.insert("factor".into(), dice.figure(0.5, 1.5));
    }
    if dice.chance(0.6) {
        it.insert("cost".into(), dice.figure(0.0, 300.0));
    }
    if dice.chance(0.4) {
        // Some left so long ago that they do not return.
        let longest = if dice.chance(0.1) { months + 2 } else { months };
        let gone = (0..dice.whole(1, longest)).map(|_| dice.between(0.0, 200.0));
        it.insert("gone".into(), json!(gone.collect::<Vec<f64>>()));
    }
    Value::Object(it)
}

fn effect(dice: &mut Dice, reached: &[&Value]) -> Value {
    let size = if dice.chance(0.1) {
        json!({ "normal": { "mean": -0.9, "sd": 0.5 } })
    } else {
        dice.figure(-0.3, 0.8)
    };
    let mut it = json!({ "on": "win_back", "size": size, "note": "any" });
    if dice.chance(0.3) {
        it["segments"] = json!([dice.pick(reached)]);
    }
    if dice.chance(0.8) {
        it["grade"] = json!(dice.pick(&["A", "B", "C", "D"]));
    }
    if dice.chance(0.2) {
        it["causal_share"] = dice.figure(0.0, 1.0);
    }
    it
}

/// Gates and rules that read who comes back.
fn read(dice: &mut Dice, initiatives: &mut [Value], months: u32) {
    let acts = |deed: &Value| {
        let mut effects = deed["effects"].as_array().into_iter().flatten();
        effects.any(|effect| effect["on"] == "win_back")
    };
    let pilots: Vec<Value> = initiatives
        .iter()
        .filter(|it| it["gate"].is_object())
        .map(|it| it["gate"]["pilot"].clone())
        .collect();
    let piloted = initiatives
        .iter()
        .any(|it| pilots.contains(&it["name"]) && acts(it));
    for deed in initiatives {
        if deed["gate"].is_object() && piloted && dice.chance(0.3) {
            deed["gate"]["on"] = json!("win_back");
            deed["gate"]["reading_sd"] = json!(dice.between(0.0, 0.1));
        }
        let may_stop = deed.get("stop").is_none() && !pilots.contains(&deed["name"]);
        if may_stop && acts(deed) && dice.chance(0.2) {
            deed["stop"] = json!({
                "after_months": dice.whole(1, months),
                "on": "win_back",
                "threshold": dice.between(-0.1, 0.2),
                "reading_sd": dice.between(0.0, 0.1),
            });
        }
    }
}
