//! What the customers of both arms lived through.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use keepworth_contract::customers::EpisodeRow;
use keepworth_contract::experience::ExposureRow;
use keepworth_contract::simulator::PilotOutcome;
use keepworth_contract::{Month, MonthError, Word};
use keepworth_retention::pilot::{Part, Two};

use super::{Design, Side, months};
use crate::rule::window::{Window, months_between};

/// Calendar months before the start in which contacts are compared.
const MONTHS_BEFORE: i32 = 3;

/// Revenue of one customer by calendar month ([`Month::index`]), in units of the currency.
pub(crate) type Charges = BTreeMap<i32, f64>;

/// What the services know of one customer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Records<'a> {
    pub(crate) episode: &'a EpisodeRow,
    pub(crate) exposures: &'a [ExposureRow],
    pub(crate) charges: &'a Charges,
}

/// One customer of an arm, since the start.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Lived {
    /// Months under observation.
    pub(super) months: f64,
    /// Whether they left, their contacts, whether they were charged, scores that they gave.
    pub(super) outcomes: u64,
    /// Their part in the outcome, where it is a ratio of sums.
    pub(super) part: Part,
    /// The same by month.
    pub(super) since: Vec<Part>,
    /// Their wave, from 0, where there are waves.
    pub(super) wave: Option<usize>,
    /// The same in each month before the start that a comparison looks at, the oldest first.
    pub(super) before: Vec<Part>,
    /// Days that they had been customers at the start.
    pub(super) tenure: f64,
    /// Contacts before the start.
    pub(super) contacts_before: f64,
}

/// Customers of both arms up to a day.
#[derive(Debug)]
pub(crate) struct Tally<'a> {
    design: &'a Design,
    pub(super) until: NaiveDate,
    pub(super) arms: Two<Vec<Lived>>,
}

impl<'a> Tally<'a> {
    /// Nobody yet; facts count until a day, or the planned end.
    pub(crate) fn new(design: &'a Design, as_of: NaiveDate) -> Self {
        Self {
            design,
            until: as_of.min(design.ends_on),
            arms: Two {
                control: Vec::new(),
                treated: Vec::new(),
            },
        }
    }

    /// Adds a customer; whoever was not under observation since the start is not counted.
    pub(crate) fn add(&mut self, side: Side, records: Records<'_>) -> Result<(), MonthError> {
        let (starts_on, episode) = (self.design.starts_on, records.episode);
        let from = starts_on.max(episode.observed_from);
        let to = self.until.min(episode.observed_to);
        if to < from {
            return Ok(());
        }
        let known = Known::of(records)?;
        let (start, last) = (Month::of(starts_on), Month::of(self.until));
        let part_of = |month| known.part(self.design, Month::from_index(month));
        let since = Vec::from_iter((start.index()..=last.index()).map(part_of));
        let part: Part = since.iter().copied().sum();
        let compared = self.design.first_month().index()..start.index();
        let before = start.index() - MONTHS_BEFORE..start.index();
        let has_left = episode.left && episode.observed_to <= self.until;
        let lived = Lived {
            months: months(from, to),
            outcomes: match self.design.outcome {
                PilotOutcome::Leaving => u64::from(has_left),
                PilotOutcome::Contacts => part.over as u64,
                PilotOutcome::Minutes | PilotOutcome::Score => part.under as u64,
                PilotOutcome::Revenue => u64::from(part.over != 0.0),
            },
            part,
            since,
            wave: match side {
                Side::Wave(wave) => Some(wave),
                Side::Control | Side::Treated => None,
            },
            before: compared.map(part_of).collect(),
            tenure: (starts_on - episode.acquired_on).num_days() as f64,
            contacts_before: before.map(|month| known.contacts(month)).sum(),
        };
        let is_last = |wave| wave + 1 == self.design.waves.len();
        let arm = match side {
            Side::Control => &mut self.arms.control,
            Side::Wave(wave) if is_last(wave) => &mut self.arms.control,
            Side::Treated | Side::Wave(_) => &mut self.arms.treated,
        };
        arm.push(lived);
        Ok(())
    }
}

/// What is known of one customer, by calendar month.
struct Known<'a> {
    records: Records<'a>,
    exposures: BTreeMap<i32, &'a ExposureRow>,
}

impl<'a> Known<'a> {
    fn of(records: Records<'a>) -> Result<Self, MonthError> {
        let by_month = |row: &'a ExposureRow| {
            let month: Month = row.month.parse()?;
            Ok::<_, MonthError>((month.index(), row))
        };
        let exposures = records.exposures.iter().map(by_month);
        Ok(Self {
            records,
            exposures: exposures.collect::<Result<_, _>>()?,
        })
    }

    /// The customer's part of a whole month in the outcome; of leaving there is none.
    fn part(&self, design: &Design, month: Month) -> Part {
        match design.outcome {
            PilotOutcome::Leaving => Part::default(),
            PilotOutcome::Contacts => Part {
                over: self.contacts(month.index()),
                under: self
                    .observed(month)
                    .map_or(0.0, |(from, to)| months(from, to)),
            },
            PilotOutcome::Minutes => Part {
                over: self.minutes(month.index()),
                under: self.contacts(month.index()),
            },
            PilotOutcome::Revenue => self.charged(month),
            PilotOutcome::Score => {
                let kind = design.score.map(Word::name);
                let row = self.exposures.get(&month.index());
                let given = kind.and_then(|kind| row?.scores.get(kind));
                given.map_or_else(Part::default, |score| Part {
                    over: f64::from(*score),
                    under: 1.0,
                })
            }
        }
    }

    fn contacts(&self, month: i32) -> f64 {
        let row = self.exposures.get(&month);
        let sums = row.into_iter().flat_map(|row| row.contacts.values());
        sums.map(|it| it.count).sum::<u64>() as f64
    }

    fn minutes(&self, month: i32) -> f64 {
        let row = self.exposures.get(&month);
        let sums = row.into_iter().flat_map(|row| row.contacts.values());
        sums.map(|it| it.handle_seconds).sum::<i64>() as f64 / 60.0
    }

    /// As a baseline counts revenue: what was charged in months under observation, of a month of which a part was not,
    /// the share that was; a day is its share of its calendar month.
    fn charged(&self, month: Month) -> Part {
        let Some((from, to)) = self.observed(month) else {
            return Part::default();
        };
        let window = Window::ending(month.last_day());
        let share = window.charged_share(self.records.episode, month);
        let charged = self.records.charges.get(&month.index());
        let after = to.succ_opt().unwrap_or(to);
        Part {
            over: charged.copied().unwrap_or_default() * share,
            under: months_between(from, after),
        }
    }

    /// The first and last day under observation in a month; none where there are none.
    fn observed(&self, month: Month) -> Option<(NaiveDate, NaiveDate)> {
        let episode = self.records.episode;
        let from = month.first_day().max(episode.observed_from);
        let to = month.last_day().min(episode.observed_to);
        (from <= to).then_some((from, to))
    }
}
