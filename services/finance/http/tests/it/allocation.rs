//! Who bears what.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::api::{Api, on_both};

on_both!(
    shared_costs_follow_the_rule_in_force,
    every_cent_leads_back_to_its_entry,
    rules_come_in_versions,
    what_is_wrong_with_a_rule_or_a_month_is_named,
    closed_months_keep_their_rules_and_counts,
    costs_in_two_currencies_become_one_line,
);

fn cost(id: usize, day: &str, category: &str, amount: &str, segment: Option<&str>) -> Value {
    json!({
        "source": "erp", "external_id": id.to_string(), "posted_on": day, "category": category,
        "amount": { "amount": amount, "currency": "EUR" }, "segment": segment,
    })
}

pub fn rule(category: &str, from: &str, method: &str) -> Value {
    json!({ "category": category, "effective_from": from, "method": method, "reason": "board" })
}

async fn company(api: &Api) {
    let months = json!({ "items": [
        { "segment": "smb", "customers": 80, "contacts": 10, "minutes": 200, "headcount": 1 },
        { "segment": "home", "customers": 20, "contacts": 20, "minutes": 100, "headcount": 1 },
    ] });
    assert_eq!(api.put("/v1/segment-months/2025-09", &months).await.0, 200);
    let entries = [
        cost(1, "2025-09-01", "OVERHEAD", "100.00", None),
        cost(2, "2025-09-02", "OVERHEAD", "0.01", None),
        cost(3, "2025-09-03", "OVERHEAD", "5.00", Some("home")),
        cost(4, "2025-09-03", "TRAINING", "7.00", None),
        cost(5, "2025-08-03", "OVERHEAD", "999.00", None),
    ];
    api.send("ledger-entries", "a", &entries).await;
}

async fn shared_costs_follow_the_rule_in_force(api: Api) {
    company(&api).await;
    let by_minutes = rule("OVERHEAD", "2025-01", "BY_MINUTES");
    let (status, stored) = api.post("/v1/allocation-rules", &by_minutes).await;
    assert_eq!((status, &stored["version"]), (201, &json!(1)));
    let allocation = api.get("/v1/allocations?month=2025-09").await;
    let euro = |amount: &str| json!({ "amount": amount, "currency": "EUR" });
    let items = allocation["items"].as_array().unwrap();
    let of = |segment: &str| items.iter().find(|it| it["segment"] == segment).unwrap();
    assert_eq!(items.len(), 2);
    assert_eq!(of("home")["direct"], euro("5.00"));
    assert_eq!(of("home")["shared"], euro("33.34"));
    assert_eq!(of("smb")["direct"], euro("0.00"));
    assert_eq!(of("smb")["shared"], euro("66.67"));
    let left = allocation["unallocated"].as_array().unwrap();
    assert_eq!((left.len(), &left[0]["amount"]), (1, &euro("7.00")));
    let reason = left[0]["reason"].as_str().unwrap();
    assert!(reason.contains("POST /v1/allocation-rules"), "{reason}");
    assert_eq!(allocation["rules"][0]["id"], stored["id"]);
}

async fn every_cent_leads_back_to_its_entry(api: Api) {
    company(&api).await;
    let rule = rule("OVERHEAD", "2025-01", "BY_CONTACTS");
    api.post("/v1/allocation-rules", &rule).await;
    let page = api.get("/v1/ledger-entries?month=2025-09").await;
    let lines = api.feed("/v1/feed/allocation-lines?month=2025-09").await;
    let mut by_entry: BTreeMap<&str, i64> = BTreeMap::new();
    let mut by_segment: BTreeMap<&str, i64> = BTreeMap::new();
    for line in &lines {
        let minor = line["minor"].as_i64().unwrap();
        *by_entry.entry(line["entry"].as_str().unwrap()).or_default() += minor;
        *by_segment
            .entry(line["segment"].as_str().unwrap())
            .or_default() += minor;
    }
    let id = |external_id: &str| {
        let items = page["items"].as_array().unwrap();
        let item = items
            .iter()
            .find(|it| it["record"]["external_id"] == external_id);
        item.unwrap()["id"].as_str().unwrap()
    };
    assert_eq!(
        by_entry,
        BTreeMap::from([(id("1"), 10_000), (id("2"), 1)]),
        "parts sum to their entry"
    );
    let allocation = api.get("/v1/allocations?month=2025-09").await;
    for item in allocation["items"].as_array().unwrap() {
        let shared = item["shared"]["amount"].as_str().unwrap().replace('.', "");
        let segment = item["segment"].as_str().unwrap();
        assert_eq!(by_segment[segment], shared.parse::<i64>().unwrap());
    }
}

async fn rules_come_in_versions(api: Api) {
    company(&api).await;
    let even = rule("OVERHEAD", "2025-01", "EVEN");
    api.post("/v1/allocation-rules", &even).await;
    let mut stated = rule("OVERHEAD", "2025-09", "STATED");
    stated["shares"] =
        json!([{ "segment": "smb", "share": "0.9" }, { "segment": "b2b", "share": "0.1" }]);
    let (_, second) = api.post("/v1/allocation-rules", &stated).await;
    assert_eq!(second["version"], 2);
    let (status, problem) = api.post("/v1/allocation-rules", &even).await;
    assert_eq!(status, 422);
    assert_eq!(problem["invalid_params"][0]["code"], "dates_out_of_order");
    let august = api.get("/v1/allocations?month=2025-08").await;
    assert_eq!(august["rules"][0]["version"], 1, "as it was");
    let september = api.get("/v1/allocations?month=2025-09").await;
    assert_eq!(september["rules"][0]["version"], 2);
    let segments: Vec<&str> = september["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["segment"].as_str().unwrap())
        .collect();
    assert_eq!(segments, ["b2b", "home", "smb"]);
    let list = api.get("/v1/allocation-rules").await;
    assert_eq!(list["items"].as_array().unwrap().len(), 2);
}

async fn what_is_wrong_with_a_rule_or_a_month_is_named(api: Api) {
    let mut stated = rule("OVERHEAD", "2025-09", "STATED");
    stated["shares"] =
        json!([{ "segment": "smb", "share": "0.9" }, { "segment": "b2b", "share": "0.2" }]);
    let (status, problem) = api.post("/v1/allocation-rules", &stated).await;
    assert_eq!(status, 422);
    let fault = &problem["invalid_params"][0];
    assert_eq!(fault["name"], "shares");
    assert!(fault["reason"].as_str().unwrap().contains("sum to 1.1"));
    let mut shares = rule("OVERHEAD", "2025-09", "EVEN");
    shares["shares"] = json!([{ "segment": "smb", "share": "1" }]);
    assert_eq!(api.post("/v1/allocation-rules", &shares).await.0, 422);
    let month = json!({ "items": [
        { "segment": "a", "customers": -1 }, { "segment": "a", "customers": 1, "new_from_paid": 2 },
    ] });
    let (status, problem) = api.put("/v1/segment-months/2025-09", &month).await;
    assert_eq!(status, 422);
    let names: Vec<&str> = problem["invalid_params"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "items/0/customers",
            "items/1/new_from_paid",
            "items/1/segment"
        ]
    );
}

async fn closed_months_keep_their_rules_and_counts(api: Api) {
    company(&api).await;
    let close = json!({ "month": "2025-09", "reason": "month end" });
    assert_eq!(api.post("/v1/period-closes", &close).await.0, 201);
    let even = rule("OVERHEAD", "2025-09", "EVEN");
    let (status, problem) = api.post("/v1/allocation-rules", &even).await;
    assert_eq!((status, &problem["code"]), (409, &json!("period_closed")));
    let month = json!({ "items": [] });
    let (status, _) = api.put("/v1/segment-months/2025-09", &month).await;
    assert_eq!(status, 409);
    let months = api.get("/v1/segment-months/2025-09").await;
    assert_eq!(months["items"].as_array().unwrap().len(), 2);
}

async fn costs_in_two_currencies_become_one_line(api: Api) {
    let months = json!({ "items": [{ "segment": "home", "customers": 2 }, { "segment": "smb", "customers": 1 }] });
    assert_eq!(api.put("/v1/segment-months/2025-09", &months).await.0, 200);
    let dollars = |mut cost: Value| {
        cost["amount"]["currency"] = "USD".into();
        cost
    };
    let entries = [
        cost(1, "2025-09-01", "OVERHEAD", "10.00", Some("home")),
        dollars(cost(2, "2025-09-02", "OVERHEAD", "0.01", Some("home"))),
        dollars(cost(3, "2025-09-03", "OVERHEAD", "20.02", None)),
        dollars(cost(4, "2025-09-03", "TRAINING", "7.00", None)),
        cost(5, "2025-09-03", "TRAINING", "1.00", None),
    ];
    api.send("ledger-entries", "a", &entries).await;
    let even = rule("OVERHEAD", "2025-01", "EVEN");
    assert_eq!(api.post("/v1/allocation-rules", &even).await.0, 201);
    let each = api.get("/v1/allocations?month=2025-09").await;
    assert_eq!(each["items"].as_array().unwrap().len(), 3);
    assert_eq!(each["rates"], json!([]));
    let path = "/v1/allocations?month=2025-09&currency=EUR";
    let (status, problem) = api.ask(path).await;
    assert_eq!(status, 422, "{problem}");
    for (value, day) in [("0.4", "2025-09-01"), ("0.6", "2025-09-20")] {
        let rate = crate::books::rate(value, day);
        assert_eq!(api.post("/v1/fx-rates", &rate).await.0, 201);
    }
    let one = api.get(path).await;
    let euro = |amount: &str| json!({ "amount": amount, "currency": "EUR" });
    let items = one["items"].as_array().unwrap();
    assert_eq!(items.len(), 2, "{one}");
    // Either bears 10.01 dollars: with its own cent home's are 5.01 euros, smb's 5.005 go to the even 5.00.
    let cents = |item: &Value| -> i64 {
        let of = |name: &str| item[name]["amount"].as_str().unwrap().replace('.', "");
        of("direct").parse::<i64>().unwrap() + of("shared").parse::<i64>().unwrap()
    };
    assert_eq!(items.iter().map(cents).sum::<i64>(), 1_000 + 1_001);
    assert_eq!(one["unallocated"][0]["amount"], euro("4.50"));
    assert_eq!(one["rates"][0]["value"], "0.5");
    // What customers cost in sum is the same.
    let costs = api
        .get("/v1/maintenance-costs?month=2025-09&currency=EUR")
        .await;
    let company = &costs["items"][0]["costs"];
    let overhead = company
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["category"] == "OVERHEAD");
    assert_eq!(overhead.unwrap()["amount"], euro("20.01"), "{company}");
}
