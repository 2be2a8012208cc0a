//! Who did what: every write leaves its entry, and what is done to the record is found.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Answer, Database, Issuer, Keepworth, Kind, Signer, on_both_databases, run};

on_both_databases!(
    every_write_leaves_an_entry_and_no_value,
    what_was_refused_and_read_is_noticed_and_a_flood_counted,
    a_single_record_has_hashes_of_before_and_after,
    entries_come_in_every_form,
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

/// Those of changes: that they are read is in the record as well.
fn changes(keepworth: &Keepworth, service: &str, query: &str) -> Vec<Value> {
    let all = entries(keepworth, service, query).into_iter();
    all.filter(|it| it["outcome"] == "done").collect()
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
    // What is refused changes nothing, and is no such entry; nor is what is only read.
    let refused = keepworth.post("/customers/v1/customers:batch_upsert", &json!({"items": 1}));
    assert_eq!(refused.0, 422);
    keepworth.get("/customers/v1/customers");
    let close = || {
        let request = keepworth
            .client()
            .post(keepworth.at("/finance/v1/period-closes"));
        request.json(&json!({"month": "2024-12", "reason": "year end"}))
    };
    let unsaid = close().send().unwrap();
    assert_eq!(unsaid.status(), 422, "nobody says why");
    let unsaid: Value = unsaid.json().unwrap();
    assert_eq!(unsaid["invalid_params"][0]["name"], "Keepworth-Reason");
    let close = close();
    let close = close
        .header("keepworth-reason", "as the board decided")
        .header("x-request-id", "r-17");
    assert!(close.send().unwrap().status().is_success());

    let written = changes(&keepworth, "customers", "");
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
    assert_eq!(entry["rows"], 1);
    assert!(!entry.to_string().contains("jane.doe"), "{entry}");
    let closed = changes(&keepworth, "finance", "&permission=books:write");
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
        changes(&keepworth, "finance", &format!("&subject={subject}")).len(),
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

/// Entries of an outcome, once there are so many.
pub fn noticed(keepworth: &Keepworth, service: &str, outcome: &str, at_least: usize) -> Vec<Value> {
    let start = Instant::now();
    loop {
        let all = entries(keepworth, service, "").into_iter();
        let found: Vec<_> = all.filter(|it| it["outcome"] == outcome).collect();
        if found.len() >= at_least {
            return found;
        }
        assert!(start.elapsed() < Duration::from_secs(30), "{found:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn what_was_refused_and_read_is_noticed_and_a_flood_counted(kind: Kind) {
    const FLOOD: u64 = 300;
    let database = Database::new(kind);
    let signer = Signer::new("one");
    let issuer = Issuer::new(&[&signer]);
    let settings = issuer.settings(database.folder(), &[["sub", "reader-1", "reader"]]);
    let mut keepworth = Keepworth::start(&["up", "--config", &settings], &database, &[]);
    let stranger = keepworth.stranger();
    let ask = |path: &str, token: Option<&str>| {
        let request = stranger.get(keepworth.at(path));
        let request = token
            .iter()
            .fold(request, reqwest::blocking::RequestBuilder::bearer_auth);
        request.send().unwrap().status().as_u16()
    };
    let reader = signer.sign(&issuer.claims("reader-1"));
    for _ in 0..FLOOD {
        assert_eq!(ask("/customers/v1/customers", Some(&reader)), 403);
    }
    assert_eq!(ask("/customers/v1/customers", None), 401);
    for _ in 0..FLOOD {
        assert_eq!(ask("/customers/v1/segments", Some("a.b.c")), 401);
    }
    let refused = noticed(&keepworth, "customers", "refused", 3);
    assert_eq!(refused.len(), 3, "{refused:?}");
    assert_eq!(refused[0]["subject"], "reader-1");
    assert_eq!(refused[0]["permission"], "persons:read");
    assert_eq!(refused[0]["operation"], "GET /v1/customers");
    assert_eq!(refused[0]["count"], 1);
    let nobody: Vec<_> = refused[1..]
        .iter()
        .map(|it| (&it["subject"], &it["via"]))
        .collect();
    let (nothing, token) = (json!("nothing"), json!("token"));
    assert_eq!(
        nobody,
        [(&json!("nobody"), &nothing), (&json!("nobody"), &token)]
    );

    for _ in 0..3 {
        assert_eq!(keepworth.get("/customers/v1/customers").0, 200);
    }
    assert_eq!(keepworth.get("/customers/v1/segments").0, 200);
    let read = noticed(&keepworth, "customers", "read", 2);
    let operations: Vec<_> = read
        .iter()
        .map(|it| it["operation"].as_str().unwrap())
        .collect();
    assert_eq!(operations, ["GET /v1/audit-entries", "GET /v1/customers"]);

    // What was counted and not told yet is told at the end.
    keepworth.terminate();
    keepworth.wait(Duration::from_secs(60)).unwrap();
    let told = audit(&database, &["export", "customers", "--format", "json"])
        .done()
        .json();
    let told: Vec<_> = told.as_array().unwrap().iter().collect();
    let count = |subject: &str, outcome: &str| -> u64 {
        let of = told
            .iter()
            .filter(|it| it["subject"] == subject && it["outcome"] == outcome);
        of.map(|it| it["count"].as_u64().unwrap()).sum()
    };
    assert_eq!(count("reader-1", "refused"), FLOOD);
    assert_eq!(count("nobody", "refused"), FLOOD + 1);
    let lists = told
        .iter()
        .filter(|it| it["operation"] == "GET /v1/customers" && it["outcome"] == "read");
    assert_eq!(
        lists.map(|it| it["count"].as_u64().unwrap()).sum::<u64>(),
        3
    );
    let again = audit(&database, &["export", "customers", "--format", "json"])
        .done()
        .json();
    let last = again.as_array().unwrap().last().unwrap();
    assert_eq!(
        (&last["via"], &last["outcome"]),
        (&json!("database"), &json!("read")),
        "{last}"
    );
    audit(&database, &["verify"]).done();
}

fn a_single_record_has_hashes_of_before_and_after(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    let path = "/customers/v1/segments/smb";
    for name in ["Small", "Small and medium"] {
        assert_eq!(keepworth.put(path, &json!({"name": name})).0, 200);
    }
    let gone = keepworth
        .client()
        .delete(keepworth.at(path))
        .send()
        .unwrap();
    assert_eq!(gone.status(), 204);
    let all = changes(&keepworth, "customers", "");
    let hash = |entry: usize, field: &str| all[entry][field].as_str().map(str::to_owned);
    assert_eq!(hash(0, "before"), None, "there was none");
    assert_eq!(hash(0, "after").unwrap().len(), 64);
    assert_eq!(hash(1, "before"), hash(0, "after"));
    assert!(hash(1, "after").is_some() && hash(1, "after") != hash(1, "before"));
    assert_eq!(
        (hash(2, "before"), hash(2, "after")),
        (hash(1, "after"), None)
    );
    let account = json!({"name": "Care", "category": "OVERHEAD"});
    assert_eq!(keepworth.put("/finance/v1/accounts/6000", &account).0, 200);
    let rate = json!({"base": "USD", "quote": "EUR", "rate": "0.9", "quoted_on": "2025-09-30"});
    keepworth.post("/finance/v1/fx-rates", &rate);
    for entry in changes(&keepworth, "finance", "") {
        assert!(
            entry["after"].is_string() && entry["before"].is_null(),
            "{entry}"
        );
    }
}

fn entries_come_in_every_form(kind: Kind) {
    let database = Database::new(kind);
    let mut keepworth = Keepworth::up(&database);
    assert_eq!(customer(&keepworth, "a").0, 200);
    keepworth.terminate();
    keepworth.wait(Duration::from_secs(60)).unwrap();
    let lines = |form: &str| -> Vec<Value> {
        let answer = audit(&database, &["export", "customers", "--format", form]).done();
        answer
            .stdout
            .lines()
            .map(|it| serde_json::from_str(it).unwrap())
            .collect()
    };
    let plain = lines("jsonl");
    assert_eq!(
        (plain.len(), &plain[0]["permission"]),
        (1, &json!("records:import"))
    );
    let events = lines("ocsf");
    assert_eq!(events.len(), 2, "that it was exported is an entry");
    assert_eq!(
        (&events[0]["class_uid"], &events[0]["type_uid"]),
        (&json!(6003), &json!(600_301))
    );
    assert_eq!(events[0]["metadata"]["uid"], plain[0]["hash"]);
    assert_eq!(events[0]["unmapped"]["content"], plain[0]["content"]);
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

#[test]
fn where_there_is_no_database_none_is_made() {
    let folder = crate::support::private_folder();
    let data = format!("database.data_dir={}/data", folder.path().display());
    let answer = crate::support::run(&["audit", "verify", "--set", &data]);
    assert_ne!(answer.code, 0, "{answer:?}");
    assert!(answer.stderr.contains("has no database at"), "{answer:?}");
    assert!(!folder.path().join("data").exists());
}
