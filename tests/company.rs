//! The whole way: from records through four services to a verdict.

use std::path::Path;

use serde_json::Value;

use crate::support::{Company, Database, Keepworth, Kind, on_both_databases, run};

on_both_databases!(records_become_a_baseline_and_a_verdict);

/// Builds a baseline through the services.
pub fn baseline(keepworth: &Keepworth, as_of: &str, path: &Path) -> Value {
    let output = path.to_str().unwrap();
    run(&[
        "baseline",
        "build",
        "--as-of",
        as_of,
        "-o",
        output,
        "--url",
        &keepworth.url,
    ])
    .done();
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Simulates a scenario on a baseline; answers the bytes.
pub fn simulate(scenario: &Path, baseline: &Path, arguments: &[&str]) -> String {
    let fixed = [
        "simulate",
        scenario.to_str().unwrap(),
        "--baseline",
        baseline.to_str().unwrap(),
        "--format",
        "json",
    ];
    run(&[&fixed[..], arguments].concat()).done().stdout
}

fn records_become_a_baseline_and_a_verdict(kind: Kind) {
    let (database, company) = (Database::new(kind), Company::new(800, 5));
    let keepworth = Keepworth::up(&database);
    company.load_into(&keepworth);
    let path = database.folder().join("baseline.json");
    let document = baseline(&keepworth, "2025-12-31", &path);
    assert_eq!(document["as_of"], "2025-12-31");
    assert_eq!(document["currency"], "EUR");
    assert_eq!(document["segments"].as_array().unwrap().len(), 3);
    assert_shows_truth(&document, &company);
    for (name, figure) in document["company"]["figures"].as_object().unwrap() {
        for field in ["n", "unit", "definition", "sources", "rows"] {
            assert!(!figure[field].is_null(), "{name} does not say its {field}");
        }
    }
    let again = baseline(
        &keepworth,
        "2025-12-31",
        &database.folder().join("again.json"),
    );
    assert_eq!(
        again["hash"], document["hash"],
        "the same records give the same baseline"
    );
    let scenario = company.file("scenario.toml");
    let result: Value =
        serde_json::from_str(&simulate(&scenario, &path, &["--trials", "4000"])).unwrap();
    assert_eq!(result["baseline_hash"], document["hash"]);
    let npv = &result["outcomes"]["npv"];
    let at = |name: &str| npv[name].as_f64().unwrap();
    assert!(
        at("p5") < at("p50")
            && at("p50") < at("p95")
            && npv["mc_error"]["mean"].as_f64().unwrap() > 0.0
    );
    let one = simulate(&scenario, &path, &["--trials", "4000", "--threads", "1"]);
    let two = simulate(&scenario, &path, &["--trials", "4000", "--threads", "2"]);
    assert_eq!(one, two, "threads change nothing");
}

/// The baseline's leavers and customer-months agree with the hazards that the company was drawn
/// from. In the first band fewer contacts lie behind a customer: it is left out.
fn assert_shows_truth(document: &Value, company: &Company) {
    let truth = std::fs::read_to_string(company.file("truth.json")).unwrap();
    let truth: Value = serde_json::from_str(&truth).unwrap();
    for segment in truth["segments"].as_array().unwrap() {
        let segments = document["segments"].as_array().unwrap();
        let found = segments
            .iter()
            .find(|it| it["name"] == segment["name"])
            .unwrap();
        for band in 1..4 {
            let estimate = &found["hazard_bands"][band];
            let months = estimate["exposure_months"].as_f64().unwrap();
            let left = estimate["left"].as_f64().unwrap();
            let expected = segment["hazard"][band].as_f64().unwrap() * months;
            let error = (left - expected).abs() / expected.sqrt();
            assert!(
                error < 4.0,
                "{} band {band}: {left} left, {expected} expected",
                segment["name"]
            );
        }
    }
}

#[test]
fn the_truth_goes_where_it_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let sample = |more: &[&str]| {
        let fixed = ["sample", "--customers", "60", "-o", &path("records")];
        run(&[&fixed[..], more].concat())
    };
    let order = ["--company", "in-class", "--seed", "3", "--truth"];
    for (asked, found) in [("apart", "apart/truth.json"), ("7.json", "7.json")] {
        sample(&[&order[..], &[&path(asked)]].concat()).done();
        let truth = std::fs::read_to_string(path(found)).unwrap();
        let truth: Value = serde_json::from_str(&truth).unwrap();
        assert_eq!(truth["company"], "in-class");
        let future = &truth["future"]["without_programme"];
        assert_eq!(future["cash_flow"].as_array().unwrap().len(), 24);
        assert!(!Path::new(&path("records/truth.json")).exists());
    }
    sample(&[]).done();
    assert!(Path::new(&path("records/truth.json")).exists());
    let unknown = sample(&["--company", "any"]);
    assert!(
        unknown.code == 2 && unknown.stderr.contains("in-class"),
        "{unknown:?}"
    );
}

#[test]
fn both_databases_give_the_same_bytes() {
    if !Kind::postgres_is_there("both_databases_give_the_same_bytes") {
        return;
    }
    let company = Company::new(300, 8);
    let hash = |kind| {
        let database = Database::new(kind);
        let keepworth = Keepworth::up(&database);
        company.load_into(&keepworth);
        baseline(&keepworth, "2025-12-31", &database.folder().join("b.json"))["hash"].clone()
    };
    assert_eq!(hash(Kind::Sqlite), hash(Kind::Postgres));
}

#[test]
fn a_scenario_that_cannot_be_is_refused_by_line_and_key() {
    let folder = tempfile::tempdir().unwrap();
    let company = Company::new(50, 1);
    let database = Database::new(Kind::Sqlite);
    let keepworth = Keepworth::up(&database);
    company.load_into(&keepworth);
    let frozen = folder.path().join("baseline.json");
    baseline(&keepworth, "2025-12-31", &frozen);
    let text = std::fs::read_to_string(company.file("scenario.toml")).unwrap();
    let path = folder.path().join("bad.toml");
    for (from, to, words) in [
        (
            "horizon_months = 36",
            "horizon_month = 36",
            vec!["horizon_month", "line"],
        ),
        (
            "size = { pert = [0.00, 0.05, 0.12] }",
            "size = { pert = [0.12, 0.05, 0.00] }",
            vec!["pert.high", "line 20"],
        ),
        (
            "success_probability = 0.8",
            "success_probability = 1.8",
            vec!["success_probability", "1.8"],
        ),
    ] {
        std::fs::write(&path, text.replacen(from, to, 1)).unwrap();
        let (scenario, baseline) = (path.to_str().unwrap(), frozen.to_str().unwrap());
        let answer = run(&["simulate", scenario, "--baseline", baseline]);
        assert_eq!(answer.code, 2, "{to}");
        for word in words {
            assert!(answer.stderr.contains(word), "{word} in {}", answer.stderr);
        }
    }
}

#[test]
fn a_service_that_is_missing_is_named() {
    let database = Database::new(Kind::Sqlite);
    let lonely = Keepworth::start(
        &["serve", "simulator"],
        &database,
        &["customers.url=http://127.0.0.1:9"],
    );
    let (status, problem) =
        lonely.post("/v1/baselines", &serde_json::json!({"as_of": "2025-12-31"}));
    assert_eq!(
        (status, &problem["code"]),
        (502, &"service_unreachable".into()),
        "{problem}"
    );
    assert!(
        problem["detail"].as_str().unwrap().contains("customers"),
        "{problem}"
    );
}
