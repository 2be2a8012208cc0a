//! Rossi's recidivism data (432 released prisoners, 52 weeks) as distributed with lifelines.

use keepworth_retention::covariate::Covariates;
use keepworth_retention::cox::CoxModel;
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

fn covariates(data: &Rossi) -> Covariates {
    let mut covariates = Covariates::new(data.observations.len());
    for (i, name) in COVARIATES.iter().enumerate() {
        let column = data.covariates.iter().map(|row| row[i]).collect();
        covariates.push_number(name, column).unwrap();
    }
    covariates
}

#[test]
fn cox_with_efron_ties() {
    let Some(data) = rossi(false) else { return };
    let x = covariates(&data);
    let fit = CoxModel::new(&data.observations, &x)
        .unwrap()
        .fit()
        .unwrap();
    let published = [
        ("fin", -0.37942, 0.19138),
        ("age", -0.05744, 0.022),
        ("race", 0.3139, 0.30799),
        ("wexp", -0.1498, 0.21222),
        ("mar", -0.4337, 0.38187),
        ("paro", -0.08487, 0.19576),
        ("prio", 0.0915, 0.02865),
    ];
    for (name, value, se) in published {
        let found = fit.find_estimate(name).unwrap();
        close(found.value, value, 5e-5);
        close(found.se, se, 5e-6);
    }
    close(fit.loglik_null(), -675.3806, 5e-5);
    close(fit.loglik(), -658.7477, 5e-5);
    close(fit.concordance().unwrap(), 0.64033, 5e-6);
}

/// The score test by the enlarged model written out in numpy, with one baseline, with strata by
/// `wexp`, and with delayed entry.
#[test]
fn cox_tests_proportional_hazards() {
    let Some(data) = rossi(false) else { return };
    let names = ["fin", "age", "prio"];
    let all = covariates(&data);
    let some = all.select(&names).unwrap();
    let strata: Vec<u32> = data.covariates.iter().map(|row| row[3] as u32).collect();
    let model = CoxModel::new(&data.observations, &all).unwrap();
    let expected = [
        0.062_430, 5.973_982, 2.068_265, 4.224_596, 1.011_022, 0.018_383, 0.520_584, 17.694_415,
    ];
    statistics(&model, &expected);
    let model = CoxModel::new(&data.observations, &some).unwrap();
    let expected = [0.055_669, 11.428_933, 0.056_992, 11.447_077];
    statistics(&model.with_strata(&strata).unwrap(), &expected);
    let Some(late) = rossi(true) else { return };
    let some = all.select(&["fin", "prio"]).unwrap();
    let model = CoxModel::new(&late.observations, &some).unwrap();
    statistics(&model, &[0.119_147, 0.210_277, 0.317_864]);
}

/// The statistics of the covariates and of all together.
fn statistics(model: &CoxModel<'_>, expected: &[f64]) {
    let found = model.fit().unwrap().proportionality();
    let all = found.tests.iter().chain([&found.global]);
    assert_eq!(all.clone().count(), expected.len());
    for (test, expected) in all.zip(expected) {
        close(test.chi2, *expected, 1e-6);
    }
}

#[test]
fn cox_with_delayed_entry() {
    let Some(data) = rossi(true) else { return };
    let x = covariates(&data).select(&["fin", "prio"]).unwrap();
    let fit = CoxModel::new(&data.observations, &x)
        .unwrap()
        .fit()
        .unwrap();
    close(fit.find_estimate("fin").unwrap().value, -0.377976, 5e-7);
    close(fit.find_estimate("prio").unwrap().value, 0.099887, 5e-7);
    close(fit.loglik(), -658.9585, 5e-5);
}

/// The cohort with arrests spread within their week, so that none are tied.
fn untied(late: bool) -> Option<Rossi> {
    let mut data = rossi(late)?;
    for (i, o) in data.observations.iter_mut().enumerate() {
        let exit = if o.is_event() {
            o.exit() + i as f64 / 1000.0
        } else {
            53.0
        };
        *o = Observation::new(o.entry(), exit, o.is_event()).unwrap();
    }
    Some(data)
}

fn robust(data: &Rossi) -> Vec<f64> {
    let x = covariates(data);
    let clusters: Vec<u64> = (0..data.observations.len() as u64).collect();
    let model = CoxModel::new(&data.observations, &x).unwrap();
    let fit = model.with_clusters(&clusters).unwrap().fit().unwrap();
    COVARIATES
        .iter()
        .map(|name| fit.find_estimate(name).unwrap().se)
        .collect()
}

/// The infinitesimal jackknife: how the estimates of lifelines 0.30 move when one weight changes
/// by 0.001. (Its own robust errors differ where arrests are tied.)
#[test]
fn cox_robust_errors() {
    let tied = [
        0.195538, 0.025335, 0.292315, 0.218056, 0.380221, 0.199196, 0.028973,
    ];
    let Some(data) = rossi(false) else { return };
    for (found, expected) in robust(&data).into_iter().zip(tied) {
        close(found / expected, 1.0, 1e-3);
    }
    let late = [
        0.195095, 0.027666, 0.290522, 0.218302, 0.379112, 0.198462, 0.028535,
    ];
    let Some(data) = untied(true) else { return };
    println!("{:?}", robust(&data));
    for (found, expected) in robust(&data).into_iter().zip(late) {
        close(found / expected, 1.0, 1e-3);
    }
}

/// Weights 1, 2, 3, 1, … and strata by `wexp`, as lifelines 0.30 computes them.
#[test]
fn cox_with_weights_and_strata() {
    let Some(data) = untied(false) else { return };
    let weighted: Vec<Observation> = (data.observations.iter().enumerate())
        .map(|(i, o)| o.with_weight((1 + i % 3) as f64).unwrap())
        .collect();
    let x = covariates(&data).select(&["fin", "age", "prio"]).unwrap();
    let strata: Vec<u32> = data.covariates.iter().map(|row| row[3] as u32).collect();
    let clusters: Vec<u64> = (0..weighted.len() as u64).collect();
    let model = CoxModel::new(&weighted, &x)
        .unwrap()
        .with_strata(&strata)
        .unwrap();
    let fit = model.with_clusters(&clusters).unwrap().fit().unwrap();
    close(fit.loglik(), -1324.14226561, 1e-5);
    let expected = [
        ("fin", -0.304575, 0.204161),
        ("age", -0.066747, 0.026437),
        ("prio", 0.100671, 0.028341),
    ];
    for (name, value, se) in expected {
        let found = fit.find_estimate(name).unwrap();
        close(found.value, value, 2e-6);
        close(found.se, se, 2e-6);
    }
}
