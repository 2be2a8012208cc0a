//! Intervals of another level: the same estimates, nearer or wider ends, and the level told.

use keepworth_retention::contractual::{self, SurvivorTable};
use keepworth_retention::covariate::Covariates;
use keepworth_retention::cox::CoxModel;
use keepworth_retention::fit::{Estimate, Fit, Level};
use keepworth_retention::hazard::{Cells, HazardModel, Link, TenureGrid};
use keepworth_retention::link::LinkModel;
use keepworth_retention::purchase::{self, Histories, History, Model, Spends, fit_spend};
use keepworth_retention::survival::{CumulativeIncidence, KaplanMeier, Observation};

fn ninety() -> Level {
    Level::new(0.9).unwrap()
}

/// The ends at 90% lie inside those at 95%, as far from the estimate as the normal quantiles have it.
fn narrower(usual: &Estimate, other: &Estimate, scale: fn(f64) -> f64) {
    assert_eq!((usual.value, usual.se), (other.value, other.se));
    let reach = |it: &Estimate| scale(it.high) - scale(it.low);
    let ratio = reach(other) / reach(usual);
    let told = ninety().z() / Level::USUAL.z();
    assert!((ratio - told).abs() < 1e-6, "{usual:?} {other:?}");
}

fn fits(usual: &Fit, other: &Fit, scale: fn(f64) -> f64) {
    assert_eq!((usual.level, other.level), (Level::USUAL, ninety()));
    assert_eq!(usual.covariance, other.covariance);
    for (name, estimate) in &usual.estimates {
        narrower(estimate, &other.estimates[name], scale);
    }
    let json = serde_json::to_value(other).unwrap();
    assert_eq!(json["level"], 0.9);
    assert_eq!(serde_json::from_value::<Fit>(json).unwrap(), *other);
}

#[test]
fn purchases_and_spends() {
    let mut customers = Histories::default();
    let mut spends = Spends::default();
    for (x, t_x, weight) in [
        (0.0, 0.0, 90.0),
        (1.0, 6.0, 25.0),
        (2.0, 30.0, 20.0),
        (5.0, 12.0, 9.0),
        (9.0, 37.0, 6.0),
    ] {
        let history = History::new(x, t_x, 39.0).unwrap();
        customers.add(history, weight).unwrap();
        if x > 0.0 {
            spends.add(x, 7.0 + 60.0 / t_x, weight).unwrap();
        }
    }
    let usual = purchase::fit(Model::BgNbd, &customers).unwrap();
    let other = usual.clone().at(ninety());
    fits(usual.hand_over(), other.hand_over(), f64::ln);
    let [near, far] = [&other, &usual].map(|fit| fit.purchases(52.0).unwrap());
    narrower(&far, &near, f64::ln);
    let [near, far] = [&other, &usual].map(|fit| fit.survival(52.0).unwrap());
    narrower(&far, &near, |p| (p / (1.0 - p)).ln());
    let [near, far] = [&other, &usual].map(|fit| fit.mixtures()[0].quantile(0.5));
    narrower(&far, &near, f64::ln);
    let usual = fit_spend(&spends).unwrap();
    let other = usual.clone().at(ninety());
    fits(usual.hand_over(), other.hand_over(), f64::ln);
}

#[test]
fn contracts() {
    let survivors = [1000.0, 869.0, 743.0, 653.0, 593.0, 551.0, 517.0, 491.0];
    let table = SurvivorTable::from_survivors(&survivors).unwrap();
    let usual = contractual::fit(contractual::Model::Sbg, &table).unwrap();
    let other = usual.clone().at(ninety());
    fits(usual.hand_over(), other.hand_over(), f64::ln);
    narrower(&usual.survival(12), &other.survival(12), |p| {
        (p / (1.0 - p)).ln()
    });
}

/// Forty customers who leave or stay, with a score that has something to do with it.
fn watched() -> (Vec<Observation>, Vec<f64>) {
    let row = |i: u32| {
        let (score, months) = (f64::from(i % 7), f64::from(1 + (i * 5) % 23));
        let left = (i * 11) % 9 > i % 7;
        (Observation::new(0.0, months, left).unwrap(), score)
    };
    (0..140).map(row).unzip()
}

#[test]
fn regressions() {
    let (observations, scores) = watched();
    let mut covariates = Covariates::new(scores.len());
    covariates.push_number("score", scores.clone()).unwrap();
    let cox = CoxModel::new(&observations, &covariates).unwrap();
    let usual = cox.fit().unwrap();
    let other = usual.clone().with_level(ninety());
    fits(
        &usual.hand_over().unwrap(),
        &other.hand_over().unwrap(),
        |x| x,
    );
    let grid = TenureGrid::new(1.0, &[0, 6, 12]).unwrap();
    let mut cells = Cells::new(grid.clone(), &["score".to_owned()]).unwrap();
    for (observation, score) in observations.iter().zip(&scores) {
        cells.push(observation, &[*score]).unwrap();
    }
    let usual = HazardModel::new(Link::Cloglog).fit(&cells).unwrap();
    let other = usual.clone().with_level(ninety());
    fits(
        &usual.hand_over().unwrap(),
        &other.hand_over().unwrap(),
        |x| x,
    );
    let at = |fit: &keepworth_retention::hazard::HazardFit| fit.survival(&[3.0], 0.0, 9.0).unwrap();
    narrower(&at(&usual), &at(&other), |p| (-p.ln()).ln());
    let none = Covariates::new(scores.len());
    let link = LinkModel::new("score", &scores, &observations, &none, &grid).unwrap();
    let usual = link.clone().fit().unwrap();
    let other = link.with_level(ninety()).fit().unwrap();
    fits(&usual.fit, &other.fit, |x| x);
    let [far, near] = [usual, other].map(|report| report.evidence.association.unwrap());
    narrower(&far, &near, |x| x);
}

#[test]
fn curves() {
    let (observations, _) = watched();
    let usual = KaplanMeier::new(&observations).unwrap();
    let other = usual.clone().with_level(ninety());
    assert_eq!(other.hand_over().level, ninety());
    for (far, near) in usual.points().iter().zip(other.points()) {
        assert_eq!((far.value, far.se), (near.value, near.se));
        assert!(far.low <= near.low && near.high <= far.high);
    }
    assert_eq!(other.with_level(Level::USUAL), usual);
    let caused: Vec<_> = (observations.iter().enumerate())
        .map(|(i, o)| o.with_cause(i as u32 % 2))
        .collect();
    for curve in CumulativeIncidence::by_cause(&caused).unwrap() {
        let near = curve.clone().with_level(ninety());
        let inside = curve.points.iter().zip(&near.points);
        assert!(inside.clone().all(|(far, near)| far.low <= near.low));
        assert!(inside.clone().any(|(far, near)| far.high > near.high));
        assert_eq!(near.with_level(Level::USUAL), curve);
    }
}
