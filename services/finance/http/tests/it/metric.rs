//! Revenue movements and metrics.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::api::{Api, codes, on_both};
use crate::books::rate;
use crate::revenue::revenue;

on_both!(
    one_ledger_and_every_definition,
    a_yearly_fee_counts_by_the_month,
    exchange_rates_are_a_movement_of_their_own,
    several_currencies_need_a_rate,
);

async fn charge(api: &Api, charges: &[(&str, &str, &str)]) {
    let items: Vec<Value> = charges
        .iter()
        .map(|(customer, month, amount)| revenue(customer, month, 1, amount, "RECURRING"))
        .collect();
    api.send("revenues", "a", &items).await;
}

fn amount(report: &Value, name: &str) -> Decimal {
    report["movements"][name].as_str().unwrap().parse().unwrap()
}

fn value(report: &Value, id: &str) -> f64 {
    let items = report["items"].as_array().unwrap();
    let item = items.iter().find(|it| it["definition"]["id"] == id);
    item.unwrap()["statistic"]["value"].as_f64().unwrap()
}

async fn one_ledger_and_every_definition(api: Api) {
    charge(
        &api,
        &[
            ("stays", "2025-08", "100.00"),
            ("stays", "2025-09", "100.00"),
            ("expands", "2025-08", "50.00"),
            ("expands", "2025-09", "80.00"),
            ("contracts", "2025-08", "60.00"),
            ("contracts", "2025-09", "40.00"),
            ("leaves", "2025-08", "30.00"),
            ("comes", "2025-09", "70.00"),
            ("returns", "2025-05", "10.00"),
            ("returns", "2025-09", "20.00"),
        ],
    )
    .await;
    let report = api.get("/v1/metrics?month=2025-09").await;
    let of = |name: &str| amount(&report, name);
    let expected = [
        ("opening", 240),
        ("new", 70),
        ("reactivation", 20),
        ("expansion", 30),
        ("contraction", 20),
        ("churn", 30),
        ("fx", 0),
        ("closing", 310),
    ];
    for (name, units) in expected {
        assert_eq!(of(name), Decimal::from(units), "{name}");
    }
    assert_eq!(
        report["customers"],
        json!({ "opening": 4, "won": 2, "lost": 1 })
    );
    let near = |id: &str, expected: f64| {
        let value = value(&report, id);
        assert!((value - expected).abs() < 1e-12, "{id}: {value}");
    };
    near("grr", 190.0 / 240.0);
    near("nrr_cohort", 220.0 / 240.0);
    near("nrr_netsuite", 1.0);
    near("net_mrr_churn_chartmogul", 0.0);
    near("logo_retention", 0.75);
    let strict = api
        .get("/v1/metrics?month=2025-09&reactivation_window_months=3")
        .await;
    assert_eq!(amount(&strict, "new"), Decimal::from(90), "gone too long");
    let definitions = api.get("/v1/metric-definitions").await;
    assert!(
        definitions["items"].as_array().unwrap().len() >= report["items"].as_array().unwrap().len()
    );
    assert_eq!(api.ask("/v1/metrics?month=2020-01").await.0, 404);
}

async fn a_yearly_fee_counts_by_the_month(api: Api) {
    // 100 × 100 a month + 50 × 600 a year is 12,500 (Stripe, Billing analytics).
    let mut items: Vec<Value> = (0..100)
        .map(|n| revenue(&format!("m{n}"), "2025-09", 1, "100.00", "RECURRING"))
        .collect();
    items.extend((0..50).map(|n| revenue(&format!("y{n}"), "2026-03", 12, "600.00", "RECURRING")));
    items.push(revenue("m1", "2025-09", 1, "99.00", "USAGE"));
    api.send("revenues", "a", &items).await;
    let report = api.get("/v1/metrics?month=2025-09").await;
    assert_eq!(amount(&report, "closing"), Decimal::from(12_500));
    assert_eq!(amount(&report, "opening"), Decimal::from(2_500));
}

async fn exchange_rates_are_a_movement_of_their_own(api: Api) {
    let dollars = |month: &str| {
        let mut item = revenue("7", month, 1, "100.00", "RECURRING");
        item["amount"]["currency"] = "USD".into();
        item
    };
    let items = [dollars("2025-08"), dollars("2025-09")];
    api.send("revenues", "a", &items).await;
    let (_, august) = api.post("/v1/fx-rates", &rate("0.90", "2025-08-29")).await;
    let (_, september) = api.post("/v1/fx-rates", &rate("0.95", "2025-09-30")).await;
    api.post("/v1/fx-rates", &rate("0.10", "2025-10-01")).await;
    let report = api.get("/v1/metrics?month=2025-09&currency=EUR").await;
    for (name, units) in [("opening", 90), ("fx", 5), ("churn", 0), ("closing", 95)] {
        assert_eq!(amount(&report, name), Decimal::from(units), "{name}");
    }
    assert_eq!(
        report["rates"],
        json!([
            crate::books::told(&august, "CLOSING"),
            crate::books::told(&september, "CLOSING")
        ]),
        "each rate is named"
    );
    let flags = &report["items"][0]["statistic"]["quality_flags"];
    assert_eq!(codes(flags), ["converted"]);
}

async fn several_currencies_need_a_rate(api: Api) {
    let mut dollars = revenue("7", "2025-09", 1, "100.00", "RECURRING");
    dollars["amount"]["currency"] = "USD".into();
    let euros = revenue("8", "2025-09", 1, "100.00", "RECURRING");
    api.send("revenues", "a", &[dollars, euros]).await;
    let (status, problem) = api.ask("/v1/metrics?month=2025-09").await;
    assert_eq!(
        (status, &problem["code"]),
        (409, &json!("mixed_currencies"))
    );
    let (status, problem) = api.ask("/v1/metrics?month=2025-09&currency=EUR").await;
    assert_eq!(
        (status, &problem["invalid_params"][0]["code"]),
        (422, &json!("missing_fx_rate"))
    );
    let reason = problem["invalid_params"][0]["reason"].as_str().unwrap();
    assert!(
        reason.contains("from USD to EUR is quoted in 2025-08"),
        "{reason}"
    );
}
