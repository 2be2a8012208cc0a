//! Programme budgets, and what was spent against them.

use serde_json::{Value, json};

use crate::api::{Api, on_both};
use crate::books::rate;

on_both!(
    spending_is_held_against_the_budget_in_force,
    a_budget_is_never_edited,
    what_is_wrong_with_a_budget_is_named,
    money_is_told_with_and_without_a_budget,
);

const PATH: &str = "/v1/programmes/retain-fibre";

fn euro(amount: &str) -> Value {
    json!({ "amount": amount, "currency": "EUR" })
}

fn line(month: &str, line: &str, amount: &str) -> Value {
    json!({ "month": month, "line": line, "amount": euro(amount) })
}

fn budget(effective_on: &str, lines: &[Value]) -> Value {
    json!({ "effective_on": effective_on, "reason": "board", "lines": lines })
}

fn spent(id: &str, day: &str, line: Option<&str>, amount: &str, currency: &str) -> Value {
    json!({
        "source": "erp", "external_id": id, "posted_on": day, "category": "PROGRAMME",
        "amount": { "amount": amount, "currency": currency },
        "programme": "retain-fibre", "line": line, "capex": line == Some("TECHNOLOGY"),
    })
}

async fn spending_is_held_against_the_budget_in_force(api: Api) {
    let plan = [
        line("2025-08", "PEOPLE", "100.00"),
        line("2025-09", "PEOPLE", "100.00"),
        line("2025-08", "TECHNOLOGY", "50.00"),
    ];
    let (status, stored) = api
        .post(&format!("{PATH}/budgets"), &budget("2025-07-01", &plan))
        .await;
    assert_eq!((status, &stored["version"]), (201, &json!(1)), "{stored}");
    let entries = [
        spent("1", "2025-08-10", Some("PEOPLE"), "130.00", "EUR"),
        spent("2", "2025-09-10", Some("PEOPLE"), "80.00", "EUR"),
        spent("3", "2025-08-10", Some("TECHNOLOGY"), "50.00", "USD"),
        spent("4", "2025-09-10", Some("TREATMENT"), "5.00", "EUR"),
        spent("5", "2025-09-11", None, "1.00", "EUR"),
    ];
    api.send("ledger-entries", "a", &entries).await;
    let (status, problem) = api.ask(PATH).await;
    assert_eq!(
        (status, &problem["invalid_params"][0]["code"]),
        (422, &json!("missing_fx_rate"))
    );
    let (_, rate) = api.post("/v1/fx-rates", &rate("0.9", "2025-08-01")).await;
    let report = api.get(PATH).await;
    let item = |month: &str, line: &str, planned: &str, spent: &str, over: &str| {
        json!({ "month": month, "line": line, "planned": euro(planned), "spent": euro(spent),
                "cumulative_over": euro(over) })
    };
    assert_eq!(
        report["items"],
        json!([
            item("2025-08", "PEOPLE", "100.00", "130.00", "30.00"),
            item("2025-08", "TECHNOLOGY", "50.00", "45.00", "-5.00"),
            item("2025-09", "PEOPLE", "100.00", "80.00", "10.00"),
            item("2025-09", "TREATMENT", "0.00", "5.00", "5.00"),
        ])
    );
    assert_eq!(
        report["rates"],
        json!([crate::books::told(&rate, "AVERAGE")])
    );
    assert_eq!(report["without_line"], euro("1.00"));
    assert_eq!(report["budget"], stored);
}

async fn a_budget_is_never_edited(api: Api) {
    let budgets = format!("{PATH}/budgets");
    let first = budget("2025-07-01", &[line("2025-09", "PEOPLE", "100.00")]);
    api.post(&budgets, &first).await;
    let second = budget("2025-09-01", &[line("2025-09", "PEOPLE", "70.00")]);
    let (_, stored) = api.post(&budgets, &second).await;
    assert_eq!(stored["version"], 2);
    let (status, problem) = api.post(&budgets, &first).await;
    assert_eq!(status, 422);
    assert_eq!(problem["invalid_params"][0]["name"], "effective_on");
    let planned = |report: Value| report["items"][0]["planned"].clone();
    assert_eq!(planned(api.get(PATH).await), euro("70.00"));
    let before = api.get(&format!("{PATH}?version=1")).await;
    assert_eq!(planned(before), euro("100.00"));
    assert_eq!(api.ask(&format!("{PATH}?version=3")).await.0, 404);
    assert_eq!(api.ask("/v1/programmes/other").await.0, 404);
    let list = api.get(&budgets).await;
    assert_eq!(list["items"].as_array().unwrap().len(), 2);
    assert_eq!(list["items"][1], stored);
}

async fn what_is_wrong_with_a_budget_is_named(api: Api) {
    let mut dollars = line("2025-10", "PEOPLE", "1.00");
    dollars["amount"]["currency"] = "USD".into();
    let lines = [
        line("2025-09", "PEOPLE", "1.00"),
        line("2025-09", "PEOPLE", "1.001"),
        dollars,
    ];
    let path = format!("{PATH}/budgets");
    let (status, problem) = api.post(&path, &budget("2025-07-01", &lines)).await;
    assert_eq!(status, 422);
    let codes: Vec<&str> = problem["invalid_params"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["code"].as_str().unwrap())
        .collect();
    assert_eq!(
        codes,
        ["too_many_decimals", "duplicate", "mixed_currencies"]
    );
    let (status, _) = api.post(&path, &budget("2025-07-01", &[])).await;
    assert_eq!(status, 422, "a budget plans something");
}

async fn money_is_told_with_and_without_a_budget(api: Api) {
    let money = format!("{PATH}/money");
    let nothing = api.get(&money).await;
    assert_eq!(nothing["programme"], "retain-fibre");
    for field in ["budget", "currency", "planned", "spent", "without_line"] {
        assert!(nothing[field].is_null(), "{field}: {nothing}");
    }
    let entries = [
        spent("1", "2025-08-10", Some("PEOPLE"), "130.00", "EUR"),
        spent("2", "2025-09-11", None, "1.00", "EUR"),
    ];
    api.send("ledger-entries", "a", &entries).await;
    let without = api.get(&money).await;
    let told = |it: &Value| ["planned", "spent", "without_line"].map(|name| it[name].clone());
    assert_eq!(told(&without), [Value::Null, euro("131.00"), euro("1.00")]);
    assert_eq!(without["items"].as_array().unwrap().len(), 1, "{without}");
    // The newest budget, also one that comes into force later.
    for (from, amount) in [("2025-07-01", "100.00"), ("2999-01-01", "70.00")] {
        let plan = budget(from, &[line("2025-08", "PEOPLE", amount)]);
        api.post(&format!("{PATH}/budgets"), &plan).await;
    }
    let with = api.get(&money).await;
    assert_eq!(with["budget"]["version"], 2, "{with}");
    assert_eq!(told(&with), [euro("70.00"), euro("131.00"), euro("1.00")]);
    assert_eq!(with["items"][0]["cumulative_over"], euro("60.00"));

    // Entries in two currencies and no budget: which one, somebody has to say.
    let mut dollars = spent("3", "2025-08-10", None, "2.00", "USD");
    dollars["programme"] = json!("other");
    let mut euros = spent("4", "2025-08-10", None, "3.00", "EUR");
    euros["programme"] = json!("other");
    api.send("ledger-entries", "b", &[dollars, euros]).await;
    api.post("/v1/fx-rates", &rate("0.5", "2025-08-01")).await;
    let (status, problem) = api.ask("/v1/programmes/other/money").await;
    assert_eq!(
        (status, &problem["code"]),
        (409, &json!("mixed_currencies"))
    );
    let other = api.get("/v1/programmes/other/money?currency=EUR").await;
    assert_eq!(other["spent"], euro("4.00"), "{other}");
}
