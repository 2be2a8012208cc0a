//! Training of those who serve customers.

use super::builder::{About, Builder};
use super::range::Range;
use super::segment::{self, Confirmed};
use super::{EffectGroups, Term};
use crate::baseline::Baseline;
use crate::scenario::{Quantity, Scenario, ScenarioError};

#[derive(Debug, Clone)]
pub(crate) struct Training {
    pub(crate) hires: Term,
    pub(crate) hours: Term,
    pub(crate) rate: Term,
    pub(crate) avoidable: Confirmed,
    pub(crate) effects: EffectGroups,
}

/// Resolves what training costs; its effects come later.
pub(super) fn training(
    scenario: &Scenario,
    baseline: Option<&Baseline>,
    builder: &mut Builder,
) -> Result<Option<Training>, ScenarioError> {
    let written = scenario
        .training
        .as_ref()
        .or(baseline.and_then(|b| b.training.as_ref()));
    let Some(written) = written else {
        return Ok(None);
    };
    let avoidable = segment::avoidable(written.avoidable.as_ref(), "training.avoidable")?;
    let mut term = |quantity: &Quantity, field: &str, unit| {
        let path = format!("training.{field}");
        let about = About {
            unit,
            ..About::default()
        };
        builder.term(quantity, path.clone(), about, &path, Range::AMOUNT)
    };
    Ok(Some(Training {
        hires: term(
            &written.hires_per_month,
            "hires_per_month",
            "people a month",
        )?,
        hours: term(&written.hours_per_hire, "hours_per_hire", "hours a hire")?,
        rate: term(&written.loaded_rate, "loaded_rate", "money an hour")?,
        avoidable,
        effects: Vec::new(),
    }))
}
