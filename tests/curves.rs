//! How leaving goes on where nobody has been yet: customers who differ, followed for two years more.

use chrono::{Months, NaiveDate};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use rand_distr::{Beta, Distribution};
use serde_json::{Value, json};

use crate::support::{Database, Keepworth, Kind, on_both_databases, run};

on_both_databases!(a_curve_holds_where_bands_do_not);

/// Months of acquisition, all under observation.
const RECORD: u32 = 36;
/// Months that are foretold.
const AHEAD: u32 = 24;
const CUSTOMERS: u32 = 9_000;

/// Somebody's life as a customer: the month in which they came, and that in which they left.
struct Life {
    came: u32,
    left: Option<u32>,
}

/// Each customer leaves with a chance of their own each month, drawn once: person by person, by no formula of ours.
fn lives() -> Vec<Life> {
    let mut rng = ChaCha8Rng::seed_from_u64(21);
    let chances = Beta::new(0.45, 2.2).unwrap();
    let life = |number: u32| {
        let (came, chance): (u32, f64) = (number % RECORD, chances.sample(&mut rng));
        let left = (came..RECORD + AHEAD).find(|_| rng.random::<f64>() < chance);
        Life { came, left }
    };
    (0..CUSTOMERS).map(life).collect()
}

fn day(month: u32, of_month: u32) -> NaiveDate {
    let first = NaiveDate::from_ymd_opt(2023, 1, 1).unwrap();
    (first + Months::new(month)) + chrono::Days::new(u64::from(of_month))
}

fn load(keepworth: &Keepworth, lives: &[Life]) {
    let (mut customers, mut events) = (Vec::new(), Vec::new());
    for (number, life) in lives.iter().enumerate() {
        customers.push(
            json!({"source": "crm", "external_id": format!("C-{number}"), "segment": "home",
            "acquired_on": day(life.came, 0)}),
        );
        if let Some(month) = life.left.filter(|month| *month < RECORD) {
            events.push(json!({"source": "crm", "external_id": format!("E-{number}"),
                "customer_external_id": format!("C-{number}"), "kind": "LEFT", "occurred_on": day(month, 14)}));
        }
    }
    let revenue = json!({"source": "billing", "external_id": "R-1", "customer_source": "crm",
        "customer_external_id": "C-0", "month": "2025-12", "amount": {"amount": "10.00", "currency": "EUR"}});
    for (path, items) in [
        ("customers/v1/customers", customers),
        ("customers/v1/lifecycle-events", events),
        ("finance/v1/revenues", vec![revenue]),
    ] {
        for (number, items) in items.chunks(1_000).enumerate() {
            let body = json!({"import_id": format!("{path}{number}"), "items": items,
                "create_segments": path.ends_with("/customers")});
            let (status, report) = keepworth.order(&format!("/{path}:batch_upsert"), &body);
            assert_eq!(status, 200, "{report}");
            assert_eq!(report["rejected"], json!([]), "{report}");
        }
    }
}

const SCENARIO: &str = r#"
name = "Nothing is done"
horizon_months = 24
discount_rate = 0.0
[[segments]]
name = "home"
won_per_month = 0
revenue = 10
gross_margin = 0.5
overhead = 0
acquisition_cost = 0
[[initiatives]]
name = "A cost"
[[initiatives.costs]]
type = "people"
amount = 1
"#;

fn a_curve_holds_where_bands_do_not(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    let lives = lives();
    load(&keepworth, &lives);
    let scenario = database.folder().join("nothing.toml");
    std::fs::write(&scenario, SCENARIO).unwrap();
    let baseline = |more: &[&str], name: &str| -> (String, Value) {
        let path = database.folder().join(name);
        let path = path.to_str().unwrap().to_owned();
        let build = ["baseline", "build", "--as-of", "2025-12-31", "-o", &path];
        run(&[&build, more, &["--url", &keepworth.url]].concat()).done();
        let document = std::fs::read_to_string(&path).unwrap();
        (path, serde_json::from_str(&document).unwrap())
    };
    let after_two_years = |baseline: &str| -> (Value, [f64; 3]) {
        let told = run(&[
            "simulate",
            scenario.to_str().unwrap(),
            "--baseline",
            baseline,
            "--trials",
            "2000",
            "--format",
            "json",
        ]);
        let result = told.done().json();
        let bands = &result["monthly"]["customers_baseline"];
        let at = |level: &str| {
            bands[level].as_array().unwrap()[AHEAD as usize]
                .as_f64()
                .unwrap()
        };
        let found = ["p5", "p50", "p95"].map(at);
        (result, found)
    };
    let (path, document) = baseline(&[], "by-rule.json");
    let choice = &document["segments"][0]["hazard_choice"];
    assert!(
        choice["model"] == "SBG" || choice["model"] == "BDW",
        "{choice}"
    );
    assert_eq!(
        (&choice["by"], &choice["longest_tenure_months"]),
        (&json!("RULE"), &json!(35))
    );
    let is_there = |month: u32| move |life: &&Life| life.left.is_none_or(|left| left >= month);
    let truth = lives.iter().filter(is_there(RECORD + AHEAD)).count() as f64;
    let (result, [low, middle, high]) = after_two_years(&path);
    println!(
        "{kind:?}: {truth} are left; {} says {low:.0} to {high:.0} ({middle:.0})",
        choice["model"]
    );
    assert!(
        low < truth && truth < high,
        "{truth} are left, not {low} to {high}"
    );
    let flags = result["flags"].to_string();
    assert!(
        flags.contains("hazard_by_curve") && flags.contains("tenure_extrapolated"),
        "{flags}"
    );
    // What the rule did not choose: bands let the longest observed go on as they are.
    let (path, document) = baseline(&["--hazard-model", "home=bands"], "by-bands.json");
    assert_eq!(document["segments"][0]["hazard_choice"]["by"], "REQUEST");
    let (_, [low, _, high]) = after_two_years(&path);
    println!("{kind:?}: bands say {low:.0} to {high:.0}");
    assert!(
        truth < low || high < truth,
        "bands hold too: {low} to {high}"
    );
    let order = json!({"as_of": "2025-12-31", "hazard_models": {"abroad": "SBG"}});
    let (status, problem) = keepworth.post("/simulator/v1/baselines", &order);
    let fault = &problem["invalid_params"][0];
    assert_eq!(
        (status, &fault["name"], &fault["code"]),
        (
            422,
            &json!("hazard_models/abroad"),
            &json!("unknown_segment")
        ),
        "{problem}"
    );
    assert!(
        fault["reason"].as_str().unwrap().contains("known: home"),
        "{problem}"
    );
}
