//! A running Keepworth, and its command line.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use keepworth_platform::access::LocalPlace;
use reqwest::blocking::multipart;
use reqwest::header::{AUTHORIZATION, HeaderMap};
use serde_json::{Value, json};

use super::Database;

/// The binary under test.
fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_keepworth"));
    command.env_remove("KEEPWORTH_CONFIG");
    command
}

/// What a command answered.
#[derive(Debug)]
pub struct Answer {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Answer {
    /// Standard output as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The answer, when all was done.
    pub fn done(self) -> Self {
        assert_eq!(self.code, 0, "{self:?}");
        self
    }
}

/// Runs a command to its end.
pub fn run(arguments: &[&str]) -> Answer {
    run_in(&[], arguments)
}

/// Runs a command to its end, with more in its environment.
pub fn run_in(environment: &[(&str, &str)], arguments: &[&str]) -> Answer {
    let mut command = command();
    command.envs(environment.iter().copied());
    let output = command.args(arguments).output().unwrap();
    Answer {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A process that serves; it is told to stop with the value.
pub struct Keepworth {
    child: Child,
    pub url: String,
    /// Where its socket and token are; nothing is the user's own folder. A worker has none.
    run_dir: Option<PathBuf>,
    log: Arc<Mutex<Vec<String>>>,
}

impl Keepworth {
    /// Everything in one process.
    pub fn up(database: &Database) -> Self {
        Self::start(&["up"], database, &[])
    }

    /// Starts `verb` on a free port, with more settings.
    pub fn start(verb: &[&str], database: &Database, more: &[&str]) -> Self {
        Self::start_on(verb, database, more, "0")
    }

    /// The same on a port, such as that of a process that has stopped.
    pub fn start_on(verb: &[&str], database: &Database, more: &[&str], port: &str) -> Self {
        let mut command = command();
        command
            .args(verb)
            .args(["--port", port, "--set", "log.format=json"]);
        for setting in database
            .settings()
            .iter()
            .map(String::as_str)
            .chain(more.iter().copied())
        {
            command.args(["--set", setting]);
        }
        let mut child = command
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut seen = Vec::new();
        let url = loop {
            let Some(Ok(line)) = lines.next() else {
                panic!("it did not start: {seen:?}")
            };
            let event: Value = serde_json::from_str(&line).unwrap_or_default();
            if event["message"] == "serving" {
                break event["url"].as_str().unwrap().to_owned();
            }
            seen.push(line);
        };
        // Somebody must read on, or the process stops when the pipe is full.
        let log = Arc::new(Mutex::new(seen));
        let kept = Arc::clone(&log);
        std::thread::spawn(move || {
            lines
                .map_while(Result::ok)
                .for_each(|line| kept.lock().unwrap().push(line));
        });
        // A process that was killed leaves its token behind, and another may get its port.
        let run_dir = more
            .iter()
            .find_map(|it| it.strip_prefix("access.run_dir="));
        let has_token = verb.first() != Some(&"worker");
        let run_dir = has_token.then(|| PathBuf::from(run_dir.unwrap_or_default()));
        Self {
            child,
            url,
            run_dir,
            log,
        }
    }

    /// The token of who may do everything.
    pub fn token(&self) -> String {
        self.find_token().unwrap()
    }

    fn find_token(&self) -> Option<String> {
        let port = self.url.rsplit(':').next().unwrap().parse().unwrap();
        let file = LocalPlace::new(self.run_dir.as_deref()?, port).token();
        std::fs::read_to_string(file).ok()
    }

    /// A client that shows it, where there is one: a worker has nothing to ask for.
    pub fn client(&self) -> reqwest::blocking::Client {
        client(self.find_token().as_deref())
    }

    /// A client that shows nothing.
    pub fn stranger(&self) -> reqwest::blocking::Client {
        client(None)
    }

    /// What it has logged so far, line by line.
    pub fn log(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }

    /// The process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The URL of a path below a service.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// GET: status and JSON.
    pub fn get(&self, path: &str) -> (u16, Value) {
        answer(self.client().get(self.at(path)).send())
    }

    /// POST of JSON: status and JSON. Long work is waited for, and why it is done is said.
    pub fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let request = self.client().post(self.at(path)).json(body);
        let request = request.header("keepworth-reason", "test");
        answer(request.header("prefer", "wait=600").send())
    }

    /// The same, saying why.
    pub fn post_because(&self, path: &str, body: &Value, reason: &str) -> (u16, Value) {
        let request = self.client().post(self.at(path)).json(body);
        let request = request.header("keepworth-reason", reason);
        answer(request.header("prefer", "wait=600").send())
    }

    /// Sends records of an import, all of which must be taken: what became of the last thousand.
    pub fn take(&self, path: &str, import: &str, items: &[Value]) -> Value {
        let mut last = Value::Null;
        for some in items.chunks(1_000) {
            let body = json!({"import_id": import, "create_segments": true, "items": some});
            let (status, report) = self.post(&format!("/{path}:batch_upsert"), &body);
            assert_eq!((status, &report["rejected"]), (200, &json!([])), "{report}");
            last = report;
        }
        last
    }

    /// POST of JSON that waits for nothing: status and JSON.
    pub fn order(&self, path: &str, body: &Value) -> (u16, Value) {
        answer(self.client().post(self.at(path)).json(body).send())
    }

    /// POST of a file with fields beside it: status and JSON. What comes of it is waited for.
    pub fn upload(&self, path: &str, file: &Path, fields: &[(&str, &str)]) -> (u16, Value) {
        self.upload_within(path, file, fields, 600)
    }

    /// The same, waiting for so many seconds.
    pub fn upload_within(
        &self,
        path: &str,
        file: &Path,
        fields: &[(&str, &str)],
        seconds: u32,
    ) -> (u16, Value) {
        let mut form = multipart::Form::new();
        for (name, text) in fields {
            form = form.text((*name).to_owned(), (*text).to_owned());
        }
        let form = form.file("file", file).unwrap();
        let request = self.client().post(self.at(path)).multipart(form);
        answer(request.header("prefer", format!("wait={seconds}")).send())
    }

    /// GET: status and text.
    pub fn text(&self, path: &str) -> (u16, String) {
        let response = self.client().get(self.at(path)).send().unwrap();
        (response.status().as_u16(), response.text().unwrap())
    }

    /// PUT of JSON: status and JSON. Why it is done is said.
    pub fn put(&self, path: &str, body: &Value) -> (u16, Value) {
        let request = self.client().put(self.at(path)).json(body);
        answer(request.header("keepworth-reason", "test").send())
    }

    /// Runs a command that asks it.
    pub fn ask(&self, arguments: &[&str]) -> Answer {
        run(&[arguments, &["--url", &self.url]].concat())
    }

    /// Imports a file; `arguments` follow kind, file and mapping.
    pub fn import(&self, kind: &str, file: &Path, mapping: &Path, arguments: &[&str]) -> Answer {
        let (file, mapping) = (file.to_str().unwrap(), mapping.to_str().unwrap());
        let fixed = [
            "import",
            kind,
            file,
            "--mapping",
            mapping,
            "--url",
            &self.url,
            "--format",
            "json",
        ];
        run(&[&fixed[..], arguments].concat())
    }

    /// Asks it to stop, as Kubernetes does.
    pub fn terminate(&self) {
        let killed = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status();
        assert!(killed.unwrap().success());
    }

    /// Ends it without a word, as a node that fails does.
    pub fn kill(&self) {
        let killed = Command::new("kill")
            .args(["-KILL", &self.child.id().to_string()])
            .status();
        assert!(killed.unwrap().success());
    }

    /// Waits until it has stopped.
    pub fn wait(&mut self, at_most: Duration) -> Option<ExitStatus> {
        let start = Instant::now();
        while start.elapsed() < at_most {
            if let Some(status) = self.child.try_wait().unwrap() {
                return Some(status);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        None
    }
}

impl Drop for Keepworth {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An HTTP client that shows a token, when there is one, and waits long enough for a loaded machine.
fn client(token: Option<&str>) -> reqwest::blocking::Client {
    let mut headers = HeaderMap::new();
    if let Some(token) = token {
        headers.insert(AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
    }
    reqwest::blocking::Client::builder()
        .default_headers(headers)
        .timeout(Duration::from_secs(120))
        .build()
        .unwrap()
}

fn answer(sent: reqwest::Result<reqwest::blocking::Response>) -> (u16, Value) {
    let response = sent.unwrap();
    (
        response.status().as_u16(),
        response.json().unwrap_or_default(),
    )
}
