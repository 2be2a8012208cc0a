//! What contacts cost, what of it could be saved, and on whom it falls.

use serde_json::{Value, json};

use crate::allocation::rule;
use crate::api::{Api, on_both};
use crate::upstream::{Upstream, episode, exposure};

on_both!(
    contacts_cost_their_minutes_at_the_channels_rate,
    nothing_is_avoidable_until_confirmed,
    a_few_customers_cost_most,
    what_is_wrong_with_a_share_is_named,
);

fn cost(id: &str, category: &str, channel: Option<&str>, amount: &str) -> Value {
    json!({
        "source": "erp", "external_id": id, "posted_on": "2025-09-10", "category": category,
        "channel": channel, "amount": { "amount": amount, "currency": "EUR" },
    })
}

fn euros(amount: &str) -> Value {
    json!({ "amount": amount, "currency": "EUR" })
}

/// Phone: 100.00 for 40 minutes, home 30 and office 10. Chat: 5.00 for nobody. 7.00 by no channel:
/// by the minutes it is phone's.
async fn company(api: &Api) {
    let entries = [
        cost("1", "SERVICE", Some("phone"), "100.00"),
        cost("2", "SERVICE", Some("chat"), "5.00"),
        cost("3", "SERVICE", None, "7.00"),
        cost("4", "OVERHEAD", None, "90.00"),
        cost("5", "ACQUISITION", Some("phone"), "999.00"),
    ];
    api.send("ledger-entries", "a", &entries).await;
    let phone = |contacts: u32, seconds: u32| json!([{ "channel": "phone", "contacts": contacts, "handle_seconds": seconds }]);
    let months = json!({ "items": [
        { "segment": "home", "customers": 10, "contacts": 6, "minutes": 30, "channels": phone(6, 1_800) },
        { "segment": "office", "customers": 1, "contacts": 2, "minutes": 10, "channels": phone(2, 600) },
    ] });
    assert_eq!(api.put("/v1/segment-months/2025-09", &months).await.0, 200);
    for category in ["SERVICE", "OVERHEAD"] {
        let even = rule(category, "2025-01", "EVEN");
        assert_eq!(api.post("/v1/allocation-rules", &even).await.0, 201);
    }
}

async fn confirm(api: &Api, more: &Value) -> (u16, Value) {
    let mut share = json!({ "component": "CONSUMPTION", "effective_from": "2025-09", "share": "0.5",
                            "reason": "board" });
    for (name, value) in more.as_object().unwrap() {
        share[name] = value.clone();
    }
    api.post("/v1/avoidable-shares", &share).await
}

async fn contacts_cost_their_minutes_at_the_channels_rate(api: Api) {
    company(&api).await;
    let report = api.get("/v1/consumption-costs?month=2025-09").await;
    assert_eq!(report["without_channel"], euros("0.00"));
    let items = report["items"].as_array().unwrap();
    assert_eq!(items.len(), 2, "{report}");
    let (chat, phone) = (&items[0], &items[1]);
    assert_eq!(
        (&chat["channel"], &chat["cost"]),
        (&json!("chat"), &euros("5.00"))
    );
    assert_eq!(chat["figures"][0]["statistic"]["value"], Value::Null);
    assert_eq!(
        (&phone["contacts"], &phone["handle_seconds"]),
        (&json!(8), &json!(2_400))
    );
    let figures: Vec<(&Value, f64)> = phone["figures"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            (
                &it["definition"]["id"],
                it["statistic"]["value"].as_f64().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        figures,
        [
            (&json!("cost_per_minute"), 267.5),
            (&json!("cost_per_contact"), 1_337.5)
        ]
    );
    let parts: Vec<&Value> = phone["segments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["cost"])
        .collect();
    assert_eq!(parts, [&euros("80.25"), &euros("26.75")]);
    let (status, _) = api.ask("/v1/consumption-costs?month=2025-08").await;
    assert_eq!(status, 404);
}

async fn nothing_is_avoidable_until_confirmed(api: Api) {
    company(&api).await;
    let avoidable = async |index: usize| {
        let report = api.get("/v1/maintenance-costs?month=2025-09").await;
        report["items"][index]["avoidable"].clone()
    };
    assert_eq!(avoidable(0).await, euros("0.00"));
    // Contacts are 80.25, 26.75 and 5.00 of nobody; overhead is 90.00, in equal parts.
    confirm(&api, &json!({})).await;
    confirm(&api, &json!({ "segment": "office", "share": "0.25" })).await;
    confirm(&api, &json!({ "component": "OVERHEAD", "share": "0.1" })).await;
    confirm(
        &api,
        &json!({ "component": "OVERHEAD", "share": "0.9", "effective_from": "2025-10" }),
    )
    .await;
    assert_eq!(avoidable(1).await, euros("44.62"), "home: 40.12 and 4.50");
    assert_eq!(avoidable(2).await, euros("11.19"), "office: 6.69 and 4.50");
    assert_eq!(
        avoidable(0).await,
        euros("58.31"),
        "the company's is its segments', and 2.50 of what nobody used"
    );
    confirm(&api, &json!({ "channel": "phone", "share": "0.2" })).await;
    let report = api.get("/v1/consumption-costs?month=2025-09").await;
    let phone = &report["items"][1];
    assert_eq!(
        phone["segments"][0]["avoidable"],
        euros("16.05"),
        "home: the channel's"
    );
    assert_eq!(
        phone["segments"][1]["avoidable"],
        euros("6.69"),
        "office: its own"
    );
    assert_eq!(phone["avoidable"], euros("22.74"));
    assert_eq!(report["items"][0]["avoidable"], euros("2.50"), "chat");
    // What contacts say and what keeping customers says is the same: 22.74 + 2.50 + 9.00.
    assert_eq!(avoidable(1).await, euros("20.55"));
    assert_eq!(avoidable(2).await, euros("11.19"));
    assert_eq!(avoidable(0).await, euros("34.24"));
    // Of two shares of one month the later version wins; a later month's step stays.
    confirm(
        &api,
        &json!({ "channel": "phone", "share": "0.9", "effective_from": "2025-10" }),
    )
    .await;
    confirm(&api, &json!({ "channel": "phone", "share": "0.4" })).await;
    let phone = async |month: &str| {
        let ask = format!("/v1/consumption-costs?month={month}&months=2");
        api.get(&ask).await["items"][1]["segments"][0]["avoidable"].clone()
    };
    assert_eq!(phone("2025-09").await, euros("32.10"));
    assert_eq!(
        phone("2025-10").await,
        euros("72.22"),
        "72.225, half to even"
    );
    let list = api.get("/v1/avoidable-shares").await;
    let shares: Vec<&Value> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["share"])
        .collect();
    assert_eq!(shares, ["0.5", "0.25", "0.1", "0.9", "0.2", "0.9", "0.4"]);
}

async fn a_few_customers_cost_most(api: Api) {
    let end = "2025-09-30";
    let mut episodes: Vec<Value> = (0..9)
        .map(|id| episode(&id.to_string(), "home", "2025-01-01", end, None))
        .collect();
    episodes.push(episode("9", "office", "2025-01-01", end, None));
    let calls = vec![
        exposure("3", "2025-09", &[("phone", 6, 1_800)]),
        exposure("9", "2025-09", &[("phone", 2, 600)]),
    ];
    let upstream = Upstream::start(episodes, calls);
    let api = api.reading(&upstream.peers);
    company(&api).await;
    let report = api.get("/v1/cost-concentration?month=2025-09").await;
    let (company, home) = (&report["items"][0], &report["items"][1]);
    assert_eq!(company["customers"], 10);
    let costs = api.get("/v1/maintenance-costs?month=2025-09").await;
    let total = costs["items"][0]["figures"][0]["statistic"]["value"]
        .as_f64()
        .unwrap();
    assert_eq!((total / 12.0 * 11.0).round(), 20_200.0);
    assert_eq!(
        company["cost"],
        euros("202.00"),
        "customers' costs sum to the ledger"
    );
    // 45.00 of overhead over home's nine, 5.00 that no minute explains over all ten.
    assert_eq!(home["cost"], euros("129.75"));
    let costliest = &home["costliest"][2];
    assert_eq!(costliest["customers"], 2);
    let share = costliest["cost_share"].as_f64().unwrap();
    assert!((share - (85.75 + 5.5) / 129.75).abs() < 1e-9, "{share}");
    let phone = &report["channels"][0];
    assert_eq!(
        (&phone["channel"], &phone["cost"]),
        (&json!("phone"), &euros("107.00"))
    );
    assert_eq!(phone["costliest"][0]["cost_share"], 0.75);
    let alone = api.reading(&crate::api::nowhere());
    let (status, problem) = alone.ask("/v1/cost-concentration?month=2025-09").await;
    assert_eq!(
        (status, &problem["code"]),
        (502, &json!("service_unreachable"))
    );
}

async fn what_is_wrong_with_a_share_is_named(api: Api) {
    for (more, name) in [
        (json!({ "share": "1.01" }), "share"),
        (json!({ "share": "0.00005" }), "share"),
        (
            json!({ "component": "TRAINING", "channel": "phone" }),
            "channel",
        ),
        (json!({ "segment": "" }), "segment"),
        (json!({ "reason": " " }), "reason"),
    ] {
        let (status, problem) = confirm(&api, &more).await;
        assert_eq!(status, 422, "{problem}");
        assert_eq!(problem["invalid_params"][0]["name"], name, "{problem}");
    }
    assert_eq!(
        confirm(&api, &json!({ "share": 0.5 })).await.0,
        422,
        "no floats"
    );
    let close = json!({ "month": "2025-09", "reason": "month end" });
    assert_eq!(api.post("/v1/period-closes", &close).await.0, 201);
    assert_eq!(confirm(&api, &json!({})).await.0, 409);
}
