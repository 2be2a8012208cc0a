use chrono::Datelike;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use super::*;
use crate::sample::customer::Life;
use crate::sample::truth::Kind;

/// Months looked ahead.
const AHEAD: u32 = 12;

/// A company a year on: of each of its customers, what the year brought.
struct Later {
    profile: Profile,
    customers: f64,
    customer_months: f64,
    won: f64,
}

/// Lives are drawn until a year after the export; those who were there on its day are the profile.
fn live_on(truth: &Truth, seed: u64) -> Later {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut later = truth.clone();
    later.as_of = truth.as_of + Months::new(AHEAD);
    let (now, segment) = (truth.end(), &later.segments[0]);
    let months = days_between(later.won_from, later.end()) * MONTHS_A_DAY;
    let count = (segment.won_per_month * months).round() as u64;
    let (mut profile, mut year) = (Profile::new(), Vec::new());
    for _ in 0..count {
        let life = Life::draw(&mut rng, &later, segment);
        if life.acquired_on < now && life.until(later.end()) > now {
            *profile.entry(life.acquired_on).or_default() += 1;
        }
        if life.until(later.end()) > now {
            year.push(life);
        }
    }
    let lived = |life: &Life<'_>| -> f64 {
        let until = life.until(later.end());
        stretches(life.acquired_on.max(now), until)
            .map(|it| days_between(it.from, it.until) / days_of(it.month))
            .sum()
    };
    Later {
        profile,
        customers: year.iter().filter(|life| life.left.is_none()).count() as f64,
        customer_months: year.iter().map(lived).sum(),
        won: year.iter().filter(|life| life.acquired_on >= now).count() as f64,
    }
}

fn the_future_is_what_lives_come_to(kind: Kind) {
    let mut rng = ChaCha8Rng::seed_from_u64(8);
    let mut truth = Truth::new(kind, 40_000, &mut rng);
    truth.programme.horizon_months = AHEAD;
    truth.segments.truncate(1);
    let later = live_on(&truth, 3);
    let future = project(&truth, &truth.segments[0], &later.profile, 0.0);
    let near = |found: f64, expected: f64| {
        assert!(
            (found / expected - 1.0).abs() < 4.0 / expected.sqrt() + 0.002,
            "{kind}: {found} against {expected}"
        );
    };
    near(later.customers, *future.customers.last().unwrap());
    near(later.won, future.won.iter().sum());
    // Everybody is there for up to a year: far less than a year apart.
    near(later.customer_months, future.customer_months.iter().sum());
}

#[test]
fn without_a_calendar_the_future_is_what_lives_come_to() {
    the_future_is_what_lives_come_to(Kind::InClass);
}

#[test]
fn drift_and_season_go_on_as_they_were() {
    the_future_is_what_lives_come_to(Kind::Drift);
    the_future_is_what_lives_come_to(Kind::Season);
}

#[test]
fn what_is_kept_is_worth_more_than_nothing() {
    let mut rng = ChaCha8Rng::seed_from_u64(8);
    let truth = Truth::new(Kind::Sample, 1_000, &mut rng);
    let profile = Profile::from([(truth.as_of, 100)]);
    let [without, with] =
        [0.0, 0.1].map(|less| project(&truth, &truth.segments[0], &profile, less));
    assert!(
        with.customers
            .iter()
            .zip(&without.customers)
            .all(|(with, without)| with > without)
    );
    assert_eq!(with.won, without.won);
    // A year has twelve months, wherever it begins.
    assert!((without.months[..12].iter().sum::<f64>() - 12.0).abs() < 1e-9);
    assert_eq!(truth.as_of.month(), 12);
}

#[test]
fn a_single_customer_fades_as_the_hazards_say() {
    let mut rng = ChaCha8Rng::seed_from_u64(8);
    let mut truth = Truth::new(Kind::Sample, 1_000, &mut rng);
    truth.segments[0].won_per_month = 0.0;
    // Won on the morning after the export: months of tenure are months of the future.
    let profile = Profile::from([(truth.end(), 1)]);
    let future = project(&truth, &truth.segments[0], &profile, 0.0);
    let mut survival = 1.0;
    for (month, customers) in future.customers.iter().enumerate() {
        survival *= (-truth.mean_hazard(&truth.segments[0], band_of(month as u32))).exp();
        assert!((customers - survival).abs() < 1e-12, "month {month}");
    }
}
