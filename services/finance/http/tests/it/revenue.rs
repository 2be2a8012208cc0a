//! Revenues: batches and pages.

use serde_json::{Value, json};

use crate::api::{Api, on_both};

on_both!(
    revenue_is_stored_and_listed,
    a_negative_charge_is_a_refund_misspelt
);

pub fn revenue(customer: &str, month: &str, months: i32, amount: &str, kind: &str) -> Value {
    json!({
        "source": "billing", "external_id": format!("{customer}/{month}/{kind}"),
        "customer_source": "crm", "customer_external_id": customer, "month": month,
        "months": months, "amount": { "amount": amount, "currency": "EUR" }, "kind": kind,
    })
}

async fn revenue_is_stored_and_listed(api: Api) {
    let item = revenue("7", "2025-09", 3, "30.00", "RECURRING");
    let items = [item.clone()];
    assert_eq!(api.send("revenues", "a", &items).await["created"], 1);
    assert_eq!(api.send("revenues", "b", &items).await["unchanged"], 1);
    let page = api.get("/v1/revenues").await;
    assert_eq!(page["items"][0]["record"], item);
    let changed = [revenue("7", "2025-09", 3, "31.00", "RECURRING")];
    assert_eq!(api.send("revenues", "c", &changed).await["updated"], 1);
    let page = api.get("/v1/revenues").await;
    assert_eq!(page["items"][0]["record"]["amount"]["amount"], "31.00");
}

async fn a_negative_charge_is_a_refund_misspelt(api: Api) {
    let body =
        json!({ "import_id": "a", "items": [revenue("7", "2025-09", 1, "-1.00", "RECURRING")] });
    let (status, report) = api.post("/v1/revenues:batch_upsert", &body).await;
    assert_eq!(status, 200);
    let fault = &report["rejected"][0]["invalid_params"][0];
    assert_eq!(fault["code"], "negative_charge");
    assert!(fault["reason"].as_str().unwrap().contains("REFUND"));
}
