//! Any table of `entry,exit,left,covariate` gives fits or typed errors, never a panic.
#![no_main]

use keepworth_retention::covariate::Covariates;
use keepworth_retention::cox::CoxModel;
use keepworth_retention::hazard::{Cells, HazardModel, Link, TenureGrid};
use keepworth_retention::survival::{KaplanMeier, Observation};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|table: &[u8]| {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(table);
    let mut observations = Vec::new();
    let mut values = Vec::new();
    for row in reader.records().flatten().take(200) {
        let cell = |index| {
            row.get(index)
                .and_then(|text| text.trim().parse::<f64>().ok())
        };
        let (Some(entry), Some(exit), Some(left), Some(value)) =
            (cell(0), cell(1), cell(2), cell(3))
        else {
            continue;
        };
        // Time cut into periods costs memory by its length.
        if exit.abs() > 1_000.0 {
            continue;
        }
        if let Ok(observation) = Observation::new(entry, exit, left > 0.0) {
            observations.push(observation);
            values.push(value);
        }
    }
    let _ = KaplanMeier::new(&observations).map(|fit| fit.hand_over());
    if let Ok(mut cells) =
        TenureGrid::new(1.0, &[0, 3, 12]).and_then(|grid| Cells::new(grid, &["x"]))
    {
        for (observation, value) in observations.iter().zip(&values) {
            let _ = cells.push(observation, &[*value]);
        }
        let _ = HazardModel::new(Link::Cloglog).fit(&cells);
    }
    let mut covariates = Covariates::new(observations.len());
    if covariates.push_number("x", values).is_ok()
        && let Ok(model) = CoxModel::new(&observations, &covariates)
    {
        let _ = model.fit();
    }
});
