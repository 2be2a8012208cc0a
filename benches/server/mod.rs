//! A Keepworth of its own for a benchmark: the demo, and what is asked of it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use keepworth_platform::access::LocalPlace;
use serde_json::Value;

/// Services, each with a database of its own.
pub const SERVICES: [&str; 4] = ["customers", "experience", "finance", "simulator"];

pub struct Server {
    child: Child,
    pub url: String,
    pub token: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// Starts the demo in one process, its databases being files, or on `postgres`.
    pub fn start(folder: &Path, postgres: Option<&str>) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_keepworth"));
        command
            .args(["up", "--demo", "--port", "0", "--data-dir"])
            .arg(folder);
        for service in postgres.map_or(&[][..], |_| &SERVICES[..]) {
            let url = format!("{}/load_{service}", postgres.unwrap_or_default());
            command.env(
                format!("KEEPWORTH__{}__DATABASE_URL", service.to_uppercase()),
                url,
            );
        }
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("keepworth starts");
        let output = BufReader::new(child.stdout.take().expect("its output"));
        let url = output.lines().map_while(Result::ok).find_map(|line| {
            let rest = line.strip_prefix("Serving on ")?;
            rest.split_whitespace().next().map(str::to_owned)
        });
        let url = url.expect("the demo ends by saying where it serves");
        let port = url.rsplit(':').next().and_then(|port| port.parse().ok());
        let place = LocalPlace::new(Path::new(""), port.expect("a port"));
        let token = std::fs::read_to_string(place.token()).expect("a token");
        Self { child, url, token }
    }

    pub fn post(&self, path: &str, body: &Value) -> Value {
        let client = reqwest::blocking::Client::builder().timeout(None).build();
        let client = client.expect("a client");
        let request = client
            .post(format!("{}{path}", self.url))
            .bearer_auth(&self.token)
            .json(body);
        let sent = request.header("prefer", "wait=600").send();
        sent.and_then(reqwest::blocking::Response::json)
            .expect("an answer")
    }
}
