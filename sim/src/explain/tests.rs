//! Models whose explanations are known in closed form.

use crate::model::Model;
use crate::run::RunOptions;
use crate::sampling::Sampling;
use crate::scenario::Scenario;

/// Index of the cost of people in [`linear`]: normal, mean 15,000, sd 3,000.
pub(crate) const PEOPLE: usize = 0;
/// Index of the cost of technology in [`linear`]: normal, mean 12,000, sd 4,000.
pub(crate) const TECHNOLOGY: usize = 1;

const SEGMENT: &str = r#"
name = "Known"
currency = "EUR"
horizon_months = 12
discount_rate = 0.1

[[segments]]
name = "one"
customers = 1000
hazard = { constant = { hazard = 0.01 } }
won_per_month = 0
revenue = 50
gross_margin = 0.6
overhead = 0
acquisition_cost = 0
"#;

/// A certain benefit of 26,631 minus two independent normal costs, spent at once.
pub(crate) fn linear() -> Model {
    model(
        r#"
[[initiatives]]
name = "a"
reach = { one = 1.0 }
effects = [{ on = "price_premium", size = 0.05, grade = "A" }]
costs = [
    { type = "people", amount = { normal = { mean = 15000, sd = 3000 } } },
    { type = "technology", amount = { normal = { mean = 12000, sd = 4000 } } },
]
"#,
    )
}

/// A certain cost, and a certain benefit that comes with probability 0.6.
pub(crate) fn gamble() -> Model {
    model(
        r#"
[[initiatives]]
name = "a"
reach = { one = 1.0 }
effects = [{ on = "price_premium", size = 0.05, grade = "A" }]
success_probability = 0.6
costs = [{ type = "people", amount = 10000 }]
"#,
    )
}

/// The company with other initiatives.
pub(crate) fn model(initiatives: &str) -> Model {
    Scenario::from_toml(&format!("{SEGMENT}{initiatives}"))
        .unwrap()
        .resolve(None)
        .unwrap()
}

/// Scrambled Sobol points in sixteen randomisations.
pub(crate) fn sobol(trials: u64) -> RunOptions {
    RunOptions {
        trials,
        sampling: Sampling::Sobol,
        ..RunOptions::default()
    }
}
