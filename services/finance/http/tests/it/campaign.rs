//! What customers cost to win by channel and by campaign, and who is credited.

use serde_json::{Value, json};

use crate::api::{Api, codes, on_both};

on_both!(
    spend_and_customers_by_channel_sum_to_the_company,
    a_customer_whom_several_campaigns_touched_counts_once,
    spend_comes_before_the_customers_of_a_campaign,
    touches_are_records_like_others,
);

fn spend(
    id: &str,
    month: &str,
    campaign: Option<&str>,
    channel: Option<&str>,
    amount: &str,
) -> Value {
    json!({
        "source": "erp", "external_id": id, "posted_on": format!("{month}-10"),
        "category": "ACQUISITION", "component": "MEDIA", "campaign": campaign, "channel": channel,
        "amount": { "amount": amount, "currency": "EUR" },
    })
}

fn touch(id: u32, customer: &str, campaign: &str, touched_on: &str) -> Value {
    json!({ "source": "crm", "external_id": id.to_string(), "customer_external_id": customer,
            "campaign": campaign, "touched_on": touched_on })
}

fn charge(customer: &str, month: &str) -> Value {
    json!({ "source": "billing", "external_id": format!("{customer}/{month}"),
            "customer_source": "crm", "customer_external_id": customer, "month": month,
            "amount": { "amount": "10", "currency": "EUR" } })
}

/// Each item's name, customers and fully loaded cost of one in cents.
fn items(report: &Value) -> Vec<(Option<&str>, &str, Option<f64>)> {
    let item = |it: &'_ Value| -> Option<f64> {
        let figures = it["figures"].as_array().unwrap();
        let loaded = figures
            .iter()
            .find(|it| it["definition"]["id"] == "cac_fully_loaded");
        loaded.unwrap()["statistic"]["value"].as_f64()
    };
    let items = report["items"].as_array().unwrap();
    items
        .iter()
        .map(|it| {
            (
                it["name"].as_str(),
                it["new_customers"].as_str().unwrap(),
                item(it),
            )
        })
        .collect()
}

async fn spend_and_customers_by_channel_sum_to_the_company(api: Api) {
    let entries = [
        spend("1", "2025-09", None, Some("search"), "60.00"),
        spend("2", "2025-09", None, Some("fair"), "30.00"),
        spend("3", "2025-09", None, None, "10.00"),
    ];
    api.send("ledger-entries", "a", &entries).await;
    let won = |channel: &str, new: u32| json!({ "channel": channel, "new_customers": new });
    let months = json!({ "items": [
        { "segment": "a", "customers": 9, "new_customers": 5, "channels": [won("search", 3), won("friend", 1)] },
        { "segment": "b", "customers": 9, "new_customers": 1, "channels": [won("search", 1)] },
    ] });
    assert_eq!(api.put("/v1/segment-months/2025-09", &months).await.0, 200);
    let report = api
        .get("/v1/acquisition-costs/by-channel?month=2025-09")
        .await;
    assert_eq!(
        items(&report),
        [
            (None, "1", Some(1_000.0)),
            (Some("fair"), "0", None),
            (Some("friend"), "1", Some(0.0)),
            (Some("search"), "4", Some(1_500.0)),
        ]
    );
    assert_eq!(report["quality_flags"], json!([]));
    let company = api.get("/v1/acquisition-costs?month=2025-09").await;
    assert_eq!(
        company["items"][0]["costs"][0]["amount"]["amount"],
        "100.00"
    );
    let (status, _) = api
        .ask("/v1/acquisition-costs/by-channel?month=2025-08")
        .await;
    assert_eq!(status, 404);
}

/// 1 was touched by mail, fair and mail again, 2 by the fair, 3 by nothing, 4 paid too early, 5 not
/// at all; a touch after the first month that is paid for won nobody.
async fn touched(api: &Api) {
    let touches = [
        touch(1, "1", "mail", "2025-07-01"),
        touch(2, "1", "fair", "2025-08-01"),
        touch(3, "1", "mail", "2025-09-01"),
        touch(4, "1", "web", "2025-10-01"),
        touch(5, "2", "fair", "2025-09-30"),
        touch(6, "4", "fair", "2025-07-01"),
        touch(7, "5", "fair", "2025-07-01"),
    ];
    api.send("campaign-touches", "a", &touches).await;
    let charges = [
        charge("1", "2025-09"),
        charge("1", "2025-10"),
        charge("2", "2025-09"),
        charge("3", "2025-09"),
        charge("4", "2025-08"),
        charge("4", "2025-09"),
    ];
    api.send("revenues", "a", &charges).await;
    let months = json!({ "items": [{ "segment": "a", "customers": 9, "new_customers": 3 }] });
    assert_eq!(api.put("/v1/segment-months/2025-09", &months).await.0, 200);
}

async fn a_customer_whom_several_campaigns_touched_counts_once(api: Api) {
    touched(&api).await;
    let entries = [
        spend("1", "2025-09", Some("fair"), None, "30.00"),
        spend("2", "2025-09", Some("mail"), None, "20.00"),
    ];
    api.send("ledger-entries", "a", &entries).await;
    for (overlap, fair, mail) in [
        ("FIRST", "1", "1"),
        ("LAST", "1", "1"),
        ("EVEN", "1.5", "0.5"),
        ("BY_TOUCH", "1.333333", "0.666667"),
    ] {
        let path = format!("/v1/acquisition-costs/by-campaign?month=2025-09&overlap={overlap}");
        let report = api.get(&path).await;
        assert_eq!(report["overlap"], overlap);
        let found = items(&report);
        let customers: Vec<(Option<&str>, &str)> = found
            .iter()
            .map(|(name, customers, _)| (*name, *customers))
            .collect();
        assert_eq!(
            customers,
            [(None, "1"), (Some("fair"), fair), (Some("mail"), mail)],
            "{overlap}"
        );
    }
    let report = api
        .get("/v1/acquisition-costs/by-campaign?month=2025-09")
        .await;
    let costs: Vec<Option<f64>> = items(&report).iter().map(|it| it.2).collect();
    assert_eq!(
        costs,
        [Some(0.0), Some(2_000.0), Some(4_000.0)],
        "in equal parts unless said"
    );
    let none = json!({ "items": [] });
    assert_eq!(
        api.replace("/v1/segment-months/2025-09", &none).await.0,
        200
    );
    let report = api
        .get("/v1/acquisition-costs/by-campaign?month=2025-09")
        .await;
    assert_eq!(
        codes(&report["quality_flags"]),
        ["more_credited_than_counted"]
    );
    let (status, _) = api
        .ask("/v1/acquisition-costs/by-campaign?month=2025-09&overlap=ALL")
        .await;
    assert_eq!(status, 400);
}

async fn spend_comes_before_the_customers_of_a_campaign(api: Api) {
    touched(&api).await;
    let entries = [spend("1", "2025-07", Some("fair"), None, "30.00")];
    api.send("ledger-entries", "a", &entries).await;
    let path = "/v1/acquisition-costs/by-campaign?month=2025-09&lag_months=2&overlap=LAST";
    let report = api.get(path).await;
    assert_eq!(items(&report)[1], (Some("fair"), "1", Some(3_000.0)));
}

async fn touches_are_records_like_others(api: Api) {
    let touches = [
        touch(1, "1", "mail", "2025-07-01"),
        touch(2, "1", "fair", "2025-07-01"),
    ];
    assert_eq!(
        api.send("campaign-touches", "a", &touches).await["created"],
        2
    );
    assert_eq!(
        api.send("campaign-touches", "b", &touches).await["unchanged"],
        2
    );
    let changed = [
        touch(1, "1", "web", "2025-07-01"),
        touch(3, "1", "", "2025-07-01"),
    ];
    let body = json!({ "import_id": "c", "items": changed });
    let (_, report) = api.post("/v1/campaign-touches:batch_upsert", &body).await;
    assert_eq!(report["updated"], 1);
    assert_eq!(
        report["rejected"][0]["invalid_params"][0]["name"],
        "campaign"
    );
    let page = api.get("/v1/campaign-touches?page_size=1").await;
    assert_eq!(page["items"][0]["record"]["campaign"], "web");
    assert!(page["next_cursor"].is_string());
}
