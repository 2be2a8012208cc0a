//! Customers who are erased: in every service, for good, and nobody else.

mod command;
mod ledger;
mod people;
mod property;
mod restore;
mod scan;

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Database, Keepworth, Kind, on_both_databases};

on_both_databases!(
    one_is_erased_everywhere_and_stays_away,
    what_cannot_be_is_refused,
    a_service_that_is_down_is_waited_for,
    nobody_comes_back_while_an_import_runs,
);

/// Asks with a reason.
pub fn ask(keepworth: &Keepworth, path: &str, body: &Value) -> (u16, Value) {
    keepworth.post_because(path, body, "asked by letter")
}

pub fn subject(id: &str) -> Value {
    json!({"source": "crm", "external_id": id})
}

pub fn request(keepworth: &Keepworth, id: &str) -> Value {
    let (status, erasure) = ask(
        keepworth,
        "/customers/v1/erasures",
        &json!({"subject": subject(id)}),
    );
    assert_eq!(status, 201, "{erasure}");
    erasure
}

pub fn confirm(keepworth: &Keepworth, erasure: &Value) -> (u16, Value) {
    let id = erasure["id"].as_str().unwrap();
    ask(
        keepworth,
        &format!("/customers/v1/erasures/{id}:confirm"),
        &json!(null),
    )
}

/// The erasure as soon as `is` holds of it.
pub fn wait_for(keepworth: &Keepworth, erasure: &Value, is: impl Fn(&Value) -> bool) -> Value {
    let path = format!("/customers/v1/erasures/{}", erasure["id"].as_str().unwrap());
    let start = Instant::now();
    loop {
        let (_, now) = keepworth.get(&path);
        if is(&now) {
            return now;
        }
        assert!(start.elapsed() < Duration::from_secs(60), "{now}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Erases somebody, from the asking to the last receipt.
pub fn erase(keepworth: &Keepworth, id: &str) -> Value {
    let erasure = request(keepworth, id);
    let (status, confirmed) = confirm(keepworth, &erasure);
    assert_eq!(status, 200, "{confirmed}");
    wait_for(keepworth, &erasure, |it| it["state"] == "DONE")
}

/// Sends everything that services take of these customers; answers what became of the rows.
fn send(keepworth: &Keepworth, import: &str, ids: &[&str]) -> Vec<Value> {
    let rows =
        |row: &dyn Fn(&str) -> Value| -> Vec<Value> { ids.iter().map(|id| row(id)).collect() };
    let customers = rows(
        &|id| json!({"source": "crm", "external_id": id, "segment": "smb", "acquired_on": "2024-03-01"}),
    );
    let events = rows(&|id| {
        json!({"source": "crm", "external_id": format!("e-{id}"), "customer_external_id": id,
        "kind": "RENEWED", "occurred_on": "2024-09-01", "detail": "renewed by phone"})
    });
    let feedback = rows(&|id| {
        json!({"source": "survey", "external_id": format!("f-{id}"), "customer_source": "crm",
        "customer_external_id": id, "kind": "NPS", "score": 9, "responded_at": "2024-06-01T10:00:00Z"})
    });
    let contacts = rows(&|id| {
        json!({"source": "desk", "external_id": format!("i-{id}"), "customer_source": "crm",
        "customer_external_id": id, "channel": "phone", "started_at": "2024-06-02T10:00:00Z", "handle_seconds": 60,
        "outcome": "RESOLVED", "issue": format!("about {id}")})
    });
    let revenues = rows(&|id| {
        json!({"source": "billing", "external_id": format!("{id}/2024-06"), "customer_source": "crm",
        "customer_external_id": id, "month": "2024-06", "amount": {"amount": "70.35", "currency": "EUR"}})
    });
    let touches = rows(&|id| {
        json!({"source": "ads", "external_id": format!("t-{id}"), "customer_source": "crm",
        "customer_external_id": id, "campaign": "spring", "touched_on": "2024-02-01"})
    });
    let batches = [
        ("customers/v1/customers", customers),
        ("customers/v1/lifecycle-events", events),
        ("experience/v1/feedback", feedback),
        ("experience/v1/interactions", contacts),
        ("finance/v1/revenues", revenues),
        ("finance/v1/campaign-touches", touches),
    ];
    let sent = batches.into_iter().map(|(path, items)| {
        let body = json!({"import_id": import, "create_segments": path.ends_with("/customers"), "items": items});
        let (status, report) = keepworth.post(&format!("/{path}:batch_upsert"), &body);
        assert_eq!((status, &report["rejected"]), (200, &json!([])), "{path}: {report}");
        report
    });
    sent.collect()
}

fn total(keepworth: &Keepworth, path: &str) -> i64 {
    let (_, page) = keepworth.get(&format!("/{path}?include_total=true"));
    page["total"].as_i64().unwrap()
}

const LISTS: [&str; 5] = [
    "customers/v1/customers",
    "experience/v1/feedback",
    "experience/v1/interactions",
    "finance/v1/revenues",
    "finance/v1/campaign-touches",
];

fn tables(receipt: &Value) -> Vec<(String, i64, i64)> {
    let tables = receipt["tables"].as_array().unwrap().iter();
    let told = tables.map(|it| {
        let count = |field: &str| it[field].as_i64().unwrap();
        (
            it["table"].as_str().unwrap().to_owned(),
            count("erased"),
            count("pseudonymised"),
        )
    });
    told.collect()
}

fn one_is_erased_everywhere_and_stays_away(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    let nobody_yet = send(&keepworth, "1", &["C-1001", "C-1002"]);
    assert!(
        nobody_yet
            .iter()
            .all(|it| it["created"] == 2 && it["skipped_erased"] == 0)
    );
    // A version of a revenue that was corrected names them too.
    let corrected = json!({"import_id": "2", "items": [{"source": "billing", "external_id": "C-1001/2024-06",
        "customer_source": "crm", "customer_external_id": "C-1001", "month": "2024-06",
        "amount": {"amount": "71.00", "currency": "EUR"}}]});
    assert_eq!(
        keepworth
            .post("/finance/v1/revenues:batch_upsert", &corrected)
            .1["updated"],
        1
    );

    // A baseline of a day on which they were there, built since; one of a day before, and one that was built before.
    for (hash, as_of, built) in [
        ("in", "2024-12-31", 2099),
        ("day", "2020-12-31", 2099),
        ("built", "2024-12-31", 2020),
    ] {
        database.execute(
            "simulator",
            &format!("INSERT INTO baselines VALUES ('{hash}', '{hash}', '{as_of}', 'EUR', '{{}}', '{built}-01-01 00:00:00')"),
        );
    }

    let dry = json!({"subject": subject("C-1001"), "dry_run": true});
    let (status, counted) = ask(&keepworth, "/customers/v1/erasures", &dry);
    assert_eq!(
        (status, &counted["state"]),
        (200, &json!("COUNTED")),
        "{counted}"
    );
    assert!(counted.get("id").is_none());
    assert_eq!(
        keepworth.get("/customers/v1/erasures").1["items"],
        json!([]),
        "nothing is kept of it"
    );
    assert_eq!(
        LISTS.map(|it| total(&keepworth, it)),
        [2; 5],
        "nothing is gone"
    );

    let done = erase(&keepworth, "C-1001");
    assert_eq!(
        done["is_self_confirmed"], true,
        "on one machine there is one person"
    );
    assert!(done.get("subject").is_none(), "{done}");
    let receipts = done["receipts"].as_array().unwrap();
    for (count, signed) in counted["counts"].as_array().unwrap().iter().zip(receipts) {
        assert_eq!(
            tables(count),
            tables(&signed["receipt"]),
            "counted and done are one"
        );
    }
    let of = |service: &str| {
        let mut all = receipts.iter().map(|it| &it["receipt"]);
        tables(all.find(|it| it["service"] == service).unwrap())
    };
    let row = |table: &str, erased, pseudonymised| (table.to_owned(), erased, pseudonymised);
    assert_eq!(
        of("customers"),
        [row("customers", 1, 0), row("lifecycle_events", 1, 0)]
    );
    assert_eq!(
        of("experience"),
        [row("feedback", 1, 0), row("interactions", 1, 0)]
    );
    assert_eq!(
        of("finance"),
        [
            row("revenues", 0, 1),
            row("revenue_versions", 0, 1),
            row("campaign_touches", 1, 0)
        ]
    );
    assert_eq!(of("simulator"), [row("baselines", 0, 0)]);
    let simulator = &receipts[3]["receipt"];
    assert_eq!(simulator["baselines"], json!(["in"]));
    assert_eq!(simulator["tables"][0]["kept"], 1, "{simulator}");

    assert_eq!(LISTS.map(|it| total(&keepworth, it)), [1, 1, 1, 2, 1]);
    let again = send(&keepworth, "3", &["C-1001", "C-1002"]);
    for report in &again {
        assert_eq!(
            (
                &report["skipped_erased"],
                &report["unchanged"],
                &report["created"]
            ),
            (&json!(1), &json!(1), &json!(0)),
            "{report}"
        );
    }
    assert_eq!(LISTS.map(|it| total(&keepworth, it)), [1, 1, 1, 2, 1]);
    let (_, revenues) = keepworth.get("/finance/v1/revenues");
    let text = revenues.to_string();
    assert!(
        !text.contains("C-1001") && text.contains("71.00") && text.contains("erased-"),
        "{text}"
    );
    // Whoever was asked says so, without saying of whom.
    for service in ["customers", "experience", "finance", "simulator"] {
        let (_, page) = keepworth.get(&format!("/{service}/v1/audit-entries?page_size=1000"));
        let entries = page["items"].as_array().unwrap();
        let erasing = entries.iter().filter(|it| {
            let permission = it["permission"].as_str().unwrap();
            permission.starts_with("subject:")
        });
        let erasing: Vec<_> = erasing.collect();
        assert!(!erasing.is_empty(), "{service}");
        assert!(
            erasing.iter().all(|it| it["content"].is_null()),
            "{service}"
        );
        assert!(!page.to_string().contains("C-1001"), "{service}");
    }
}

fn what_cannot_be_is_refused(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    send(&keepworth, "1", &["C-1001", "C-1002"]);
    let refused = |body: &Value| {
        let (status, problem) = ask(&keepworth, "/customers/v1/erasures", body);
        (
            status,
            problem["code"].as_str().unwrap_or_default().to_owned(),
        )
    };
    let whom = |id: &str| json!({"subject": subject(id)});
    assert_eq!(refused(&whom("C-9999")), (404, "not_found".to_owned()));
    assert_eq!(refused(&whom("")).0, 422);
    assert_eq!(refused(&json!({"subject": {"source": "crm"}})).0, 422);
    // Without a reason, and with one that would keep the id for good.
    let (status, problem) = keepworth.order("/customers/v1/erasures", &whom("C-1001"));
    assert_eq!(
        (status, &problem["invalid_params"][0]["name"]),
        (422, &json!("Keepworth-Reason"))
    );
    let named = keepworth
        .client()
        .post(keepworth.at("/customers/v1/erasures"));
    let named = named
        .json(&whom("C-1001"))
        .header("keepworth-reason", "C-1001 wrote")
        .send();
    assert_eq!(named.unwrap().status(), 422);

    let erasure = request(&keepworth, "C-1001");
    assert_eq!(refused(&whom("C-1001")), (409, "in_use".to_owned()));
    // More came since it was counted.
    let more = json!({"import_id": "2", "items": [{"source": "survey", "external_id": "f-2", "customer_source": "crm",
        "customer_external_id": "C-1001", "kind": "NPS", "score": 3, "responded_at": "2024-07-01T10:00:00Z"}]});
    assert_eq!(
        keepworth
            .post("/experience/v1/feedback:batch_upsert", &more)
            .1["created"],
        1
    );
    let (status, problem) = confirm(&keepworth, &erasure);
    assert_eq!(
        (status, &problem["code"]),
        (409, &json!("counts_changed")),
        "{problem}"
    );
    assert_eq!(confirm(&keepworth, &erasure).0, 200, "it was counted anew");
    wait_for(&keepworth, &erasure, |it| it["state"] == "DONE");
    let (status, problem) = confirm(&keepworth, &erasure);
    assert_eq!((status, &problem["code"]), (409, &json!("not_awaited")));
    assert_eq!(refused(&whom("C-1001")), (409, "already_erased".to_owned()));

    let called_off = request(&keepworth, "C-1002");
    let path = format!(
        "/customers/v1/erasures/{}:cancel",
        called_off["id"].as_str().unwrap()
    );
    let (status, cancelled) = ask(&keepworth, &path, &json!(null));
    assert_eq!((status, &cancelled["state"]), (200, &json!("CANCELLED")));
    assert!(cancelled.get("subject").is_none());
    assert_eq!(confirm(&keepworth, &called_off).0, 409);
    assert_eq!(total(&keepworth, LISTS[0]), 1);
}

fn a_service_that_is_down_is_waited_for(kind: Kind) {
    let database = Database::new(kind);
    let start = |name: &str, more: &[&str]| Keepworth::start(&["serve", name], &database, more);
    let mut finance = start("finance", &[]);
    let (experience, simulator) = (start("experience", &[]), start("simulator", &[]));
    let port = finance.url.rsplit(':').next().unwrap().to_owned();
    let urls = [
        format!("experience.url={}", experience.url),
        format!("finance.url={}", finance.url),
        format!("simulator.url={}", simulator.url),
    ];
    let customers = start("customers", &urls.each_ref().map(String::as_str));
    let item = json!({"source": "crm", "external_id": "C-1001", "segment": "smb", "acquired_on": "2024-03-01"});
    let body = json!({"import_id": "1", "create_segments": true, "items": [item]});
    assert_eq!(customers.post("/v1/customers:batch_upsert", &body).0, 200);
    let (status, erasure) = ask(
        &customers,
        "/v1/erasures",
        &json!({"subject": subject("C-1001")}),
    );
    assert_eq!(status, 201, "{erasure}");
    finance.terminate();
    finance.wait(Duration::from_secs(60)).unwrap();
    // What is not there cannot be asked for.
    let (status, problem) = ask(
        &customers,
        "/v1/erasures",
        &json!({"subject": subject("C-1002"), "dry_run": true}),
    );
    assert_eq!(
        (status, &problem["code"]),
        (502, &json!("service_unreachable")),
        "{problem}"
    );

    let id = erasure["id"].as_str().unwrap().to_owned();
    let (status, confirmed) = ask(
        &customers,
        &format!("/v1/erasures/{id}:confirm"),
        &json!(null),
    );
    assert_eq!(status, 200, "{confirmed}");
    let look = |is: &dyn Fn(&Value) -> bool| {
        let start = Instant::now();
        loop {
            let (_, now) = customers.get(&format!("/v1/erasures/{id}"));
            if is(&now) {
                return now;
            }
            assert!(start.elapsed() < Duration::from_secs(90), "{now}");
            std::thread::sleep(Duration::from_millis(50));
        }
    };
    let waiting = look(&|it| it["receipts"].as_array().unwrap().len() == 3);
    assert_eq!(waiting["state"], "IN_PROGRESS");
    assert_eq!(waiting["outstanding"], json!(["finance"]));
    assert_eq!(waiting["is_overdue"], false);
    assert!(
        waiting["last_failure"]
            .as_str()
            .unwrap()
            .contains("finance"),
        "{waiting}"
    );
    database.execute(
        "customers",
        "UPDATE erasures SET due_at = '2020-01-01 00:00:00'",
    );
    assert_eq!(look(&|_| true)["is_overdue"], true);

    let back = Keepworth::start_on(&["serve", "finance"], &database, &[], &port);
    let done = look(&|it| it["state"] == "DONE");
    assert_eq!(
        (&done["outstanding"], &done["is_overdue"]),
        (&json!([]), &json!(false))
    );
    drop(back);
}

/// The file is read while somebody in it is erased: whichever comes first, they are gone in the end.
fn nobody_comes_back_while_an_import_runs(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    send(&keepworth, "1", &["C-000007"]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("customers.csv");
    let mut text = "external_id,segment,acquired_on\n".to_owned();
    for number in 0..30_000 {
        text += &format!("C-{number:06},smb,2024-03-01\n");
    }
    // One that cannot be read names them, too.
    text += "C-000007,smb,yesterday\n";
    std::fs::write(&file, &text).unwrap();
    let mapping = "source = \"crm\"\nkind = \"customers\"\ncreate_segments = true\n[fields]\nexternal_id = \"{external_id}\"\n\
        segment = \"{segment}\"\nacquired_on = { from = \"{acquired_on}\", date_format = \"%Y-%m-%d\" }\n";
    let fields = [("mapping", mapping)];
    let (status, import) = keepworth.upload_within("/customers/v1/imports", &file, &fields, 0);
    assert_eq!(status, 202, "{import}");
    erase(&keepworth, "C-000007");
    let id = import["id"].as_str().unwrap();
    let path = format!("/customers/v1/imports/{id}");
    let start = Instant::now();
    let over = loop {
        let (_, now) = keepworth.get(&path);
        if now["finished_at"].is_string() {
            break now;
        }
        assert!(start.elapsed() < Duration::from_secs(120), "{now}");
        std::thread::sleep(Duration::from_millis(100));
    };
    assert_eq!(over["state"], "DONE", "{over}");
    assert_eq!(total(&keepworth, LISTS[0]), 29_999, "{over}");
    let rejected = keepworth.get(&format!("{path}/rejected")).1.to_string();
    assert!(!rejected.contains("C-000007"), "{rejected}");
    // The rest can still be taken back.
    let (status, undone) = keepworth.post(&format!("{path}:undo"), &json!({}));
    assert_eq!(status, 200, "{undone}");
    assert_eq!(total(&keepworth, LISTS[0]), 0);
}
