//! Random issues of contacts, and effects that name one, on a random scenario.

use serde_json::{Value, json};

use super::dice::Dice;
use super::scenario::CHANNELS;

/// Names of the issues that a channel may have.
const ISSUES: [&str; 3] = ["bills", "faults", "moves"];

const LEVERS: [&str; 2] = ["contacts", "minutes"];

/// Adds to a scenario what contacts are about, and what initiatives do about it.
pub fn add(dice: &mut Dice, scenario: &mut Value) {
    let segments = scenario["segments"].as_array_mut().unwrap();
    for channel in segments.iter_mut().flat_map(channels_of) {
        if dice.chance(0.6) {
            channel["issues"] = issues(dice);
            if dice.chance(0.4) {
                channel["issues_design_effect"] = json!(dice.whole(4, 16) as f64 / 4.0);
            }
        }
    }
    let segments = segments.clone();
    let Some(Value::Array(initiatives)) = scenario.get_mut("initiatives") else {
        return;
    };
    for deed in initiatives.iter_mut() {
        about(dice, deed, &segments);
        for _ in 0..2 {
            if dice.chance(0.5)
                && let Some(effect) = effect(dice, deed, &segments)
            {
                deed["effects"].as_array_mut().unwrap().push(effect);
            }
        }
        stop(dice, deed);
    }
    gate(dice, initiatives, &segments);
}

fn channels_of(segment: &mut Value) -> impl Iterator<Item = &mut Value> {
    let channels = segment.get_mut("channels");
    channels.and_then(Value::as_array_mut).into_iter().flatten()
}

/// Minutes are given of all or of none.
fn issues(dice: &mut Dice) -> Value {
    let has_minutes = dice.chance(0.6);
    let names = &ISSUES[..dice.whole(1, 3) as usize];
    let issue = |name: &&str| {
        let most = *dice.pick(&[5, 60, 60, 2_000, 2_000_000]);
        let mut it = json!({ "name": name, "contacts": dice.whole(1, most) });
        if has_minutes {
            it["minutes"] = dice.figure(1.0, 12.0);
        }
        it
    };
    json!(names.iter().map(issue).collect::<Vec<Value>>())
}

/// Lets effects on all contacts or minutes of a channel act on an issue of them.
fn about(dice: &mut Dice, deed: &mut Value, segments: &[Value]) {
    let reach = deed["reach"].clone();
    for effect in deed["effects"].as_array_mut().unwrap() {
        let issue = *dice.pick(&ISSUES);
        let acts = acting_in(effect, &reach, segments);
        let known = acts.iter().all(|it| has(it, issue, &effect["channel"])) && !acts.is_empty();
        if LEVERS.iter().any(|it| effect["on"] == *it) && known && dice.chance(0.5) {
            effect["issue"] = json!(issue);
        }
    }
}

/// An effect on an issue, in the segments that have it.
fn effect(dice: &mut Dice, deed: &Value, segments: &[Value]) -> Option<Value> {
    let mut it = json!({ "on": dice.pick(&LEVERS), "issue": dice.pick(&ISSUES), "note": "any" });
    if dice.chance(0.4) {
        it["channel"] = json!(dice.pick(&CHANNELS));
    }
    it["size"] = match dice.whole(0, 9) {
        0 => json!({ "normal": { "mean": dice.between(-0.1, 0.1), "sd": 0.05 } }),
        1 | 2 => dice.figure(-0.6, 0.05),
        _ => dice.figure(0.0, 1.0),
    };
    if dice.chance(0.8) {
        it["grade"] = json!(dice.pick(&["A", "B", "C", "D"]));
    }
    if dice.chance(0.2) {
        it["causal_share"] = dice.figure(0.0, 1.0);
    }
    let issue = it["issue"].as_str().unwrap().to_owned();
    let reached = acting_in(&it, &deed["reach"], segments);
    let mut known = reached.clone();
    known.retain(|segment| has(segment, &issue, &it["channel"]));
    if known.len() > 1 && dice.chance(0.3) {
        known.remove(0);
    }
    if known.is_empty() {
        return None;
    }
    if known.len() < reached.len() || dice.chance(0.1) {
        let names = known.iter().map(|segment| &segment["name"]);
        it["segments"] = json!(names.collect::<Vec<_>>());
    }
    Some(it)
}

/// The segments that an effect acts in.
fn acting_in<'a>(effect: &Value, reach: &Value, segments: &'a [Value]) -> Vec<&'a Value> {
    let acts = |it: &&Value| {
        let named = effect["segments"].as_array();
        let meant = named.is_none_or(|names| names.contains(&it["name"]));
        meant && reach.get(it["name"].as_str().unwrap()).is_some()
    };
    segments.iter().filter(acts).collect()
}

/// Whether a segment's contacts in a channel, or in any where none is named, are ever about an issue.
fn has(segment: &Value, issue: &str, channel: &Value) -> bool {
    let mut channels = segment["channels"].as_array().into_iter().flatten();
    channels.any(|it| {
        let mut issues = it["issues"].as_array().into_iter().flatten();
        (channel.is_null() || it["name"] == *channel) && issues.any(|it| it["name"] == issue)
    })
}

/// Which of an initiative's effects a reading of a lever is of.
fn first<'a>(deed: &'a Value, on: &Value) -> Option<&'a Value> {
    let mut effects = deed["effects"].as_array().into_iter().flatten();
    effects.find(|it| it["on"] == *on)
}

/// Lets a rule read what is done about an issue.
fn stop(dice: &mut Dice, deed: &mut Value) {
    let on = json!(dice.pick(&LEVERS));
    let reads_issue = first(deed, &on).is_some_and(|it| it["issue"].is_string());
    if !deed["stop"].is_object() || !reads_issue || dice.chance(0.3) {
        return;
    }
    deed["stop"]["on"] = on.clone();
    reading(dice, &mut deed["stop"], &on);
}

/// Minutes are not counted: what is read of them has an error that is written.
fn reading(dice: &mut Dice, rule: &mut Value, on: &Value) {
    if on == "minutes" || dice.chance(0.4) {
        rule["reading_sd"] = json!(dice.between(0.0, 0.1));
    } else {
        rule.as_object_mut().unwrap().remove("reading_sd");
    }
}

/// Lets a gate read what a pilot does about an issue, which its roll-out often does too.
fn gate(dice: &mut Dice, initiatives: &mut [Value], segments: &[Value]) {
    let Some((roll_out, others)) = initiatives.split_last_mut() else {
        return;
    };
    if !roll_out["gate"].is_object() || dice.chance(0.5) {
        return;
    }
    let Some(read) = effect(dice, &others[0], segments) else {
        return;
    };
    let effects = others[0]["effects"].as_array_mut().unwrap();
    effects.insert(0, read.clone());
    roll_out["gate"]["on"] = read["on"].clone();
    reading(dice, &mut roll_out["gate"], &read["on"]);
    let mut same = read;
    if same["size"]["input"].is_null() && dice.chance(0.5) {
        same["size"] = dice.figure(-0.05, 0.5);
    }
    let issue = same["issue"].as_str().unwrap().to_owned();
    let mut known = acting_in(&same, &roll_out["reach"], segments);
    known.retain(|segment| has(segment, &issue, &same["channel"]));
    if known.is_empty() || dice.chance(0.2) {
        return;
    }
    let names = known.iter().map(|segment| &segment["name"]);
    same["segments"] = json!(names.collect::<Vec<_>>());
    roll_out["effects"].as_array_mut().unwrap().push(same);
}
