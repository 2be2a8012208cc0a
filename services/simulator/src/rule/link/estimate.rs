//! Fits a link to months at risk that were counted together.
//!
//! Months of one customer are taken as independent given what is known before each: their scores are martingale
//! differences, since a customer leaves once (Kalbfleisch & Prentice 2002, section 5.3), so that no sum over
//! customers is needed for the errors, and no customer is kept.

use keepworth_contract::simulator::{LinkConfounder, LinkDirection, LinkExposure};
use keepworth_contract::{Flag, FlagCode, Word};
use keepworth_retention::covariate::{CovariateError, Covariates};
use keepworth_retention::hazard::TenureGrid;
use keepworth_retention::link::{Direction, LinkError, LinkModel, LinkReport, ScepticalPrior};
use keepworth_retention::survival::{Observation, SurvivalError};

use super::cells::{BANDS, Key, LinkCells};

/// Half of all: more leavers than these whose answers came late, and answers are outcomes.
const MOSTLY: u64 = 2;

/// What the records come to.
#[derive(Debug)]
pub(crate) enum Estimated {
    /// A report, with what else must be read.
    Report(Box<LinkReport>, Vec<Flag>),
    /// Forbidden before any model is fitted.
    Refused(Flag),
}

/// Why there is no answer at all.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EstimateError {
    /// Nobody's exposure is known before a month at risk.
    #[error(
        "{exposure} is known of nobody before a month at risk from {from} to {until}; take a longer window, or import \
         earlier records"
    )]
    Nobody {
        /// Of what.
        exposure: &'static str,
        /// The first month at risk.
        from: keepworth_contract::Month,
        /// The last.
        until: keepworth_contract::Month,
    },
    /// The exposure is the same for everybody.
    #[error(
        "{exposure} is {value} before every month at risk; take another exposure, or a longer window"
    )]
    Constant {
        /// Of what.
        exposure: &'static str,
        /// Its value.
        value: String,
    },
    /// The model has no answer.
    #[error("no link can be estimated: {0}")]
    Model(#[from] LinkError),
    /// A month that no time at risk can be.
    #[error("no link can be estimated: {0}")]
    Month(#[from] SurvivalError),
}

/// Fits the months that were counted.
pub(crate) fn estimate(cells: &LinkCells) -> Result<Estimated, EstimateError> {
    let plan = cells.plan();
    if let Some(flag) = reversed_time(cells) {
        return Ok(Estimated::Refused(flag));
    }
    if cells.counts.is_empty() {
        return Err(EstimateError::Nobody {
            exposure: plan.exposure.name(),
            from: plan.from,
            until: plan.until,
        });
    }
    let (confounders, mut flags) = covariates(cells).map_err(LinkError::from)?;
    flags.extend(late(cells));
    flags.extend(unknown(cells));
    let report = fit(cells, &confounders).map_err(|error| match error {
        EstimateError::Model(LinkError::Covariate(CovariateError::Constant { name, value }))
            if name == words(plan.exposure) =>
        {
            let exposure = plan.exposure.name();
            EstimateError::Constant { exposure, value }
        }
        other => other,
    })?;
    Ok(Estimated::Report(Box::new(report), flags))
}

fn fit(cells: &LinkCells, confounders: &Covariates) -> Result<LinkReport, EstimateError> {
    let plan = cells.plan();
    let exposure: Vec<f64> = cells.counts.keys().map(|key| key.exposure as f64).collect();
    let observations = cells.counts.iter().map(|(key, n)| observation(key, *n));
    let observations: Vec<Observation> = observations.collect::<Result<_, _>>()?;
    let control: Vec<bool> = cells.counts.keys().map(|key| key.is_control).collect();
    let last: Vec<bool> = cells.counts.keys().map(|key| key.last).collect();
    let grid = TenureGrid::new(1.0, &BANDS).map_err(LinkError::from)?;
    let name = words(plan.exposure);
    let model = LinkModel::new(name, &exposure, &observations, confounders, &grid)?
        .with_direction(match plan.direction {
            LinkDirection::HigherIsBetter => Direction::HigherIsBetter,
            LinkDirection::HigherIsWorse => Direction::HigherIsWorse,
        })
        .with_prior(ScepticalPrior {
            mean: plan.prior.mean,
            sd: plan.prior.sd,
        })?
        .with_negative_control(&control)?
        .with_last(&last)?;
    Ok(model.fit()?)
}

/// One month within its band of tenure; of a month that was cut its share.
fn observation(key: &Key, n: u64) -> Result<Observation, SurvivalError> {
    let from = f64::from(key.tenure);
    let (seen, all) = key.days;
    let share = f64::from(seen) / f64::from(all);
    Observation::new(from, from + share, key.left)?.with_weight(n as f64)
}

/// An exposure as flags and reasons have it.
pub(crate) fn words(exposure: LinkExposure) -> &'static str {
    match exposure {
        LinkExposure::Nps => "nps",
        LinkExposure::Csat => "csat",
        LinkExposure::Ces => "ces",
        LinkExposure::Rating => "rating",
        LinkExposure::Contacts => "contacts",
        LinkExposure::RepeatContacts => "repeat contacts",
        LinkExposure::UnresolvedContacts => "unresolved contacts",
        LinkExposure::AbandonedContacts => "abandoned contacts",
    }
}

fn covariates(cells: &LinkCells) -> Result<(Covariates, Vec<Flag>), CovariateError> {
    let mut columns = Covariates::new(cells.counts.len());
    let mut flags = Vec::new();
    let mut left_out = |error: &CovariateError| {
        flags.push(Flag::new(FlagCode::ConfounderLeftOut, error.to_string()));
    };
    for confounder in cells.confounders() {
        let (name, names) = match confounder {
            LinkConfounder::Segment => ("segment", &cells.segments.names),
            LinkConfounder::AcquisitionChannel => {
                ("acquisition channel", &cells.acquisitions.names)
            }
        };
        let place = |key: &Key| match confounder {
            LinkConfounder::Segment => key.segment,
            LinkConfounder::AcquisitionChannel => key.acquisition,
        };
        let levels: Vec<&str> = (cells.counts.keys())
            .map(|key| names[place(key) as usize].as_str())
            .collect();
        match columns.push_factor(name, &levels) {
            Ok(_) => {}
            Err(error @ CovariateError::Constant { .. }) => left_out(&error),
            Err(error) => return Err(error),
        }
    }
    let (columns, aliased) = columns.without_aliased();
    aliased.iter().for_each(left_out);
    Ok((columns, flags))
}

/// Answers that mostly came when leaving was known are outcomes, whatever the others say.
fn reversed_time(cells: &LinkCells) -> Option<Flag> {
    let (late, known) = (cells.left_late, cells.left_known);
    let answered = late + known;
    let detail = format!(
        "{late} of {answered} who left and answered {} did so only in the month in which they left, or later: it is \
         an outcome, not an exposure; ask before customers leave, or date answers by when they were given",
        words(cells.plan().exposure)
    );
    (late > 0 && MOSTLY * late > answered).then(|| Flag::new(FlagCode::ReversedTime, detail))
}

fn late(cells: &LinkCells) -> Option<Flag> {
    let detail = format!(
        "{} who left answered only in the month in which they left, or later; these answers are left out",
        cells.left_late
    );
    (cells.left_late > 0).then(|| Flag::new(FlagCode::LateAnswers, detail))
}

fn unknown(cells: &LinkCells) -> Option<Flag> {
    let known: u64 = cells.counts.values().sum();
    let detail = format!(
        "of {} months at risk {} are left out, before which {} is not known: the link is one of the others",
        known + cells.unknown,
        cells.unknown,
        words(cells.plan().exposure)
    );
    (cells.unknown > 0).then(|| Flag::new(FlagCode::ExposureUnknown, detail))
}
