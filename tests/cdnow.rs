//! The public CDNOW customers through the services, against what is published of them; and the page that walks from
//! their log to a simulated programme.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use chrono::{Days, NaiveDate};
use keepworth_retention::purchase::{Histories, History, Model, fit};
use serde_json::Value;

use crate::company::{baseline, simulate};
use crate::support::{Database, Keepworth, Kind, on_both_databases, run, workspace};

on_both_databases!(what_is_published_comes_through_the_services);

const PAGE: &str = "examples/cdnow/README.md";
/// The end of the 39 weeks that the published fits are of.
const CALIBRATION: &str = "1997-09-30";

/// A line of the file with one line per customer.
struct Customer {
    id: String,
    repeats: u64,
    /// Days from the first purchase to the last, and to the end of the 39 weeks.
    last: u64,
    age: u64,
    mean: f64,
}

/// The customers of the public summary; none, said aloud, where nobody brought it.
fn summary() -> Option<Vec<Customer>> {
    let path = workspace("../shared/data/retention/cdnow_customers_summary_with_transactions.csv");
    let Ok(mut file) = csv::Reader::from_path(path) else {
        eprintln!("skipped CDNOW: its files are not in ../shared/data/retention");
        return None;
    };
    let customer = |row: csv::StringRecord| {
        let number = |column: usize| row[column].trim().parse::<f64>().unwrap();
        let days = |column: usize| (number(column) * 7.0).round() as u64;
        Customer {
            id: row[0].trim().to_owned(),
            repeats: number(1) as u64,
            last: days(2),
            age: days(3),
            mean: number(4),
        }
    };
    Some(file.records().map(|row| customer(row.unwrap())).collect())
}

/// The summary as a log. It does not tell the days between the first purchase and the last: they are spread evenly,
/// which changes nothing of a fit that knows how many there were and when the last one was.
fn write_log(customers: &[Customer], folder: &Path) -> [PathBuf; 2] {
    let end: NaiveDate = CALIBRATION.parse().unwrap();
    let mut people = "customer,first\n".to_owned();
    let mut log = "line,customer,date,amount\n".to_owned();
    for it in customers {
        let first = end - Days::new(it.age);
        writeln!(people, "{},{first}", it.id).unwrap();
        for purchase in 0..=it.repeats {
            let after = match it.repeats {
                0 => 0,
                repeats => it.last * purchase / repeats,
            };
            let amount = if purchase == 0 { 10.0 } else { it.mean };
            let (line, id, day) = (log.len(), &it.id, first + Days::new(after));
            writeln!(log, "{line},{id},{day},{amount:.2}").unwrap();
        }
    }
    [("customers.csv", people), ("purchases.csv", log)].map(|(name, text)| {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        path
    })
}

fn load(keepworth: &Keepworth, [customers, purchases]: &[PathBuf; 2]) {
    let mappings = workspace("examples/cdnow/mappings");
    for (kind, file, mapping) in [
        ("customers", customers, "customers.toml"),
        ("revenues", purchases, "purchases.toml"),
    ] {
        let answer = keepworth.import(kind, file, &mappings.join(mapping), &[]);
        assert_eq!(answer.code, 0, "{answer:?}");
    }
    let put = ["segment", "put", "cdnow", "--kind", "purchases"];
    let put = keepworth.ask(&put).done();
    assert!(put.stdout.contains("purchases"), "{put:?}");
}

fn near(found: &Value, told: f64, tolerance: f64) {
    let found = found.as_f64().unwrap();
    let off = (found / told - 1.0).abs();
    assert!(off < tolerance, "{found}, not {told}: off by {off:e}");
}

/// Fader, Hardie & Lee (2005): tables 2 of both papers, and what follows of them for each customer.
fn what_is_published_comes_through_the_services(kind: Kind) {
    let Some(customers) = summary() else { return };
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    load(&keepworth, &write_log(&customers, database.folder()));
    let path = database.folder().join("baseline.json");
    let document = baseline(&keepworth, CALIBRATION, &path);
    let found = &document["segments"][0]["purchases"];
    assert_eq!(
        (&found["buyers"], &found["repeat_buyers"]),
        (&2_357.into(), &946.into())
    );
    for (place, published) in [
        [
            ("r", 0.242_593),
            ("alpha", 4.413_532),
            ("a", 0.792_886),
            ("b", 2.425_753),
        ],
        [
            ("r", 0.524_838),
            ("alpha", 6.182_992),
            ("a", 0.891_356),
            ("b", 1.613_999),
        ],
        [
            ("r", 0.553_276),
            ("alpha", 10.577_612),
            ("s", 0.606_214),
            ("beta", 11.667_911),
        ],
    ]
    .iter()
    .enumerate()
    {
        let fit = &found["candidates"][place]["fit"];
        for (name, told) in published {
            near(&fit["estimates"][name]["value"], *told, 1e-3);
        }
    }
    near(
        &found["candidates"][0]["fit"]["loglik"],
        -9_582.425_561,
        1e-5,
    );
    for (name, told) in [("p", 6.248_802), ("q", 3.744_588), ("gamma", 15.447_748)] {
        near(&found["spend_fit"]["estimates"][name]["value"], told, 1e-3);
    }
    near(
        &found["correlation_of_frequency_and_spend"],
        correlation(&customers),
        1e-9,
    );
    near(
        &found["correlation_of_frequency_and_spend"],
        0.113_884,
        1e-3,
    );
    assert_eq!(found["model"], "BG_NBD", "{}", found["reason"]);
    near(&found["active"]["value"], active(&customers), 1e-3);
    let year = 365.25 / 7.0;
    near(
        &found["purchases_ahead"]["value"],
        expected(&customers, year),
        1e-3,
    );
    a_year_of_the_engine(found, &path, database.folder());
}

/// The published check of Gamma–Gamma's assumption, by its plain formula.
fn correlation(customers: &[Customer]) -> f64 {
    let again: Vec<(f64, f64)> = customers
        .iter()
        .filter(|it| it.repeats > 0)
        .map(|it| (it.repeats as f64, it.mean))
        .collect();
    let n = again.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| again.iter().map(of).sum::<f64>() / n;
    let (x, z) = (mean(|it| it.0), mean(|it| it.1));
    let moment = |of: &dyn Fn(f64, f64) -> f64| -> f64 {
        again.iter().map(|it| of(it.0 - x, it.1 - z)).sum()
    };
    moment(&|x, z| x * z) / (moment(&|x, _| x * x) * moment(&|_, z| z * z)).sqrt()
}

/// P(alive) of each customer by the published parameters (Fader, Hardie & Lee 2008), summed.
fn active(customers: &[Customer]) -> f64 {
    let [r, alpha, a, b] = [0.242_593, 4.413_532, 0.792_886, 2.425_753];
    let alive = |it: &Customer| {
        let (x, last, age) = (it.repeats as f64, it.last as f64 / 7.0, it.age as f64 / 7.0);
        let silence = ((alpha + age) / (alpha + last)).powf(r + x);
        match it.repeats {
            0 => 1.0,
            _ => 1.0 / (1.0 + a / (b + x - 1.0) * silence),
        }
    };
    customers.iter().map(alive).sum()
}

/// Purchases of each customer in so many weeks more, customer by customer, summed.
fn expected(customers: &[Customer], weeks: f64) -> f64 {
    let mut histories = Histories::default();
    for it in customers {
        let [last, age] = [it.last, it.age].map(|days| days as f64 / 7.0);
        let history = History::new(it.repeats as f64, last, age).unwrap();
        histories.add(history, 1.0).unwrap();
    }
    let fitted = fit(Model::BgNbd, &histories).unwrap();
    let groups = histories.groups().into_iter();
    groups
        .map(|(history, n)| n * fitted.future_purchases(&history, weeks).unwrap().value)
        .sum()
}

/// Customers of the engine's months, times what they spend, are the purchases expected, times what one is worth.
fn a_year_of_the_engine(found: &Value, path: &Path, folder: &Path) {
    let scenario = folder.join("nothing.toml");
    std::fs::write(&scenario, NOTHING).unwrap();
    let result = simulate(&scenario, path, &["--trials", "4000"]);
    let result: Value = serde_json::from_str(&result).unwrap();
    let ends = result["monthly"]["customers_baseline"]["p50"]
        .as_array()
        .unwrap();
    let ends: Vec<f64> = ends.iter().map(|it| it.as_f64().unwrap()).collect();
    let heads: f64 = ends.windows(2).map(|pair| (pair[0] + pair[1]) / 2.0).sum();
    let number = |field: &str| found[field]["value"].as_f64().unwrap();
    // What a purchase is worth on average of those who make it: Gamma–Gamma's, weighed by who buys.
    let worth = heads * number("spend_per_month") / number("purchases_ahead");
    assert!((35.17..40.0).contains(&worth), "{worth}");
    assert!((ends[0] / number("active") - 1.0).abs() < 1e-6);
    let text = result.to_string();
    assert!(text.contains("counted by what they spend"), "{text}");
}

const NOTHING: &str = r#"
name = "Nothing is done"
horizon_months = 12
discount_rate = 0.1
[[segments]]
name = "cdnow"
won_per_month = 0
gross_margin = 0.25
overhead = 0
acquisition_cost = 0
[[initiatives]]
name = "A cost"
[[initiatives.costs]]
type = "people"
amount = 1
"#;

/// The public log, where somebody brought it.
fn log() -> Option<PathBuf> {
    let named = std::env::var_os("KEEPWORTH_CDNOW_LOG").map(PathBuf::from);
    let path = named.unwrap_or_else(|| workspace("../shared/data/retention/CDNOW_sample.txt"));
    let is_there = path.exists();
    if !is_there {
        eprintln!(
            "skipped the CDNOW walk-through: its log is not at ../shared/data/retention/CDNOW_sample.txt, nor where \
             KEEPWORTH_CDNOW_LOG says"
        );
    }
    is_there.then_some(path)
}

/// Where the page is walked through.
struct Walk<'a> {
    keepworth: &'a Keepworth,
    folder: &'a Path,
    log: &'a Path,
}

impl Walk<'_> {
    /// What a line of the page prints.
    fn printed(&self, line: &str) -> String {
        let words: Vec<String> = line
            .split_whitespace()
            .map(|word| self.place(word))
            .collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words[..] {
            ["keepworth", "up", ..] => String::new(),
            ["keepworth", "import" | "segment" | "baseline", ..] => {
                self.keepworth.ask(&words[1..]).done().stdout
            }
            ["keepworth", ..] => run(&words[1..]).done().stdout,
            _ => self.shell(&words.join(" ")),
        }
    }

    /// Files of the page are in the folder, those of the repository there, and the log where it is.
    fn place(&self, word: &str) -> String {
        let file = |path: PathBuf| path.display().to_string();
        match word {
            "CDNOW_sample.txt" => file(self.log.to_owned()),
            word if word.starts_with("examples/") => file(workspace(word)),
            word if word.ends_with(".csv") || word.ends_with(".json") => {
                file(self.folder.join(word))
            }
            word => word.to_owned(),
        }
    }

    fn shell(&self, line: &str) -> String {
        let done = std::process::Command::new("sh").args(["-c", line]).output();
        let done = done.unwrap();
        assert!(done.status.success(), "{line}: {done:?}");
        String::from_utf8(done.stdout).unwrap()
    }

    /// The page with what each of its commands prints.
    fn rewritten(&self, page: &str) -> String {
        let mut parts = page.split("```sh\n");
        let mut text = parts.next().unwrap().to_owned();
        for part in parts {
            let (lines, rest) = part.split_once("```\n").unwrap();
            let shown: Vec<String> = lines.lines().map(|line| self.printed(line)).collect();
            write!(text, "```sh\n{lines}```\n").unwrap();
            match rest.strip_prefix("\n```text\n") {
                None => text += rest,
                Some(after) => {
                    let (_, after) = after.split_once("```\n").unwrap();
                    write!(text, "\n```text\n{}```\n{after}", shown.concat()).unwrap();
                }
            }
        }
        text
    }
}

#[test]
fn the_page_shows_what_its_commands_print() {
    let Some(log) = log() else { return };
    let database = Database::new(Kind::Sqlite);
    let keepworth = Keepworth::up(&database);
    let walk = Walk {
        keepworth: &keepworth,
        folder: database.folder(),
        log: &log,
    };
    let path = workspace(PAGE);
    let page = std::fs::read_to_string(&path).unwrap();
    let told = walk.rewritten(&page);
    if std::env::var_os("KEEPWORTH_WRITE_README").is_some() {
        std::fs::write(&path, told).unwrap();
        return;
    }
    assert_eq!(
        page, told,
        "KEEPWORTH_WRITE_README=1 cargo test -p keepworth cdnow rewrites it"
    );
}
