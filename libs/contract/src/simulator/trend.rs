//! Whether leaving changes with the calendar.

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

/// Probability of a season like the one found or a larger one, where there is none, below which it is taken for one.
const SIGNIFICANT: f64 = 0.05;

impl LeavingTrend {
    /// The season, January's factor first, where one is told from none at a level of 5%.
    #[must_use]
    pub fn told_season(&self) -> Option<&[FitEstimate]> {
        let is_told = self.season_p.is_some_and(|p| p < SIGNIFICANT);
        is_told.then_some(self.season.as_slice())
    }
}
