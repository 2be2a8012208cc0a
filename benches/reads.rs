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
/// Microseconds of a clock tick, of which Linux counts a hundred a second.
const TICK: f64 = 10_000.0;
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

    /// Clock ticks that the process has had a core for.
    fn ticks(&self) -> u64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()));
        let stat = stat.expect("Linux");
        let fields = stat.rsplit(") ").next().expect("fields").split(' ');
        let own = fields.skip(11).take(2); // utime and stime, proc_pid_stat(5)
        own.map(|it| it.parse::<u64>().expect("ticks")).sum()
    }

    fn measure(&self) -> Measured {
        let (start, ticks) = (Instant::now(), self.ticks());
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
        let took = self.ticks() - ticks;
        Measured {
            reads: f64::from(done) / start.elapsed().as_secs_f64(),
            cost: took as f64 * TICK / f64::from(done),
        }
    }
}

/// What a server did while it was asked.
struct Measured {
    /// Reads a second: the callers are on the same cores, and take their part.
    reads: f64,
    /// Microseconds of a core that the server took for one, whatever else the machine does.
    cost: f64,
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

/// The middle one, and the least and the largest.
fn spread(mut values: Vec<f64>) -> String {
    values.sort_by(f64::total_cmp);
    let (least, most) = (values[0], values[values.len() - 1]);
    let middle = f64::midpoint(values[(values.len() - 1) / 2], values[values.len() / 2]);
    format!("{middle:.1} ({least:.1} to {most:.1})")
}

fn main() {
    let now = Server::start(env!("CARGO_BIN_EXE_keepworth"));
    let before = std::env::var("KEEPWORTH_BENCH_BEFORE").unwrap_or_default();
    if before.is_empty() {
        let Measured { reads, cost } = now.measure();
        println!("{reads:.0} point reads a second, {cost:.0} µs of a core each");
        return;
    }
    let before = Server::start(&before);
    for server in [&before, &now] {
        server.measure();
    }
    let mut rounds = Vec::new();
    for round in 0..ROUNDS {
        // Who is asked first changes, so that neither has the better moment.
        let (was, is) = if round % 2 == 0 {
            let was = before.measure();
            (was, now.measure())
        } else {
            let is = now.measure();
            (before.measure(), is)
        };
        println!(
            "before {:.0}/s at {:.1} µs, now {:.0}/s at {:.1} µs",
            was.reads, was.cost, is.reads, is.cost
        );
        rounds.push((was, is));
    }
    let of = |figure: fn(&(Measured, Measured)) -> f64| spread(rounds.iter().map(figure).collect());
    println!("median of {ROUNDS} rounds (least to most), {CALLERS} callers:");
    println!("reads a second before {}", of(|(was, _)| was.reads));
    println!("reads a second now    {}", of(|(_, is)| is.reads));
    println!(
        "now of before, %      {}",
        of(|(was, is)| is.reads / was.reads * 100.0)
    );
    println!("µs of a core before   {}", of(|(was, _)| was.cost));
    println!("µs of a core now      {}", of(|(_, is)| is.cost));
    println!(
        "before of now, %      {}",
        of(|(was, is)| was.cost / is.cost * 100.0)
    );
}
