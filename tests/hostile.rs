//! Service under hostile load: readers who do not read, bodies that grow, runs without end, amounts
//! that break their sums, processes that start and stop at once.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Company, Database, Keepworth, Kind, on_both_databases, private_folder, run};

on_both_databases!(
    readers_who_do_not_read_hold_nobody_up,
    amounts_that_break_their_sum_are_named,
    processes_may_migrate_at_once,
    a_newer_database_is_refused_by_name,
);

/// Sends customers that are numbered from 0 and long to read.
fn fill(service: &Keepworth, customers: usize) {
    let customer = |id: usize| {
        json!({"source": "crm", "external_id": format!("{}-{id}", "c".repeat(100)),
               "segment": "basic", "acquired_on": "2024-01-01"})
    };
    for from in (0..customers).step_by(5_000) {
        let items: Vec<Value> = (from..from + 5_000).map(customer).collect();
        let body = json!({"import_id": "1", "create_segments": true, "items": items});
        assert_eq!(service.post("/v1/customers:batch_upsert", &body).0, 200);
    }
}

fn readers_who_do_not_read_hold_nobody_up(kind: Kind) {
    let database = Database::new(kind);
    let few = ["database.pool_size=2", "database.wait_seconds=60"];
    let service = Keepworth::start(&["serve", "customers"], &database, &few);
    fill(&service, 40_000);
    let address = service.url.trim_start_matches("http://");
    let token = service.token();
    let silent: Vec<TcpStream> = (0..9)
        .map(|_| {
            let mut stream = TcpStream::connect(address).unwrap();
            let request = format!(
                "GET /v1/feed/episodes?as_of=2025-01-01 HTTP/1.1\r\nhost: localhost\r\n\
                 authorization: Bearer {token}\r\n\r\n"
            );
            stream.write_all(request.as_bytes()).unwrap();
            stream
        })
        .collect();
    // Each has begun to be answered, and takes no more than fits into its socket.
    for stream in &silent {
        let mut first = [0; 12];
        (&*stream).read_exact(&mut first).unwrap();
        assert_eq!(&first, b"HTTP/1.1 200");
    }
    let (status, page) = service.get("/v1/customers?page_size=1");
    assert_eq!(status, 200, "{page}");
    assert_eq!(service.get("/readyz").0, 200);
    let feed = service.at("/v1/feed/episodes?as_of=2025-01-01");
    let feed = service.client().get(feed).send().unwrap();
    assert_eq!(
        feed.text().unwrap().lines().count(),
        40_002,
        "header, rows, trailer"
    );
}

fn amounts_that_break_their_sum_are_named(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    let entry = |id: usize| {
        json!({"source": "erp", "external_id": id.to_string(), "posted_on": "2025-03-10",
               "category": "OVERHEAD", "amount": {"amount": "90000000000000.00", "currency": "EUR"}})
    };
    let items: Vec<Value> = (0..1_100).map(entry).collect();
    let body = json!({"import_id": "1", "create_segments": true, "items": items});
    let (status, report) = keepworth.post("/finance/v1/ledger-entries:batch_upsert", &body);
    assert_eq!(
        (status, &report["created"]),
        (200, &json!(1_100)),
        "{report}"
    );
    let customer = json!({"source": "crm", "external_id": "1", "segment": "basic",
                          "acquired_on": "2025-01-01"});
    let body = json!({"import_id": "1", "create_segments": true, "items": [customer]});
    keepworth.post("/customers/v1/customers:batch_upsert", &body);
    for (status, problem) in [
        keepworth.get("/finance/v1/feed/economics?as_of=2025-06-30"),
        keepworth.post("/simulator/v1/baselines", &json!({"as_of": "2025-06-30"})),
    ] {
        assert_eq!(
            (status, &problem["code"]),
            (409, &json!("too_large")),
            "{problem}"
        );
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains("OVERHEAD costs of 2025-03"), "{detail}");
    }
}

fn processes_may_migrate_at_once(kind: Kind) {
    let database = Database::new(kind);
    let settings = database.settings();
    let migrate = || {
        let mut arguments = vec!["migrate"];
        for setting in &settings {
            arguments.extend(["--set", setting]);
        }
        run(&arguments)
    };
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..6).map(|_| scope.spawn(migrate)).collect();
        for one in running {
            one.join().unwrap().done();
        }
    });
    assert!(migrate().done().stdout.contains("customers: up to date"));
}

fn a_newer_database_is_refused_by_name(kind: Kind) {
    let database = Database::new(kind);
    Keepworth::start(&["serve", "customers"], &database, &[]);
    database.execute(
        "customers",
        "INSERT INTO __diesel_schema_migrations (version) VALUES ('20990101000000')",
    );
    let mut arguments = vec!["migrate".to_owned(), "customers".to_owned()];
    for setting in database.settings() {
        arguments.extend(["--set".to_owned(), setting]);
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let answer = run(&arguments);
    assert_eq!(answer.code, 2, "{answer:?}");
    assert!(
        answer.stderr.contains("a newer Keepworth (20990101000000)"),
        "{answer:?}"
    );
    let keep = ["database.migrate_at_start=false"];
    let service = Keepworth::start(&["serve", "customers"], &database, &keep);
    let (status, ready) = service.get("/readyz");
    let words = ready["services"]["customers"].as_str().unwrap();
    assert!(status == 503 && words.contains("20990101000000"), "{ready}");
}

#[test]
fn a_body_that_unpacks_beyond_the_limit_is_refused() {
    let database = Database::new(Kind::Sqlite);
    let service = Keepworth::start(&["serve", "customers"], &database, &[]);
    let pack = |bytes: usize| {
        let level = flate2::Compression::fast();
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), level);
        let piece = vec![b' '; 1 << 20];
        (0..bytes >> 20).for_each(|_| packer.write_all(&piece).unwrap());
        packer
            .write_all(br#"{"import_id": "1", "items": []}"#)
            .unwrap();
        packer.finish().unwrap()
    };
    let send = |bytes: usize, key: Option<&str>| {
        let client = service.client();
        let mut request = client
            .post(service.at("/v1/customers:batch_upsert"))
            .header("content-type", "application/json")
            .header("content-encoding", "gzip")
            .body(pack(bytes));
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        request.send().unwrap().status().as_u16()
    };
    for key in [None, Some("bomb")] {
        assert_eq!(send(1 << 28, key), 413, "{key:?}");
    }
    for key in [None, Some("small")] {
        assert_eq!(send(1 << 20, key), 200, "{key:?}");
    }
    let status = std::fs::read_to_string(format!("/proc/{}/status", service.pid())).unwrap();
    let peak = status
        .lines()
        .find(|line| line.starts_with("VmHWM"))
        .unwrap();
    let kilobytes: u64 = peak.split_whitespace().nth(1).unwrap().parse().unwrap();
    assert!(kilobytes < 200_000, "unpacked as a whole: {peak}");
}

#[test]
fn only_so_many_runs_wait() {
    let database = Database::new(Kind::Sqlite);
    let keepworth = Keepworth::up(&database);
    Company::new(200, 1).load_into(&keepworth);
    let (_, baseline) = keepworth.post("/simulator/v1/baselines", &json!({"as_of": "2026-06-30"}));
    let scenario = "name = \"Costly\"\nhorizon_months = 120\ndiscount_rate = 0.1\n\
        [[initiatives]]\nname = \"One\"\nreach = { business = 1.0 }\n\
        [[initiatives.effects]]\non = \"hazard\"\nsize = 0.05\n";
    let order = |trials: u64| json!({"scenario": scenario, "baseline_hash": baseline["hash"], "trials": trials});
    let answers: Vec<(u16, Value)> = std::thread::scope(|scope| {
        let send = || scope.spawn(|| keepworth.post("/simulator/v1/runs", &order(100_000)));
        let sent: Vec<_> = (0..14).map(|_| send()).collect();
        sent.into_iter().map(|it| it.join().unwrap()).collect()
    });
    let refused = answers.iter().filter(|(status, _)| *status == 429);
    let (refused, done) = (
        refused.count(),
        answers.iter().filter(|(status, _)| *status == 201).count(),
    );
    assert!(
        refused > 0 && refused + done == 14,
        "{refused} refused, {done} done"
    );
    let mut large = order(100);
    large["scenario"] = format!("{scenario}# {}", "x".repeat(2 << 20)).into();
    let (status, problem) = keepworth.post("/simulator/v1/runs", &large);
    assert_eq!(status, 422, "{problem}");
    large["scenario"] = scenario.replace("One", &"n".repeat(300)).into();
    let (status, problem) = keepworth.post("/simulator/v1/runs", &large);
    assert_eq!(status, 422, "{problem}");
    let fault = &problem["invalid_params"][0];
    assert_eq!(fault["name"], "scenario/initiatives/0/name", "{problem}");
}

#[test]
fn logs_name_routes_and_no_customer() {
    let database = Database::new(Kind::Sqlite);
    let service = Keepworth::start(&["serve", "customers"], &database, &[]);
    service.get("/v1/customers/by-external-id/crm/jane.doe-4711");
    service.get("/v1/customers?source=crm&external_id=jane.doe-4711");
    service.terminate();
    std::thread::sleep(Duration::from_millis(500));
    let log = service.log().join("\n");
    assert!(
        log.contains("by-external-id/{source}/{external_id}"),
        "{log}"
    );
    assert!(!log.contains("jane.doe"), "{log}");
}

#[test]
fn a_second_signal_ends_at_once() {
    let database = Database::new(Kind::Sqlite);
    let mut service = Keepworth::start(&["serve", "customers"], &database, &[]);
    let mut stream = TcpStream::connect(service.url.trim_start_matches("http://")).unwrap();
    let unfinished = format!(
        "POST /v1/customers:batch_upsert HTTP/1.1\r\nhost: localhost\r\n\
         authorization: Bearer {}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{{",
        service.token()
    );
    stream.write_all(unfinished.as_bytes()).unwrap();
    std::thread::sleep(Duration::from_millis(200));
    service.terminate();
    assert_eq!(
        service.wait(Duration::from_millis(500)),
        None,
        "a request is in flight"
    );
    service.terminate();
    let ended = service.wait(Duration::from_secs(20));
    assert_eq!(
        ended.and_then(|it| it.code()),
        Some(130),
        "the 30 s were waited for"
    );
}

#[test]
fn a_stopped_service_leaves_a_whole_file() {
    let database = Database::new(Kind::Sqlite);
    let mut service = Keepworth::start(&["serve", "customers"], &database, &[]);
    fill(&service, 5_000);
    service.terminate();
    assert!(service.wait(Duration::from_secs(60)).unwrap().success());
    let copy = private_folder();
    let file = database.folder().join("customers.db");
    std::fs::copy(file, copy.path().join("customers.db")).unwrap();
    let folder = format!("database.data_dir={}", copy.path().display());
    let count = Command::new(env!("CARGO_BIN_EXE_keepworth"))
        .args(["migrate", "customers", "--set", &folder])
        .output()
        .unwrap();
    assert!(count.status.success());
    let log = database.folder().join("customers.db-wal");
    assert!(
        std::fs::metadata(log).map_or(0, |it| it.len()) == 0,
        "all is in the file"
    );
}

#[test]
fn a_ledger_from_a_web_page_is_refused() {
    let database = Database::new(Kind::Sqlite);
    let service = Keepworth::start(&["serve", "finance"], &database, &[]);
    let answer = service
        .client()
        .post(service.at("/v1/general-ledger:import?source=erp&import_id=a&currency=EUR"))
        .header("content-type", "text/plain")
        .body("posting_date,account,debit,credit,voucher_type,voucher_no\n")
        .send()
        .unwrap();
    assert_eq!(answer.status(), 415);
    assert!(answer.text().unwrap().contains("text/csv"));
}
