//! What others hear: closed months, runs and baselines, signed, from the real binary to a receiver on this
//! machine.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::receiver::{Heard, Receiver, signatures};
use crate::support::{Company, Database, Keepworth, Kind, on_both_databases};

on_both_databases!(
    receivers_hear_of_months_baselines_and_runs,
    a_process_that_dies_before_it_notes_a_delivery_sends_it_again,
    a_webhook_is_made_tried_given_a_new_secret_and_removed,
);

const SCENARIO: &str = "name = \"One\"\nhorizon_months = 120\ndiscount_rate = 0.1\n\
    [[initiatives]]\nname = \"One\"\nreach = { business = 1.0 }\n\
    [[initiatives.effects]]\non = \"hazard\"\nsize = 0.05\n";

const OF_JOBS: [&str; 9] = [
    "keepworth.run.done",
    "keepworth.run.failed",
    "keepworth.run.cancelled",
    "keepworth.baseline.done",
    "keepworth.baseline.failed",
    "keepworth.baseline.cancelled",
    "keepworth.backtest.done",
    "keepworth.backtest.failed",
    "keepworth.backtest.cancelled",
];
const OF_MONTHS: [&str; 1] = ["keepworth.period.closed"];

/// Makes a webhook; answers its id and its secret.
fn webhook(
    keepworth: &Keepworth,
    service: &str,
    receiver: &Receiver,
    events: &[&str],
) -> (String, String) {
    let new = json!({"url": receiver.url, "events": events, "description": "a test"});
    let (status, made) = keepworth.post(&format!("/{service}/v1/webhooks"), &new);
    assert_eq!(status, 201, "{made}");
    let text = |it: &Value| it.as_str().unwrap().to_owned();
    (text(&made["webhook"]["id"]), text(&made["secret"]))
}

/// Waits until so much has come.
fn heard(receiver: &Receiver, count: usize) -> Vec<Heard> {
    let start = Instant::now();
    loop {
        let heard = receiver.heard();
        if heard.len() >= count {
            return heard;
        }
        assert!(start.elapsed() < Duration::from_secs(120), "{heard:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The event, of which the signature has been checked.
fn event(heard: &Heard, secret: &str) -> Value {
    let signature = heard.header("webhook-signature");
    assert_eq!(signature, signatures(&[secret], heard));
    let event: Value = serde_json::from_str(&heard.body).unwrap();
    assert_eq!(event["id"], heard.header("webhook-id"));
    event
}

fn told(heard: &[Heard], secret: &str) -> Vec<(String, String)> {
    let events = heard.iter().map(|it| event(it, secret));
    let text = |it: &Value| it.as_str().unwrap().to_owned();
    events
        .map(|it| (text(&it["type"]), text(&it["subject"])))
        .collect()
}

fn close(keepworth: &Keepworth, month: &str) {
    let body = json!({"month": month, "reason": "test"});
    let (status, closed) = keepworth.post("/finance/v1/period-closes", &body);
    assert_eq!(status, 201, "{closed}");
}

fn receivers_hear_of_months_baselines_and_runs(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    Company::new(200, 1).load_into(&keepworth);
    let (months, jobs) = (Receiver::answering("200 So"), Receiver::answering("204 So"));
    let (_, of_months) = webhook(&keepworth, "finance", &months, &OF_MONTHS);
    let (_, of_jobs) = webhook(&keepworth, "simulator", &jobs, &OF_JOBS);

    close(&keepworth, "2024-11");
    let again = json!({"month": "2024-11", "reason": "test"});
    assert_eq!(keepworth.post("/finance/v1/period-closes", &again).0, 409);
    close(&keepworth, "2024-12");
    let closed = told(&heard(&months, 2), &of_months);
    let of = |month| {
        let subject = format!("/v1/period-closes/{month}");
        ("keepworth.period.closed".to_owned(), subject)
    };
    assert_eq!(
        closed,
        [of("2024-11"), of("2024-12")],
        "not of the refused one"
    );
    assert_eq!(keepworth.get(&format!("/finance{}", closed[1].1)).0, 200);

    let build = |day: &str| keepworth.post("/simulator/v1/baselines", &json!({"as_of": day}));
    let (_, baseline) = build("2026-06-30");
    assert_eq!(build("1990-01-01").0, 409);
    let order = |trials: u64| json!({"scenario": SCENARIO, "baseline_hash": baseline["hash"], "trials": trials});
    let (status, run) = keepworth.post("/simulator/v1/runs", &order(100));
    assert_eq!(status, 201, "{run}");
    // The first is in work and the second waits when they are cancelled, and each is told of once.
    let ordered = [(); 2].map(|()| keepworth.order("/simulator/v1/runs", &order(1_000_000)).1);
    for it in ordered.iter().rev() {
        let cancel = format!("/simulator/v1/jobs/{}:cancel", it["id"].as_str().unwrap());
        for _ in 0..2 {
            assert_eq!(keepworth.post(&cancel, &json!({})).0, 200);
        }
    }
    let heard = heard(&jobs, 5);
    let said = told(&heard, &of_jobs);
    let types = Vec::from_iter(said.iter().map(|(what, _)| what.as_str()));
    let expected = [OF_JOBS[3], OF_JOBS[4], OF_JOBS[0], OF_JOBS[2], OF_JOBS[2]];
    assert_eq!(types, expected);
    let (_, job) = keepworth.get(&format!("/simulator{}", said[2].1));
    let id = run["summary"]["id"].as_str().unwrap();
    assert_eq!(job["result"], format!("/v1/runs/{id}"), "{job}");
    let first = event(&heard[2], &of_jobs);
    assert!(
        first["requestid"].is_string() && first["traceparent"].is_string(),
        "{first}"
    );
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(jobs.heard().len(), 5, "nothing twice");

    // Who was away asks for what came after the last that it has.
    let (_, page) = keepworth.get(&format!(
        "/simulator/v1/events?cursor={}",
        heard[2].header("webhook-id")
    ));
    let items = page["items"].as_array().unwrap();
    assert_eq!(items.len(), 2, "{page}");
    assert_eq!(items[0]["event"], event(&heard[3], &of_jobs));
    assert_eq!(items[0]["deliveries"][0]["state"], "DELIVERED", "{page}");
    let secrets = [&of_months, &of_jobs];
    let log = keepworth.log();
    assert!(
        !log.iter()
            .any(|line| secrets.iter().any(|it| line.contains(*it)))
    );
}

fn a_process_that_dies_before_it_notes_a_delivery_sends_it_again(kind: Kind) {
    let database = Database::new(kind);
    let mut keepworth = Keepworth::up(&database);
    let receiver = Receiver::answering("");
    let (_, secret) = webhook(&keepworth, "finance", &receiver, &OF_MONTHS);
    close(&keepworth, "2024-12");
    heard(&receiver, 1);
    keepworth.kill();
    keepworth.wait(Duration::from_secs(10)).unwrap();
    receiver.answer("200 So");
    let keepworth = Keepworth::up(&database);
    let heard = heard(&receiver, 2);
    assert_eq!(event(&heard[0], &secret), event(&heard[1], &secret));
    let id = heard[0].header("webhook-id");
    let path = format!("/finance/v1/events/{id}");
    let start = Instant::now();
    while keepworth.get(&path).1["deliveries"][0]["state"] != "DELIVERED" {
        assert!(start.elapsed() < Duration::from_secs(10));
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(receiver.heard().len(), 2);
}

fn a_webhook_is_made_tried_given_a_new_secret_and_removed(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    let receiver = Receiver::answering("200 So");
    let wrong = json!({"url": "http://hooks.example.com/", "events": ["keepworth.run.done"], "description": "x"});
    let (status, problem) = keepworth.post("/finance/v1/webhooks", &wrong);
    assert_eq!(status, 422, "{problem}");
    let names = problem["invalid_params"].as_array().unwrap().iter();
    let names = Vec::from_iter(names.map(|it| it["name"].as_str().unwrap()));
    assert_eq!(names, ["url", "events/0"], "{problem}");

    let (id, old) = webhook(&keepworth, "finance", &receiver, &OF_MONTHS);
    let path = format!("/finance/v1/webhooks/{id}");
    let (_, one) = keepworth.get(&path);
    let (_, all) = keepworth.get("/finance/v1/webhooks");
    assert_eq!(all["items"], json!([one]));
    assert!(!all.to_string().contains("whsec_"), "{all}");

    let rotate = || {
        let post = keepworth
            .client()
            .post(keepworth.at(&format!("{path}:rotate_secret")));
        let answer = post.header("idempotency-key", "once").send().unwrap();
        assert_eq!(answer.status(), 200);
        answer.json::<Value>().unwrap()
    };
    let new = rotate();
    assert_eq!(rotate(), new, "sent again it changes nothing more");
    let new = new["secret"].as_str().unwrap();
    assert_ne!(new, old);
    let (status, tried) = keepworth.post(&format!("{path}:test"), &json!({}));
    assert_eq!(
        (status, &tried["event"]["subject"]),
        (200, &json!(format!("/v1/webhooks/{id}")))
    );
    let heard = &heard(&receiver, 1)[0];
    assert_eq!(
        heard.header("webhook-signature"),
        signatures(&[new, &old], heard)
    );
    assert_eq!(heard.header("webhook-id"), tried["event"]["id"]);

    let removed = keepworth
        .client()
        .delete(keepworth.at(&path))
        .send()
        .unwrap();
    assert_eq!(removed.status(), 200);
    assert_eq!(keepworth.get(&path).0, 404);
    close(&keepworth, "2024-12");
    let (_, events) = keepworth.get("/finance/v1/events");
    assert_eq!(events["items"][1]["deliveries"], json!([]), "{events}");
    assert_eq!(
        keepworth.get("/customers/v1/webhooks").0,
        404,
        "it sends nothing"
    );
}
