//! What is known of the response to spending: a history, two judged points, or one programme.

use keepworth_cashflow::Error as CurveError;
use keepworth_cashflow::keep_or_acquire::RetentionProgramme;
use keepworth_cashflow::response::Response;
use keepworth_contract::{Currency, InvalidParam, Money};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::rule::ledger::amount;
use crate::rule::response::evidence_grade::Grade;
use crate::rule::response::response_fit::{
    Ceiling, Observed, ResponseFit, ResponseFitError, fit_response,
};

/// What is known of the response to spending.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE", deny_unknown_fields)]
pub enum ResponseEvidence {
    /// What was spent, and who answered: a curve is fitted, with its uncertainty.
    Observed {
        /// At least two levels of spend.
        #[schema(min_items = 2, max_items = 1000)]
        points: Vec<ObservedPoint>,
        /// The share that unlimited spend would reach, as somebody judges it, above 0 and at most
        /// 1: needed only where the answers still rise in proportion to the spend. From the data
        /// when left out.
        #[serde(default)]
        ceiling: Option<f64>,
    },
    /// Two points that somebody judges to be true: the curve goes through both. This is no
    /// evidence, and verdicts say so.
    Elicited {
        /// The smaller spend first.
        #[schema(min_items = 2, max_items = 2)]
        points: Vec<ElicitedPoint>,
    },
    /// What one retention programme cost and changed; for `RETENTION` only.
    Programme(ProgrammeEvidence),
}

/// A level of spend, and how many of those it reached answered.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ObservedPoint {
    /// Per prospect; for retention per customer and period. 0 or more.
    pub spend: Money,
    /// The share of them that was won, or that stayed through the period, 0 to 1. With few people
    /// it must be a whole number of them.
    #[schema(minimum = 0, maximum = 1)]
    pub rate: f64,
    /// How many it reached.
    #[schema(minimum = 1)]
    pub n: u32,
}

/// A level of spend, and the share that would answer.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ElicitedPoint {
    /// Per prospect; for retention per customer and period. Above 0.
    pub spend: Money,
    /// The share that would be won, or that would stay through the period, between 0 and 1.
    #[schema(minimum = 0, maximum = 1)]
    pub rate: f64,
}

/// What one retention programme cost and changed in a period.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProgrammeEvidence {
    /// What it costs in a period.
    pub cost: Money,
    /// The customers it reaches.
    #[schema(minimum = 1)]
    pub customers: u32,
    /// The share of them that left in a period without it, 0 to 1.
    #[schema(minimum = 0, maximum = 1)]
    pub churn_before: f64,
    /// The share that leaves with it, 0 to 1.
    #[schema(minimum = 0, maximum = 1)]
    pub churn_after: f64,
    /// Standard error of the fall in churn, a fraction. When left out, that of two shares of as
    /// many customers; of a fall that is stated only, none.
    #[serde(default)]
    #[schema(minimum = 0)]
    pub churn_fall_se: Option<f64>,
    /// How the fall was learnt, which decides how far it is believed to be the programme's doing.
    #[serde(default)]
    pub design: ProgrammeDesign,
}

/// How a programme's fall in churn was learnt.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ProgrammeDesign {
    /// Chance decided whom the programme reached, and both are compared: grade A.
    Randomised,
    /// Before and after, against others whom it did not reach: grade B.
    Controlled,
    /// Before and after, without anybody to compare with: grade C.
    #[default]
    BeforeAfter,
    /// Somebody says so: grade D. Without `churn_fall_se` the fall is a bare number.
    Stated,
}

impl ProgrammeDesign {
    /// The grade of such evidence.
    #[must_use]
    pub fn grade(self) -> Grade {
        match self {
            Self::Randomised => Grade::A,
            Self::Controlled => Grade::B,
            Self::BeforeAfter => Grade::C,
            Self::Stated => Grade::D,
        }
    }
}

/// What the evidence says, in minor units.
#[derive(Debug, Clone)]
pub(super) enum Known {
    Fitted(Box<ResponseFit>),
    Elicited(Response),
    Programme {
        programme: RetentionProgramme,
        churn_se: f64,
        design: ProgrammeDesign,
    },
}

/// The most points of a history.
const MOST_POINTS: usize = 1_000;

/// How far, as a fraction, a rate may be from that of a whole number of people.
const ROUNDED: f64 = 0.005;

impl ResponseEvidence {
    /// The currency of its first amount; none without one.
    pub(super) fn currency(&self) -> Option<Currency> {
        self.amounts().first().map(|(_, money)| money.currency)
    }

    /// Every amount and the field that holds it.
    fn amounts(&self) -> Vec<(String, Money)> {
        let named = |(index, spend)| (format!("evidence/points/{index}/spend"), spend);
        match self {
            Self::Observed { points, .. } => {
                let spends = points.iter().map(|it| it.spend);
                spends.enumerate().map(named).collect()
            }
            Self::Elicited { points } => {
                let spends = points.iter().map(|it| it.spend);
                spends.enumerate().map(named).collect()
            }
            Self::Programme(it) => vec![("evidence/cost".to_owned(), it.cost)],
        }
    }

    /// What it says, or each field at fault.
    pub(super) fn known(&self) -> Result<Known, Vec<InvalidParam>> {
        let faults = self.amount_faults();
        if !faults.is_empty() {
            return Err(faults);
        }
        match self {
            Self::Observed { points, ceiling } => fitted(points, *ceiling),
            Self::Elicited { points } => elicited(points),
            Self::Programme(it) => it.known(),
        }
    }

    fn amount_faults(&self) -> Vec<InvalidParam> {
        let amounts = self.amounts();
        if amounts.len() > MOST_POINTS {
            let reason = format!("{} points; give at most {MOST_POINTS}", amounts.len());
            return vec![InvalidParam::new("evidence/points", "too_many", reason)];
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
                    "negative",
                    reason,
                ));
            }
            if money.currency != first.currency {
                let reason = format!(
                    "is {}; the first amount is {}",
                    money.currency, first.currency
                );
                let name = format!("{name}/currency");
                faults.push(InvalidParam::new(name, "mixed_currencies", reason));
            }
        }
        faults
    }
}

fn too_few(points: usize) -> InvalidParam {
    let reason = format!("{points} points; a curve needs at least two levels of spend");
    InvalidParam::new("evidence/points", "too_few", reason)
}

fn rate_fault(index: usize, rate: f64) -> Option<InvalidParam> {
    let reason = format!("is {rate}; give a share between 0 and 1, such as 0.2 for 20 percent");
    let name = format!("evidence/points/{index}/rate");
    (!(0.0..=1.0).contains(&rate)).then(|| InvalidParam::new(name, "out_of_range", reason))
}

/// The amount in minor units; amounts at fault were refused before.
fn minor(money: Money) -> f64 {
    money.minor_units().unwrap_or_default() as f64
}

fn fitted(points: &[ObservedPoint], ceiling: Option<f64>) -> Result<Known, Vec<InvalidParam>> {
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
            vec![InvalidParam::new(name, "no_curve", error.to_string())]
        })
}

fn count_fault(index: usize, point: &ObservedPoint) -> Option<InvalidParam> {
    if point.n == 0 {
        let name = format!("evidence/points/{index}/n");
        return Some(InvalidParam::new(
            name,
            "out_of_range",
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
        (!is_whole).then(|| InvalidParam::new(name, "not_whole", reason))
    })
}

fn elicited(points: &[ElicitedPoint]) -> Result<Known, Vec<InvalidParam>> {
    let [first, second] = points else {
        let reason = format!("{} points; give exactly two", points.len());
        return Err(vec![InvalidParam::new(
            "evidence/points",
            "wrong_number",
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
            "out_of_range",
            reason,
        ));
    } else if second.spend.amount <= first.spend.amount {
        let reason = format!(
            "is {}; give more than the first point's {}",
            second.spend, first.spend
        );
        faults.push(InvalidParam::new(
            "evidence/points/1/spend",
            "not_rising",
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
        vec![InvalidParam::new(name, "no_curve", error.to_string())]
    })
}

impl ProgrammeEvidence {
    fn known(&self) -> Result<Known, Vec<InvalidParam>> {
        let fault = |name: &str, reason| {
            vec![InvalidParam::new(
                format!("evidence/{name}"),
                "out_of_range",
                reason,
            )]
        };
        let programme = RetentionProgramme::new(
            minor(self.cost),
            self.customers.into(),
            self.churn_before,
            self.churn_after,
        );
        let programme = programme.map_err(|error| match error {
            CurveError::OutOfRange { name, value, rule } => {
                fault(name, format!("is {value}; give {rule}"))
            }
            other => fault("cost", other.to_string()),
        })?;
        let churn_se = self.churn_fall_se.unwrap_or_else(|| match self.design {
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
            design: self.design,
        })
    }
}
