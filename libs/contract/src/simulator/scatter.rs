//! How far a company's months lie off their rates.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How far single months lie off the rates of a baseline's window, beyond the chance of counts, the whole company's
/// contacts and money together. Trend and season within the window are part of it. What will be counted of a month scatters
/// so too.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MonthScatter {
    /// Of customers who leave, of those there.
    pub leaving: ScatterSize,
    /// Of customers won.
    pub won: ScatterSize,
    /// Of revenue per customer-month.
    pub revenue: ScatterSize,
    /// Of contacts per customer-month.
    pub contacts: ScatterSize,
    /// Of the cost of contacts per customer-month.
    pub service_cost: ScatterSize,
    /// Of all costs per customer-month, without programmes.
    pub cost: ScatterSize,
}

/// How far a figure of one month lies off its rate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ScatterSize {
    /// Coefficient of variation beyond the chance of counts, 0 or more: 0.1 is a tenth of the rate. For counts by
    /// Pearson's statistic over its degrees of freedom (McCullagh and Nelder 1989, section 6.2), 0 where chance explains it
    /// at the 5% level; for money that of the months.
    #[schema(minimum = 0, example = 0.08)]
    pub variation: f64,
    /// Months it is told from, less one: the fewer, the less it is known. 0 where nothing told it.
    #[schema(minimum = 0, example = 11)]
    pub freedom: f64,
}
