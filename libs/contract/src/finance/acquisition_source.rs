//! What customers cost to win, by the channel or the campaign that won them.

use super::*;
use crate::Flag;
use crate::{Currency, Month};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which period, how it is reported, and who is credited.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct CampaignCostQuery {
    /// The last month, YYYY-MM.
    pub month: Month,
    /// How many months, 1 to 60 (default 1).
    #[param(minimum = 1, maximum = 60)]
    pub months: Option<i32>,
    /// ISO 4217 code to report in; the only one there is when left out.
    pub currency: Option<Currency>,
    /// Spend comes this many months before the customers it won, 0 to 24 (default 0).
    #[param(minimum = 0, maximum = 24)]
    pub lag_months: Option<i32>,
    /// To whom a customer is credited whom several campaigns touched (default `EVEN`).
    pub overlap: Option<OverlapRule>,
}

/// What customers cost to win, by what won them.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AcquisitionSourceReport {
    /// The first month whose customers count.
    pub first_month: Month,
    /// The last one.
    pub last_month: Month,
    /// Months between spend and customers.
    pub lag_months: i32,
    /// As it was known at this time; null is now.
    pub known_at: Option<DateTime<Utc>>,
    /// How customers whom several campaigns touched are credited; null for channels.
    pub overlap: Option<OverlapRule>,
    /// ISO 4217 code of all amounts.
    pub currency: Currency,
    /// The rates by which amounts were converted, each month at its average.
    pub rates: Vec<ConversionRate>,
    /// Spend and customers that name none first, then by name. Nobody is counted twice: the
    /// customers of all items sum to those of `/v1/segment-months`, the spend to the ledger.
    pub items: Vec<AcquisitionSource>,
    /// What a reader must know before using it.
    pub quality_flags: Vec<Flag>,
}

/// What won customers, and what it cost.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AcquisitionSource {
    /// The channel or campaign; null is what names none.
    pub name: Option<String>,
    /// What was spent.
    pub costs: Vec<CostLine>,
    /// New customers: a decimal string, for credit is split.
    #[schema(value_type = String, example = "12.5")]
    pub new_customers: String,
    /// What one cost, by every definition but the one of paid channels.
    pub figures: Vec<Metric>,
}

/// To which campaign a prospect belongs whom several have touched.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum OverlapRule {
    /// The first that touched.
    First,
    /// The last that touched.
    Last,
    /// All that touched, equally.
    Even,
    /// All that touched, by how often.
    ByTouch,
}
