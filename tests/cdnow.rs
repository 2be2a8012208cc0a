//! The public CDNOW customers through the services, against what is published of them; and the page that walks from
//! their log to a simulated programme.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use chrono::{Days, NaiveDate};
use keepworth_retention::purchase::{Histories, History, Model, fit};
use serde_json::{Value, json};

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

impl Customer {
    /// Repeat purchases, the last one after so many weeks, observed for so many.
    fn history(&self) -> (f64, f64, f64) {
        let weeks = |days: u64| days as f64 / 7.0;
        (self.repeats as f64, weeks(self.last), weeks(self.age))
    }
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
    one_by_one(&keepworth, &document, &customers);
    in_a_table(&keepworth, &path, customers.len());
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

/// Table 2 of the paper: `r, α, a, b` in weeks.
const PUBLISHED: [f64; 4] = [0.242_593, 4.413_532, 0.792_886, 2.425_753];

/// P(alive) of a customer by the published parameters (Fader, Hardie & Lee 2008).
fn alive(it: &Customer) -> f64 {
    let [r, alpha, a, b] = PUBLISHED;
    let (x, last, age) = it.history();
    let silence = ((alpha + age) / (alpha + last)).powf(r + x);
    match it.repeats {
        0 => 1.0,
        _ => 1.0 / (1.0 + a / (b + x - 1.0) * silence),
    }
}

/// The same of all, summed.
fn active(customers: &[Customer]) -> f64 {
    customers.iter().map(alive).sum()
}

/// Purchases expected of a customer in so many weeks more, by the published parameters (Fader, Hardie & Lee 2005,
/// equation 10), Gauss's series summed term by term.
fn to_come(it: &Customer, weeks: f64) -> f64 {
    let [r, alpha, a, b] = PUBLISHED;
    let (x, _, age) = it.history();
    let z = weeks / (alpha + age + weeks);
    let (mut series, mut term, mut n) = (1.0, 1.0, 0.0);
    while term > 1e-15 * series {
        term *= (r + x + n) * (b + x + n) / (a + b + x - 1.0 + n) / (n + 1.0) * z;
        series += term;
        n += 1.0;
    }
    let gone = ((alpha + age) / (alpha + age + weeks)).powf(r + x) * series;
    (a + b + x - 1.0) / (a - 1.0) * (1.0 - gone) * alive(it)
}

/// What a customer pays for a purchase, by the published Gamma–Gamma (Fader, Hardie & Lee 2005, equation 5).
fn worth(it: &Customer) -> f64 {
    let [p, q, gamma] = [6.248_802, 3.744_588, 15.447_748];
    let x = it.repeats as f64;
    p * (gamma + x * it.mean) / (p * x + q - 1.0)
}

/// What is told of each customer, against the closed forms of the papers with the parameters that they print.
fn one_by_one(keepworth: &Keepworth, document: &Value, customers: &[Customer]) {
    let (first, weeks) = (&customers[0], 9.0 * 365.25 / 12.0 / 7.0);
    // Printed in the paper: bought twice again, last after 30.43 weeks, of 38.86.
    assert!((to_come(first, 39.0) - 1.226).abs() < 1e-3);
    let hash = document["hash"].as_str().unwrap();
    let feed =
        format!("/simulator/v1/feed/purchase-outlooks?baseline_hash={hash}&segment=cdnow&months=9");
    let (status, text) = keepworth.text(&feed);
    assert_eq!(status, 200, "{text}");
    let rows: Vec<Value> = text
        .lines()
        .map(|it| serde_json::from_str(it).unwrap())
        .collect();
    let [_, model, told @ .., sum, _] = &rows[..] else {
        panic!("{text}");
    };
    assert_eq!(
        (&model["row"], &model["model"]),
        (&"MODEL".into(), &"BG_NBD".into())
    );
    near(&model["parameters"]["alpha"]["value"], PUBLISHED[1], 1e-3);
    assert_eq!(told.len(), customers.len());
    let by_id = |row: &Value| row["customer"]["external_id"].as_str().unwrap().to_owned();
    for it in customers {
        let row = told.iter().find(|row| by_id(row) == it.id).unwrap();
        assert_eq!(row["repeat_purchases"], it.repeats);
        let found = row["active"]["value"].as_f64().unwrap();
        assert!((found - alive(it)).abs() < 1e-3, "{row}: {}", alive(it));
        near(&row["purchases"]["value"], to_come(it, weeks), 3e-3);
        near(&row["spend"]["value"], to_come(it, weeks) * worth(it), 5e-3);
    }
    let purchases = &document["segments"][0]["purchases"];
    near(
        &sum["active"],
        purchases["active"]["value"].as_f64().unwrap(),
        1e-9,
    );
    assert_eq!(
        (&sum["customers"], &sum["quality_flags"]),
        (&customers.len().into(), &json!([]))
    );
}

/// What people and spreadsheets see of it.
fn in_a_table(keepworth: &Keepworth, baseline: &Path, customers: usize) {
    let baseline = baseline.to_str().unwrap();
    let ask = |more: &[&str]| {
        let alive = ["baseline", "alive", baseline, "--segment", "cdnow"];
        keepworth.ask(&[&alive[..], more].concat()).done().stdout
    };
    let table = ask(&["--lowest", "3"]);
    for said in [
        "90% to 100%",
        "3 of 2357 customers, those with the lowest chance",
        "by bg-nbd of the baseline",
        "alpha 4.41",
        "purchases in 12 months",
        "spend, USD",
    ] {
        assert!(table.contains(said), "{said}: {table}");
    }
    let csv = ask(&["--format", "csv"]);
    let head = "source,external_id,first_purchase_on,last_purchase_on,repeat_purchases,mean_spend,active,active_low,";
    assert!(
        csv.starts_with(head) && csv.lines().count() == customers + 1,
        "{csv}"
    );
    let json: Value = serde_json::from_str(&ask(&["--format", "json", "--months", "24"])).unwrap();
    assert_eq!(json["model"]["months"], 24);
    assert_eq!(json["customers"].as_array().unwrap().len(), customers);
}

/// Purchases of each customer in so many weeks more, customer by customer, summed.
fn expected(customers: &[Customer], weeks: f64) -> f64 {
    let mut histories = Histories::default();
    for it in customers {
        let (x, last, age) = it.history();
        let history = History::new(x, last, age).unwrap();
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
