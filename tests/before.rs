//! A data folder, a baseline and a scenario of the version before the services were parted from HTTP: what they
//! hold is there in this one.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::support::{Database, Keepworth, Kind, run};

/// A file that the version before wrote: databases as SQL, the others as they were.
fn file(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    folder.join("../../tests/before").join(name)
}

fn folder_of_before() -> Database {
    let database = Database::new(Kind::Sqlite);
    for service in ["customers", "experience", "finance", "simulator"] {
        let sql = std::fs::read_to_string(file(&format!("{service}.sql"))).unwrap();
        // Each statement is written as it stands there, in one transaction.
        database.execute(service, &sql);
    }
    database
}

/// How many there are in all.
fn total(keepworth: &Keepworth, list: &str) -> Value {
    let (status, page) = keepworth.get(&format!("{list}?include_total=true&page_size=1"));
    assert_eq!(status, 200, "{page}");
    page["total"].clone()
}

#[test]
fn a_data_folder_of_the_version_before_is_taken_over() {
    let database = folder_of_before();
    let keepworth = Keepworth::up(&database);
    for (list, rows) in [
        ("/customers/v1/customers", 24),
        ("/experience/v1/interactions", 258),
        ("/experience/v1/feedback", 15),
        ("/finance/v1/ledger-entries", 139),
        ("/finance/v1/revenues", 156),
        ("/finance/v1/fx-rates", 1),
        ("/simulator/v1/baselines", 1),
        ("/simulator/v1/runs", 1),
    ] {
        assert_eq!(total(&keepworth, list), rows, "{list}");
    }
    let (_, closes) = keepworth.get("/finance/v1/period-closes");
    assert_eq!(closes["items"][0]["month"], "2024-12", "{closes}");

    // What was simulated is read as it was, with what has changed since; and run again on its baseline.
    let (_, runs) = keepworth.get("/simulator/v1/runs");
    let id = runs["items"][0]["id"].as_str().unwrap();
    let (status, kept) = keepworth.get(&format!("/simulator/v1/runs/{id}"));
    assert_eq!(status, 200, "{kept}");
    let again = json!({
        "baseline_hash": kept["summary"]["baseline_hash"], "scenario": kept["scenario"],
        "trials": 500, "seed": 1,
    });
    let (status, now) = keepworth.post("/simulator/v1/runs", &again);
    assert_eq!(status, 201, "{now}");
    assert_eq!(now["engine_changes"], json!([]), "{now}");
    let figures = |run: &Value| run["result"]["statistics"].clone();
    if kept["engine_changes"] == json!([]) {
        assert_eq!(figures(&kept), figures(&now), "the same engine");
    }

    // The records of before give the baseline of before, but for what is counted otherwise since.
    let as_of = json!({"as_of": "2026-06-30"});
    let (status, built) = keepworth.post("/simulator/v1/baselines", &as_of);
    assert!(status == 200 || status == 201, "{built}");
    let before: Value =
        serde_json::from_slice(&std::fs::read(file("baseline.json")).unwrap()).unwrap();
    let segments = |baseline: &Value| baseline["segments"].as_array().unwrap().len();
    assert_eq!(segments(&built), segments(&before));
    assert_eq!(built["currency"], before["currency"]);
}

#[test]
fn a_baseline_and_a_scenario_of_the_version_before_are_simulated() {
    let (baseline, scenario) = (file("baseline.json"), file("scenario.toml"));
    let answer = run(&[
        "simulate",
        scenario.to_str().unwrap(),
        "--baseline",
        baseline.to_str().unwrap(),
        "--trials",
        "500",
        "--format",
        "json",
    ]);
    assert_eq!(answer.code, 0, "{answer:?}");
}
