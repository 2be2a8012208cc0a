//! The public Telco data through the services, checked against a plain computation over the files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use keepworth_contract::Money;
use serde_json::Value;

use crate::company::{baseline, simulate};
use crate::support::{Database, Keepworth, Kind, on_both_databases, workspace};

on_both_databases!(the_walk_through_gives_what_the_files_say);

/// The folder of the public files, when somebody brought them.
pub fn files() -> Option<PathBuf> {
    let folder = workspace("../shared/data/telco");
    let there = folder.join("Telco_customer_churn_services.csv").exists();
    if !there {
        eprintln!("skipped the Telco walk-through: its files are not in ../shared/data/telco");
    }
    there.then_some(folder)
}

/// Kind, file and mapping in the order of the README.
const IMPORTS: [(&str, &str, &str); 7] = [
    ("customers", "services", "customers"),
    ("lifecycle-events", "status", "departures"),
    ("feedback", "status", "satisfaction"),
    ("revenues", "services", "charges"),
    ("revenues", "services", "refunds"),
    ("revenues", "services", "extra-data"),
    ("revenues", "services", "long-distance"),
];

type Row = BTreeMap<String, String>;

fn table(folder: &Path, name: &str) -> Vec<Row> {
    let path = folder.join(format!("Telco_customer_churn_{name}.csv"));
    csv::Reader::from_path(path)
        .unwrap()
        .deserialize()
        .map(Result::unwrap)
        .collect()
}

fn number(row: &Row, column: &str) -> f64 {
    row[column].parse().unwrap()
}

pub fn load(keepworth: &Keepworth, folder: &Path) {
    let mapping = |name: &str| {
        workspace("examples/telco/mappings")
            .join(name)
            .with_extension("toml")
    };
    for (kind, file, map) in IMPORTS {
        let file = folder.join(format!("Telco_customer_churn_{file}.csv"));
        assert_eq!(
            keepworth.import(kind, &file, &mapping(map), &[]).code,
            0,
            "{map}"
        );
    }
    let assumptions = workspace("examples/telco/assumptions.csv");
    let answer = keepworth.import("ledger-entries", &assumptions, &mapping("assumptions"), &[]);
    assert_eq!(answer.code, 0, "{answer:?}");
}

/// Loads customers, departures and scores alone, the scores as if they had been given on a day.
pub fn load_answered_on(keepworth: &Keepworth, folder: &Path, day: &str) {
    let scratch = tempfile::tempdir().unwrap();
    for (kind, file, name) in &IMPORTS[..3] {
        let mapping = workspace("examples/telco/mappings").join(name);
        let text = std::fs::read_to_string(mapping.with_extension("toml")).unwrap();
        let text = text.replace("2025-09-30T00:00:00Z", &format!("{day}T00:00:00Z"));
        let mapping = scratch.path().join(name).with_extension("toml");
        std::fs::write(&mapping, text).unwrap();
        let file = folder.join(format!("Telco_customer_churn_{file}.csv"));
        assert_eq!(keepworth.import(kind, &file, &mapping, &[]).code, 0);
    }
}

fn assert_near(found: f64, expected: f64, what: &str) {
    assert!(
        (found - expected).abs() <= 1e-9 * expected.abs().max(1.0),
        "{what}: {found} against {expected}"
    );
}

fn the_walk_through_gives_what_the_files_say(kind: Kind) {
    let Some(folder) = files() else { return };
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    load(&keepworth, &folder);
    let path = database.folder().join("baseline.json");
    let document = baseline(&keepworth, "2025-09-30", &path);
    check_figures(
        &document,
        &table(&folder, "services"),
        &table(&folder, "status"),
    );
    let result: Value = serde_json::from_str(&simulate(
        &workspace("examples/telco/scenario.toml"),
        &path,
        &["--trials", "2000"],
    ))
    .unwrap();
    let flags = result.to_string();
    assert!(
        flags.contains("grade D"),
        "the effect is an assumption and says so: {flags}"
    );
}

fn check_figures(document: &Value, services: &[Row], status: &[Row]) {
    let company = &document["company"];
    let figure = |name: &str| {
        company["figures"][name]["value"]
            .as_f64()
            .unwrap_or_else(|| panic!("no figure {name} in {company}"))
    };
    let left: BTreeMap<&str, &Row> = status
        .iter()
        .filter(|row| row["Churn Label"] == "Yes")
        .map(|row| (row["Customer ID"].as_str(), row))
        .collect();
    let months: f64 = services
        .iter()
        .map(|row| number(row, "Tenure in Months").min(3.0))
        .sum();
    assert_near(
        figure("customers"),
        (services.len() - left.len()) as f64,
        "customers",
    );
    assert_near(figure("left"), left.len() as f64, "left");
    assert_near(figure("person_months"), months, "person-months");
    assert_near(
        figure("hazard"),
        left.len() as f64 / months,
        "hazard per month",
    );
    assert!(
        (figure("hazard") - 0.095).abs() < 0.0005,
        "the quarter is the window, not the tenure"
    );
    let experience = left
        .values()
        .filter(|row| ["Attitude", "Dissatisfaction"].contains(&row["Churn Category"].as_str()))
        .count();
    assert_near(
        figure("experience_share"),
        experience as f64 / left.len() as f64,
        "experience share",
    );
    let charges: Vec<f64> = services
        .iter()
        .map(|row| number(row, "Total Charges") / number(row, "Tenure in Months"))
        .collect();
    let mean = charges.iter().sum::<f64>() / charges.len() as f64;
    let found = figure("mean_recurring_charge");
    assert!(
        (found - mean).abs() < 0.01,
        "months are whole cents: {found} against {mean}"
    );
    check_causes(company, &left);
    check_revenue(company, services);
    check_contracts(document, services, &left);
}

fn check_causes(company: &Value, left: &BTreeMap<&str, &Row>) {
    for (cause, category) in [
        ("ATTITUDE", "Attitude"),
        ("DISSATISFACTION", "Dissatisfaction"),
        ("PRICE", "Price"),
        ("COMPETITOR", "Competitor"),
    ] {
        let expected = left
            .values()
            .filter(|row| row["Churn Category"] == category)
            .count();
        assert_eq!(company["left_by_cause"][cause], expected, "{cause}");
    }
}

/// What is charged for a whole tenure is spread over its months, to the cent; of these the last twelve
/// count. Total Revenue = Total Charges − Refunds + Extra Data + Long Distance.
fn check_revenue(company: &Value, services: &[Row]) {
    let cents = |column: &str| -> i64 {
        let part = |row: &Row| {
            let (whole, tenure) = (
                (number(row, column) * 100.0).round() as i64,
                number(row, "Tenure in Months") as i64,
            );
            whole - whole * (tenure - tenure.min(12)) / tenure
        };
        services.iter().map(part).sum()
    };
    let stored = |kind: &str| -> i64 {
        let money: Money =
            serde_json::from_value(company["revenue_by_kind"][kind].clone()).unwrap();
        money.minor_units().unwrap()
    };
    assert_eq!(stored("RECURRING"), cents("Total Charges"));
    assert_eq!(stored("REFUND"), -cents("Total Refunds"));
    assert_eq!(
        stored("USAGE"),
        cents("Total Extra Data Charges") + cents("Total Long Distance Charges")
    );
    let total: i64 = ["RECURRING", "REFUND", "USAGE"].map(stored).iter().sum();
    assert_eq!(total, stored("TOTAL"), "the revenue identity");
    // A row has up to four charges, each off by less than a cent.
    let off = (total - cents("Total Revenue")).unsigned_abs();
    assert!(off < 4 * services.len() as u64, "{off} cents");
}

fn check_contracts(document: &Value, services: &[Row], left: &BTreeMap<&str, &Row>) {
    for segment in document["segments"].as_array().unwrap() {
        let name = segment["name"].as_str().unwrap();
        let members: Vec<&Row> = services
            .iter()
            .filter(|row| format!("{} / {}", row["Contract"], row["Internet Type"]) == name)
            .collect();
        let gone = members
            .iter()
            .filter(|row| left.contains_key(row["Customer ID"].as_str()))
            .count();
        let expected = gone as f64 / members.len() as f64;
        let found = segment["figures"]["quarterly_churn"]["value"]
            .as_f64()
            .unwrap();
        assert_near(found, expected, &format!("quarterly churn of {name}"));
    }
    let names = document["segments"].as_array().unwrap().len();
    assert_eq!(names, 12, "three contracts, four kinds of internet");
}
