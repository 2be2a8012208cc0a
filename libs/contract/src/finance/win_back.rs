//! Customers who come back after they had stopped paying.

use super::CancellationRule;
use crate::statistic::Statistic;
use crate::{Flag, Month};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which months are looked at.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct WinBackQuery {
    /// The last month, YYYY-MM.
    pub month: Month,
    /// How many months, 1 to 60 (default 12).
    #[param(minimum = 1, maximum = 60)]
    pub months: Option<i32>,
    /// When a customer who cancels is gone; EFFECTIVE when left out.
    #[serde(default)]
    #[param(default = "EFFECTIVE")]
    pub cancellation: CancellationRule,
}

/// Who came back, by how long they had not paid.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct WinBackReport {
    /// The first month.
    pub first_month: Month,
    /// The last one.
    pub last_month: Month,
    /// When who cancels is gone.
    pub cancellation: CancellationRule,
    /// Customers who paid once and do not pay in the last month: the pool that can come back.
    pub pool: u64,
    /// Who came back in these months: the reactivations of the movements, in customers.
    pub returned: u64,
    /// Of these, who pays in the last month.
    pub still_paying: u64,
    /// By months without a payment.
    pub bands: Vec<WinBackBand>,
    /// What a reader must know before using it.
    pub quality_flags: Vec<Flag>,
}

/// Customers who had not paid for so long.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct WinBackBand {
    /// Months without a payment at the least.
    #[schema(minimum = 1, example = 1)]
    pub from: u32,
    /// Months at the most; null is open.
    #[schema(example = 3)]
    pub to: Option<u32>,
    /// Months in which a customer of the band could have come back, over all of them.
    pub customer_months: u64,
    /// Who came back.
    pub returned: u64,
    /// The hazard of coming back per month: `returned` over `customer_months`, with an exact Poisson interval.
    pub hazard: Statistic,
}
