//! Comparisons without lots: each customer is held against their own months before.

use chrono::{Days, NaiveDate};
use serde_json::{Value, json};

use super::{PILOTS, load_months, number, read};
use crate::support::{Database, Keepworth, Kind, Luck, on_both_databases};

on_both_databases!(a_comparison_is_of_own_changes_and_becomes_evidence);

const MONTHS: [&str; 7] = [
    "2024-10", "2024-11", "2024-12", "2025-01", "2025-02", "2025-03", "2025-04",
];
/// Months before the start.
const BEFORE: usize = 4;
/// What treatment leaves of contacts.
const LEFT: f64 = 0.7;

struct Drawn {
    id: String,
    is_treated: bool,
    /// Contacts of each month.
    contacts: Vec<usize>,
}

/// Customers of whom everybody has a rate of their own, and those with a larger one are rather treated. All have more
/// contacts since the start. `way` is how much the treated go up by month on their own.
fn drawn(prefix: &str, seed: u64, left: f64, way: f64) -> Vec<Drawn> {
    let mut luck = Luck(seed);
    let one = |index: usize| {
        let level = 0.5 + 2.0 * luck.next();
        let is_treated = luck.next() < 0.2 + 0.25 * level;
        let mut month = |place: usize| {
            let common = if place < BEFORE { 0.0 } else { 0.5 };
            let trend = if is_treated { way * place as f64 } else { 0.0 };
            let of = if is_treated && place >= BEFORE {
                left
            } else {
                1.0
            };
            // A Poisson, by arrivals.
            let (rate, mut at, mut count) = ((level + common + trend) * of, 0.0, 0);
            loop {
                at -= luck.next().ln() / rate;
                if at > 1.0 || count == 27 {
                    return count;
                }
                count += 1;
            }
        };
        let contacts = (0..MONTHS.len()).map(&mut month).collect();
        Drawn {
            id: format!("{prefix}-{index:04}"),
            is_treated,
            contacts,
        }
    };
    (0..300).map(one).collect()
}

fn pilot(key: &str, customers: &[Drawn]) -> Value {
    let arm = |is_treated: bool| {
        let of = customers.iter().filter(|it| it.is_treated == is_treated);
        Vec::from_iter(of.map(|it| json!({"source": "crm", "external_id": it.id})))
    };
    json!({"key": key, "title": "Shorter menu", "outcome": "CONTACTS", "design": "COMPARED", "months_before": BEFORE,
        "starts_on": "2025-02-01", "ends_on": "2025-04-30", "smallest_effect": 0.2, "expected_per_month": 2.0,
        "expected_sd": 1.0, "control": arm(false), "treated": arm(true)})
}

/// The difference of own changes as the test counts it, in contacts per month of 365.25/12 days.
fn effect(customers: &[Drawn]) -> f64 {
    let days = |from: &str, to: &str| {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        ((day(to) + Days::new(1)) - day(from)).num_days() as f64 / (365.25 / 12.0)
    };
    let (before, since) = (
        days("2024-10-01", "2025-01-31"),
        days("2025-02-01", "2025-04-30"),
    );
    let change = |is_treated: bool| {
        let of = customers.iter().filter(|it| it.is_treated == is_treated);
        let sum = |counts: &[usize]| counts.iter().sum::<usize>() as f64;
        let changes =
            of.map(|it| sum(&it.contacts[BEFORE..]) / since - sum(&it.contacts[..BEFORE]) / before);
        let changes = Vec::from_iter(changes);
        changes.iter().sum::<f64>() / changes.len() as f64
    };
    change(true) - change(false)
}

fn a_comparison_is_of_own_changes_and_becomes_evidence(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    let [works, idle, apart] = [
        drawn("works", 71, LEFT, 0.0),
        drawn("idle", 72, 1.0, 0.0),
        drawn("apart", 73, 1.0, 0.4),
    ];
    for customers in [&works, &idle, &apart] {
        let counts = customers.iter().map(|it| (&*it.id, &*it.contacts));
        load_months(&keepworth, &MONTHS, counts);
    }
    let looked = |key: &str, customers: &[Drawn]| {
        let (status, made) = keepworth.post(PILOTS, &pilot(key, customers));
        assert_eq!(status, 201, "{made}");
        assert_eq!(
            (&made["design"], &made["months_before"]),
            (&json!("COMPARED"), &json!(BEFORE))
        );
        let reading = read(&keepworth, key, "2025-04-30");
        assert!(
            (number(&reading["effect"]) - effect(customers)).abs() < 1e-9,
            "{reading}"
        );
        assert_eq!(reading["sample_ratio"], Value::Null);
        reading
    };
    let near = |reading: &Value, truth: f64| {
        let fall = &reading["relative_fall"];
        assert!(
            (number(&fall["mean"]) - truth).abs() < 3.0 * number(&fall["sd"]),
            "{reading}"
        );
    };
    // The treated had more contacts before: held against each other since, they would have more still.
    let reading = looked("works", &works);
    near(&reading, 1.0 - LEFT);
    assert!(
        number(&reading["always_valid"]["high"]) < 0.0,
        "it is found: {reading}"
    );
    assert!(
        number(&reading["treated"]["before"]) > number(&reading["control"]["before"]),
        "{reading}"
    );
    assert_eq!(
        (&reading["pre_trend"]["verdict"], &reading["grade"]),
        (&json!("HELD"), &json!("B")),
        "{reading}"
    );
    near(&looked("idle", &idle), 0.0);
    let broken = looked("apart", &apart);
    assert_eq!(
        (&broken["pre_trend"]["verdict"], &broken["grade"]),
        (&json!("BROKEN"), &json!("C")),
        "{broken}"
    );

    let conclusion = json!({"owner": "Ada", "review_on": "2099-01-01"});
    let (status, evidence) = keepworth.post(&format!("{PILOTS}/works:conclude"), &conclusion);
    assert_eq!(
        (status, &evidence["grade"]),
        (200, &json!("B")),
        "{evidence}"
    );
    let study = &evidence["statement"]["study"];
    assert_eq!(study["kind"], "DIFFERENCE_IN_DIFFERENCES");
    assert_eq!(study["pre_trend_p"], reading["pre_trend"]["p"]);
    let codes = evidence["reasons"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["code"].as_str().unwrap());
    assert_eq!(
        Vec::from_iter(codes),
        ["compared", "trends_held", "named_late"]
    );
    let mut bad = pilot("bad", &works);
    bad["picked_for_bad_scores"] = json!(true);
    assert_eq!(keepworth.post(PILOTS, &bad).0, 201);
    assert_eq!(read(&keepworth, "bad", "2025-04-30")["grade"], "C");
    let shown = keepworth
        .ask(&["pilot", "read", "works", "--as-of", "2025-04-30"])
        .done()
        .stdout;
    assert!(shown.contains("same way"), "{shown}");

    let refused = |field: &str, value: Value| {
        let mut wrong = pilot("wrong", &works);
        wrong[field] = value;
        if wrong["outcome"] == "LEAVING" {
            wrong.as_object_mut().unwrap().remove("expected_sd");
        }
        let (status, problem) = keepworth.post(PILOTS, &wrong);
        assert_eq!(status, 422, "{problem}");
        let fault = &problem["invalid_params"][0];
        [&fault["name"], &fault["code"]].map(|it| it.as_str().unwrap().to_owned())
    };
    assert_eq!(
        refused("outcome", json!("LEAVING")),
        ["outcome", "invalid_value"]
    );
    assert_eq!(
        refused("months_before", json!(0)),
        ["months_before", "out_of_range"]
    );
    assert_eq!(
        refused("design", json!("RANDOMISED")),
        ["months_before", "without_meaning"]
    );
    let late = json!({"source": "crm", "external_id": "late", "segment": "all", "acquired_on": "2025-02-01"});
    keepworth.take("customers/v1/customers", "2", &[late]);
    let mut treated = pilot("wrong", &works)["treated"].clone();
    treated[2] = json!({"source": "crm", "external_id": "late"});
    assert_eq!(refused("treated", treated), ["treated/2", "contradiction"]);
}
