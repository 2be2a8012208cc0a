//! How long a point read and `/readyz` take while 200 readers hardly read, 200 writers hardly write and
//! runs come without end, on both databases. `make bench-load` runs it.

#![expect(
    clippy::expect_used,
    reason = "a benchmark fails where it cannot go on"
)]

mod server;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use keepworth_store::{Db, DbOptions, StoreError};
use serde_json::{Value, json};

use server::{SERVICES, Server};

/// Readers who hardly read, and writers who hardly write.
const SLOW: usize = 200;
/// Callers who order one run after the other.
const ORDERING: usize = 20;
/// Customers of a feed, so that it does not fit into a socket.
const CUSTOMERS: usize = 100_000;
const LASTS: Duration = Duration::from_secs(30);
/// What the slow ones move, and how often.
const DRIP: (usize, Duration) = (100, Duration::from_millis(100));

fn connect(server: &Server, request: &str) -> TcpStream {
    let address = server.url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).expect("a connection");
    let token = &server.token;
    let head = format!("{request}host: localhost\r\nauthorization: Bearer {token}\r\n\r\n");
    stream.write_all(head.as_bytes()).expect("a request");
    stream
}

fn fill(server: &Server) {
    let customer = |id: usize| {
        json!({"source": "load", "external_id": format!("{}-{id}", "c".repeat(60)),
               "segment": "starter", "acquired_on": "2024-01-01"})
    };
    for from in (0..CUSTOMERS).step_by(5_000) {
        let items: Vec<Value> = (from..from + 5_000).map(customer).collect();
        let body = json!({"import_id": "1", "create_segments": true, "items": items});
        server.post("/customers/v1/customers:batch_upsert", &body);
    }
}

fn read_slowly(server: &Server, over: &AtomicBool) {
    let mut stream = connect(
        server,
        "GET /customers/v1/feed/episodes?as_of=2025-01-01 HTTP/1.1\r\n",
    );
    let mut piece = vec![0; DRIP.0];
    while !over.load(Ordering::Relaxed) && stream.read(&mut piece).is_ok_and(|read| read > 0) {
        std::thread::sleep(DRIP.1);
    }
}

fn write_slowly(server: &Server, over: &AtomicBool) {
    let request = "POST /customers/v1/customers:batch_upsert HTTP/1.1\r\n\
                   content-type: application/json\r\ncontent-length: 1000000\r\n";
    let mut stream = connect(server, request);
    while !over.load(Ordering::Relaxed) && stream.write_all(&[b' '; DRIP.0]).is_ok() {
        std::thread::sleep(DRIP.1);
    }
}

fn order_runs(server: &Server, order: &Value, over: &AtomicBool, done: &AtomicUsize) {
    while !over.load(Ordering::Relaxed) {
        if server.post("/simulator/v1/runs", order)["summary"].is_object() {
            done.fetch_add(1, Ordering::Relaxed);
        } else {
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

/// Asks a path again and again; answers how long each took.
fn ask(server: &Server, path: &str, pause: Duration, over: &AtomicBool) -> Vec<Duration> {
    let client = reqwest::blocking::Client::new();
    let mut took = Vec::new();
    while !over.load(Ordering::Relaxed) {
        let start = Instant::now();
        let answer = client
            .get(format!("{}{path}", server.url))
            .bearer_auth(&server.token)
            .send();
        assert!(
            answer.is_ok_and(|it| it.status().is_success()),
            "{path} is refused"
        );
        took.push(start.elapsed());
        std::thread::sleep(pause);
    }
    took.sort_unstable();
    took
}

fn print(name: &str, took: &[Duration]) {
    let at = |share: f64| took[((took.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    println!(
        "{name:12} {:>7} {:>9.1} {:>9.1} {:>9.1}",
        took.len(),
        at(0.5),
        at(0.99),
        at(1.0)
    );
}

fn main() {
    measure("SQLite", None);
    match std::env::var("KEEPWORTH_TEST_POSTGRES") {
        Ok(server) => {
            create_databases(&server);
            measure("PostgreSQL", Some(&server));
        }
        Err(_) => eprintln!("PostgreSQL is left out: KEEPWORTH_TEST_POSTGRES is not set"),
    }
}

/// The server ends with the benchmark, and its databases with it.
fn create_databases(server: &str) {
    let admin = Db::open(&format!("{server}/postgres"), &DbOptions::default());
    let admin = admin.expect("a server");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    for service in SERVICES {
        let create = format!("CREATE DATABASE load_{service}");
        let made = admin.read(move |conn| conn.batch(&create));
        let made: Result<(), StoreError> = runtime.block_on(made);
        made.expect("a database");
    }
}

fn measure(name: &str, postgres: Option<&str>) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = Server::start(folder.path(), postgres);
    fill(&server);
    let baseline = server.post("/simulator/v1/baselines", &json!({"as_of": "2025-12-31"}));
    let scenario = "name = \"Load\"\nhorizon_months = 60\ndiscount_rate = 0.1\n\
        [[initiatives]]\nname = \"One\"\nreach = { business = 1.0 }\n\
        [[initiatives.effects]]\non = \"hazard\"\nsize = 0.05\n";
    let order = json!({"scenario": scenario, "baseline_hash": baseline["hash"], "trials": 100_000});
    let (over, runs) = (AtomicBool::new(false), AtomicUsize::new(0));
    let (reads, ready) = std::thread::scope(|scope| {
        for _ in 0..SLOW {
            scope.spawn(|| read_slowly(&server, &over));
            scope.spawn(|| write_slowly(&server, &over));
        }
        for _ in 0..ORDERING {
            scope.spawn(|| order_runs(&server, &order, &over, &runs));
        }
        let path = "/customers/v1/customers?page_size=1";
        let reads = scope.spawn(|| ask(&server, path, Duration::from_millis(20), &over));
        let ready = scope.spawn(|| ask(&server, "/readyz", Duration::from_millis(200), &over));
        std::thread::sleep(LASTS);
        over.store(true, Ordering::Relaxed);
        (
            reads.join().expect("reads"),
            ready.join().expect("readiness"),
        )
    });
    println!(
        "{name}: {SLOW} slow readers, {SLOW} slow writers, {} runs done; milliseconds",
        runs.into_inner()
    );
    println!(
        "{:12} {:>7} {:>9} {:>9} {:>9}",
        "", "asked", "median", "p99", "longest"
    );
    print("point read", &reads);
    print("/readyz", &ready);
}
