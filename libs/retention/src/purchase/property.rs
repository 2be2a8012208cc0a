//! Recovery of a simulated truth, laws that hold for any data, and data that cannot be fitted.

use proptest::prelude::*;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use rand_distr::{Beta, Distribution, Exp, Gamma};

use super::*;

/// Customers who live by the model itself, observed for `weeks` after their first purchase.
fn simulated(
    model: Model,
    parameters: [f64; 4],
    customers: usize,
    weeks: f64,
    seed: u64,
) -> Histories {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut histories = Histories::default();
    for _ in 0..customers {
        let history = one_life(model, parameters, weeks, &mut rng);
        histories.add(history, 1.0).unwrap();
    }
    histories
}

fn one_life(model: Model, [r, alpha, a, b]: [f64; 4], weeks: f64, rng: &mut ChaCha8Rng) -> History {
    let wait = Exp::new(Gamma::new(r, 1.0 / alpha).unwrap().sample(rng).max(1e-12)).unwrap();
    let (mut x, mut t_x, mut now) = (0.0, 0.0, 0.0);
    // Without dropout by purchase (Pareto/NBD) the customer is gone at an exponential time.
    let (chance, end) = match model {
        Model::ParetoNbd => {
            let rate = Gamma::new(a, 1.0 / b).unwrap().sample(rng).max(1e-12);
            (0.0, Exp::new(rate).unwrap().sample(rng).min(weeks))
        }
        Model::BgNbd | Model::MbgNbd => (Beta::new(a, b).unwrap().sample(rng), weeks),
    };
    let leaves = |rng: &mut ChaCha8Rng| rand::RngExt::random::<f64>(rng) < chance;
    if model == Model::MbgNbd && leaves(rng) {
        return History::new(0.0, 0.0, weeks).unwrap();
    }
    loop {
        now += wait.sample(rng);
        if now > end {
            return History::new(x, t_x, weeks).unwrap();
        }
        (x, t_x) = (x + 1.0, now);
        if leaves(rng) {
            return History::new(x, t_x, weeks).unwrap();
        }
    }
}

/// Each truth lies within four standard errors of its estimate.
#[test]
fn every_model_recovers_its_truth() {
    for (model, truth) in [
        (Model::BgNbd, [0.8, 5.0, 0.9, 2.5]),
        (Model::MbgNbd, [1.2, 6.0, 0.9, 1.8]),
        (Model::ParetoNbd, [0.9, 8.0, 0.8, 14.0]),
    ] {
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

/// 95% intervals of 50 simulated data sets, four parameters each: 190 of 200 are expected to cover
/// and 180 fall short only once in a thousand, the four of a set being nearly two.
#[test]
fn intervals_cover_the_truth() {
    let truth = [0.8, 5.0, 0.9, 2.5];
    let sets = (0..50).map(|seed| {
        fit(
            Model::BgNbd,
            &simulated(Model::BgNbd, truth, 1_500, 60.0, seed),
        )
        .unwrap()
    });
    let covered = sets.flat_map(|fitted| {
        let estimates = fitted.hand_over().estimates.clone();
        let names = Model::BgNbd.parameter_names();
        names.into_iter().zip(truth).filter(move |(name, truth)| {
            let interval = estimates[*name];
            (interval.low..=interval.high).contains(truth)
        })
    });
    let covered = covered.count();
    assert!((180..=200).contains(&covered), "{covered} of 200");
}

/// Expected purchases against the mean of simulated futures.
#[test]
fn expectations_match_simulated_means() {
    for (model, truth) in [
        (Model::BgNbd, [0.8, 5.0, 0.9, 2.5]),
        (Model::BgNbd, [0.8, 5.0, 1.0, 2.5]),
        (Model::MbgNbd, [1.2, 6.0, 0.9, 1.8]),
        (Model::ParetoNbd, [0.9, 8.0, 1.0, 14.0]),
    ] {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let lives = 100_000;
        let purchases = (0..lives).map(|_| one_life(model, truth, 30.0, &mut rng).purchases());
        let (sum, squares) = purchases.fold((0.0, 0.0), |(s, q), x| (s + x, q + x * x));
        let mean = sum / f64::from(lives);
        let se = ((squares / f64::from(lives) - mean * mean) / f64::from(lives)).sqrt();
        let expected = model.with(truth).purchases(30.0);
        assert!(
            (mean - expected).abs() < 4.0 * se,
            "{model:?}: {mean} ± {se} is not {expected}"
        );
    }
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

#[test]
fn customers_who_are_all_alike_have_no_maximum() {
    let mut customers = Histories::default();
    customers
        .add(History::new(3.0, 9.0, 9.0).unwrap(), 50.0)
        .unwrap();
    assert!(matches!(
        fit(Model::BgNbd, &customers),
        Err(PurchaseError::Optimise(_))
    ));
    let mut spends = Spends::default();
    spends.add(2.0, 20.0, 50.0).unwrap();
    assert!(matches!(
        fit_spend(&spends),
        Err(PurchaseError::Optimise(_))
    ));
    assert_eq!(fit_spend(&Spends::default()), Err(PurchaseError::Empty));
    assert!(spends.add(0.0, 20.0, 1.0).is_err() && spends.add(1.0, 0.0, 1.0).is_err());
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
