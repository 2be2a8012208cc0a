//! Which pilots cannot be.

use std::collections::HashSet;
use std::ops::RangeInclusive;

use chrono::{Datelike, NaiveDate};
use keepworth_contract::feed::CustomerKey;
use keepworth_contract::simulator::{PilotAssignment, PilotDesign, PilotInput, PilotOutcome};
use keepworth_contract::{FaultCode, InvalidParam, Month, Word};
use keepworth_intake::fault;

use crate::rule::evidence::key;

/// The most customers of one arm.
pub(super) const MOST_CUSTOMERS: usize = 200_000;
/// The fewest.
pub(super) const FEWEST_CUSTOMERS: usize = 2;
/// The most months before the start that a comparison looks at.
const MOST_MONTHS_BEFORE: u32 = 36;
/// How many waves there can be.
const WAVES: RangeInclusive<usize> = 2..=36;
/// The most segments of a rule.
const MOST_SEGMENTS: usize = 100;

/// Everything that is wrong with a pilot, as far as that is known without the records.
pub(crate) fn faults(new: &PilotInput) -> Vec<InvalidParam> {
    let mut faults = Vec::from_iter(plan_faults(new));
    faults.extend(match new.design {
        PilotDesign::Randomised => lot_faults(new),
        PilotDesign::Compared | PilotDesign::Staggered => comparison_faults(new),
    });
    faults.extend(match (new.design, &new.assign) {
        (PilotDesign::Staggered, _) => wave_faults(new),
        (_, Some(rule)) => rule_faults(new, rule),
        (_, None) => list_faults(new),
    });
    if new.design != PilotDesign::Staggered && (!new.waves.is_empty() || new.waves_by_lot) {
        let reason = "means nothing without waves (STAGGERED); leave it out";
        let name = if new.waves_by_lot {
            "waves_by_lot"
        } else {
            "waves"
        };
        faults.push(InvalidParam::new(name, FaultCode::WithoutMeaning, reason));
    }
    faults
}

/// What means something in a comparison only.
fn lot_faults(new: &PilotInput) -> Vec<InvalidParam> {
    let given = [
        ("months_before", new.months_before.is_some()),
        ("picked_for_bad_scores", new.picked_for_bad_scores),
    ];
    let stray = given.into_iter().filter(|(_, is_given)| *is_given);
    let fault = |(name, _)| {
        let reason = "means nothing where lots were drawn (RANDOMISED); leave it out";
        InvalidParam::new(name, FaultCode::WithoutMeaning, reason)
    };
    stray.map(fault).collect()
}

fn comparison_faults(new: &PilotInput) -> Vec<InvalidParam> {
    let leaving = (new.outcome == PilotOutcome::Leaving).then(|| {
        let reason = "LEAVING cannot be held against the months before: nobody who is named has left before the start, so that there is no \
                      change; draw lots (RANDOMISED), or measure another outcome";
        InvalidParam::new("outcome", FaultCode::InvalidValue, reason)
    });
    let months = new.months_before;
    let months = months.filter(|it| !(1..=MOST_MONTHS_BEFORE).contains(it));
    let months = months.map(|months| {
        let reason = format!(
            "{months} must be 1 to {MOST_MONTHS_BEFORE}: a change is from the months before; with 2 or more the ways \
             of both sides can be tested"
        );
        InvalidParam::new("months_before", FaultCode::OutOfRange, reason)
    });
    let rule = new.assign.as_ref().map(|_| {
        let reason =
            "draws lots of two arms, which only RANDOMISED has; leave it out, or take that";
        InvalidParam::new("assign", FaultCode::WithoutMeaning, reason)
    });
    [leaving, months, rule].into_iter().flatten().collect()
}

fn rule_faults(new: &PilotInput, rule: &PilotAssignment) -> Vec<InvalidParam> {
    let mut faults = Vec::new();
    for (arm, customers) in [("control", &new.control), ("treated", &new.treated)] {
        if !customers.is_empty() {
            let reason =
                "means nothing beside `assign`, which draws the lots; leave one of both out";
            faults.push(InvalidParam::new(arm, FaultCode::WithoutMeaning, reason));
        }
    }
    if !(1..=MOST_SEGMENTS).contains(&rule.segments.len()) {
        let reason = format!(
            "names {} segments; name 1 to {MOST_SEGMENTS}",
            rule.segments.len()
        );
        let name = "assign/segments";
        faults.push(InvalidParam::new(name, FaultCode::OutOfRange, reason));
    }
    let mut seen = HashSet::new();
    for (index, segment) in rule.segments.iter().enumerate() {
        let name = format!("assign/segments/{index}");
        faults.extend(fault::text(&name, segment, 128));
        if !seen.insert(segment) {
            let reason = format!("`{segment}` is named before; once is enough");
            faults.push(InvalidParam::new(name, FaultCode::Duplicate, reason));
        }
    }
    faults.extend(fault::text("assign/seed", &rule.seed, 128));
    faults.extend(share("assign/treated_share", rule.treated_share));
    faults
}

fn wave_faults(new: &PilotInput) -> Vec<InvalidParam> {
    let mut faults = Vec::new();
    for (arm, customers) in [("control", &new.control), ("treated", &new.treated)] {
        if !customers.is_empty() {
            let reason =
                "means nothing beside `waves`, which name who is treated when; leave it out";
            faults.push(InvalidParam::new(arm, FaultCode::WithoutMeaning, reason));
        }
    }
    if !WAVES.contains(&new.waves.len()) {
        let reason = format!(
            "has {} waves; give {} to {}, the last of which may be without a start",
            new.waves.len(),
            WAVES.start(),
            WAVES.end()
        );
        faults.push(InvalidParam::new("waves", FaultCode::OutOfRange, reason));
    }
    let mut before = None;
    for (index, wave) in new.waves.iter().enumerate() {
        faults.extend(start_fault(new, index, before));
        before = wave.starts_on;
    }
    let names = Vec::from_iter((0..new.waves.len()).map(|it| format!("waves/{it}/customers")));
    let waves = names.iter().zip(&new.waves);
    let named = waves.map(|(name, wave)| (name.as_str(), &wave.customers));
    faults.extend(customer_faults(named));
    faults
}

/// What is wrong with the start of a wave, after that of the wave before.
fn start_fault(new: &PilotInput, index: usize, before: Option<NaiveDate>) -> Option<InvalidParam> {
    let fault = |code, reason: String| {
        let name = format!("waves/{index}/starts_on");
        Some(InvalidParam::new(name, code, reason))
    };
    let Some(start) = new.waves.get(index)?.starts_on else {
        let is_last = index > 0 && index + 1 == new.waves.len();
        let reason = "is missing; only the last of several waves may be without a start";
        return fault(FaultCode::Missing, reason.to_owned()).filter(|_| !is_last);
    };
    if index == 0 && start != new.starts_on {
        let reason = format!(
            "{start} is not the start of the pilot, {}; the first wave begins it",
            new.starts_on
        );
        return fault(FaultCode::Contradiction, reason);
    }
    if let Some(before) = before.filter(|before| *before >= start) {
        let reason = format!("{start} is not after the start of the wave before, {before}");
        return fault(FaultCode::DatesOutOfOrder, reason);
    }
    if start > new.ends_on {
        let reason = format!(
            "{start} is after the end, {}; leave the start out where they are never treated until then",
            new.ends_on
        );
        return fault(FaultCode::DatesOutOfOrder, reason);
    }
    let reason = format!("{start} is not the first of a month; waves are counted by months");
    fault(FaultCode::InvalidValue, reason).filter(|_| start.day() != 1)
}

fn list_faults(new: &PilotInput) -> Vec<InvalidParam> {
    customer_faults([("control", &new.control), ("treated", &new.treated)].into_iter())
}

/// Everybody is named once, in arms or waves of a possible size.
fn customer_faults<'a>(
    arms: impl Iterator<Item = (&'a str, &'a Vec<CustomerKey>)>,
) -> Vec<InvalidParam> {
    let mut faults = Vec::new();
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
                    "{} of {} is named before; nobody is in an arm or a wave twice, or in two",
                    customer.external_id, customer.source
                );
                faults.push(InvalidParam::new(name, FaultCode::Duplicate, reason));
            }
        }
    }
    faults
}

fn plan_faults(new: &PilotInput) -> impl Iterator<Item = InvalidParam> {
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
        new.planned_treated_share
            .and_then(|it| share("planned_treated_share", it)),
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

fn share(name: &str, value: f64) -> Option<InvalidParam> {
    let is_share = value > 0.0 && value < 1.0;
    (!is_share).then(|| {
        let reason = format!("{value} must lie between 0 and 1, without either");
        InvalidParam::new(name, FaultCode::OutOfRange, reason)
    })
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
