//! One customer's life, drawn from the truth.

use chrono::{Duration, Months, NaiveDate};
use keepworth_contract::Month;
use keepworth_contract::customers::LeavingCause;
use rand::{Rng, RngExt};
use rand_distr::{Distribution, Exp1, Gamma, LogNormal, Normal, Poisson};

use super::truth::{
    ACQUISITION_CHANNELS, MOST_UNRESOLVED, RESPONSE, Segment, Truth, UNRESOLVED, band_of,
    days_between, days_of,
};

/// A customer and all that happened to them until the day of the export.
pub(crate) struct Life<'a> {
    pub(crate) segment: &'a Segment,
    pub(crate) acquisition_channel: &'static str,
    /// What was paid for to win them.
    pub(crate) acquisition_component: &'static str,
    pub(crate) acquired_on: NaiveDate,
    /// First day of records about them.
    pub(crate) observed_from: NaiveDate,
    pub(crate) left: Option<(NaiveDate, LeavingCause)>,
    /// Revenue per month.
    pub(crate) revenue: f64,
    /// Contacts per month.
    rate: f64,
    pub(crate) contacts: Vec<Contact>,
    pub(crate) answers: Vec<Answer>,
}

/// A contact with the company.
pub(crate) struct Contact {
    pub(crate) on: NaiveDate,
    /// Index of the channel.
    pub(crate) channel: usize,
    pub(crate) handle_seconds: i64,
    pub(crate) resolved: bool,
}

/// An answer to "how likely are you to recommend us?".
pub(crate) struct Answer {
    pub(crate) on: NaiveDate,
    pub(crate) score: i32,
}

/// Days of one calendar month.
#[derive(Clone, Copy)]
pub(crate) struct Stretch {
    pub(crate) month: Month,
    pub(crate) from: NaiveDate,
    pub(crate) until: NaiveDate,
}

/// The calendar months between two mornings.
pub(crate) fn stretches(from: NaiveDate, until: NaiveDate) -> impl Iterator<Item = Stretch> {
    let first = Month::of(from);
    (0..)
        .map(move |ahead| first.plus(ahead))
        .map_while(move |month| {
            let (from, until) = (
                from.max(month.first_day()),
                until.min(month.plus(1).first_day()),
            );
            (from < until).then_some(Stretch { month, from, until })
        })
}

impl<'a> Life<'a> {
    /// Draws a customer of a segment.
    pub(crate) fn draw(rng: &mut impl Rng, truth: &'a Truth, segment: &'a Segment) -> Self {
        let days = days_between(truth.won_from, truth.end()) as i64;
        let acquired_on = truth.end() - Duration::days(rng.random_range(1..=days));
        let (acquisition_channel, _, acquisition_component) =
            ACQUISITION_CHANNELS[pick(rng, ACQUISITION_CHANNELS.iter().map(|it| it.1))];
        let mut life = Self {
            segment,
            acquisition_channel,
            acquisition_component,
            acquired_on,
            observed_from: acquired_on.max(truth.records_from),
            left: None,
            revenue: segment.revenue * mean_one(rng, segment.revenue_cv),
            rate: segment.contacts * mean_one(rng, segment.contacts_cv),
            contacts: Vec::new(),
            answers: Vec::new(),
        };
        life.live(rng, truth);
        life
    }

    /// Whether they had not left before the records began.
    pub(crate) fn is_known(&self) -> bool {
        self.left
            .is_none_or(|(left_on, _)| left_on >= self.observed_from)
    }

    /// The first day on which they are no customer any more, not after `end`.
    pub(crate) fn until(&self, end: NaiveDate) -> NaiveDate {
        let next = |(left_on, _): &(NaiveDate, _)| *left_on + Duration::days(1);
        self.left.as_ref().map_or(end, next).min(end)
    }

    /// Month by month: leave or stay, given what went wrong in the three months before.
    fn live(&mut self, rng: &mut impl Rng, truth: &Truth) {
        let end = truth.end();
        let mut unresolved = [0; 3];
        for tenure in 0.. {
            let (from, to) = (self.day(tenure), self.day(tenure + 1));
            if from >= end {
                return;
            }
            let wrong = unresolved.iter().sum::<u32>().min(MOST_UNRESOLVED);
            let multiplier = truth.experience_hazard_ratio.powi(wrong.cast_signed());
            let hazard = self.segment.hazard[band_of(tenure)] * multiplier;
            let left_on = leaving_day(rng, truth, hazard, (from, to));
            let until = left_on.map_or(to, |day| day + Duration::days(1)).min(end);
            unresolved.rotate_left(1);
            unresolved[2] = self.contact(rng, truth, from, until);
            self.answer(rng, tenure, from, until, &unresolved);
            if let Some(left_on) = left_on.filter(|left_on| *left_on < end) {
                let base = 1.0 - self.segment.experience_share;
                self.left = Some((left_on, cause(rng, 1.0 - base / multiplier)));
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
        truth: &Truth,
        from: NaiveDate,
        until: NaiveDate,
    ) -> u32 {
        let mut unresolved = 0;
        for Stretch { month, from, until } in stretches(from, until) {
            let days = days_between(from, until);
            let mean = self.rate * truth.calendar.contact_factor(month) * days / days_of(month);
            let count = Poisson::new(mean).map_or(0.0, |poisson| poisson.sample(rng)) as u32;
            for _ in 0..count {
                let channel = pick(rng, truth.channels.iter().map(|it| it.share));
                let minutes = truth.channels[channel].median_minutes;
                let seconds = minutes * 60.0 * median_one(rng, truth.minutes_log_sd);
                let resolved = !rng.random_bool(UNRESOLVED);
                unresolved += u32::from(!resolved);
                self.contacts.push(Contact {
                    on: from + Duration::days(rng.random_range(0..days as i64)),
                    channel,
                    handle_seconds: seconds.round() as i64,
                    resolved,
                });
            }
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

/// The last day of somebody who leaves in a month of tenure, under a hazard for all of it.
fn leaving_day(
    rng: &mut impl Rng,
    truth: &Truth,
    hazard: f64,
    (from, to): (NaiveDate, NaiveDate),
) -> Option<NaiveDate> {
    let mut wait: f64 = Exp1.sample(rng);
    for stretch in stretches(from, to) {
        let days = days_between(stretch.from, stretch.until);
        let a_day = hazard * truth.calendar.hazard_factor(stretch.month) / days_between(from, to);
        if wait < a_day * days {
            return Some(stretch.from + Duration::days((wait / a_day) as i64));
        }
        wait -= a_day * days;
    }
    None
}

/// Why they left: what experience added to the hazard is a reason of experience.
fn cause(rng: &mut impl Rng, experience: f64) -> LeavingCause {
    if rng.random_bool(experience) {
        let causes = [
            (LeavingCause::Dissatisfaction, 0.5),
            (LeavingCause::Effort, 0.3),
            (LeavingCause::Attitude, 0.2),
        ];
        return causes[pick(rng, causes.iter().map(|it| it.1))].0;
    }
    let causes = [
        (LeavingCause::Price, 0.35),
        (LeavingCause::Competitor, 0.35),
        (LeavingCause::Circumstance, 0.2),
        (LeavingCause::Other, 0.1),
    ];
    causes[pick(rng, causes.iter().map(|it| it.1))].0
}

/// The index of one of the shares, each as likely as it is large.
pub(crate) fn pick(rng: &mut impl Rng, shares: impl Iterator<Item = f64> + Clone) -> usize {
    let mut left: f64 = rng.random::<f64>() * shares.clone().sum::<f64>();
    let found = shares.into_iter().position(|share| {
        left -= share;
        left < 0.0
    });
    found.unwrap_or(0)
}

fn median_one(rng: &mut impl Rng, log_sd: f64) -> f64 {
    LogNormal::new(0.0, log_sd).map_or(1.0, |it| it.sample(rng))
}

/// Gamma distributed with mean 1.
fn mean_one(rng: &mut impl Rng, cv: f64) -> f64 {
    let squared = cv * cv;
    Gamma::new(1.0 / squared, squared).map_or(1.0, |gamma| gamma.sample(rng))
}

#[cfg(test)]
mod tests;
