//! Recovery of a simulated truth, laws that hold for any data, and data that cannot be fitted.

use proptest::prelude::*;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, Gamma};

use super::life::{Life, simulated};
use super::*;
use crate::fit::Fit;

const TRUTHS: [(Model, [f64; 4]); 6] = [
    (Model::BgNbd, [0.8, 5.0, 0.9, 2.5]),
    (Model::BgNbd, [0.8, 5.0, 1.0, 2.5]),
    (Model::MbgNbd, [1.2, 6.0, 0.9, 1.8]),
    (Model::ParetoNbd, [0.9, 8.0, 0.8, 14.0]),
    (Model::ParetoNbd, [0.9, 8.0, 1.0, 14.0]),
    (Model::BgBb, [1.2, 0.75, 1.0, 12.0]),
];

/// Each truth lies within four standard errors of its estimate.
#[test]
fn every_model_recovers_its_truth() {
    for (model, truth) in TRUTHS {
        let fitted = fit(model, &simulated(model, truth, 4_000, 60.0, 11)).unwrap();
        assert!(fitted.hand_over().converged);
        for (i, name) in model.parameter_names().iter().enumerate() {
            let log_se = fitted.covariance[(i, i)].sqrt();
            let distance = (fitted.parameters[i] / truth[i]).ln() / log_se;
            assert!(
                distance.abs() < 4.0 && log_se < 0.6,
                "{model:?} {name}: {distance} se of {log_se}"
            );
        }
    }
}

/// 95% intervals hold the truth 95% of the time: of BG/NBD in 50 data sets, or of every model in
/// 400 with `cargo test -p keepworth-retention --features slow-tests --lib cover`.
#[test]
fn intervals_cover_the_truth() {
    let slow = cfg!(feature = "slow-tests");
    let (sets, models, allowed) = if slow {
        (400, 6, 0.92..=0.98)
    } else {
        (50, 1, 0.85..=1.0)
    };
    for (model, truth) in &TRUTHS[..models] {
        let mut held = [0.0; 4];
        for seed in 0..sets {
            let fitted = fit(*model, &simulated(*model, *truth, 1_500, 60.0, seed)).unwrap();
            for (i, name) in model.parameter_names().iter().enumerate() {
                let interval = fitted.hand_over().estimates[*name];
                held[i] += f64::from((interval.low..=interval.high).contains(&truth[i]));
            }
        }
        let shares = held.map(|count: f64| count / sets as f64);
        println!("{model:?}: {:?} held {shares:?}", model.parameter_names());
        assert!(
            shares.iter().all(|share| allowed.contains(share)),
            "{model:?}: {shares:?}"
        );
    }
}

/// Of data that a model drew itself about one in fifty is called a misfit: the parameters are those of
/// whole histories, not of the counts, which leaves more than chi-square (H. Chernoff & E. L. Lehmann,
/// Annals of Mathematical Statistics 25, 1954).
#[test]
fn a_model_that_is_true_fits() {
    let sets = if cfg!(feature = "slow-tests") {
        400
    } else {
        40
    };
    let mut flagged = 0;
    for (model, truth) in TRUTHS {
        for seed in 1_000..1_000 + sets {
            let fitted = fit(model, &simulated(model, truth, 1_000, 60.0, seed)).unwrap();
            flagged += u32::from(has_misfit(fitted.hand_over()));
        }
    }
    let fitted = TRUTHS.len() * sets as usize;
    println!("{flagged} of {fitted} flagged");
    assert!(
        f64::from(flagged) <= 0.035 * fitted as f64,
        "{flagged} of {fitted}"
    );
}

fn has_misfit(fit: &Fit) -> bool {
    fit.flags.iter().any(|flag| flag.code == "misfit")
}

/// Half of the customers drop out at once, which BG/NBD cannot say and MBG/NBD can.
#[test]
fn those_who_only_try_are_no_bg_nbd() {
    let customers = simulated(Model::MbgNbd, [4.0, 10.0, 2.0, 2.0], 3_000, 60.0, 1);
    let fitted = fit(Model::BgNbd, &customers).unwrap();
    let check = fitted.goodness();
    let expected: f64 = check.cells.iter().map(|cell| cell.expected).sum();
    assert!((expected - 3_000.0).abs() < 1e-6 && check.n == 3_000.0);
    assert!(check.cells.iter().all(|cell| cell.expected >= 5.0));
    let flags = &fitted.hand_over().flags;
    let found = flags.iter().find(|flag| flag.code == "misfit").unwrap();
    assert!(found.detail.ends_with("fit mbg-nbd"), "{}", found.detail);
    let better = fit(Model::MbgNbd, &customers).unwrap();
    assert!(!has_misfit(better.hand_over()));
}

/// Spends by the model itself, or of two fixed prices.
fn spends(prices: Option<[f64; 2]>, seed: u64) -> Spends {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut spends = Spends::default();
    for customer in 0..1_000 {
        let x = 1 + customer % 5;
        let nu = Gamma::new(3.7, 1.0 / 15.4).unwrap().sample(&mut rng);
        let one = Gamma::new(6.2, 1.0 / nu).unwrap();
        let paid: f64 = match prices {
            Some(prices) => (0..x)
                .map(|_| prices[usize::from(rng.random::<bool>())])
                .sum(),
            None => (0..x).map(|_| one.sample(&mut rng)).sum(),
        };
        spends.add(f64::from(x), paid / f64::from(x), 1.0).unwrap();
    }
    spends
}

#[test]
fn spends_are_checked_against_gamma_gamma() {
    let flagged = |spends: Spends| has_misfit(fit_spend(&spends).unwrap().hand_over());
    let false_alarms = (0..40).filter(|&seed| flagged(spends(None, seed))).count();
    assert!(false_alarms <= 2, "{false_alarms}");
    assert!(flagged(spends(Some([10.0, 45.0]), 1)));
}

/// What a model expects of a customer, given the history or none, is what happens on average.
#[test]
fn expectations_come_true_on_average() {
    for (model, truth) in TRUTHS {
        let process = model.with(truth);
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let (mut new, mut alive, mut future, mut future_of_frequent) = Default::default();
        for _ in 0..40_000 {
            let life = Life::new(model, truth, 50.0, &mut rng);
            let history = life.history(30.0);
            let later = life.history(50.0).purchases() - history.purchases();
            let expected = process.future_purchases(history, 20.0);
            add(&mut new, history.purchases() - process.purchases(30.0));
            add(
                &mut alive,
                f64::from(life.end > 30.0) - process.alive(history),
            );
            add(&mut future, later - expected);
            if history.purchases() >= 3.0 {
                add(&mut future_of_frequent, later - expected);
            }
        }
        for (name, errors) in [
            ("new", new),
            ("alive", alive),
            ("future", future),
            ("frequent", future_of_frequent),
        ] {
            let z = z_score(errors);
            assert!(
                z.abs() < 4.0,
                "{model:?} {truth:?} {name}: {z} standard errors"
            );
        }
    }
}

/// Number, sum and sum of squares.
type Sums = (f64, f64, f64);

fn add((n, sum, squares): &mut Sums, x: f64) {
    (*n, *sum, *squares) = (*n + 1.0, *sum + x, *squares + x * x);
}

/// The mean in its own standard errors.
fn z_score((n, sum, squares): Sums) -> f64 {
    let mean = sum / n;
    mean / ((squares / n - mean * mean) / n).sqrt()
}

#[test]
fn weights_and_copies_are_the_same() {
    let sample = simulated(Model::BgNbd, [0.8, 5.0, 0.9, 2.5], 300, 40.0, 5);
    let mut doubled = Histories::default();
    for row in sample.rows() {
        doubled.add(row.history, 2.0 * row.weight).unwrap();
    }
    let (one, two) = (
        fit(Model::BgNbd, &sample).unwrap(),
        fit(Model::BgNbd, &doubled).unwrap(),
    );
    for i in 0..4 {
        assert!(
            (one.parameters[i] / two.parameters[i] - 1.0).abs() < 1e-6,
            "{one:?} {two:?}"
        );
        assert!((one.covariance[(i, i)] / two.covariance[(i, i)] - 2.0).abs() < 1e-5);
    }
}

/// Of 4,000 customers observed for 60 weeks as many buy so often again as is told of new ones.
#[test]
fn chances_of_counts_come_true() {
    for (model, truth) in [TRUTHS[0], TRUTHS[2], TRUTHS[3]] {
        let customers = simulated(model, truth, 4_000, 60.0, 8);
        let fitted = fit(model, &customers).unwrap();
        for n in [0, 1, 5] {
            let those = customers
                .rows()
                .into_iter()
                .filter(|row| row.x() == f64::from(n));
            let share: f64 = those.map(|row| row.weight).sum::<f64>() / 4_000.0;
            let chance = fitted.probability(n, 60.0).unwrap();
            let error = (share * (1.0 - share) / 4_000.0).sqrt();
            assert!(
                (chance.value - share).abs() < 4.0 * error,
                "{model:?} {n}: {chance:?} {share}"
            );
            assert!(
                chance.low < chance.value && chance.value < chance.high && chance.se < error * 2.0
            );
        }
        assert!(fitted.probability(1, 0.0).is_err());
    }
}

#[test]
fn data_that_tell_nothing_are_refused() {
    let mut customers = Histories::default();
    assert_eq!(fit(Model::BgNbd, &customers), Err(PurchaseError::Empty));
    customers
        .add(History::new(0.0, 0.0, 9.0).unwrap(), 0.0)
        .unwrap();
    assert_eq!(fit(Model::BgNbd, &customers), Err(PurchaseError::Empty));
    customers
        .add(History::new(0.0, 0.0, 9.0).unwrap(), 3.0)
        .unwrap();
    assert_eq!(
        fit(Model::ParetoNbd, &customers),
        Err(PurchaseError::NoRepeatBuyers { customers: 3.0 })
    );
}

/// What an edge of a model says of the customers is said in words.
#[test]
fn fits_at_an_edge_say_what_customers_do() {
    let told = |model, rows: &[(f64, f64, f64)]| {
        let mut customers = Histories::default();
        for &(x, t_x, weight) in rows {
            let history = History::new(x, t_x, 39.0).unwrap();
            customers.add(history, weight).unwrap();
        }
        match fit(model, &customers) {
            Err(error) => error.to_string(),
            Ok(fitted) => fitted.hand_over().reason.clone(),
        }
    };
    let alike = [(3.0, 39.0, 50.0)];
    let loyal = [
        (0.0, 0.0, 100.0),
        (1.0, 20.0, 50.0),
        (2.0, 36.0, 30.0),
        (3.0, 38.0, 20.0),
        (6.0, 38.5, 10.0),
    ];
    for model in [Model::BgNbd, Model::MbgNbd, Model::ParetoNbd] {
        let one = told(model, &alike);
        assert!(one.contains("do not differ in how often they buy"), "{one}");
        let other = told(model, &loyal);
        assert!(other.contains("nobody drops out"), "{model:?}: {other}");
    }
    let mut spends = Spends::default();
    assert_eq!(fit_spend(&spends), Err(PurchaseError::Empty));
    assert!(spends.add(0.0, 20.0, 1.0).is_err() && spends.add(1.0, 0.0, 1.0).is_err());
    spends.add(2.0, 20.0, 50.0).unwrap();
    let spend = fit_spend(&spends).unwrap_err().to_string();
    assert!(
        spend.contains("do not differ in how much they spend"),
        "{spend}"
    );
}

fn histories() -> impl Strategy<Value = History> {
    (0_u32..40, 0.0..1.0, 0.01..500.0).prop_map(|(x, share, age)| {
        let t_x = if x == 0 { 0.0 } else { share * age };
        History::new(f64::from(x), t_x, age).unwrap()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn chances_and_expectations_stay_in_range(
        history in histories(),
        log in prop::array::uniform4(-3.0..3.0_f64),
        t in 0.0..400.0_f64,
    ) {
        for model in [Model::BgNbd, Model::MbgNbd, Model::ParetoNbd] {
            let process = model.with(log.map(f64::exp));
            let (alive, survival) = (process.alive(history), process.survival(t));
            prop_assert!((0.0..=1.0).contains(&alive), "{model:?} {alive}");
            prop_assert!((0.0..=1.0 + 1e-12).contains(&survival), "{model:?} {survival}");
            let (near, far) = (process.future_purchases(history, t), process.future_purchases(history, t + 1.0));
            prop_assert!(near >= -1e-9 && far >= near - 1e-9, "{model:?} {near} {far}");
            // At most everyone active buys at the updated mean rate all the time.
            let rate = (log[0].exp() + history.purchases()) / (log[1].exp() + history.age());
            prop_assert!(near <= alive * rate * t * (1.0 + 1e-9) + 1e-9, "{model:?} {near}");
        }
    }

    #[test]
    fn no_data_make_it_panic(
        rows in prop::collection::vec((any::<f64>(), any::<f64>(), any::<f64>(), any::<f64>()), 0..20),
        small in prop::collection::vec((histories(), 0.0..3.0_f64), 0..12),
    ) {
        let mut customers = Histories::default();
        for (x, t_x, age, weight) in rows {
            if let Ok(history) = History::new(x, t_x, age) {
                let _ = customers.add(history, weight);
            }
        }
        for (history, weight) in small {
            customers.add(history, weight).unwrap();
        }
        for model in [Model::BgNbd, Model::MbgNbd, Model::ParetoNbd] {
            if let Ok(fitted) = fit(model, &customers) {
                prop_assert!(fitted.parameters.iter().all(|p| p.is_finite() && *p > 0.0));
            }
        }
    }
}
