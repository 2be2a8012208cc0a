//! What was known when: last quarter's report, after the corrections.

use chrono::SecondsFormat;
use serde_json::{Value, json};

use crate::allocation::rule;
use crate::api::{Api, on_both};
use crate::books::rate;
use crate::revenue::revenue;

on_both!(
    a_report_is_reproduced_after_corrections,
    lists_say_what_was_known,
    revenue_of_closed_months_is_refused,
);

const REPORTS: [&str; 5] = [
    "/v1/maintenance-costs?month=2025-09&currency=EUR",
    "/v1/acquisition-costs?month=2025-09",
    "/v1/acquisition-costs/by-channel?month=2025-09",
    "/v1/consumption-costs?month=2025-09&currency=EUR",
    "/v1/allocations?month=2025-09",
];

fn now() -> String {
    keepworth_store::now().to_rfc3339_opts(SecondsFormat::Micros, true)
}

fn entry(id: &str, category: &str, amount: &str, currency: &str) -> Value {
    json!({
        "source": "erp", "external_id": id, "posted_on": "2025-09-10", "category": category,
        "channel": "phone", "amount": { "amount": amount, "currency": currency },
    })
}

async fn put_months(api: &Api, customers: u32) {
    let phone = json!([{ "channel": "phone", "contacts": 3, "handle_seconds": 60 * customers, "new_customers": 1 }]);
    let months = json!({ "items": [
        { "segment": "a", "customers": customers, "new_customers": 2, "contacts": 3, "minutes": customers, "channels": phone },
        { "segment": "b", "customers": 5, "minutes": 1 },
    ] });
    assert_eq!(
        api.replace("/v1/segment-months/2025-09", &months).await.0,
        200
    );
}

async fn confirm(api: &Api, share: &str) {
    let share = json!({ "component": "CONSUMPTION", "effective_from": "2025-09", "share": share, "reason": "board" });
    assert_eq!(api.post("/v1/avoidable-shares", &share).await.0, 201);
}

/// Every report, without the time that it was asked for.
async fn reports(api: &Api, known_at: Option<&str>) -> Vec<Value> {
    let mut reports = Vec::new();
    for path in REPORTS {
        let known_at = known_at.map_or(String::new(), |at| format!("&known_at={at}"));
        let mut report = api.get(&format!("{path}{known_at}")).await;
        if let Some(fields) = report.as_object_mut() {
            fields.remove("known_at");
        }
        reports.push(report);
    }
    reports
}

async fn a_report_is_reproduced_after_corrections(api: Api) {
    let entries = [
        entry("1", "SERVICE", "100.00", "USD"),
        entry("2", "SERVICE", "40.00", "EUR"),
        entry("3", "ACQUISITION", "30.00", "EUR"),
    ];
    api.send("ledger-entries", "a", &entries).await;
    put_months(&api, 10).await;
    for category in ["SERVICE", "ACQUISITION"] {
        let even = rule(category, "2025-01", "EVEN");
        assert_eq!(api.post("/v1/allocation-rules", &even).await.0, 201);
    }
    confirm(&api, "0.1").await;
    assert_eq!(
        api.post("/v1/fx-rates", &rate("0.9", "2025-09-29")).await.0,
        201
    );
    let before = reports(&api, None).await;
    let known_at = now();

    let corrected = [
        entry("2", "SERVICE", "44.00", "EUR"),
        entry("3", "ACQUISITION", "33.00", "EUR"),
        entry("4", "ACQUISITION", "1.00", "EUR"),
    ];
    api.send("ledger-entries", "b", &corrected).await;
    put_months(&api, 20).await;
    let by_minutes = rule("SERVICE", "2025-01", "BY_MINUTES");
    assert_eq!(api.post("/v1/allocation-rules", &by_minutes).await.0, 201);
    confirm(&api, "0.2").await;
    assert_eq!(
        api.post("/v1/fx-rates", &rate("0.8", "2025-09-30")).await.0,
        201
    );

    let after = reports(&api, None).await;
    for (before, after) in before.iter().zip(&after) {
        assert_ne!(before, after, "the corrections change every report");
    }
    assert_eq!(
        reports(&api, Some(&known_at)).await,
        before,
        "but not what was known then"
    );
    assert_eq!(reports(&api, Some(&now())).await, after);
    let path = format!("{}&known_at={known_at}", REPORTS[0]);
    let echoed = api.get(&path).await["known_at"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(echoed, known_at);
    let (status, _) = api
        .ask(&format!("{}&known_at=2025-01-01T00:00:00Z", REPORTS[1]))
        .await;
    assert_eq!(status, 404, "nothing was known yet");
    let (status, _) = api.ask(&format!("{}&known_at=yesterday", REPORTS[0])).await;
    assert_eq!(status, 400);
    let concentration = format!("/v1/cost-concentration?month=2025-09&known_at={known_at}");
    assert_eq!(api.ask(&concentration).await.0, 400);
}

/// The amounts of a list, as they were known at a time.
async fn amounts(api: &Api, path: &str, known_at: &str) -> Vec<String> {
    let page = api.get(&format!("{path}?known_at={known_at}")).await;
    let items = page["items"].as_array().unwrap();
    let amount = |it: &Value| {
        it["record"]["amount"]["amount"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    items.iter().map(amount).collect()
}

async fn lists_say_what_was_known(api: Api) {
    let nothing = now();
    let entries = [
        entry("1", "SERVICE", "1.00", "EUR"),
        entry("2", "SERVICE", "2.00", "EUR"),
    ];
    api.send("ledger-entries", "a", &entries).await;
    let charges = [revenue("7", "2025-09", 1, "10.00", "RECURRING")];
    api.send("revenues", "a", &charges).await;
    let first = now();
    api.send(
        "ledger-entries",
        "b",
        &[entry("1", "SERVICE", "1.50", "EUR")],
    )
    .await;
    let charges = [revenue("7", "2025-09", 1, "11.00", "RECURRING")];
    api.send("revenues", "b", &charges).await;
    let second = now();
    for (path, known) in [
        (
            "/v1/ledger-entries",
            [vec![], vec!["1.00", "2.00"], vec!["1.50", "2.00"]],
        ),
        ("/v1/revenues", [vec![], vec!["10.00"], vec!["11.00"]]),
    ] {
        for (at, known) in [&nothing, &first, &second].into_iter().zip(known) {
            assert_eq!(amounts(&api, path, at).await, known, "{path} at {at}");
        }
    }
    let filtered = format!("/v1/ledger-entries?known_at={first}&category=SERVICE&page_size=1");
    let page = api.get(&filtered).await;
    assert_eq!(page["items"].as_array().unwrap().len(), 1);
    let next = format!(
        "{filtered}&cursor={}",
        page["next_cursor"].as_str().unwrap()
    );
    assert_eq!(api.get(&next).await["next_cursor"], Value::Null);
}

async fn revenue_of_closed_months_is_refused(api: Api) {
    let august = revenue("1", "2025-08", 1, "10.00", "RECURRING");
    let september = revenue("1", "2025-09", 1, "10.00", "RECURRING");
    let both = [august, september];
    api.send("revenues", "a", &both).await;
    let close = json!({ "month": "2025-08", "reason": "month end" });
    assert_eq!(api.post("/v1/period-closes", &close).await.0, 201);
    let items = [
        revenue("1", "2025-08", 1, "11.00", "RECURRING"),
        revenue("2", "2025-08", 1, "5.00", "RECURRING"),
        revenue("1", "2025-09", 1, "12.00", "RECURRING"),
        revenue("2", "2026-07", 12, "12.00", "RECURRING"),
    ];
    let mut body = json!({ "import_id": "b", "items": items, "on_invalid": "refuse" });
    let (status, problem) = api.post("/v1/revenues:batch_upsert", &body).await;
    assert_eq!(status, 422, "{problem}");
    assert_eq!(problem["invalid_params"][0]["name"], "items/0/month");
    let page = api.get("/v1/revenues").await;
    assert_eq!(page["items"].as_array().unwrap().len(), 2, "all or nothing");
    body["on_invalid"] = "report".into();
    let (status, report) = api.post("/v1/revenues:batch_upsert", &body).await;
    assert_eq!(
        (status, &report["created"], &report["updated"]),
        (200, &json!(1), &json!(1))
    );
    let codes: Vec<&Value> = report["rejected"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["invalid_params"][0]["code"])
        .collect();
    assert_eq!(codes, ["period_closed", "period_closed"]);
    let again = api.send("revenues", "c", &both[..1]).await;
    assert_eq!(again["unchanged"], 1, "a whole export can be sent again");
}
