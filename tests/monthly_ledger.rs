//! The ledger of a run against the books that its baseline came from: whoever reconciles a budget starts there.

use std::collections::BTreeMap;
use std::fs::File;

use serde_json::{Value, json};

use crate::company::baseline;
use crate::support::{Company, Database, Keepworth, Kind, on_both_databases};

on_both_databases!(the_first_months_as_things_are_tie_to_the_books);

/// Changes nothing but what it costs.
const SCENARIO: &str = "
name = \"Nothing is won\"
horizon_months = 12
discount_rate = 0.1
[[initiatives]]
name = \"costs alone\"
costs = [{ type = \"people\", amount = 100, recurrence = \"monthly\" }]
";

/// Mean of a month from a month of 2025 on, of a table's amounts by category.
fn booked(
    company: &Company,
    table: &str,
    category: Option<&str>,
    since: u32,
) -> BTreeMap<String, f64> {
    let file = File::open(company.file(table).with_extension("csv")).unwrap();
    let moment = if table == "ledger" { "posted" } else { "month" };
    let mut sums = BTreeMap::new();
    for row in csv::Reader::from_reader(file).deserialize() {
        let row: BTreeMap<String, String> = row.unwrap();
        if row[moment] >= format!("2025-{since:02}") {
            let kind = category.map_or(table, |it| &row[it]).to_owned();
            let amount: f64 = row["amount_eur"].parse().unwrap();
            *sums.entry(kind).or_default() += amount / f64::from(13 - since);
        }
    }
    sums
}

fn the_first_months_as_things_are_tie_to_the_books(kind: Kind) {
    let (database, company) = (Database::new(kind), Company::new(2_000, 5));
    let keepworth = Keepworth::up(&database);
    company.load_into(&keepworth);
    let document = baseline(
        &keepworth,
        "2025-12-31",
        &database.folder().join("baseline.json"),
    );
    let order = json!({"scenario": SCENARIO, "baseline_hash": document["hash"], "trials": 4_000, "ledger": true});
    let (status, run) = keepworth.post("/simulator/v1/runs", &order);
    assert_eq!(status, 201, "{run}");
    let result = &run["result"];
    let lines = &result["ledger"]["lines"];
    // Of what grows with customers the last month is the nearest; what it takes to win them comes in lumps.
    let mut books = booked(&company, "ledger", Some("category"), 12);
    books.append(&mut booked(&company, "invoices", None, 12));
    let of_year = booked(&company, "ledger", Some("category"), 1);
    books.insert("ACQUISITION".to_owned(), of_year["ACQUISITION"]);
    for (line, sign, kind) in [
        ("revenue", 1.0, "invoices"),
        ("cost_of_revenue", -1.0, "COST_OF_REVENUE"),
        ("contacts", -1.0, "SERVICE"),
        ("overhead", -1.0, "OVERHEAD"),
        ("acquisition", -1.0, "ACQUISITION"),
    ] {
        let month = |column: &str| sign * lines[line]["as_is"][column][1].as_f64().unwrap();
        let [low, high] = if sign > 0.0 {
            ["p5", "p95"]
        } else {
            ["p95", "p5"]
        }
        .map(month);
        // Customers grow by 1% to 2% a month.
        let within = 0.98 * low..=1.02 * high;
        let growth = if kind == "ACQUISITION" { 1.0 } else { 1.012 };
        let booked = growth * books[kind];
        assert!(
            within.contains(&booked),
            "{line}: {booked} is not within {within:?}"
        );
    }
    let means = lines
        .as_object()
        .unwrap()
        .values()
        .map(|it: &Value| it["present_value"]["mean"].as_f64().unwrap());
    let npv = result["outcomes"]["npv"]["mean"].as_f64().unwrap();
    assert!((means.sum::<f64>() - npv).abs() < 0.005);
}
