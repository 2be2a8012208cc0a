//! Regression at company size: a million customers, and Cox at the size of the peers' figures.
//!
//! `cargo bench -p keepworth-retention --bench hazard`

use divan::Bencher;
use keepworth_retention::covariate::Covariates;
use keepworth_retention::cox::CoxModel;
use keepworth_retention::hazard::{Cells, HazardModel, Link, TenureGrid};
use keepworth_retention::survival::{KaplanMeier, Observation};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

fn main() {
    divan::main();
}

const CUSTOMERS: usize = 1_000_000;
const MONTHS: u32 = 36;
const NAMES: [&str; 4] = ["segment b", "segment c", "discount", "contacts"];

/// A customer's three years: segment, discount, and contacts that change from month to month.
struct Life {
    months: u32,
    left: bool,
    constant: [f64; 3],
    contacts: [u8; MONTHS as usize],
}

fn lives(n: usize) -> Vec<Life> {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let life = |_| {
        let segment = rng.random_range(0..3);
        let constant = [
            f64::from(u8::from(segment == 1)),
            f64::from(u8::from(segment == 2)),
            f64::from(rng.random_range(0..2)),
        ];
        let contacts = std::array::from_fn(|_| rng.random_range(0..4));
        let left = (0..MONTHS).find(|_| rng.random::<f64>() < 0.01);
        Life {
            months: left.map_or(MONTHS, |month| month + 1),
            left: left.is_some(),
            constant,
            contacts,
        }
    };
    (0..n).map(life).collect()
}

fn grid() -> TenureGrid {
    TenureGrid::new(1.0, &[0, 3, 12, 24]).expect("edges ascend")
}

fn watched(entry: u32, exit: u32, left: bool) -> Observation {
    Observation::new(f64::from(entry), f64::from(exit), left).expect("entry before exit")
}

/// One stretch per customer: covariates stay as they were at entry.
#[divan::bench(sample_count = 5)]
fn hazard_constant_covariates(bencher: Bencher) {
    let lives = lives(CUSTOMERS);
    bencher.bench_local(|| {
        let mut cells = Cells::new(grid(), &NAMES).expect("names differ");
        for life in &lives {
            let [b, c, discount] = life.constant;
            let x = [b, c, discount, f64::from(life.contacts[0])];
            cells
                .push(&watched(0, life.months, life.left), &x)
                .expect("finite covariates");
        }
        HazardModel::new(Link::Cloglog)
            .fit(&cells)
            .expect("identified")
    });
}

/// One stretch per month: 30 million customer-months with contacts of the month.
#[divan::bench(sample_count = 3)]
fn hazard_monthly_covariates(bencher: Bencher) {
    let lives = lives(CUSTOMERS);
    bencher.bench_local(|| {
        let mut cells = Cells::new(grid(), &NAMES).expect("names differ");
        for life in &lives {
            let [b, c, discount] = life.constant;
            for month in 0..life.months {
                let left = life.left && month + 1 == life.months;
                let x = [b, c, discount, f64::from(life.contacts[month as usize])];
                cells
                    .push_later(&watched(month, month + 1, left), &x)
                    .expect("finite covariates");
            }
        }
        HazardModel::new(Link::Cloglog)
            .fit(&cells)
            .expect("identified")
    });
}

/// 704,300 rows, 10 covariates, times in whole months: as the peers were measured.
#[divan::bench(sample_count = 3)]
fn cox_efron_10_covariates(bencher: Bencher) {
    let rows = 704_300;
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    let mut covariates = Covariates::new(rows);
    for i in 0..10 {
        let column = (0..rows).map(|_| rng.random::<f64>()).collect();
        covariates
            .push_number(&format!("x{i}"), column)
            .expect("finite");
    }
    let observations: Vec<Observation> = (0..rows)
        .map(|_| watched(0, rng.random_range(1..73), rng.random::<f64>() < 0.27))
        .collect();
    bencher.bench_local(|| {
        CoxModel::new(&observations, &covariates)
            .expect("columns")
            .fit()
            .expect("identified")
    });
}

/// 7,043,000 rows, times in whole months.
#[divan::bench(sample_count = 3)]
fn kaplan_meier_7_million(bencher: Bencher) {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let observations: Vec<Observation> = (0..7_043_000)
        .map(|_| watched(0, rng.random_range(1..73), rng.random::<f64>() < 0.27))
        .collect();
    bencher.bench_local(|| KaplanMeier::new(&observations).expect("weights"));
}
