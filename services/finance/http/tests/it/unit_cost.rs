//! What it costs to win a customer, and to keep one.

use serde_json::{Value, json};

use crate::allocation::rule;
use crate::api::{Api, codes, on_both};
use crate::books::rate;

on_both!(
    a_years_acquisition_in_four_figures,
    a_years_maintenance_per_customer,
    spend_comes_before_the_customers,
    segments_and_what_nobody_bears_sum_to_the_company,
    costs_in_dollars_are_converted_by_a_named_rate,
);

fn cost(id: &str, month: &str, category: &str, component: Option<&str>, amount: &str) -> Value {
    json!({
        "source": "erp", "external_id": id, "posted_on": format!("{month}-10"),
        "category": category, "component": component,
        "amount": { "amount": amount, "currency": "EUR" },
    })
}

async fn count(api: &Api, month: &str, segments: &Value) {
    let path = format!("/v1/segment-months/{month}");
    let (status, answer) = api.put(&path, &json!({ "items": segments })).await;
    assert_eq!(status, 200, "{answer}");
}

fn figure(item: &Value, id: &str) -> Option<f64> {
    let figures = item["figures"].as_array().unwrap();
    let figure = figures.iter().find(|it| it["definition"]["id"] == id);
    figure.unwrap()["statistic"]["value"].as_f64()
}

/// A worked year: 450,000 spent on winning 500 customers, 300 of them from paid channels, and
/// 50,000 on bringing them into use; paid 500, blended 300, fully loaded 900 and 1,000.
async fn a_years_acquisition_in_four_figures(api: Api) {
    let spend = [
        ("MEDIA", "120000"),
        ("AGENCY", "30000"),
        ("SALARIES", "200000"),
        ("COMMISSIONS", "60000"),
        ("TOOLS", "25000"),
        ("EVENTS", "15000"),
        ("ONBOARDING", "50000"),
    ];
    let entries: Vec<Value> = spend
        .iter()
        .enumerate()
        .map(|(index, (component, amount))| {
            let month = format!("2025-{:02}", index + 1);
            cost(component, &month, "ACQUISITION", Some(component), amount)
        })
        .collect();
    api.send("ledger-entries", "a", &entries).await;
    for (month, new, paid) in [("2025-03", 400, 300), ("2025-12", 100, 0)] {
        let segment = json!([{ "segment": "all", "customers": 1, "new_customers": new, "new_from_paid": paid }]);
        count(&api, month, &segment).await;
    }
    let report = api
        .get("/v1/acquisition-costs?month=2025-12&months=12")
        .await;
    assert_eq!(
        (&report["first_month"], &report["last_month"]),
        (&json!("2025-01"), &json!("2025-12"))
    );
    let company = &report["items"][0];
    assert_eq!(company["segment"], Value::Null);
    assert_eq!(company["costs"].as_array().unwrap().len(), 7);
    let minor = |id| figure(company, id);
    assert_eq!(minor("cac_paid"), Some(50_000.0));
    assert_eq!(minor("cac_blended"), Some(30_000.0));
    assert_eq!(minor("cac_fully_loaded"), Some(90_000.0));
    assert_eq!(minor("cac_fully_loaded_onboarding"), Some(100_000.0));
}

/// 500,000 a year over 5,000 average customers is 100 per customer-year.
async fn a_years_maintenance_per_customer(api: Api) {
    let costs = [
        ("SERVICE", None, "240000"),
        ("OVERHEAD", None, "160000"),
        ("TRAINING", None, "40000"),
        ("RETENTION", Some("LOYALTY"), "30000"),
        ("PROGRAMME", None, "30000"),
        ("ACQUISITION", None, "999999"),
        ("COST_OF_REVENUE", None, "999999"),
    ];
    let entries: Vec<Value> = costs
        .iter()
        .map(|(category, component, amount)| {
            cost(category, "2025-06", category, *component, amount)
        })
        .collect();
    api.send("ledger-entries", "a", &entries).await;
    for month in 1..=12 {
        let segment = json!([{ "segment": "all", "customers": 5_000 }]);
        count(&api, &format!("2025-{month:02}"), &segment).await;
    }
    let path = "/v1/maintenance-costs?month=2025-12&months=12";
    let company = &api.get(path).await["items"][0];
    assert_eq!(figure(company, "maintenance_cost"), Some(10_000.0));
    assert_eq!(company["figures"][0]["statistic"]["n"], 60_000);
}

async fn spend_comes_before_the_customers(api: Api) {
    let entries = [cost("1", "2025-07", "ACQUISITION", None, "100")];
    api.send("ledger-entries", "a", &entries).await;
    let won = json!([{ "segment": "all", "customers": 9, "new_customers": 4 }]);
    count(&api, "2025-09", &won).await;
    let path = "/v1/acquisition-costs?month=2025-09&lag_months=2";
    let report = api.get(path).await;
    let company = &report["items"][0];
    assert_eq!(figure(company, "cac_fully_loaded"), Some(2_500.0));
    assert_eq!(figure(company, "cac_paid"), None, "nobody came from paid");
    let (status, _) = api.ask("/v1/acquisition-costs?month=2025-09").await;
    assert_eq!(status, 404, "nothing was spent in September");
    let (status, problem) = api
        .ask("/v1/maintenance-costs?month=2025-09&lag_months=2")
        .await;
    assert_eq!(status, 400, "{problem}");
}

async fn segments_and_what_nobody_bears_sum_to_the_company(api: Api) {
    let mut direct = cost("1", "2025-09", "SERVICE", None, "10.00");
    direct["segment"] = "smb".into();
    let mut assumed = cost("2", "2025-09", "OVERHEAD", None, "0.05");
    assumed["basis"] = "ASSUMED".into();
    let nobody = cost("3", "2025-09", "TRAINING", None, "7.00");
    api.send("ledger-entries", "a", &[direct, assumed, nobody])
        .await;
    let segments =
        json!([{ "segment": "smb", "customers": 10 }, { "segment": "home", "customers": 0 }]);
    count(&api, "2025-09", &segments).await;
    let even = rule("OVERHEAD", "2025-01", "EVEN");
    api.post("/v1/allocation-rules", &even).await;
    let report = api.get("/v1/maintenance-costs?month=2025-09").await;
    let items = report["items"].as_array().unwrap();
    let names: Vec<&Value> = items.iter().map(|it| &it["segment"]).collect();
    assert_eq!(names, [&Value::Null, &json!("home"), &json!("smb")]);
    let value = |index: usize| figure(&items[index], "maintenance_cost");
    assert_eq!(value(0), Some(12.0 * 1_705.0 / 10.0));
    assert_eq!(value(1), None, "nobody to spread it over");
    assert_eq!(value(2), Some(12.0 * 1_002.0 / 10.0));
    let flags = |index: usize| codes(&items[index]["figures"][0]["statistic"]["quality_flags"]);
    assert_eq!(flags(0), ["assumed"]);
    assert_eq!(
        flags(1),
        ["assumed", "shared_costs_unallocated", "no_denominator"]
    );
}

async fn costs_in_dollars_are_converted_by_a_named_rate(api: Api) {
    let mut dollars = cost("1", "2025-09", "SERVICE", None, "100.00");
    dollars["amount"]["currency"] = "USD".into();
    let euros = cost("2", "2025-09", "SERVICE", None, "10.00");
    api.send("ledger-entries", "a", &[dollars, euros]).await;
    count(
        &api,
        "2025-09",
        &json!([{ "segment": "all", "customers": 1 }]),
    )
    .await;
    let (status, problem) = api.ask("/v1/maintenance-costs?month=2025-09").await;
    assert_eq!(
        (status, &problem["code"]),
        (409, &json!("mixed_currencies"))
    );
    let path = "/v1/maintenance-costs?month=2025-09&currency=EUR";
    let (status, problem) = api.ask(path).await;
    assert_eq!(
        (status, &problem["invalid_params"][0]["code"]),
        (422, &json!("missing_fx_rate"))
    );
    let (_, rate) = api.post("/v1/fx-rates", &rate("0.9", "2025-09-30")).await;
    let report = api.get(path).await;
    assert_eq!(
        report["rates"],
        json!([crate::books::told(&rate, "AVERAGE")])
    );
    let cost = &report["items"][0]["costs"][0];
    assert_eq!(
        cost["amount"],
        json!({ "amount": "100.00", "currency": "EUR" })
    );
}
