//! Bills that name their days, from finance to the baseline: what a customer pays a month is their
//! price, whatever day of the month they are billed on.

use chrono::{Datelike, Days, Months, NaiveDate};
use serde_json::{Value, json};

use crate::support::{Database, Keepworth, Kind, on_both_databases};

on_both_databases!(who_is_billed_from_any_day_on_pays_their_price);

/// What each pays, billed from the day they came on, every month or every 30 days.
const PRICE: f64 = 30.0;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn money(amount: f64) -> Value {
    json!({"amount": format!("{amount:.2}"), "currency": "EUR"})
}

/// The bills of a customer until the day of the export; the last one runs beyond it.
fn bills(id: usize, since: NaiveDate, until: NaiveDate) -> Vec<Value> {
    let is_by_days = id.is_multiple_of(2);
    let mut bills = Vec::new();
    let mut from = since;
    while from <= until {
        let to = match is_by_days {
            true => from + Days::new(30),
            false => since + Months::new(bills.len() as u32 + 1),
        };
        // 30 days are not quite a month: 30 / 30.4375 of it.
        let amount = if is_by_days {
            PRICE * 30.0 / 30.4375
        } else {
            PRICE
        };
        bills.push(
            json!({"source": "bill", "external_id": format!("{id}-{}", bills.len()),
            "customer_external_id": id.to_string(), "customer_source": "crm",
            "from": from, "until": to, "amount": money(amount)}),
        );
        from = to;
    }
    bills
}

fn send(keepworth: &Keepworth, path: &str, items: &[Value]) {
    let body = json!({"import_id": "1", "create_segments": true, "items": items});
    let (status, report) = keepworth.post(&format!("{path}:batch_upsert"), &body);
    assert_eq!(
        (status, &report["created"]),
        (200, &json!(items.len())),
        "{report}"
    );
}

fn who_is_billed_from_any_day_on_pays_their_price(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    let as_of = day("2025-12-31");
    let since = |id: usize| day("2025-01-03") + Days::new(4 * id as u64);
    // Every tenth leaves when a bill runs out, so that a hazard is known.
    let customer = |id: usize| {
        let mut it = json!({"source": "crm", "external_id": id.to_string(), "segment": "basic",
                            "acquired_on": since(id)});
        if id % 20 == 1 {
            it["left_on"] = json!(since(id) + Months::new(2));
        }
        it
    };
    let customers: Vec<Value> = (0..80).map(customer).collect();
    send(&keepworth, "/customers/v1/customers", &customers);
    let revenue = |id: usize| {
        let left = (id % 20 == 1).then(|| since(id) + Months::new(2) - Days::new(1));
        bills(id, since(id), left.unwrap_or(as_of))
    };
    let revenues: Vec<Value> = (0..80).flat_map(revenue).collect();
    send(&keepworth, "/finance/v1/revenues", &revenues);
    let (status, baseline) = keepworth.post("/simulator/v1/baselines", &json!({"as_of": as_of}));
    assert_eq!(status, 201, "{baseline}");
    let found = &baseline["segments"][0]["figures"]["revenue"];
    let value = found["value"].as_f64().unwrap();
    // Months differ by their days, so that a price is a little more or less a day. A whole month's
    // bill on the part of a month that each came in would be a tenth too much.
    assert!(
        (value / PRICE - 1.0).abs() < 0.015,
        "{} in {}: {found}",
        value,
        as_of.year()
    );
}
