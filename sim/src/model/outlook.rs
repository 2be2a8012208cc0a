//! What is foreseen whatever is done.

use super::Term;
use super::builder::{About, Builder};
use super::range::Range;
use crate::scenario::{Quantity, Scenario, ScenarioError};

/// What is foreseen of leaving whatever is done.
#[derive(Debug, Clone)]
pub(crate) struct Outlook {
    /// Factor on every hazard.
    pub(crate) hazard_factor: Term,
    /// Growth of every hazard a year.
    pub(crate) hazard_trend: Term,
}

/// What is foreseen of leaving in both worlds.
pub(super) fn outlook(
    scenario: &Scenario,
    builder: &mut Builder,
) -> Result<Option<Outlook>, ScenarioError> {
    let Some(written) = &scenario.outlook else {
        return Ok(None);
    };
    let mut term = |quantity: &Option<Quantity>, absent: f64, field: &str, unit, range| {
        let quantity = quantity.clone().unwrap_or_else(|| absent.into());
        let path = format!("outlook.{field}");
        let about = About {
            unit,
            ..About::default()
        };
        builder.term(&quantity, path.clone(), about, &path, range)
    };
    let factor = Range {
        low: 0.0,
        high: 100.0,
        fix: "give a factor on every hazard: 1.1 is 10% more leaving",
    };
    let trend = Range {
        low: -0.9,
        high: 10.0,
        fix: "give a growth a year as a fraction: 0.05 is 5%",
    };
    Ok(Some(Outlook {
        hazard_factor: term(
            &written.hazard_factor,
            1.0,
            "hazard_factor",
            "factor",
            factor,
        )?,
        hazard_trend: term(&written.hazard_trend, 0.0, "hazard_trend", "a year", trend)?,
    }))
}
