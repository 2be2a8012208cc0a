use std::collections::BTreeMap;

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use super::*;
use crate::sample::truth::{BANDS, Kind};

/// Lives of a company's known customers.
fn lives<'a>(truth: &'a Truth, rng: &mut ChaCha8Rng, count: usize) -> Vec<Life<'a>> {
    let weights = || truth.segments.iter().map(|it| it.won_per_month);
    std::iter::repeat_with(|| {
        let segment = &truth.segments[pick(rng, weights())];
        Life::draw(rng, truth, segment)
    })
    .filter(Life::is_known)
    .take(count)
    .collect()
}

/// Months under observation in a month of tenure, by its days.
fn exposure(life: &Life<'_>, tenure: u32, end: NaiveDate) -> f64 {
    let (first, next) = (life.day(tenure), life.day(tenure + 1));
    let (from, until) = (first.max(life.observed_from), next.min(end));
    days_between(from, until) / days_between(first, next)
}

fn the_records_show_the_truth(kind: Kind, seed: u64) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let truth = Truth::new(kind, 20_000, &mut rng);
    let mut cells: BTreeMap<(&str, usize), (f64, f64)> = BTreeMap::new();
    for life in lives(&truth, &mut rng, 20_000) {
        let end = life.until(truth.end());
        for tenure in (0..).take_while(|tenure| life.day(*tenure) < end) {
            let cell = cells
                .entry((life.segment.name, band_of(tenure)))
                .or_default();
            cell.0 += exposure(&life, tenure, end);
            cell.1 += f64::from(u8::from(life.left.is_some() && life.day(tenure + 1) >= end));
        }
    }
    for segment in &truth.segments {
        // In the first months fewer contacts lie behind a customer: that band is left out.
        for band in 1..BANDS.len() {
            let (months, left) = cells[&(segment.name, band)];
            let (estimate, hazard) = (left / months, truth.mean_hazard(segment, band));
            let error = (hazard / months).sqrt();
            assert!(
                (estimate - hazard).abs() < 4.0 * error,
                "{} band {band}: {estimate} against {hazard} ± {error}",
                segment.name
            );
        }
    }
}

#[test]
fn the_records_of_the_sample_show_the_truth() {
    the_records_show_the_truth(Kind::Sample, 11);
}

#[test]
fn the_records_of_a_drawn_company_show_the_truth() {
    the_records_show_the_truth(Kind::InClass, 12);
}

#[test]
fn contacts_and_revenue_are_drawn_as_documented() {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let truth = Truth::new(Kind::Sample, 5_000, &mut rng);
    let lives = lives(&truth, &mut rng, 5_000);
    let contacts: Vec<&Contact> = lives.iter().flat_map(|life| &life.contacts).collect();
    let n = contacts.len() as f64;
    for (index, channel) in truth.channels.iter().enumerate() {
        let through = contacts.iter().filter(|it| it.channel == index);
        let seconds: Vec<f64> = through.map(|it| it.handle_seconds as f64).collect();
        let (count, share) = (seconds.len() as f64, channel.share);
        let error = (share * (1.0 - share) / n).sqrt();
        assert!(
            (count / n - share).abs() < 4.0 * error,
            "{}: {}",
            channel.name,
            count / n
        );
        let minutes = seconds.iter().sum::<f64>() / count / 60.0;
        let mean = truth.mean_minutes(channel);
        assert!(
            (minutes / mean - 1.0).abs() < 4.0 * 0.54 / count.sqrt(),
            "{minutes}"
        );
    }
    for segment in &truth.segments {
        let theirs = lives
            .iter()
            .filter(|life| life.segment.name == segment.name);
        let revenue: Vec<f64> = theirs.map(|life| life.revenue / segment.revenue).collect();
        let n = revenue.len() as f64;
        let mean = revenue.iter().sum::<f64>() / n;
        assert!(
            (mean - 1.0).abs() < 4.0 * segment.revenue_cv / n.sqrt(),
            "{mean}"
        );
    }
}
