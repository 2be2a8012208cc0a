//! Serving: health, problems, limits, locks, and stopping without losing a request.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::mpsc;
use std::time::Duration;

use crate::support::{Database, Keepworth, Kind, on_both_databases, run};

on_both_databases!(
    a_service_of_its_own_answers_at_the_root,
    requests_in_flight_finish,
    head_is_get_without_its_body,
    pages_cover_everything_once
);

fn customer(id: usize) -> serde_json::Value {
    serde_json::json!({
        "source": "crm", "external_id": id.to_string(), "segment": "basic", "acquired_on": "2024-01-01",
    })
}

fn batch(items: &[serde_json::Value]) -> serde_json::Value {
    serde_json::json!({"import_id": "1", "create_segments": true, "items": items})
}

fn a_service_of_its_own_answers_at_the_root(kind: Kind) {
    let database = Database::new(kind);
    for name in ["customers", "experience", "finance", "simulator"] {
        let service = Keepworth::start(&["serve", name], &database, &[]);
        assert_eq!(service.get("/livez").0, 200);
        let (status, ready) = service.get("/readyz");
        assert_eq!((status, &ready["services"][name]), (200, &"ready".into()));
        let (_, contract) = service.get("/openapi.json");
        assert_eq!(contract["info"]["title"], format!("Keepworth {name}"));
        let docs = service.stranger().get(service.at("/docs")).send().unwrap();
        assert!(docs.status().is_success() && docs.text().unwrap().contains("swagger"));
    }
}

/// What two answers to the same question need not have alike.
const OF_AN_ANSWER: [&str; 2] = ["date", "x-request-id"];

fn head_is_get_without_its_body(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    let none = "0190b9d6-0000-7000-8000-000000000000";
    let unknown = format!("/finance/v1/revenues/{none}");
    for path in [
        "/livez",
        "/finance/openapi.json",
        "/customers/v1/customers?page_size=5",
        "/customers/v1/customers?page_size=0",
        "/simulator/v1/runs",
        &unknown,
    ] {
        let (get, head) = (
            keepworth.client().get(keepworth.at(path)).send().unwrap(),
            keepworth.client().head(keepworth.at(path)).send().unwrap(),
        );
        assert_eq!(head.status(), get.status(), "{path}");
        let headers = |it: &reqwest::blocking::Response| {
            let mut headers = it.headers().clone();
            for name in OF_AN_ANSWER {
                headers.remove(name);
            }
            headers
        };
        assert_eq!(headers(&head), headers(&get), "{path}");
        assert_eq!(head.bytes().unwrap(), "", "{path}");
        assert_ne!(get.bytes().unwrap(), "", "{path}");
    }
    let stranger = keepworth.stranger();
    let stranger = stranger.head(keepworth.at("/customers/v1/customers"));
    assert_eq!(stranger.send().unwrap().status(), 401);
    for (path, allowed) in [
        ("/customers/v1/customers:batch_upsert", "POST"),
        ("/customers/v1/feed/cohorts?as_of=2026-06-30", "GET"),
    ] {
        let answer = keepworth.client().head(keepworth.at(path)).send().unwrap();
        assert_eq!(answer.status(), 405, "{path}");
        assert_eq!(answer.headers()["allow"], allowed, "{path}");
    }
    let answer = keepworth
        .client()
        .delete(keepworth.at("/finance/v1/accounts"));
    let answer = answer.send().unwrap();
    assert_eq!(answer.headers()["allow"], "GET, HEAD");
}

fn requests_in_flight_finish(kind: Kind) {
    let database = Database::new(kind);
    let mut service = Keepworth::start(&["serve", "customers"], &database, &[]);
    let body = batch(&(0..2_000).map(customer).collect::<Vec<_>>()).to_string();
    let mut stream = TcpStream::connect(service.url.trim_start_matches("http://")).unwrap();
    write!(
        stream,
        "POST /v1/customers:batch_upsert HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
         authorization: Bearer {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        service.token(),
        body.len()
    )
    .unwrap();
    let (first, rest) = body.as_bytes().split_at(body.len() / 2);
    stream.write_all(first).unwrap();
    std::thread::sleep(Duration::from_millis(200));
    service.terminate();
    std::thread::sleep(Duration::from_millis(200));
    stream.write_all(rest).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.contains("\"created\":2000"),
        "{answer}"
    );
    assert!(service.wait(Duration::from_secs(60)).unwrap().success());
    let again = Keepworth::start(&["serve", "customers"], &database, &[]);
    assert_eq!(
        again.get("/v1/customers/by-external-id/crm/1999").0,
        200,
        "nothing was lost"
    );
}

fn pages_cover_everything_once(kind: Kind) {
    let database = Database::new(kind);
    let service = Keepworth::start(&["serve", "customers"], &database, &[]);
    service.post(
        "/v1/customers:batch_upsert",
        &batch(&(0..25).map(customer).collect::<Vec<_>>()),
    );
    let mut seen = std::collections::BTreeSet::new();
    let mut path = "/v1/customers?page_size=10".to_owned();
    let mut pages = 0;
    loop {
        let (_, page) = service.get(&path);
        pages += 1;
        for item in page["items"].as_array().unwrap() {
            assert!(
                seen.insert(item["external_id"].as_str().unwrap().to_owned()),
                "twice: {item}"
            );
        }
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("/v1/customers?page_size=10&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!((seen.len(), pages), (25, 3));
}

#[test]
fn problems_say_what_is_wrong_and_carry_the_request_id() {
    let database = Database::new(Kind::Sqlite);
    let service = Keepworth::start(&["serve", "customers"], &database, &[]);
    let client = service.client();
    for (path, status, words) in [
        ("/v1/customers?pagesize=3", 400, "pagesize"),
        ("/v1/customers?page_size=0", 400, "page_size"),
        ("/v1/customers?cursor=x", 400, "cursor"),
        (
            "/v1/customers/0190b9d6-0000-7000-8000-000000000000",
            404,
            "0190b9d6",
        ),
        ("/v1/customers/x", 404, "path"),
        ("/v1/nothing", 404, "no such path"),
        ("/v1/feed/cohorts?as_of=yesterday", 400, "query"),
        (
            "/v1/feed/cohorts?as_of=%2B262142-12-31",
            400,
            "outside 1900 to 9999",
        ),
        ("/v1/customers?segment=%00", 400, "segment"),
    ] {
        let response = client
            .get(service.at(path))
            .header("x-request-id", "test-1")
            .send()
            .unwrap();
        assert_eq!(response.status(), status, "{path}");
        assert_eq!(
            response.headers()["content-type"],
            "application/problem+json",
            "{path}"
        );
        assert_eq!(response.headers()["x-request-id"], "test-1");
        let problem: serde_json::Value = response.json().unwrap();
        assert_eq!(problem["request_id"], "test-1", "{path}");
        assert!(
            problem["detail"].as_str().unwrap().contains(words),
            "{path}: {problem}"
        );
    }
}

#[test]
fn what_is_too_large_or_not_json_is_refused() {
    let database = Database::new(Kind::Sqlite);
    let service = Keepworth::start(
        &["serve", "customers"],
        &database,
        &["server.body_limit_bytes=65536"],
    );
    let (status, problem) = service.post(
        "/v1/customers:batch_upsert",
        &batch(&(0..2_000).map(customer).collect::<Vec<_>>()),
    );
    assert_eq!((status, &problem["code"]), (413, &"body_too_large".into()));
    let client = service.client();
    let post = |body: &'static str, kind: &str| {
        let request = client
            .post(service.at("/v1/customers:batch_upsert"))
            .body(body);
        let response = request.header("content-type", kind).send().unwrap();
        (response.status().as_u16(), response.text().unwrap())
    };
    assert_eq!(post("id,plan", "text/csv").0, 415);
    let misspelt = r#"{"import_id": "1", "dry_runn": true, "items": []}"#;
    let (status, text) = post(misspelt, "application/json");
    assert!(status == 422 && text.contains("dry_runn"), "{text}");
    let (status, text) = post(
        "{\"import_id\":\"1\",\"items\":[{\"sauce\":\"x\"}]}",
        "application/json",
    );
    assert!(
        status == 200 && text.contains("sauce"),
        "a row of its own: {text}"
    );
    assert_eq!(post("{\"import_id\":", "application/json").0, 400);
}

#[test]
fn a_locked_database_is_said_to_be_locked_and_nothing_is_half_written() {
    let database = Database::new(Kind::Sqlite);
    let service = Keepworth::start(
        &["serve", "customers"],
        &database,
        &["database.wait_seconds=1"],
    );
    let (locked, release) = hold_lock(&database.url("customers"));
    locked.recv().unwrap();
    let body = batch(&[customer(1)]);
    let (status, problem) = service.post("/v1/customers:batch_upsert", &body);
    release.send(()).unwrap();
    assert_eq!(
        (status, &problem["code"]),
        (503, &"database_locked".into()),
        "{problem}"
    );
    assert_eq!(
        service.get("/v1/customers").1["items"],
        serde_json::json!([])
    );
    let log = service.log();
    let causes = log.iter().filter(|line| line.contains("database_locked"));
    assert_eq!(
        causes.count(),
        1,
        "the cause of a 503 is logged once: {log:?}"
    );
    assert_eq!(service.post("/v1/customers:batch_upsert", &body).0, 200);
}

#[test]
fn a_read_only_database_is_said_to_be_read_only() {
    if !Kind::postgres_is_there("a_read_only_database_is_said_to_be_read_only") {
        return;
    }
    let database = Database::new(Kind::Postgres);
    Keepworth::start(&["serve", "customers"], &database, &[]);
    database.make_read_only("customers");
    let keep = ["database.migrate_at_start=false"];
    let service = Keepworth::start(&["serve", "customers"], &database, &keep);
    let body = batch(&[customer(1)]);
    let (status, problem) = service.post("/v1/customers:batch_upsert", &body);
    assert_eq!(
        (status, &problem["code"]),
        (503, &"database_read_only".into()),
        "{problem}"
    );
    assert_eq!(
        service.get("/v1/customers").1["items"],
        serde_json::json!([])
    );
}

/// Holds the write lock of a database from when the first channel speaks until the second does.
fn hold_lock(url: &str) -> (mpsc::Receiver<()>, mpsc::Sender<()>) {
    let (locked, is_locked) = mpsc::channel();
    let (release, is_released) = mpsc::channel();
    let db = keepworth_store::Db::open(url, &keepworth_store::DbOptions::default()).unwrap();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(db.write(move |_| {
            locked.send(()).unwrap();
            is_released.recv().unwrap();
            Ok::<_, keepworth_store::StoreError>(())
        }))
    });
    (is_locked, release)
}

#[test]
fn the_facts_of_a_day_to_come_are_known_to_nobody() {
    let database = Database::new(Kind::Sqlite);
    let keepworth = Keepworth::up(&database);
    for feed in [
        "customers/v1/feed/cohorts",
        "customers/v1/feed/episodes",
        "experience/v1/feed/metrics",
        "experience/v1/feed/exposures",
        "finance/v1/feed/economics",
        "finance/v1/feed/revenues",
    ] {
        let (status, problem) = keepworth.get(&format!("/{feed}?as_of=9999-12-31"));
        let detail = problem["detail"].as_str().unwrap();
        assert_eq!(status, 400, "{feed}: {problem}");
        assert!(detail.contains("9999-12-31 has not come yet"), "{detail}");
    }
}

#[test]
fn an_unknown_setting_is_named() {
    let answer = run(&["config", "show", "--set", "server.prot=1"]);
    assert_eq!(answer.code, 2);
    assert!(answer.stderr.contains("prot"), "{}", answer.stderr);
    for key in ["database.wait_seconds", "database.statement_seconds"] {
        let answer = run(&["config", "show", "--set", &format!("{key}=0")]);
        assert_eq!(answer.code, 2);
        assert!(answer.stderr.contains(&format!("{key} is 0")), "{answer:?}");
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    fs::write(
        &file,
        "[finance]\ndatabase_url = \"postgres://me:s3cret@db/finance\"\n",
    )
    .unwrap();
    let shown = run(&["config", "show", "--config", file.to_str().unwrap()])
        .done()
        .stdout;
    assert!(
        shown.contains("me:***@db") && !shown.contains("s3cret"),
        "{shown}"
    );
}

#[test]
fn a_path_says_which_methods_it_has() {
    let database = Database::new(Kind::Sqlite);
    let keepworth = Keepworth::up(&database);
    let ask = |method: reqwest::Method, path: &str| {
        let client = keepworth.client();
        let answer = client.request(method, keepworth.at(path)).send().unwrap();
        let allowed = answer.headers().get("allow");
        let allowed = allowed.map(|it| it.to_str().unwrap().to_owned());
        (answer.status().as_u16(), allowed)
    };
    for (path, methods) in [
        ("/customers/v1/customers", "GET, HEAD"),
        ("/customers/v1/customers:batch_upsert", "POST"),
        ("/customers/v1/segments/basic", "GET, HEAD, PUT, DELETE"),
    ] {
        for method in [reqwest::Method::PATCH, reqwest::Method::TRACE] {
            let found = ask(method, path);
            assert_eq!(found, (405, Some(methods.to_owned())), "{path}");
        }
    }
    assert_eq!(ask(reqwest::Method::GET, "/customers/v1/none").0, 404);
    assert_eq!(ask(reqwest::Method::DELETE, "/none").0, 404);
}
