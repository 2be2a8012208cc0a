//! Costs in other currencies: the number that is worked by hand in MODEL.md, and what follows from it.

use keepworth_sim::{Control, Outcome, RunOptions, Scenario, run};

use crate::engines::{all_say, all_say_in, close};

/// One who stays and pays nothing, and an initiative that costs; a rate of 0 unless `rest` has one.
fn company(months: u32, currencies: &str, costs: &[&str], rest: &str) -> String {
    let rate = if rest.contains("discount_rate") {
        ""
    } else {
        "discount_rate = 0"
    };
    let costs = costs.join(", ");
    format!(
        r#"
        name = "Worked"
        currency = "EUR"
        horizon_months = {months}
        {rate}
        currencies = [{currencies}]
        {rest}
        [[segments]]
        name = "all"
        customers = 1
        won_per_month = 0
        hazard = {{ constant = {{ hazard = 0 }} }}
        revenue = 0
        gross_margin = 1
        [[initiatives]]
        name = "it"
        costs = [{costs}]
        "#
    )
}

const DOLLAR: &str = r#"{ code = "USD", rate = 0.9, volatility = 0.1 }"#;

/// 1,000 dollars a month.
const MONTHLY: &str =
    r#"{ type = "technology", amount = 1000, currency = "USD", recurrence = "monthly" }"#;

/// The same in the last month of a year.
const IN_MONTH_12: &str = r#"{ type = "technology", amount = 1000, currency = "USD", recurrence = "monthly", start = 12, months = 1 }"#;

/// 1,000 dollars at once.
const AT_ONCE: &str = r#"{ type = "process", amount = 1000, currency = "USD" }"#;

/// Φ(1), Φ(−1).
const ABOVE: f64 = 0.841_344_746_068_542_9;
const BELOW: f64 = 0.158_655_253_931_457_05;

/// What a dollar is worth.
fn dollar(month: u32, z: f64) -> f64 {
    let years = f64::from(month) / 12.0;
    0.9 * (0.1 * years.sqrt() * z - 0.005 * years).exp()
}

fn rises(name: &str) -> f64 {
    assert_eq!(name, "currencies.USD");
    ABOVE
}

fn falls(name: &str) -> f64 {
    assert_eq!(name, "currencies.USD");
    BELOW
}

fn discounted(months: impl Iterator<Item = u32>, cost: impl Fn(u32) -> f64) -> f64 {
    let worth = |month: u32| cost(month) * 1.1_f64.powf(-f64::from(month) / 12.0);
    months.map(worth).sum()
}

#[test]
fn a_dollar_that_rises_costs_more() {
    close(1e3 * dollar(12, 1.0), 989.7, 0.05, "month 12");
    let text = company(12, DOLLAR, &[IN_MONTH_12], "");
    let cost = 900.0 * 0.095_f64.exp();
    all_say_in(&text, &rises, Outcome::PvCosts, cost, 1e-9);
    let cost = 900.0 * (-0.105_f64).exp();
    all_say_in(&text, &falls, Outcome::PvCosts, cost, 1e-9);
}

#[test]
fn one_chance_moves_all_months_and_lines() {
    let text = company(12, DOLLAR, &[MONTHLY, AT_ONCE, IN_MONTH_12], "");
    let months: f64 = (1..=12).map(|month| dollar(month, 1.0)).sum();
    let cost = 1e3 * (months + 0.9 + dollar(12, 1.0));
    all_say_in(&text, &rises, Outcome::PvCosts, cost, 1e-8);
    all_say_in(&text, &rises, Outcome::Npv, -cost, 1e-8);
}

/// Months of the scenario, not of the initiative.
#[test]
fn time_runs_from_the_date() {
    let later = company(12, DOLLAR, &[AT_ONCE], "");
    let later = later.replace("name = \"it\"", "name = \"it\"\nstart_month = 12");
    let cost = 900.0 * 0.095_f64.exp();
    all_say_in(&later, &rises, Outcome::PvCosts, cost, 1e-9);
}

#[test]
fn a_rate_that_stays_draws_nothing() {
    let stays = DOLLAR.replace("0.1", "0");
    let text = company(12, &stays, &[MONTHLY], "");
    all_say(&text, Outcome::PvCosts, 12.0 * 900.0, 1e-8);
    let own = MONTHLY.replace(r#", currency = "USD""#, "");
    let text = company(12, &stays, &[MONTHLY, &own], "");
    all_say(&text, Outcome::PvCosts, 12.0 * 1_900.0, 1e-8);
}

#[test]
fn currencies_go_ways_of_their_own() {
    let both = [DOLLAR, r#"{ code = "CHF", rate = 1.1, volatility = 0.2 }"#].join(", ");
    let francs = IN_MONTH_12.replace("USD", "CHF");
    let text = company(12, &both, &[IN_MONTH_12, &francs], "");
    let uniform = |name: &str| match name {
        "currencies.USD" => ABOVE,
        "currencies.CHF" => BELOW,
        other => panic!("{other} is certain"),
    };
    let cost = 1e3 * dollar(12, 1.0) + 1_100.0 * f64::exp(-0.2 - 0.02);
    all_say_in(&text, &uniform, Outcome::PvCosts, cost, 1e-9);
}

/// Wages for people, prices for all else.
#[test]
fn amounts_are_by_the_prices_of_their_month() {
    let people = IN_MONTH_12.replace("technology", "people");
    let outlook = "outlook = { price_inflation = 0.02, wage_inflation = 0.05 }";
    for (line, grown) in [(IN_MONTH_12, 1.02), (people.as_str(), 1.05)] {
        let text = company(12, DOLLAR, &[line], outlook);
        let cost = 1e3 * grown * dollar(12, 1.0);
        all_say_in(&text, &rises, Outcome::PvCosts, cost, 1e-9);
    }
}

/// It is depreciated as what was paid: at 25%, a month's capital of which nothing is left by the horizon.
#[test]
fn capital_is_what_was_paid() {
    let capital = IN_MONTH_12.replace("months = 1", "months = 1, capex = true");
    let rest = "tax_rate = 0.25\ndepreciation_months = 6";
    let text = company(24, DOLLAR, &[&capital], rest);
    let paid = 1e3 * dollar(12, 1.0);
    all_say_in(&text, &rises, Outcome::PvCosts, paid, 1e-9);
    all_say_in(&text, &rises, Outcome::Npv, -0.75 * paid, 1e-9);
}

/// Whatever it is at the horizon.
#[test]
fn beyond_the_horizon_it_stays() {
    let rest = "discount_rate = 0.1\nterminal_value = { annual_growth = 0.0 }";
    let text = company(12, DOLLAR, &[MONTHLY], rest);
    let rate = 1.1_f64.powf(1.0 / 12.0) - 1.0;
    let beyond = -1e3 * dollar(12, 1.0) / rate / 1.1;
    all_say_in(&text, &rises, Outcome::TerminalValue, beyond, 1e-6);
    let rest = "discount_rate = 0.1\nterminal_value = { run_off = { both_go_on = true } }\n\
                outlook = { price_inflation = 0.02 }";
    let text = company(12, DOLLAR, &[MONTHLY], rest);
    let prices = |month: u32| 1.02_f64.powf(f64::from(month) / 12.0);
    let beyond = discounted(13..=612, |month| -1e3 * dollar(12, 1.0) * prices(month));
    all_say_in(&text, &rises, Outcome::TerminalValue, beyond, 1e-6);
}

/// The verdict that stands beside another one is that of a run with its horizon: a rate moves on for as long.
#[test]
fn another_horizon_is_as_unsure_as_a_run_of_its_own() {
    let options = RunOptions {
        trials: 1_024,
        ..RunOptions::default()
    };
    let told = |months: u32| {
        let scenario = Scenario::from_toml(&company(months, DOLLAR, &[MONTHLY], "")).unwrap();
        let model = scenario.resolve(None).unwrap();
        run(&model, &options, &Control::default()).unwrap()
    };
    let shorter = told(24);
    let beside = shorter.beside.horizons.iter().find(|it| it.months == 36);
    let (beside, own) = (&beside.unwrap().npv, &told(36).outcomes[&Outcome::Npv]);
    assert_eq!(shorter.beside.futures, 1_024);
    assert_eq!(Some(beside.p5), own.p5.number());
    assert_eq!(Some(beside.p95), own.p95.number());
}

#[test]
fn what_is_no_currency_or_not_told_is_refused_where_it_stands() {
    let refused = |currencies: &str, code: &str, place: &str, words: &str| {
        let cost = format!(r#"{{ type = "technology", amount = 1000, currency = "{code}" }}"#);
        let scenario = Scenario::from_toml(&company(12, currencies, &[&cost], "")).unwrap();
        let error = scenario.resolve(None).unwrap_err().to_string();
        assert!(error.contains(place) && error.contains(words), "{error}");
    };
    let cost = "initiatives[0].costs[0].currency";
    for code in ["usd", "US", "", "USDT", "U$D"] {
        refused(DOLLAR, code, cost, "three capital letters");
    }
    refused("", "USD", cost, "nobody says what USD is worth");
    refused(DOLLAR, "CHF", cost, "known: USD");
    let written = |rate: &str, volatility: &str| {
        format!(r#"{{ code = "USD", rate = {rate}, volatility = {volatility} }}"#)
    };
    refused(&written("0", "0.1"), "USD", "currencies[0].rate", "above 0");
    refused(
        &written("0.9", "-0.1"),
        "USD",
        "currencies[0].volatility",
        "0.08",
    );
    refused(
        &written("0.9", "8"),
        "USD",
        "currencies[0].volatility",
        "0.08",
    );
    let code = "currencies[0].code";
    refused(DOLLAR, "EUR", code, "no cost is in USD");
    refused(&DOLLAR.replace("USD", "EUR"), "EUR", code, "own currency");
    refused(
        &format!("{DOLLAR}, {DOLLAR}"),
        "USD",
        "currencies[1].code",
        "USD",
    );
}
