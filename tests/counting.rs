//! What finance counts from the other services' feeds is what the files said.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::support::{Company, Database, Keepworth, Kind, on_both_databases};

on_both_databases!(finance_counts_what_the_files_say);

/// The rows of one of the company's files, by column.
fn rows(company: &Company, name: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(company.file(name).with_extension("csv")).unwrap();
    reader.deserialize().map(Result::unwrap).collect()
}

/// Contacts, cents of revenue and new customers of a month by segment.
fn recount(company: &Company, month: &str) -> BTreeMap<String, (i64, i64, i64)> {
    let customers = rows(company, "customers");
    let segment: BTreeMap<&str, &str> = customers
        .iter()
        .map(|it| (it["customer"].as_str(), it["plan"].as_str()))
        .collect();
    let mut counts: BTreeMap<String, (i64, i64, i64)> = BTreeMap::new();
    for contact in rows(company, "contacts") {
        if contact["date"].starts_with(month) {
            counts
                .entry(segment[contact["customer"].as_str()].into())
                .or_default()
                .0 += 1;
        }
    }
    let mut charged = BTreeSet::new();
    for invoice in rows(company, "invoices") {
        if invoice["month"] == month {
            let cents: i64 = invoice["amount_eur"].replace('.', "").parse().unwrap();
            counts
                .entry(segment[invoice["customer"].as_str()].into())
                .or_default()
                .1 += cents;
            charged.insert(invoice["customer"].clone());
        }
    }
    for customer in &customers {
        if customer["since"].starts_with(month) && charged.contains(&customer["customer"]) {
            counts.entry(customer["plan"].clone()).or_default().2 += 1;
        }
    }
    counts
}

fn finance_counts_what_the_files_say(kind: Kind) {
    let (database, company) = (Database::new(kind), Company::new(800, 5));
    let keepworth = Keepworth::up(&database);
    company.load_into(&keepworth);
    let query = json!({ "from": "2025-01", "to": "2025-09" });
    let (status, report) = keepworth.post("/finance/v1/segment-months:count", &query);
    assert_eq!(status, 200, "{report}");
    assert_eq!(report["months"].as_array().unwrap().len(), 9);
    let flags = report["quality_flags"].as_array().unwrap();
    assert!(
        flags.iter().all(|it| it["code"] == "paid_before_records"),
        "{flags:?}"
    );
    let (_, month) = keepworth.get("/finance/v1/segment-months/2025-09");
    let counted: BTreeMap<String, (i64, i64, i64)> = month["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            let count = |name: &str| it[name].as_i64().unwrap();
            let counts = (
                count("contacts"),
                count("revenue_minor"),
                count("new_customers"),
            );
            (it["segment"].as_str().unwrap().to_owned(), counts)
        })
        .collect();
    assert_eq!(counted, recount(&company, "2025-09"));
    let (_, costs) = keepworth.get("/finance/v1/maintenance-costs?month=2025-09&months=9");
    let company = &costs["items"][0]["figures"][0]["statistic"]["value"];
    assert!(company.as_f64().is_some_and(|cents| cents > 0.0), "{costs}");
    assert_ne!(costs["items"][1]["segment"], Value::Null);
}
