//! One company: drawn, imported through the services, frozen, simulated, compared.

use std::path::Path;

use keepworth_contract::baseline::Baseline;
use keepworth_sim::Scenario;
use serde_json::Value;

use super::draw::Worlds;
use super::figure::{Observation, Observer};
use crate::support::{Database, Keepworth, Kind, run};

/// Files in the order of import: kind and name.
const FILES: [(&str, &str); 6] = [
    ("customers", "customers"),
    ("lifecycle-events", "departures"),
    ("interactions", "contacts"),
    ("feedback", "survey"),
    ("revenues", "invoices"),
    ("ledger-entries", "ledger"),
];

/// About how many customers the records of a company have: 80 to 1,200, by its seed.
fn customers(seed: u64) -> u64 {
    // The golden ratio's multiples are even in 0 … 1.
    let even = (seed as f64 * 0.618_033_988_749_895).fract();
    (80.0 * (even * 15_f64.ln()).exp()).round() as u64
}

/// Draws a company and compares everything that is said of it with what is true.
///
/// # Errors
/// Why there was nothing to compare, such as a figure that nobody knows.
pub fn measure(kind: &'static str, seed: u64) -> Result<Vec<Observation>, String> {
    let folder = tempfile::tempdir().unwrap();
    let truth = draw(kind, seed, folder.path());
    let baseline = freeze(&truth, folder.path())?;
    let scenario = std::fs::read_to_string(folder.path().join("scenario.toml")).unwrap();
    let scenario = Scenario::from_toml(&scenario).unwrap();
    let worlds = Worlds::new(&baseline, &scenario, seed)?;
    let mut observer = Observer::new(kind, seed, &truth);
    observer.observe(&baseline, &worlds);
    Ok(observer.observations)
}

fn draw(kind: &str, seed: u64, folder: &Path) -> Value {
    let (customers, seed) = (customers(seed).to_string(), seed.to_string());
    let path = folder.join("truth");
    let truth = path.to_str().unwrap();
    let order = [
        "--company",
        kind,
        "--customers",
        &customers,
        "--seed",
        &seed,
    ];
    let to = ["-o", folder.to_str().unwrap(), "--truth", truth];
    run(&[&["sample"], &order[..], &to[..]].concat()).done();
    let truth = std::fs::read_to_string(path.join("truth.json")).unwrap();
    serde_json::from_str(&truth).unwrap()
}

/// Takes the records in and builds the baseline of the day.
fn freeze(truth: &Value, folder: &Path) -> Result<Baseline, String> {
    let database = Database::new(Kind::Sqlite);
    let keepworth = Keepworth::up(&database);
    for (kind, name) in FILES {
        let mapping = folder.join("mappings").join(name).with_extension("toml");
        let file = folder.join(name).with_extension("csv");
        let answer = keepworth.import(kind, &file, &mapping, &[]);
        assert_eq!(answer.code, 0, "{kind}: {answer:?}");
    }
    let path = folder.join("baseline.json");
    let (as_of, output) = (truth["as_of"].as_str().unwrap(), path.to_str().unwrap());
    let built = keepworth.ask(&["baseline", "build", "--as-of", as_of, "-o", output]);
    if built.code != 0 {
        return Err(built.stderr);
    }
    Ok(serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap())
}
