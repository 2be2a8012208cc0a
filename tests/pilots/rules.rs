//! Lots drawn by a rule with a seed: anybody draws the same.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{PILOTS, read};
use crate::support::{Database, Keepworth, Kind, on_both_databases};

on_both_databases!(a_rule_draws_the_lots_that_anybody_can_draw);

/// The rule, as its description says it.
fn is_treated(seed: &str, id: &str, share: f64) -> bool {
    let digest = Sha256::digest(format!("{seed}/crm/{id}").as_bytes());
    let number = u64::from_be_bytes(digest[..8].try_into().unwrap());
    number as f64 / 18_446_744_073_709_551_616.0 < share
}

fn load(keepworth: &Keepworth) -> Vec<String> {
    let customer = |id: &str, segment: &str| json!({"source": "crm", "external_id": id, "segment": segment, "acquired_on": "2024-01-01"});
    let ids = Vec::from_iter((0..300).map(|it| format!("C-{it}")));
    let mut rows = Vec::from_iter(ids.iter().map(|id| customer(id, "basic")));
    rows.extend((0..50).map(|it| customer(&format!("P-{it}"), "plus")));
    // On the day before the start one has left, one is to come, one has not been seen since.
    let but = |id: &str, field: &str, day: &str| {
        let mut row = customer(id, "basic");
        row[field] = json!(day);
        if field == "left_on" {
            row["leaving_cause"] = json!("ATTITUDE");
        }
        row
    };
    rows.push(but("gone", "left_on", "2024-12-31"));
    rows.push(but("to-come", "acquired_on", "2025-01-01"));
    rows.push(but("unseen", "observed_to", "2024-12-30"));
    // After the start one leaves: that is an outcome.
    rows[7] = but("C-7", "left_on", "2025-02-10");
    keepworth.take("customers/v1/customers", "1", &rows);
    ids
}

fn pilot(key: &str, segments: &Value, seed: &str, share: f64) -> Value {
    json!({"key": key, "title": "Call-backs", "outcome": "LEAVING", "starts_on": "2025-01-01",
        "ends_on": "2025-06-30", "smallest_effect": 0.3, "expected_per_month": 0.03,
        "assign": {"segments": segments, "seed": seed, "treated_share": share}})
}

fn a_rule_draws_the_lots_that_anybody_can_draw(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    let ids = load(&keepworth);
    let treated: BTreeSet<&String> = ids
        .iter()
        .filter(|id| is_treated("seed-7", id, 0.4))
        .collect();
    let sizes = (json!(ids.len() - treated.len()), json!(treated.len()));
    let rule = pilot("by-rule", &json!(["basic"]), "seed-7", 0.4);
    let (status, made) = keepworth.post(PILOTS, &rule);
    assert_eq!(status, 201, "{made}");
    assert_eq!(
        (&made["control"], &made["treated"]),
        (&sizes.0, &sizes.1),
        "{made}"
    );
    assert_eq!(made["assign"], rule["assign"]);
    assert_eq!(made["planned_treated_share"], 0.4);
    assert!(
        !made.to_string().contains("C-"),
        "nobody is shown who is in an arm"
    );
    let (status, problem) = keepworth.post(
        &format!("{PILOTS}/by-rule/readings"),
        &json!({"as_of": "2025-06-30"}),
    );
    // One has left: it can be read.
    assert_eq!(status, 201, "{problem}");
    let reading = read(&keepworth, "by-rule", "2025-06-30");
    let named = |arm: &str| &reading[arm]["named"];
    assert_eq!((named("control"), named("treated")), (&sizes.0, &sizes.1));
    assert_eq!(reading["sample_ratio"]["verdict"], "HELD");

    // The command line draws the same, and starts a pilot of them.
    let file = database.folder().join("arms.csv");
    let arms = [
        "pilot",
        "arms",
        "--segment",
        "basic",
        "--seed",
        "seed-7",
        "--from",
        "2025-01-01",
    ];
    let to = ["--planned-share", "40%", "-o", file.to_str().unwrap()];
    keepworth.ask(&[&arms[..], &to].concat()).done();
    let text = std::fs::read_to_string(&file).unwrap();
    let drawn = text
        .lines()
        .filter_map(|line| line.strip_prefix("crm,")?.strip_suffix(",treated"));
    let drawn: BTreeSet<&str> = drawn.collect();
    assert_eq!(drawn, treated.iter().map(|it| it.as_str()).collect());
    assert_eq!(text.lines().count(), 1 + ids.len(), "{text}");
    let plan = [
        "--title",
        "Call-backs",
        "--outcome",
        "leaving",
        "--from",
        "2025-01-01",
        "--to",
        "2025-06-30",
        "--expected",
        "3%",
        "--fall",
        "30%",
        "--planned-share",
        "40%",
    ];
    let by_rule = [
        "pilot",
        "start",
        "--segment",
        "basic",
        "--seed",
        "seed-7",
        "--key",
        "typed",
    ];
    let started = keepworth.ask(&[&by_rule[..], &plan].concat()).done().stdout;
    assert!(started.contains("seed-7"), "{started}");
    let by_file = ["pilot", "start", file.to_str().unwrap(), "--key", "of-file"];
    keepworth.ask(&[&by_file[..], &plan].concat()).done();
    for key in ["typed", "of-file"] {
        let (_, it) = keepworth.get(&format!("{PILOTS}/{key}"));
        assert_eq!(
            (&it["control"], &it["treated"]),
            (&sizes.0, &sizes.1),
            "{it}"
        );
    }

    let refused = |wrong: &Value| {
        let (status, problem) = keepworth.post(PILOTS, wrong);
        assert_eq!(status, 422, "{problem}");
        let fault = &problem["invalid_params"][0];
        (
            fault["name"].as_str().unwrap().to_owned(),
            fault["code"].as_str().unwrap().to_owned(),
        )
    };
    let fault = |name: &str, code: &str| (name.to_owned(), code.to_owned());
    let unknown = pilot("a", &json!(["basic", "gold"]), "a", 0.5);
    assert_eq!(
        refused(&unknown),
        fault("assign/segments/1", "unknown_segment")
    );
    let empty = pilot("a", &json!(["basic"]), "a", 0.000_1);
    assert_eq!(refused(&empty), fault("assign", "out_of_range"));
    let mut both = pilot("a", &json!(["basic"]), "a", 0.5);
    both["treated"] = json!([{"source": "crm", "external_id": "C-1"}]);
    assert_eq!(refused(&both), fault("treated", "without_meaning"));
    assert_eq!(
        refused(&pilot("a", &json!(["basic"]), " ", 0.5)),
        fault("assign/seed", "missing")
    );
    assert_eq!(
        refused(&pilot("a", &json!(["basic"]), "a", 1.5)),
        fault("assign/treated_share", "out_of_range")
    );
    let mut neither = pilot("a", &json!(["basic"]), "a", 0.5);
    neither.as_object_mut().unwrap().remove("assign");
    assert_eq!(refused(&neither), fault("control", "out_of_range"));
}
