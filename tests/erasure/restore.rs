//! A backup of before an erasure, put back.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::{LISTS, ask, erase, send, subject, total};
use crate::support::{Answer, Database, Keepworth, Kind, on_both_databases, private_folder, run};

on_both_databases!(
    everything_that_is_held_is_handed_out,
    without_its_key_nobody_is_taken_in,
);

fn on(data: &Path, arguments: &[&str]) -> Answer {
    let data = format!("database.data_dir={}", data.display());
    run(&[arguments, &["--set", &data]].concat())
}

fn has_kept_heads(database: &Database) -> bool {
    let verified = on(database.folder(), &["audit", "verify", "--format", "json"]);
    let stands = verified.done().json();
    let customers = &stands.as_array().unwrap()[0];
    customers["signed_heads"].as_u64() > Some(0)
}

#[test]
fn a_restored_backup_forgets_again() {
    let database = Database::new(Kind::Sqlite);
    let mut keepworth = Keepworth::start(&["up"], &database, &["audit.head_seconds=1"]);
    send(&keepworth, "1", &["C-1001", "C-1002"]);
    // The backup shall hold heads that only the key of before has signed.
    let start = std::time::Instant::now();
    while !has_kept_heads(&database) {
        assert!(start.elapsed().as_secs() < 60, "heads are exchanged");
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
    let folder = private_folder();
    let copy = folder.path().join("copy");
    on(database.folder(), &["backup", copy.to_str().unwrap()]).done();
    erase(&keepworth, "C-1001");
    keepworth.terminate();
    keepworth.wait(std::time::Duration::from_secs(60)).unwrap();

    let elsewhere = Database::new(Kind::Sqlite);
    let old = database.folder().to_str().unwrap();
    let restored = on(
        elsewhere.folder(),
        &["restore", copy.to_str().unwrap(), "--keys-of", old],
    );
    assert!(
        restored.done().stdout.contains("files of keys"),
        "it says so"
    );
    let keepworth = Keepworth::up(&elsewhere);
    assert_eq!(LISTS.map(|it| total(&keepworth, it)), [1, 1, 1, 2, 1]);
    let again = send(&keepworth, "2", &["C-1001", "C-1002"]);
    assert!(
        again.iter().all(|it| it["skipped_erased"] == 1),
        "{again:?}"
    );
    // What was done of its own accord is in the audit, and the chain holds.
    let (_, page) = keepworth.get("/finance/v1/audit-entries?page_size=1000");
    assert!(
        page.to_string().contains("erasures after a restore"),
        "{page}"
    );
    // No backup has the key that heads were signed with; it came from the old folder, too.
    on(elsewhere.folder(), &["audit", "verify"]).done();
}

/// PostgreSQL is put back by the platform: the data folder with keys and notes stays where it is.
#[test]
fn a_restored_snapshot_forgets_again() {
    if !Kind::postgres_is_there("a_restored_snapshot_forgets_again") {
        return;
    }
    let database = Database::new(Kind::Postgres);
    let stop = |mut keepworth: Keepworth| {
        keepworth.terminate();
        keepworth.wait(std::time::Duration::from_secs(60)).unwrap();
    };
    let keepworth = Keepworth::up(&database);
    send(&keepworth, "1", &["C-1001", "C-1002"]);
    stop(keepworth);
    database.take_snapshot();
    let keepworth = Keepworth::up(&database);
    erase(&keepworth, "C-1001");
    stop(keepworth);
    database.put_snapshot_back();
    let rows = "SELECT COUNT(*) FROM customers";
    assert_eq!(database.count("customers", rows), 2, "they are back");
    let keepworth = Keepworth::up(&database);
    assert_eq!(LISTS.map(|it| total(&keepworth, it)), [1, 1, 1, 2, 1]);
    let again = send(&keepworth, "2", &["C-1001", "C-1002"]);
    assert!(
        again.iter().all(|it| it["skipped_erased"] == 1),
        "{again:?}"
    );
    let (_, page) = keepworth.get("/finance/v1/audit-entries?page_size=1000");
    assert!(
        page.to_string().contains("erasures after a restore"),
        "{page}"
    );
}

fn everything_that_is_held_is_handed_out(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    send(&keepworth, "1", &["C-1001", "C-1002"]);
    let (status, export) = ask(
        &keepworth,
        "/customers/v1/subject-exports",
        &subject("C-1001"),
    );
    assert_eq!(status, 200, "{export}");
    let mut rows = Vec::new();
    for service in export["services"].as_array().unwrap() {
        for table in service["tables"].as_array().unwrap() {
            let held = table["rows"].as_array().unwrap();
            assert_eq!(held.len(), 1, "{table}");
            rows.push(table["table"].as_str().unwrap().to_owned());
        }
    }
    assert_eq!(
        rows,
        [
            "customers",
            "lifecycle_events",
            "feedback",
            "interactions",
            "revenues",
            "campaign_touches"
        ]
    );
    assert!(!export.to_string().contains("C-1002"), "nobody else");
    assert_eq!(
        keepworth
            .order("/customers/v1/subject-exports", &subject("C-1001"))
            .0,
        422,
        "without a reason"
    );
    let (_, nobody) = ask(
        &keepworth,
        "/customers/v1/subject-exports",
        &subject("C-9999"),
    );
    assert_eq!(nobody["services"], json!([]));
    // By command, and each service noted that it was asked.
    let told = keepworth.ask(&[
        "subject", "export", "--source", "crm", "--id", "C-1001", "--reason", "asked", "--format",
        "json",
    ]);
    assert_eq!(told.done().json()["services"], export["services"]);
    let (_, page) = keepworth.get("/experience/v1/audit-entries?permission=subject:serve");
    assert_eq!(page["items"].as_array().unwrap().len(), 3, "{page}");
    let counted = keepworth.ask(&[
        "erasure",
        "request",
        "--source",
        "crm",
        "--id",
        "C-1001",
        "--reason",
        "asked",
        "--dry-run",
    ]);
    assert!(counted.done().stdout.contains("counted, nothing written"));
}

fn without_its_key_nobody_is_taken_in(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    send(&keepworth, "1", &["C-1001", "C-1002"]);
    erase(&keepworth, "C-1001");
    let key = database.folder().join("erasure.key");
    let old = fs::read_to_string(&key).unwrap();
    // A new key above the old one.
    fs::write(&key, format!("{}\n{old}", "0f".repeat(32))).unwrap();
    let reports: Vec<Value> = send(&keepworth, "2", &["C-1001", "C-1002"]);
    assert!(
        reports.iter().all(|it| it["skipped_erased"] == 1),
        "{reports:?}"
    );
    erase(&keepworth, "C-1002");
    assert!(
        send(&keepworth, "3", &["C-1001", "C-1002"])
            .iter()
            .all(|it| it["skipped_erased"] == 2)
    );
    for lost in [Some("0f".repeat(32)), None] {
        match lost {
            Some(other) => fs::write(&key, other).unwrap(),
            None => fs::remove_file(&key).unwrap(),
        }
        let item = json!({"source": "crm", "external_id": "C-1001", "segment": "smb", "acquired_on": "2024-03-01"});
        let body = json!({"import_id": "4", "items": [item]});
        let (status, problem) = keepworth.order("/customers/v1/customers:batch_upsert", &body);
        assert_eq!(
            (status, &problem["code"]),
            (503, &json!("secret_missing")),
            "{problem}"
        );
    }
}
