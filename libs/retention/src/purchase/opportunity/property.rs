//! Recovery of a truth, limits, and histories that BG/BB cannot have brought about.

use proptest::prelude::*;

use super::super::life::simulated;
use super::super::*;
use super::Opportunities;

const TRUTH: [f64; 4] = [1.2, 0.75, 0.66, 2.8];

/// 95% intervals hold the truth 95% of the time: 3,000 customers over six periods, in 100 data sets, or
/// in 400 with `--features slow-tests`.
#[test]
fn intervals_cover_the_truth() {
    let (sets, allowed) = if cfg!(feature = "slow-tests") {
        (400, 0.92..=0.98)
    } else {
        (100, 0.88..=1.0)
    };
    let mut held = [0.0; 5];
    let regular = History::new(4.0, 6.0, 6.0).unwrap();
    let truth = with(TRUTH);
    for seed in 0..sets {
        let customers = simulated(Model::BgBb, TRUTH, 3_000, 6.0, 500 + seed);
        let fitted = fit(Model::BgBb, &customers).unwrap();
        let names = Model::BgBb.parameter_names();
        for (i, name) in names.into_iter().enumerate() {
            let found = fitted.hand_over().estimates[name];
            held[i] += f64::from((found.low..=found.high).contains(&TRUTH[i]));
        }
        let next = fitted.future_purchases(&regular, 5.0).unwrap();
        let told = truth.future_purchases(regular, 5.0);
        held[4] += f64::from((next.low..=next.high).contains(&told));
    }
    let shares = held.map(|count: f64| count / sets as f64);
    println!("alpha, beta, gamma, delta, the next five: held {shares:?}");
    assert!(
        shares.iter().all(|share| allowed.contains(share)),
        "{shares:?}"
    );
}

fn with([alpha, beta, gamma, delta]: [f64; 4]) -> Opportunities<f64> {
    Opportunities {
        alpha,
        beta,
        gamma,
        delta,
    }
}

#[test]
fn impossible_histories_are_refused() {
    let refusal = |x, t_x, n| {
        let mut customers = Histories::default();
        customers
            .add(History::new(x, t_x, n).unwrap(), 9.0)
            .unwrap();
        fit(Model::BgBb, &customers).unwrap_err().to_string()
    };
    assert!(
        refusal(1.0, 2.5, 6.0).contains("t_x is 2.5: this model counts periods in whole numbers")
    );
    assert!(refusal(1.0, 2.0, 6.25).contains("T is 6.25"));
    assert!(refusal(1.0, 2.0, 20_000.0).contains("up to 10000"));
    assert!(refusal(3.0, 2.0, 6.0).contains("count the periods with a purchase"));
    let fitted = fit(Model::BgBb, &simulated(Model::BgBb, TRUTH, 500, 6.0, 1)).unwrap();
    let half = History::new(1.0, 2.0, 2.5).unwrap();
    assert!(fitted.alive(&half).is_err() && fitted.future_purchases(&half, 1.0).is_err());
    assert!(fitted.purchases(1.5).is_err() && fitted.survival(0.5).is_err());
    let weeks = TableTerms {
        units_per_month: 4.348,
        months: 12,
    };
    assert!(fitted.hazard_table(weeks).is_err());
    let months = TableTerms {
        units_per_month: 1.0,
        ..weeks
    };
    assert_eq!(fitted.hazard_table(months).unwrap().hazards.len(), 12);
}

/// What an edge of the model says of the customers is said in words. Of samples from an edge about half
/// are fitted beside it, so that a few are tried.
#[test]
fn fits_at_an_edge_say_what_customers_do() {
    let told = |truth, seed| {
        let customers = simulated(Model::BgBb, truth, 2_000, 8.0, seed);
        match fit(Model::BgBb, &customers) {
            Err(error) => error.to_string(),
            Ok(fitted) => fitted.hand_over().reason.clone(),
        }
    };
    for (truth, words) in [
        ([1.2, 0.75, 1e-4, 1e3], "nobody drops out"),
        ([1e5, 1e5, 0.66, 2.8], "do not differ in how often they buy"),
        (
            [1e5, 1e-3, 0.66, 2.8],
            "buy at every opportunity until they drop out",
        ),
        (
            [1.2, 0.75, 1e4, 9e4],
            "do not differ in how likely they drop out",
        ),
    ] {
        let found: Vec<String> = (1..=6).map(|seed| told(truth, seed)).collect();
        assert!(
            found.iter().any(|said| said.contains(words)),
            "{truth:?}: {found:?}"
        );
    }
}

/// The chances of all histories of `n` opportunities sum to one, those of a count to that of the count.
#[test]
fn histories_are_all_there_are() {
    let model = with(TRUTH);
    let process = Model::BgBb.with(TRUTH);
    let chances: Vec<f64> = count::Counts::new(&process, 7.0).take(9).collect();
    let mut all = 0.0;
    for x in 0..=7_u32 {
        let mut those = 0.0;
        let first = if x == 0 { 0 } else { x };
        let last = if x == 0 { 0 } else { 7 };
        for t_x in first..=last {
            // The others of the purchases are spread over the opportunities before the last.
            let ways = (1..x).fold(1.0, |ways, k| ways * f64::from(t_x - k) / f64::from(k));
            let history = History::new(x.into(), t_x.into(), 7.0).unwrap();
            those += ways * chance(&model, history);
        }
        assert!((those - chances[x as usize]).abs() < 1e-13, "{x}: {those}");
        all += those;
    }
    assert!((all - 1.0).abs() < 1e-13 && chances[8] == 0.0, "{all}");
}

fn chance(model: &Opportunities<f64>, history: History) -> f64 {
    let mut customers = Histories::default();
    customers.add(history, 1.0).unwrap();
    model.ln_likelihood(&customers.rows()).exp()
}

/// Without dropout BG/BB is beta-binomial; with sure purchases it is sBG: `S(t) = B(γ, δ+t)/B(γ, δ)`.
#[test]
fn the_limits_are_simpler_models() {
    let stays = with([1.2, 0.75, 1e-9, 1.0]);
    let history = History::new(3.0, 4.0, 9.0).unwrap();
    // Γ(4.2)/Γ(1.2)·Γ(6.75)/Γ(0.75)·Γ(1.95)/Γ(10.95), term by term.
    let rising = |z: f64, k: u32| (0..k).map(|i| z + f64::from(i)).product::<f64>();
    let beta_binomial = rising(1.2, 3) * rising(0.75, 6) / rising(1.95, 9);
    assert!((chance(&stays, history) / beta_binomial - 1.0).abs() < 1e-6);
    assert!((stays.alive(history) - 1.0).abs() < 1e-6);
    assert!((stays.purchases(9.0) - 9.0 * 1.2 / 1.95).abs() < 1e-6);
    let buys = with([1e9, 1e-3, 0.7, 2.0]);
    let gone = History::new(3.0, 3.0, 9.0).unwrap();
    let survival =
        |t: u32| (0..t).fold(1.0, |s, i| s * (2.0 + f64::from(i)) / (2.7 + f64::from(i)));
    let left = survival(3) - survival(4);
    assert!((chance(&buys, gone) / left - 1.0).abs() < 1e-6);
    assert!(buys.alive(gone) < 1e-9);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn chances_and_expectations_stay_in_range(
        logs in prop::array::uniform4(-4.0..6.0_f64),
        x in 0_u32..12,
        wait in 0_u32..12,
        silent in 0_u32..200,
        rate in 0.001..1.0_f64,
    ) {
        let model = with(logs.map(f64::exp));
        let t_x = if x == 0 { 0 } else { x + wait };
        let history = History::new(x.into(), t_x.into(), (t_x + silent).into()).unwrap();
        let alive = model.alive(history);
        prop_assert!((0.0..=1.0).contains(&alive), "{alive}");
        // One opportunity ahead: active there, and buying.
        let [alpha, beta, ..] = logs.map(f64::exp);
        let share = (alpha + f64::from(x)) / (alpha + beta + f64::from(t_x + silent));
        let next = model.future_purchases(history, 1.0);
        prop_assert!((next - alive * share).abs() < 1e-9 * (1e-3 + next), "{next} {}", alive * share);
        let (near, far) = (model.future_purchases(history, 20.0), model.future_purchases(history, 21.0));
        prop_assert!(next <= near * (1.0 + 1e-9) && near <= far * (1.0 + 1e-9), "{next} {near} {far}");
        prop_assert!(near <= 20.0 * next * (1.0 + 1e-9), "{next} {near}");
        let all = model.discounted_residual(history, rate);
        prop_assert!(all <= next / rate * (1.0 + 1e-9) && all >= next / (1.0 + rate) * (1.0 - 1e-9), "{all}");
    }
}
