//! What every segment did, counted from the other services' feeds and own revenue.

use serde_json::{Value, json};

use crate::api::{Api, codes, on_both};
use crate::upstream::{Upstream, episode, exposure};

on_both!(
    counts_customers_contacts_and_first_payments,
    what_is_counted_divides_the_costs,
    closed_months_are_not_counted_again,
    without_the_other_services_nothing_is_changed,
    revenue_of_two_currencies_needs_one_to_be_counted_in,
    what_cannot_be_counted_is_named,
);

/// Home: 1 all the time, 2 from 16 September on. Office: 3, who left on 15 August.
fn upstream() -> Upstream {
    let end = "2025-09-30";
    let mut left = episode("3", "office", "2025-07-01", "2025-08-15", None);
    left["left"] = true.into();
    Upstream::start(
        vec![
            episode("1", "home", "2024-01-01", end, Some("search")),
            episode("2", "home", "2025-09-16", end, Some("search")),
            left,
        ],
        vec![
            exposure("0", "2025-09", &[("phone", 9, 900)]),
            exposure("1", "2025-08", &[("chat", 1, 29), ("phone", 2, 600)]),
            exposure("1", "2025-09", &[("phone", 1, 61)]),
            exposure("3", "2025-08", &[("phone", 4, 1_200)]),
        ],
    )
}

fn charge(customer: &str, month: &str, months: u32, amount: &str, kind: &str) -> Value {
    json!({
        "source": "billing", "external_id": format!("{customer}/{month}/{kind}"),
        "customer_source": "crm", "customer_external_id": customer, "month": month,
        "months": months, "amount": { "amount": amount, "currency": "EUR" }, "kind": kind,
    })
}

async fn revenues(api: &Api) {
    let charges = [
        charge("1", "2025-09", 3, "100.00", "RECURRING"),
        charge("1", "2025-08", 1, "3.00", "REFUND"),
        charge("2", "2025-09", 1, "20.00", "RECURRING"),
        charge("3", "2025-08", 1, "50.00", "ONE_OFF"),
        charge("9", "2025-09", 1, "7.00", "RECURRING"),
        charge("9", "2025-10", 1, "7.00", "RECURRING"),
    ];
    api.send("revenues", "a", &charges).await;
}

async fn counted(api: &Api, body: &Value) -> Value {
    let (status, report) = api.post("/v1/segment-months:count", body).await;
    assert_eq!(status, 200, "{report}");
    report
}

async fn counts_customers_contacts_and_first_payments(api: Api) {
    let upstream = upstream();
    let api = api.reading(&upstream.peers);
    revenues(&api).await;
    let typed = json!({ "items": [
        { "segment": "home", "customers": 9, "headcount": 4 }, { "segment": "old", "customers": 9 },
    ] });
    assert_eq!(api.put("/v1/segment-months/2025-08", &typed).await.0, 200);
    let query = json!({ "from": "2025-08", "to": "2025-09", "paid_channels": ["search"] });
    let report = counted(&api, &query).await;
    assert_eq!(
        (&report["as_of"], &report["currency"], &report["customers"]),
        (&json!("2025-09-30"), &json!("EUR"), &json!(3))
    );
    assert_eq!(report["feeds"][0]["service"], "customers");
    assert_eq!(report["feeds"][1]["rows"], 4);
    let flags = &report["quality_flags"];
    assert_eq!(codes(flags), ["unknown_customers"; 2]);
    let said = |index: usize| flags[index]["detail"].as_str().unwrap();
    assert!(said(0).starts_with("1 rows of exposures") && said(1).starts_with("1 charges"));

    let august = api.get("/v1/segment-months/2025-08").await;
    let channel = |channel: &str, contacts: u64, seconds: u64, new: u64| {
        json!({ "channel": channel, "contacts": contacts, "handle_seconds": seconds,
                "new_customers": new })
    };
    assert_eq!(
        august["items"],
        json!([
            { "segment": "home", "customers": 1, "new_customers": 0, "new_from_paid": 0,
              "contacts": 3, "minutes": 10, "revenue_minor": 3_033, "headcount": 4,
              "channels": [channel("chat", 1, 29, 0), channel("phone", 2, 600, 0)] },
            // Half of August's days; the half is rounded to even.
            { "segment": "office", "customers": 0, "new_customers": 1, "new_from_paid": 0,
              "contacts": 4, "minutes": 20, "revenue_minor": 5_000, "headcount": 0,
              "channels": [channel("phone", 4, 1_200, 0)] },
        ])
    );
    let september = api.get("/v1/segment-months/2025-09").await;
    assert_eq!(
        september["items"],
        json!([
            { "segment": "home", "customers": 2, "new_customers": 1, "new_from_paid": 1,
              "contacts": 1, "minutes": 1, "revenue_minor": 3_334 + 2_000, "headcount": 0,
              "channels": [channel("phone", 1, 61, 0), channel("search", 0, 0, 1)] },
        ])
    );
    assert_eq!(report["months"][1]["revenue_minor"], 5_334);
    let again = counted(&api, &query).await;
    assert_eq!(
        again["months"], report["months"],
        "counting again changes nothing"
    );
}

async fn what_is_counted_divides_the_costs(api: Api) {
    let upstream = upstream();
    let api = api.reading(&upstream.peers);
    revenues(&api).await;
    let media = json!({
        "source": "erp", "external_id": "1", "posted_on": "2025-09-10", "category": "ACQUISITION",
        "component": "MEDIA", "amount": { "amount": "80", "currency": "EUR" }, "channel": "search",
    });
    api.send("ledger-entries", "a", &[media]).await;
    let report = counted(&api, &json!({ "from": "2025-09", "to": "2025-09" })).await;
    assert_eq!(
        report["paid_channels"],
        json!(["search"]),
        "as the ledger says"
    );
    let costs = api.get("/v1/acquisition-costs?month=2025-09").await;
    let figures = costs["items"][0]["figures"].as_array().unwrap();
    let paid = figures
        .iter()
        .find(|it| it["definition"]["id"] == "cac_paid");
    assert_eq!(paid.unwrap()["statistic"]["value"], 8_000.0);
}

async fn closed_months_are_not_counted_again(api: Api) {
    let upstream = upstream();
    let api = api.reading(&upstream.peers);
    let close = json!({ "month": "2025-08", "reason": "month end" });
    assert_eq!(api.post("/v1/period-closes", &close).await.0, 201);
    let query = json!({ "from": "2025-08", "to": "2025-09" });
    let (status, problem) = api.post("/v1/segment-months:count", &query).await;
    assert_eq!((status, &problem["code"]), (409, &json!("period_closed")));
    let september = api.get("/v1/segment-months/2025-09").await;
    assert_eq!(september["items"], json!([]), "all months or none");
    counted(&api, &json!({ "from": "2025-09", "to": "2025-09" })).await;
}

async fn without_the_other_services_nothing_is_changed(api: Api) {
    let typed = json!({ "items": [{ "segment": "home", "customers": 9 }] });
    assert_eq!(api.put("/v1/segment-months/2025-09", &typed).await.0, 200);
    let query = json!({ "from": "2025-09", "to": "2025-09" });
    let (status, problem) = api.post("/v1/segment-months:count", &query).await;
    assert_eq!(
        (status, &problem["code"]),
        (502, &json!("service_unreachable"))
    );
    assert!(problem["detail"].as_str().unwrap().contains("customers"));
    let nobody = Upstream::start(vec![], vec![]);
    let api = api.reading(&nobody.peers);
    let (status, problem) = api.post("/v1/segment-months:count", &query).await;
    assert_eq!((status, &problem["code"]), (409, &json!("no_customers")));
    let disorder = [("2", "home"), ("1", "home")]
        .map(|(id, segment)| episode(id, segment, "2025-01-01", "2025-09-30", None));
    let disorder = Upstream::start(disorder.into(), vec![]);
    let api = api.reading(&disorder.peers);
    let (status, problem) = api.post("/v1/segment-months:count", &query).await;
    assert_eq!(status, 502, "{problem}");
    let september = api.get("/v1/segment-months/2025-09").await;
    assert_eq!(september["items"][0]["customers"], 9);
}

async fn revenue_of_two_currencies_needs_one_to_be_counted_in(api: Api) {
    let upstream = upstream();
    let api = api.reading(&upstream.peers);
    revenues(&api).await;
    let mut dollars = charge("2", "2025-09", 1, "10.00", "USAGE");
    dollars["amount"]["currency"] = "USD".into();
    api.send("revenues", "b", &[dollars]).await;
    let mut query = json!({ "from": "2025-09", "to": "2025-09" });
    let (status, problem) = api.post("/v1/segment-months:count", &query).await;
    assert_eq!(
        (status, &problem["code"]),
        (409, &json!("mixed_currencies"))
    );
    query["currency"] = "EUR".into();
    let (status, problem) = api.post("/v1/segment-months:count", &query).await;
    assert_eq!(
        (status, &problem["invalid_params"][0]["code"]),
        (422, &json!("missing_fx_rate"))
    );
    let rate = crate::books::rate("0.9", "2025-09-30");
    assert_eq!(api.post("/v1/fx-rates", &rate).await.0, 201);
    let report = counted(&api, &query).await;
    assert_eq!(report["months"][0]["revenue_minor"], 5_334 + 900);
    assert_eq!(report["rates"].as_array().unwrap().len(), 1);
}

async fn what_cannot_be_counted_is_named(api: Api) {
    for (from, to, name) in [
        ("2025-09", "2025-08", "to"),
        ("2025-09", "9000-01", "to"),
        ("1900-01", "2025-08", "from"),
    ] {
        let query = json!({ "from": from, "to": to });
        let (status, problem) = api.post("/v1/segment-months:count", &query).await;
        assert_eq!(status, 422, "{problem}");
        assert_eq!(problem["invalid_params"][0]["name"], name, "{problem}");
    }
    let channels = json!({ "items": [{
        "segment": "home", "customers": 1, "contacts": 1, "channels": [
            { "channel": "phone", "contacts": 2 }, { "channel": "phone", "handle_seconds": -1 },
        ],
    }] });
    let (status, problem) = api.put("/v1/segment-months/2025-09", &channels).await;
    assert_eq!(status, 422);
    let names: Vec<Value> = problem["invalid_params"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["name"].clone())
        .collect();
    let expected = [
        "channels/1/handle_seconds",
        "channels/1/channel",
        "contacts",
    ];
    assert_eq!(names, expected.map(|name| json!(format!("items/0/{name}"))));
}
