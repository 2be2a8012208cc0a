//! Which pilots cannot be valued.

use std::ops::RangeInclusive;

use keepworth_contract::simulator::{PilotOutcome, PilotQuestion};
use keepworth_contract::{FaultCode, InvalidParam, Money, MoneyError, Word};
use keepworth_intake::fault;

use super::LONGEST;

/// How long a pilot may last.
const MONTHS: RangeInclusive<u32> = 1..=36;
/// Most sizes of one question.
const MOST_SIZES: usize = 20;
/// The fewest customers of an arm.
const FEWEST: u64 = 2;

pub(super) fn faults(it: &PilotQuestion) -> Vec<InvalidParam> {
    let mut faults = Vec::from_iter(fault::text("question/initiative", &it.initiative, LONGEST));
    faults.extend(positive("expected_per_month", it.expected_per_month));
    faults.extend(sd(it));
    if !MONTHS.contains(&it.months) {
        let reason = format!(
            "{} must be {} to {}",
            it.months,
            MONTHS.start(),
            MONTHS.end()
        );
        faults.push(wrong("months", FaultCode::OutOfRange, reason));
    }
    faults.extend(sizes(&it.sizes));
    let costs = [
        ("cost_per_customer", it.cost_per_customer),
        ("fixed_cost", it.fixed_cost),
    ];
    faults.extend(
        costs
            .into_iter()
            .filter_map(|(name, cost)| amount(name, cost?)),
    );
    faults
}

fn sd(it: &PilotQuestion) -> Option<InvalidParam> {
    let outcome = it.outcome.name();
    match (it.expected_sd, it.outcome == PilotOutcome::Leaving) {
        (Some(sd), false) => positive("expected_sd", sd),
        (None, true) => None,
        (None, false) => {
            let reason = format!(
                "is missing; {outcome} needs the standard deviation over customers of what is expected"
            );
            Some(wrong("expected_sd", FaultCode::Missing, reason))
        }
        (Some(_), true) => {
            let reason = format!("means nothing for {outcome}; leave it out");
            Some(wrong("expected_sd", FaultCode::WithoutMeaning, reason))
        }
    }
}

fn sizes(sizes: &[u64]) -> Vec<InvalidParam> {
    let mut faults = Vec::new();
    if sizes.len() > MOST_SIZES {
        let reason = format!("names {}; give at most {MOST_SIZES}", sizes.len());
        faults.push(wrong("sizes", FaultCode::TooMany, reason));
    }
    for (place, &size) in sizes.iter().take(MOST_SIZES).enumerate() {
        let name = format!("sizes/{place}");
        if size < FEWEST {
            let reason = format!("{size} are too few for an arm; give {FEWEST} or more");
            faults.push(wrong(&name, FaultCode::OutOfRange, reason));
        } else if place > 0 && sizes[place - 1] >= size {
            let reason = format!(
                "{size} does not follow {}; give them ascending",
                sizes[place - 1]
            );
            faults.push(wrong(&name, FaultCode::NotRising, reason));
        }
    }
    faults
}

fn amount(name: &str, cost: Money) -> Option<InvalidParam> {
    match cost.minor_units() {
        Ok(minor) if minor < 0 => {
            let reason = format!("{cost} is below zero; a pilot costs nothing or something");
            Some(wrong(name, FaultCode::Negative, reason))
        }
        Ok(_) => None,
        Err(error @ MoneyError::TooManyDecimals { .. }) => {
            Some(wrong(name, FaultCode::TooManyDecimals, error.to_string()))
        }
        Err(error) => Some(wrong(name, FaultCode::TooLarge, error.to_string())),
    }
}

fn positive(name: &str, value: f64) -> Option<InvalidParam> {
    let is_positive = value > 0.0 && value.is_finite();
    let reason = || format!("{value} must be above 0");
    (!is_positive).then(|| wrong(name, FaultCode::OutOfRange, reason()))
}

fn wrong(name: &str, code: FaultCode, reason: impl Into<String>) -> InvalidParam {
    InvalidParam::new(format!("question/{name}"), code, reason)
}
