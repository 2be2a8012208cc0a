//! How long somebody waits who drags a slider: what if over HTTP, first byte of the question to last of the answer, one
//! user and four, on the sample company. `make bench-what-if` runs it.
//!
//! Each question is 10,000 futures with bands by month and tornado, and none is asked twice.

#![expect(
    clippy::expect_used,
    reason = "a benchmark fails where it cannot go on"
)]

mod server;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use server::Server;

const LASTS: Duration = Duration::from_secs(15);
/// A question whose answer depends on a number.
struct Question {
    scenario: String,
    hash: Value,
    path: &'static str,
}

impl Question {
    fn ask(&self, server: &Server, client: &reqwest::blocking::Client, value: f64) {
        let body = json!({
            "scenario": self.scenario, "baseline_hash": self.hash,
            "changes": [{"path": self.path, "value": value.to_string()}],
        });
        let request = client.post(format!("{}/simulator/v1/what-if", server.url));
        let answer = request.bearer_auth(&server.token).json(&body).send();
        let answer = answer.expect("an answer");
        let status = answer.status();
        let text = answer.bytes().expect("to its end");
        assert!(status.is_success(), "{}", String::from_utf8_lossy(&text));
    }
}

fn measure(name: &str, server: &Server, question: &Question) {
    let asked = AtomicU64::new(0);
    for users in [1, 4] {
        let over = AtomicBool::new(false);
        let user = || {
            let client = reqwest::blocking::Client::new();
            let mut took = Vec::new();
            while !over.load(Ordering::Relaxed) {
                let number = asked.fetch_add(1, Ordering::Relaxed);
                let start = Instant::now();
                question.ask(server, &client, 0.05 + number as f64 * 1e-6);
                took.push(start.elapsed());
            }
            took
        };
        let mut took: Vec<Duration> = std::thread::scope(|scope| {
            let users: Vec<_> = (0..users).map(|_| scope.spawn(user)).collect();
            std::thread::sleep(LASTS);
            over.store(true, Ordering::Relaxed);
            let took = users.into_iter().map(|it| it.join().expect("a user"));
            took.flatten().collect()
        });
        took.sort_unstable();
        let at = |share: f64| took[((took.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
        println!(
            "{name:16} {users:>5} {:>7} {:>8.1} {:>8.1} {:>8.1}",
            took.len(),
            at(0.5),
            at(0.95),
            at(1.0)
        );
    }
}

fn sample(server: &Server) -> Question {
    let baseline = server.post("/simulator/v1/baselines", &json!({"as_of": "2025-12-31"}));
    let scenario = "name = \"Sample\"\nhorizon_months = 36\ndiscount_rate = 0.1\n\
        [[initiatives]]\nname = \"One\"\nreach = { business = 0.5 }\n\
        effects = [{ on = \"hazard\", size = \"4% to 13%\", grade = \"B\" }]\n\
        costs = [{ type = \"people\", amount = \"1500 to 2500\", recurrence = \"monthly\" }]\n";
    Question {
        scenario: scenario.to_owned(),
        hash: baseline["hash"].clone(),
        path: "discount_rate",
    }
}

fn main() {
    println!("what if over HTTP: 10,000 futures with bands and tornado, milliseconds");
    println!("                 users   asked   median      p95  longest");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = Server::start(folder.path(), None);
    measure("sample", &server, &sample(&server));
}
