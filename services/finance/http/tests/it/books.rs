//! Closing of the books, exchange rates, and the general ledger.

use serde_json::{Value, json};

use crate::api::{Api, on_both};
use crate::ledger::entry;

on_both!(
    closed_months_stay_as_they_are,
    months_are_closed_once_and_when_over,
    rates_never_change,
    a_general_ledger_is_taken_by_voucher,
    a_file_that_cannot_be_read_is_refused_whole,
);

fn dated(external_id: &str, amount: &str, posted_on: &str) -> Value {
    let mut entry = entry(external_id, amount);
    entry["posted_on"] = posted_on.into();
    entry
}

async fn close(api: &Api, month: &str) -> (u16, Value) {
    let body = json!({ "month": month, "reason": "month end" });
    api.post("/v1/period-closes", &body).await
}

async fn closed_months_stay_as_they_are(api: Api) {
    let august = dated("1", "10.00", "2025-08-20");
    let september = dated("2", "20.00", "2025-09-20");
    api.send("ledger-entries", "a", &[august.clone(), september])
        .await;
    assert_eq!(close(&api, "2025-08").await.0, 201);
    let items = [
        august,
        dated("1", "11.00", "2025-08-20"),
        dated("2", "20.00", "2025-08-31"),
        dated("3", "30.00", "2025-07-01"),
        dated("4", "40.00", "2025-09-01"),
    ];
    let body = json!({ "import_id": "b", "items": items[1..] });
    let (status, report) = api.post("/v1/ledger-entries:batch_upsert", &body).await;
    assert_eq!((status, &report["created"]), (200, &json!(1)), "{report}");
    let rejected = report["rejected"].as_array().unwrap();
    assert_eq!(rejected.len(), 3);
    for row in rejected {
        assert_eq!(row["invalid_params"][0]["code"], "period_closed");
        let reason = row["invalid_params"][0]["reason"].as_str().unwrap();
        assert!(reason.contains("2025-09-01"), "names the fix: {reason}");
    }
    let again = api.send("ledger-entries", "c", &items[..1]).await;
    assert_eq!(again["unchanged"], 1, "a whole export can be sent again");
    let rows = api.feed("/v1/feed/economics?as_of=2025-08-31").await;
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["minor"], 1_000);
}

async fn months_are_closed_once_and_when_over(api: Api) {
    assert_eq!(close(&api, "2025-08").await.0, 201);
    let (status, problem) = close(&api, "2025-06").await;
    assert_eq!((status, &problem["code"]), (409, &json!("period_closed")));
    let (status, problem) = close(&api, "9000-01").await;
    assert_eq!(status, 422);
    assert_eq!(problem["invalid_params"][0]["code"], "not_over");
    assert_eq!(close(&api, "2025-10").await.0, 201);
    let list = api.get("/v1/period-closes").await;
    let months: Vec<&Value> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["month"])
        .collect();
    assert_eq!(months, ["2025-08", "2025-10"]);
}

pub fn rate(value: &str, quoted_on: &str) -> Value {
    json!({ "base": "USD", "quote": "EUR", "value": value, "quoted_on": quoted_on, "source": "ecb" })
}

/// A rate as a report tells it, when it is the only quote of its month.
pub fn told(rate: &Value, kind: &str) -> Value {
    let day = rate["quoted_on"].as_str().unwrap();
    json!({ "base": rate["base"], "quote": rate["quote"], "month": day[..7], "kind": kind,
            "value": rate["value"], "derivation": "DIRECT", "days": 1, "quoted_from": day,
            "quoted_to": day, "sources": [rate["source"]], "rate_ids": [rate["id"]] })
}

async fn rates_never_change(api: Api) {
    let (status, first) = api
        .post("/v1/fx-rates", &rate("0.9217", "2025-09-30"))
        .await;
    assert_eq!((status, &first["value"]), (201, &json!("0.9217")));
    let (_, again) = api
        .post("/v1/fx-rates", &rate("0.9217", "2025-09-30"))
        .await;
    assert_eq!(first["id"], again["id"]);
    let (status, problem) = api.post("/v1/fx-rates", &rate("0.95", "2025-09-30")).await;
    assert_eq!((status, &problem["code"]), (409, &json!("rate_exists")));
    let (status, problem) = api.post("/v1/fx-rates", &rate("-1", "2025-09-30")).await;
    assert_eq!(
        (status, &problem["invalid_params"][0]["name"]),
        (422, &json!("value"))
    );
    let mut number = rate("1", "2025-09-30");
    number["value"] = json!(0.92);
    assert_eq!(api.post("/v1/fx-rates", &number).await.0, 422, "no floats");
    let list = api.get("/v1/fx-rates").await;
    assert_eq!(list["items"], json!([first]));
}

const GL: &str = "\
posting_date,account,cost_center,debit,credit,voucher_type,voucher_no,remarks
2025-09-01,6000,Service,100.10,0,Journal Entry,1,wages
2025-09-01,1200,,,100.10,Journal Entry,1,
2025-09-02,6000,Service,5,,Journal Entry,2,half of it is missing
2025-09-03,9999,,1,1,Journal Entry,3,
2025-08-03,6000,,7,0,Journal Entry,4,
2025-09-03,6000,,0,7,Journal Entry,4,
";
const IMPORT: &str = "/v1/general-ledger:import?source=erpnext&import_id=a&currency=EUR";

async fn a_general_ledger_is_taken_by_voucher(api: Api) {
    let cost = json!({ "name": "Support wages", "category": "SERVICE" });
    assert_eq!(api.put("/v1/accounts/6000", &cost).await.0, 200);
    let bank = json!({ "name": "Bank" });
    assert_eq!(api.put("/v1/accounts/1200", &bank).await.0, 200);
    assert_eq!(close(&api, "2025-08").await.0, 201);

    let (status, trial) = api.post_csv(&format!("{IMPORT}&dry_run=true"), GL).await;
    assert_eq!((status, &trial["created"]), (200, &json!(1)), "{trial}");
    let page = api.get("/v1/ledger-entries").await;
    assert_eq!(page["items"], json!([]), "a trial writes nothing");

    let (_, report) = api.post_csv(IMPORT, GL).await;
    assert_eq!(
        (&report["vouchers"], &report["created"]),
        (&json!(1), &json!(1))
    );
    let refused: Vec<(&str, &str)> = report["rejected"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            (
                it["voucher"].as_str().unwrap(),
                it["invalid_params"][0]["code"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        refused,
        [
            ("Journal Entry/2", "unbalanced_voucher"),
            ("Journal Entry/3", "unknown_account"),
            ("Journal Entry/4", "period_closed"),
        ]
    );
    let page = api.get("/v1/ledger-entries").await;
    assert_eq!(page["items"].as_array().unwrap().len(), 1);
    let record = &page["items"][0]["record"];
    assert_eq!(record["amount"]["amount"], "100.10");
    assert_eq!(record["account"], "6000");
    assert_eq!(record["cost_center"], "Service");
    assert_eq!(record["voucher"], "Journal Entry/1");
    let (_, again) = api.post_csv(IMPORT, GL).await;
    assert_eq!(again["unchanged"], 1);
}

async fn a_file_that_cannot_be_read_is_refused_whole(api: Api) {
    let misspelt = GL.replace("100.10,0", "1e2,0");
    let (status, report) = api.post_csv(IMPORT, &misspelt).await;
    assert_eq!(status, 200, "its voucher is refused like any other");
    let refused = &report["rejected"][0];
    assert_eq!(refused["voucher"], "Journal Entry/1");
    assert_eq!(refused["invalid_params"][0]["name"], "line 2/debit");
    let strict = format!("{IMPORT}&on_invalid=refuse");
    let (status, problem) = api.post_csv(&strict, &misspelt).await;
    assert_eq!(status, 422);
    let first = &problem["invalid_params"][0];
    assert_eq!(first["name"], "Journal Entry/1/line 2/debit");
    let (status, _) = api.post_csv(IMPORT, &GL[..GL.len() - 20]).await;
    assert_eq!(status, 422, "cut short");
    let (status, problem) = api
        .post_csv(
            "/v1/general-ledger:import?source=a&import_id=b&currency=EURO",
            GL,
        )
        .await;
    assert_eq!(status, 400, "{problem}");
}
