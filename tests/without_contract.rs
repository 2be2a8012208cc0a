//! Segments without a contract through the services, where their records are not enough: what is said, and the way out.

use serde_json::{Value, json};

use crate::support::{Database, Keepworth, Kind, on_both_databases};

on_both_databases!(what_cannot_be_told_of_purchases_names_the_way_out);

fn purchase(customer: &str, day: &str, until: &str) -> Value {
    json!({"source": "shop", "external_id": format!("{customer}/{day}"), "customer_source": "crm",
        "customer_external_id": customer, "from": day, "until": until, "kind": "ONE_OFF",
        "amount": {"amount": "12.00", "currency": "EUR"}})
}

fn what_cannot_be_told_of_purchases_names_the_way_out(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    let customer = |id: &str| json!({"source": "crm", "external_id": id, "segment": "shop", "acquired_on": "2025-03-01"});
    keepworth.take("customers/v1/customers", "1", &["a", "b"].map(customer));
    // A new name leaves the kind as it is.
    let put = |body: Value| keepworth.put("/customers/v1/segments/shop", &body).1["kind"].clone();
    assert_eq!(put(json!({"name": "Shop"})), "CONTRACT");
    assert_eq!(
        put(json!({"name": "Shop", "kind": "PURCHASES"})),
        "PURCHASES"
    );
    assert_eq!(put(json!({"name": "Web shop"})), "PURCHASES");
    let early = purchase("a", "2025-02-27", "2025-02-28");
    keepworth.take("finance/v1/revenues", "1", &[early]);
    let build = |more: &[&str]| {
        let build = ["baseline", "build", "--as-of", "2025-12-31"];
        let answer = keepworth.ask(&[&build[..], more].concat());
        assert_eq!(answer.code, 2, "{answer:?}");
        answer.stderr
    };
    let said = build(&[]);
    assert!(
        said.contains("segment `shop`: 1 customers bought before"),
        "{said}"
    );
    assert!(
        said.contains("2025-02-27") && said.contains("acquired_on"),
        "{said}"
    );
    let right = json!({"source": "crm", "external_id": "a", "segment": "shop", "acquired_on": "2025-02-27"});
    let body = json!({"import_id": "2", "items": [right]});
    let (status, report) = keepworth.order("/customers/v1/customers:batch_upsert", &body);
    assert_eq!((status, &report["updated"]), (200, &json!(1)), "{report}");
    let said = build(&[]);
    assert!(
        said.contains("no model of purchases has an estimate"),
        "{said}"
    );
    assert!(said.contains("CONTRACT"), "{said}");
    let said = build(&["--purchase-model", "home=bg-nbd"]);
    assert!(said.contains("`home`") && said.contains("shop"), "{said}");
    let said = build(&["--hazard-model", "shop=sbg"]);
    assert!(said.contains("nobody sees these customers leave"), "{said}");
    // Dollars of which the last twelve months know nothing are converted too, or named.
    let mut dollars = purchase("b", "2024-11-05", "2024-11-06");
    dollars["amount"]["currency"] = json!("USD");
    let older = json!({"source": "crm", "external_id": "b", "segment": "shop", "acquired_on": "2024-11-01"});
    keepworth.order(
        "/customers/v1/customers:batch_upsert",
        &json!({"import_id": "3", "items": [older]}),
    );
    keepworth.take("finance/v1/revenues", "2", &[dollars]);
    let said = build(&["--currency", "EUR"]);
    assert!(said.contains("USD") && said.contains("2024-11"), "{said}");
    let rate = [
        "finance",
        "add-rate",
        "USD",
        "EUR",
        "0.9",
        "--on",
        "2024-11-29",
        "--source",
        "ecb",
    ];
    keepworth.ask(&rate).done();
    let said = build(&["--currency", "EUR"]);
    assert!(
        said.contains("no model of purchases has an estimate"),
        "{said}"
    );
}
