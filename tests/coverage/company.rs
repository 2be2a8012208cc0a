//! One company: drawn, imported through the services, frozen, simulated, compared.

use std::path::Path;

use keepworth_contract::simulator::baseline::Baseline;
use keepworth_sim::scenario::{Band, Channel, Hazard, Quantity};
use keepworth_sim::{Baseline as World, Scenario};
use serde_json::Value;

use super::draw::Worlds;
use super::figure::{Observation, Observer, list, number};
use super::observe::truth_of;
use crate::support::{Database, FILES, Keepworth, Kind, run};

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
    let world = keepworth_verdict::world(&baseline, &scenario).map_err(|it| it.to_string())?;
    let ideal = with_true_figures(&world, &truth);
    let mut observer = Observer {
        kind,
        company: seed,
        truth: &truth,
        observations: Vec::new(),
    };
    observer.observe(&baseline, &Worlds::new(world, &scenario, seed)?);
    if kind == "in-class" {
        observer.observe_engine(&Worlds::new(ideal, &scenario, seed)?);
    }
    Ok(observer.observations)
}

/// The engine's world with the true figure in place of every estimate: what it then gets wrong is
/// its own.
fn with_true_figures(world: &World, truth: &Value) -> World {
    let mut ideal = world.clone();
    ideal.inputs.clear();
    ideal.correlations.clear();
    let starts = list(&truth["tenure_bands_from_month"]);
    for segment in &mut ideal.segments {
        let its = truth_of(truth, &segment.name);
        let figure = |field: &str| Quantity::from(number(&its[field]));
        let starts: Vec<u32> = starts
            .iter()
            .map(|it| it.as_u64().unwrap() as u32)
            .collect();
        let band = |(index, from): (usize, &u32)| Band {
            from: *from,
            to: starts.get(index + 1).map(|next| next - 1),
            hazard: number(&its["hazard"][index]).into(),
        };
        segment.hazard = Hazard::Bands {
            bands: starts.iter().enumerate().map(band).collect(),
            log_covariance: None,
        };
        segment.won_per_month = figure("won_per_month");
        segment.revenue = figure("revenue");
        segment.gross_margin = figure("gross_margin");
        segment.overhead = figure("overhead");
        segment.acquisition_cost = figure("acquisition_cost");
        segment.experience_share = None;
        let channel = |it: &Value| {
            let figure = |field: &str| Quantity::from(number(&it[field]));
            Channel {
                name: it["name"].as_str().unwrap().to_owned(),
                contacts: figure("contacts"),
                minutes: figure("minutes"),
                cost_per_minute: figure("cost_per_minute"),
                avoidable: None,
                issues: Vec::new(),
                issues_design_effect: None,
            }
        };
        segment.channels = list(&its["channels"]).iter().map(channel).collect();
    }
    ideal
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
