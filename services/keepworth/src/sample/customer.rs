//! One customer's life, drawn from the truth.

use chrono::{Duration, Months, NaiveDate};
use keepworth_contract::record::LeavingCause;
use rand::{Rng, RngExt};
use rand_distr::{Distribution, Exp1, LogNormal, Normal, Poisson};

use super::truth::{
    ACQUISITION_CHANNELS, BASE_EXPERIENCE_SHARE, CHANNELS, COMPANY_MONTHS, EXPERIENCE_HAZARD_RATIO,
    MINUTES_LOG_SD, MOST_UNRESOLVED, RECORDED_MONTHS, RESPONSE, REVENUE_LOG_SD, SEGMENTS, Segment,
    UNRESOLVED, as_of,
};

/// A customer and all that is recorded of them.
pub(crate) struct Life {
    pub(crate) segment: &'static Segment,
    pub(crate) acquisition_channel: &'static str,
    /// What was paid for to win them.
    pub(crate) acquisition_component: &'static str,
    pub(crate) acquired_on: NaiveDate,
    /// First day of records about them.
    pub(crate) observed_from: NaiveDate,
    pub(crate) left: Option<(NaiveDate, LeavingCause)>,
    /// Revenue per month.
    pub(crate) revenue: f64,
    pub(crate) contacts: Vec<Contact>,
    pub(crate) answers: Vec<Answer>,
}

/// A contact with the company.
pub(crate) struct Contact {
    pub(crate) on: NaiveDate,
    pub(crate) channel: usize,
    pub(crate) handle_seconds: i64,
    pub(crate) resolved: bool,
}

/// An answer to "how likely are you to recommend us?".
pub(crate) struct Answer {
    pub(crate) on: NaiveDate,
    pub(crate) score: i32,
}

impl Life {
    /// Draws a customer; `None` when they had left before records began.
    pub(crate) fn draw(rng: &mut impl Rng) -> Option<Self> {
        let segment = pick(rng, &SEGMENTS, |segment| segment.share);
        let end = as_of() + Duration::days(1);
        let days = (end - (end - Months::new(COMPANY_MONTHS))).num_days();
        let acquired_on = end - Duration::days(rng.random_range(1..=days));
        let &(acquisition_channel, _, acquisition_component) =
            pick(rng, &ACQUISITION_CHANNELS, |(_, share, _)| *share);
        let mut life = Self {
            segment,
            acquisition_channel,
            acquisition_component,
            acquired_on,
            observed_from: acquired_on.max(end - Months::new(RECORDED_MONTHS)),
            left: None,
            revenue: segment.revenue * mean_one(rng, REVENUE_LOG_SD),
            contacts: Vec::new(),
            answers: Vec::new(),
        };
        life.live(rng, end);
        let known = life
            .left
            .is_none_or(|(left_on, _)| left_on >= life.observed_from);
        life.contacts
            .retain(|contact| contact.on >= life.observed_from);
        life.answers
            .retain(|answer| answer.on >= life.observed_from);
        known.then_some(life)
    }

    /// Month by month: leave or stay, given what went wrong in the three months before.
    fn live(&mut self, rng: &mut impl Rng, end: NaiveDate) {
        let mut unresolved = [0; 3];
        for tenure in 0.. {
            let (from, to) = (self.day(tenure), self.day(tenure + 1));
            if from >= end {
                return;
            }
            let wrong = unresolved.iter().sum::<u32>().min(MOST_UNRESOLVED);
            let multiplier = EXPERIENCE_HAZARD_RATIO.powi(wrong.cast_signed());
            let hazard = self.segment.hazard_at(tenure) * multiplier;
            let wait: f64 = Exp1.sample(rng);
            let length = (to - from).num_days();
            let left_on = (wait < hazard)
                .then(|| from + Duration::days((wait / hazard * length as f64) as i64));
            let until = left_on.map_or(to, |day| day + Duration::days(1)).min(end);
            unresolved.rotate_left(1);
            unresolved[2] = self.contact(rng, from, until, length);
            self.answer(rng, tenure, from, until, &unresolved);
            if let Some(left_on) = left_on.filter(|left_on| *left_on < end) {
                self.left = Some((left_on, cause(rng, multiplier)));
                return;
            }
        }
    }

    fn day(&self, tenure: u32) -> NaiveDate {
        self.acquired_on + Months::new(tenure)
    }

    /// Draws the contacts between two days; answers how many were not resolved.
    fn contact(
        &mut self,
        rng: &mut impl Rng,
        from: NaiveDate,
        until: NaiveDate,
        length: i64,
    ) -> u32 {
        let days = (until - from).num_days();
        let mean = self.segment.contacts * days as f64 / length as f64;
        let count = Poisson::new(mean).map_or(0.0, |poisson| poisson.sample(rng)) as u32;
        let mut unresolved = 0;
        for _ in 0..count {
            let channel = CHANNELS
                .iter()
                .position(|it| it.name == pick(rng, &CHANNELS, |it| it.share).name);
            let channel = channel.unwrap_or(0);
            let seconds = CHANNELS[channel].median_minutes * 60.0 * median_one(rng, MINUTES_LOG_SD);
            let resolved = !rng.random_bool(UNRESOLVED);
            unresolved += u32::from(!resolved);
            self.contacts.push(Contact {
                on: from + Duration::days(rng.random_range(0..days)),
                channel,
                handle_seconds: seconds.round() as i64,
                resolved,
            });
        }
        unresolved
    }

    fn answer(
        &mut self,
        rng: &mut impl Rng,
        tenure: u32,
        from: NaiveDate,
        until: NaiveDate,
        unresolved: &[u32],
    ) {
        if !tenure.is_multiple_of(3) || !rng.random_bool(RESPONSE) {
            return;
        }
        let wrong = f64::from(unresolved.iter().sum::<u32>());
        let noise: f64 = Normal::new(0.0, 1.6).map_or(0.0, |normal| normal.sample(rng));
        let score = (8.4 - 1.5 * wrong + noise).round().clamp(0.0, 10.0) as i32;
        let days = (until - from).num_days();
        self.answers.push(Answer {
            on: from + Duration::days(rng.random_range(0..days)),
            score,
        });
    }
}

/// Why they left: what experience added to the hazard is a reason of experience.
fn cause(rng: &mut impl Rng, multiplier: f64) -> LeavingCause {
    let experience = 1.0 - (1.0 - BASE_EXPERIENCE_SHARE) / multiplier;
    if rng.random_bool(experience) {
        let causes = [
            (LeavingCause::Dissatisfaction, 0.5),
            (LeavingCause::Effort, 0.3),
            (LeavingCause::Attitude, 0.2),
        ];
        return pick(rng, &causes, |(_, share)| *share).0;
    }
    let causes = [
        (LeavingCause::Price, 0.35),
        (LeavingCause::Competitor, 0.35),
        (LeavingCause::Circumstance, 0.2),
        (LeavingCause::Other, 0.1),
    ];
    pick(rng, &causes, |(_, share)| *share).0
}

fn pick<'a, T>(rng: &mut impl Rng, items: &'a [T], share: impl Fn(&T) -> f64) -> &'a T {
    let mut left: f64 = rng.random::<f64>() * items.iter().map(&share).sum::<f64>();
    items
        .iter()
        .find(|item| {
            left -= share(item);
            left < 0.0
        })
        .unwrap_or(&items[0])
}

fn median_one(rng: &mut impl Rng, log_sd: f64) -> f64 {
    LogNormal::new(0.0, log_sd).map_or(1.0, |it| it.sample(rng))
}

fn mean_one(rng: &mut impl Rng, log_sd: f64) -> f64 {
    LogNormal::new(-log_sd * log_sd / 2.0, log_sd).map_or(1.0, |it| it.sample(rng))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use rand::SeedableRng;
    use rand::rngs::ChaCha8Rng;

    use super::*;
    use crate::sample::truth::BANDS;

    /// Months under observation in a month of tenure, by its days.
    fn exposure(life: &Life, tenure: u32, end: NaiveDate) -> f64 {
        let (first, next) = (life.day(tenure), life.day(tenure + 1));
        let (from, until) = (first.max(life.observed_from), next.min(end));
        (until - from).num_days().max(0) as f64 / (next - first).num_days() as f64
    }

    #[test]
    fn the_records_show_the_truth() {
        let mut rng = ChaCha8Rng::seed_from_u64(11);
        let mut cells: BTreeMap<(&str, usize), (f64, f64)> = BTreeMap::new();
        for life in std::iter::repeat_with(|| Life::draw(&mut rng))
            .take(20_000)
            .flatten()
        {
            let end = life.left.map_or(as_of(), |(left_on, _)| left_on) + Duration::days(1);
            let months = (0..).take_while(|tenure| life.day(*tenure) < end);
            for tenure in months {
                let band = BANDS.iter().rposition(|from| tenure >= *from).unwrap();
                let cell = cells.entry((life.segment.name, band)).or_default();
                cell.0 += exposure(&life, tenure, end);
                cell.1 += f64::from(u8::from(life.left.is_some() && life.day(tenure + 1) >= end));
            }
        }
        for segment in &SEGMENTS {
            // In the first months fewer contacts lie behind a customer: that band is left out.
            for band in 1..BANDS.len() {
                let (months, left) = cells[&(segment.name, band)];
                let estimate = left / months;
                let truth = segment.hazard[band] * segment.mean_multiplier();
                let error = estimate / left.sqrt();
                assert!(
                    (estimate - truth).abs() < 4.0 * error,
                    "{} band {band}: {estimate} against {truth} ± {error}",
                    segment.name
                );
            }
        }
    }
}
