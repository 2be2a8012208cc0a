//! The smallest scenario that still shows something.

use serde_json::{Value, json};

/// Leaves out and simplifies whatever can be, as long as `shows` holds.
pub fn reduce(json: &Value, shows: &dyn Fn(&Value) -> bool) -> Value {
    let mut best = json.clone();
    loop {
        let before = best.clone();
        for path in paths(&best, "") {
            for simpler in simpler(&best, &path) {
                if simpler != best && shows(&simpler) {
                    best = simpler;
                    break;
                }
            }
        }
        if best == before {
            return best;
        }
    }
}

/// Pointers to every part, the outermost first.
fn paths(json: &Value, at: &str) -> Vec<String> {
    let mut found = Vec::new();
    let parts: Vec<(String, &Value)> = match json {
        Value::Object(it) => it.iter().map(|(key, part)| (key.clone(), part)).collect(),
        // From the end, so that what is left out does not move what comes next.
        Value::Array(it) => it
            .iter()
            .enumerate()
            .rev()
            .map(|(i, part)| (i.to_string(), part))
            .collect(),
        _ => Vec::new(),
    };
    for (key, part) in &parts {
        found.push(format!("{at}/{key}"));
        found.extend(paths(part, &format!("{at}/{key}")));
    }
    found
}

/// The scenario without a part, or with a simpler one.
fn simpler(json: &Value, path: &str) -> Vec<Value> {
    let Some(part) = json.pointer(path) else {
        return Vec::new();
    };
    let mut all = Vec::new();
    let (parent, key) = path.rsplit_once('/').unwrap();
    let mut without = json.clone();
    match without.pointer_mut(parent) {
        Some(Value::Object(it)) => drop(it.remove(key)),
        Some(Value::Array(it)) => drop(it.remove(key.parse().unwrap())),
        _ => {}
    }
    all.push(without);
    let mut replace = |by: Value| {
        let mut with = json.clone();
        *with.pointer_mut(path).unwrap() = by;
        all.push(with);
    };
    match part {
        Value::Number(number) => {
            let value = number.as_f64().unwrap();
            for simple in [0.0, 1.0, 10.0, 100.0, 1_000.0] {
                if value.abs() > simple {
                    replace(json!(simple));
                }
            }
            for digits in [1.0, 10.0, 100.0, 1_000.0] {
                replace(json!((value * digits).round() / digits));
            }
        }
        Value::Object(it) if it.len() == 1 || it.contains_key("input") => {
            for simple in [0.1, 0.5, 1.0, 10.0] {
                replace(json!(simple));
            }
        }
        _ => {}
    }
    all
}

/// A scenario as it would be written.
pub fn to_toml(json: &Value) -> String {
    toml::to_string(json).unwrap_or_else(|_| json.to_string())
}
