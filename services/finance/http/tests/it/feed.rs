//! Feeds to the simulator.

use serde_json::{Value, json};

use crate::api::{Api, on_both};
use crate::revenue::revenue;

on_both!(
    economics_are_sums_of_the_ledger,
    zeros_and_confirmed_shares_travel_with_the_costs,
    revenues_are_one_row_per_customer_in_key_order,
    revenues_of_more_customers_than_are_read_at_once,
    two_currencies_are_refused_before_the_first_byte,
    purchases_are_days_net_of_what_was_given_back,
);

fn cost(
    id: u32,
    day: &str,
    amount: &str,
    segment: Option<&str>,
    basis: &str,
    capex: bool,
) -> Value {
    json!({
        "source": "erp", "external_id": id.to_string(), "posted_on": day, "category": "SERVICE",
        "amount": { "amount": amount, "currency": "EUR" }, "segment": segment,
        "channel": "phone", "basis": basis, "capex": capex,
    })
}

async fn economics_are_sums_of_the_ledger(api: Api) {
    let recorded = "RECORDED";
    let items = [
        cost(1, "2025-08-31", "10.00", Some("b"), recorded, false),
        cost(2, "2025-08-01", "-2.50", Some("b"), "ASSUMED", false),
        cost(3, "2025-09-10", "7.00", Some("B"), recorded, false),
        cost(4, "2025-09-10", "1.00", None, recorded, false),
        cost(5, "2025-09-10", "500.00", None, recorded, true),
        cost(6, "2025-09-11", "9.00", None, recorded, false),
    ];
    api.send("ledger-entries", "a", &items).await;
    let rows = api.feed("/v1/feed/economics?as_of=2025-09-10").await;
    let row = |segment: Option<&str>, month: &str, minor: i64, entries: u64, assumed: u64| {
        json!({ "row": "COST", "segment": segment, "category": "SERVICE",
                "component": "CONSUMPTION", "channel": "phone", "month": month,
                "minor": minor, "currency": "EUR", "entries": entries, "assumed_entries": assumed })
    };
    assert_eq!(
        rows,
        [
            row(None, "2025-09", 100, 1, 0),
            row(Some("B"), "2025-09", 700, 1, 0),
            row(Some("b"), "2025-08", 750, 2, 1),
        ],
        "by byte, shared costs first; what is capitalised or later is left out"
    );
}

/// Costs of nothing are told apart from no costs, and what finance confirmed follows, with reason and
/// day, future months too.
async fn zeros_and_confirmed_shares_travel_with_the_costs(api: Api) {
    let mut nothing = cost(1, "2025-08-31", "0.00", None, "RECORDED", false);
    nothing["category"] = "ACQUISITION".into();
    nothing["channel"] = Value::Null;
    nothing["note"] = "no campaign in August".into();
    api.send("ledger-entries", "a", &[nothing]).await;
    let share = json!({ "component": "CONSUMPTION", "channel": "phone", "effective_from": "2030-01",
                        "share": "0.35", "reason": "contract with the call centre ends" });
    let (status, answer) = api.post("/v1/avoidable-shares", &share).await;
    assert_eq!(status, 201, "{answer}");
    let rows = api.feed("/v1/feed/economics?as_of=2025-09-10").await;
    let [cost, confirmed] = &rows[..] else {
        panic!("{rows:?}")
    };
    assert_eq!((&cost["minor"], &cost["entries"]), (&json!(0), &json!(1)));
    assert_eq!(cost["component"], Value::Null, "no cost of keeping");
    let day = &answer["recorded_at"].as_str().unwrap()[..10];
    assert_eq!(
        *confirmed,
        json!({ "row": "AVOIDABLE_SHARE", "component": "CONSUMPTION", "segment": null,
                "channel": "phone", "from": "2030-01", "basis_points": 3500,
                "reason": "contract with the call centre ends", "confirmed_on": day })
    );
}

async fn revenues_are_one_row_per_customer_in_key_order(api: Api) {
    let items = [
        revenue("b", "2025-09", 1, "10.00", "RECURRING"),
        revenue("b", "2025-08", 1, "10.00", "RECURRING"),
        revenue("b", "2025-09", 1, "2.00", "USAGE"),
        revenue("b", "2025-07", 12, "6.00", "REFUND"),
        revenue("B", "2024-10", 24, "240.00", "RECURRING"),
        revenue("B", "2024-09", 1, "99.00", "RECURRING"),
        revenue("c", "2025-10", 1, "99.00", "RECURRING"),
        revenue("d", "2026-08", 12, "120.00", "RECURRING"),
        revenue("e", "2023-05", 3, "30.00", "RECURRING"),
    ];
    api.send("revenues", "a", &items).await;
    let rows = api.feed("/v1/feed/revenues?as_of=2025-09-30").await;
    let row = |id: &str, kinds: Value, months: i64, minor: [i64; 12], billed_from: &str| {
        json!({ "customer": { "source": "crm", "external_id": id }, "currency": "EUR",
                "minor_by_kind": kinds, "months": months, "minor_by_month": minor,
                "billed_from": billed_from, "repeated_minor": 0 })
    };
    let mut long_ago = row("e", json!({}), 0, [0; 12], "2023-03");
    long_ago["currency"] = "".into();
    assert_eq!(
        rows,
        [
            row(
                "B",
                json!({ "RECURRING": 1_000 }),
                1,
                [1_000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
                "2022-11"
            ),
            row(
                "b",
                json!({ "RECURRING": 2_000, "REFUND": -500, "USAGE": 200 }),
                2,
                [
                    -50, -50, -50, -50, -50, -50, -50, -50, -50, -50, 1_000, 1_200
                ],
                "2025-08"
            ),
            row(
                "d",
                json!({ "RECURRING": 1_000 }),
                1,
                [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1_000],
                "2025-09"
            ),
            long_ago,
        ],
        "a charge is spread over its months, and those of the window count"
    );
}

async fn revenues_of_more_customers_than_are_read_at_once(api: Api) {
    // 20,000 charges are read at once: three for each customer put the cut inside one.
    const CUSTOMERS: usize = 7_000;
    for (batch, start) in (0..CUSTOMERS).step_by(1_000).enumerate() {
        let items: Vec<Value> = (start..start + 1_000)
            .flat_map(|number| {
                ["ONE_OFF", "RECURRING", "USAGE"]
                    .map(|kind| revenue(&format!("{number:05}"), "2025-09", 1, "1.00", kind))
            })
            .collect();
        api.send("revenues", &batch.to_string(), &items).await;
    }
    let rows = api.feed("/v1/feed/revenues?as_of=2025-09-30").await;
    assert_eq!(rows.len(), CUSTOMERS);
    for (number, row) in rows.iter().enumerate() {
        assert_eq!(row["customer"]["external_id"], format!("{number:05}"));
        assert_eq!(row["minor_by_kind"].as_object().unwrap().len(), 3);
    }
}

async fn two_currencies_are_refused_before_the_first_byte(api: Api) {
    let mut dollars = revenue("b", "2025-09", 1, "10.00", "RECURRING");
    dollars["amount"]["currency"] = "USD".into();
    let euros = revenue("a", "2025-09", 1, "10.00", "RECURRING");
    api.send("revenues", "a", &[dollars, euros]).await;
    let (status, problem) = api.ask("/v1/feed/revenues?as_of=2025-09-30").await;
    assert_eq!(
        (status, &problem["code"]),
        (409, &json!("mixed_currencies"))
    );
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("EUR and USD"), "{detail}");
    let later = api.feed("/v1/feed/revenues?as_of=2026-09-30").await;
    assert_eq!(later.len(), 2, "outside the window nothing is mixed");
    assert!(later.iter().all(|row| row["months"] == 0));
}

async fn purchases_are_days_net_of_what_was_given_back(api: Api) {
    let on = |id: &str, day: &str, amount: &str, kind: &str| {
        let mut item = revenue(id, "2025-09", 1, amount, kind);
        let fields = item.as_object_mut().unwrap();
        fields.remove("month");
        fields.insert("from".into(), day.into());
        let external = format!("{id}/{day}/{amount}/{kind}");
        fields.insert("external_id".into(), external.into());
        item
    };
    let mut dollars = on("c", "2024-02-10", "10.00", "ONE_OFF");
    dollars["amount"]["currency"] = "USD".into();
    let items = [
        on("b", "2025-03-02", "7.00", "ONE_OFF"),
        on("b", "2025-03-02", "3.00", "USAGE"),
        on("b", "2024-01-05", "5.00", "ONE_OFF"),
        on("b", "2025-03-04", "4.00", "REFUND"),
        on("b", "2025-10-01", "9.00", "ONE_OFF"),
        on("a", "2025-03-02", "7.00", "RECURRING"),
        revenue("d", "2025-09", 1, "2.00", "ONE_OFF"),
        dollars,
    ];
    api.send("revenues", "a", &items).await;
    let rows = api.feed("/v1/feed/purchases?as_of=2025-09-30").await;
    let row = |id: &str, currency: &str, purchases: Value, undated: u64| {
        json!({ "customer": { "source": "crm", "external_id": id }, "currency": currency,
                "purchases": purchases, "undated": undated, "excess_refund_minor": 0 })
    };
    let of_b = json!([{ "on": "2024-01-05", "minor": 500 }, { "on": "2025-03-02", "minor": 600 }]);
    let of_c = json!([{ "on": "2024-02-10", "minor": 1_000 }]);
    assert_eq!(
        rows,
        [
            row("b", "EUR", of_b.clone(), 0),
            row("c", "USD", of_c, 0),
            row("d", "", json!([]), 1),
        ]
    );
    // A rate of a month long before the twelve is needed too, and named where it is missing.
    let (status, problem) = api
        .ask("/v1/feed/purchases?as_of=2025-09-30&currency=EUR")
        .await;
    assert_eq!(status, 422, "{problem}");
    let reason = problem["invalid_params"][0]["reason"].as_str().unwrap();
    assert!(reason.contains("2024-02"), "{problem}");
    // So do the rates that are told with them; the twelve months alone need none.
    let rates = "/v1/feed/rates?as_of=2025-09-30&currency=EUR";
    assert_eq!(api.feed(rates).await, Vec::<Value>::new());
    let of_purchases = format!("{rates}&purchases=true");
    let (status, problem) = api.ask(&of_purchases).await;
    assert_eq!(status, 422, "{problem}");
    let rate = json!({ "base": "USD", "quote": "EUR", "quoted_on": "2024-02-15", "value": "0.90", "source": "ecb" });
    assert_eq!(api.post("/v1/fx-rates", &rate).await.0, 201);
    let told = api.feed(&of_purchases).await;
    assert_eq!((told.len(), &told[0]["month"]), (1, &json!("2024-02")));
    let rows = api
        .feed("/v1/feed/purchases?as_of=2025-09-30&currency=EUR")
        .await;
    let euros = json!([{ "on": "2024-02-10", "minor": 900 }]);
    assert_eq!(rows[1], row("c", "EUR", euros, 0));
}
