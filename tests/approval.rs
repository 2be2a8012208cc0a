//! Approvals: a version is submitted with a run of it, decided on by somebody else, and its forecast never changes.

mod refusals;

use keepworth_store::{Conn, Db, DbOptions, StoreError};
use serde_json::{Value, json};

use crate::support::{Company, Database, Keepworth, Kind, on_both_databases, run_in};

on_both_databases!(
    a_version_goes_its_whole_way_and_its_forecast_never_changes,
    the_database_lets_nobody_approve_their_own_and_nobody_change_a_forecast,
    of_two_who_decide_at_once_one_is_told,
    commands_submit_decide_and_show,
);

const SCENARIOS: &str = "/simulator/v1/scenarios";
const POLICY: &str = "/simulator/v1/policy";

/// A scenario that pays, somewhat.
fn text() -> String {
    "name = \"Call backs\"\nhorizon_months = 24\ndiscount_rate = 0.1\n[[initiatives]]\nname = \"Call back\"\n\
     sponsor = \"Ada\"\nprocess_owner = \"Grace\"\nreach = { business = 1.0 }\n\
     costs = [{ type = \"people\", amount = 1000 }]\n\
     effects = [{ on = \"hazard\", size = 0.1 }]\n".to_owned()
}

/// A company with a baseline, somebody who writes, and somebody who decides.
struct Board {
    keepworth: Keepworth,
    database: Database,
    hash: Value,
    approver: String,
}

impl Board {
    fn new(kind: Kind) -> Self {
        let database = Database::new(kind);
        let keepworth = Keepworth::up(&database);
        Company::new(200, 3).load_into(&keepworth);
        let (status, frozen) =
            keepworth.post("/simulator/v1/baselines", &json!({"as_of": "2026-06-30"}));
        assert_eq!(status, 201, "{frozen}");
        let approver = token(
            &keepworth,
            "approver",
            &["scenario:approve", "figures:read"],
        );
        let it = Self {
            hash: frozen["hash"].clone(),
            keepworth,
            database,
            approver,
        };
        // Whatever day the test runs on, and however the dice fall.
        it.set_policy(&json!({"oldest_baseline_months": 120, "fewest_futures": 1000, "loss_limits": [{"most_losses": 1.0}]}));
        it
    }

    fn set_policy(&self, policy: &Value) -> Value {
        let request = self.keepworth.client().put(self.keepworth.at(POLICY));
        let request = request
            .header("if-match", "*")
            .header("keepworth-reason", "for the test");
        let answer = request.json(policy).send().unwrap();
        let (status, put) = (answer.status().as_u16(), answer.json::<Value>().unwrap());
        assert_eq!(status, 200, "{put}");
        put
    }

    fn create(&self, key: &str, scenario: &str) {
        let new = json!({"key": key, "scenario": scenario, "baseline_hash": self.hash});
        let (status, made) = self.keepworth.post(SCENARIOS, &new);
        assert_eq!(status, 201, "{made}");
    }

    fn put(&self, key: &str, scenario: &str) {
        let path = self.keepworth.at(&format!("{SCENARIOS}/{key}"));
        let body = json!({"scenario": scenario, "baseline_hash": self.hash});
        let request = self.keepworth.client().put(path).json(&body);
        let answer = request.header("if-match", "*").send().unwrap();
        assert_eq!(answer.status(), 200);
    }

    /// Runs the newest version.
    fn run(&self, key: &str) -> Value {
        self.run_by(key, 1)
    }

    /// The same by another seed: what was run before is not drawn again.
    fn run_by(&self, key: &str, seed: u64) -> Value {
        let order = json!({"scenario_key": key, "trials": 2000, "seed": seed});
        let (status, run) = self.keepworth.post("/simulator/v1/runs", &order);
        assert_eq!(status, 201, "{run}");
        run
    }

    fn act(&self, key: &str, verb: &str, body: &Value) -> (u16, Value) {
        self.keepworth
            .post(&format!("{SCENARIOS}/{key}:{verb}"), body)
    }

    /// The same by who decides.
    fn decide(&self, key: &str, verb: &str, body: &Value) -> (u16, Value) {
        act_by(&self.keepworth, &self.approver, key, verb, body)
    }

    fn approval(&self, key: &str, version: u32) -> Value {
        let (status, it) = self
            .keepworth
            .get(&format!("{SCENARIOS}/{key}/approval?version={version}"));
        assert_eq!(status, 200, "{it}");
        it
    }

    /// Creates, runs, submits: what names the submission.
    fn submitted(&self, key: &str) -> Value {
        self.create(key, &text());
        let which = json!({"version": 1, "run_id": self.run(key)["summary"]["id"]});
        let (status, submitted) = self.act(key, "submit", &which);
        assert_eq!(
            (status, &submitted["state"]),
            (200, &json!("SUBMITTED")),
            "{submitted}"
        );
        which
    }
}

fn act_by(keepworth: &Keepworth, token: &str, key: &str, verb: &str, body: &Value) -> (u16, Value) {
    let path = keepworth.at(&format!("{SCENARIOS}/{key}:{verb}"));
    let request = keepworth
        .stranger()
        .post(path)
        .bearer_auth(token)
        .json(body);
    let answer = request
        .header("keepworth-reason", "the board decided so")
        .send()
        .unwrap();
    (answer.status().as_u16(), answer.json().unwrap())
}

fn token(keepworth: &Keepworth, name: &str, permissions: &[&str]) -> String {
    let input = json!({"name": name, "permissions": permissions, "days": 30});
    let (status, made) = keepworth.post("/simulator/v1/tokens", &input);
    assert_eq!(status, 201, "{made}");
    made["secret"].as_str().unwrap().to_owned()
}

/// A figure of a forecast, by month.
fn figure<'a>(forecast: &'a Value, name: &str) -> &'a Vec<Value> {
    let figures = forecast["figures"].as_array().unwrap();
    let found = figures.iter().find(|it| it["figure"] == name).unwrap();
    found["months"].as_array().unwrap()
}

fn a_version_goes_its_whole_way_and_its_forecast_never_changes(kind: Kind) {
    let it = Board::new(kind);
    it.create("call-backs", &text());
    assert_eq!(it.approval("call-backs", 1)["state"], "DRAFT");
    let place = format!("{SCENARIOS}/call-backs/forecast");
    let (status, none) = it.keepworth.get(&place);
    assert_eq!(
        (status, &none["code"]),
        (404, &json!("not_found")),
        "{none}"
    );
    assert!(
        none["detail"].as_str().unwrap().contains(":submit"),
        "{none}"
    );

    let run = it.run("call-backs");
    let which = json!({"version": 1, "run_id": run["summary"]["id"]});
    let (status, submitted) = it.act("call-backs", "submit", &which);
    assert_eq!(
        (status, &submitted["state"]),
        (200, &json!("SUBMITTED")),
        "{submitted}"
    );
    assert_eq!(submitted["findings"], json!([]));
    assert_eq!(it.keepworth.get(&place).0, 404, "nothing is frozen yet");
    let (status, own) = it.act("call-backs", "approve", &which);
    assert_eq!(
        (status, &own["code"]),
        (409, &json!("same_person")),
        "{own}"
    );
    assert!(
        own["detail"]
            .as_str()
            .unwrap()
            .contains("keepworth token create"),
        "{own}"
    );
    let (status, approved) = it.decide("call-backs", "approve", &which);
    assert_eq!(
        (status, &approved["state"]),
        (200, &json!("APPROVED")),
        "{approved}"
    );
    let step = &approved["transitions"][1];
    assert_eq!(
        (&step["from"], &step["to"]),
        (&json!("SUBMITTED"), &json!("APPROVED"))
    );
    assert_eq!(
        (&step["reason"], &step["policy_version"]),
        (&json!("the board decided so"), &json!(1))
    );
    assert!(
        step["by"]["token"].is_string() && submitted["transitions"][0]["by"]["token"].is_null()
    );

    let (status, frozen) = it.keepworth.text(&place);
    assert_eq!(status, 200, "{frozen}");
    let forecast: Value = serde_json::from_str(&frozen).unwrap();
    assert_agrees(&forecast, &run);
    for (field, expected) in [
        ("baseline_hash", &it.hash),
        ("input_hash", &run["summary"]["input_hash"]),
        ("run_id", &run["summary"]["id"]),
        ("scenario_hash", &approved["scenario_hash"]),
        ("currency", &json!("EUR")),
    ] {
        assert_eq!(&forecast[field], expected, "{field}");
    }

    // A next version changes nothing of it, until it is approved itself.
    it.put("call-backs", &text().replace("size = 0.1", "size = 0.12"));
    let next = json!({"version": 2, "run_id": it.run("call-backs")["summary"]["id"]});
    assert_eq!(it.keepworth.text(&format!("{place}?version=2")).0, 404);
    assert_eq!(it.act("call-backs", "submit", &next).0, 200);
    assert_eq!(it.approval("call-backs", 1)["state"], "APPROVED");
    assert_eq!(it.decide("call-backs", "approve", &next).0, 200);
    let before = it.approval("call-backs", 1);
    assert_eq!(before["state"], "SUPERSEDED", "{before}");
    assert_eq!(before["transitions"][2]["reason"], "version 2 was approved");
    assert_eq!(
        it.keepworth.text(&format!("{place}?version=1")),
        (200, frozen)
    );
    let (_, newest) = it.keepworth.get(&place);
    assert_eq!(
        newest["scenario"]["version"], 2,
        "the last one that was approved"
    );
    for (verb, refused) in [
        ("submit", it.act("call-backs", "submit", &which)),
        ("approve", it.decide("call-backs", "approve", &which)),
    ] {
        assert_eq!(
            (refused.0, &refused.1["code"]),
            (409, &json!("wrong_state")),
            "{verb}: {refused:?}"
        );
    }
    let (status, closed) = it.act("call-backs", "close", &json!({"version": 2}));
    assert_eq!(
        (status, &closed["state"]),
        (200, &json!("CLOSED")),
        "{closed}"
    );
    assert_eq!(
        it.keepworth.get(&place),
        (200, newest),
        "what was frozen stays"
    );

    let path = it.keepworth.at(&format!(
        "/simulator/v1/runs/{}",
        run["summary"]["id"].as_str().unwrap()
    ));
    assert_eq!(
        it.keepworth.client().delete(path).send().unwrap().status(),
        409
    );
    let (_, events) = it.keepworth.get("/simulator/v1/events");
    let events = events["items"].as_array().unwrap().iter();
    let of = |kind: &str| {
        let found = events.clone().filter(|it| it["event"]["type"] == kind);
        Vec::from_iter(found.map(|it| it["event"]["subject"].as_str().unwrap()))
    };
    let both = [1, 2].map(|it| format!("/v1/scenarios/call-backs/approval?version={it}"));
    assert_eq!(of("keepworth.scenario.submitted"), both);
    assert_eq!(of("keepworth.scenario.approved"), both);
}

/// What a forecast has in common with its run's result.
fn assert_agrees(forecast: &Value, run: &Value) {
    let monthly = &run["result"]["monthly"];
    let number = |it: &Value| it.as_f64().unwrap();
    let flow = figure(forecast, "cumulative_discounted_flow");
    assert_eq!(flow.len(), 25);
    assert_eq!(
        (&flow[0]["month"], &flow[24]["month"]),
        (&json!("2026-06"), &json!("2028-06"))
    );
    for band in ["p25", "p50", "p75"] {
        let runs = &monthly["cumulative_discounted_flow"][band];
        for (month, point) in flow.iter().enumerate() {
            let (a, b) = (number(&point[band]), number(&runs[month]));
            assert!(
                (a - b).abs() < 1e-6 * b.abs().max(1.0),
                "{band} of month {month}: {a} and {b}"
            );
        }
    }
    let mean = number(&run["result"]["outcomes"]["npv"]["mean"]);
    let last = number(&flow[24]["mean"]);
    assert!(
        (mean - last).abs() < 1e-6 * mean.abs().max(1.0),
        "{mean} and {last}"
    );
    // Counts scatter about what the run expects.
    let customers = figure(forecast, "customers");
    let (counted, expected) = (
        number(&customers[24]["p50"]),
        number(&monthly["customers_programme"]["p50"][24]),
    );
    assert!(
        (counted / expected - 1.0).abs() < 0.05,
        "{counted} and {expected}"
    );
    let width = |it: &Value| number(&it["p97_5"]) - number(&it["p2_5"]);
    assert!(width(&figure(forecast, "leavers")[1]) >= 2.0);
    assert_eq!(
        number(&figure(forecast, "programme_cost")[0]["p50"]),
        1000.0
    );
    assert!(number(&figure(forecast, "revenue")[1]["p50"]) > 0.0);
    assert!(
        number(&figure(forecast, "minutes")[1]["p50"])
            >= number(&figure(forecast, "contacts")[1]["p50"])
    );
}

/// Changes the simulator's database behind its back; whether it let that happen.
fn change(database: &Database, sql: &'static str) -> Result<(), StoreError> {
    let db = Db::open(&database.url("simulator"), &DbOptions::default()).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(db.write(move |conn: &mut Conn| conn.batch(sql)))
}

fn the_database_lets_nobody_approve_their_own_and_nobody_change_a_forecast(kind: Kind) {
    let it = Board::new(kind);
    let which = it.submitted("call-backs");
    let insert = |by: &str| -> &'static str {
        let sql = format!(
            "INSERT INTO frozen_forecasts VALUES ('call-backs', 9, {by}, 'b', 'b', '{{}}', '2026-01-01 00:00:00')"
        );
        Box::leak(sql.into_boxed_str())
    };
    assert!(
        change(&it.database, insert("NULL")).is_err(),
        "submitted by who approves"
    );
    let own = "INSERT INTO frozen_forecasts VALUES ('call-backs', 9, 'b', 'a', 'b', '{}', '2026-01-01 00:00:00')";
    assert!(
        change(&it.database, own).is_err(),
        "written by who approves"
    );
    assert_eq!(it.decide("call-backs", "approve", &which).0, 200);
    let path = format!("{SCENARIOS}/call-backs/forecast");
    let before = it.keepworth.get(&path);
    assert!(change(&it.database, "UPDATE frozen_forecasts SET forecast = '{}'").is_err());
    assert_eq!(it.keepworth.get(&path), before);
}

fn of_two_who_decide_at_once_one_is_told(kind: Kind) {
    let it = Board::new(kind);
    let which = it.submitted("call-backs");
    let other = token(&it.keepworth, "other", &["scenario:approve"]);
    let statuses = std::thread::scope(|scope| {
        let decide = |token: &'static str, verb: &'static str| {
            let (keepworth, which) = (&it.keepworth, &which);
            scope.spawn(move || act_by(keepworth, token, "call-backs", verb, which).0)
        };
        let leak = |it: &str| -> &'static str { Box::leak(it.to_owned().into_boxed_str()) };
        let both = [
            decide(leak(&it.approver), "approve"),
            decide(leak(&other), "approve"),
        ];
        let mut statuses = both.map(|it| it.join().unwrap());
        statuses.sort_unstable();
        statuses
    });
    assert_eq!(statuses, [200, 409]);
    assert_eq!(
        it.approval("call-backs", 1)["transitions"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

fn commands_submit_decide_and_show(kind: Kind) {
    let it = Board::new(kind);
    it.create("call-backs", &text());
    let run = it.run("call-backs")["summary"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let scenario = |arguments: &[&str]| it.keepworth.ask(&[&["scenario"], arguments].concat());
    let why = ["--reason", "for the board of March"];
    let submit = scenario(&[&["submit", "call-backs", "--run", &run], &why[..]].concat());
    let submitted = submit.done().stdout;
    assert!(
        submitted.contains("call-backs, version 1: submitted"),
        "{submitted}"
    );
    assert!(
        submitted.contains("Nothing stands in the way") && submitted.contains(&run),
        "{submitted}"
    );
    let approve = [
        &["scenario", "approve", "call-backs", "--run", &run],
        &why[..],
    ]
    .concat();
    let own = it.keepworth.ask(&approve);
    assert!(
        own.code == 2 && own.stderr.contains("KEEPWORTH_TOKEN_FILE"),
        "{own:?}"
    );
    let file = it.database.folder().join("approver.token");
    std::fs::write(&file, &it.approver).unwrap();
    let file = file.to_str().unwrap();
    let approved = run_in(
        &[("KEEPWORTH_TOKEN_FILE", file)],
        &[&approve[..], &["--url", &it.keepworth.url]].concat(),
    );
    let approved = approved.done().stdout;
    assert!(
        approved.contains("version 1: approved") && approved.contains("by the token"),
        "{approved}"
    );
    let shown = scenario(&["forecast", "call-backs", "--figure", "leavers"])
        .done()
        .stdout;
    assert!(
        shown.contains("Customers who leave") && shown.contains("2028-06"),
        "{shown}"
    );
    let csv = scenario(&["forecast", "call-backs", "--format", "csv"])
        .done()
        .stdout;
    assert_eq!(csv.lines().count(), 1 + 10 * 25, "{csv}");
    let closed = scenario(&[
        "close",
        "call-backs",
        "--version",
        "1",
        "--reason",
        "it ended",
    ]);
    assert!(closed.done().stdout.contains("closed"));
    let policy = it.keepworth.ask(&["policy", "show"]).done().stdout;
    assert!(
        policy.contains("version 1") && policy.contains("for the test"),
        "{policy}"
    );
    let new = it.database.folder().join("policy.toml");
    let says =
        "oldest_baseline_months = 6\nfewest_futures = 500\nloss_limits = [{ most_losses = 0.1 }]\n";
    std::fs::write(&new, says).unwrap();
    let set = |onto: &str| {
        let file = new.to_str().unwrap();
        it.keepworth.ask(&[
            "policy", "set", file, "--onto", onto, "--reason", "stricter",
        ])
    };
    let late = set("0");
    assert!(
        late.code == 2 && late.stderr.contains("--onto 1"),
        "{late:?}"
    );
    assert!(set("1").done().stdout.contains("version 2"));
}
