//! Where the records behind a segment's figures lie in the calendar.

use super::builder::Builder;
use super::outlook::monthly_growth;
use super::{Hazard, Outlook, Segment, Term};
use crate::baseline::{Baseline, BaselineSegment, LeavingRecord, RecordMonth};
use crate::kernel::{LANES, Lane};
use crate::math::exp;
use crate::scenario::{Problem, Scenario, ScenarioError};

/// What of a calendar that is foreseen holds in a segment.
#[derive(Debug, Clone, Default)]
pub(crate) enum Calendar {
    /// All of it, on figures as they are at the date.
    #[default]
    Foreseen,
    /// All of it, on figures that are the mean of months before it.
    Recorded(Record),
    /// A factor alone: records tell neither trend nor season of it.
    Level,
}

impl Calendar {
    /// Of a figure that may be the mean of a record's months; one that the scenario writes is of the date.
    pub(super) fn recorded(is_written: bool, months: &[RecordMonth], trend: Term) -> Self {
        if is_written {
            return Self::Foreseen;
        }
        if months.is_empty() {
            return Self::Level;
        }
        let stretches = vec![months.to_vec()];
        Self::Recorded(Record { trend, stretches })
    }

    /// A figure as it is at the date.
    #[inline(always)]
    pub(crate) fn at_date(&self, mut figure: Lane, values: &[Lane]) -> Lane {
        if let Self::Recorded(record) = self {
            record.bring_to_date(values, std::slice::from_mut(&mut figure));
        }
        figure
    }

    /// The same of its mean, by the mean trend.
    pub(super) fn mean_at_date(&self, mean: f64, builder: &Builder) -> f64 {
        match self {
            Self::Recorded(record) => {
                let mut figure = [[mean; LANES]];
                let trend = [builder.mean_of(record.trend); LANES];
                record.divide(&monthly_growth(trend), &mut figure);
                figure[0][0]
            }
            Self::Foreseen | Self::Level => mean,
        }
    }

    /// Whether a trend or a season moves it.
    pub(crate) fn moves(&self) -> bool {
        !matches!(self, Self::Level)
    }
}

/// The months that figures are the mean of, while what they tell of moved.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    /// Growth a year.
    trend: Term,
    /// Of each stretch of tenure that has a figure.
    stretches: Vec<Vec<RecordMonth>>,
}

impl Record {
    /// Figures of the stretches as they are at the date, from what they were in the mean.
    pub(crate) fn bring_to_date(&self, values: &[Lane], figures: &mut [Lane]) {
        self.divide(&monthly_growth(self.trend.lane(values)), figures);
    }

    fn divide(&self, step: &Lane, figures: &mut [Lane]) {
        for (figure, months) in figures.iter_mut().zip(&self.stretches) {
            let mean = mean(months, step);
            for l in 0..LANES {
                figure[l] /= mean[l];
            }
        }
    }
}

/// The mean of `season·(1 + trend)^(month/12)` over customer-months.
fn mean(months: &[RecordMonth], step: &Lane) -> Lane {
    let (mut sum, mut all) = ([0.0; LANES], 0.0);
    for month in months {
        all += month.customer_months;
        for l in 0..LANES {
            sum[l] += month.customer_months * month.season * exp(step[l] * month.at);
        }
    }
    if all > 0.0 {
        sum.map(|sum| sum / all)
    } else {
        [1.0; LANES]
    }
}

/// Says of each segment what of the calendar holds in it. A hazard that the scenario writes is one of the date.
pub(super) fn place(
    scenario: &Scenario,
    baseline: Option<&Baseline>,
    outlook: Option<&Outlook>,
    segments: &mut [Segment],
) -> Result<(), ScenarioError> {
    let recorded = outlook.filter(|it| it.is_recorded);
    let Some((outlook, baseline)) = recorded.zip(baseline) else {
        return Ok(());
    };
    for (segment, from) in segments.iter_mut().zip(&baseline.segments) {
        let mut written = scenario.segments.iter().filter(|it| it.name == from.name);
        segment.calendar = if written.any(|it| it.hazard.is_some()) {
            Calendar::Foreseen
        } else if from.leaving_record.is_empty() || is_mixture(&segment.hazard) {
            Calendar::Level
        } else {
            let stretches = stretches(&segment.hazard, from)?;
            let trend = outlook.hazard_trend;
            Calendar::Recorded(Record { trend, stretches })
        };
    }
    Ok(())
}

/// Customers who differ leave less and less: their hazards of the date are not the mean of those of months.
fn is_mixture(hazard: &Hazard) -> bool {
    matches!(hazard, Hazard::Mixture(..))
}

/// The months of each stretch of tenure that has a hazard.
fn stretches(
    hazard: &Hazard,
    segment: &BaselineSegment,
) -> Result<Vec<Vec<RecordMonth>>, ScenarioError> {
    let record = &segment.leaving_record;
    match hazard {
        Hazard::Constant(_) => Ok(vec![between(record, 0, None)]),
        Hazard::Bands(starts, _) | Hazard::Mixture(starts, _) => {
            let ends = starts.iter().skip(1).map(|start| Some(*start));
            let stretches = starts.iter().zip(ends.chain([None]));
            let months = stretches.map(|(start, end)| between(record, *start, end));
            Ok(months.collect())
        }
        Hazard::Heterogeneous(_) => {
            let problem = format!(
                "the baseline has customers of \"{}\" differ (sbg, bdw), whose hazards are of no months; hand over the \
                 hazards of bands of tenure that its leaving_record was counted for",
                segment.name
            );
            Err(Problem::Conflict(problem).at("outlook.leaving"))
        }
    }
}

/// The months of those stretches of the record that have tenures in common with one.
fn between(record: &[LeavingRecord], start: usize, end: Option<usize>) -> Vec<RecordMonth> {
    let ends = record.iter().skip(1).map(|it| it.from as usize);
    let ends = ends.chain([usize::MAX]);
    let within = record.iter().zip(ends).filter(|(stretch, its_end)| {
        *its_end > start && end.is_none_or(|end| (stretch.from as usize) < end)
    });
    within
        .flat_map(|(it, _)| it.months.iter().copied())
        .collect()
}
