//! Known truths are found again, and 95% intervals hold them 95% of the time.
//!
//! `cargo test -p keepworth-retention --release --features slow-tests --test it recovery`
//! runs 400 data sets instead of 50.

use keepworth_retention::covariate::Covariates;
use keepworth_retention::cox::CoxModel;
use keepworth_retention::fit::Estimate;
use keepworth_retention::hazard::{Cells, HazardModel, Link, TenureGrid};
use keepworth_retention::survival::{KaplanMeier, Observation};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

const SETS: u64 = if cfg!(feature = "slow-tests") {
    400
} else {
    50
};
/// Shares of intervals that may hold the truth: four standard errors of 50 sets, or the 92 to 98%
/// that 400 must reach.
const COVERAGE: std::ops::RangeInclusive<f64> = if cfg!(feature = "slow-tests") {
    0.92..=0.98
} else {
    0.85..=1.0
};

const BANDS: [u32; 3] = [0, 3, 12];
/// Monthly cumulative hazards by band, then log hazard ratios of discount and contacts.
const HAZARDS: [f64; 3] = [0.06, 0.03, 0.015];
const EFFECTS: [f64; 2] = [-0.4, 0.25];

struct Company {
    observations: Vec<Observation>,
    discount: Vec<f64>,
    contacts: Vec<f64>,
}

/// 1,500 customers of every tenure up to three years, watched for up to two years.
fn company(seed: u64) -> Company {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut company = Company {
        observations: vec![],
        discount: vec![],
        contacts: vec![],
    };
    for _ in 0..1500 {
        let (discount, contacts) = (
            f64::from(rng.random_range(0..2)),
            f64::from(rng.random_range(0..4)),
        );
        let entry = rng.random_range(0..36);
        let end = entry + rng.random_range(1..=24);
        let ratio = (EFFECTS[0] * discount + EFFECTS[1] * contacts).exp();
        let leaves = |month: u32, rng: &mut ChaCha8Rng| {
            let band = BANDS.partition_point(|&edge| edge <= month) - 1;
            rng.random::<f64>() < 1.0 - (-HAZARDS[band] * ratio).exp()
        };
        let left = (entry..end).find(|&month| leaves(month, &mut rng));
        let exit = left.map_or(end, |month| month + 1);
        let observation = Observation::new(f64::from(entry), f64::from(exit), left.is_some());
        company.observations.push(observation.unwrap());
        company.discount.push(discount);
        company.contacts.push(contacts);
    }
    company
}

/// Counts how often each named interval holds its truth, and how far estimates are off on average.
struct Coverage {
    truths: Vec<(&'static str, f64)>,
    inside: Vec<f64>,
    error: Vec<f64>,
    se: Vec<f64>,
}

impl Coverage {
    fn new(truths: Vec<(&'static str, f64)>) -> Self {
        let zero = vec![0.0; truths.len()];
        Self {
            truths,
            inside: zero.clone(),
            error: zero.clone(),
            se: zero,
        }
    }

    fn add(&mut self, find: impl Fn(&str) -> Estimate) {
        for (i, (name, truth)) in self.truths.iter().enumerate() {
            let found = find(name);
            self.inside[i] += f64::from(u8::from(found.low <= *truth && *truth <= found.high));
            self.error[i] += found.value - truth;
            self.se[i] += found.se;
        }
    }

    fn check(&self) {
        let sets = SETS as f64;
        for (i, (name, _)) in self.truths.iter().enumerate() {
            let coverage = self.inside[i] / sets;
            let (bias, se) = (self.error[i] / sets, self.se[i] / sets);
            println!(
                "{name}: coverage {:.1}%, bias {bias:.4}, se {se:.4}",
                100.0 * coverage
            );
            assert!(COVERAGE.contains(&coverage), "{name} covered in {coverage}");
            // The mean of the estimates has a standard error of se/√sets.
            assert!(
                bias.abs() < 4.0 * se / sets.sqrt() + 0.02 * se,
                "{name} is off by {bias}"
            );
        }
    }
}

#[test]
fn discrete_hazard() {
    let names = ["tenure 0-2", "tenure 3-11", "tenure 12+"];
    let mut truths: Vec<_> = names.into_iter().zip(HAZARDS.map(f64::ln)).collect();
    truths.extend([("discount", EFFECTS[0]), ("contacts", EFFECTS[1])]);
    let mut coverage = Coverage::new(truths);
    for seed in 0..SETS {
        let company = company(seed);
        let grid = TenureGrid::new(1.0, &BANDS).unwrap();
        let mut cells = Cells::new(grid, &["discount", "contacts"]).unwrap();
        let rows = company
            .observations
            .iter()
            .zip(&company.discount)
            .zip(&company.contacts);
        for ((observation, discount), contacts) in rows {
            cells.push(observation, &[*discount, *contacts]).unwrap();
        }
        assert_eq!(cells.len(), 8);
        let fit = HazardModel::new(Link::Cloglog).fit(&cells).unwrap();
        coverage.add(|name| fit.find_estimate(name).unwrap());
    }
    coverage.check();
}

#[test]
fn cox() {
    // With Efron's ties a month's grid costs little: hazards are below 10% a month.
    let mut coverage = Coverage::new(vec![("discount", EFFECTS[0]), ("contacts", EFFECTS[1])]);
    for seed in 0..SETS {
        let company = company(seed);
        let mut covariates = Covariates::new(company.observations.len());
        covariates
            .push_number("discount", company.discount)
            .unwrap();
        covariates
            .push_number("contacts", company.contacts)
            .unwrap();
        let fit = CoxModel::new(&company.observations, &covariates)
            .unwrap()
            .fit()
            .unwrap();
        coverage.add(|name| fit.find_estimate(name).unwrap());
    }
    coverage.check();
}

#[test]
fn survival_with_delayed_entry() {
    // One curve has one truth only where all have one hazard: no discount, no contacts.
    let truth = (-(3.0 * HAZARDS[0] + 9.0 * HAZARDS[1])).exp();
    let mut coverage = Coverage::new(vec![("S(12)", truth)]);
    for seed in 0..SETS {
        let company = company(seed);
        let alike: Vec<Observation> = (0..company.observations.len())
            .filter(|&i| company.discount[i] == 0.0 && company.contacts[i] == 0.0)
            .map(|i| company.observations[i])
            .collect();
        let point = KaplanMeier::new(&alike).unwrap().at(12.0);
        coverage.add(|_| Estimate {
            value: point.value,
            se: point.se,
            low: point.low,
            high: point.high,
        });
    }
    coverage.check();
}
