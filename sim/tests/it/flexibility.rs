//! The right to go on only where it pays, held against a published case: TEI tells the value of "flexibility" by the
//! option formula of Black and Scholes, and so does the case of "Franklin Chemical" (Luehrman 1998, "Investment
//! Opportunities as Real Options"): in 3 years 382 may be spent on what is worth 255.8 today, of a volatility of 40% a
//! year and at 5.5%. By its table the right is worth 19.0% of 255.8, where 382 in three years for it would lose 69.5.

use keepworth_sim::Outcome;

use crate::company::{figure, mean, model, simulate};

const WORTH: f64 = 255.8;
const PRICE: f64 = 382.0;
const RATE: f64 = 0.055;
const LOG_SD: f64 = 0.4 * 1.732_050_807_568_877_2;
const MEAN_SIZE: f64 = 0.02;
/// Months from the decision to the horizon, in which what was built earns.
const DECIDED: u32 = 36;

/// A pilot that nearly nobody sees tells how much a roll-out will raise revenue; the roll-out costs `price` at once.
/// What it earns is in proportion to its size, so that a lognormal size is a lognormal worth.
fn plan(size: &str, revenue: f64, price: f64, gate: &str) -> String {
    let effect = format!(r#"[{{ on = "price_premium", size = {size}, grade = "A" }}]"#);
    format!(
        r#"
        name = "Franklin Chemical"
        currency = "USD"
        horizon_months = 60
        discount_rate = {RATE}
        [[segments]]
        name = "all"
        customers_by_tenure = [1]
        won_per_month = 0
        hazard = {{ constant = {{ hazard = 0 }} }}
        revenue = {revenue}
        gross_margin = 1
        [[initiatives]]
        name = "pilot"
        reach = {{ all = 1e-12 }}
        effects = {effect}
        [[initiatives]]
        name = "roll-out"
        start_month = {DECIDED}
        reach = {{ all = 1 }}
        effects = {effect}
        costs = [{{ type = "technology", amount = {price} }}]
        {gate}
        "#
    )
}

#[test]
fn the_right_to_go_on_is_worth_what_the_option_formula_says() {
    let earned = |revenue| figure(&plan("0.02", revenue, 0.0, ""), Outcome::Npv);
    let revenue = WORTH / earned(1.0);
    let median = MEAN_SIZE * (-LOG_SD * LOG_SD / 2.0).exp();
    let size = format!("{{ lognormal = {{ median = {median}, log_sd = {LOG_SD} }} }}");
    let spent_today = PRICE * (1.0 + RATE).powi(-3);
    let pays_from = MEAN_SIZE * spent_today / WORTH;
    let gate = format!(
        r#"gate = {{ pilot = "pilot", on = "price_premium", threshold = {pays_from}, reading_sd = 0 }}"#
    );
    let committed = figure(&plan("0.02", revenue, PRICE, ""), Outcome::Npv);
    assert!(
        (committed - (WORTH - spent_today)).abs() < 1e-6,
        "{committed}"
    );

    let result = simulate(&model(&plan(&size, revenue, PRICE, &gate)), 262_144);
    let (npv, error) = mean(&result, Outcome::Npv);
    // By the formula, without the table's rounding: N(−0.0005) − N(−0.693)/0.7863 of the worth.
    let by_formula = 48.454;
    assert!((npv - by_formula).abs() < 4.0 * error, "{npv:?}");
    assert!((npv - 0.190 * WORTH).abs() < 4.0 * error, "{npv}");
    // The value of the option is told against the plan that goes on whatever the pilot says.
    let option = &result.beside.gates[0].option_value;
    let against = by_formula - (WORTH - spent_today);
    assert!(
        (option.value - against).abs() < 4.0 * option.mc_error,
        "{option:?}"
    );
}
