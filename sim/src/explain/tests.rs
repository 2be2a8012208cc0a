//! Models whose explanations are known in closed form.

use crate::model::Model;
use crate::sampling::Sampling;
use crate::scenario::Scenario;
use crate::trials::RunOptions;

/// Index of the cost of people in [`linear`]: normal, mean 15,000, sd 3,000.
pub(super) const PEOPLE: usize = 0;
/// Index of the cost of technology in [`linear`]: normal, mean 12,000, sd 4,000.
pub(super) const TECHNOLOGY: usize = 1;

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

/// A certain benefit minus two independent normal costs, spent at once.
pub(super) fn linear() -> Model {
    model(
        r#"
[[initiatives]]
name = "a"
reach = { one = 1.0 }
effects = [{ on = "price_premium", size = 0.052, grade = "A" }]
costs = [
    { type = "people", amount = { normal = { mean = 15000, sd = 3000 } } },
    { type = "technology", amount = { normal = { mean = 12000, sd = 4000 } } },
]
"#,
    )
}

/// A certain cost, and a certain benefit that comes with probability 0.6.
pub(super) fn gamble() -> Model {
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

/// Two initiatives that reduce the same customers' leaving.
pub(super) fn overlapping() -> Model {
    model(
        r#"
[[initiatives]]
name = "a"
reach = { one = 1.0 }
effects = [{ on = "hazard", size = { uniform = [0.2, 0.6] }, grade = "A" }]
costs = [{ type = "people", amount = 100 }]
[[initiatives]]
name = "b"
reach = { one = 1.0 }
effects = [{ on = "hazard", size = { uniform = [0.1, 0.5] }, grade = "A" }]
costs = [{ type = "people", amount = 50 }]
"#,
    )
}

/// The company with other initiatives.
pub(super) fn model(initiatives: &str) -> Model {
    Scenario::from_toml(&format!("{SEGMENT}{initiatives}"))
        .unwrap()
        .resolve(None)
        .unwrap()
}

/// Scrambled Sobol points in sixteen randomisations.
pub(super) fn sobol(trials: u64) -> RunOptions {
    RunOptions {
        trials,
        sampling: Sampling::Sobol,
        ..RunOptions::default()
    }
}
