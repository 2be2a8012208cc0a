//! The published CDNOW fits, where the data are present.

use std::path::PathBuf;

use super::*;
use crate::fit::Estimate;

/// A data file beside the workspace, or a line that says the test was skipped.
fn data(name: &str) -> Option<String> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data")
        .join(name);
    let text = std::fs::read_to_string(&path).ok();
    if text.is_none() {
        println!("skipped: {name} is not present");
    }
    text
}

fn rows(text: &str) -> impl Iterator<Item = Vec<f64>> + '_ {
    text.lines().skip(1).map(|line| {
        line.split(',')
            .map(|field| field.trim().parse().unwrap())
            .collect()
    })
}

/// Customers of `cdnow_customers_summary.csv`, ages in weeks times `unit`.
fn cdnow(unit: f64) -> Option<Histories> {
    let text = data("retention/cdnow_customers_summary.csv")?;
    let mut customers = Histories::default();
    for row in rows(&text) {
        let history = History::new(row[1], row[2] * unit, row[3] * unit).unwrap();
        customers.add(history, 1.0).unwrap();
    }
    Some(customers)
}

fn close(actual: f64, expected: f64, tolerance: f64) {
    let error = (actual - expected).abs() / expected.abs();
    assert!(
        error <= tolerance,
        "{actual} is not {expected}: relative error {error:e}"
    );
}

fn agrees(estimates: &std::collections::BTreeMap<String, Estimate>, expected: &[(&str, f64, f64)]) {
    for &(name, value, se) in expected {
        close(estimates[name].value, value, 1e-4);
        close(estimates[name].se, se, 1e-3);
    }
}

/// Fader, Hardie & Lee (2005), table 2, print 0.243, 4.414, 0.793, 2.426 and −9,582.4.
#[test]
fn bg_nbd_reproduces_table_2() {
    let Some(customers) = cdnow(1.0) else { return };
    let fitted = fit(Model::BgNbd, &customers).unwrap();
    let found = fitted.hand_over();
    agrees(
        &found.estimates,
        &[
            ("r", 0.242_593, 0.012_557),
            ("alpha", 4.413_532, 0.378_221),
            ("a", 0.792_886, 0.185_719),
            ("b", 2.425_753, 0.705_346),
        ],
    );
    close(found.loglik.unwrap(), -9_582.425_561, 1e-9);
    assert!(found.converged && found.flags.is_empty());
    for (age, purchases) in [
        (1.0, 0.053_185),
        (10.0, 0.431_761),
        (39.0, 1.195_016),
        (52.0, 1.444_021),
        (78.0, 1.857_972),
    ] {
        close(fitted.purchases(age).unwrap().value, purchases, 2e-5);
    }
    let example = History::new(2.0, 30.43, 38.86).unwrap();
    close(
        fitted.future_purchases(&example, 39.0).unwrap().value,
        1.225_91,
        2e-5,
    );
}

/// The expectations printed there, from the printed parameters alone.
#[test]
fn expectations_follow_from_the_published_parameters() {
    let model = Model::BgNbd.with([0.242_593, 4.413_532, 0.792_886, 2.425_753]);
    for (age, purchases) in [(1.0, 0.053_185), (39.0, 1.195_016), (78.0, 1.857_972)] {
        close(model.purchases(age), purchases, 2e-5);
    }
    let example = History::new(2.0, 30.43, 38.86).unwrap();
    close(model.future_purchases(example, 39.0), 1.225_91, 2e-5);
}

#[test]
fn mbg_nbd_reproduces_its_reference() {
    let Some(customers) = cdnow(1.0) else { return };
    let fitted = fit(Model::MbgNbd, &customers).unwrap();
    agrees(
        &fitted.hand_over().estimates,
        &[
            ("r", 0.524_838, 0.083_264),
            ("alpha", 6.182_992, 0.695_598),
            ("a", 0.891_356, 0.154_785),
            ("b", 1.613_999, 0.537_472),
        ],
    );
    close(fitted.hand_over().loglik.unwrap(), -9_582.132_685, 1e-9);
}

/// The same table prints 0.553, 10.578, 0.606, 11.669 and −9,595.0.
#[test]
fn pareto_nbd_reproduces_table_2() {
    let Some(customers) = cdnow(1.0) else { return };
    let fitted = fit(Model::ParetoNbd, &customers).unwrap();
    agrees(
        &fitted.hand_over().estimates,
        &[
            ("r", 0.553_276, 0.047_629),
            ("alpha", 10.577_612, 0.842_724),
            ("s", 0.606_214, 0.187_28),
            ("beta", 11.667_911, 6.211_029),
        ],
    );
    close(fitted.hand_over().loglik.unwrap(), -9_594.973_93, 1e-9);
}

/// Fader, Hardie & Lee (2005), "RFM and CLV", print 6.25, 3.74, 15.44.
#[test]
fn gamma_gamma_reproduces_rfm_and_clv() {
    let Some(text) = data("retention/cdnow_customers_summary_with_transactions.csv") else {
        return;
    };
    let mut spends = Spends::default();
    for row in rows(&text).filter(|row| row[1] > 0.0) {
        spends.add(row[1], row[4], 1.0).unwrap();
    }
    let fitted = fit_spend(&spends).unwrap();
    agrees(
        &fitted.hand_over().estimates,
        &[
            ("p", 6.248_802, 1.189_687),
            ("q", 3.744_588, 0.290_166),
            ("gamma", 15.447_748, 4.159_994),
        ],
    );
    close(fitted.hand_over().loglik.unwrap(), -4_055.923_244, 1e-9);
    assert_eq!(fitted.hand_over().n, 946.0);
    close(fitted.population_mean().unwrap().value, 35.171_002, 1e-5);
}

/// Time in days instead of weeks: the log-likelihood falls by (repeat purchases)·ln 7, shapes stay,
/// scales grow seven-fold.
#[test]
fn the_unit_of_time_does_not_matter() {
    let (Some(weeks), Some(days)) = (cdnow(1.0), cdnow(7.0)) else {
        return;
    };
    for (model, factors) in [
        (Model::BgNbd, [1.0, 7.0, 1.0, 1.0]),
        (Model::ParetoNbd, [1.0, 7.0, 1.0, 7.0]),
    ] {
        let (week, day) = (fit(model, &weeks).unwrap(), fit(model, &days).unwrap());
        let moved = week.hand_over().events * 7.0_f64.ln();
        close(
            week.hand_over().loglik.unwrap() - day.hand_over().loglik.unwrap(),
            moved,
            1e-8,
        );
        for (i, factor) in factors.iter().enumerate() {
            close(day.parameters[i], factor * week.parameters[i], 1e-6);
        }
    }
}

/// Fader, Hardie & Lee (2005), section 4: in the cells 0, 1, … 6, 7 and more χ²(3) is 4.82 for BG/NBD
/// (p = 0.19) and 11.99 for Pareto/NBD (p = 0.007).
#[test]
fn checks_of_fit_reproduce_the_paper() {
    let Some(customers) = cdnow(1.0) else { return };
    for (model, chi2, p) in [(Model::BgNbd, 4.82, 0.19), (Model::ParetoNbd, 11.99, 0.007)] {
        let fitted = fit(model, &customers).unwrap();
        let process = model.with(fitted.parameters);
        let found = check::frequencies(&process, &customers.rows(), 7)
            .test
            .unwrap();
        assert_eq!(found.df, 3);
        assert!(
            (found.chi2 - chi2).abs() < 0.03 && (found.p - p).abs() < 0.005,
            "{model:?} {found}"
        );
    }
}
