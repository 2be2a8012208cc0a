//! Purchase models: the cost follows the number of different histories, not of customers.
//!
//! `cargo bench -p keepworth-retention --bench purchase`
//!
//! Customers are simulated from the published BG/NBD fit of the CDNOW data and by its design: they
//! join over 12 weeks and are observed for 39, by the day.

use divan::Bencher;
use keepworth_retention::purchase::{Histories, History, Model, Spends, fit, fit_spend};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use rand_distr::{Beta, Distribution, Exp, Gamma};

fn main() {
    divan::main();
}

const R: f64 = 0.242_593;
const ALPHA: f64 = 4.413_532;
const A: f64 = 0.792_886;
const B: f64 = 2.425_753;

fn simulated(customers: usize) -> Vec<History> {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    (0..customers).map(|_| one_life(&mut rng)).collect()
}

/// One customer, ages in weeks of whole days.
fn one_life(rng: &mut ChaCha8Rng) -> History {
    let age = f64::from(rng.random_range(189..=272)) / 7.0;
    let rate: f64 = Gamma::new(R, 1.0 / ALPHA).expect("positive").sample(rng);
    let wait = Exp::new(rate.max(1e-12)).expect("positive");
    let dropout: f64 = Beta::new(A, B).expect("positive").sample(rng);
    let (mut x, mut t_x, mut now) = (0.0, 0.0, 0.0);
    loop {
        now += wait.sample(rng);
        let by_day = (now * 7.0).ceil() / 7.0;
        if by_day > age {
            break;
        }
        (x, t_x) = (x + 1.0, by_day);
        if rng.random::<f64>() < dropout {
            break;
        }
    }
    History::new(x, t_x, age).expect("a simulated history is a history")
}

fn grouped(customers: &[History], copies: f64) -> Histories {
    let mut histories = Histories::default();
    for &history in customers {
        histories.add(history, copies).expect("a positive weight");
    }
    histories
}

/// The same 2,357 histories, each held by 1 and by 1,000 customers: 2,357 and 2,357,000 in all.
#[divan::bench(args = [1.0, 1000.0])]
fn bg_nbd_copies(bencher: Bencher, copies: f64) {
    let customers = grouped(&simulated(2_357), copies);
    bencher.bench(|| fit(Model::BgNbd, &customers));
}

/// Grouping alone.
#[divan::bench(args = [2_357, 1_000_000], sample_count = 10)]
fn group(bencher: Bencher, customers: usize) {
    let lives = simulated(customers);
    bencher.bench(|| grouped(&lives, 1.0));
}

/// Fitting different customers, grouped beforehand.
#[divan::bench(args = [2_357, 1_000_000], sample_count = 5)]
fn bg_nbd(bencher: Bencher, customers: usize) {
    let customers = grouped(&simulated(customers), 1.0);
    println!("{} different histories", customers.distinct());
    bencher.bench(|| fit(Model::BgNbd, &customers));
}

#[divan::bench(args = [2_357, 1_000_000], sample_count = 3)]
fn pareto_nbd(bencher: Bencher, customers: usize) {
    let customers = grouped(&simulated(customers), 1.0);
    bencher.bench(|| fit(Model::ParetoNbd, &customers));
}

#[divan::bench(sample_count = 10)]
fn gamma_gamma_946(bencher: Bencher) {
    let mut spends = Spends::default();
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    for _ in 0..946 {
        let x = f64::from(rng.random_range(1..8));
        let rate: f64 = Gamma::new(3.744_588, 1.0 / 15.447_748)
            .expect("positive")
            .sample(&mut rng);
        let mean: f64 = Gamma::new(6.248_802 * x, 1.0 / (rate * x))
            .expect("positive")
            .sample(&mut rng);
        spends.add(x, mean, 1.0).expect("a positive spend");
    }
    bencher.bench(|| fit_spend(&spends));
}
