//! Costs in another currency: what it is worth, and how far that moves, is asked of finance.

use serde_json::{Value, json};

use crate::support::{Database, Keepworth, Kind, Luck, on_both_databases};

on_both_databases!(costs_in_another_currency_are_drawn_by_the_rates_of_finance);

const RUNS: &str = "/simulator/v1/runs";

/// What a dollar is worth on the last day of each of 37 months until 2025-12: a walk.
fn rates() -> Vec<(String, f64)> {
    let mut luck = Luck(20_251_231);
    let mut rate = 0.9_f64;
    let month = |index: usize| {
        rate *= (0.06 * (luck.next() - 0.5)).exp();
        let months = index + 11;
        let (year, month) = (2022 + months / 12, months % 12 + 1);
        let rounded = (rate * 1e6).round() / 1e6;
        (format!("{year}-{month:02}"), rounded)
    };
    (0..37).map(month).collect()
}

fn scenario(more: &str) -> String {
    format!(
        r#"
        name = "Licence in dollars"
        horizon_months = 24
        discount_rate = 0
        {more}
        [[segments]]
        name = "home"
        won_per_month = 0
        revenue = 40
        gross_margin = 0.5
        overhead = 0
        acquisition_cost = 0
        [[initiatives]]
        name = "licence"
        reach = {{ home = 1.0 }}
        effects = [{{ on = "hazard", size = 0.1, grade = "A" }}]
        costs = [
            {{ type = "technology", amount = 100, recurrence = "monthly", currency = "USD" }},
            {{ type = "people", amount = 10, recurrence = "monthly", currency = "EUR" }},
        ]
        "#
    )
}

fn costs_in_another_currency_are_drawn_by_the_rates_of_finance(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    let mut people = Vec::new();
    for index in 0..200 {
        let mut person = json!({"source": "crm", "external_id": index.to_string(), "segment": "home",
            "acquired_on": "2024-01-01"});
        if index % 4 == 0 {
            person["left_on"] = json!(format!("2025-{:02}-10", index / 4 % 12 + 1));
        }
        people.push(person);
    }
    keepworth.take("customers/v1/customers", "1", &people);
    let overhead = json!({"source": "ledger", "external_id": "1", "posted_on": "2025-12-15", "category": "OVERHEAD",
        "amount": {"amount": "100.00", "currency": "EUR"}});
    keepworth.take("finance/v1/ledger-entries", "1", &[overhead]);
    let (status, built) =
        keepworth.post("/simulator/v1/baselines", &json!({"as_of": "2025-12-31"}));
    assert_eq!(status, 201, "{built}");
    let run = |scenario: &str| {
        keepworth.post(
            RUNS,
            &json!({"scenario": scenario, "baseline_hash": built["hash"], "trials": 4_000, "seed": 1}),
        )
    };
    let refused = |scenario: &str, says: &str| {
        let (status, problem) = run(scenario);
        let fault = &problem["invalid_params"][0];
        assert_eq!(status, 422, "{problem}");
        assert!(
            fault["reason"].as_str().unwrap().contains(says),
            "{problem}"
        );
        fault["name"].as_str().unwrap().to_owned()
    };
    let place = refused(&scenario(""), "no rate from USD to EUR");
    assert_eq!(place, "scenario/initiatives[0].costs[0].currency");

    let rates = rates();
    let quote = |(month, rate): &(String, f64)| {
        let quoted = json!({"base": "USD", "quote": "EUR", "value": rate.to_string(), "quoted_on": format!("{month}-28"),
            "source": "ecb"});
        assert_eq!(keepworth.post("/finance/v1/fx-rates", &quoted).0, 201);
    };
    let (early, late) = rates.split_at(30);
    late.iter().for_each(quote);
    refused(&scenario(""), "too few to tell how far it moves");
    early.iter().for_each(quote);

    let changes = rates.windows(2).map(|it| (it[1].1 / it[0].1).ln().powi(2));
    let volatility = (12.0 * changes.sum::<f64>() / 36.0).sqrt();
    let latest = rates[36].1;
    let asked = "/finance/v1/exchange-outlook?base=USD&quote=EUR&as_of=2025-12-31";
    let (status, told) = keepworth.get(asked);
    assert_eq!(status, 200, "{told}");
    assert!(
        (told["volatility"].as_f64().unwrap() - volatility).abs() < 1e-12,
        "{told}"
    );
    assert_eq!(told["changes"], 36);
    assert_eq!(told["rate"]["value"], latest.to_string());

    let (status, made) = run(&scenario(""));
    assert_eq!(status, 201, "{made}");
    let reference = &made["references"][0];
    assert_eq!(
        (&reference["kind"], &reference["key"], &reference["path"]),
        (
            &json!("EXCHANGE_RATE"),
            &json!("USD/EUR"),
            &json!("initiatives[0].costs[0].currency")
        )
    );
    let size: Value = serde_json::from_str(reference["size"].as_str().unwrap()).unwrap();
    assert_eq!(size["rate"].as_f64(), Some(latest));
    // 24 months of 100 dollars, and of 10 euros.
    let outcomes = &made["result"]["outcomes"];
    let cost = &outcomes["pv_costs"];
    let mean = 24.0 * (100.0 * latest + 10.0);
    let near = |told: &Value, mean: f64| (told.as_f64().unwrap() / mean - 1.0).abs();
    assert!(near(&cost["mean"], mean) < 0.005, "{mean}: {cost}");
    // All months of a future move by one normal: the spread of their sum is the sum of their spreads.
    let months = (1..=24).map(|month| volatility * (f64::from(month) / 12.0).sqrt());
    let sd = 100.0 * latest * months.sum::<f64>();
    assert!(near(&cost["sd"], sd) < 0.05, "{sd}: {cost}");

    // Told by the scenario itself, nobody is asked.
    let own = scenario("currencies = [{ code = \"USD\", rate = 2, volatility = 0 }]");
    let (status, made) = run(&own);
    assert_eq!((status, &made["references"]), (201, &json!([])), "{made}");
    let cost = &made["result"]["outcomes"]["pv_costs"];
    assert!(near(&cost["mean"], 24.0 * 210.0) < 1e-9, "{cost}");
}
