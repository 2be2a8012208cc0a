//! Random initiatives.

use serde_json::{Map, Value, json};

use super::dice::Dice;
use super::scenario::CHANNELS;

/// One to four initiatives, the last sometimes the roll-out of the first.
pub fn initiatives(dice: &mut Dice, segments: &[Value], training: bool, months: u32) -> Value {
    let count = dice.whole(1, 4);
    let mut all: Vec<Value> = (0..count)
        .map(|i| initiative(dice, segments, training, months, i))
        .collect();
    if count > 1 && dice.chance(0.5) {
        gate(dice, &mut all, months);
    }
    let is_gated = all.last().is_some_and(|it| it["gate"].is_object());
    for deed in all.iter_mut().skip(usize::from(is_gated)) {
        if dice.chance(0.3) {
            stop(dice, deed, months);
        }
    }
    json!(all)
}

fn initiative(
    dice: &mut Dice,
    segments: &[Value],
    training: bool,
    months: u32,
    index: u32,
) -> Value {
    let mut it = Map::new();
    it.insert("name".into(), json!(format!("deed {index}")));
    it.insert("phases".into(), json!(["any"]));
    let mut reach = Map::new();
    for segment in segments {
        if dice.chance(0.8) {
            let reached = if dice.chance(0.3) {
                1.0
            } else {
                dice.between(0.0, 1.0)
            };
            reach.insert(segment["name"].as_str().unwrap().into(), json!(reached));
        }
    }
    let reached: Vec<&Value> = segments
        .iter()
        .filter(|it| reach.contains_key(it["name"].as_str().unwrap()))
        .collect();
    it.insert("reach".into(), Value::Object(reach));
    if dice.chance(0.4) {
        it.insert("start_month".into(), json!(dice.whole(0, months / 2)));
    }
    let effects: Vec<Value> = (0..dice.whole(0, 4))
        .map(|_| effect(dice, &reached, training))
        .collect();
    it.insert("effects".into(), json!(effects));
    if dice.chance(0.8) {
        it.insert("adoption".into(), adoption(dice));
    }
    let costs: Vec<Value> = (0..dice.whole(0, 3)).map(|_| cost(dice, months)).collect();
    it.insert("costs".into(), json!(costs));
    match dice.whole(0, 3) {
        0 => {
            it.insert("success_probability".into(), json!(dice.between(0.2, 1.0)));
        }
        1 => {
            let mut score = || dice.between(0.0, 5.0);
            let readiness = json!({ "people": score(), "process": score(), "politics": score(), "evidence": "any" });
            it.insert("readiness".into(), readiness);
        }
        _ => {}
    }
    if dice.chance(0.5) {
        it.insert("sponsor".into(), json!(dice.pick(&["ann", "bob"])));
        it.insert("process_owner".into(), json!("cat"));
        it.insert("key".into(), json!("care-2027"));
    }
    Value::Object(it)
}

/// Gives an initiative a rule by which it is given up, on one of its effects.
fn stop(dice: &mut Dice, deed: &mut Value, months: u32) {
    let Some(read) = deed["effects"].get(0).map(|effect| effect["on"].clone()) else {
        return;
    };
    let mut it = json!({ "after_months": dice.whole(1, months), "on": read, "threshold": dice.between(-0.1, 0.2) });
    let counted = read == "hazard" || read == "contacts";
    if !counted || dice.chance(0.6) {
        it["reading_sd"] = json!(dice.between(0.0, 0.1));
    }
    deed["stop"] = it;
}

fn effect(dice: &mut Dice, reached: &[&Value], training: bool) -> Value {
    const LEVERS: [&str; 9] = [
        "hazard",
        "hazard",
        "hazard",
        "arpu",
        "referrals",
        "cac",
        "price_premium",
        "contacts",
        "minutes",
    ];
    // A channel can be named where every segment has it; contacts of any where every one has some.
    let has = |name: &str| {
        let named = |it: &Value| {
            it["channels"]
                .as_array()
                .is_some_and(|it| it.iter().any(|it| it["name"] == name))
        };
        reached.iter().all(|segment| named(segment))
    };
    let channels = reached.iter().all(|segment| segment["channels"].is_array());
    let mut lever = *dice.pick(&LEVERS[..if channels { 9 } else { 7 }]);
    if training && dice.chance(0.1) {
        lever = "training_hours";
    }
    let harm = dice.chance(0.25);
    let size = match (lever, harm) {
        ("referrals", _) => dice.figure(0.0, 0.01),
        ("arpu" | "price_premium", false) => dice.figure(0.0, 0.1),
        (_, false) => dice.figure(0.0, 0.5),
        (_, true) if dice.chance(0.3) => {
            json!({ "normal": { "mean": dice.between(-0.1, 0.1), "sd": 0.03 } })
        }
        (_, true) => dice.figure(-0.3, 0.05),
    };
    let mut it = json!({ "on": lever, "size": size, "note": "any" });
    if lever == "hazard" && reached.iter().all(|it| it["causes"].is_array()) && dice.chance(0.6) {
        it["cause"] = json!(dice.pick(&["effort", "care"]));
    }
    if let Some(first) = reached
        .first()
        .filter(|_| lever != "training_hours" && dice.chance(0.2))
    {
        it["segments"] = json!([first["name"]]);
    }
    if dice.chance(0.8) {
        it["grade"] = json!(dice.pick(&["A", "B", "C", "D"]));
    }
    if dice.chance(0.2) {
        it["causal_share"] = dice.figure(0.0, 1.0);
    }
    if matches!(lever, "contacts" | "minutes") && dice.chance(0.4) {
        let channel = *dice.pick(&CHANNELS);
        if has(channel) {
            it["channel"] = json!(channel);
        }
    }
    it
}

fn adoption(dice: &mut Dice) -> Value {
    let mut it = Map::new();
    let family = if dice.chance(0.5) {
        it.insert("midpoint".into(), dice.figure(0.0, 20.0));
        it.insert("steepness".into(), dice.figure(0.3, 4.0));
        "logistic"
    } else {
        for (part, most) in [("delay", 6.0), ("ramp", 12.0)] {
            if dice.chance(0.7) {
                let whole = dice.chance(0.4);
                let value = if whole {
                    json!(dice.whole(0, 8))
                } else {
                    dice.figure(0.0, most)
                };
                it.insert(part.into(), value);
            }
        }
        "linear"
    };
    if dice.chance(0.5) {
        it.insert("level".into(), dice.figure(0.1, 1.0));
    }
    if dice.chance(0.4) {
        let decay =
            json!({ "after": dice.between(0.0, 24.0), "half_life": dice.between(1.0, 24.0) });
        it.insert("decay".into(), decay);
    }
    json!({ family: it })
}

fn cost(dice: &mut Dice, months: u32) -> Value {
    const KINDS: [&str; 6] = [
        "people",
        "process",
        "politics",
        "technology",
        "training",
        "treatment",
    ];
    let monthly = dice.chance(0.5);
    let amount = if monthly {
        dice.figure(0.0, 3_000.0)
    } else {
        dice.figure(0.0, 50_000.0)
    };
    let mut it = json!({ "type": dice.pick(&KINDS), "amount": amount, "note": "any" });
    if monthly {
        it["recurrence"] = json!("monthly");
        if dice.chance(0.5) {
            it["months"] = json!(dice.whole(1, months));
        }
    } else if dice.chance(0.3) {
        it["recurrence"] = json!("once");
    }
    if dice.chance(0.4) {
        it["start"] = json!(dice.whole(0, months));
    }
    if dice.chance(0.4) {
        it["capex"] = json!(dice.chance(0.8));
    }
    it
}

/// Makes the last initiative the roll-out of the first, which then has the effect that is read.
fn gate(dice: &mut Dice, all: &mut [Value], months: u32) {
    let pilot = &mut all[0];
    pilot["start_month"] = json!(0);
    let Some(read) = pilot["effects"].get(0).cloned() else {
        return;
    };
    let mut it =
        json!({ "pilot": pilot["name"], "on": read["on"], "threshold": dice.between(-0.1, 0.2) });
    let counted = read["on"] == "hazard" || read["on"] == "contacts";
    if !counted || dice.chance(0.6) {
        it["reading_sd"] = json!(if dice.chance(0.3) {
            0.0
        } else {
            dice.between(0.0, 0.1)
        });
    }
    if dice.chance(0.6) {
        it["draws"] = json!(dice.pick(&["shared", "own"]));
    }
    let sponsor = pilot.get("sponsor").cloned();
    let roll_out = all.last_mut().unwrap();
    match sponsor {
        Some(sponsor) => roll_out["sponsor"] = sponsor,
        None => drop(roll_out.as_object_mut().unwrap().remove("sponsor")),
    }
    if dice.chance(0.8) {
        let mut same = read.clone();
        if dice.chance(0.5) {
            same["size"] = dice.figure(-0.05, 0.5);
        }
        let mut named = same["segments"].as_array().into_iter().flatten();
        if named.all(|it| roll_out["reach"].get(it.as_str().unwrap()).is_some()) {
            roll_out["effects"].as_array_mut().unwrap().push(same);
        }
    }
    roll_out["start_month"] = json!(dice.whole(1, months));
    roll_out["gate"] = it;
}
