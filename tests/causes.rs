//! Causes of leaving, from leavers who said why to what a run makes of an effect on one of them.

use serde_json::{Value, json};

use crate::support::{Database, Keepworth, Kind, on_both_databases};

on_both_databases!(an_effect_on_a_cause_wins_what_leavers_said_is_there);

/// Who stays, and who left for what; `None` said nothing.
const STAY: usize = 860;
const LEFT: [(Option<&str>, usize); 4] = [
    (Some("EFFORT"), 30),
    (Some("DISSATISFACTION"), 20),
    (Some("PRICE"), 50),
    (None, 40),
];
/// The hazard a month that the scenario writes.
const HAZARD: f64 = 0.02;
const MONTHS: f64 = 24.0;

fn customers() -> Vec<Value> {
    let left = LEFT
        .iter()
        .flat_map(|(cause, count)| std::iter::repeat_n(Some(*cause), *count));
    let stay = std::iter::repeat_n(None, STAY);
    let customer = |(index, left): (usize, Option<Option<&str>>)| {
        let mut it = json!({"source": "crm", "external_id": format!("C-{index:04}"), "segment": "home",
            "acquired_on": "2023-01-01"});
        if let Some(cause) = left {
            it["left_on"] = json!(format!("2025-{:02}-15", 1 + index % 12));
            if let Some(cause) = cause {
                it["leaving_cause"] = json!(cause);
            }
        }
        it
    };
    left.chain(stay).enumerate().map(customer).collect()
}

fn scenario(effects: &[&str]) -> String {
    let initiative = |(index, effect): (usize, &&str)| {
        format!(
            "[[initiatives]]\nname = \"i{index}\"\nreach = {{ home = 1.0 }}\n\
             effects = [{{ on = \"hazard\", grade = \"A\", {effect} }}]\n"
        )
    };
    let initiatives: String = effects.iter().enumerate().map(initiative).collect();
    format!(
        "name = \"Causes\"\nhorizon_months = {MONTHS}\ndiscount_rate = 0.1\n[[segments]]\nname = \"home\"\n\
         hazard = {{ constant = {{ hazard = {HAZARD} }} }}\nwon_per_month = 0\nrevenue = 10\ngross_margin = 0.5\n\
         acquisition_cost = 0\n{initiatives}"
    )
}

fn an_effect_on_a_cause_wins_what_leavers_said_is_there(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    keepworth.take("customers/v1/customers", "1", &customers());
    let overhead = json!({"source": "ledger", "external_id": "1", "posted_on": "2025-12-15", "category": "OVERHEAD",
        "amount": {"amount": "100.00", "currency": "EUR"}});
    keepworth.take("finance/v1/ledger-entries", "1", &[overhead]);
    let (status, baseline) =
        keepworth.post("/simulator/v1/baselines", &json!({"as_of": "2025-12-31"}));
    assert_eq!(status, 201, "{baseline}");
    let told = keepworth
        .ask(&["baseline", "build", "--as-of", "2025-12-31"])
        .done()
        .stdout;
    let row = told
        .lines()
        .find(|line| line.contains("effort"))
        .unwrap_or_else(|| panic!("{told}"));
    let cells: Vec<&str> = row.split_whitespace().collect();
    // Wilson's interval of 30 in 100.
    assert_eq!(
        cells,
        ["home", "effort", "30", "30%", "22%", "to", "40%", "yes"]
    );
    assert!(
        told.contains("40 more left and nobody recorded why"),
        "{told}"
    );
    let run = |effects: &[&str]| {
        let order = json!({"scenario": scenario(effects), "baseline_hash": baseline["hash"], "trials": 8_000});
        keepworth.post("/simulator/v1/runs", &order)
    };
    // The share of leaving that is gone, from who is left.
    let won = |effects: &[&str]| {
        let (status, run) = run(effects);
        assert_eq!(status, 201, "{run}");
        let customers = run["result"]["outcomes"]["final_customers"]["mean"]
            .as_f64()
            .unwrap();
        1.0 + (customers / STAY as f64).ln() / (HAZARD * MONTHS)
    };
    // Of those who said why, 30 of 100 left for effort: what nobody said is not taken for another reason.
    let half = "cause = \"EFFORT\", size = 0.5";
    let close = |found: f64, expected: f64| {
        assert!((found - expected).abs() < 0.004, "{found}, not {expected}");
    };
    close(won(&[half]), 0.15);
    close(won(&[half, half]), 0.225);
    // Both causes that experience could remove are half of leaving, and no more can be won.
    close(won(&[half, "cause = \"DISSATISFACTION\", size = 1"]), 0.35);
    close(won(&["size = 0.15"]), 0.15);
    let (_, told) = run(&[half]);
    let flags = told["result"]["flags"].as_array().unwrap();
    let said = flags.iter().find(|it| it["code"] == "acts_on_cause");
    let said = said.unwrap_or_else(|| panic!("{flags:?}"))["detail"]
        .as_str()
        .unwrap();
    assert!(
        said.contains("EFFORT, 30% of leaving in home") && said.contains("of 30 who"),
        "{said}"
    );
    let (status, refused) = run(&["cause = \"PRICE\", size = 0.5"]);
    let reason = refused["invalid_params"][0]["reason"].as_str().unwrap();
    assert_eq!(status, 422, "{refused}");
    assert!(
        reason.contains("DISSATISFACTION (20 left), EFFORT (30 left)"),
        "{reason}"
    );
}
