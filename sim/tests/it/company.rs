//! Small companies for tests.

use keepworth_sim::{Baseline, Columns, Control, Evaluator, Model, Outcome, RunOptions, RunResult};
use keepworth_sim::{Scenario, run};

/// Two segments without any uncertainty, one with a constant hazard, one with bands.
pub const CERTAIN: &str = r#"
name = "Certain"
currency = "EUR"
horizon_months = 36
discount_rate = 0.1

[[segments]]
name = "one"
customers = 1000
won_per_month = 20
hazard = { constant = { hazard = 0.03 } }
revenue = 50
gross_margin = 0.6
overhead = 5
acquisition_cost = 120

[[segments]]
name = "two"
customers_by_tenure = [40, 35, 30, 25, 20, 15, 10, 300]
won_per_month = 40
hazard = { bands = { bands = [{ from = 0, to = 2, hazard = 0.08 }, { from = 3, hazard = 0.02 }] } }
revenue = 30
gross_margin = 0.5
overhead = 4
acquisition_cost = 60

[[initiatives]]
name = "care"
reach = { one = 1.0, two = 0.5 }
effects = [{ on = "hazard", size = 0.2, grade = "A" }]
adoption = { linear = { delay = 2, ramp = 6 } }
costs = [
    { type = "technology", amount = 20000 },
    { type = "people", amount = 500, recurrence = "monthly" },
]
"#;

/// The model of a scenario that defines its own segments.
pub fn model(text: &str) -> Model {
    Scenario::from_toml(text).unwrap().resolve(None).unwrap()
}

/// The outcomes of the trial in which every uniform is a half.
pub fn middle(model: &Model) -> Columns {
    let evaluator = Evaluator::new(model);
    let mut columns = Columns::from_row(&vec![0.5; model.inputs().len()]);
    evaluator.draw(&mut columns);
    evaluator.outcomes(&columns)
}

/// One outcome of the trial in which every uniform is a half.
pub fn figure(text: &str, outcome: Outcome) -> f64 {
    middle(&model(text)).outcome(outcome)[0]
}

/// A short run.
pub fn simulate(model: &Model, trials: u64) -> RunResult {
    run(
        model,
        &RunOptions {
            trials,
            ..RunOptions::default()
        },
        &Control::default(),
    )
    .unwrap()
}

/// The mean of an outcome and its Monte Carlo error.
pub fn mean(result: &RunResult, outcome: Outcome) -> (f64, f64) {
    let it = &result.outcomes[&outcome];
    (it.mean.unwrap(), it.mc_error.mean.unwrap())
}

/// A baseline with a fitted hazard and contact channels.
pub fn baseline() -> Baseline {
    serde_json::from_str(
        r#"{
            "as_of": "2026-01-01", "currency": "USD", "quality_flags": [{ "code": "no_costs", "detail": "no cost columns" }],
            "segments": [
                {
                    "name": "fibre", "customers_by_tenure": [50, 40, 400], "won_per_month": 30,
                    "hazard": { "bands": {
                        "bands": [{ "from": 0, "to": 1, "hazard": 0.1 }, { "from": 2, "hazard": 0.05 }],
                        "log_covariance": [[0.01, 0.002], [0.002, 0.02]]
                    } },
                    "revenue": 80, "gross_margin": 0.5, "overhead": 6,
                    "channels": [{ "name": "phone", "contacts": 0.4, "minutes": 8, "cost_per_minute": 0.9, "avoidable": 0.5 }],
                    "acquisition_cost": 300, "experience_share": 0.33
                },
                {
                    "name": "dsl", "customers_by_tenure": [20, 20, 800], "won_per_month": 10,
                    "hazard": { "sbg": { "alpha": 0.7, "beta": 12, "log_covariance": [[0.02, 0.01], [0.01, 0.03]] } },
                    "revenue": 40, "gross_margin": 0.5, "overhead": 5, "acquisition_cost": 200
                }
            ]
        }"#,
    )
    .unwrap()
}

/// A programme on [`baseline`] that pulls every lever.
pub const EVERY_LEVER: &str = r#"
name = "Every lever"
horizon_months = 48
timing = "mid"
discount_rate = { triangular = [0.07, 0.1, 0.15] }
tax_rate = 0.25
depreciation_months = 36
terminal_value = { annual_growth = -0.3 }
training = { hires_per_month = 3, hours_per_hire = "30 to 50", loaded_rate = 40, avoidable = 1 }

[[initiatives]]
name = "pilot"
reach = { fibre = 0.1 }
effects = [{ on = "hazard", size = "0.05 to 0.30", grade = "C" }]
adoption = { logistic = { midpoint = 3, steepness = 1 } }
costs = [{ type = "people", amount = "4000 to 9000" }]

[[initiatives]]
name = "roll-out"
start_month = 8
reach = { fibre = 0.9 }
effects = [
    { on = "hazard", size = "0.05 to 0.30", grade = "C" },
    { on = "contacts", size = { pert = [0.02, 0.09, 0.15] }, grade = "B", channel = "phone" },
    { on = "minutes", size = 0.05, grade = "A" },
    { on = "arpu", size = { normal = { mean = 0, sd = 0.01 } } },
    { on = "price_premium", size = "0.001 to 0.01" },
    { on = "referrals", size = "0.0005 to 0.002" },
    { on = "cac", size = 0.03 },
    { on = "training_hours", size = 0.2 },
]
adoption = { linear = { delay = 1, ramp = 6, level = "0.6 to 0.9", decay = { after = 24, half_life = 36 } } }
costs = [
    { type = "technology", amount = "20000 to 60000", capex = true },
    { type = "treatment", amount = 900, recurrence = "monthly", months = 24 },
]
readiness = { people = 4, process = 3, politics = 2 }
gate = { pilot = "pilot", on = "hazard", threshold = 0.03, reading_sd = 0.03 }
"#;

/// [`EVERY_LEVER`] on [`baseline`].
pub fn every_lever() -> Model {
    Scenario::from_toml(EVERY_LEVER)
        .unwrap()
        .resolve(Some(&baseline()))
        .unwrap()
}
