//! A company month by month: who comes in touch with it, and who leaves.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate};
use keepworth_contract::Month;
use keepworth_contract::customers::{EpisodeRow, LeavingCause};
use keepworth_contract::experience::{ContactSum, ExposureRow};
use keepworth_contract::feed::CustomerKey;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, Poisson};

use super::{AS_OF, Records};

/// The first month of the records.
const FIRST: &str = "2024-01";
/// Months in which contacts keep somebody from staying.
const MEMORY: usize = 3;

/// What is true of a company.
#[derive(Clone, Copy)]
pub(super) struct Truth {
    pub(super) customers: usize,
    /// Monthly hazard of who never comes in touch.
    pub(super) hazard: f64,
    /// Log hazard ratio of one contact in the three months before.
    pub(super) effect: f64,
    /// By how much more often the second segment comes in touch, and leaves.
    pub(super) segment: (f64, f64),
    /// The same for every second customer, whom no record tells apart.
    pub(super) hidden: (f64, f64),
    /// Share of departures for which experience can have done nothing.
    pub(super) circumstance: f64,
}

pub(super) const PLAIN: Truth = Truth {
    customers: 2_500,
    hazard: 0.02,
    effect: 0.0,
    segment: (1.0, 1.0),
    hidden: (1.0, 1.0),
    circumstance: 0.2,
};

/// Contacts a month of who is like everybody.
pub(super) const RATE: f64 = 0.4;

pub(super) fn company(seed: u64, truth: &Truth) -> Records {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    (0..truth.customers)
        .map(|number| customer(&mut rng, number, truth))
        .collect()
}

fn customer(rng: &mut ChaCha8Rng, number: usize, truth: &Truth) -> (EpisodeRow, Vec<ExposureRow>) {
    let (second, hidden) = (number.is_multiple_of(3), rng.random_bool(0.5));
    let of = |is: bool, factor: f64| if is { factor } else { 1.0 };
    let rate = RATE * of(second, truth.segment.0) * of(hidden, truth.hidden.0);
    let hazard = truth.hazard * of(second, truth.segment.1) * of(hidden, truth.hidden.1);
    let first: Month = FIRST.parse().unwrap();
    let as_of: NaiveDate = AS_OF.parse().unwrap();
    // A third were won while records were kept, the others in the two years before.
    let won = rng.random_range(-24..12);
    let from = won.max(0);
    let end = Month::of(as_of).index() - first.index();
    let key = CustomerKey {
        source: "crm".to_owned(),
        external_id: format!("{number:06}"),
    };
    let contacts = Poisson::new(rate).unwrap();
    let mut memory = [0.0; MEMORY];
    if won < 0 {
        memory = std::array::from_fn(|_| contacts.sample(rng));
    }
    let (mut rows, mut left_on) = (Vec::new(), None);
    for month in from..=end {
        let h = hazard * (truth.effect * memory.iter().sum::<f64>()).exp();
        let leaves = rng.random::<f64>() < 1.0 - (-h).exp();
        let mut count: f64 = contacts.sample(rng);
        // Who leaves calls to say so: a consequence, in the month itself.
        count += f64::from(u8::from(leaves && rng.random_bool(0.8)));
        if count > 0.0 {
            rows.push(row(&key, first.plus(month), count as u64));
        }
        if leaves {
            let day = rng.random_range(0..28_u64);
            left_on = Some(first.plus(month).first_day() + Days::new(day));
            break;
        }
        memory.rotate_left(1);
        memory[MEMORY - 1] = count;
    }
    let moved = rng.random_bool(truth.circumstance);
    let acquired_on = first.plus(won).first_day();
    let episode = EpisodeRow {
        customer: key,
        segment: if second { "second" } else { "first" }.to_owned(),
        earlier_segments: Vec::new(),
        acquired_on,
        acquisition_channel: None,
        observed_from: first.plus(from).first_day(),
        observed_to: left_on.unwrap_or(as_of),
        left: left_on.is_some(),
        cause: left_on.map(|_| match moved {
            true => LeavingCause::Circumstance,
            false => LeavingCause::Effort,
        }),
    };
    assert!(episode.observed_to >= episode.observed_from && as_of.day() == 30);
    (episode, rows)
}

pub(super) fn row(customer: &CustomerKey, month: Month, count: u64) -> ExposureRow {
    let sum = ContactSum {
        count,
        handle_seconds: 300,
    };
    ExposureRow {
        customer: customer.clone(),
        month: month.to_string(),
        contacts: BTreeMap::from([("phone".to_owned(), sum)]),
        issues: BTreeMap::new(),
        unresolved: 0,
        abandoned: 0,
        scores: BTreeMap::new(),
    }
}
