//! Waves: customers who are treated one after the other, each beside who is not yet treated.

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::{PILOTS, load_months, number, read};
use crate::support::{Database, Keepworth, Kind, Luck, on_both_databases};

on_both_databases!(waves_are_held_against_who_is_not_yet_treated);

const MONTHS: [&str; 9] = [
    "2024-10", "2024-11", "2024-12", "2025-01", "2025-02", "2025-03", "2025-04", "2025-05",
    "2025-06",
];
/// Months before the first start.
const BEFORE: usize = 4;
/// In which month since then a wave starts, and when that is.
const STARTS: [Option<usize>; 3] = [Some(0), Some(2), None];
const DAYS: [Option<&str>; 3] = [Some("2025-02-01"), Some("2025-04-01"), None];
/// What treatment leaves of contacts.
const LEFT: f64 = 0.7;

struct Drawn {
    id: String,
    wave: usize,
    contacts: Vec<usize>,
}

fn drawn(prefix: &str, seed: u64, left: f64, by_lot: bool) -> Vec<Drawn> {
    let mut luck = Luck(seed);
    let one = |index: usize| {
        let level = 0.8 + 2.0 * luck.next();
        // By lot, or those with many contacts first.
        let lot = luck.next();
        let rank = if by_lot {
            lot
        } else {
            1.0 - (level - 0.8) / 2.0 * 0.5 - 0.5 * lot
        };
        let wave = (rank * 3.0).clamp(0.0, 2.9) as usize;
        let mut month = |place: usize| {
            let is_treated = STARTS[wave].is_some_and(|start| place >= BEFORE + start);
            let common = [0.0, 0.2, 0.1][place % 3] + if place < BEFORE { 0.0 } else { 0.4 };
            let (rate, mut at, mut count) = (
                (level + common) * if is_treated { left } else { 1.0 },
                0.0,
                0,
            );
            loop {
                at -= luck.next().ln() / rate;
                if at > 1.0 || count == 27 {
                    return count;
                }
                count += 1;
            }
        };
        let contacts = (0..MONTHS.len()).map(&mut month).collect();
        let id = format!("{prefix}-{index:04}");
        Drawn { id, wave, contacts }
    };
    (0..330).map(one).collect()
}

fn pilot(key: &str, customers: &[Drawn]) -> Value {
    let wave = |wave: usize| {
        let of = customers.iter().filter(|it| it.wave == wave);
        let of = Vec::from_iter(of.map(|it| json!({"source": "crm", "external_id": it.id})));
        let mut wave_of = json!({"customers": of});
        if let Some(day) = DAYS[wave] {
            wave_of["starts_on"] = json!(day);
        }
        wave_of
    };
    json!({"key": key, "title": "Shorter menu", "outcome": "CONTACTS", "design": "STAGGERED", "months_before": BEFORE,
        "starts_on": "2025-02-01", "ends_on": "2025-06-30", "smallest_effect": 0.2, "expected_per_month": 2.0,
        "expected_sd": 1.0, "waves": [wave(0), wave(1), wave(2)]})
}

/// Wave by wave and month by month, as the paper has it; weighted by treated customer-months.
fn effect(customers: &[Drawn]) -> f64 {
    let day = |text: String| text.parse::<NaiveDate>().unwrap();
    let months = |from: usize, until: usize| {
        let next = if until == MONTHS.len() {
            "2025-07"
        } else {
            MONTHS[until]
        };
        let days = day(format!("{next}-01")) - day(format!("{}-01", MONTHS[from]));
        days.num_days() as f64 / (365.25 / 12.0)
    };
    let change = |it: &Drawn, place: usize| {
        let before = it.contacts[..BEFORE].iter().sum::<usize>() as f64 / months(0, BEFORE);
        it.contacts[place] as f64 / months(place, place + 1) - before
    };
    let mean = |values: Vec<f64>| values.iter().sum::<f64>() / values.len() as f64;
    let (mut sum, mut weight) = (0.0, 0.0);
    for place in BEFORE..MONTHS.len() {
        let treated = |wave: usize| STARTS[wave].is_some_and(|start| place >= BEFORE + start);
        let others = customers.iter().filter(|it| !treated(it.wave));
        let others = mean(others.map(|it| change(it, place)).collect());
        for wave in (0..3).filter(|wave| treated(*wave)) {
            let of = customers.iter().filter(|it| it.wave == wave);
            let changes = Vec::from_iter(of.map(|it| change(it, place)));
            let months = changes.len() as f64 * months(place, place + 1);
            sum += months * (mean(changes) - others);
            weight += months;
        }
    }
    sum / weight
}

fn waves_are_held_against_who_is_not_yet_treated(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    let [picked, lots, idle] = [
        drawn("picked", 81, LEFT, false),
        drawn("lots", 82, LEFT, true),
        drawn("idle", 83, 1.0, false),
    ];
    for customers in [&picked, &lots, &idle] {
        let counts = customers.iter().map(|it| (&*it.id, &*it.contacts));
        load_months(&keepworth, &MONTHS, counts);
    }
    let looked = |key: &str, customers: &[Drawn], by_lot: bool| {
        let mut new = pilot(key, customers);
        if by_lot {
            new["waves_by_lot"] = json!(true);
        }
        let (status, made) = keepworth.post(PILOTS, &new);
        assert_eq!(status, 201, "{made}");
        // Three waves of one size, unless something else is said.
        assert_eq!(number(&made["planned_treated_share"]), 2.0 / 3.0);
        let sizes = [0, 1, 2].map(|wave| customers.iter().filter(|it| it.wave == wave).count());
        let told = [0, 1, 2].map(|wave| &made["waves"][wave]["customers"]);
        assert_eq!(told, sizes.map(|it| json!(it)).each_ref());
        assert_eq!(made["waves"][2]["starts_on"], Value::Null);
        let reading = read(&keepworth, key, "2025-06-30");
        assert!(
            (number(&reading["effect"]) - effect(customers)).abs() < 1e-9,
            "{reading}"
        );
        reading
    };
    let near = |reading: &Value, truth: f64| {
        let fall = &reading["relative_fall"];
        assert!(
            (number(&fall["mean"]) - truth).abs() < 3.0 * number(&fall["sd"]),
            "{reading}"
        );
    };
    let reading = looked("picked", &picked, false);
    near(&reading, 1.0 - LEFT);
    assert!(
        number(&reading["always_valid"]["high"]) < 0.0,
        "it is found: {reading}"
    );
    assert_eq!(
        (&reading["pre_trend"]["verdict"], &reading["grade"]),
        (&json!("HELD"), &json!("B")),
        "{reading}"
    );
    assert_eq!(reading["sample_ratio"], Value::Null);
    near(&looked("idle", &idle, false), 0.0);
    let reading = looked("lots", &lots, true);
    near(&reading, 1.0 - LEFT);
    assert_eq!(reading["sample_ratio"]["verdict"], "HELD", "{reading}");

    let conclusion = json!({"owner": "Ada", "review_on": "2099-01-01"});
    for (key, study) in [("picked", "DIFFERENCE_IN_DIFFERENCES"), ("lots", "PILOT")] {
        let (status, evidence) = keepworth.post(&format!("{PILOTS}/{key}:conclude"), &conclusion);
        assert_eq!(
            (status, &evidence["statement"]["study"]["kind"]),
            (200, &json!(study)),
            "{evidence}"
        );
        assert_eq!(evidence["grade"], "B", "named after the start: {evidence}");
    }

    // The same from a file, by the command line.
    let file = database.folder().join("waves.csv");
    let rows = picked
        .iter()
        .map(|it| format!("crm,{},{}\n", it.id, DAYS[it.wave].unwrap_or("never")));
    std::fs::write(
        &file,
        format!("source,external_id,arm\n{}", rows.collect::<String>()),
    )
    .unwrap();
    let start = [
        "pilot",
        "start",
        file.to_str().unwrap(),
        "--key",
        "typed",
        "--title",
        "Shorter menu",
        "--outcome",
        "contacts",
        "--design",
        "staggered",
        "--months-before",
        "4",
        "--from",
        "2025-02-01",
        "--to",
        "2025-06-30",
        "--expected",
        "2",
        "--sd",
        "1",
        "--fall",
        "20%",
    ];
    let started = keepworth.ask(&start).done().stdout;
    assert!(
        started.contains("treated from 2025-04-01 on") && started.contains("never treated"),
        "{started}"
    );
    let typed = read(&keepworth, "typed", "2025-06-30");
    assert_eq!(
        typed["effect"],
        keepworth.get(&format!("{PILOTS}/picked/readings")).1["items"][0]["effect"]
    );

    let refused = |change: &dyn Fn(&mut Value)| {
        let mut wrong = pilot("wrong", &picked);
        change(&mut wrong);
        let (status, problem) = keepworth.post(PILOTS, &wrong);
        assert_eq!(status, 422, "{problem}");
        let fault = &problem["invalid_params"][0];
        [&fault["name"], &fault["code"]].map(|it| it.as_str().unwrap().to_owned())
    };
    let twice =
        refused(&|it| it["waves"][1]["customers"][3] = it["waves"][0]["customers"][0].clone());
    assert_eq!(twice, ["waves/1/customers/3", "duplicate"]);
    let early = refused(&|it| it["waves"][1]["starts_on"] = json!("2025-02-01"));
    assert_eq!(early, ["waves/1/starts_on", "dates_out_of_order"]);
    let late = refused(&|it| it["waves"][1]["starts_on"] = json!("2025-07-01"));
    assert_eq!(late, ["waves/1/starts_on", "dates_out_of_order"]);
    let other = refused(&|it| it["waves"][0]["starts_on"] = json!("2025-03-01"));
    assert_eq!(other, ["waves/0/starts_on", "contradiction"]);
    let without = refused(&|it| drop(it["waves"][1].as_object_mut().unwrap().remove("starts_on")));
    assert_eq!(without, ["waves/1/starts_on", "missing"]);
    let one = refused(&|it| drop(it["waves"].as_array_mut().unwrap().drain(1..)));
    assert_eq!(one, ["waves", "out_of_range"]);
    let lots = refused(&|it| it["design"] = json!("COMPARED"));
    assert_eq!(lots, ["control", "out_of_range"]);
    let leaving = refused(&|it| {
        it["outcome"] = json!("LEAVING");
        it.as_object_mut().unwrap().remove("expected_sd");
    });
    assert_eq!(leaving, ["outcome", "invalid_value"]);
    let unknown = json!({"source": "crm", "external_id": "nobody"});
    let nobody = refused(&|it| it["waves"][2]["customers"][1] = unknown.clone());
    assert_eq!(nobody, ["waves/2/customers/1", "unknown_customer"]);
}
