//! What one caller may ask for, and that it takes nothing from others.

use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use reqwest::blocking::multipart::Form;
use reqwest::blocking::{Client, Response};
use serde_json::{Value, json};

use crate::support::{Company, Database, Issuer, Keepworth, Kind, Signer, on_both_databases};

on_both_databases!(
    a_flood_of_runs_keeps_nobody_else_waiting,
    two_hundred_runs_of_two_callers_are_done_once_and_in_turn,
);

const PATH: &str = "/finance/v1/programmes";

/// A process that believes an issuer, and a client for each of two of its callers, who may do everything.
struct Two {
    _issuer: Issuer,
    keepworth: Keepworth,
    tokens: [String; 2],
}

impl Two {
    fn new(database: &Database, settings: &[&str]) -> Self {
        let signer = Signer::new("one");
        let issuer = Issuer::new(&[&signer]);
        let subjects = ["first", "second"];
        let grants = subjects.map(|it| ["sub", it, "admin"]);
        let file = issuer.settings(database.folder(), &grants);
        let keepworth = Keepworth::start(&["up", "--config", &file], database, settings);
        Self {
            tokens: subjects.map(|it| signer.sign(&issuer.claims(it))),
            _issuer: issuer,
            keepworth,
        }
    }

    fn get(&self, client: &Client, caller: usize, path: &str) -> Response {
        let request = client.get(self.keepworth.at(path));
        request.bearer_auth(&self.tokens[caller]).send().unwrap()
    }
}

fn pause(answer: &Response) -> Duration {
    assert_eq!(answer.status(), 429);
    let seconds = answer.headers()["retry-after"].to_str().unwrap();
    Duration::from_secs(seconds.parse().unwrap())
}

#[test]
fn one_callers_requests_are_counted_and_the_pause_is_true() {
    let database = Database::new(Kind::Sqlite);
    // The process itself asks its services for their heads, as who runs it.
    let limits = ["limits.requests_per_second=1", "limits.requests_burst=50"];
    let two = Two::new(&database, &limits);
    let client = two.keepworth.stranger();
    let start = Instant::now();
    let statuses = Vec::from_iter((0..5).map(|_| two.get(&client, 0, PATH).status().as_u16()));
    assert_eq!(statuses, [200; 5]);
    let refused = loop {
        let answer = two.get(&client, 0, PATH);
        if answer.status() == 429 {
            break answer;
        }
        assert!(
            start.elapsed() < Duration::from_secs(60),
            "nothing is refused"
        );
    };
    let pause = pause(&refused);
    let problem: Value = refused.json().unwrap();
    assert_eq!(problem["code"], "too_many_requests");
    let said = problem["detail"].as_str().unwrap();
    assert!(
        said.contains("1 requests") && said.contains("limits.requests_per_second"),
        "{said}"
    );
    assert_eq!(two.get(&client, 1, PATH).status(), 200, "another caller");
    assert_eq!(
        two.keepworth.get(PATH).0,
        200,
        "who is on the machine is another, too"
    );
    std::thread::sleep(pause);
    assert_eq!(two.get(&client, 0, PATH).status(), 200, "after {pause:?}");
}

#[test]
fn who_shows_nothing_is_counted_too() {
    let database = Database::new(Kind::Sqlite);
    let limits = ["limits.requests_per_second=1", "limits.requests_burst=50"];
    let keepworth = Keepworth::start(&["up"], &database, &limits);
    let stranger = keepworth.stranger();
    let statuses = (0..100).map(|_| {
        let answer = stranger.get(keepworth.at("/openapi.json")).send();
        answer.unwrap().status().as_u16()
    });
    let statuses = Vec::from_iter(statuses);
    assert!(
        statuses.starts_with(&[200; 3]) && statuses.contains(&429),
        "{statuses:?}"
    );
    assert_eq!(keepworth.get(PATH).0, 200);
}

#[test]
fn who_guesses_tokens_gets_slower_and_nobody_else() {
    let database = Database::new(Kind::Sqlite);
    let two = Two::new(&database, &["limits.wrong_tokens_per_minute=30"]);
    let client = two.keepworth.stranger();
    assert_eq!(two.get(&client, 0, PATH).status(), 200);
    let guess = |token: &str| {
        let request = client.get(two.keepworth.at(PATH));
        request.bearer_auth(token).send().unwrap()
    };
    let mut answers = (0..200).map(|it| guess(&format!("guess-{it}")));
    let refused = answers.find(|it| it.status() == 429).unwrap();
    let (longest, problem): (_, Value) = (pause(&refused), refused.json().unwrap());
    let said = problem["detail"].as_str().unwrap();
    assert!(
        said.contains("30 tokens") && said.contains("wrong_tokens_per_minute"),
        "{said}"
    );
    assert_eq!(
        two.get(&client, 0, PATH).status(),
        200,
        "what was right lately"
    );
    let start = Instant::now();
    let looked_at = (0..60).filter(|it| {
        std::thread::sleep(Duration::from_millis(50));
        guess(&format!("again-{it}")).status() == 401
    });
    let looked_at = looked_at.count();
    let most = start.elapsed().as_secs() + 2;
    assert!(
        (looked_at as u64) <= most,
        "{looked_at} guesses in {:?}",
        start.elapsed()
    );
    std::thread::sleep(longest);
    let fresh = two.keepworth.token();
    let answer = guess(&fresh);
    assert_eq!(
        answer.status(),
        200,
        "a right one that is new, after the pause"
    );
}

#[test]
fn who_goes_on_with_one_old_token_keeps_nobody_out() {
    let database = Database::new(Kind::Sqlite);
    let keepworth = Keepworth::start(&["up"], &database, &["limits.wrong_tokens_per_minute=3"]);
    let stranger = keepworth.stranger();
    for _ in 0..50 {
        let request = stranger.get(keepworth.at(PATH)).bearer_auth("expired");
        assert_eq!(request.send().unwrap().status(), 401);
    }
    assert_eq!(keepworth.get(PATH).0, 200, "a token that is new here");
}

/// A file that comes slowly is in work until it is there, or whoever sends it is gone.
#[test]
fn what_is_dear_is_done_for_a_caller_so_often_at_once() {
    let database = Database::new(Kind::Sqlite);
    let two = Two::new(&database, &["limits.imports=1"]);
    let address = two.keepworth.url.strip_prefix("http://").unwrap();
    let head = format!(
        "POST /customers/v1/imports HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {}\r\n\
         content-type: multipart/form-data; boundary=x\r\ncontent-length: 1000\r\n\r\n--x\r\n",
        two.tokens[0]
    );
    let hand_over_slowly = || {
        let mut slow = TcpStream::connect(address).unwrap();
        slow.write_all(head.as_bytes()).unwrap();
        slow
    };
    let client = two.keepworth.stranger();
    let hand_over = |caller: usize| {
        let request = client.post(two.keepworth.at("/customers/v1/imports"));
        let request = request.multipart(Form::new().text("kind", "customers"));
        request.bearer_auth(&two.tokens[caller]).send().unwrap()
    };
    let until = Instant::now() + Duration::from_secs(60);
    // The slow one may come second, and is then the one refused: it is sent again.
    let (slow, refused) = loop {
        let slow = hand_over_slowly();
        std::thread::sleep(Duration::from_millis(50));
        let answer = hand_over(0);
        if answer.status() == 429 {
            break (slow, answer);
        }
        assert!(Instant::now() < until, "nothing is refused");
    };
    assert!(pause(&refused) >= Duration::from_secs(1));
    let problem: Value = refused.json().unwrap();
    let said = problem["detail"].as_str().unwrap();
    assert!(
        said.contains("1 files of records of yours") && said.contains("limits.imports"),
        "{said}"
    );
    assert_eq!(hand_over(1).status(), 422, "another caller's is looked at");
    drop(slow);
    while hand_over(0).status() == 429 {
        assert!(Instant::now() < until, "the place is not given back");
        std::thread::sleep(Duration::from_millis(50));
    }
}

const SCENARIO: &str = "name = \"Costly\"\nhorizon_months = 120\ndiscount_rate = 0.1\n\
    [[initiatives]]\nname = \"One\"\nreach = { business = 1.0 }\n\
    [[initiatives.effects]]\non = \"hazard\"\nsize = 0.05\n";

/// The hash of the baseline of a small company.
fn baseline(keepworth: &Keepworth) -> Value {
    Company::new(200, 1).load_into(keepworth);
    let (_, built) = keepworth.post("/simulator/v1/baselines", &json!({"as_of": "2026-06-30"}));
    built["hash"].clone()
}

fn a_flood_of_runs_keeps_nobody_else_waiting(kind: Kind) {
    let database = Database::new(kind);
    let two = Two::new(&database, &["limits.runs=4"]);
    let baseline = baseline(&two.keepworth);
    let client = two.keepworth.stranger();
    let order = |caller: usize, trials: u64| {
        let body = json!({"scenario": SCENARIO, "baseline_hash": baseline, "trials": trials});
        let request = client.post(two.keepworth.at("/simulator/v1/runs"));
        request
            .bearer_auth(&two.tokens[caller])
            .json(&body)
            .send()
            .unwrap()
    };
    let mut flood = Vec::new();
    let refused = loop {
        let answer = order(0, 100_000);
        if answer.status() == 429 {
            break answer;
        }
        assert_eq!(answer.status(), 202);
        flood.push(answer.json::<Value>().unwrap()["id"].clone());
        assert!(flood.len() < 100, "nothing is refused");
    };
    assert!(pause(&refused) >= Duration::from_secs(1));
    let problem: Value = refused.json().unwrap();
    let said = problem["detail"].as_str().unwrap();
    assert!(
        said.contains("4 runs of yours") && said.contains("limits.runs"),
        "{said}"
    );
    let other: Value = order(1, 1_000).json().unwrap();
    let job = |id: &Value| {
        let path = format!("/simulator/v1/jobs/{}", id.as_str().unwrap());
        two.keepworth.get(&path).1
    };
    let other = other["id"].clone();
    let until = Instant::now() + Duration::from_secs(300);
    while job(&other)["state"] != "DONE" {
        assert!(Instant::now() < until, "{}", job(&other));
        std::thread::sleep(Duration::from_millis(100));
    }
    let begun = |id: &Value| job(id)["started_at"].as_str().map(str::to_owned);
    let mine = begun(&other).unwrap();
    let later = flood
        .iter()
        .filter(|id| begun(id).is_none_or(|it| it > mine));
    assert!(
        later.count() >= 2,
        "it went before those that had waited longer"
    );
}

/// A hundred of each are ordered before anybody works, those of one caller first; then two processes share them.
fn two_hundred_runs_of_two_callers_are_done_once_and_in_turn(kind: Kind) {
    const OF_EACH: usize = 100;
    let database = Database::new(kind);
    let baseline = baseline(&Keepworth::up(&database));
    let two = Two::new(&database, &["limits.runs=100", "jobs.in_process=false"]);
    let client = two.keepworth.stranger();
    let order = |caller: usize, number: usize| {
        let seed = caller * OF_EACH + number;
        let body =
            json!({"scenario": SCENARIO, "baseline_hash": baseline, "trials": 1000, "seed": seed});
        let request = client.post(two.keepworth.at("/simulator/v1/runs"));
        let answer = request
            .bearer_auth(&two.tokens[caller])
            .json(&body)
            .send()
            .unwrap();
        let (status, job) = (answer.status(), answer.json::<Value>().unwrap());
        assert_eq!(status, 202, "{job}");
        format!("/simulator/v1/jobs/{}", job["id"].as_str().unwrap())
    };
    let of = |caller| Vec::from_iter((0..OF_EACH).map(|number| order(caller, number)));
    let [first, second] = [0, 1].map(of);
    let _workers = [0, 1].map(|_| Keepworth::start(&["worker"], &database, &[]));
    let until = Instant::now() + Duration::from_secs(300);
    let done = |path: &String| loop {
        let job = two.keepworth.get(path).1;
        if job["state"] == "DONE" {
            return job;
        }
        assert!(Instant::now() < until, "{job}");
        std::thread::sleep(Duration::from_millis(20));
    };
    let begun = |paths: &[String]| {
        let jobs = paths
            .iter()
            .map(done)
            .inspect(|job| assert_eq!(job["attempts"], 1, "{job}"));
        Vec::from_iter(jobs.map(|job| job["started_at"].as_str().unwrap().to_owned()))
    };
    let [first, second] = [begun(&first), begun(&second)];
    let mut all = [first, second.clone()].concat();
    all.sort();
    let early = second.iter().filter(|it| **it < all[OF_EACH]).count();
    assert!(
        (40..=60).contains(&early),
        "{early} of the first {OF_EACH} are the second caller's"
    );
    let (_, runs) = two.keepworth.get("/simulator/v1/runs?page_size=500");
    let seeds = runs["items"].as_array().unwrap().iter();
    let mut seeds = Vec::from_iter(seeds.map(|it| it["options"]["seed"].as_u64().unwrap()));
    seeds.sort_unstable();
    assert_eq!(
        seeds,
        Vec::from_iter(0..2 * OF_EACH as u64),
        "none is lost, none done twice"
    );
}
