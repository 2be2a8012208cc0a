//! From a baseline's figures to the plain data that the engine starts from.
//!
//! What a segment does not know by itself, the company stands in for, and a flag says so. What
//! nobody knows is an error that names the figure, unless the scenario gives it. Figures are drawn as
//! well as they are known, correlated where they come from the same customers.

use keepworth_contract::simulator::FigureName;
use keepworth_contract::simulator::baseline::{
    BASELINE_VERSION, Baseline, OLDEST_BASELINE_VERSION,
};
use keepworth_contract::{Flag, Word};
use keepworth_sim::scenario::FromRecords;
use keepworth_sim::{Baseline as World, Heads, Scenario};

use calendar::{Recorded, RecordedCourse};
use input::Inputs;
pub(crate) use input::is_of_records;
use source::Source;

mod avoidable;
mod calendar;
mod cause;
mod curve;
mod input;
mod issue;
mod purchase;
mod source;
mod student;

/// Why a baseline cannot be simulated on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WorldError {
    /// The document is of another form.
    #[error(
        "the baseline is of version {found}, this release reads versions {OLDEST_BASELINE_VERSION} to {BASELINE_VERSION}; build it again"
    )]
    Version {
        /// Its version.
        found: u32,
    },
    /// The document is not what was sealed.
    #[error(
        "the baseline was changed after it was built: it says hash {sealed}, its content has {found}; build it again"
    )]
    Hash {
        /// The hash it carries.
        sealed: String,
        /// The hash of its content.
        found: String,
    },
    /// A figure that neither the baseline nor the scenario gives.
    #[error(
        "neither segment `{segment}` nor the company has a {figure}; {fix}, or give the segment's {figure} in the scenario"
    )]
    Missing {
        /// The segment.
        segment: String,
        /// The figure.
        figure: FigureName,
        /// What to import.
        fix: &'static str,
    },
}

/// A baseline that was checked to be of a form that is read, and as it was sealed: once, for as many scenarios as stand
/// on it.
#[derive(Debug)]
pub struct SealedBaseline(Baseline);

impl SealedBaseline {
    /// Checks a baseline.
    ///
    /// # Errors
    /// A version that is not read; a content that is not that of its hash.
    pub fn open(baseline: Baseline) -> Result<Self, WorldError> {
        check_seal(&baseline)?;
        Ok(Self(baseline))
    }

    /// What it says.
    #[must_use]
    pub fn baseline(&self) -> &Baseline {
        &self.0
    }
}

fn check_seal(baseline: &Baseline) -> Result<(), WorldError> {
    if !(OLDEST_BASELINE_VERSION..=BASELINE_VERSION).contains(&baseline.version) {
        return Err(WorldError::Version {
            found: baseline.version,
        });
    }
    let found = baseline.compute_hash();
    let found = found.unwrap_or_else(|error| format!("none: {error}"));
    if found != baseline.hash {
        return Err(WorldError::Hash {
            sealed: baseline.hash.clone(),
            found,
        });
    }
    Ok(())
}

/// The engine's form of a baseline, checked to be as it was sealed. Figures that `scenario` gives
/// itself may be missing.
///
/// # Errors
/// [`WorldError`].
pub fn world(baseline: &Baseline, scenario: &Scenario) -> Result<World, WorldError> {
    check_seal(baseline)?;
    world_of(baseline, scenario)
}

/// [`world`] of a baseline whose seal was checked.
pub(crate) fn world_of(baseline: &Baseline, scenario: &Scenario) -> Result<World, WorldError> {
    let mut inputs = Inputs::default();
    let recorded = Recorded::asked_for(baseline, scenario);
    let outlook = scenario.outlook.as_ref();
    let course =
        |asked: Option<FromRecords>, trend| RecordedCourse::asked_for(asked, trend, baseline.as_of);
    let contacts = course(
        outlook.and_then(|it| it.contacts),
        baseline.contacts_trend.as_ref(),
    );
    let revenue = course(
        outlook.and_then(|it| it.revenue),
        baseline.revenue_trend.as_ref(),
    );
    let causes_are_named = cause::are_named(scenario);
    let issues_are_named = issue::are_named(scenario);
    let mut segments = Vec::new();
    for own in &baseline.segments {
        let written = scenario.segments.iter().find(|it| it.name == own.name);
        let counted = purchase::counted(own);
        let source = Source {
            own: &counted,
            company: &baseline.company,
            as_of: baseline.as_of,
            horizon: scenario.horizon_months,
            written,
            has_calendar: recorded.is_some(),
        };
        let mut segment = source.segment(&mut inputs)?;
        let flags = purchase::flags(own, scenario.horizon_months);
        segment.quality_flags.extend(flags.iter().map(carried));
        if causes_are_named {
            segment.causes = cause::causes(own);
        }
        if issues_are_named {
            for (channel, own) in segment.channels.iter_mut().zip(&own.channels) {
                let flags = issue::put(channel, own.about.as_ref());
                segment.quality_flags.extend(flags.map(carried));
            }
        }
        if let Some(recorded) = &recorded {
            segment.leaving_record = recorded.record(&own.name);
            let flag = Recorded::flag(own);
            segment.quality_flags.extend(flag.iter().map(carried));
        }
        if let Some(contacts) = &contacts {
            segment.contacts_record = contacts.record(&own.name);
        }
        if let Some(revenue) = &revenue {
            segment.revenue_record = revenue.record(&own.name);
        }
        segments.push(segment);
    }
    let correlations = inputs.groups(baseline);
    Ok(World {
        as_of: baseline.as_of.to_string(),
        currency: baseline.currency.clone(),
        segments,
        inputs: inputs.into_named(),
        correlations,
        heads: Heads::ThroughMonth,
        training: None,
        leaving_calendar: recorded.as_ref().map(Recorded::calendar),
        contacts_calendar: contacts.as_ref().map(RecordedCourse::calendar),
        revenue_calendar: revenue.as_ref().map(RecordedCourse::calendar),
        quality_flags: baseline.quality_flags.iter().map(carried).collect(),
    })
}

/// A flag as the engine carries it to its result.
fn carried(flag: &Flag) -> keepworth_sim::Flag {
    keepworth_sim::Flag {
        code: flag.code.name().to_owned(),
        subject: flag.subject.clone(),
        detail: flag.detail.clone(),
    }
}

#[cfg(test)]
mod tests;
