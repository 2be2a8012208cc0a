//! Random seats, and random money by the calendar, on a random scenario.

use std::f64::consts::TAU;

use serde_json::{Map, Value, json};

use super::dice::Dice;
use super::scenario::CHANNELS;

/// Adds to a scenario what is foreseen of contacts and money, seats, receivables, and what becomes of losses.
pub fn add(dice: &mut Dice, scenario: &mut Value) {
    if dice.chance(0.5) {
        outlook(dice, scenario);
    }
    if dice.chance(0.5) {
        seats(dice, scenario);
    }
    if dice.chance(0.3) {
        scenario["receivable_days"] = dice.figure(0.0, 90.0);
    }
    if dice.chance(0.4) {
        scenario["losses"] = json!(dice.pick(&["relieved_at_once", "carried_forward"]));
    }
}

fn outlook(dice: &mut Dice, scenario: &mut Value) {
    let names: Vec<Value> = segments(scenario).map(|it| it["name"].clone()).collect();
    // A perpetuity would repeat one month of a season for ever.
    let is_perpetual = scenario["terminal_value"]["annual_growth"].is_number();
    let mut it = match scenario.get("outlook") {
        Some(outlook) => outlook.as_object().unwrap().clone(),
        None => Map::new(),
    };
    for course in ["contacts", "revenue"] {
        if dice.chance(0.5) {
            it.insert(format!("{course}_trend"), dice.figure(-0.2, 0.2));
        }
        if !is_perpetual && dice.chance(0.4) {
            it.insert(format!("{course}_season"), season(dice));
        }
    }
    let has_trend = it.keys().any(|key| key.ends_with("_trend"));
    if has_trend && !it.contains_key("trend_damping") && dice.chance(0.4) {
        it.insert("trend_damping".into(), dice.figure(0.5, 1.0));
    }
    for prices in ["wage_inflation", "price_inflation"] {
        if dice.chance(0.6) {
            it.insert(prices.into(), dice.figure(-0.02, 0.08));
        }
    }
    if dice.chance(0.6) {
        let count = dice.whole(1, 3);
        let changes: Vec<Value> = (0..count).map(|_| price_change(dice, &names)).collect();
        it.insert("price_changes".into(), json!(changes));
    }
    // What is real is deflated by prices.
    if it.contains_key("price_inflation") && dice.chance(0.6) {
        it.insert("money".into(), json!(dice.pick(&["nominal", "real"])));
    }
    scenario["outlook"] = Value::Object(it);
}

/// Twelve factors whose mean is 1.
pub fn season(dice: &mut Dice) -> Value {
    let (amplitude, phase) = (dice.between(0.0, 0.9), dice.between(0.0, TAU));
    let of = |month: u32| 1.0 + amplitude * (f64::from(month) * TAU / 12.0 + phase).sin();
    json!((1..=12).map(of).collect::<Vec<f64>>())
}

fn price_change(dice: &mut Dice, segments: &[Value]) -> Value {
    let mut it = json!({
        "month": dice.whole(0, 48),
        "change": dice.between(-0.3, 0.3),
        "elasticity": dice.figure(0.0, 1.5),
    });
    if dice.chance(0.4) {
        it["segments"] = json!([dice.pick(segments)]);
    }
    it
}

/// One or two pools over the channels that there are; what seats are paid for is not avoidable by the minute.
fn seats(dice: &mut Dice, scenario: &mut Value) {
    let known = |name: &&str| channels(scenario).any(|it| it["name"] == **name);
    let known: Vec<&str> = CHANNELS.into_iter().filter(known).collect();
    let pools: Vec<Vec<&str>> = match (known.len(), dice.whole(0, 2)) {
        (0, _) => return,
        (1, _) | (_, 0) => vec![vec![*dice.pick(&known)]],
        (_, 1) => vec![known],
        _ => known.into_iter().map(|name| vec![name]).collect(),
    };
    let segments = scenario["segments"].as_array_mut().unwrap();
    let all = segments.iter_mut().filter_map(|it| it.get_mut("channels"));
    for channel in all.filter_map(Value::as_array_mut).flatten() {
        let is_pooled = |pool: &Vec<&str>| pool.iter().any(|name| channel["name"] == *name);
        if pools.iter().any(is_pooled) {
            channel.as_object_mut().unwrap().remove("avoidable");
        }
    }
    let pools = pools.into_iter().enumerate();
    let pools: Vec<Value> = pools
        .map(|(i, channels)| pool(dice, i, &channels))
        .collect();
    scenario["seats"] = json!(pools);
}

fn pool(dice: &mut Dice, index: usize, channels: &[&str]) -> Value {
    let mut it = json!({
        "name": format!("pool {index}"),
        "channels": channels,
        "minutes_per_seat": dice.figure(20.0, 8_000.0),
    });
    if dice.chance(0.6) {
        it["cost_per_seat"] = dice.figure(100.0, 5_000.0);
    }
    if dice.chance(0.6) {
        it["notice_months"] = json!(dice.whole(0, 12));
    }
    if dice.chance(0.5) {
        let mut from = dice.whole(0, 6);
        let mut steps = Vec::new();
        for _ in 0..dice.whole(1, 3) {
            steps.push(json!({ "from": from, "seats": dice.whole(0, 20) }));
            from += dice.whole(1, 12);
        }
        it["committed"] = json!(steps);
    }
    if dice.chance(0.5) {
        it["redeployed"] = dice.figure(0.0, 1.0);
    }
    it
}

fn segments(scenario: &Value) -> impl Iterator<Item = &Value> {
    scenario["segments"].as_array().into_iter().flatten()
}

fn channels(scenario: &Value) -> impl Iterator<Item = &Value> {
    segments(scenario).flat_map(|it| it["channels"].as_array().into_iter().flatten())
}
