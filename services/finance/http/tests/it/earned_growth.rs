//! How much of growth customers earned the company.

use serde_json::{Value, json};

use crate::api::{Api, codes, nowhere, on_both};
use crate::revenue::revenue;
use crate::upstream::{Upstream, episode};

on_both!(
    earned_growth_of_the_published_example,
    what_is_not_known_is_not_earned,
    a_month_that_is_not_over_or_none_is_not_asked_for,
);

const PATH: &str = "/v1/earned-growth?month=2025-12&earned_channels=referral,%20reputation";

fn figure(report: &Value, id: &str) -> Option<f64> {
    let figures = report["figures"].as_array().unwrap();
    let figure = figures.iter().find(|it| it["definition"]["id"] == id);
    figure.unwrap()["statistic"]["value"].as_f64()
}

fn euros(amount: &str) -> Value {
    json!({ "amount": amount, "currency": "EUR" })
}

/// F. Reichheld, Winning on Purpose, appendix: revenue grows from 100 to 130; 85 is kept, 45 is new,
/// 25 of it earned.
async fn earned_growth_of_the_published_example(api: Api) {
    let customer = |id, channel| episode(id, "all", "2024-01-01", "2025-12-31", Some(channel));
    let upstream = Upstream::start(
        vec![
            customer("1", "referral"),
            customer("2", "search"),
            customer("3", "referral"),
            customer("4", "reputation"),
            customer("5", "search"),
        ],
        vec![],
    );
    let api = api.reading(&upstream.peers);
    let charges = [
        revenue("1", "2024-12", 12, "60.00", "RECURRING"),
        revenue("1", "2025-06", 1, "85.00", "ONE_OFF"),
        revenue("2", "2024-03", 1, "40.00", "RECURRING"),
        revenue("3", "2025-12", 10, "20.00", "RECURRING"),
        revenue("4", "2025-01", 1, "6.00", "USAGE"),
        revenue("4", "2025-02", 1, "1.00", "REFUND"),
        revenue("5", "2025-05", 1, "20.00", "RECURRING"),
        revenue("9", "2025-05", 1, "9.00", "RECURRING"),
    ];
    api.send("revenues", "a", &charges).await;
    let report = api.get(PATH).await;
    let amounts = ["before", "kept", "earned", "bought", "unknown"].map(|it| report[it].clone());
    let expected = ["100.00", "85.00", "25.00", "20.00", "0.00"].map(euros);
    assert_eq!(amounts, expected);
    assert_eq!(figure(&report, "nrr_revenue"), Some(0.85));
    assert_eq!(figure(&report, "earned_new_share"), Some(0.25));
    assert_eq!(figure(&report, "earned_growth_rate"), Some(0.10));
    assert_eq!(figure(&report, "earned_growth_ratio"), Some(10.0 / 30.0));
    assert_eq!(report["figures"][0]["statistic"]["n"], 5);
    let flags = &report["quality_flags"];
    assert_eq!(codes(flags), ["unknown_customers"]);
    let detail = flags[0]["detail"].as_str().unwrap();
    assert!(detail.starts_with("1 charges"), "{detail}");
}

async fn what_is_not_known_is_not_earned(api: Api) {
    let upstream = Upstream::start(
        vec![episode("1", "all", "2024-01-01", "2025-12-31", None)],
        vec![],
    );
    let api = api.reading(&upstream.peers);
    assert_eq!(api.ask(PATH).await.0, 404, "no revenue at all");
    let mut dollars = revenue("1", "2025-11", 1, "10.00", "USAGE");
    dollars["amount"]["currency"] = "USD".into();
    let charges = [revenue("1", "2025-12", 1, "10.00", "RECURRING"), dollars];
    api.send("revenues", "a", &charges).await;
    let (status, problem) = api.ask(PATH).await;
    assert_eq!(
        (status, &problem["code"]),
        (409, &json!("mixed_currencies"))
    );
    let rate = crate::books::rate("0.9", "2025-12-30");
    assert_eq!(api.post("/v1/fx-rates", &rate).await.0, 201);
    let report = api.get(&format!("{PATH}&currency=EUR")).await;
    assert_eq!(report["unknown"], euros("19.00"));
    assert_eq!(
        codes(&report["quality_flags"]),
        ["converted", "channel_unknown"]
    );
    assert_eq!(
        figure(&report, "earned_growth_rate"),
        None,
        "nothing to grow from"
    );
    assert_eq!(figure(&report, "earned_growth_ratio"), Some(0.0));
    let (status, _) = api
        .ask("/v1/earned-growth?month=2025-12&earned_channels=,")
        .await;
    assert_eq!(status, 400);
    let alone = api.reading(&nowhere());
    let (status, problem) = alone.ask(PATH).await;
    assert_eq!(
        (status, &problem["code"]),
        (502, &json!("service_unreachable"))
    );
}

/// Other services would refuse it, and that is not their being away.
async fn a_month_that_is_not_over_or_none_is_not_asked_for(api: Api) {
    let api = api.reading(&nowhere());
    for month in ["7519-06", "1001-09", "1900-05"] {
        for report in [
            "earned-growth?earned_channels=referral",
            "cost-concentration?months=12",
        ] {
            let path = format!("/v1/{report}&month={month}&currency=EUR");
            let (status, problem) = api.ask(&path).await;
            assert_eq!(status, 400, "{path}: {problem}");
            assert!(
                problem["detail"].as_str().unwrap().contains(month),
                "{problem}"
            );
        }
    }
}
