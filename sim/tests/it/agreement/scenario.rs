//! Random scenarios: every field of the schema, in every combination that is not refused.

use std::f64::consts::TAU;

use serde_json::{Map, Value, json};

use super::dice::Dice;
use super::initiative::initiatives;

/// Names of the inputs that figures may share; the last is a known number.
pub const NAMED: [&str; 5] = ["alpha", "beta", "gamma", "delta", "known"];

/// Names of the channels that a segment may have.
pub const CHANNELS: [&str; 2] = ["phone", "chat"];

/// A random scenario, as its JSON.
pub fn scenario(dice: &mut Dice) -> Value {
    let mut it = Map::new();
    let months = dice.whole(1, 48);
    it.insert("name".into(), json!("random"));
    it.insert("description".into(), json!("any"));
    it.insert("currency".into(), json!("EUR"));
    it.insert("horizon_months".into(), json!(months));
    it.insert("discount_rate".into(), dice.figure(0.02, 0.3));
    terminal_value(dice, &mut it);
    if dice.chance(0.3) {
        it.insert("outlook".into(), outlook(dice));
    }
    if dice.chance(0.3) {
        it.insert("model_error".into(), model_error(dice));
    }
    timing(dice, &mut it);
    if dice.chance(0.5) {
        it.insert("tax_rate".into(), json!(dice.between(0.0, 0.5)));
    }
    if dice.chance(0.5) {
        it.insert("depreciation_months".into(), json!(dice.whole(1, 72)));
    }
    if dice.chance(0.3) {
        it.insert("demography".into(), json!("expected"));
    }
    it.insert("inputs".into(), inputs(dice));
    if dice.chance(0.5) {
        it.insert("correlations".into(), correlations(dice));
    }
    let segments: Vec<Value> = ["north", "south", "west"][..dice.whole(1, 3) as usize]
        .iter()
        .map(|name| segment(dice, name))
        .collect();
    let trains = dice.chance(0.4);
    if trains {
        it.insert("training".into(), training(dice));
    }
    it.insert(
        "initiatives".into(),
        initiatives(dice, &segments, trains, months),
    );
    it.insert("segments".into(), json!(segments));
    let mut all = it["initiatives"].as_array().into_iter().flatten();
    if all.any(|initiative| initiative["sponsor"].is_string()) && dice.chance(0.5) {
        it.insert("sponsor_correlation".into(), json!(dice.between(0.0, 1.0)));
    }
    if dice.chance(0.2) {
        it.insert("grade_changes".into(), grade_changes(dice));
    }
    if dice.chance(0.3) {
        it.insert("readiness_mapping".into(), readiness_mapping(dice));
    }
    Value::Object(it)
}

/// A perpetuity that grows two points less than any rate, or a run-off.
fn terminal_value(dice: &mut Dice, it: &mut Map<String, Value>) {
    match dice.whole(0, 5) {
        0 | 1 => {
            let growth = json!({ "annual_growth": dice.between(-0.4, -0.01) });
            it.insert("terminal_value".into(), growth);
        }
        2 => {
            let run_off = if dice.chance(0.7) {
                json!({ "both_go_on": dice.chance(0.7) })
            } else {
                json!({})
            };
            it.insert("terminal_value".into(), json!({ "run_off": run_off }));
            it.insert("discount_rate".into(), dice.figure(0.1, 0.3));
        }
        _ => {}
    }
}

fn outlook(dice: &mut Dice) -> Value {
    let mut it = Map::new();
    if dice.chance(0.7) {
        it.insert("hazard_factor".into(), dice.figure(0.5, 1.5));
    }
    if dice.chance(0.7) {
        it.insert("hazard_trend".into(), dice.figure(-0.2, 0.3));
        if dice.chance(0.6) {
            it.insert("trend_damping".into(), dice.figure(0.5, 1.0));
        }
    }
    if dice.chance(0.5) {
        let amplitude = dice.between(0.0, 0.9);
        let of = |month: u32| 1.0 + amplitude * (f64::from(month) * TAU / 12.0).sin();
        let season: Vec<f64> = (1..=12).map(of).collect();
        it.insert("hazard_season".into(), json!(season));
    }
    Value::Object(it)
}

/// Factors on some figures, each with a common part, one of each segment, or both.
fn model_error(dice: &mut Dice) -> Value {
    let mut it = Map::new();
    for figure in ["leaving", "won", "revenue", "service_cost"] {
        if dice.chance(0.3) {
            continue;
        }
        let mut size = Map::new();
        for part in ["common", "own"] {
            if dice.chance(0.7) {
                size.insert(part.into(), json!(dice.between(0.0, 0.3)));
            }
        }
        it.insert(figure.into(), Value::Object(size));
    }
    Value::Object(it)
}

fn timing(dice: &mut Dice, it: &mut Map<String, Value>) {
    let timing = *dice.pick(&["end", "mid", "tei"]);
    it.insert("timing".into(), json!(timing));
    if timing == "tei" && dice.chance(0.6) {
        let risk = json!({ "benefits": dice.between(0.0, 0.4), "costs": dice.between(0.0, 0.3) });
        it.insert("risk_adjustment".into(), risk);
    }
}

/// Inputs between 0.5 and 1, whatever figure they scale.
fn inputs(dice: &mut Dice) -> Value {
    let mut inputs = Map::new();
    for name in NAMED {
        let distribution = if name == "known" {
            json!(dice.between(0.5, 1.0))
        } else {
            dice.distribution(0.5, 1.0)
        };
        inputs.insert(
            name.into(),
            json!({ "distribution": distribution, "unit": "times", "grade": "B", "note": "any" }),
        );
    }
    Value::Object(inputs)
}

/// Three inputs that move together: every correlation below 0.5 makes a matrix that can be.
fn correlations(dice: &mut Dice) -> Value {
    let [a, b, c] = [(); 3].map(|()| dice.between(-0.49, 0.49));
    json!([{
        "inputs": ["gamma", "alpha", "beta"],
        "matrix": [[1, a, b], [a, 1, c], [b, c, 1]],
        "scale": dice.pick(&["rank", "normal"]),
    }])
}

fn segment(dice: &mut Dice, name: &str) -> Value {
    let mut it = Map::new();
    it.insert("name".into(), json!(name));
    let by_tenure = dice.chance(0.6);
    if by_tenure {
        let ages = dice.whole(1, 30);
        let customers: Vec<f64> = (0..ages).map(|_| dice.between(0.0, 200.0)).collect();
        it.insert("customers_by_tenure".into(), json!(customers));
    }
    if !by_tenure || dice.chance(0.3) {
        it.insert("customers".into(), json!(dice.between(10.0, 5_000.0)));
    }
    it.insert("won_per_month".into(), dice.figure(0.0, 60.0));
    it.insert("hazard".into(), hazard(dice));
    it.insert("revenue".into(), dice.figure(1.0, 100.0));
    it.insert("gross_margin".into(), dice.figure(0.1, 1.0));
    if dice.chance(0.8) {
        it.insert("overhead".into(), dice.figure(0.0, 15.0));
    }
    if dice.chance(0.8) {
        it.insert("acquisition_cost".into(), dice.figure(0.0, 300.0));
    }
    if dice.chance(0.4) {
        it.insert("experience_share".into(), dice.figure(0.02, 0.6));
    }
    if dice.chance(0.7) {
        let left =
            ["effort", "care"].map(|name| json!({ "name": name, "left": dice.whole(1, 60) }));
        it.insert("causes".into(), json!(left));
    }
    if dice.chance(0.6) {
        let channels = &CHANNELS[..dice.whole(1, 2) as usize];
        let channels: Vec<Value> = channels.iter().map(|name| channel(dice, name)).collect();
        it.insert("channels".into(), json!(channels));
    }
    let mut it = Value::Object(it);
    if it["overhead"].is_null() {
        return it;
    }
    avoidable(dice, &mut it, "overhead_avoidable");
    it
}

fn channel(dice: &mut Dice, name: &str) -> Value {
    let mut it = json!({
        "name": name,
        "contacts": dice.figure(0.0, 1.5),
        "minutes": dice.figure(1.0, 12.0),
        "cost_per_minute": dice.figure(0.2, 1.5),
    });
    avoidable(dice, &mut it, "avoidable");
    it
}

/// What finance has confirmed: nothing, a share, or a share by month.
fn avoidable(dice: &mut Dice, it: &mut Value, key: &str) {
    match dice.whole(0, 3) {
        0 => {}
        1 => it[key] = json!(dice.between(0.0, 1.0)),
        _ => {
            let mut from = 0;
            let mut steps = Vec::new();
            for _ in 0..dice.whole(1, 3) {
                from += dice.whole(0, 12);
                steps.push(json!({ "from": from, "share": dice.between(0.0, 1.0) }));
                from += 1;
            }
            it[key] = json!(steps);
        }
    }
}

fn hazard(dice: &mut Dice) -> Value {
    let spread = dice.chance(0.4);
    let mut parameters = Map::new();
    let mut put = |dice: &mut Dice, name: &str, low: f64, high: f64| {
        let value = if spread {
            json!(dice.between(low, high))
        } else {
            dice.figure(low, high)
        };
        parameters.insert(name.into(), value);
    };
    let (family, size) = match dice.whole(0, 5) {
        0 => {
            put(dice, "hazard", 0.002, 0.15);
            ("constant", 1)
        }
        1 => return bands(dice, spread),
        2 => {
            put(dice, "alpha", 0.3, 3.0);
            put(dice, "beta", 2.0, 20.0);
            ("sbg", 2)
        }
        3 => {
            put(dice, "alpha", 0.3, 3.0);
            put(dice, "beta", 2.0, 20.0);
            put(dice, "shape", 0.6, 1.5);
            ("bdw", 3)
        }
        4 => return factors(dice),
        _ => {
            let ages = dice.whole(1, 20);
            let hazards: Vec<f64> = (0..ages).map(|_| dice.between(0.0, 0.2)).collect();
            let sd = if spread { dice.between(0.0, 0.3) } else { 0.0 };
            return json!({ "table": { "hazards": hazards, "log_sd": sd } });
        }
    };
    if spread {
        parameters.insert("log_covariance".into(), dice.covariance(size));
    }
    json!({ family: parameters })
}

/// Hazards by stretches of tenure, with up to three causes.
pub fn factors(dice: &mut Dice) -> Value {
    let causes = dice.whole(0, 3);
    let mut from = 0;
    let stretches: Vec<Value> = (0..dice.whole(1, 6))
        .map(|_| {
            let loadings: Vec<f64> = (0..causes).map(|_| dice.between(-0.3, 0.3)).collect();
            let hazard = dice.between(0.002, 0.15);
            let it = json!({ "from": from, "hazard": hazard, "loadings": loadings });
            from += dice.whole(1, 6);
            it
        })
        .collect();
    json!({ "factors": { "stretches": stretches } })
}

fn bands(dice: &mut Dice, spread: bool) -> Value {
    let count = dice.whole(1, 4);
    let mut from = 0;
    let mut bands = Vec::new();
    for band in 0..count {
        let length = dice.whole(1, 10);
        let hazard = if spread {
            json!(dice.between(0.002, 0.15))
        } else {
            dice.figure(0.002, 0.15)
        };
        let mut it = json!({ "from": from, "hazard": hazard });
        if band + 1 < count {
            it["to"] = json!(from + length - 1);
        }
        bands.push(it);
        from += length;
    }
    let mut it = json!({ "bands": bands });
    if spread {
        it["log_covariance"] = dice.covariance(count as usize);
    }
    json!({ "bands": it })
}

fn training(dice: &mut Dice) -> Value {
    let mut it = json!({
        "hires_per_month": dice.figure(0.0, 10.0),
        "hours_per_hire": dice.figure(5.0, 80.0),
        "loaded_rate": dice.figure(20.0, 60.0),
    });
    avoidable(dice, &mut it, "avoidable");
    it
}

fn grade_changes(dice: &mut Dice) -> Value {
    let mut rule = json!({
        "sd_factor": dice.between(1.0, 1.5),
        "causal_share": dice.distribution(0.0, 1.0),
    });
    if dice.chance(0.5) {
        rule["bare_sd"] = json!(dice.between(0.0, 1.0));
    }
    json!([{ "grade": dice.pick(&["A", "B", "C", "D"]), "rule": rule, "reason": "known better" }])
}

fn readiness_mapping(dice: &mut Dice) -> Value {
    json!({
        "success_probability": [dice.between(0.0, 0.5), dice.between(0.5, 1.0)],
        "delay_months": [dice.between(2.0, 9.0), dice.between(0.0, 2.0)],
        "realisation": [dice.between(0.2, 0.6), dice.between(0.6, 1.0)],
    })
}
