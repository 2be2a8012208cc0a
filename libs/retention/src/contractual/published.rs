//! The published fits, from data printed in the papers.

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use super::*;

/// Fader & Hardie (2007), table 1, "regular": customers of 1,000 left after years 0 … 12.
const REGULAR: [f64; 13] = [
    1000.0, 631.0, 468.0, 382.0, 326.0, 289.0, 262.0, 241.0, 223.0, 207.0, 194.0, 183.0, 173.0,
];

fn close(actual: f64, expected: f64, tolerance: f64) {
    let error = (actual - expected).abs() / expected.abs();
    assert!(
        error <= tolerance,
        "{actual} is not {expected}: relative error {error:e}"
    );
}

fn seven_years(model: Model) -> ContractualFit {
    fit(
        model,
        &SurvivorTable::from_survivors(&REGULAR[..8]).unwrap(),
    )
    .unwrap()
}

fn agrees(fitted: &ContractualFit, name: &str, value: f64, se: f64) {
    let estimate = fitted.hand_over().estimates[name];
    close(estimate.value, value, 1e-4);
    close(estimate.se, se, 1e-3);
}

/// Fader & Hardie (2007) print α = 0.704, β = 1.182; further digits from an independent fit.
#[test]
fn sbg_reproduces_fader_and_hardie() {
    let fitted = seven_years(Model::Sbg);
    agrees(&fitted, "alpha", 0.704_077, 0.065_599);
    agrees(&fitted, "beta", 1.182_043, 0.152_476);
    close(fitted.hand_over().loglik.unwrap(), -1_680.265_188, 1e-8);
    assert!(fitted.hand_over().converged);
    for (year, survivors) in [(8, 220.085), (10, 191.19), (12, 170.037)] {
        close(1000.0 * fitted.survival(year).value, survivors, 1e-5);
    }
    close(
        fitted.discounted_lifetime(0.1).unwrap().value,
        3.694_908,
        1e-5,
    );
}

/// Two independent fits of the model of Fader, Hardie, Liu, Davin & Steenburgh (2018).
#[test]
fn bdw_reproduces_its_reference() {
    let fitted = seven_years(Model::Bdw);
    agrees(&fitted, "alpha", 0.455_614, 0.167_041);
    agrees(&fitted, "beta", 0.779_326, 0.282_71);
    agrees(&fitted, "c", 1.283_451, 0.298_095);
    close(fitted.hand_over().loglik.unwrap(), -1_679.602_833, 1e-8);
}

#[test]
fn a_heavy_tail_has_no_expected_lifetime() {
    let fitted = seven_years(Model::Sbg);
    assert!(
        matches!(fitted.residual_lifetime(0), ExpectedLifetime::Infinite { exponent } if exponent < 1.0)
    );
    assert!(fitted.discounted_lifetime(0.0).is_err());
    assert!(fitted.discounted_residual_lifetime(3, f64::NAN).is_err());
    assert!(
        fitted
            .hand_over()
            .flags
            .iter()
            .any(|flag| flag.code == "infinite_lifetime")
    );
}

#[test]
fn those_who_stayed_stay_longer() {
    let fitted = seven_years(Model::Sbg);
    let at = |tenure| {
        fitted
            .discounted_residual_lifetime(tenure, 0.1)
            .unwrap()
            .value
    };
    assert!(at(0) < at(1) && at(1) < at(5));
    let projection = fitted.projection(12);
    assert!(
        projection
            .windows(2)
            .all(|w| w[0].retention.value < w[1].retention.value)
    );
    close(
        projection[11].survival.value,
        fitted.survival(12).value,
        1e-15,
    );
    let hazards = fitted.hazards(12);
    close(
        (-hazards[4].value).exp(),
        projection[4].retention.value,
        1e-12,
    );
}

/// The delta method's interval against draws from the hand-over form.
#[test]
fn intervals_agree_with_posterior_draws() {
    let fitted = seven_years(Model::Sbg);
    let sampler = fitted.hand_over().sampler().unwrap();
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let mut survival: Vec<f64> = (0..20_000)
        .map(|_| {
            let draw = sampler.draw(&mut rng);
            BetaWeibull {
                alpha: draw[0].exp(),
                beta: draw[1].exp(),
                c: 1.0,
            }
            .ln_survival(12.0)
            .exp()
        })
        .collect();
    survival.sort_by(f64::total_cmp);
    let interval = fitted.survival(12);
    assert!(
        (survival[500] - interval.low).abs() < 0.004,
        "{} {interval:?}",
        survival[500]
    );
    assert!(
        (survival[19_500] - interval.high).abs() < 0.004,
        "{} {interval:?}",
        survival[19_500]
    );
}

#[test]
fn one_period_cannot_tell_two_parameters_apart() {
    let table = SurvivorTable::from_survivors(&[1000.0, 900.0]).unwrap();
    assert!(matches!(
        fit(Model::Sbg, &table),
        Err(ContractualError::Optimise(_))
    ));
}

/// Cohorts of different length, one of them seen late, lead back to the same truth.
#[test]
fn many_cohorts_recover_the_truth() {
    let truth: BetaWeibull = BetaWeibull {
        alpha: 0.7,
        beta: 2.1,
        c: 1.2,
    };
    let cohort = |first_tenure: u32, length: u32, size: f64| Cohort {
        first_tenure,
        survivors: (0..=length)
            .map(|k| {
                size * (truth.ln_survival(f64::from(first_tenure + k))
                    - truth.ln_survival(f64::from(first_tenure)))
                .exp()
            })
            .collect(),
    };
    let cohorts = [
        cohort(0, 10, 5000.0),
        cohort(0, 4, 9000.0),
        cohort(3, 8, 2000.0),
    ];
    let fitted = fit(Model::Bdw, &SurvivorTable::from_cohorts(&cohorts).unwrap()).unwrap();
    // Expected counts put the maximum at the truth itself.
    close(fitted.parameters.alpha, truth.alpha, 1e-6);
    close(fitted.parameters.beta, truth.beta, 1e-6);
    close(fitted.parameters.c, truth.c, 1e-6);
}

/// 95% intervals hold the truth 95% of the time, in 50 cohorts of 1,000 seen for eight periods, or
/// in 400 with `cargo test -p keepworth-retention --features slow-tests --lib cover`.
#[test]
fn intervals_cover_the_truth() {
    let slow = cfg!(feature = "slow-tests");
    let (sets, allowed) = if slow {
        (400, 0.92..=0.98)
    } else {
        (50, 0.85..=1.0)
    };
    let truth: BetaWeibull = BetaWeibull {
        alpha: 0.9,
        beta: 2.4,
        c: 1.0,
    };
    let mut held = [0.0; 2];
    for seed in 0..sets {
        let table = SurvivorTable::from_survivors(&cohort(&truth, 1_000, 8, seed)).unwrap();
        let fitted = fit(Model::Sbg, &table).unwrap();
        for (i, (name, value)) in [("alpha", truth.alpha), ("beta", truth.beta)]
            .into_iter()
            .enumerate()
        {
            let interval = fitted.hand_over().estimates[name];
            held[i] += f64::from((interval.low..=interval.high).contains(&value));
        }
    }
    let shares = held.map(|count: f64| count / sets as f64);
    println!("sBG: alpha, beta held {shares:?}");
    assert!(
        shares.iter().all(|share| allowed.contains(share)),
        "{shares:?}"
    );
}

/// Survivors of customers who leave by chance.
fn cohort(truth: &BetaWeibull, customers: u32, periods: u32, seed: u64) -> Vec<f64> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut left = customers;
    let mut survivors = vec![f64::from(left)];
    for period in 0..periods {
        let churn = -(-truth.hazard(f64::from(period))).exp_m1();
        left -= (0..left).filter(|_| rng.random::<f64>() < churn).count() as u32;
        survivors.push(f64::from(left));
    }
    survivors
}
