//! Random records of a thousand customers, of whom some are erased.

use std::fmt::Write;

use serde_json::{Value, json};

use super::scan::{files_holding, holding, number};
use super::{confirm, erase, request, wait_for};
use crate::support::{Database, Keepworth, Kind, on_both_databases};

on_both_databases!(nothing_of_the_erased_is_left_and_nothing_of_the_others_is_lost);

const PERSONS: usize = 1_000;
const ERASED: usize = 12;

/// Numbers that look random, and are the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

/// Ids of one length, none of which is part of another.
fn ids(dice: &mut Dice) -> Vec<String> {
    let id = |at: usize| {
        let letters = String::from_iter((0..4).map(|_| char::from(b'A' + dice.below(26) as u8)));
        format!("{letters}-{at:05}-x")
    };
    (0..PERSONS).map(id).collect()
}

/// Batches by path, each of random records.
fn batches(dice: &mut Dice, ids: &[String]) -> Vec<(&'static str, Vec<Value>)> {
    let mut all = [
        ("customers/v1/customers", Vec::new()),
        ("customers/v1/lifecycle-events", Vec::new()),
        ("experience/v1/feedback", Vec::new()),
        ("experience/v1/interactions", Vec::new()),
        ("finance/v1/revenues", Vec::new()),
        ("finance/v1/campaign-touches", Vec::new()),
    ];
    for id in ids {
        let month = 1 + dice.below(12);
        all[0].1.push(
            json!({"source": "crm", "external_id": id, "segment": format!("s{}", dice.below(3)),
            "acquired_on": format!("2023-{month:02}-01")}),
        );
        for (kind, (_, rows)) in all.iter_mut().enumerate().skip(1) {
            for at in 0..dice.below(4) {
                // Some of the other systems name the customer in the ids of their records.
                let own = if dice.below(2) == 0 {
                    format!("{id}/{at}")
                } else {
                    format!("{kind}-{}-{at}", rows.len())
                };
                let whom = json!({"source": format!("system{kind}"), "external_id": own, "customer_source": "crm",
                    "customer_external_id": id});
                let more = match kind {
                    1 => {
                        json!({"kind": "RENEWED", "occurred_on": "2024-05-01", "detail": format!("told {id} so")})
                    }
                    2 => {
                        json!({"kind": "NPS", "score": dice.below(11), "responded_at": "2024-06-01T10:00:00Z"})
                    }
                    3 => {
                        json!({"channel": "phone", "started_at": "2024-06-02T10:00:00Z", "outcome": "RESOLVED",
                        "handle_seconds": dice.below(600), "issue": format!("about {id}, who called")})
                    }
                    4 => {
                        json!({"month": "2024-06", "amount": {"amount": format!("{}.{:02}", dice.below(900), dice.below(100)),
                        "currency": "EUR"}})
                    }
                    _ => json!({"campaign": "spring", "touched_on": "2024-02-01"}),
                };
                let mut row = whom;
                row.as_object_mut()
                    .unwrap()
                    .extend(more.as_object().unwrap().clone());
                rows.push(row);
            }
        }
    }
    all.to_vec()
}

fn send(keepworth: &Keepworth, import: &str, batches: &[(&str, Vec<Value>)]) -> u64 {
    let mut skipped = 0;
    for (path, rows) in batches {
        for items in rows.chunks(2_500) {
            let body = json!({"import_id": import, "create_segments": path.ends_with("/customers"), "items": items});
            let (status, report) = keepworth.post(&format!("/{path}:batch_upsert"), &body);
            assert_eq!(
                (status, &report["rejected"]),
                (200, &json!([])),
                "{path}: {report}"
            );
            skipped += report["skipped_erased"].as_u64().unwrap();
        }
    }
    skipped
}

const MAPPING: &str = "source = \"crm\"\nkind = \"customers\"\ncreate_segments = true\n[fields]\n\
    external_id = \"{id}\"\nsegment = \"{segment}\"\nacquired_on = { from = \"{day}\", date_format = \"%Y-%m-%d\" }\n";

/// A file of all customers, in which some rows cannot be read.
fn upload(keepworth: &Keepworth, ids: &[String]) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("customers.csv");
    let mut text = "id,segment,day\n".to_owned();
    for (at, id) in ids.iter().enumerate() {
        let day = if at % 2 == 0 { "2023-02-01" } else { "soon" };
        writeln!(text, "{id},s1,{day}").unwrap();
    }
    std::fs::write(&file, text).unwrap();
    let (status, import) =
        keepworth.upload("/customers/v1/imports", &file, &[("mapping", MAPPING)]);
    assert_eq!(status, 201, "{import}");
    import
}

/// Rows of a customer in each table, by plain SQL.
fn rows_of(database: &Database, id: &str) -> Vec<(&'static str, i64)> {
    let count = |service: &str, table: &str, of: &str| {
        number(
            database,
            service,
            &format!("SELECT COUNT(*) AS number FROM {table} WHERE {of}"),
        )
    };
    let by_key = format!("customer_source = 'crm' AND customer_external_id = '{id}'");
    let own = format!("source = 'crm' AND external_id = '{id}'");
    let events = format!("customer_id IN (SELECT id FROM customers WHERE {own})");
    vec![
        ("customers", count("customers", "customers", &own)),
        (
            "lifecycle_events",
            count("customers", "lifecycle_events", &events),
        ),
        ("feedback", count("experience", "feedback", &by_key)),
        ("interactions", count("experience", "interactions", &by_key)),
        ("revenues", count("finance", "revenues", &by_key)),
        (
            "revenue_versions",
            count("finance", "revenue_versions", &by_key),
        ),
        (
            "campaign_touches",
            count("finance", "campaign_touches", &by_key),
        ),
    ]
}

/// The same, as the receipts have it.
fn told(done: &Value, tables: &[(&'static str, i64)]) -> Vec<(&'static str, i64)> {
    let receipts = done["receipts"].as_array().unwrap().iter();
    let rows = receipts.flat_map(|it| it["receipt"]["tables"].as_array().unwrap());
    let rows = Vec::from_iter(rows);
    let count = |name: &str| {
        let found = rows.iter().find(|it| it["table"] == name);
        found.map_or(0, |it| {
            it["erased"].as_i64().unwrap() + it["pseudonymised"].as_i64().unwrap()
        })
    };
    // A text that names the customer is counted with the rows that are theirs: there the records of others have none.
    tables
        .iter()
        .map(|(name, _)| (*name, count(name)))
        .collect()
}

fn books(database: &Database) -> [i64; 6] {
    let sum = |table: &str, what: &str| {
        number(
            database,
            "finance",
            &format!("SELECT CAST(COALESCE({what}, 0) AS BIGINT) AS number FROM {table}"),
        )
    };
    [
        sum("revenues", "SUM(minor)"),
        sum("revenues", "COUNT(*)"),
        sum("revenue_versions", "SUM(minor)"),
        sum("revenue_versions", "COUNT(*)"),
        sum("ledger_entries", "SUM(minor)"),
        sum("ledger_entries", "COUNT(*)"),
    ]
}

fn of_others(database: &Database, erased: &[String]) -> i64 {
    let list = Vec::from_iter(erased.iter().map(|it| format!("'{it}'"))).join(", ");
    let count = |service: &str, table: &str, column: &str| {
        number(
            database,
            service,
            &format!("SELECT COUNT(*) AS number FROM {table} WHERE {column} NOT IN ({list})"),
        )
    };
    count("customers", "customers", "external_id")
        + count("experience", "feedback", "customer_external_id")
        + count("experience", "interactions", "customer_external_id")
        + count("finance", "campaign_touches", "customer_external_id")
}

fn nothing_of_the_erased_is_left_and_nothing_of_the_others_is_lost(kind: Kind) {
    let mut dice = Dice(7);
    let database = Database::new(kind);
    let mut keepworth = Keepworth::up(&database);
    let ids = ids(&mut dice);
    let records = batches(&mut dice, &ids);
    send(&keepworth, "1", &records);
    // Every fourth revenue was corrected.
    let mut corrected = records[4].1.clone();
    corrected
        .iter_mut()
        .step_by(4)
        .for_each(|it| it["amount"]["amount"] = json!("10.01"));
    send(
        &keepworth,
        "2",
        &[("finance/v1/revenues", corrected.clone())],
    );
    assert!(upload(&keepworth, &ids)["rejected"].as_u64().unwrap() > 400);
    let erased: Vec<String> = (0..ERASED)
        .map(|at| ids[at * 83 + dice.below(80) as usize].clone())
        .collect();
    // The ledger and a scenario name somebody in what people wrote.
    let entry = json!({"import_id": "1", "items": [{"source": "erp", "external_id": format!("refund {}", erased[0]),
        "posted_on": "2024-06-30", "category": "OVERHEAD", "amount": {"amount": "12.34", "currency": "EUR"},
        "note": format!("goodwill for {}", erased[0])}]});
    let (status, report) = keepworth.post("/finance/v1/ledger-entries:batch_upsert", &entry);
    assert_eq!((status, &report["created"]), (200, &json!(1)), "{report}");
    database.execute(
        "simulator",
        "INSERT INTO baselines VALUES ('h', 'b', '2024-12-31', 'EUR', '{}', '2024-12-31 00:00:00')",
    );
    let scenario = format!(
        "INSERT INTO runs VALUES ('r', 'as {0} asked', '# {0} asked', 'h', '{{}}', 'i', '\"x\"', '{{\"scenario\":\"as {0} \
         asked\"}}', '2024-12-31 00:00:00', NULL, NULL, '{{\"name\":\"as {0} asked\"}}')",
        erased[1]
    );
    database.execute("simulator", &scenario);
    let kept = format!(
        "INSERT INTO scenario_versions VALUES ('v', 'k', 1, 'as {0} asked', '# {0} asked', 'x', 'h', NULL, NULL, \
         '{0} asked', '{0} left', true, '2024-12-31 00:00:00', NULL)",
        erased[1]
    );
    database.execute("simulator", &kept);
    let decided = format!(
        "INSERT INTO approval_transitions VALUES ('t', 'k', 1, 'DRAFT', 'SUBMITTED', '{{}}', '{0} asked', 'r', NULL, \
         '[{{\"what\":\"{0}\"}}]', '[{{\"reason\":\"{0}\"}}]', '2024-12-31 00:00:00')",
        erased[1]
    );
    database.execute("simulator", &decided);
    let policy = format!(
        "INSERT INTO approval_policies VALUES (1, '{{}}', '{0} asked', '{{}}', '2024-12-31 00:00:00')",
        erased[1]
    );
    database.execute("simulator", &policy);
    let programme = format!(
        "INSERT INTO programme_versions VALUES ('p', 'about {0}', 1, 'for {0}', 'PROPOSED', \
         '{{\"sponsor\":\"{0}\"}}', '[{{\"reason\":\"{0}\"}}]', 'WRITTEN', '{{}}', '{0} asked', true, \
         '2024-12-31 00:00:00')",
        erased[1]
    );
    database.execute("simulator", &programme);
    let key = format!(
        "INSERT INTO programme_keys VALUES ('{0} first', 'about {0}')",
        erased[1]
    );
    database.execute("simulator", &key);

    let (books_before, others_before) = (books(&database), of_others(&database, &erased));
    assert!(
        !holding(&database, kind, &erased).is_empty(),
        "the scan finds what is there"
    );
    for id in &erased {
        let expected = rows_of(&database, id);
        let done = if id == &erased[2] {
            let erasure = request(&keepworth, id);
            assert_eq!(confirm(&keepworth, &erasure).0, 200);
            wait_for(&keepworth, &erasure, |it| it["state"] == "DONE")
        } else {
            erase(&keepworth, id)
        };
        assert_eq!(told(&done, &expected), expected, "{done}");
    }
    assert_eq!(holding(&database, kind, &erased), Vec::<String>::new());
    assert_eq!(books(&database), books_before, "to the cent");
    assert_eq!(of_others(&database, &erased), others_before);

    // The same files again bring nobody back.
    assert!(send(&keepworth, "3", &records) > ERASED as u64);
    let again = upload(&keepworth, &ids);
    assert!(again["skipped_erased"].as_u64().unwrap() > 0, "{again}");
    assert_eq!(holding(&database, kind, &erased), Vec::<String>::new());
    assert_eq!(of_others(&database, &erased), others_before);
    assert_eq!(books(&database)[1], books_before[1], "no charge twice");

    for line in keepworth.log() {
        assert!(!erased.iter().any(|id| line.contains(id)), "{line}");
    }
    keepworth.terminate();
    keepworth.wait(std::time::Duration::from_secs(60)).unwrap();
    assert_eq!(
        files_holding(database.folder(), &erased),
        Vec::<String>::new()
    );
    if kind == Kind::Sqlite {
        let other = ids.iter().find(|id| !erased.contains(id)).unwrap().clone();
        assert!(
            !files_holding(database.folder(), &[other]).is_empty(),
            "the files hold the others"
        );
    }
}
