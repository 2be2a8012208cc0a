//! Who can be in an arm.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use keepworth_contract::customers::EpisodeRow;
use keepworth_contract::feed::CustomerKey;
use keepworth_contract::simulator::{PilotAssignment, PilotDesign, PilotInput};
use keepworth_contract::{FaultCode, InvalidParam};
use keepworth_retention::pilot::Two;

use super::faults::{FEWEST_CUSTOMERS, MOST_CUSTOMERS};

/// Why a customer who is named cannot be in a pilot; none of who can.
pub(crate) fn why_not(new: &PilotInput, it: &EpisodeRow) -> Option<String> {
    let who = format!("{} of {}", it.customer.external_id, it.customer.source);
    if it.left && it.observed_to < new.starts_on {
        return Some(format!(
            "{who} left on {}, before the start: what became of them was known",
            it.observed_to
        ));
    }
    let is_compared = new.design != PilotDesign::Randomised;
    (is_compared && it.observed_from >= new.starts_on).then(|| {
        format!(
            "{who} came under observation on {}, not before the start: there is nothing that a change could be from; \
             leave them out",
            it.observed_from
        )
    })
}

/// Customers among whom a rule draws lots.
pub(crate) struct Eligible<'a> {
    rule: &'a PilotAssignment,
    day: NaiveDate,
    seen: BTreeSet<&'a str>,
    arms: Two<Vec<CustomerKey>>,
}

impl<'a> Eligible<'a> {
    /// Nobody yet; to be in it, customers are under observation in one of the segments on this day.
    pub(crate) fn new(rule: &'a PilotAssignment, day: NaiveDate) -> Self {
        Self {
            rule,
            day,
            seen: BTreeSet::new(),
            arms: Two {
                control: Vec::new(),
                treated: Vec::new(),
            },
        }
    }

    /// Draws the lot of a customer, if they can be in it; the episode is as of the day.
    pub(crate) fn add(&mut self, it: EpisodeRow) {
        let is_there = it.observed_from <= self.day && it.observed_to >= self.day && !it.left;
        let segment = it.segment_on(self.day);
        let mut segments = self.rule.segments.iter();
        let Some(segment) = segments.find(|it| is_there && *it == segment) else {
            return;
        };
        self.seen.insert(segment);
        let arm = if self.rule.is_treated(&it.customer) {
            &mut self.arms.treated
        } else {
            &mut self.arms.control
        };
        arm.push(it.customer);
    }

    /// Both arms, or what is wrong with the rule.
    pub(crate) fn arms(self) -> Result<Two<Vec<CustomerKey>>, Vec<InvalidParam>> {
        let segments = self.rule.segments.iter().enumerate();
        let unseen = segments.filter(|(_, it)| !self.seen.contains(it.as_str()));
        let mut faults = Vec::from_iter(unseen.map(|(index, segment)| {
            let reason = format!(
                "nobody was under observation in the segment `{segment}` on {}; name another, or leave it out",
                self.day
            );
            let name = format!("assign/segments/{index}");
            InvalidParam::new(name, FaultCode::UnknownSegment, reason)
        }));
        let [control, treated] = [&self.arms.control, &self.arms.treated].map(Vec::len);
        let range = FEWEST_CUSTOMERS..=MOST_CUSTOMERS;
        if faults.is_empty() && !(range.contains(&control) && range.contains(&treated)) {
            let reason = format!(
                "gives {treated} treated and {control} left alone; an arm has {FEWEST_CUSTOMERS} to \
                 {MOST_CUSTOMERS} customers: take other segments, or another share"
            );
            faults.push(InvalidParam::new("assign", FaultCode::OutOfRange, reason));
        }
        if faults.is_empty() {
            Ok(self.arms)
        } else {
            Err(faults)
        }
    }
}
