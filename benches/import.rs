//! How fast customers come in: rows a second through command line, HTTP and service, beside the
//! database's own bulk load of the same rows on the same machine. `make bench-import` runs it.

#![expect(missing_docs, reason = "a benchmark has no callers")]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use keepworth_store::{Conn, Db, DbOptions, RecordId, StoreError, bulk_insert};

/// Customers imported per database.
const CUSTOMERS: usize = 500_000;

diesel::table! {
    bulk_customers (id) {
        id -> Text, source -> Text, external_id -> Text, segment -> Text, acquired_on -> Date,
        acquisition_channel -> Nullable<Text>, observed_from -> Date, observed_to -> Nullable<Date>,
        left_on -> Nullable<Date>, leaving_cause -> Nullable<Text>, content_hash -> Binary,
        import_id -> Text, recorded_at -> Timestamp,
    }
}

#[derive(Insertable)]
#[diesel(table_name = bulk_customers, treat_none_as_default_value = false)]
struct Row {
    id: RecordId,
    source: &'static str,
    external_id: String,
    segment: &'static str,
    acquired_on: NaiveDate,
    acquisition_channel: Option<&'static str>,
    observed_from: NaiveDate,
    observed_to: Option<NaiveDate>,
    left_on: Option<NaiveDate>,
    leaving_cause: Option<&'static str>,
    content_hash: Vec<u8>,
    import_id: &'static str,
    recorded_at: NaiveDateTime,
}

fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    write_files(folder.path());
    let sqlite = format!("sqlite://{}/data/customers.db", folder.path().display());
    let mut targets = vec![("SQLite", sqlite)];
    match std::env::var("KEEPWORTH_TEST_POSTGRES") {
        Ok(server) => targets.push(("PostgreSQL", format!("{server}/postgres"))),
        Err(_) => eprintln!("PostgreSQL is left out: KEEPWORTH_TEST_POSTGRES is not set"),
    }
    println!("{CUSTOMERS} customers, rows a second (higher is better)");
    println!(
        "{:12} {:>14} {:>14} {:>8}",
        "", "import", "bulk load", "share"
    );
    for (name, url) in targets {
        let import = import(folder.path(), &url);
        let bulk = bulk(&url);
        println!(
            "{name:12} {import:>14.0} {bulk:>14.0} {:>7.0}%",
            100.0 * import / bulk
        );
    }
}

fn write_files(folder: &Path) {
    let mut rows = csv::Writer::from_path(folder.join("customers.csv")).expect("a writable folder");
    rows.write_record(["id", "plan", "since", "channel"])
        .expect("a row");
    for number in 0..CUSTOMERS {
        let (id, day) = (format!("C{number:08}"), day(number).to_string());
        rows.write_record([&id, segment(number), &day, "search"])
            .expect("a row");
    }
    rows.flush().expect("a full disk?");
    let mapping = "source = \"bench\"\ncreate_segments = true\n[fields]\nexternal_id = \"{id}\"\n\
                   segment = \"{plan}\"\nacquired_on = \"{since}\"\nacquisition_channel = \"{channel}\"\n";
    std::fs::write(folder.join("map.toml"), mapping).expect("a writable folder");
}

fn segment(number: usize) -> &'static str {
    ["starter", "business", "enterprise"][number % 3]
}

fn day(number: usize) -> NaiveDate {
    NaiveDate::default() + chrono::Days::new(15_000 + number as u64 % 5_000)
}

/// Rows a second through `keepworth import`.
fn import(folder: &Path, database: &str) -> f64 {
    let binary = env!("CARGO_BIN_EXE_keepworth");
    let mut server = Server::start(binary, folder, database);
    let start = Instant::now();
    let status = Command::new(binary)
        .args(["import", "customers"])
        .arg(folder.join("customers.csv"))
        .arg("--mapping")
        .arg(folder.join("map.toml"))
        .env("KEEPWORTH__CUSTOMERS__URL", &server.url)
        .stdout(Stdio::null())
        .status()
        .expect("the binary runs");
    assert!(status.success(), "the import failed");
    let rate = CUSTOMERS as f64 / start.elapsed().as_secs_f64();
    server.stop();
    rate
}

struct Server {
    child: Child,
    url: String,
}

impl Server {
    fn start(binary: &str, folder: &Path, database: &str) -> Self {
        let mut child = Command::new(binary)
            .args([
                "serve",
                "customers",
                "--port",
                "0",
                "--set",
                "log.format=json",
            ])
            .env("KEEPWORTH__CUSTOMERS__DATABASE_URL", database)
            .env("KEEPWORTH__DATABASE__DATA_DIR", folder.join("keys"))
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        let mut lines = BufReader::new(child.stderr.take().expect("piped")).lines();
        let url = loop {
            let line = lines.next().expect("it serves").expect("text");
            let event: serde_json::Value = serde_json::from_str(&line).unwrap_or_default();
            if event["message"] == "serving" {
                break event["url"].as_str().expect("a text").to_owned();
            }
        };
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, url }
    }

    fn stop(&mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
    }
}

/// Rows a second of the database's own bulk load, into a table and indexes of the same form.
fn bulk(url: &str) -> f64 {
    let rows: Vec<Row> = (0..CUSTOMERS)
        .map(|number| Row {
            id: RecordId::generate(),
            source: "bench",
            external_id: format!("C{number:08}"),
            segment: segment(number),
            acquired_on: day(number),
            acquisition_channel: Some("search"),
            observed_from: day(number),
            observed_to: None,
            left_on: None,
            leaving_cause: None,
            content_hash: vec![0; 16],
            import_id: "bench",
            recorded_at: NaiveDateTime::default(),
        })
        .collect();
    let db = Db::open(url, &DbOptions::default()).expect("the database opens");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(db.write(create)).expect("a fresh table");
    let start = Instant::now();
    let load = move |conn: &mut Conn| -> Result<(), StoreError> {
        bulk_insert!(conn, bulk_customers::table, &rows, 13)?;
        Ok(())
    };
    runtime.block_on(db.write(load)).expect("rows load");
    CUSTOMERS as f64 / start.elapsed().as_secs_f64()
}

fn create(conn: &mut Conn) -> Result<(), StoreError> {
    let bytes = match conn.backend() {
        keepworth_store::Backend::Sqlite => "BLOB",
        keepworth_store::Backend::Postgres => "BYTEA",
    };
    conn.batch(&format!(
        "DROP TABLE IF EXISTS bulk_customers;
         CREATE TABLE bulk_customers (id TEXT NOT NULL PRIMARY KEY, source TEXT NOT NULL,
         external_id TEXT NOT NULL, segment TEXT NOT NULL, acquired_on DATE NOT NULL,
         acquisition_channel TEXT, observed_from DATE NOT NULL, observed_to DATE, left_on DATE,
         leaving_cause TEXT, content_hash {bytes} NOT NULL, import_id TEXT NOT NULL,
         recorded_at TIMESTAMP NOT NULL, UNIQUE (source, external_id))"
    ))
}
