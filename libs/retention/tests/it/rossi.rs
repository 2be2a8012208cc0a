//! Rossi's recidivism data (432 released prisoners, 52 weeks) as distributed with lifelines.

use keepworth_retention::hazard::{Cells, ClusterScores, HazardFit, HazardModel, Link, TenureGrid};
use keepworth_retention::survival::{KaplanMeier, Observation};

use crate::data::{Table, close};

const COVARIATES: [&str; 7] = ["fin", "age", "race", "wexp", "mar", "paro", "prio"];

struct Rossi {
    observations: Vec<Observation>,
    covariates: Vec<Vec<f64>>,
}

/// The cohort; with `late` people enter at `min(max(age − 20, 0), week − 1)`.
fn rossi(late: bool) -> Option<Rossi> {
    let table = Table::find("retention/rossi.csv")?;
    let (weeks, arrest, age) = (
        table.numbers("week"),
        table.numbers("arrest"),
        table.numbers("age"),
    );
    let entry = |i: usize| {
        if late {
            (age[i] - 20.0).max(0.0).min(weeks[i] - 1.0)
        } else {
            0.0
        }
    };
    let observation = |i| Observation::new(entry(i), weeks[i], arrest[i] == 1.0).unwrap();
    let columns = COVARIATES.map(|name| table.numbers(name));
    let row = |i: usize| columns.iter().map(|column| column[i]).collect();
    Some(Rossi {
        observations: (0..weeks.len()).map(observation).collect(),
        covariates: (0..weeks.len()).map(row).collect(),
    })
}

fn four_week_cells(data: &Rossi) -> Cells {
    let mut cells = Cells::new(TenureGrid::every_period(4.0, 13).unwrap(), &COVARIATES).unwrap();
    for (observation, x) in data.observations.iter().zip(&data.covariates) {
        cells.push(observation, x).unwrap();
    }
    cells
}

fn fit(cells: &Cells, link: Link) -> HazardFit {
    HazardModel::new(link).fit(cells).unwrap()
}

#[test]
fn late_entry_kaplan_meier() {
    let Some(data) = rossi(true) else { return };
    let curve = KaplanMeier::new(&data.observations).unwrap();
    close(curve.at(10.0).value, 0.944277, 5e-7);
    close(curve.at(52.0).value, 0.715734, 5e-7);
}

#[test]
fn discrete_hazard_in_four_week_periods() {
    let Some(data) = rossi(false) else { return };
    let cells = four_week_cells(&data)
        .select(&["fin", "age", "prio"])
        .unwrap();
    let logit = fit(&cells, Link::Logit);
    let of = |name: &str| logit.find_estimate(name).unwrap();
    close(of("fin").value, -0.35034, 5e-6);
    close(of("fin").se, 0.19315, 5e-6);
    close(of("age").value, -0.06763, 5e-6);
    close(of("prio").value, 0.09729, 5e-6);
    close(logit.loglik(), -522.3853, 5e-5);
    close(fit(&cells, Link::Cloglog).loglik(), -522.3213, 5e-5);
    assert!(logit.converged());
}

#[test]
fn discrete_hazard_is_checked_by_its_own_data() {
    let Some(data) = rossi(false) else { return };
    let cells = four_week_cells(&data);
    let full = fit(&cells, Link::Cloglog);
    let without = fit(&cells.select(&COVARIATES[..6]).unwrap(), Link::Cloglog);
    let test = full.likelihood_ratio(&without).unwrap();
    assert_eq!(test.df, 1);
    // prio's z is about 3.2, so its likelihood ratio is about 9 to 10.
    assert!(test.p < 0.005 && test.chi2 > 7.0, "{test:?}");
    let table = full.calibration(&cells, 5);
    let observed: f64 = table.iter().map(|row| row.observed).sum();
    let expected: f64 = table.iter().map(|row| row.expected).sum();
    assert_eq!(table.len(), 5);
    close(observed, 114.0, 1e-9);
    close(expected / observed, 1.0, 0.02);
    let concordance = full.concordance(&cells).unwrap();
    assert!(
        concordance.value > 0.6 && concordance.value < 0.7,
        "{concordance:?}"
    );
}

#[test]
fn robust_errors_are_near_the_model_based_ones() {
    let Some(data) = rossi(false) else { return };
    let fit = fit(&four_week_cells(&data), Link::Cloglog);
    let mut scores = ClusterScores::new(&fit);
    for (id, (observation, x)) in data.observations.iter().zip(&data.covariates).enumerate() {
        scores.push(id as u64, observation, x);
    }
    let robust = fit.clone().with_covariance(scores.covariance().unwrap());
    for name in COVARIATES {
        let ratio = robust.find_estimate(name).unwrap().se / fit.find_estimate(name).unwrap().se;
        assert!((0.7..1.4).contains(&ratio), "{name}: {ratio}");
    }
}
