//! Losses that are drawn: the engine's counts against customers drawn one by one.

use keepworth_sim::{Columns, Evaluator, Outcome, Scenario};

use super::dice::Dice;
use crate::plain;

/// Futures of the engine, and of customers drawn one by one.
const TRIALS: [usize; 2] = [20_000, 1_000];

/// Nothing but leaving and coming is uncertain.
fn scenario(hazard: &str, size: f64, more: &str) -> Scenario {
    let text = format!(
        r#"
        name = "Drawn"
        currency = "EUR"
        horizon_months = 18
        discount_rate = 0.1
        demography = "binomial"
        outlook = {{ hazard_factor = 1.2, hazard_trend = 0.3 }}
        [[segments]]
        name = "one"
        customers_by_tenure = [20, 10, 5, 65]
        won_per_month = 2.5
        hazard = {hazard}
        revenue = 50
        gross_margin = 0.6
        overhead = 5
        acquisition_cost = 20
        [[initiatives]]
        name = "care"
        reach = {{ one = 0.8 }}
        effects = [{{ on = "hazard", size = {size}, grade = "A" }}, {more}]
        adoption = {{ linear = {{ ramp = 4 }} }}
        costs = [{{ type = "people", amount = 2000 }}]
        "#
    );
    Scenario::from_toml(&text).unwrap()
}

/// Mean and standard deviation, each with its standard error.
fn moments(values: &[f64]) -> [(f64, f64); 2] {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let power = |k: i32| values.iter().map(|x| (x - mean).powi(k)).sum::<f64>() / n;
    let (variance, fourth) = (power(2), power(4));
    let sd = variance.sqrt();
    let sd_error = ((fourth - variance * variance) / n).sqrt() / (2.0 * sd);
    [(mean, sd / n.sqrt()), (sd, sd_error)]
}

fn assert_same_spread(hazard: &str, size: f64, more: &str) {
    let scenario = scenario(hazard, size, more);
    let model = scenario.resolve(None).unwrap();
    assert!(model.inputs().is_empty());
    let evaluator = Evaluator::new(&model).with_demography_seed(5);
    let engine = evaluator.outcomes(&Columns::new(0, TRIALS[0]));
    let mut dice = Dice::new(7);
    let one = |_| plain::evaluate_drawn(&scenario, &|_| unreachable!(), &mut || dice.unit());
    let plain: Vec<_> = (0..TRIALS[1]).map(one).collect();
    for outcome in [
        Outcome::FinalCustomers,
        Outcome::CustomersKept,
        Outcome::Npv,
    ] {
        let expected: Vec<f64> = plain.iter().map(|it| it.figure(outcome)).collect();
        let pairs = moments(engine.outcome(outcome))
            .into_iter()
            .zip(moments(&expected));
        for (what, ((found, error), (expected, its_error))) in ["mean", "sd"].iter().zip(pairs) {
            let distance = (found - expected).abs() / error.hypot(its_error);
            assert!(
                distance < 4.0,
                "{hazard} {size} {more}: {what} of {outcome:?} is {found}, and {expected} one by one: {distance} errors"
            );
        }
    }
}

#[test]
fn whoever_is_kept_would_have_left() {
    assert_same_spread("{ constant = { hazard = 0.06 } }", 0.6, "");
    assert_same_spread("{ constant = { hazard = 0.03 } }", -0.5, "");
    let bands =
        "{ bands = { bands = [{ from = 0, to = 4, hazard = 0.1 }, { from = 5, hazard = 0.02 }] } }";
    assert_same_spread(bands, 0.4, "");
    assert_same_spread("{ table = { hazards = [0.2, 0.1, 0.05] } }", 0.3, "");
}

#[test]
fn whoever_differs_too() {
    assert_same_spread("{ sbg = { alpha = 0.7, beta = 6 } }", 0.5, "");
    assert_same_spread("{ bdw = { alpha = 0.7, beta = 6, shape = 1.3 } }", 0.5, "");
    let stretches = "{ from = 0, hazard = 0.15, loadings = [] }, { from = 3, hazard = 0.08, loadings = [] }, \
                     { from = 9, hazard = 0.02, loadings = [] }";
    let factors = format!("{{ factors = {{ mixture = true, stretches = [{stretches}] }} }}");
    assert_same_spread(&factors, 0.5, "");
}

#[test]
fn recruits_are_counts_too() {
    let more = r#"{ on = "referrals", size = 0.02, grade = "A" }"#;
    assert_same_spread("{ constant = { hazard = 0.06 } }", 0.3, more);
}
