//! What is foreseen whatever is done.

use super::builder::{About, Builder};
use super::range::Range;
use super::{Course, Term};
use crate::baseline::{Baseline, RecordedCalendar};
use crate::kernel::{LANES, Lane};
use crate::math::ln_1p;
use crate::scenario::{FromRecords, Problem, Quantity, Scenario, ScenarioError};

/// Months of a year.
pub(crate) const YEAR: usize = 12;
/// Share of a month's growth that is left in the next, of a trend from records. Trends that go on for ever
/// forecast worse than those that flatten out; fitted to monthly series, the share is mostly 0.9 to 0.98 (Gardner
/// and McKenzie, Forecasting trends in time series, Management Science 31, 1985).
pub(super) const DAMPING: f64 = 0.95;
/// How far the mean of a season's factors may be from 1.
const SEASON_SLACK: f64 = 0.01;

/// What is foreseen of leaving whatever is done.
#[derive(Debug, Clone)]
pub(crate) struct Outlook {
    /// Factor on every hazard.
    pub(crate) hazard_factor: Term,
    /// Growth of every hazard a year.
    pub(crate) hazard_trend: Term,
    /// Share of a month's growth that is left in the next.
    pub(crate) damping: Term,
    /// Factors of month 1, 2, … 12; all 1 without a season.
    pub(crate) season: [f64; YEAR],
    /// Whether trend and season are the records'.
    pub(crate) is_recorded: bool,
}

impl Outlook {
    /// Its trend and season.
    pub(crate) fn course(&self) -> Course {
        Course {
            trend: self.hazard_trend,
            damping: self.damping,
            season: self.season,
            is_recorded: self.is_recorded,
        }
    }

    /// The factor on every hazard, in each trial.
    #[inline(always)]
    pub(crate) fn level(&self, values: &[Lane]) -> Lane {
        self.hazard_factor
            .lane(values)
            .map(|factor| factor.max(0.0))
    }
}

/// Growth of the logarithm a month, from a growth a year.
#[inline(always)]
pub(crate) fn monthly_growth(annual: Lane) -> Lane {
    let mut step = [0.0; LANES];
    for l in 0..LANES {
        step[l] = ln_1p(annual[l].max(-0.99)) / 12.0;
    }
    step
}

/// What is foreseen of leaving in both worlds.
pub(super) fn outlook(
    scenario: &Scenario,
    baseline: Option<&Baseline>,
    builder: &mut Builder,
) -> Result<Option<Outlook>, ScenarioError> {
    let Some(written) = &scenario.outlook else {
        return Ok(None);
    };
    refuse_idle_damping(written)?;
    let speaks_of_leaving = written.hazard_factor.is_some()
        || written.hazard_trend.is_some()
        || written.hazard_season.is_some()
        || written.leaving.is_some();
    if !speaks_of_leaving {
        return Ok(None);
    }
    let leaving = Recordable {
        field: "leaving",
        asked: written.leaving,
        beside: [
            ("hazard_trend", written.hazard_trend.is_some()),
            ("hazard_season", written.hazard_season.is_some()),
        ],
        told: baseline.and_then(|it| it.leaving_calendar.as_ref()),
        takes: "24 months of them, and 10 leavers",
    };
    let recorded = leaving.recorded()?;
    let note = recorded.map_or("", |_| "from the baseline's records");
    let mut term = |quantity: Option<&Quantity>, absent: f64, field: &str, note, range| {
        let quantity = quantity.cloned().unwrap_or_else(|| absent.into());
        let path = format!("outlook.{field}");
        let unit = match field {
            "hazard_trend" => "a year",
            "trend_damping" => "share a month",
            _ => "factor",
        };
        let about = About {
            unit,
            note,
            ..About::default()
        };
        builder.term(&quantity, path.clone(), about, &path, range)
    };
    let trend = recorded
        .map(|it| &it.trend)
        .or(written.hazard_trend.as_ref());
    let season = recorded.map_or(written.hazard_season.as_ref(), |it| it.season.as_ref());
    let (factor, damping) = (
        written.hazard_factor.as_ref(),
        written.trend_damping.as_ref(),
    );
    let undamped = recorded.map_or(1.0, |_| DAMPING);
    Ok(Some(Outlook {
        hazard_factor: term(factor, 1.0, "hazard_factor", "", FACTOR)?,
        hazard_trend: term(trend, 0.0, "hazard_trend", note, TREND)?,
        damping: term(damping, undamped, "trend_damping", "", Range::SHARE)?,
        season: self::season(season.map(Vec::as_slice), "hazard_season")?,
        is_recorded: recorded.is_some(),
    }))
}

const FACTOR: Range = Range {
    low: 0.0,
    high: 100.0,
    fix: "give a factor on every hazard: 1.1 is 10% more leaving",
};
pub(super) const TREND: Range = Range {
    low: -0.9,
    high: 10.0,
    fix: "give a growth a year as a fraction: 0.05 is 5%",
};

/// A course that may be the records'.
pub(super) struct Recordable<'a> {
    /// Its field.
    pub(super) field: &'static str,
    pub(super) asked: Option<FromRecords>,
    /// What a season and a trend beside it would be: name, and whether it is written.
    pub(super) beside: [(&'static str, bool); 2],
    /// What the records tell.
    pub(super) told: Option<&'a RecordedCalendar>,
    /// What it takes to tell it.
    pub(super) takes: &'static str,
}

impl<'a> Recordable<'a> {
    /// What the baseline's records tell, where they are asked and nothing else is written; none where they are not.
    pub(super) fn recorded(&self) -> Result<Option<&'a RecordedCalendar>, ScenarioError> {
        let Self {
            field,
            beside,
            takes,
            ..
        } = self;
        if self.asked.is_none() {
            return Ok(None);
        }
        if let Some((twice, _)) = beside.iter().find(|(_, is_written)| *is_written) {
            let problem = format!(
                "{field} = \"records\" takes trend and season from the baseline's records, and {twice} is written beside \
                 it; keep one of them"
            );
            return Err(Problem::Conflict(problem).at(format!("outlook.{twice}")));
        }
        let Some(told) = self.told else {
            let [(trend, _), (season, _)] = beside;
            let problem = format!(
                "\"records\" needs a baseline whose records tell how {field} changes with the calendar ({takes}) and that \
                 this release built; build it again, or write {trend} and {season} instead"
            );
            return Err(Problem::Reference(problem).at(format!("outlook.{field}")));
        };
        Ok(Some(told))
    }
}

/// A damping needs a trend that it damps.
fn refuse_idle_damping(written: &crate::scenario::Outlook) -> Result<(), ScenarioError> {
    let trends = [
        &written.hazard_trend,
        &written.contacts_trend,
        &written.revenue_trend,
    ];
    let records = [written.leaving, written.contacts, written.revenue];
    let has_trend = records.iter().any(Option::is_some) || trends.iter().any(|it| it.is_some());
    if written.trend_damping.is_some() && !has_trend {
        let problem = "there is no trend that it could damp; write hazard_trend, contacts_trend or revenue_trend, or \
                       leaving, contacts or revenue = \"records\", or leave it out";
        return Err(Problem::Conflict(problem.to_owned()).at("outlook.trend_damping"));
    }
    Ok(())
}

/// A season: a factor for each month of a year, whose mean is 1; all 1 where none is written.
pub(super) fn season(written: Option<&[f64]>, field: &str) -> Result<[f64; YEAR], ScenarioError> {
    let Some(season) = written else {
        return Ok([1.0; YEAR]);
    };
    let path = format!("outlook.{field}");
    let conflict = |problem: String| Problem::Conflict(problem).at(path.as_str());
    let factors = <[f64; YEAR]>::try_from(season).map_err(|_| {
        let months = season.len();
        conflict(format!(
            "a season has a factor for each of 12 months, month 1's first; {months} are written"
        ))
    })?;
    for (month, factor) in factors.iter().enumerate() {
        Problem::unless_within(*factor, FACTOR.low, FACTOR.high, FACTOR.fix)
            .map_err(|problem| problem.at(format!("{path}[{month}]")))?;
    }
    let mean = factors.iter().sum::<f64>() / YEAR as f64;
    if (mean - 1.0).abs() > SEASON_SLACK {
        let problem = format!(
            "the factors of a season have the mean 1, and these have {mean:.3}: divide each by it, and say by how much \
             the year is more where its level is said"
        );
        return Err(conflict(problem));
    }
    Ok(factors)
}
