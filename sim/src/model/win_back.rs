//! Who comes back of those who left.

use super::builder::{About, Builder};
use super::range::Range;
use super::source::Source;
use super::{Segment, Term};
use crate::scenario::{Demography, Problem, Quantity, Scenario, ScenarioError};

/// Customers who left and come back.
#[derive(Debug, Clone)]
pub(crate) struct WinBack {
    /// Cumulative hazard of returning over the first, second, … month after the one in which they left.
    pub(crate) hazards: Vec<f64>,
    /// Factor on all of them.
    pub(crate) factor: Term,
    /// Cost of winning back one.
    pub(crate) cost: Term,
    /// Those who left in month 0, −1, … and are gone.
    pub(crate) gone: Vec<f64>,
}

/// Says of each segment who comes back.
pub(super) fn win_back(
    scenario: &Scenario,
    sources: &[Source],
    segments: &mut [Segment],
    builder: &mut Builder,
) -> Result<(), ScenarioError> {
    for (source, segment) in sources.iter().zip(segments) {
        let Some(written) = &source.figures.win_back else {
            continue;
        };
        let path = format!("{}.win_back", source.path);
        if scenario.demography == Demography::Binomial {
            let problem =
                "customers drawn one by one do not come back; leave win_back out, or demography";
            return Err(Problem::Conflict(problem.to_owned()).at(path));
        }
        if written.hazards.is_empty() {
            let problem = "nobody comes back without a hazard of returning; give one for each month after the one of leaving, \
                           or leave win_back out";
            return Err(Problem::Conflict(problem.to_owned()).at(format!("{path}.hazards")));
        }
        check(&written.hazards, &path, "hazards", Range::HAZARD)?;
        check(&written.gone, &path, "gone", Range::AMOUNT)?;
        let mut term = |quantity: Option<&Quantity>, absent: f64, field: &str, unit, range| {
            let quantity = quantity.cloned().unwrap_or_else(|| absent.into());
            let about = About {
                unit,
                ..About::default()
            };
            let name = format!("segments.{}.win_back.{field}", segment.name);
            builder.term(&quantity, name, about, &format!("{path}.{field}"), range)
        };
        let factor = written.factor.as_ref();
        segment.win_back = Some(WinBack {
            hazards: written.hazards.clone(),
            factor: term(factor, 1.0, "factor", "factor", FACTOR)?,
            cost: term(
                written.cost.as_ref(),
                0.0,
                "cost",
                "money a customer won back",
                Range::AMOUNT,
            )?,
            gone: written.gone.clone(),
        });
        // Who is kept leaves later, when who left before has come back.
        segment.may_lose = true;
    }
    Ok(())
}

const FACTOR: Range = Range {
    low: 0.0,
    high: 100.0,
    fix: "give a factor on every hazard of returning: 1.1 is 10% more",
};

fn check(values: &[f64], path: &str, field: &str, range: Range) -> Result<(), ScenarioError> {
    for (place, value) in values.iter().enumerate() {
        Problem::unless_within(*value, range.low, range.high, range.fix)
            .map_err(|problem| problem.at(format!("{path}.{field}[{place}]")))?;
    }
    Ok(())
}
