//! Long work: ordered, waited for or not, followed, cancelled, and done once, whatever becomes of the
//! process in the middle of it.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Company, Database, Keepworth, Kind, on_both_databases};

on_both_databases!(
    a_run_survives_the_death_of_its_process_and_is_done_once,
    a_process_that_is_told_to_stop_gives_its_run_back,
    a_job_is_polled_followed_and_cancelled,
    workers_do_what_the_service_leaves_to_them,
    counts_and_general_ledgers_are_jobs,
);

const SCENARIO: &str = "name = \"Costly\"\nhorizon_months = 120\ndiscount_rate = 0.1\n\
    [[initiatives]]\nname = \"One\"\nreach = { business = 1.0 }\n\
    [[initiatives.effects]]\non = \"hazard\"\nsize = 0.05\n";

/// Futures of a run that is killed in its middle; `make slow` draws ten million.
const FUTURES: u64 = if cfg!(feature = "slow-tests") {
    10_000_000
} else {
    400_000
};

/// Keepworth with a small company, and its baseline.
fn company(database: &Database) -> (Keepworth, Value) {
    company_in(Keepworth::up(database))
}

/// The same in a process.
fn company_in(keepworth: Keepworth) -> (Keepworth, Value) {
    Company::new(200, 1).load_into(&keepworth);
    let as_of = json!({"as_of": "2026-06-30"});
    let (status, baseline) = keepworth.post("/simulator/v1/baselines", &as_of);
    assert_eq!(status, 201, "{baseline}");
    (keepworth, baseline["hash"].clone())
}

fn order(baseline: &Value, trials: u64) -> Value {
    json!({"scenario": SCENARIO, "baseline_hash": baseline, "trials": trials})
}

/// Orders a run without waiting for it; answers the path of its job.
fn ordered(keepworth: &Keepworth, order: &Value) -> String {
    let (status, job) = keepworth.order("/simulator/v1/runs", order);
    assert_eq!((status, &job["kind"]), (202, &json!("RUN")), "{job}");
    format!("/simulator/v1/jobs/{}", job["id"].as_str().unwrap())
}

/// Asks for a job until it is as it shall be.
fn until(keepworth: &Keepworth, path: &str, holds: impl Fn(&Value) -> bool) -> Value {
    let start = Instant::now();
    loop {
        let (status, job) = keepworth.get(path);
        assert_eq!(status, 200, "{job}");
        if holds(&job) {
            return job;
        }
        assert!(start.elapsed() < Duration::from_secs(900), "{job}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn is_in_work(job: &Value) -> bool {
    job["state"] == "RUNNING" && job["progress"]["done"].as_u64() > Some(0)
}

fn a_run_survives_the_death_of_its_process_and_is_done_once(kind: Kind) {
    let database = Database::new(kind);
    let (mut keepworth, baseline) = company(&database);
    let job = ordered(&keepworth, &order(&baseline, 400_000));
    until(&keepworth, &job, is_in_work);
    keepworth.kill();
    keepworth.wait(Duration::from_secs(10)).unwrap();
    keepworth = Keepworth::up(&database);
    let (_, left) = keepworth.get(&job);
    assert_eq!(
        left["state"], "RUNNING",
        "nobody has said otherwise: {left}"
    );
    let done = until(&keepworth, &job, |job| job["state"] == "DONE");
    assert_eq!(done["attempts"], 2, "{done}");
    let result = format!("/simulator{}", done["result"].as_str().unwrap());
    let (status, run) = keepworth.get(&result);
    assert_eq!(
        (status, &run["summary"]["options"]["trials"]),
        (200, &json!(400_000))
    );
    let (_, runs) = keepworth.get("/simulator/v1/runs");
    assert_eq!(runs["items"].as_array().unwrap().len(), 1, "{runs}");
}

fn a_process_that_is_told_to_stop_gives_its_run_back(kind: Kind) {
    let database = Database::new(kind);
    // Requests in flight are let finish for longer than this test waits.
    let patient = ["server.shutdown_timeout_seconds=600"];
    let (mut keepworth, baseline) = company_in(Keepworth::start(&["up"], &database, &patient));
    let job = ordered(&keepworth, &order(&baseline, 400_000));
    until(&keepworth, &job, is_in_work);

    // Neither who follows it nor who waits for another keeps the process from ending.
    let (client, events) = (keepworth.client(), keepworth.at(&format!("{job}/events")));
    let following = std::thread::spawn(move || client.get(events).send().unwrap().text().unwrap());
    let (client, runs) = (keepworth.client(), keepworth.at("/simulator/v1/runs"));
    let second = order(&baseline, 1_000);
    let waiting = std::thread::spawn(move || {
        let request = client.post(runs).json(&second);
        request.header("prefer", "wait=600").send().unwrap()
    });
    std::thread::sleep(Duration::from_millis(500));
    keepworth.terminate();
    let status = keepworth.wait(Duration::from_secs(60)).unwrap();
    assert!(status.success(), "{status}");
    assert!(!following.join().unwrap().contains("event: end"));
    assert_eq!(
        waiting.join().unwrap().status(),
        202,
        "the job goes on later"
    );
    keepworth = Keepworth::up(&database);
    let start = Instant::now();
    until(&keepworth, &job, |job| job["state"] != "QUEUED");
    assert!(
        start.elapsed() < Duration::from_secs(10),
        "no lease is waited for"
    );
    let done = until(&keepworth, &job, |job| job["state"] == "DONE");
    assert_eq!(done["attempts"], 1, "it was not its fault: {done}");
}

fn workers_do_what_the_service_leaves_to_them(kind: Kind) {
    let database = Database::new(kind);
    let worker = || Keepworth::start(&["worker"], &database, &[]);
    let service = Keepworth::start(&["up"], &database, &["jobs.in_process=false"]);
    Company::new(200, 1).load_into(&service);
    let as_of = json!({"as_of": "2026-06-30"});
    let (_, job) = service.order("/simulator/v1/baselines", &as_of);
    std::thread::sleep(Duration::from_secs(1));
    let path = format!("/simulator/v1/jobs/{}", job["id"].as_str().unwrap());
    assert_eq!(service.get(&path).1["state"], "QUEUED", "nobody does it");

    // A worker of its own, which reads the feeds of the services where they are.
    let urls = ["customers", "experience", "finance"]
        .map(|name| format!("{name}.url={}", service.at(&format!("/{name}"))));
    let urls: Vec<&str> = urls.iter().map(String::as_str).collect();
    let mut first = Keepworth::start(&["worker"], &database, &urls);
    assert_eq!(first.get("/readyz").0, 200);
    assert_eq!(first.get("/v1/jobs").0, 404, "a worker answers no requests");
    let done = until(&service, &path, |job| job["state"] == "DONE");
    let (status, baseline) =
        service.get(&format!("/simulator{}", done["result"].as_str().unwrap()));
    assert_eq!(status, 200, "{baseline}");

    // One is killed in the middle of a run; another takes it up, and it is done once.
    let order = order(&baseline["hash"], FUTURES);
    let job = ordered(&service, &order);
    until(&service, &job, is_in_work);
    first.kill();
    first.wait(Duration::from_secs(10)).unwrap();
    let _second = worker();
    let done = until(&service, &job, |job| job["state"] == "DONE");
    assert_eq!(done["attempts"], 2, "{done}");
    let (_, runs) = service.get("/simulator/v1/runs");
    assert_eq!(runs["items"].as_array().unwrap().len(), 1, "{runs}");
    let came_of = |job: &Value| {
        let path = format!("/simulator{}", job["result"].as_str().unwrap());
        let (status, run) = service.get(&path);
        assert_eq!(status, 200, "{run}");
        (path, run["result"].to_string())
    };
    let (path, disturbed) = came_of(&done);

    // What came of it is, to the last bit, what comes of one that nobody disturbs.
    let removed = service.client().delete(service.at(&path)).send().unwrap();
    assert_eq!(removed.status(), 204);
    let again = ordered(&service, &order);
    let again = until(&service, &again, |job| job["state"] == "DONE");
    assert_eq!(again["attempts"], 1, "{again}");
    assert_eq!(came_of(&again).1, disturbed);
}

fn a_job_is_polled_followed_and_cancelled(kind: Kind) {
    let database = Database::new(kind);
    let (keepworth, baseline) = company(&database);
    let client = keepworth.client();
    let costly = order(&baseline, 1_000_000);
    let runs = keepworth.at("/simulator/v1/runs");
    let post = || client.post(&runs).json(&costly);
    let answer = post().header("prefer", "wait=1").send().unwrap();
    assert_eq!(answer.status(), 202, "not done in time");
    let path = answer.headers()["location"].to_str().unwrap().to_owned();
    let (_, first) = keepworth.get(&path);
    let second = ordered(&keepworth, &costly);
    assert_eq!(first["result"], Value::Null, "{first}");
    until(&keepworth, &path, is_in_work);

    // One that waits is cancelled at once, one in work soon; whoever follows hears of it.
    let (_, waiting) = keepworth.post(&format!("{second}:cancel"), &json!({}));
    assert_eq!(waiting["state"], "CANCELLED", "{waiting}");
    let events = keepworth.at(&format!("{path}/events"));
    let follower = keepworth.client();
    let following = std::thread::spawn(move || {
        let answer = follower.get(events).send().unwrap();
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        answer.text().unwrap()
    });
    std::thread::sleep(Duration::from_millis(300));
    let (status, _) = keepworth.post(&format!("{path}:cancel"), &json!({}));
    assert_eq!(status, 200);
    let told = following.join().unwrap();
    let last = told.trim_end().rsplit("\n\n").next().unwrap();
    assert!(last.starts_with("event: end\ndata: {"), "{told}");
    assert!(last.contains("\"CANCELLED\""), "{told}");
    assert!(told.starts_with("event: progress\n"), "{told}");
    let (_, again) = keepworth.post(&format!("{path}:cancel"), &json!({}));
    assert_eq!(again["state"], "CANCELLED", "what is over stays: {again}");

    // What can be refused at once is not even a job; the rest fails with its own status.
    let mut wrong = order(&baseline, 100);
    wrong["baseline_hash"] = "none".into();
    assert_eq!(keepworth.order("/simulator/v1/runs", &wrong).0, 422);
    let (_, jobs) = keepworth.get("/simulator/v1/jobs?page_size=2");
    assert_eq!(jobs["items"].as_array().unwrap().len(), 2, "{jobs}");
    assert!(
        jobs["next_cursor"].is_string(),
        "baseline and two runs: {jobs}"
    );
    let before = json!({"as_of": "1990-01-01"});
    let (status, problem) = keepworth.post("/simulator/v1/baselines", &before);
    assert_eq!(
        (status, &problem["code"]),
        (409, &json!("no_customers")),
        "{problem}"
    );
    assert!(
        problem["request_id"].is_string(),
        "of this request: {problem}"
    );
    let (_, job) = keepworth.order("/simulator/v1/baselines", &before);
    let path = format!("/simulator/v1/jobs/{}", job["id"].as_str().unwrap());
    let failed = until(&keepworth, &path, |job| job["state"] == "FAILED");
    assert_eq!(failed["problem"]["code"], "no_customers", "{failed}");
}

/// As many as the contract says are taken, and one more is refused.
#[test]
fn a_run_has_as_many_futures_as_its_contract_says() {
    let database = Database::new(Kind::Sqlite);
    let (keepworth, baseline) = company(&database);
    let (_, contract) = keepworth.get("/simulator/openapi.json");
    let trials = &contract["components"]["schemas"]["RunInput"]["properties"]["trials"];
    let most = trials["maximum"].as_u64().unwrap();
    let job = ordered(&keepworth, &order(&baseline, most));
    let (status, stopped) = keepworth.post(&format!("{job}:cancel"), &json!({}));
    assert_eq!(status, 200, "{stopped}");
    let (status, refused) = keepworth.order("/simulator/v1/runs", &order(&baseline, most + 1));
    assert_eq!(status, 422, "{refused}");
    assert_eq!(refused["invalid_params"][0]["name"], "trials", "{refused}");
}

/// What a job came to that was ordered without waiting, as it is asked for afterwards.
fn result(keepworth: &Keepworth, job: &Value) -> Value {
    let path = format!("/finance/v1/jobs/{}", job["id"].as_str().unwrap());
    let done = until(keepworth, &path, |job| !job["finished_at"].is_null());
    assert_eq!(done["state"], "DONE", "{done}");
    let path = format!("/finance{}", done["result"].as_str().unwrap());
    let (status, report) = keepworth.get(&path);
    assert_eq!(status, 200, "{report}");
    report
}

fn counts_and_general_ledgers_are_jobs(kind: Kind) {
    let database = Database::new(kind);
    let (keepworth, _) = company(&database);
    let months = json!({"from": "2025-01", "to": "2025-02"});
    let count = "/finance/v1/segment-months:count";
    let (status, job) = keepworth.order(count, &months);
    assert_eq!(
        (status, &job["kind"]),
        (202, &json!("SEGMENT_MONTH_COUNT")),
        "{job}"
    );
    let counted = result(&keepworth, &job);
    assert_eq!(
        keepworth.post(count, &months).1,
        counted,
        "the same records"
    );

    // A caller that goes away at once loses nothing, and the file is gone when it has been taken.
    let account = json!({"name": "Wages", "category": "SERVICE"});
    assert_eq!(keepworth.put("/finance/v1/accounts/6000", &account).0, 200);
    let account = json!({"name": "Bank"});
    assert_eq!(keepworth.put("/finance/v1/accounts/1200", &account).0, 200);
    let ledger = "posting_date,account,debit,credit,voucher_type,voucher_no\n\
        2025-03-01,6000,70,0,Journal Entry,77\n2025-03-01,1200,0,70,Journal Entry,77\n";
    let send = |file: &'static str| {
        let path = "/finance/v1/general-ledger:import?source=erp&import_id=gl&currency=EUR";
        let request = keepworth.client().post(keepworth.at(path)).body(file);
        request.header("content-type", "text/csv").send().unwrap()
    };
    let order = |file: &'static str| {
        let answer = send(file);
        assert_eq!(answer.status(), 202);
        answer.json::<Value>().unwrap()
    };
    let job = order(ledger);
    let taken = result(&keepworth, &job);
    assert_eq!(
        (&taken["vouchers"], &taken["created"]),
        (&json!(1), &json!(1)),
        "{taken}"
    );
    let kept = "SELECT COUNT(*) FROM general_ledger_files";
    assert_eq!(database.count("finance", kept), 0);

    // What is no general ledger is no job; what cannot be taken fails for good, with the reason that a waiting caller
    // would have heard.
    assert_eq!(
        send("posting_date,account\n2025-03-01,6000\n").status(),
        422
    );
    let job = order("posting_date,account,debit,credit,voucher_type,voucher_no\n2025-03-01,6000\n");
    let path = format!("/finance/v1/jobs/{}", job["id"].as_str().unwrap());
    let failed = until(&keepworth, &path, |job| job["state"] == "FAILED");
    assert_eq!(failed["problem"]["status"], 422, "{failed}");
    assert_eq!(database.count("finance", kept), 0);
    let nothing = format!(
        "/finance/v1/general-ledger-reports/{}",
        job["id"].as_str().unwrap()
    );
    assert_eq!(keepworth.get(&nothing).0, 404);
}
