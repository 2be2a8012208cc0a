//! Each verdict from data built to deserve it.

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use super::*;
use crate::fit::{Fit, Verdict};

/// A year of customers whose score shifts the monthly log hazard, beside a price that shifts both
/// the score and the hazard.
struct World {
    scores: Vec<f64>,
    observations: Vec<Observation>,
    confounders: Covariates,
}

struct Truth {
    effect: f64,
    price_effect: f64,
    /// How much a high price lowers the score.
    price_on_score: f64,
}

fn world(seed: u64, n: usize, truth: &Truth) -> World {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let (mut scores, mut observations, mut prices) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..n {
        let price = f64::from(rng.random_range(0..2));
        let score = (rng.random::<f64>() * 5.0 - truth.price_on_score * price)
            .ceil()
            .clamp(1.0, 5.0);
        let log = -3.0 + truth.effect * (score - 3.0) + truth.price_effect * price;
        let p = 1.0 - (-log.exp()).exp();
        let left = (1..=12).find(|_| rng.random::<f64>() < p);
        let exit = left.map_or(12.0, f64::from);
        observations.push(Observation::new(0.0, exit, left.is_some()).unwrap());
        scores.push(score);
        prices.push(price);
    }
    let mut confounders = Covariates::new(n);
    confounders.push_number("price", prices).unwrap();
    World {
        scores,
        observations,
        confounders,
    }
}

fn grid() -> TenureGrid {
    TenureGrid::new(1.0, &[0, 3]).unwrap()
}

impl World {
    fn model<'a>(&'a self, grid: &'a TenureGrid) -> LinkModel<'a> {
        LinkModel::new(
            "score",
            &self.scores,
            &self.observations,
            &self.confounders,
            grid,
        )
        .unwrap()
    }
}

fn codes(fit: &Fit) -> Vec<&str> {
    fit.flags.iter().map(|flag| flag.code.as_str()).collect()
}

const GOOD: Truth = Truth {
    effect: -0.3,
    price_effect: 0.5,
    price_on_score: 1.0,
};

#[test]
fn a_true_effect_is_estimated_and_graded_c() {
    let (world, grid) = (world(1, 6000, &GOOD), grid());
    let report = world.model(&grid).fit().unwrap();
    assert_eq!(
        report.fit.verdict,
        Verdict::Estimated,
        "{}",
        report.fit.reason
    );
    assert_eq!(report.evidence.grade, Grade::C);
    let sd = report.fit.data["exposure_sd"];
    let association = report.evidence.association.unwrap();
    assert!((association.low..association.high).contains(&(GOOD.effect * sd)));
    // The prior sits nearer to 0, so the posterior is drawn towards it and is narrower.
    let posterior = report.evidence.posterior.unwrap();
    assert!(posterior.value > association.value && posterior.se < association.se);
    assert_eq!(report.fit.estimates["score"], posterior);
    assert!(report.evidence.e_value.unwrap().limit > 1.0);
    assert!(report.evidence.overlap.unwrap() < 0.5);
    // Price raises hazard and lowers scores: without it the score looks better than it is.
    let without = &report.evidence.confounding[0];
    assert_eq!(without.without, "price");
    assert!(without.shift < -1.0, "{without:?}");
}

#[test]
fn no_effect_is_null_and_graded_d() {
    let (world, grid) = (
        world(
            2,
            4000,
            &Truth {
                effect: 0.0,
                ..GOOD
            },
        ),
        grid(),
    );
    let report = world.model(&grid).fit().unwrap();
    assert_eq!(report.fit.verdict, Verdict::Null, "{}", report.fit.reason);
    assert_eq!(report.evidence.grade, Grade::D);
    assert_eq!(report.evidence.e_value.unwrap().limit, 1.0);
}

#[test]
fn an_effect_of_the_wrong_sign_is_warned() {
    let (world, grid) = (
        world(
            3,
            4000,
            &Truth {
                effect: 0.3,
                ..GOOD
            },
        ),
        grid(),
    );
    let report = world.model(&grid).fit().unwrap();
    assert_eq!(report.fit.verdict, Verdict::Warned);
    assert!(codes(&report.fit).contains(&"sign_against_prior"));
    // The same data are as expected when more of the exposure is worse.
    let turned = world
        .model(&grid)
        .with_direction(Direction::HigherIsWorse)
        .fit()
        .unwrap();
    assert_eq!(turned.fit.verdict, Verdict::Estimated);
    assert_eq!(turned.evidence.prior.mean, 0.10);
}

/// Everybody survives every month but the last, so that months by themselves hide what decides the last.
#[test]
fn what_decides_the_outcome_is_found_behind_months_that_all_survived() {
    let (mut scores, mut observations, mut last) = (Vec::new(), Vec::new(), Vec::new());
    for score in 1..=5_u32 {
        for customer in 0..200 {
            let left = score < 3 || (score == 3 && customer % 6 == 0);
            for month in 0..3_u32 {
                let [from, to] = [month, month + 1].map(f64::from);
                observations.push(Observation::new(from, to, left && month == 2).unwrap());
                scores.push(f64::from(score));
                last.push(month == 2);
            }
        }
    }
    let (none, grid) = (Covariates::new(scores.len()), grid());
    let model = LinkModel::new("rating", &scores, &observations, &none, &grid).unwrap();
    let months = model.clone().fit().unwrap();
    assert_ne!(months.fit.verdict, Verdict::Refused, "months alone hide it");
    let report = model.with_last(&last).unwrap().fit().unwrap();
    assert_eq!(
        (report.fit.verdict, codes(&report.fit)[0]),
        (Verdict::Refused, "separation")
    );
    assert_eq!((report.fit.n, report.fit.events), (1000.0, 434.0));
    assert_eq!(report.evidence.levels[0].n, 200.0);
}

#[test]
fn what_was_recorded_later_is_refused() {
    let (world, grid) = (world(4, 500, &GOOD), grid());
    let before = vec![0.0; 500];
    let fine = world
        .model(&grid)
        .with_known_at(&before)
        .unwrap()
        .fit()
        .unwrap();
    assert_ne!(fine.fit.verdict, Verdict::Refused);
    let during: Vec<f64> = world.observations.iter().map(|o| o.exit() - 0.5).collect();
    let report = world
        .model(&grid)
        .with_known_at(&during)
        .unwrap()
        .fit()
        .unwrap();
    assert_eq!(
        (report.fit.verdict, codes(&report.fit)[0]),
        (Verdict::Refused, "reversed_time")
    );
    let after: Vec<f64> = world.observations.iter().map(|o| o.exit() + 1.0).collect();
    let report = world
        .model(&grid)
        .with_known_at(&after)
        .unwrap()
        .fit()
        .unwrap();
    assert!(report.fit.reason.contains("after the customer had left"));
    assert!(report.fit.covariance.is_none() && report.evidence.association.is_none());
}

#[test]
fn repeated_rows_and_thin_cells_are_warned() {
    let (mut world, grid) = (world(5, 3000, &GOOD), grid());
    let mut customers: Vec<u64> = (0..3000).collect();
    customers[7] = 6;
    let report = world
        .model(&grid)
        .with_customers(&customers)
        .unwrap()
        .fit()
        .unwrap();
    assert_eq!(codes(&report.fit), ["duplicates"]);
    world.scores[0] = 9.0;
    let report = world.model(&grid).fit().unwrap();
    assert_eq!(report.fit.verdict, Verdict::Warned);
    assert!(codes(&report.fit).contains(&"thin_cells"));
}

#[test]
fn few_departures_are_warned() {
    let (world, grid) = (world(6, 24, &GOOD), grid());
    let report = world.model(&grid).fit().unwrap();
    assert!(
        codes(&report.fit).contains(&"few_events"),
        "{}",
        report.fit.reason
    );
}

#[test]
fn a_leak_is_refused_by_name_and_by_what_it_knows() {
    let (mut world, grid) = (world(7, 2000, &GOOD), grid());
    for name in ["churn_risk", "Cancelled on", "exit_survey"] {
        let model = LinkModel::new(
            name,
            &world.scores,
            &world.observations,
            &world.confounders,
            &grid,
        );
        assert_eq!(
            codes(&model.unwrap().fit().unwrap().fit)[0],
            "leakage",
            "{name}"
        );
    }
    // All but one in a hundred leavers answered 1, and nobody who stayed but one in a hundred.
    for (i, o) in world.observations.iter().enumerate() {
        world.scores[i] = if o.is_event() == (i % 100 != 0) {
            1.0
        } else {
            5.0
        };
    }
    let report = world.model(&grid).fit().unwrap();
    assert_eq!(codes(&report.fit)[0], "near_perfect_prediction");
}

#[test]
fn a_confounder_without_departures_does_not_condemn_the_exposure() {
    let (mut world, grid) = (world(8, 4000, &GOOD), grid());
    let loyal: Vec<f64> = (world.observations.iter().enumerate())
        .map(|(i, o)| f64::from(u8::from(!o.is_event() && i % 4 == 0)))
        .collect();
    world.confounders.push_number("loyal", loyal).unwrap();
    let report = world.model(&grid).fit().unwrap();
    assert_eq!(report.fit.verdict, Verdict::Warned, "{}", report.fit.reason);
    assert!(codes(&report.fit).contains(&"separated"));
    assert!(report.evidence.association.unwrap().high < 0.0);
}

#[test]
fn malformed_input_is_an_error() {
    let (world, grid) = (world(9, 50, &GOOD), grid());
    let new = |scores: &'static [f64]| {
        LinkModel::new(
            "score",
            scores,
            &world.observations,
            &world.confounders,
            &grid,
        )
        .map(|_| ())
    };
    assert!(matches!(new(&[1.0]), Err(LinkError::Length { .. })));
    assert!(matches!(new(&[3.0; 50]), Err(LinkError::Covariate(_))));
    assert!(matches!(new(&[f64::NAN; 50]), Err(LinkError::Covariate(_))));
    let prior = ScepticalPrior { mean: 0.0, sd: 0.0 };
    assert!(matches!(
        world.model(&grid).with_prior(prior),
        Err(LinkError::Prior { .. })
    ));
    let never = [f64::NAN; 50];
    assert!(matches!(
        world.model(&grid).with_known_at(&never),
        Err(LinkError::KnownAt { .. })
    ));
}

#[test]
fn report_round_trips_through_json() {
    let (world, grid) = (world(1, 3000, &GOOD), grid());
    let report = world.model(&grid).fit().unwrap();
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["fit"]["model"], "link");
    assert_eq!(json["evidence"]["grade"], "C");
    assert_eq!(serde_json::from_value::<LinkReport>(json).unwrap(), report);
}
