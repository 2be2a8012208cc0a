//! Signed heads: what is done to a record by who can write its database is named by what others hold of it.

use std::time::{Duration, Instant};

use keepworth_access::sign::Signer;
use keepworth_store::audit::{self, AuditRow, SignedHead, Wanted};
use keepworth_store::{Conn, Db, DbOptions, StoreError};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::{Answer, Database, Keepworth, Kind, on_both_databases, run};

on_both_databases!(
    what_is_done_to_a_record_is_named_by_what_others_hold,
    a_head_under_another_key_is_refused,
    a_key_can_be_changed,
    the_last_head_is_in_the_log,
);

fn customers(keepworth: &Keepworth, ids: std::ops::Range<u32>) {
    for id in ids {
        let item = json!({"source": "crm", "external_id": id.to_string(), "segment": "smb", "acquired_on": "2024-01-01"});
        let batch = json!({"import_id": "1", "create_segments": true, "items": [item]});
        let (status, answer) = keepworth.post("/customers/v1/customers:batch_upsert", &batch);
        assert_eq!(status, 200, "{answer}");
    }
}

fn read<T: Send + 'static>(
    database: &Database,
    service: &str,
    work: fn(&mut Conn) -> Result<T, StoreError>,
) -> T {
    let db = Db::open(database.url(service).as_str(), &DbOptions::default()).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(db.read(work)).unwrap()
}

/// The heads of a service that another keeps.
fn kept(database: &Database, of: &str, by: &str) -> Vec<SignedHead> {
    let all = read(database, by, audit::kept).into_iter();
    all.filter(|(service, _)| service == of)
        .map(|(_, head)| head.parse().unwrap())
        .collect()
}

fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(60), "{what}");
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// A process that signs and exchanges every second, until another holds so many entries of customers.
fn exchanging(database: &Database, entries: u32) -> Keepworth {
    let keepworth = Keepworth::start(&["up"], database, &["audit.head_seconds=1"]);
    customers(&keepworth, 0..entries);
    for by in ["finance", "simulator"] {
        until("the head is exchanged", || {
            let last = kept(database, "customers", by).pop();
            last.is_some_and(|it| it.head().seq == i64::from(entries))
        });
    }
    keepworth
}

fn audit(database: &Database, arguments: &[&str]) -> Answer {
    let settings = database.settings();
    let settings = settings.iter().flat_map(|it| ["--set", it]);
    let arguments = ["audit"].into_iter().chain(arguments.iter().copied());
    run(&arguments.chain(settings).collect::<Vec<_>>())
}

/// What `audit verify` finds, and says of customers.
fn broken(database: &Database, arguments: &[&str]) -> String {
    let answer = audit(
        database,
        &[&["verify", "--format", "json"], arguments].concat(),
    );
    assert_eq!(answer.code, 2, "{answer:?}");
    assert!(answer.stderr.contains("customers"), "{answer:?}");
    let stands: Value = serde_json::from_str(&answer.stdout).unwrap();
    stands[0]["broken"].as_str().unwrap().to_owned()
}

fn stop(mut keepworth: Keepworth) -> Vec<String> {
    keepworth.terminate();
    keepworth.wait(Duration::from_secs(60)).unwrap();
    std::thread::sleep(Duration::from_millis(200));
    keepworth.log()
}

fn digits(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Statements that write the chain anew, with another text in its third entry, and its table of heads.
fn anew(rows: &[AuditRow], kind: Kind) -> String {
    let literal = |hash: &[u8]| match kind {
        Kind::Sqlite => format!("X'{}'", digits(hash)),
        Kind::Postgres => format!("'\\x{}'", digits(hash)),
    };
    let (mut before, mut statements) = (Vec::new(), String::new());
    for row in rows {
        let entry = match row.seq {
            3 => row.entry.replace("\"local\"", "\"other\""),
            _ => row.entry.clone(),
        };
        let mut digest = Sha256::new();
        digest.update(b"keepworth-audit-1");
        digest.update(row.seq.to_be_bytes());
        digest.update(&before);
        digest.update(&entry);
        before = digest.finalize().to_vec();
        let (hash, seq) = (literal(&before), row.seq);
        statements += &format!(
            "UPDATE audit_entries SET entry = '{entry}', hash = {hash} WHERE seq = {seq};"
        );
    }
    statements + &format!("UPDATE audit_heads SET hash = {}", literal(&before))
}

fn what_is_done_to_a_record_is_named_by_what_others_hold(kind: Kind) {
    let database = Database::new(kind);
    stop(exchanging(&database, 6));
    let verified = audit(&database, &["verify", "--format", "json"])
        .done()
        .json();
    let heads = verified[0]["signed_heads"].as_u64().unwrap();
    assert!(heads >= 3, "by itself, finance and simulator: {verified}");
    let rows = read(&database, "customers", |conn| {
        audit::list(conn, &Wanted::default(), 100)
    });
    let keep = "CREATE TABLE a AS SELECT * FROM audit_entries; CREATE TABLE b AS SELECT * FROM audit_heads; \
        CREATE TABLE c AS SELECT * FROM audit_kept_heads";
    database.execute("customers", keep);
    let back = "DELETE FROM audit_entries; INSERT INTO audit_entries SELECT * FROM a; \
        DELETE FROM audit_heads; INSERT INTO audit_heads SELECT * FROM b; \
        DELETE FROM audit_kept_heads; INSERT INTO audit_kept_heads SELECT * FROM c";
    let after = |statements: &str| {
        database.execute("customers", statements);
        let found = broken(&database, &[]);
        database.execute("customers", back);
        audit(&database, &["verify"]).done();
        found
    };
    let found =
        after("UPDATE audit_entries SET entry = REPLACE(entry, 'local', 'lokal') WHERE seq = 3");
    assert!(
        found.starts_with("entry 3 is not what was written"),
        "{found}"
    );
    let found = after("DELETE FROM audit_entries WHERE seq = 4");
    assert_eq!(found, "entry 4 is missing");
    // Who can write the database writes its table of heads as well, and removes what it signed.
    let forget = "DELETE FROM audit_kept_heads";
    let found = after(&format!(
        "DELETE FROM audit_entries WHERE seq > 4; UPDATE audit_heads SET seq = 4, \
         hash = (SELECT hash FROM audit_entries WHERE seq = 4); {forget}"
    ));
    assert!(
        found.contains("ends with entry 4, and had 6") && found.contains("kept by"),
        "{found}"
    );
    let found = after(&format!("{}; {forget}", anew(&rows, kind)));
    assert!(
        found.contains("another hash than it had") && found.contains("written anew"),
        "{found}"
    );
    assert!(
        found.contains("kept by finance") || found.contains("kept by simulator"),
        "{found}"
    );
}

fn a_head_under_another_key_is_refused(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = exchanging(&database, 2);
    let stranger = Signer::generate().unwrap();
    let forge = |service: &str, seq: i64| {
        let head = format!("{seq}:{}", "ab".repeat(32)).parse().unwrap();
        SignedHead::new(service, head, keepworth_store::now(), &stranger).to_string()
    };
    let leave =
        |head: &str| keepworth.post("/simulator/v1/audit-heads:keep", &json!({"head": head}));
    let (status, problem) = leave(&forge("customers", 9));
    assert_eq!(
        (status, &problem["code"]),
        (409, &json!("audit_head_refused"))
    );
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .contains("believed_keys"),
        "{problem}"
    );
    let (status, problem) = leave(&forge("simulator", 9));
    assert_eq!(status, 409, "its own: {problem}");
    let real = kept(&database, "customers", "simulator");
    assert!(
        real.iter().all(|it| it.head().seq <= 2),
        "nothing of it is kept"
    );
    let changed = real[0].to_string().replace("/customers/", "/finance/");
    let (status, problem) = leave(&changed);
    assert_eq!(status, 422, "{problem}");
    let (_, own) = keepworth.get("/customers/v1/audit-head");
    assert_eq!(
        (&own["service"], &own["seq"]),
        (&json!("customers"), &json!(2))
    );
    assert_eq!(leave(own["head"].as_str().unwrap()).0, 200);
    // One that goes back, of the right key: nobody but the service itself can have signed it.
    let key = std::fs::read_to_string(database.folder().join("audit-signing.key")).unwrap();
    let signer = Signer::from_file(&key).unwrap();
    let head = |text: &str| {
        SignedHead::new(
            "customers",
            text.parse().unwrap(),
            keepworth_store::now(),
            &signer,
        )
    };
    let (status, problem) = leave(&head(&format!("1:{}", "ab".repeat(32))).to_string());
    assert_eq!(status, 409);
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .contains("its end was cut"),
        "{problem}"
    );
    let (status, problem) = leave(&head(&format!("2:{}", "ab".repeat(32))).to_string());
    assert_eq!(status, 409);
    assert!(
        problem["detail"].as_str().unwrap().contains("written anew"),
        "{problem}"
    );
    stop(keepworth);

    let file = database.folder().join("noted.log");
    let verify = |text: &str| {
        std::fs::write(&file, text).unwrap();
        audit(&database, &["verify", "--head", file.to_str().unwrap()])
    };
    let refused = verify(&forge("customers", 2));
    assert!(
        refused.code == 2 && refused.stderr.contains("another key"),
        "{refused:?}"
    );
    let refused = verify(&changed);
    assert!(
        refused.code == 2 && refused.stderr.contains("not what was signed"),
        "{refused:?}"
    );
    let refused = verify("nothing");
    assert!(
        refused.code == 2 && refused.stderr.contains("no signed head"),
        "{refused:?}"
    );
    verify(&format!("INFO head={}", real[0])).done();
    // Whoever plants a head of their own where it is kept, is found as well.
    let planted = format!(
        "INSERT INTO audit_kept_heads (service, seq, head, kept_at) VALUES ('customers', 9, '{}', CURRENT_TIMESTAMP)",
        forge("customers", 9)
    );
    database.execute("finance", &planted);
    let found = broken(&database, &[]);
    assert!(
        found.contains("kept by finance") && found.contains("another key"),
        "{found}"
    );
}

fn a_key_can_be_changed(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = exchanging(&database, 1);
    let key = |arguments: &[&str]| {
        let arguments = [&["key", "--format", "json"], arguments].concat();
        audit(&database, &arguments).done().json()
    };
    let old = key(&[]);
    let new = key(&["--rotate"]);
    assert_eq!(new[1]["key"], old[0]["key"], "it stays listed");
    assert!(
        new[0]["key"] != old[0]["key"] && new[0]["is_in_use"] == true,
        "{new}"
    );
    customers(&keepworth, 1..2);
    until("a head under the new key is kept", || {
        let last = kept(&database, "customers", "simulator").pop().unwrap();
        last.head().seq == 2 && json!(last.lineage().key().to_string()) == new[0]["key"]
    });
    stop(keepworth);
    audit(&database, &["verify"]).done();
    for known in [&old[0]["key"], &new[0]["key"]] {
        audit(&database, &["verify", "--key", known.as_str().unwrap()]).done();
    }
    let signed = audit(&database, &["head", "customers", "--format", "json"])
        .done()
        .json();
    let head: SignedHead = signed[0]["head"].as_str().unwrap().parse().unwrap();
    assert_eq!(head.head().seq, 2);
}

/// Of a record of which no other service holds anything yet, the log does.
fn the_last_head_is_in_the_log(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    customers(&keepworth, 0..3);
    let log = stop(keepworth).join("\n");
    let file = database.folder().join("keepworth.log");
    std::fs::write(&file, &log).unwrap();
    let found: Vec<_> = SignedHead::find_in(&log).map(Result::unwrap).collect();
    assert!(
        found
            .iter()
            .any(|it| it.service() == "customers" && it.head().seq == 3),
        "{log}"
    );
    let cut = "DELETE FROM audit_entries WHERE seq = 3; UPDATE audit_heads SET seq = 2, \
        hash = (SELECT hash FROM audit_entries WHERE seq = 2); DELETE FROM audit_kept_heads";
    database.execute("customers", cut);
    audit(&database, &["verify"]).done();
    let found = broken(&database, &["--head", file.to_str().unwrap()]);
    assert!(
        found.contains("had 3") && found.contains("keepworth.log"),
        "{found}"
    );
}
