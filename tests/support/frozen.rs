//! A company with a baseline, on which scenarios are kept.

use serde_json::{Value, json};

use super::{Company, Database, Keepworth, Kind};

/// A running Keepworth with a company, frozen on a day.
pub struct Frozen {
    pub keepworth: Keepworth,
    pub database: Database,
    /// The baseline's hash.
    pub hash: String,
}

impl Frozen {
    pub fn new(kind: Kind) -> Self {
        Self::with(kind, &[])
    }

    /// The same under some settings.
    pub fn with(kind: Kind, settings: &[&str]) -> Self {
        let database = Database::new(kind);
        let keepworth = Keepworth::start(&["up"], &database, settings);
        Company::new(200, 3).load_into(&keepworth);
        let day = json!({"as_of": "2026-06-30"});
        let (status, frozen) = keepworth.post("/simulator/v1/baselines", &day);
        assert_eq!(status, 201, "{frozen}");
        Self {
            hash: frozen["hash"].as_str().unwrap().to_owned(),
            keepworth,
            database,
        }
    }

    /// Keeps a scenario under a new key.
    pub fn keep(&self, key: &str, scenario: &str) -> Value {
        let new = json!({"key": key, "scenario": scenario, "baseline_hash": self.hash});
        let (status, made) = self.keepworth.post("/simulator/v1/scenarios", &new);
        assert_eq!(status, 201, "{made}");
        made
    }
}
