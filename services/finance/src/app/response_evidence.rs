//! What is known of the response to spending: a history, two judged points, or one programme.

use crate::rule::ledger::amount;
use crate::rule::response::response_fit::{
    Ceiling, Observed, ResponseFit, ResponseFitError, fit_response,
};
use keepworth_cashflow::Error as CurveError;
use keepworth_cashflow::keep_or_acquire::RetentionProgramme;
use keepworth_cashflow::response::Response;
use keepworth_contract::FaultCode;
use keepworth_contract::finance::{
    ElicitedPoint, ObservedPoint, ProgrammeDesign, ProgrammeEvidence, ResponseEvidence,
};
use keepworth_contract::{Currency, InvalidParam, Money};

/// What the evidence says, in minor units.
#[derive(Debug, Clone)]
pub enum Known {
    Fitted(Box<ResponseFit>),
    Elicited(Response),
    Programme {
        programme: RetentionProgramme,
        churn_se: f64,
        design: ProgrammeDesign,
    },
}

/// The most points of a history.
pub const MOST_POINTS: usize = 1_000;

/// How far, as a fraction, a rate may be from that of a whole number of people.
pub const ROUNDED: f64 = 0.005;

/// The currency of its first amount; none without one.
pub fn currency(evidence: &ResponseEvidence) -> Option<Currency> {
    amounts(evidence).first().map(|(_, money)| money.currency)
}

/// Every amount and the field that holds it.
pub fn amounts(evidence: &ResponseEvidence) -> Vec<(String, Money)> {
    let named = |(index, spend)| (format!("evidence/points/{index}/spend"), spend);
    match evidence {
        ResponseEvidence::Observed { points, .. } => {
            let spends = points.iter().map(|it| it.spend);
            spends.enumerate().map(named).collect()
        }
        ResponseEvidence::Elicited { points } => {
            let spends = points.iter().map(|it| it.spend);
            spends.enumerate().map(named).collect()
        }
        ResponseEvidence::Programme(it) => vec![("evidence/cost".to_owned(), it.cost)],
    }
}

/// What it says, or each field at fault.
pub fn known(evidence: &ResponseEvidence) -> Result<Known, Vec<InvalidParam>> {
    let faults = amount_faults(evidence);
    if !faults.is_empty() {
        return Err(faults);
    }
    match evidence {
        ResponseEvidence::Observed { points, ceiling } => fitted(points, *ceiling),
        ResponseEvidence::Elicited { points } => elicited(points),
        ResponseEvidence::Programme(it) => programme_known(it),
    }
}

pub fn amount_faults(evidence: &ResponseEvidence) -> Vec<InvalidParam> {
    let amounts = amounts(evidence);
    if amounts.len() > MOST_POINTS {
        let reason = format!("{} points; give at most {MOST_POINTS}", amounts.len());
        return vec![InvalidParam::new(
            "evidence/points",
            FaultCode::TooMany,
            reason,
        )];
    }
    let Some((_, first)) = amounts.first() else {
        return vec![too_few(0)];
    };
    let mut faults = Vec::new();
    for (name, money) in &amounts {
        faults.extend(amount::fault(name, *money));
        if money.amount.is_sign_negative() && !money.amount.is_zero() {
            let reason = format!("is {money}; give 0 or more");
            faults.push(InvalidParam::new(
                format!("{name}/amount"),
                FaultCode::Negative,
                reason,
            ));
        }
        if money.currency != first.currency {
            let reason = format!(
                "is {}; the first amount is {}",
                money.currency, first.currency
            );
            let name = format!("{name}/currency");
            faults.push(InvalidParam::new(name, FaultCode::MixedCurrencies, reason));
        }
    }
    faults
}

pub fn too_few(points: usize) -> InvalidParam {
    let reason = format!("{points} points; a curve needs at least two levels of spend");
    InvalidParam::new("evidence/points", FaultCode::TooFew, reason)
}

pub fn rate_fault(index: usize, rate: f64) -> Option<InvalidParam> {
    let reason = format!("is {rate}; give a share between 0 and 1, such as 0.2 for 20 percent");
    let name = format!("evidence/points/{index}/rate");
    (!(0.0..=1.0).contains(&rate)).then(|| InvalidParam::new(name, FaultCode::OutOfRange, reason))
}

/// The amount in minor units; amounts at fault were refused before.
pub fn minor(money: Money) -> f64 {
    money.minor_units().unwrap_or_default() as f64
}

pub fn fitted(points: &[ObservedPoint], ceiling: Option<f64>) -> Result<Known, Vec<InvalidParam>> {
    if points.len() < 2 {
        return Err(vec![too_few(points.len())]);
    }
    let faults: Vec<_> = (0..)
        .zip(points)
        .filter_map(|(i, it)| count_fault(i, it))
        .collect();
    if !faults.is_empty() {
        return Err(faults);
    }
    let observed = |it: &ObservedPoint| Observed {
        spend: minor(it.spend) as u64,
        people: it.n.into(),
        answered: (it.rate * f64::from(it.n)).round() as u64,
    };
    let observed: Vec<_> = points.iter().map(observed).collect();
    let ceiling = ceiling.map_or(Ceiling::Estimated, Ceiling::Stated);
    fit_response(&observed, ceiling)
        .map(|fit| Known::Fitted(Box::new(fit)))
        .map_err(|error| {
            let name = match &error {
                ResponseFitError::AnswersWithoutSpend { row, .. } => {
                    format!("evidence/points/{}/spend", row - 1)
                }
                ResponseFitError::Ceiling { .. } | ResponseFitError::NoCeiling => {
                    "evidence/ceiling".to_owned()
                }
                _ => "evidence/points".to_owned(),
            };
            vec![InvalidParam::new(
                name,
                FaultCode::NoCurve,
                error.to_string(),
            )]
        })
}

pub fn count_fault(index: usize, point: &ObservedPoint) -> Option<InvalidParam> {
    if point.n == 0 {
        let name = format!("evidence/points/{index}/n");
        return Some(InvalidParam::new(
            name,
            FaultCode::OutOfRange,
            "is 0; give the people reached",
        ));
    }
    let answered = point.rate * f64::from(point.n);
    let is_whole = (answered - answered.round()).abs() <= ROUNDED * f64::from(point.n);
    rate_fault(index, point.rate).or_else(|| {
        let (rate, n) = (point.rate, point.n);
        let reason = format!(
            "{rate} of {n} people is {answered:.2} people; give a whole number of them over {n}"
        );
        let name = format!("evidence/points/{index}/rate");
        (!is_whole).then(|| InvalidParam::new(name, FaultCode::NotWhole, reason))
    })
}

pub fn elicited(points: &[ElicitedPoint]) -> Result<Known, Vec<InvalidParam>> {
    let [first, second] = points else {
        let reason = format!("{} points; give exactly two", points.len());
        return Err(vec![InvalidParam::new(
            "evidence/points",
            FaultCode::WrongNumber,
            reason,
        )]);
    };
    let mut faults: Vec<_> = [(0, first.rate), (1, second.rate)]
        .into_iter()
        .filter_map(|(index, rate)| rate_fault(index, rate))
        .collect();
    if first.spend.amount.is_zero() {
        let reason = "is 0; the curve starts at no answer without spend, give a point above it";
        faults.push(InvalidParam::new(
            "evidence/points/0/spend",
            FaultCode::OutOfRange,
            reason,
        ));
    } else if second.spend.amount <= first.spend.amount {
        let reason = format!(
            "is {}; give more than the first point's {}",
            second.spend, first.spend
        );
        faults.push(InvalidParam::new(
            "evidence/points/1/spend",
            FaultCode::NotRising,
            reason,
        ));
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let point = |it: &ElicitedPoint| (minor(it.spend), it.rate);
    let curve = Response::through_two(point(first), point(second));
    curve.map(Known::Elicited).map_err(|error| {
        let name = match error {
            CurveError::OutOfRange {
                name: "first share",
                ..
            } => "evidence/points/0/rate",
            CurveError::OutOfRange {
                name: "second share",
                ..
            } => "evidence/points/1/rate",
            _ => "evidence/points",
        };
        vec![InvalidParam::new(
            name,
            FaultCode::NoCurve,
            error.to_string(),
        )]
    })
}

pub fn programme_known(evidence: &ProgrammeEvidence) -> Result<Known, Vec<InvalidParam>> {
    let fault = |name: &str, reason| {
        vec![InvalidParam::new(
            format!("evidence/{name}"),
            FaultCode::OutOfRange,
            reason,
        )]
    };
    let programme = RetentionProgramme::new(
        minor(evidence.cost),
        evidence.customers.into(),
        evidence.churn_before,
        evidence.churn_after,
    );
    let programme = programme.map_err(|error| match error {
        CurveError::OutOfRange { name, value, rule } => {
            fault(name, format!("is {value}; give {rule}"))
        }
        other => fault("cost", other.to_string()),
    })?;
    let churn_se = evidence
        .churn_fall_se
        .unwrap_or_else(|| match evidence.design {
            // What somebody says has no sample.
            ProgrammeDesign::Stated => 0.0,
            _ => programme.sampling_error(),
        });
    if !(0.0..=1.0).contains(&churn_se) {
        let reason =
            format!("is {churn_se}; give a fraction of 0 or more, such as 0.01 for one point");
        return Err(fault("churn_fall_se", reason));
    }
    Ok(Known::Programme {
        programme,
        churn_se,
        design: evidence.design,
    })
}
