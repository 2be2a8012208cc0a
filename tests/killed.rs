//! Killed in the middle of writing, at any moment: what was acknowledged is there, nothing is there
//! twice, nothing in part.

use std::collections::BTreeSet;
use std::time::Duration;

use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};

use crate::support::{Database, Keepworth, Kind, on_both_databases};

on_both_databases!(what_was_acknowledged_is_there_once);

/// How often each database is killed. `make slow` does so 250 times.
const ROUNDS: u64 = if cfg!(feature = "slow-tests") {
    250
} else {
    10
};
/// Rows of a batch.
const ROWS: usize = 100;
/// Where batches go, and the list of what they wrote.
const PATHS: [&str; 6] = [
    "/customers/v1/customers",
    "/customers/v1/lifecycle-events",
    "/experience/v1/interactions",
    "/experience/v1/feedback",
    "/finance/v1/revenues",
    "/finance/v1/ledger-entries",
];

/// A batch on its way: its number, and whether it was acknowledged.
#[derive(Debug, Clone, Copy)]
struct Sent {
    path: &'static str,
    number: usize,
    is_acknowledged: bool,
}

/// A row; customers are those of the first batch, which is written before anything is killed.
fn row(path: &str, id: usize) -> Value {
    let mut row = match path.rsplit('/').next().unwrap() {
        "customers" => json!({"segment": "basic", "acquired_on": "2024-01-01"}),
        "lifecycle-events" => json!({"kind": "RENEWED", "occurred_on": "2024-05-01"}),
        "interactions" => json!({"channel": "phone", "started_at": "2024-05-01T10:00:00Z",
                                 "handle_seconds": 60, "outcome": "RESOLVED"}),
        "feedback" => json!({"kind": "NPS", "score": 9, "responded_at": "2024-05-01T10:00:00Z"}),
        "revenues" => json!({"month": "2024-05", "amount": {"amount": "1.00", "currency": "EUR"}}),
        _ => json!({"posted_on": "2024-05-01", "category": "OVERHEAD",
                    "amount": {"amount": "1.00", "currency": "EUR"}}),
    };
    row["source"] = "crm".into();
    row["external_id"] = id.to_string().into();
    if !path.ends_with("customers") && !path.ends_with("ledger-entries") {
        row["customer_external_id"] = (id % ROWS).to_string().into();
    }
    row
}

fn batch(path: &str, number: usize) -> Value {
    let items: Vec<Value> = (number * ROWS..(number + 1) * ROWS)
        .map(|id| row(path, id))
        .collect();
    json!({"import_id": number.to_string(), "create_segments": true, "items": items})
}

/// Sends a batch; none when nobody answers.
fn send(keepworth: &Keepworth, path: &str, number: usize) -> Option<Value> {
    let client = keepworth.client();
    let request = client
        .post(keepworth.at(&format!("{path}:batch_upsert")))
        .json(&batch(path, number));
    // Every other one may be sent again under its key.
    let request = match number % 2 {
        0 => request.header(
            "idempotency-key",
            format!("{path}-{number}").replace('/', "-"),
        ),
        _ => request,
    };
    let response = request.send().ok()?;
    let status = response.status();
    let answer: Value = response.json().ok()?;
    assert_eq!(status, 200, "{path} {number}: {answer}");
    assert_eq!(answer["rejected"], json!([]), "{path} {number}");
    Some(answer)
}

/// Writes to a path from batch `first` on until nobody answers any more.
fn write(keepworth: &Keepworth, path: &'static str, first: usize) -> Vec<Sent> {
    let mut sent = Vec::new();
    for number in first.. {
        let is_acknowledged = send(keepworth, path, number).is_some();
        sent.push(Sent {
            path,
            number,
            is_acknowledged,
        });
        if !is_acknowledged {
            break;
        }
    }
    sent
}

/// How many rows of a batch were there before it was sent again.
fn found(keepworth: &Keepworth, sent: Sent) -> u64 {
    let client = keepworth.client();
    let url = keepworth.at(&format!("{}:batch_upsert", sent.path));
    let answer = client
        .post(url)
        .json(&batch(sent.path, sent.number))
        .send()
        .unwrap();
    let report: Value = answer.json().unwrap();
    let count = |name: &str| report[name].as_u64().unwrap();
    assert_eq!(
        count("created") + count("unchanged"),
        ROWS as u64,
        "{sent:?}: {report}"
    );
    count("unchanged")
}

fn ids(keepworth: &Keepworth, path: &str) -> Vec<String> {
    let (mut ids, mut cursor) = (Vec::new(), String::new());
    loop {
        let (_, page) = keepworth.get(&format!("{path}?page_size=1000{cursor}"));
        let items = page["items"]
            .as_array()
            .unwrap_or_else(|| panic!("{path}: {page}"));
        let id = |item: &Value| {
            let record = item.get("record").unwrap_or(item);
            record["external_id"].as_str().unwrap().to_owned()
        };
        ids.extend(items.iter().map(id));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return ids,
        }
    }
}

fn what_was_acknowledged_is_there_once(kind: Kind) {
    let database = Database::new(kind);
    let mut rng = rand::rngs::SmallRng::seed_from_u64(9);
    let mut next = PATHS.map(|path| (path, 1));
    let mut keepworth = Keepworth::up(&database);
    PATHS
        .iter()
        .for_each(|path| assert!(send(&keepworth, path, 0).is_some()));
    let (mut acknowledged, mut unheard) = (0, 0);
    for _ in 0..ROUNDS {
        let wait = Duration::from_millis(rng.random_range(0..400));
        let sent: Vec<Vec<Sent>> = std::thread::scope(|scope| {
            let keepworth = &keepworth;
            let write = |(path, first)| scope.spawn(move || write(keepworth, path, first));
            let writing: Vec<_> = next.into_iter().map(write).collect();
            std::thread::sleep(wait);
            keepworth.kill();
            writing.into_iter().map(|it| it.join().unwrap()).collect()
        });
        keepworth = Keepworth::up(&database);
        for (place, sent) in next.iter_mut().zip(sent) {
            place.1 += sent.len();
            for sent in sent {
                let found = found(&keepworth, sent);
                acknowledged += u64::from(sent.is_acknowledged);
                unheard += u64::from(!sent.is_acknowledged);
                assert!(
                    found == 0 || found == ROWS as u64,
                    "{sent:?}: {found} of {ROWS}"
                );
                assert!(found > 0 || !sent.is_acknowledged, "{sent:?} is lost");
            }
        }
    }
    // Events have no list of their own: they change customers.
    let listed = next.iter().filter(|(path, _)| !path.ends_with("events"));
    for (path, batches) in listed {
        let ids = ids(&keepworth, path);
        let distinct: BTreeSet<&String> = ids.iter().collect();
        assert_eq!(
            (ids.len(), distinct.len()),
            (batches * ROWS, batches * ROWS),
            "{path}"
        );
    }
    assert!(unheard >= ROUNDS, "killed while writing");
    eprintln!(
        "{kind:?}: {ROUNDS} kills, {acknowledged} batches acknowledged, {unheard} not: 0 lost, 0 doubled, 0 in part"
    );
}

/// How often PostgreSQL has waited until its log is on disk; none where it never waits or does not say.
#[cfg(feature = "slow-tests")]
fn syncs(database: &Database) -> Option<i64> {
    use diesel::{Connection, RunQueryDsl};
    #[derive(diesel::QueryableByName)]
    struct Syncs {
        #[diesel(sql_type = diesel::sql_types::Nullable<diesel::sql_types::BigInt>)]
        syncs: Option<i64>,
    }
    // Backends that do nothing tell what they counted after ten seconds.
    std::thread::sleep(Duration::from_secs(15));
    let mut conn = diesel::PgConnection::establish(&database.url("customers")).unwrap();
    // As JSON: PostgreSQL 18 has no such column.
    let query = "SELECT CASE current_setting('fsync') WHEN 'on' THEN \
        (to_jsonb(w)->>'wal_sync')::bigint END AS syncs FROM pg_stat_wal w";
    let found: Syncs = diesel::sql_query(query).get_result(&mut conn).unwrap();
    found.syncs
}

/// Kills end a process, not a machine: what only the system's memory has survives them. So the waits for the
/// disk are counted.
#[test]
#[cfg(feature = "slow-tests")]
fn every_batch_waits_for_the_disk() {
    const BATCHES: usize = 100;
    if !Kind::postgres_is_there("every_batch_waits_for_the_disk") {
        return;
    }
    let database = Database::new(Kind::Postgres);
    let keepworth = Keepworth::up(&database);
    let Some(before) = syncs(&database) else {
        eprintln!(
            "skipped: PostgreSQL runs with fsync=off (set KEEPWORTH_TEST_FSYNC=on) or counts no syncs"
        );
        return;
    };
    for number in 0..BATCHES {
        assert!(send(&keepworth, PATHS[0], number).is_some());
    }
    let waited = syncs(&database).unwrap() - before;
    eprintln!(
        "{waited} syncs of the log for {BATCHES} batches of {ROWS} rows, one after the other"
    );
    assert!(waited >= BATCHES as i64, "{waited} syncs");
}
