//! A company whose scenarios are submitted and decided on.

use serde_json::{Value, json};

use super::{Company, Database, Keepworth, Kind};

pub const SCENARIOS: &str = "/simulator/v1/scenarios";
pub const POLICY: &str = "/simulator/v1/policy";

/// A scenario that pays, somewhat.
pub fn text() -> String {
    "name = \"Call backs\"\nhorizon_months = 24\ndiscount_rate = 0.1\n[[initiatives]]\nname = \"Call back\"\n\
     sponsor = \"Ada\"\nprocess_owner = \"Grace\"\nreach = { business = 1.0 }\n\
     costs = [{ type = \"people\", amount = 1000 }]\n\
     effects = [{ on = \"hazard\", size = 0.1 }]\n".to_owned()
}

/// A company with a baseline, somebody who writes, and somebody who decides.
pub struct Board {
    pub keepworth: Keepworth,
    pub database: Database,
    /// The baseline's hash.
    pub hash: Value,
    pub approver: String,
}

impl Board {
    pub fn new(kind: Kind) -> Self {
        Self::of(kind, 200, "2026-06-30")
    }

    /// Of a company of so many customers, as of a day.
    pub fn of(kind: Kind, customers: u32, as_of: &str) -> Self {
        let database = Database::new(kind);
        let keepworth = Keepworth::up(&database);
        Company::new(customers, 3).load_into(&keepworth);
        let (status, frozen) = keepworth.post("/simulator/v1/baselines", &json!({"as_of": as_of}));
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

    pub fn set_policy(&self, policy: &Value) -> Value {
        let request = self.keepworth.client().put(self.keepworth.at(POLICY));
        let request = request
            .header("if-match", "*")
            .header("keepworth-reason", "for the test");
        let answer = request.json(policy).send().unwrap();
        let (status, put) = (answer.status().as_u16(), answer.json::<Value>().unwrap());
        assert_eq!(status, 200, "{put}");
        put
    }

    pub fn create(&self, key: &str, scenario: &str) {
        let new = json!({"key": key, "scenario": scenario, "baseline_hash": self.hash});
        let (status, made) = self.keepworth.post(SCENARIOS, &new);
        assert_eq!(status, 201, "{made}");
    }

    pub fn put(&self, key: &str, scenario: &str) {
        let path = self.keepworth.at(&format!("{SCENARIOS}/{key}"));
        let body = json!({"scenario": scenario, "baseline_hash": self.hash});
        let request = self.keepworth.client().put(path).json(&body);
        let answer = request.header("if-match", "*").send().unwrap();
        assert_eq!(answer.status(), 200);
    }

    /// Runs the newest version.
    pub fn run(&self, key: &str) -> Value {
        self.run_by(key, 1)
    }

    /// The same by another seed: what was run before is not drawn again.
    pub fn run_by(&self, key: &str, seed: u64) -> Value {
        let order = json!({"scenario_key": key, "trials": 2000, "seed": seed});
        let (status, run) = self.keepworth.post("/simulator/v1/runs", &order);
        assert_eq!(status, 201, "{run}");
        run
    }

    pub fn act(&self, key: &str, verb: &str, body: &Value) -> (u16, Value) {
        self.keepworth
            .post(&format!("{SCENARIOS}/{key}:{verb}"), body)
    }

    /// The same by who decides.
    pub fn decide(&self, key: &str, verb: &str, body: &Value) -> (u16, Value) {
        act_by(&self.keepworth, &self.approver, key, verb, body)
    }

    pub fn approval(&self, key: &str, version: u32) -> Value {
        let (status, it) = self
            .keepworth
            .get(&format!("{SCENARIOS}/{key}/approval?version={version}"));
        assert_eq!(status, 200, "{it}");
        it
    }

    /// Creates, runs, submits: what names the submission.
    pub fn submitted(&self, key: &str) -> Value {
        self.submitted_as(key, &text())
    }

    /// The same of a scenario's text.
    pub fn submitted_as(&self, key: &str, scenario: &str) -> Value {
        self.create(key, scenario);
        self.submit(key)
    }

    /// Runs and submits the first version of what is kept: what names the submission.
    pub fn submit(&self, key: &str) -> Value {
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

pub fn act_by(
    keepworth: &Keepworth,
    token: &str,
    key: &str,
    verb: &str,
    body: &Value,
) -> (u16, Value) {
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

pub fn token(keepworth: &Keepworth, name: &str, permissions: &[&str]) -> String {
    let input = json!({"name": name, "permissions": permissions, "days": 30});
    let (status, made) = keepworth.post("/simulator/v1/tokens", &input);
    assert_eq!(status, 201, "{made}");
    made["secret"].as_str().unwrap().to_owned()
}
