//! Random currencies of cost lines, on a random scenario.

use serde_json::{Value, json};

use super::dice::Dice;

const CODES: [&str; 2] = ["USD", "CHF"];

/// Lets some of a scenario's costs be paid in other currencies.
pub fn add(dice: &mut Dice, scenario: &mut Value) {
    if dice.chance(0.5) {
        return;
    }
    let codes = &CODES[..dice.whole(1, 2) as usize];
    let mut used = Vec::new();
    for line in lines(scenario) {
        if dice.chance(0.6) {
            let code = *dice.pick(codes);
            line["currency"] = json!(code);
            used.push(code);
        }
    }
    // One that nobody pays in is refused.
    used.sort_unstable();
    used.dedup();
    if !used.is_empty() {
        let all = used.iter().map(|code| exchange_rate(dice, code));
        scenario["currencies"] = json!(all.collect::<Vec<Value>>());
    }
}

fn lines(scenario: &mut Value) -> impl Iterator<Item = &mut Value> {
    let initiatives = scenario["initiatives"].as_array_mut();
    let costs = |deed| Value::get_mut(deed, "costs").and_then(Value::as_array_mut);
    let costs = initiatives.into_iter().flatten().filter_map(costs);
    costs.flatten()
}

fn exchange_rate(dice: &mut Dice, code: &str) -> Value {
    let volatility = match dice.whole(0, 2) {
        0 => 0.0,
        _ => dice.between(0.02, 0.3),
    };
    json!({ "code": code, "rate": dice.between(0.2, 5.0), "volatility": volatility })
}
