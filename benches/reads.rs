//! Point reads a second of this build beside those of another, such as one from before the gate and the audit:
//! `make bench-reads BEFORE=path/to/keepworth`. Both serve at once, and are asked in turns, so that what else the
//! machine does falls on both.

#![expect(
    clippy::expect_used,
    reason = "a benchmark fails where it cannot go on"
)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use keepworth_platform::access::LocalPlace;
use serde_json::{Value, json};

/// Callers, each with a connection that stays open.
const CALLERS: usize = 8;
const CUSTOMERS: usize = 1_000;
const ROUNDS: usize = 12;
const LASTS: Duration = Duration::from_secs(4);

struct Server {
    child: Child,
    address: String,
    /// What a request has beside its path; a build from before the gate has no token.
    token: String,
    ids: Vec<String>,
    _folder: tempfile::TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    fn start(binary: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut child = Command::new(binary)
            .args([
                "up",
                "--port",
                "0",
                "--set",
                "log.format=json",
                "--data-dir",
            ])
            .arg(folder.path().join("data"))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("keepworth starts");
        let mut log = BufReader::new(child.stderr.take().expect("its log")).lines();
        let url = log.by_ref().map_while(Result::ok).find_map(|line| {
            let event: Value = serde_json::from_str(&line).ok()?;
            let url = (event["message"] == "serving").then(|| event["url"].as_str())?;
            url.map(str::to_owned)
        });
        // Somebody must read on, or the process stops when the pipe is full.
        std::thread::spawn(move || log.map_while(Result::ok).for_each(drop));
        let url = url.expect("it says where it serves");
        let address = url.trim_start_matches("http://").to_owned();
        let port = address.rsplit(':').next().and_then(|it| it.parse().ok());
        let place = LocalPlace::new(Path::new(""), port.expect("a port"));
        let token = std::fs::read_to_string(place.token()).ok();
        let token = token.map(|it| format!("authorization: Bearer {it}\r\n"));
        let mut server = Self {
            child,
            address,
            token: token.unwrap_or_default(),
            ids: Vec::new(),
            _folder: folder,
        };
        server.fill();
        server
    }

    fn fill(&mut self) {
        let customer = |id| json!({"source": "load", "external_id": format!("c-{id}"), "segment": "starter", "acquired_on": "2024-01-01"});
        let items: Vec<Value> = (0..CUSTOMERS).map(customer).collect();
        let body = json!({"import_id": "1", "create_segments": true, "items": items}).to_string();
        let mut line = Line::open(self);
        let length = body.len();
        let head = "POST /customers/v1/customers:batch_upsert";
        let more = format!("content-type: application/json\r\ncontent-length: {length}\r\n");
        line.ask(head, &more, &body);
        let page = line.ask("GET /customers/v1/customers?page_size=1000", "", "");
        let page: Value = serde_json::from_slice(&page).expect("a page");
        let ids = page["items"].as_array().expect("customers").iter();
        self.ids = ids
            .map(|it| it["id"].as_str().expect("an id").to_owned())
            .collect();
    }

    /// Reads a second.
    fn measure(&self) -> f64 {
        let start = Instant::now();
        let read = |caller: usize| {
            let mut line = Line::open(self);
            let mut done = 0_u32;
            for id in self.ids.iter().cycle().skip(caller * 97) {
                if start.elapsed() >= LASTS {
                    break;
                }
                line.ask(&format!("GET /customers/v1/customers/{id}"), "", "");
                done += 1;
            }
            done
        };
        let done: u32 = std::thread::scope(|scope| {
            let callers = (0..CALLERS).map(|caller| scope.spawn(move || read(caller)));
            let callers: Vec<_> = callers.collect();
            callers
                .into_iter()
                .map(|it| it.join().expect("a caller"))
                .sum()
        });
        f64::from(done) / start.elapsed().as_secs_f64()
    }
}

/// A connection that stays open.
struct Line<'a> {
    server: &'a Server,
    stream: BufReader<TcpStream>,
}

impl<'a> Line<'a> {
    fn open(server: &'a Server) -> Self {
        let stream = TcpStream::connect(&server.address).expect("a connection");
        stream.set_nodelay(true).expect("no delay");
        Self {
            server,
            stream: BufReader::new(stream),
        }
    }

    /// The body of an answer that is 200.
    fn ask(&mut self, what: &str, more: &str, body: &str) -> Vec<u8> {
        let token = &self.server.token;
        let request = format!("{what} HTTP/1.1\r\nhost: localhost\r\n{token}{more}\r\n{body}");
        let sent = self.stream.get_mut().write_all(request.as_bytes());
        sent.expect("a request");
        let (mut length, mut line) = (0, String::new());
        loop {
            line.clear();
            self.stream.read_line(&mut line).expect("a head");
            let is_good = !line.starts_with("HTTP/1.1") || line.contains(" 200 ");
            assert!(is_good, "{what}: {line}");
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().expect("a length");
            }
            if line == "\r\n" {
                break;
            }
        }
        let mut answer = vec![0; length];
        self.stream.read_exact(&mut answer).expect("a body");
        answer
    }
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() {
    let now = Server::start(env!("CARGO_BIN_EXE_keepworth"));
    let before = std::env::var("KEEPWORTH_BENCH_BEFORE").unwrap_or_default();
    if before.is_empty() {
        println!("{:.0} point reads a second", now.measure());
        return;
    }
    let before = Server::start(&before);
    for server in [&before, &now] {
        server.measure();
    }
    let (mut befores, mut nows, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        // Who is asked first changes, so that neither has the better moment.
        let (first, second) = if round % 2 == 0 {
            (&before, &now)
        } else {
            (&now, &before)
        };
        let (a, b) = (first.measure(), second.measure());
        let (was, is) = if round % 2 == 0 { (a, b) } else { (b, a) };
        println!(
            "before {was:.0}/s, now {is:.0}/s: {:.1} %",
            is / was * 100.0
        );
        befores.push(was);
        nows.push(is);
        ratios.push(is / was * 100.0);
    }
    let middle = median(&mut ratios);
    println!(
        "median of {ROUNDS}: before {:.0}/s, now {:.0}/s: {middle:.1} % ({:.1} to {:.1} %), {CALLERS} callers",
        median(&mut befores),
        median(&mut nows),
        ratios[0],
        ratios[ROUNDS - 1],
    );
}
