//! What the customers of both arms lived through.

use chrono::NaiveDate;
use keepworth_contract::customers::EpisodeRow;
use keepworth_contract::experience::ExposureRow;
use keepworth_contract::simulator::PilotOutcome;
use keepworth_contract::{Month, MonthError};
use keepworth_retention::pilot::Two;

use super::{Design, months};

/// Calendar months before the start in which contacts are compared.
const MONTHS_BEFORE: i32 = 3;

/// One customer of an arm, since the start.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Lived {
    /// Months under observation.
    pub(super) months: f64,
    /// Whether they left, or their contacts.
    pub(super) outcomes: u64,
    /// Days that they had been customers at the start.
    pub(super) tenure: f64,
    /// Contacts before the start.
    pub(super) before: f64,
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
    pub(crate) fn add(
        &mut self,
        is_treated: bool,
        episode: &EpisodeRow,
        exposures: &[ExposureRow],
    ) -> Result<(), MonthError> {
        let starts_on = self.design.starts_on;
        let from = starts_on.max(episode.observed_from);
        let to = self.until.min(episode.observed_to);
        if to < from {
            return Ok(());
        }
        let start = Month::of(starts_on).index();
        let last = Month::of(self.until).index();
        let (mut during, mut before) = (0, 0);
        for row in exposures {
            let month = row.month.parse::<Month>()?.index();
            let contacts: u64 = row.contacts.values().map(|it| it.count).sum();
            if (start..=last).contains(&month) {
                during += contacts;
            } else if (start - MONTHS_BEFORE..start).contains(&month) {
                before += contacts;
            }
        }
        let has_left = episode.left && episode.observed_to <= self.until;
        let lived = Lived {
            months: months(from, to),
            outcomes: match self.design.outcome {
                PilotOutcome::Leaving => u64::from(has_left),
                PilotOutcome::Contacts => during,
            },
            tenure: (starts_on - episode.acquired_on).num_days() as f64,
            before: before as f64,
        };
        let arm = if is_treated {
            &mut self.arms.treated
        } else {
            &mut self.arms.control
        };
        arm.push(lived);
        Ok(())
    }
}
