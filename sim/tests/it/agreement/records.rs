//! Random records of contacts and of revenue, on a random scenario that stands on a baseline.

use serde_json::{Value, json};

use super::dice::Dice;
use super::money::season;

/// Adds to a baseline how contacts and revenue went, and lets the scenario go on from there.
pub fn add(dice: &mut Dice, case: &mut Value) {
    if !case["baseline"].is_object() {
        return;
    }
    // A perpetuity would repeat one month of a season for ever.
    let has_season = !case["scenario"]["terminal_value"]["annual_growth"].is_number();
    for course in ["contacts", "revenue"] {
        if dice.chance(0.6) {
            record(dice, &mut case["baseline"], course, has_season);
            if dice.chance(0.9) {
                go_on(&mut case["scenario"], course);
            }
        }
    }
}

/// How it went.
fn record(dice: &mut Dice, baseline: &mut Value, course: &str, has_season: bool) {
    let mut calendar = json!({ "trend": dice.figure(-0.2, 0.3) });
    if has_season && dice.chance(0.6) {
        calendar["season"] = season(dice);
    }
    let segments = baseline["segments"].as_array_mut().unwrap();
    for (index, segment) in segments.iter_mut().enumerate() {
        if index == 0 || dice.chance(0.7) {
            let months = months(dice, &calendar["season"]);
            segment[format!("{course}_record")] = months;
        }
    }
    baseline[format!("{course}_calendar")] = calendar;
}

/// Months back from the date, which may lie within one.
fn months(dice: &mut Dice, season: &Value) -> Value {
    let within = dice.chance(0.3).then(|| dice.between(0.1, 0.5));
    let whole = (0..dice.whole(1, 30)).map(|back| -f64::from(back));
    let months: Vec<f64> = within.into_iter().chain(whole).collect();
    let mut month = |at: &f64| {
        // Month 1 has the first factor, and what has passed of it lies between 0 and 1.
        let factor = (at.ceil() as i64 - 1).rem_euclid(12) as usize;
        let season = season.get(factor).map_or(json!(1), Value::clone);
        json!({ "at": at, "customer_months": dice.between(0.1, 500.0), "season": season })
    };
    json!(months.iter().map(&mut month).collect::<Vec<Value>>())
}

/// What is from records is not written.
fn go_on(scenario: &mut Value, course: &str) {
    if !scenario["outlook"].is_object() {
        scenario["outlook"] = json!({});
    }
    let outlook = scenario["outlook"].as_object_mut().unwrap();
    outlook.remove(&format!("{course}_trend"));
    outlook.remove(&format!("{course}_season"));
    outlook.insert(course.into(), json!("records"));
}
