//! Whether leaving, contacts and revenue change with the calendar.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Month;
use crate::simulator::fit::FitEstimate;

/// How leaving changed with the calendar among customers of one segment and stretch of tenure, over the whole record.
///
/// Nothing is simulated with it unless a scenario says so: `leaving = "records"` in its `[outlook]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LeavingTrend {
    /// The first month of the record.
    pub from: Month,
    /// Its last month.
    pub until: Month,
    /// Who left in it.
    pub left: u64,
    /// Growth of every hazard a year, with an interval of 95%: 0.05 is 5% more.
    pub growth_a_year: FitEstimate,
    /// The same as a scenario says it under `[outlook]`: an interval of 90%.
    #[schema(example = "2% to 9%")]
    pub hazard_trend: String,
    /// Factor of each month of the year on hazards, January first, with intervals of 95%; left out where too few
    /// left.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub season: Vec<FitEstimate>,
    /// Probability of such a season or a larger one where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub season_p: Option<f64>,
    /// How many times as much months scatter as counts do, at least 1.
    pub dispersion: f64,
    /// Who was under observation in the months that hazards are the mean of. Baselines of earlier releases have none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub record: Vec<ObservedByMonth>,
}

/// Who was under observation of a segment and stretch of tenure, by calendar month.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ObservedByMonth {
    /// The segment's key.
    pub segment: String,
    /// Completed months of tenure from which the stretch goes, to those of the segment's next.
    #[schema(example = 12)]
    pub tenure_from: u32,
    /// Customer-months in each month from the record's first to its last; 0 in those that the segment's hazards are not
    /// from, because churn has changed since.
    pub customer_months: Vec<f64>,
}

/// How contacts, or revenue, of a customer with a contract changed with the calendar, each segment with a level of its own, over
/// as much of the record as has no gap.
///
/// Nothing is simulated with it unless a scenario says so: `contacts = "records"` or `revenue = "records"` in its `[outlook]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CalendarTrend {
    /// The first month of the record.
    pub from: Month,
    /// Its last month.
    pub until: Month,
    /// Growth a year, with an interval of 95%: 0.05 is 5% more. Its error is the larger of those by months and by customers.
    pub growth_a_year: FitEstimate,
    /// The same as a scenario says it under `[outlook]`: an interval of 90%.
    #[schema(example = "2% to 9%")]
    pub trend: String,
    /// Factor of each month of the year, January first, with intervals of 95%; left out where too little was counted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub season: Vec<FitEstimate>,
    /// Probability of such a season or a larger one where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub season_p: Option<f64>,
    /// How far months go together with their neighbours beyond trend and season, 0 to 0.9.
    #[schema(minimum = 0, maximum = 0.9)]
    pub autocorrelation: f64,
    /// Who was under observation in the months that the segments' figures are the mean of.
    pub record: Vec<CountedByMonth>,
}

/// Who was under observation of a segment, by calendar month.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CountedByMonth {
    /// The segment's key.
    pub segment: String,
    /// Customer-months in each month from the record's first to its last; 0 in those that the segment's figure is not
    /// from.
    pub customer_months: Vec<f64>,
}

/// Probability of a season like the one found or a larger one, where there is none, below which it is taken for one.
const SIGNIFICANT: f64 = 0.05;

impl LeavingTrend {
    /// The season, January's factor first, where one is told from none at a level of 5%.
    #[must_use]
    pub fn told_season(&self) -> Option<&[FitEstimate]> {
        told(&self.season, self.season_p)
    }
}

impl CalendarTrend {
    /// The season, January's factor first, where one is told from none at a level of 5%.
    #[must_use]
    pub fn told_season(&self) -> Option<&[FitEstimate]> {
        told(&self.season, self.season_p)
    }
}

fn told(season: &[FitEstimate], p: Option<f64>) -> Option<&[FitEstimate]> {
    p.is_some_and(|p| p < SIGNIFICANT).then_some(season)
}
