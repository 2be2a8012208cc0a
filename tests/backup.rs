//! Backups: taken while services write, whole or not there, and put back as they were.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use crate::support::{Answer, Company, Database, Keepworth, Kind, private_folder, run};

fn on(data: &Path, verb: &str, folder: &Path) -> Answer {
    let data = format!("database.data_dir={}", data.display());
    run(&[verb, folder.to_str().unwrap(), "--set", &data])
}

/// Customers of one import in the order of their numbers.
fn numbers(keepworth: &Keepworth) -> Vec<usize> {
    let mut seen = Vec::new();
    let mut path = "/customers/v1/customers?page_size=500".to_owned();
    loop {
        let (_, page) = keepworth.get(&path);
        let items = page["items"].as_array().unwrap();
        let of_import = items.iter().filter(|it| it["source"] == "stream");
        seen.extend(of_import.map(|it| {
            it["external_id"]
                .as_str()
                .unwrap()
                .parse::<usize>()
                .unwrap()
        }));
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("/customers/v1/customers?page_size=500&cursor={cursor}"),
            None => break,
        }
    }
    seen.sort_unstable();
    seen
}

#[test]
fn a_backup_is_of_one_moment_and_comes_back_whole() {
    let database = Database::new(Kind::Sqlite);
    let keepworth = Keepworth::up(&database);
    Company::new(200, 3).load_into(&keepworth);
    let baseline = |of: &Keepworth| {
        of.post("/simulator/v1/baselines", &json!({"as_of": "2025-12-31"}))
            .1["hash"]
            .clone()
    };
    let before = baseline(&keepworth);
    assert!(before.is_string());
    let folder = private_folder();
    let copy = folder.path().join("copy");
    // Somebody writes one customer after the other all the time.
    let stop = AtomicBool::new(false);
    let written = std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut sent = 0;
            while !stop.load(Ordering::Relaxed) {
                let customer = json!({"source": "stream", "external_id": sent.to_string(),
                    "segment": "starter", "acquired_on": "2026-06-01"});
                let body = json!({"import_id": "1", "create_segments": true, "items": [customer]});
                assert_eq!(
                    keepworth
                        .post("/customers/v1/customers:batch_upsert", &body)
                        .0,
                    200
                );
                sent += 1;
            }
            sent
        });
        while numbers(&keepworth).len() < 5 {}
        on(database.folder(), "backup", &copy).done();
        stop.store(true, Ordering::Relaxed);
        writer.join().unwrap()
    });
    let again = on(database.folder(), "backup", &copy);
    assert!(
        again.code == 2 && again.stderr.contains("is there already"),
        "{again:?}"
    );

    let elsewhere = Database::new(Kind::Sqlite);
    on(elsewhere.folder(), "restore", &copy).done();
    let restored = Keepworth::up(&elsewhere);
    let kept = numbers(&restored);
    assert_eq!(
        kept,
        (0..kept.len()).collect::<Vec<_>>(),
        "what was written until then, and no more"
    );
    assert!(
        (5..=written).contains(&kept.len()),
        "{} of {written}",
        kept.len()
    );
    assert_eq!(baseline(&restored), before, "the same records");
    let refused = on(elsewhere.folder(), "restore", &copy);
    assert!(
        refused.code == 2 && refused.stderr.contains("is there already"),
        "{refused:?}"
    );
    // The log of a database that was moved away would be played into the copy.
    let leftover = private_folder();
    fs::write(leftover.path().join("finance.db-wal"), "x").unwrap();
    let refused = on(leftover.path(), "restore", &copy);
    assert!(
        refused.code == 2 && refused.stderr.contains("finance.db-wal is there already"),
        "{refused:?}"
    );
    assert_eq!(fs::read_dir(leftover.path()).unwrap().count(), 1);
}

#[test]
fn a_backup_that_was_changed_is_refused() {
    let database = Database::new(Kind::Sqlite);
    Keepworth::up(&database);
    let folder = private_folder();
    let copy = folder.path().join("copy");
    on(database.folder(), "backup", &copy).done();
    let manifest: Value =
        serde_json::from_slice(&fs::read(copy.join("manifest.json")).unwrap()).unwrap();
    assert_eq!(manifest["databases"].as_array().unwrap().len(), 4);
    let mut file = fs::read(copy.join("finance.db")).unwrap();
    let last = file.len() - 1;
    file[last] ^= 1;
    fs::write(copy.join("finance.db"), file).unwrap();
    let elsewhere = private_folder();
    let refused = on(elsewhere.path(), "restore", &copy);
    assert!(
        refused.code == 2 && refused.stderr.contains("finance.db is not what was copied"),
        "{refused:?}"
    );
    assert_eq!(
        fs::read_dir(elsewhere.path()).unwrap().count(),
        0,
        "nothing was put back"
    );
    let nothing = on(elsewhere.path(), "backup", &folder.path().join("other"));
    assert!(
        nothing.code == 2 && nothing.stderr.contains("has no database"),
        "{nothing:?}"
    );
    assert!(!folder.path().join("other").exists());
}

/// Copies a file of a database as it is at this moment.
fn copy_by_hand(from: &Path, name: &str, to: &Path) {
    fs::copy(from.join(name), to.join(name)).unwrap();
}

fn migrate(data: &Path) -> Answer {
    let data = format!("database.data_dir={}", data.display());
    run(&["migrate", "customers", "--set", &data])
}

fn write_one(keepworth: &Keepworth, id: &str) {
    let customer = json!({"source": "stream", "external_id": id, "segment": "starter",
                          "acquired_on": "2026-06-01"});
    let body = json!({"import_id": "1", "create_segments": true, "items": [customer]});
    let (status, answer) = keepworth.post("/customers/v1/customers:batch_upsert", &body);
    assert_eq!(status, 200, "{answer}");
}

#[test]
fn a_file_that_was_copied_without_its_log_is_refused() {
    let database = Database::new(Kind::Sqlite);
    let mut keepworth = Keepworth::up(&database);
    write_one(&keepworth, "0");
    let (lone, both) = (private_folder(), private_folder());
    copy_by_hand(database.folder(), "customers.db", lone.path());
    for _ in 0..2 {
        let refused = migrate(lone.path());
        assert!(
            refused.code == 2
                && refused.stderr.contains("customers.db-wal`")
                && refused.stderr.contains("keepworth backup"),
            "{refused:?}"
        );
    }
    // Killed: the log is there, and what is in it; as often as it is opened, by whomever.
    keepworth.kill();
    keepworth.wait(std::time::Duration::from_secs(20)).unwrap();
    copy_by_hand(database.folder(), "customers.db", both.path());
    copy_by_hand(database.folder(), "customers.db-wal", both.path());
    migrate(both.path()).done();
    migrate(both.path()).done();
    assert!(
        !both.path().join("customers.db-wal").exists(),
        "all is in the file"
    );
    copy_by_hand(both.path(), "customers.db", lone.path());
    migrate(lone.path()).done();
    migrate(database.folder()).done();
    assert_eq!(numbers(&Keepworth::up(&database)), [0]);
}

#[test]
fn another_process_leaves_the_log_of_a_running_service() {
    let database = Database::new(Kind::Sqlite);
    let mut keepworth = Keepworth::up(&database);
    write_one(&keepworth, "0");
    // Health looks at the file; doing so it must keep the locks that say that the file is in use.
    assert_eq!(keepworth.get("/readyz").0, 200);
    migrate(database.folder()).done();
    let folder = private_folder();
    on(database.folder(), "backup", &folder.path().join("copy")).done();
    assert!(database.folder().join("customers.db-wal").exists());
    write_one(&keepworth, "1");
    let lone = private_folder();
    copy_by_hand(database.folder(), "customers.db", lone.path());
    assert_eq!(migrate(lone.path()).code, 2, "it is still marked");
    keepworth.kill();
    keepworth.wait(std::time::Duration::from_secs(20)).unwrap();
    assert_eq!(numbers(&Keepworth::up(&database)), [0, 1]);
}
