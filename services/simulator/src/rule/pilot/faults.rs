//! Which pilots cannot be.

use std::collections::HashSet;

use chrono::{Datelike, NaiveDate};
use keepworth_contract::simulator::{PilotInput, PilotOutcome};
use keepworth_contract::{FaultCode, InvalidParam, Month, Word};
use keepworth_intake::fault;

use crate::rule::evidence::key;

/// The most customers of one arm.
const MOST_CUSTOMERS: usize = 200_000;
/// The fewest.
const FEWEST_CUSTOMERS: usize = 2;

/// Everything that is wrong with a pilot, as far as that is known without the records.
pub(crate) fn faults(new: &PilotInput) -> Vec<InvalidParam> {
    let mut faults = Vec::from_iter(plan_faults(new));
    let arms = [("control", &new.control), ("treated", &new.treated)];
    let mut seen = HashSet::new();
    for (arm, customers) in arms {
        if !(FEWEST_CUSTOMERS..=MOST_CUSTOMERS).contains(&customers.len()) {
            let reason = format!(
                "has {} customers; an arm has {FEWEST_CUSTOMERS} to {MOST_CUSTOMERS}",
                customers.len()
            );
            faults.push(InvalidParam::new(arm, FaultCode::OutOfRange, reason));
        }
        for (index, customer) in customers.iter().enumerate() {
            let name = format!("{arm}/{index}");
            let part = |part: &str, text: &str| fault::text(&format!("{name}/{part}"), text, 128);
            faults.extend(part("source", &customer.source));
            faults.extend(part("external_id", &customer.external_id));
            if !seen.insert(customer) {
                let reason = format!(
                    "{} of {} is named before; nobody is in an arm twice, or in both",
                    customer.external_id, customer.source
                );
                faults.push(InvalidParam::new(name, FaultCode::Duplicate, reason));
            }
        }
    }
    faults
}

fn plan_faults(new: &PilotInput) -> impl Iterator<Item = InvalidParam> {
    let share = |name: &str, value: f64| {
        let is_share = value > 0.0 && value < 1.0;
        (!is_share).then(|| {
            let reason = format!("{value} must lie between 0 and 1, without either");
            InvalidParam::new(name, FaultCode::OutOfRange, reason)
        })
    };
    let positive = |name: &str, value: Option<f64>| {
        let value = value.filter(|it| !(*it > 0.0 && it.is_finite()))?;
        let reason = format!("{value} must be above 0");
        Some(InvalidParam::new(name, FaultCode::OutOfRange, reason))
    };
    let looks = (!(1..=366).contains(&new.looks)).then(|| {
        let reason = format!("{} must be 1 to 366", new.looks);
        InvalidParam::new("looks", FaultCode::OutOfRange, reason)
    });
    let order = (new.ends_on <= new.starts_on).then(|| {
        let reason = format!(
            "{} is not after the start, {}; a pilot takes time",
            new.ends_on, new.starts_on
        );
        InvalidParam::new("ends_on", FaultCode::DatesOutOfOrder, reason)
    });
    let is_by_months = new.outcome.is_by_months();
    let begins = (is_by_months && new.starts_on.day() != 1).then(|| {
        let reason = format!(
            "{} is not the first of a month; {} is counted by months",
            new.starts_on,
            new.outcome.name()
        );
        InvalidParam::new("starts_on", FaultCode::InvalidValue, reason)
    });
    let sd = match new.expected_sd {
        None if is_by_months => {
            let what = "the standard deviation over customers of what is expected";
            Some(missing(new, "expected_sd", what))
        }
        Some(_) if !is_by_months => Some(without_meaning(new, "expected_sd")),
        sd => positive("expected_sd", sd),
    };
    let score = match (new.score, new.outcome == PilotOutcome::Score) {
        (None, true) => Some(missing(new, "score", "the kind of score, such as CSAT")),
        (Some(_), false) => Some(without_meaning(new, "score")),
        _ => None,
    };
    let is_stray = new.currency.is_some() && new.outcome != PilotOutcome::Revenue;
    let currency = is_stray.then(|| without_meaning(new, "currency"));
    [
        key(&new.key),
        fault::text("title", &new.title, 200),
        share("smallest_effect", new.smallest_effect),
        share("planned_treated_share", new.planned_treated_share),
        positive("expected_per_month", Some(new.expected_per_month)),
        looks,
        order,
        sd,
        score,
        currency,
        begins,
        wrong_day("ends_on", new.outcome, new.ends_on),
    ]
    .into_iter()
    .flatten()
}

fn missing(new: &PilotInput, name: &str, what: &str) -> InvalidParam {
    let reason = format!("is missing; {} needs {what}", new.outcome.name());
    InvalidParam::new(name, FaultCode::Missing, reason)
}

fn without_meaning(new: &PilotInput, name: &str) -> InvalidParam {
    let reason = format!("means nothing for {}; leave it out", new.outcome.name());
    InvalidParam::new(name, FaultCode::WithoutMeaning, reason)
}

/// All but leaving is counted by whole months.
pub(crate) fn wrong_day(
    name: &str,
    outcome: PilotOutcome,
    last: NaiveDate,
) -> Option<InvalidParam> {
    let is_last = last == Month::of(last).last_day();
    (outcome.is_by_months() && !is_last).then(|| {
        let reason = format!(
            "{last} is not the last of a month; {} is counted by months",
            outcome.name()
        );
        InvalidParam::new(name, FaultCode::InvalidValue, reason)
    })
}
