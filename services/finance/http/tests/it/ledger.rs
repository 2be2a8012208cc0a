//! Ledger entries: batches, corrections, pages.

use keepworth_finance::app::ledger_entry::find_entry;
use keepworth_store::{Conn, RecordId, StoreError};
use serde_json::{Value, json};

use crate::api::{Api, on_both};

on_both!(
    sending_again_changes_nothing,
    a_correction_keeps_the_earlier_version,
    pages_and_filters_cover_everything,
    bad_rows_are_named_and_good_ones_taken,
    unknown_fields_are_refused,
    a_stored_word_that_is_not_known_is_our_failure,
);

pub fn entry(external_id: &str, amount: &str) -> Value {
    json!({
        "source": "erp", "external_id": external_id, "posted_on": "2025-09-15",
        "category": "SERVICE", "amount": { "amount": amount, "currency": "EUR" },
    })
}

fn with(mut record: Value, fields: &Value) -> Value {
    let fields = fields.as_object().unwrap().clone();
    record.as_object_mut().unwrap().extend(fields);
    record
}

async fn sending_again_changes_nothing(api: Api) {
    let items = [entry("1", "10.00"), entry("2", "-3.50")];
    let first = api.send("ledger-entries", "a", &items).await;
    assert_eq!(first["created"], 2);
    let again = api.send("ledger-entries", "b", &items).await;
    assert_eq!(
        (&again["created"], &again["updated"], &again["unchanged"]),
        (&json!(0), &json!(0), &json!(2))
    );
    let page = api.get("/v1/ledger-entries").await;
    assert_eq!(page["items"][1]["record"]["amount"]["amount"], "-3.50");
}

async fn a_correction_keeps_the_earlier_version(api: Api) {
    let full = with(
        entry("1", "10.00"),
        &json!({ "segment": "smb", "note": "typed by hand", "account": "6000", "line": "PEOPLE",
                "programme": "retain", "voucher": "JV-1", "component": "BILLING" }),
    );
    api.send("ledger-entries", "a", &[full]).await;
    let report = api
        .send("ledger-entries", "b", &[entry("1", "12.00")])
        .await;
    assert_eq!(report["updated"], 1);
    let page = api.get("/v1/ledger-entries").await;
    let id = page["items"][0]["id"].as_str().unwrap().to_owned();
    let now = api.get(&format!("/v1/ledger-entries/{id}")).await;
    assert_eq!(now["record"]["amount"]["amount"], "12.00");
    assert_eq!(
        now["record"]["segment"],
        Value::Null,
        "what a correction leaves out is gone"
    );
    let other = "/v1/ledger-entries/018f0000-0000-7000-8000-000000000000/versions";
    assert_eq!(api.ask(other).await.0, 404);
    let versions = api.get(&format!("/v1/ledger-entries/{id}/versions")).await;
    assert_eq!(versions["items"].as_array().unwrap().len(), 1);
    let before = &versions["items"][0];
    assert_eq!(before["entry"]["id"], *id);
    assert_eq!(before["entry"]["record"]["amount"]["amount"], "10.00");
    assert_eq!(before["entry"]["record"]["segment"], "smb");
    assert_eq!(before["entry"]["record"]["voucher"], "JV-1");
    assert_eq!(before["entry"]["record"]["component"], "BILLING");
    assert_eq!(before["entry"]["record"]["line"], "PEOPLE");
    assert_eq!(before["superseded_at"], now["recorded_at"]);
}

async fn pages_and_filters_cover_everything(api: Api) {
    let items: Vec<Value> = (0..25)
        .map(|number| {
            let segment = if number % 5 == 0 { "a" } else { "b" };
            with(
                entry(&number.to_string(), "1.00"),
                &json!({ "segment": segment }),
            )
        })
        .collect();
    api.send("ledger-entries", "a", &items).await;
    let mut seen = Vec::new();
    let mut path = "/v1/ledger-entries?page_size=10".to_owned();
    loop {
        let page = api.get(&path).await;
        for item in page["items"].as_array().unwrap() {
            seen.push(item["record"]["external_id"].as_str().unwrap().to_owned());
        }
        let Some(cursor) = page["next_cursor"].as_str() else {
            break;
        };
        path = format!("/v1/ledger-entries?page_size=10&cursor={cursor}");
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 25);
    for (query, count) in [
        ("segment=a", 5),
        ("segment=b&category=SERVICE", 20),
        ("category=OVERHEAD", 0),
        ("month=2025-09", 25),
        ("month=2025-08", 0),
    ] {
        let page = api.get(&format!("/v1/ledger-entries?{query}")).await;
        assert_eq!(page["items"].as_array().unwrap().len(), count, "{query}");
    }
    let (status, problem) = api.ask("/v1/ledger-entries?categori=SERVICE").await;
    assert_eq!(status, 400, "{problem}");
    assert!(problem["detail"].as_str().unwrap().contains("categori"));
    let (status, _) = api.ask("/v1/ledger-entries?segment=%00").await;
    assert_eq!(status, 400, "PostgreSQL cannot be asked for it");
}

async fn bad_rows_are_named_and_good_ones_taken(api: Api) {
    let items = [
        entry("1", "1.00"),
        entry("2", "1.005"),
        with(entry("3", "1.00"), &json!({ "component": "MEDIA" })),
        with(
            entry("6", "1.00"),
            &json!({ "category": "LUNCH", "posted_on": "soon", "tip": 1 }),
        ),
        entry("4\u{0}", "1.00"),
    ];
    let body = json!({ "import_id": "a", "items": items });
    let (status, report) = api.post("/v1/ledger-entries:batch_upsert", &body).await;
    assert_eq!((status, &report["created"]), (200, &json!(1)));
    let rejected = report["rejected"].as_array().unwrap();
    let codes: Vec<_> = rejected
        .iter()
        .map(|row| {
            (
                row["index"].as_u64().unwrap(),
                row["invalid_params"][0]["code"].as_str().unwrap(),
            )
        })
        .collect();
    let first = [(1, "too_many_decimals"), (2, "wrong_component")];
    let last = [(3, "unknown_value"), (4, "control_character")];
    assert_eq!(codes, [first, last].concat(), "in the order of the request");
    let faults = rejected[2]["invalid_params"].as_array().unwrap();
    let mut names: Vec<_> = faults
        .iter()
        .map(|it| it["name"].as_str().unwrap())
        .collect();
    names.sort_unstable();
    assert_eq!(
        names,
        ["category", "posted_on", "tip"],
        "all of them at once"
    );

    let body = json!({ "import_id": "b", "on_invalid": "refuse", "items": [entry("4", "1"), entry("5", "0.001")] });
    let (status, problem) = api.post("/v1/ledger-entries:batch_upsert", &body).await;
    assert_eq!(status, 422);
    assert_eq!(
        problem["invalid_params"][0]["name"],
        "items/1/amount/amount"
    );
    let page = api.get("/v1/ledger-entries").await;
    assert_eq!(page["items"].as_array().unwrap().len(), 1, "nothing of it");

    // A row that cannot be read refuses the others too, and what is wrong with those is said with it.
    let unreadable = with(entry("8", "1"), &json!({ "posted_on": 7 }));
    let body = json!({ "import_id": "c", "on_invalid": "refuse",
        "items": [entry("7", "1"), unreadable, entry("9", "0.001")] });
    let (status, problem) = api.post("/v1/ledger-entries:batch_upsert", &body).await;
    let faults = problem["invalid_params"].as_array().unwrap();
    let names: Vec<_> = faults
        .iter()
        .map(|it| it["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        (status, names),
        (422, vec!["items/1/posted_on", "items/2/amount/amount"])
    );
    let page = api.get("/v1/ledger-entries").await;
    assert_eq!(page["items"].as_array().unwrap().len(), 1, "nothing of it");
}

async fn unknown_fields_are_refused(api: Api) {
    let body = json!({ "import_id": "a", "dryrun": true, "items": [entry("1", "1.00")] });
    let (status, problem) = api.post("/v1/ledger-entries:batch_upsert", &body).await;
    assert_eq!(status, 422, "{problem}");
    let fault = &problem["invalid_params"][0];
    assert_eq!(
        (&fault["name"], &fault["code"]),
        (&json!("dryrun"), &json!("unknown_field"))
    );
    let number = json!({ "import_id": "a", "items": [with(entry("1", "1"), &json!({ "amount": { "amount": 1.5, "currency": "EUR" } }))] });
    let (status, report) = api.post("/v1/ledger-entries:batch_upsert", &number).await;
    assert_eq!(status, 200, "{report}");
    let fault = &report["rejected"][0]["invalid_params"][0];
    assert_eq!(fault["name"], "amount/amount", "amounts are strings");
}

/// Whoever reads it says where it is; nothing is left out of a list or a sum.
async fn a_stored_word_that_is_not_known_is_our_failure(api: Api) {
    api.send("ledger-entries", "a", &[entry("1", "10.00")])
        .await;
    let page = api.get("/v1/ledger-entries").await;
    let id = page["items"][0]["id"].as_str().unwrap();
    let id = RecordId(id.parse().unwrap());
    let spoil = |conn: &mut Conn| conn.batch("UPDATE ledger_entries SET category = 'MAGIC'");
    api.service.db().write(spoil).await.unwrap();
    for path in [
        "/v1/ledger-entries",
        "/v1/maintenance-costs?month=2025-09",
        "/v1/feed/economics?as_of=2025-12-31",
    ] {
        let (status, problem) = api.ask(path).await;
        assert_eq!(status, 500, "{path}: {problem}");
        assert_eq!(problem["code"], "internal_error", "{path}");
    }
    let read = move |conn: &mut Conn| find_entry(conn, id).map(|_| ()).map_err(StoreError::from);
    let said = api.service.db().read(read).await.unwrap_err().to_string();
    assert!(
        said.contains("`ledger_entries.category` holds `MAGIC`"),
        "{said}"
    );
}
