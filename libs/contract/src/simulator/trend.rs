//! Whether leaving changes with the calendar.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Month;
use crate::simulator::fit::FitEstimate;

/// How leaving changed with the calendar among customers of one segment and stretch of tenure, over the whole record.
///
/// Nothing is simulated with it unless a scenario says so: `hazard_trend` of its `[outlook]`.
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
}
