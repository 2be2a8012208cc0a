//! What is taken away of a kept run: it says what the run says, or nothing is handed out.

use std::io::{Cursor, Write};
use std::process::Command;

use calamine::{Reader, Xlsx};
use lopdf::Document;
use parquet::file::reader::{FileReader, SerializedFileReader};
use reqwest::blocking::Response;
use serde_json::{Value, json};

use crate::support::{Company, Database, Keepworth, Kind, on_both_databases};

on_both_databases!(
    what_is_taken_away_is_what_the_run_says,
    what_cannot_be_made_again_is_not_handed_out,
    commands_look_at_runs_and_take_them_away,
);

const RUNS: &str = "/simulator/v1/runs";
const EVIDENCE: &str = "/simulator/v1/evidence";
const TRIALS: usize = 600;

/// Refers to the library, so that what stood there has to be kept with the run.
const SCENARIO: &str = r#"
name = "Call back, \"2026\" 字"
horizon_months = 24
discount_rate = 0.1
[[initiatives]]
name = "Call back"
sponsor = "Ada"
process_owner = "Grace"
reach = { business = 1.0 }
[[initiatives.effects]]
on = "hazard"
evidence = "call-backs"
[[initiatives.costs]]
type = "people"
amount = "100 to 400"
recurrence = "monthly"
"#;

fn evidence(mean: f64) -> Value {
    json!({
        "key": "call-backs", "title": "Pilot of call-backs", "lever": "HAZARD",
        "study": {"kind": "PILOT", "reading": "ALWAYS_VALID", "arms": {"control": 5012, "treated": 4987}},
        "size": {"form": "MEAN_SD", "mean": mean, "sd": 0.02}, "n": 9999, "source": "report 7",
        "owner": "Ada", "review_on": "2099-01-01",
    })
}

/// A company with a run that is kept.
struct Kept {
    keepworth: Keepworth,
    database: Database,
    run: Value,
}

impl Kept {
    fn new(kind: Kind) -> Self {
        let database = Database::new(kind);
        let keepworth = Keepworth::up(&database);
        Company::new(200, 3).load_into(&keepworth);
        let (status, frozen) =
            keepworth.post("/simulator/v1/baselines", &json!({"as_of": "2026-06-30"}));
        assert_eq!(status, 201, "{frozen}");
        assert_eq!(keepworth.post(EVIDENCE, &evidence(0.08)).0, 201);
        let order = json!({"scenario": SCENARIO, "baseline_hash": frozen["hash"], "trials": TRIALS, "ledger": true});
        let (status, run) = keepworth.post(RUNS, &order);
        assert_eq!(status, 201, "{run}");
        Self {
            keepworth,
            database,
            run,
        }
    }

    fn id(&self) -> &str {
        self.run["summary"]["id"].as_str().unwrap()
    }

    fn ask(&self, what: &str, headers: &[(&str, &str)]) -> Response {
        let path = self.keepworth.at(&format!("{RUNS}/{}/{what}", self.id()));
        let mut request = self.keepworth.client().get(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().unwrap()
    }

    fn bytes(&self, what: &str, accept: &str) -> Vec<u8> {
        let answer = self.ask(what, &[("accept", accept)]);
        assert_eq!(answer.status(), 200, "{:?}", answer.text());
        let kind = answer.headers()["content-type"]
            .to_str()
            .unwrap()
            .to_owned();
        assert!(accept == "*/*" || kind.starts_with(accept), "{kind}");
        answer.bytes().unwrap().to_vec()
    }

    fn refused(&self, what: &str) -> (u16, Value) {
        let answer = self.ask(what, &[]);
        (answer.status().as_u16(), answer.json().unwrap())
    }

    fn outcome(&self, name: &str, statistic: &str) -> f64 {
        let value = &self.run["result"]["outcomes"][name][statistic];
        value
            .as_f64()
            .unwrap_or_else(|| panic!("{name} {statistic}: {value}"))
    }
}

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const PDF: &str = "application/pdf";
const CSV: &str = "text/csv";
const PARQUET: &str = "application/vnd.apache.parquet";

/// What both pages of a memo say, in words that single spaces part.
fn said(memo: &[u8]) -> String {
    let document = Document::load_mem(memo).unwrap();
    assert_eq!(document.get_pages().len(), 2);
    let text = document.extract_text(&[1, 2]).unwrap();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn what_is_taken_away_is_what_the_run_says(kind: Kind) {
    let it = Kept::new(kind);
    // Whatever becomes of the library: the run is of what it said then.
    let place = it.keepworth.at(&format!("{EVIDENCE}/call-backs"));
    let replaced = it.keepworth.client().put(place).header("if-match", "*");
    assert_eq!(replaced.json(&evidence(0.5)).send().unwrap().status(), 200);

    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(it.bytes("workbook", XLSX))).unwrap();
    let summary = book.worksheet_range("Summary").unwrap();
    let row = summary.rows().find(|row| row[0] == "NPV").unwrap();
    for (column, statistic) in [(1, "p5"), (2, "p50"), (3, "p95"), (4, "mean")] {
        let shown: f64 = row[column].to_string().parse().unwrap();
        assert_eq!(shown, it.outcome("npv", statistic), "{statistic}");
    }

    let memo = it.bytes("memo", PDF);
    let text = said(&memo);
    let loss = it.run["result"]["probabilities"]["npv_negative"]["value"]
        .as_f64()
        .unwrap();
    let loss = keepworth_verdict::words::chance(loss, TRIALS as u64);
    let loss = loss.split_whitespace().collect::<Vec<_>>().join(" ");
    let baseline = &it.run["summary"]["baseline_hash"].as_str().unwrap()[..12];
    for words in [
        &format!("Chance of a loss {loss}"),
        &format!("Run {}", it.id()),
        &format!("baseline {baseline} of 2026-06-30"),
        "Call back: hazard",
        "U+5B57",
    ] {
        assert!(text.contains(words), "{words:?} is not in {text}");
    }
    assert!(it.bytes("memo", "*/*") == memo, "the same bytes");

    let lines = String::from_utf8(it.bytes("futures", CSV)).unwrap();
    let mut lines = csv::Reader::from_reader(lines.as_bytes());
    let column = lines
        .headers()
        .unwrap()
        .iter()
        .position(|it| it == "npv")
        .unwrap();
    let npv = lines
        .records()
        .map(|line| line.unwrap()[column].parse::<f64>().unwrap());
    let npv: Vec<f64> = npv.collect();
    assert_eq!(npv.len(), TRIALS);
    let (mean, kept) = (
        npv.iter().sum::<f64>() / TRIALS as f64,
        it.outcome("npv", "mean"),
    );
    assert!(
        (mean - kept).abs() < 1e-9 * kept.abs(),
        "{mean} against {kept}"
    );
    let mut columns = tempfile::tempfile().unwrap();
    columns.write_all(&it.bytes("futures", PARQUET)).unwrap();
    let file = SerializedFileReader::new(columns).unwrap();
    assert_eq!(file.metadata().file_metadata().num_rows(), TRIALS as i64);

    // With a name that every disk takes, and for who has it already no second time.
    let first = it.ask("memo", &[]);
    let name = format!("attachment; filename=\"call-back-2026-{}.pdf\"", it.id());
    assert_eq!(first.headers()["content-disposition"], name.as_str());
    let tag = first.headers()["etag"].to_str().unwrap().to_owned();
    let again = it.ask("memo", &[("if-none-match", &tag)]);
    assert_eq!(
        (again.status().as_u16(), again.bytes().unwrap().len()),
        (304, 0)
    );
}

fn what_cannot_be_made_again_is_not_handed_out(kind: Kind) {
    let it = Kept::new(kind);
    for what in ["workbook", "memo", "futures"] {
        let (status, problem) = it.keepworth.get(&format!(
            "{RUNS}/019a0000-0000-7000-8000-000000000000/{what}"
        ));
        assert_eq!((status, &problem["code"]), (404, &json!("not_found")));
        let answer = it.ask(what, &[("accept", "application/json")]);
        assert_eq!(answer.status(), 406);
        let problem: Value = answer.json().unwrap();
        assert_eq!(problem["code"], "not_acceptable");
        let kinds = match what {
            "workbook" => XLSX,
            "memo" => PDF,
            _ => "text/csv or application/vnd.apache.parquet",
        };
        assert!(
            problem["detail"].as_str().unwrap().contains(kinds),
            "{problem}"
        );
    }
    let change = |from: &str, to: &str| {
        let statement = format!("UPDATE runs SET result = replace(result, '{from}', '{to}')");
        it.database.execute("simulator", &statement);
    };
    let reason = |what: &str| {
        let (status, problem) = it.refused(what);
        assert_eq!(
            (status, &problem["code"]),
            (409, &json!("run_not_reproducible")),
            "{problem}"
        );
        problem["detail"].as_str().unwrap().to_owned()
    };
    let engine = it.run["result"]["engine_version"].as_str().unwrap();
    change(
        &format!("\"engine_version\":\"{engine}\""),
        "\"engine_version\":\"0.4.0\"",
    );
    let old = reason("memo");
    assert!(
        old.contains("engine 0.4.0") && old.contains("POST /v1/runs"),
        "{old}"
    );
    change(
        "\"engine_version\":\"0.4.0\"",
        &format!("\"engine_version\":\"{engine}\""),
    );
    assert_eq!(it.ask("memo", &[]).status(), 200);

    // Figures that are not those of the run.
    let mean = it.run["result"]["outcomes"]["npv"]["mean"].to_string();
    change(&format!("\"mean\":{mean}"), &format!("\"mean\":{mean}e1"));
    for what in ["workbook", "memo", "futures"] {
        assert!(reason(what).contains("its figures came to something else"));
    }
    change(&format!("\"mean\":{mean}e1"), &format!("\"mean\":{mean}"));

    // Kept before what a scenario refers to was kept with its run.
    let forget = "UPDATE runs SET resolved_scenario = NULL";
    it.database.execute("simulator", forget);
    assert!(reason("workbook").contains("did not keep what its scenario referred to"));
}

fn commands_look_at_runs_and_take_them_away(kind: Kind) {
    let it = Kept::new(kind);
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let list = it.keepworth.ask(&["run", "list"]).done().stdout;
    assert!(list.contains(it.id()), "{list}");
    let others = it
        .keepworth
        .ask(&["run", "list", "--scenario", "other"])
        .done();
    assert!(others.stdout.contains("No run is kept"), "{others:?}");
    let shown = it.keepworth.ask(&["run", "show", it.id()]).done().stdout;
    assert!(
        shown.contains("net present value") && shown.contains("lose money"),
        "{shown}"
    );
    for (what, name) in [
        ("memo", "memo.pdf"),
        ("workbook", "run.xlsx"),
        ("futures", "all.csv"),
        ("futures", "all.parquet"),
    ] {
        let path = path(name);
        it.keepworth
            .ask(&["report", what, it.id(), "-o", &path])
            .done();
        let accept = match name {
            "memo.pdf" => PDF,
            "run.xlsx" => XLSX,
            "all.csv" => CSV,
            _ => PARQUET,
        };
        assert!(
            std::fs::read(&path).unwrap() == it.bytes(what, accept),
            "{name}"
        );
    }
    let refused = it
        .keepworth
        .ask(&["report", "futures", it.id(), "-o", &path("a.pdf")]);
    assert!(
        refused.code == 2 && refused.stderr.contains("csv or parquet"),
        "{refused:?}"
    );
    seen_by_others(&path("memo.pdf"));
    it.keepworth.ask(&["run", "remove", it.id()]).done();
    let gone = it
        .keepworth
        .ask(&["report", "memo", it.id(), "-o", &path("gone.pdf")]);
    assert!(
        gone.code == 2 && gone.stderr.contains("no run has the id"),
        "{gone:?}"
    );
    assert!(!folder.path().join("gone.pdf").exists());
}

/// What another program makes of a memo; skipped where it is not there.
fn seen_by_others(memo: &str) {
    let Ok(folder) = std::env::var("KEEPWORTH_TEST_POPPLER") else {
        eprintln!(
            "skipped: KEEPWORTH_TEST_POPPLER does not name a folder; `make test` installs it"
        );
        return;
    };
    let ask = |program: &str, more: &[&str]| {
        let command = Command::new(format!("{folder}/{program}"))
            .arg(memo)
            .args(more)
            .output();
        String::from_utf8(command.unwrap().stdout).unwrap()
    };
    let about = ask("pdfinfo", &[]);
    let says = |name: &str| {
        let line = about
            .lines()
            .find(|it| it.starts_with(name))
            .unwrap_or_default();
        line.split_once(':')
            .map_or("", |(_, says)| says.trim())
            .to_owned()
    };
    assert_eq!([says("Pages"), says("Tagged")], ["2", "yes"], "{about}");
    assert!(says("Page size").ends_with("(A4)"), "{about}");
    let fonts = ask("pdffonts", &[]);
    let mut fonts = fonts.lines().skip(2).peekable();
    assert!(fonts.peek().is_some());
    assert!(
        fonts.all(|font| font.contains(" yes yes yes ")),
        "embedded, in part, with their text"
    );
    let text = ask("pdftotext", &["-"]);
    assert!(
        text.contains("Chance of a loss") && text.contains("Page 2 of 2"),
        "{text}"
    );
}
