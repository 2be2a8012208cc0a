//! Pilots: what can be found, and what was.

mod eligible;
mod faults;
mod measure;
mod regression;
mod tally;
#[cfg(test)]
mod tests;

use chrono::NaiveDate;
use keepworth_contract::experience::FeedbackKind;
use keepworth_contract::simulator::{
    PilotAssignment, PilotDesign, PilotInput, PilotOutcome, PilotPower, PilotWave, PilotWaveSize,
};
use keepworth_contract::{Currency, Month};
use keepworth_retention::fit::Level;
use keepworth_retention::pilot::{PilotError, Plan, Target, Two};
use serde::{Deserialize, Serialize};

pub(crate) use eligible::{Eligible, why_not};
pub(crate) use faults::{faults, wrong_day};
pub(crate) use measure::{Measured, lever_effect, measure};
pub(crate) use tally::{Charges, Records, Tally};

/// Days of a month, on average.
const DAYS_OF_MONTH: f64 = 365.25 / 12.0;
/// Months before the start in which customers of a comparison are looked at, where nobody says.
const USUAL_MONTHS_BEFORE: u32 = 6;
/// How often the smallest effect that can be found is found.
const FOUND: f64 = 0.80;

/// Where in a pilot a customer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// Left alone.
    Control,
    /// Treated.
    Treated,
    /// In a wave, from 0.
    Wave(usize),
}

/// A pilot as it was planned, without the names of its customers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Design {
    pub(crate) title: String,
    pub(crate) outcome: PilotOutcome,
    #[serde(default)]
    pub(crate) design: PilotDesign,
    /// Months before the start in which customers are looked at; 0 where lots were drawn.
    #[serde(default)]
    pub(crate) months_before: u32,
    #[serde(default)]
    pub(crate) picked_for_bad_scores: bool,
    pub(crate) score: Option<FeedbackKind>,
    pub(crate) currency: Option<Currency>,
    pub(crate) starts_on: NaiveDate,
    pub(crate) ends_on: NaiveDate,
    pub(crate) smallest_effect: f64,
    pub(crate) expected_per_month: f64,
    pub(crate) expected_sd: Option<f64>,
    pub(crate) looks: u32,
    pub(crate) planned_treated_share: f64,
    pub(crate) assign: Option<PilotAssignment>,
    #[serde(default)]
    pub(crate) waves: Vec<PilotWaveSize>,
    #[serde(default)]
    pub(crate) waves_by_lot: bool,
    /// Customers who were named for each arm.
    pub(crate) control: u64,
    pub(crate) treated: u64,
}

impl Design {
    /// The plan of a pilot with arms of these sizes.
    pub(crate) fn new(it: &PilotInput, sizes: Two<usize>) -> Self {
        let by_rule = it.assign.as_ref().map(|rule| rule.treated_share);
        Self {
            title: it.title.clone(),
            outcome: it.outcome,
            design: it.design,
            months_before: match it.design {
                PilotDesign::Randomised => 0,
                PilotDesign::Compared | PilotDesign::Staggered => {
                    it.months_before.unwrap_or(USUAL_MONTHS_BEFORE)
                }
            },
            picked_for_bad_scores: it.picked_for_bad_scores,
            score: it.score,
            currency: it.currency,
            starts_on: it.starts_on,
            ends_on: it.ends_on,
            smallest_effect: it.smallest_effect,
            expected_per_month: it.expected_per_month,
            expected_sd: it.expected_sd,
            looks: it.looks,
            planned_treated_share: by_rule
                .or(it.planned_treated_share)
                .unwrap_or_else(|| equal_share(it)),
            assign: it.assign.clone(),
            waves: it.waves.iter().map(wave_size).collect(),
            waves_by_lot: it.waves_by_lot,
            control: sizes.control as u64,
            treated: sizes.treated as u64,
        }
    }

    /// Whether lots decided who is treated, or when.
    pub(crate) fn is_by_lot(&self) -> bool {
        self.waves_by_lot || self.design == PilotDesign::Randomised
    }

    /// The first month of which anything is looked at.
    pub(crate) fn first_month(&self) -> Month {
        Month::of(self.starts_on).plus(-self.months_before.cast_signed())
    }

    /// Sizes by the planned end: person-months for leaving, customers for all others; of waves who is not
    /// yet treated at the first start, and who comes to be treated.
    fn plan(&self) -> Result<Plan, PilotError> {
        let [control, treated] = [self.control, self.treated].map(|it| it as f64);
        if self.design == PilotDesign::Staggered {
            let of = |it: &PilotWaveSize| it.customers;
            let later = self.waves.iter().skip(1).map(of).sum::<u64>() as f64;
            let started = self.waves.iter().filter(|it| it.starts_on.is_some());
            return Plan::new(later, started.map(of).sum::<u64>() as f64);
        }
        match self.outcome {
            PilotOutcome::Leaving => {
                let months = months(self.starts_on, self.ends_on);
                Plan::new(control * months, treated * months)
            }
            _ => Plan::new(control, treated),
        }
    }

    /// The plan as it stands on a day: of leaving person-months grow by themselves, of all others time adds to what
    /// customers do who are all there from the start.
    fn plan_by(&self, until: NaiveDate) -> Result<Plan, PilotError> {
        let plan = self.plan()?;
        match self.outcome {
            PilotOutcome::Leaving => Ok(plan),
            _ => plan.after(months(self.starts_on, until) / months(self.starts_on, self.ends_on)),
        }
    }

    /// What it can find.
    pub(crate) fn power(&self) -> Result<PilotPower, PilotError> {
        let (plan, level, looks) = (self.plan()?, Level::USUAL, self.looks as usize);
        let (rate, fall) = (self.expected_per_month, self.smallest_effect);
        let (target, findable) = match self.outcome {
            PilotOutcome::Leaving => {
                let found = Target::smallest_fall_of_hazard(rate, plan, FOUND, level, looks)?;
                (Target::hazard(rate, fall)?, found[1])
            }
            _ => {
                let sd = self.expected_sd.unwrap_or(rate);
                let found = Target::smallest_change_of_mean(sd, plan, FOUND, level, looks)?;
                let findable = Some(found[1] / rate).filter(|fall| *fall < 1.0);
                // A rise is found as often as a fall.
                (Target::mean(sd, -rate * fall)?, findable)
            }
        };
        let power = target.power(plan, level, looks)?;
        Ok(PilotPower {
            single_look: power.single_look,
            always_valid: power.always_valid,
            false_alarms_of_single_look: power.false_alarms_of_single_look,
            findable_effect: findable,
        })
    }
}

/// Whether a customer is treated, or in a wave before the last.
pub(crate) fn is_before_last(new: &PilotInput, side: Side) -> bool {
    match side {
        Side::Control => false,
        Side::Treated => true,
        Side::Wave(wave) => wave + 1 < new.waves.len(),
    }
}

fn wave_size(it: &PilotWave) -> PilotWaveSize {
    PilotWaveSize {
        starts_on: it.starts_on,
        customers: it.customers.len() as u64,
    }
}

/// Who is treated where both arms, or all waves, are to be of one size.
fn equal_share(new: &PilotInput) -> f64 {
    let groups = new.waves.len().max(2) as f64;
    (groups - 1.0) / groups
}

/// Months from a day to another, both included.
fn months(from: NaiveDate, to: NaiveDate) -> f64 {
    ((to - from).num_days() + 1) as f64 / DAYS_OF_MONTH
}
