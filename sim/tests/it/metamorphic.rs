//! How results must move when a scenario is changed.

use keepworth_sim::Outcome;
use proptest::prelude::*;

use crate::company::{CERTAIN, figure, model, simulate};

/// A scenario with the figures that properties vary.
fn scenario(hazard: f64, size: f64, reach: f64, money: f64, rate: f64) -> String {
    CERTAIN
        .replace("hazard = 0.03", &format!("hazard = {hazard}"))
        .replace("size = 0.2", &format!("size = {size}"))
        .replace("one = 1.0", &format!("one = {reach}"))
        .replace("revenue = 50\n", &format!("revenue = {}\n", 50.0 * money))
        .replace("overhead = 5\n", &format!("overhead = {}\n", 5.0 * money))
        .replace("revenue = 30\n", &format!("revenue = {}\n", 30.0 * money))
        .replace("overhead = 4\n", &format!("overhead = {}\n", 4.0 * money))
        .replace(
            "amount = 20000 }",
            &format!("amount = {} }}", 20_000.0 * money),
        )
        .replace("amount = 500,", &format!("amount = {},", 500.0 * money))
        .replace(
            "discount_rate = 0.1\n",
            &format!("discount_rate = {rate}\n"),
        )
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * (a.abs() + b.abs() + 1.0)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn scaling_money_scales_npv(
        hazard in 0.001..0.3_f64, size in -0.2..0.9_f64, reach in 0.0..1.0_f64, factor in 0.1..10.0_f64,
    ) {
        let npv = |money| figure(&scenario(hazard, size, reach, money, 0.1), Outcome::Npv);
        prop_assert!(near(npv(factor), factor * npv(1.0)));
    }

    #[test]
    fn a_doubled_segment_equals_two(hazard in 0.001..0.3_f64, size in 0.0..0.9_f64) {
        let text = scenario(hazard, size, 1.0, 1.0, 0.1);
        let doubled = text
            .replace("customers = 1000", "customers = 2000")
            .replace("won_per_month = 20", "won_per_month = 40");
        let first = text.find("[[segments]]").unwrap();
        let second = text[first + 1..].find("[[segments]]").unwrap() + first + 1;
        let twin = text[first..second].replace("\"one\"", "\"twin\"");
        let pair = text
            .replace("[[initiatives]]", &format!("{twin}\n[[initiatives]]"))
            .replace("reach = { ", "reach = { twin = 1.0, ");
        for outcome in [Outcome::Npv, Outcome::FinalCustomers, Outcome::CustomersKept] {
            prop_assert!(near(figure(&doubled, outcome), figure(&pair, outcome)));
        }
    }

    #[test]
    fn what_nobody_adopts_changes_nothing(hazard in 0.001..0.3_f64, size in 0.0..0.9_f64) {
        let text = scenario(hazard, size, 1.0, 1.0, 0.1).replace("ramp = 6", "ramp = 6, level = 0");
        prop_assert_eq!(figure(&text, Outcome::Npv), -figure(&text, Outcome::PvCosts));
    }

    #[test]
    fn more_discount_never_raises_what_is_paid_first(rate in 0.0..0.5_f64, more in 0.001..0.5_f64) {
        let npv = |rate| figure(&scenario(0.03, 0.2, 1.0, 1.0, rate), Outcome::Npv);
        prop_assert!(npv(rate + more) <= npv(rate));
    }

    #[test]
    fn a_larger_effect_keeps_more_customers(size in 0.0..0.8_f64, more in 0.001..0.2_f64) {
        let kept = |size| figure(&scenario(0.03, size, 1.0, 1.0, 0.1), Outcome::CustomersKept);
        prop_assert!(kept(size + more) > kept(size));
    }

    #[test]
    fn any_valid_scenario_has_finite_figures(
        hazard in 0.0..20.0_f64, size in -10.0..1.0_f64, reach in 0.0..1.0_f64, rate in -0.5..3.0_f64,
    ) {
        let result = simulate(&model(&scenario(hazard, size, reach, 1.0, rate)), 32);
        for (outcome, statistics) in &result.outcomes {
            prop_assert!(statistics.mean.is_none_or(f64::is_finite), "{:?} is {:?}", outcome, statistics.mean);
        }
    }
}
