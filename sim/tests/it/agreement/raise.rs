//! Random initiatives that raise the readiness of others, on a random scenario.

use serde_json::{Value, json};

use super::dice::Dice;

const PS: [&str; 3] = ["people", "process", "politics"];

/// Lets initiatives of a scenario raise others that start later.
pub fn add(dice: &mut Dice, scenario: &mut Value) {
    let months = scenario["horizon_months"].as_u64().unwrap() as u32;
    let Some(Value::Array(initiatives)) = scenario.get_mut("initiatives") else {
        return;
    };
    if initiatives.len() < 2 || dice.chance(0.3) {
        return;
    }
    for deed in initiatives.iter_mut() {
        if dice.chance(0.85) {
            deed.as_object_mut().unwrap().remove("success_probability");
            deed["readiness"] = readiness(dice);
        }
    }
    start(dice, initiatives, months);
    for index in 0..initiatives.len() {
        if dice.chance(0.8) {
            raise(dice, initiatives, index);
        }
    }
    let mapping = scenario.get_mut("readiness_mapping");
    if let Some(mapping) = mapping
        && dice.chance(0.5)
    {
        // Politics that are raised to 5 make it work for certain.
        mapping["success_probability"] = json!([dice.between(0.0, 1.0), 1.0]);
    }
}

fn readiness(dice: &mut Dice) -> Value {
    let mut score = || match dice.whole(0, 6) {
        0 => json!(0),
        1 => json!(5),
        _ => json!(dice.between(0.0, 5.0)),
    };
    json!({ "people": score(), "process": score(), "politics": score(), "evidence": "any" })
}

/// New months of start, one after the other: that of a roll-out, the last, after that of its pilot, the first.
fn start(dice: &mut Dice, initiatives: &mut [Value], months: u32) {
    let apart = (months / initiatives.len() as u32).max(1);
    let mut month = 0;
    let is_gated = initiatives.last().unwrap()["gate"].is_object();
    if !is_gated && dice.chance(0.3) {
        initiatives.reverse();
    }
    for deed in initiatives.iter_mut() {
        deed["start_month"] = json!(month);
        month = (month + dice.whole(0, apart)).min(months);
    }
    let last = initiatives.last_mut().unwrap();
    if is_gated {
        last["start_month"] = json!(start_of(last).max(1));
    } else if dice.chance(0.5) {
        // What raises may be written after what it raises.
        initiatives.reverse();
    }
}

/// Lets one initiative raise Ps that nobody raises yet, of one other or of all that start later.
fn raise(dice: &mut Dice, initiatives: &mut [Value], index: usize) {
    let name = initiatives[index]["name"].clone();
    let after = dice.whole(1, 4);
    let from = start_of(&initiatives[index]) + u64::from(after);
    let could = |it: &&Value| it["readiness"].is_object() && start_of(it) >= from;
    let mut raised: Vec<&Value> = initiatives.iter().filter(could).collect();
    if raised.is_empty() {
        return;
    }
    let mut it = json!({ "after_months": after });
    if dice.chance(0.4) {
        let other = dice.pick(initiatives);
        raised = vec![*dice.pick(&raised)];
        it["of"] = json!([raised[0]["name"]]);
        // To name one that cannot be raised changes nothing.
        if dice.chance(0.2) && !could(&other) && other["name"] != name {
            it["of"].as_array_mut().unwrap().push(other["name"].clone());
        }
    }
    for p in PS {
        let is_taken = raised.iter().any(|it| is_raised(initiatives, it, p));
        if !is_taken && dice.chance(0.45) {
            it[p] = json!(if dice.chance(0.2) {
                5.0
            } else {
                dice.between(0.1, 5.0)
            });
        }
    }
    let raises_any = PS.iter().any(|p| it[p].is_number());
    if raises_any {
        let deed = initiatives[index].as_object_mut().unwrap();
        // What could be given up raises nothing.
        deed.remove("stop");
        deed.insert("raises".into(), it);
    }
}

fn start_of(deed: &Value) -> u64 {
    deed["start_month"].as_u64().unwrap_or(0)
}

fn is_raised(initiatives: &[Value], it: &Value, p: &str) -> bool {
    initiatives.iter().any(|raiser| {
        let raise = &raiser["raises"];
        let from = start_of(raiser) + raise["after_months"].as_u64().unwrap_or(0);
        let meant = raise["of"].as_array();
        let meant = meant.is_none_or(|names| names.contains(&it["name"]));
        raise[p].is_number() && meant && start_of(it) >= from
    })
}
