//! Who did what: every write leaves its entry, and what is done to the record is found.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Answer, Database, Keepworth, Kind, on_both_databases, run};

on_both_databases!(
    every_write_leaves_an_entry_and_no_value,
    writers_at_once_make_one_chain,
    what_is_done_to_the_record_is_named,
);

/// Writes one customer.
fn customer(keepworth: &Keepworth, id: &str) -> (u16, Value) {
    let item =
        json!({"source": "crm", "external_id": id, "segment": "smb", "acquired_on": "2024-01-01"});
    let batch = json!({"import_id": "1", "create_segments": true, "items": [item]});
    keepworth.post("/customers/v1/customers:batch_upsert", &batch)
}

fn entries(keepworth: &Keepworth, service: &str, query: &str) -> Vec<Value> {
    let (status, page) = keepworth.get(&format!(
        "/{service}/v1/audit-entries?page_size=1000{query}"
    ));
    assert_eq!(status, 200, "{page}");
    page["items"].as_array().unwrap().clone()
}

fn audit(database: &Database, arguments: &[&str]) -> Answer {
    let settings = database.settings();
    let settings = settings.iter().flat_map(|it| ["--set", it]);
    run(&["audit"]
        .into_iter()
        .chain(arguments.iter().copied())
        .chain(settings)
        .collect::<Vec<_>>())
}

fn every_write_leaves_an_entry_and_no_value(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    assert_eq!(customer(&keepworth, "jane.doe@example.com").0, 200);
    // What is refused changes nothing, and is no entry; nor is what is only read.
    let refused = keepworth.post("/customers/v1/customers:batch_upsert", &json!({"items": 1}));
    assert_eq!(refused.0, 422);
    keepworth.get("/customers/v1/customers");
    let close = keepworth
        .client()
        .post(keepworth.at("/finance/v1/period-closes"));
    let close = close.json(&json!({"month": "2024-12", "reason": "year end"}));
    let close = close
        .header("keepworth-reason", "as the board decided")
        .header("x-request-id", "r-17");
    assert!(close.send().unwrap().status().is_success());

    let written = entries(&keepworth, "customers", "");
    let [entry] = &written[..] else {
        panic!("{written:?}")
    };
    assert_eq!(entry["operation"], "POST /v1/customers:batch_upsert");
    assert_eq!(
        (&entry["issuer"], &entry["via"]),
        (&json!("local"), &json!("token"))
    );
    assert_eq!(entry["permission"], "records:import");
    assert_eq!(entry["content"].as_str().unwrap().len(), 64);
    assert!(!entry.to_string().contains("jane.doe"), "{entry}");
    let closed = entries(&keepworth, "finance", "&permission=books:write");
    assert_eq!(closed.len(), 1, "{closed:?}");
    assert_eq!(closed[0]["reason"], "as the board decided");
    assert_eq!(closed[0]["request_id"], "r-17");
    assert_eq!(
        entries(&keepworth, "finance", "&permission=figures:read").len(),
        0
    );
    assert_eq!(entries(&keepworth, "finance", "&subject=somebody").len(), 0);
    let wrong = keepworth.get("/finance/v1/audit-entries?permission=book:write");
    assert_eq!(wrong.0, 400, "{}", wrong.1);
    let subject = closed[0]["subject"].as_str().unwrap();
    assert_eq!(
        entries(&keepworth, "finance", &format!("&subject={subject}")).len(),
        1
    );
    let wrong = keepworth
        .client()
        .put(keepworth.at("/customers/v1/segments/a"));
    let wrong = wrong
        .json(&json!({"name": "A"}))
        .header("keepworth-reason", "x".repeat(501));
    assert_eq!(wrong.send().unwrap().status(), 400);
}

/// Eight write at once: for a moment in the gate, for ten minutes where `KEEPWORTH_TEST_AUDIT_SECONDS` says so.
fn writers_at_once_make_one_chain(kind: Kind) {
    let seconds = std::env::var("KEEPWORTH_TEST_AUDIT_SECONDS").map_or(4, |it| it.parse().unwrap());
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    let until = Instant::now() + Duration::from_secs(seconds);
    let written: usize = std::thread::scope(|scope| {
        let writers = (0..8).map(|writer| {
            let keepworth = &keepworth;
            scope.spawn(move || {
                let mut done = 0;
                while Instant::now() < until {
                    let (status, answer) = customer(keepworth, &format!("{writer}-{done}"));
                    assert_eq!(status, 200, "{answer}");
                    done += 1;
                }
                done
            })
        });
        let writers: Vec<_> = writers.collect();
        writers.into_iter().map(|it| it.join().unwrap()).sum()
    });
    let verified = audit(&database, &["verify", "--format", "json"])
        .done()
        .json();
    assert_eq!(verified[0]["service"], "customers");
    assert_eq!(verified[0]["entries"], written, "{verified}");
    eprintln!("{written} writes by 8 writers in {seconds} s on {kind:?}: one chain");
}

fn what_is_done_to_the_record_is_named(kind: Kind) {
    let database = Database::new(kind);
    let mut keepworth = Keepworth::up(&database);
    for id in 0..6 {
        assert_eq!(customer(&keepworth, &id.to_string()).0, 200);
    }
    keepworth.terminate();
    keepworth.wait(Duration::from_secs(60)).unwrap();
    let whole = audit(&database, &["verify", "--format", "json"])
        .done()
        .json();
    let head = format!("customers={}", whole[0]["head"].as_str().unwrap());
    let broken = |statement: &str, back: &str, arguments: &[&str]| {
        database.execute("customers", statement);
        let answer = audit(&database, &[&["verify"], arguments].concat());
        database.execute("customers", back);
        assert_eq!(answer.code, 2, "{answer:?}");
        assert!(answer.stderr.contains("customers"), "{answer:?}");
        answer.stdout
    };
    let kept = "CREATE TABLE kept AS SELECT * FROM audit_entries; CREATE TABLE kept_heads AS SELECT * FROM audit_heads";
    database.execute("customers", kept);
    let back = "DELETE FROM audit_entries; INSERT INTO audit_entries SELECT * FROM kept; \
        DELETE FROM audit_heads; INSERT INTO audit_heads SELECT * FROM kept_heads";
    let changed = "UPDATE audit_entries SET entry = REPLACE(entry, 'local', 'lokal') WHERE seq = 3";
    assert!(broken(changed, back, &[]).contains("entry 3 is not what was written"));
    assert!(
        broken("DELETE FROM audit_entries WHERE seq = 4", back, &[]).contains("entry 4 is missing")
    );
    let cut = "DELETE FROM audit_entries WHERE seq > 4";
    assert!(broken(cut, back, &[]).contains("its end was cut"));
    // Who knows how cuts the head as well, and is found by what was noted elsewhere.
    let cut = "DELETE FROM audit_entries WHERE seq > 4; UPDATE audit_heads SET seq = 4, \
        hash = (SELECT hash FROM audit_entries WHERE seq = 4)";
    assert!(broken(cut, back, &["--head", &head]).contains("its end was cut"));
    let (start, last) = head.split_at(head.len() - 1);
    let other = format!("{start}{}", if last == "0" { "1" } else { "0" });
    let answer = audit(&database, &["verify", "--head", &other]);
    assert!(
        answer.code == 2 && answer.stdout.contains("written anew"),
        "{answer:?}"
    );
    audit(&database, &["verify", "--head", &head]).done();
    let exported = audit(&database, &["export", "customers", "--format", "csv"])
        .done()
        .stdout;
    assert_eq!(exported.lines().count(), 7, "{exported}");
}
