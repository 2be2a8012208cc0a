//! Months at risk that are alike, counted together: memory grows with what differs, not with customers.

use std::collections::BTreeMap;

use keepworth_contract::customers::EpisodeRow;
use keepworth_contract::experience::ExposureRow;
use keepworth_contract::simulator::LinkConfounder;
use keepworth_contract::{FaultCode, InvalidParam, MonthError};

use super::history::{Risk, walk};
use super::plan::Plan;

/// The first tenure month of each band.
pub(crate) const BANDS: [u32; 4] = [0, 3, 12, 24];
/// The most kinds of months that are told apart.
const MOST_CELLS: usize = 100_000;
/// The most values of one confounder.
const MOST_LEVELS: usize = 100;
/// How a customer was won of whom nobody wrote it.
const NOT_RECORDED: &str = "not recorded";

/// What a month of a customer is told apart by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) exposure: i64,
    pub(crate) segment: u32,
    pub(crate) acquisition: u32,
    /// The tenure band's first month.
    pub(crate) tenure: u32,
    /// Days under observation, and days of the month; both 1 for a whole month.
    pub(crate) days: (u8, u8),
    pub(crate) left: bool,
    /// Whether they left for a cause that experience has nothing to do with.
    pub(crate) is_control: bool,
    /// Whether it is the customer's last.
    pub(crate) last: bool,
}

/// Months at risk by what they are told apart by.
#[derive(Debug)]
pub(crate) struct LinkCells {
    plan: Plan,
    confounders: Vec<LinkConfounder>,
    control_causes: Vec<keepworth_contract::customers::LeavingCause>,
    pub(crate) segments: Levels,
    pub(crate) acquisitions: Levels,
    pub(crate) counts: BTreeMap<Key, u64>,
    /// Months before which the exposure is not known.
    pub(crate) unknown: u64,
    /// Customers who left, and whose exposure before is known.
    pub(crate) left_known: u64,
    /// Customers who left, and answered only when that was known.
    pub(crate) left_late: u64,
}

/// The values of a confounder in the order in which they came.
#[derive(Debug, Default)]
pub(crate) struct Levels {
    index: BTreeMap<String, u32>,
    pub(crate) names: Vec<String>,
}

impl Levels {
    fn place(&mut self, name: &str) -> u32 {
        if let Some(place) = self.index.get(name) {
            return *place;
        }
        let place = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.index.insert(name.to_owned(), place);
        self.names.push(name.to_owned());
        place
    }
}

/// Why months cannot be counted.
#[derive(Debug)]
pub(crate) enum CellError {
    /// A month that is none.
    Month(MonthError),
    /// They differ too much.
    TooMany(InvalidParam),
}

impl From<MonthError> for CellError {
    fn from(error: MonthError) -> Self {
        Self::Month(error)
    }
}

impl LinkCells {
    /// Nobody yet.
    pub(crate) fn new(
        plan: Plan,
        confounders: &[LinkConfounder],
        control_causes: &[keepworth_contract::customers::LeavingCause],
    ) -> Self {
        Self {
            plan,
            confounders: confounders.to_vec(),
            control_causes: control_causes.to_vec(),
            segments: Levels::default(),
            acquisitions: Levels::default(),
            counts: BTreeMap::new(),
            unknown: 0,
            left_known: 0,
            left_late: 0,
        }
    }

    pub(crate) fn plan(&self) -> &Plan {
        &self.plan
    }

    pub(crate) fn confounders(&self) -> &[LinkConfounder] {
        &self.confounders
    }

    /// Counts a customer in.
    pub(crate) fn add(
        &mut self,
        episode: &EpisodeRow,
        rows: &[ExposureRow],
    ) -> Result<(), CellError> {
        let by_acquisition = self
            .confounders
            .contains(&LinkConfounder::AcquisitionChannel);
        let won = episode.acquisition_channel.as_deref();
        let won = won.filter(|_| by_acquisition).unwrap_or(NOT_RECORDED);
        let acquisition = self.acquisitions.place(won);
        let is_control = episode
            .cause
            .is_some_and(|cause| self.control_causes.contains(&cause));
        let (counts, segments) = (&mut self.counts, &mut self.segments);
        let seen = walk(&self.plan, episode, rows, |risk| {
            // A move within the month comes after what is asked of it.
            let segment = segments.place(episode.segment_on(risk.month.first_day()));
            let key = key(risk, segment, acquisition, is_control);
            *counts.entry(key).or_default() += 1;
        })?;
        self.unknown += seen.unknown;
        self.left_known += u64::from(seen.left_known);
        self.left_late += u64::from(seen.left_late);
        self.refuse_too_many()
    }

    fn refuse_too_many(&self) -> Result<(), CellError> {
        let levels = [
            (&self.segments, LinkConfounder::Segment),
            (&self.acquisitions, LinkConfounder::AcquisitionChannel),
        ];
        let mut named = self.confounders.iter();
        let wide = named.any(|it| {
            let mut levels = levels.iter();
            levels.any(|(levels, of)| of == it && levels.names.len() > MOST_LEVELS)
        });
        if !wide && self.counts.len() <= MOST_CELLS {
            return Ok(());
        }
        let reason = format!(
            "tell more than {MOST_CELLS} kinds of months apart, or have more than {MOST_LEVELS} values; name fewer, \
             or a shorter window"
        );
        let (name, code) = ("confounders", FaultCode::TooMany);
        Err(CellError::TooMany(InvalidParam::new(name, code, reason)))
    }
}

fn key(risk: Risk, segment: u32, acquisition: u32, is_control: bool) -> Key {
    let band = BANDS.iter().rev().find(|first| **first <= risk.tenure);
    let (seen, all) = risk.days;
    Key {
        exposure: risk.exposure,
        segment,
        acquisition,
        tenure: band.copied().unwrap_or_default(),
        days: if seen == all { (1, 1) } else { risk.days },
        left: risk.left,
        is_control: is_control && risk.left,
        last: risk.last,
    }
}
