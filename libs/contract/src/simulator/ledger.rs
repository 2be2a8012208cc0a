//! The ledger of a run, by line and month.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::result::Statistics;

/// A line of the ledger, signed as it moves the net flow: what is paid is below 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LedgerLineName {
    /// What customers pay.
    Revenue,
    /// What that costs to sell.
    CostOfRevenue,
    /// Handling of contacts: minutes, or seats.
    Contacts,
    /// Serving that does not come from contacts.
    Overhead,
    /// Training of new staff.
    Training,
    /// Winning customers.
    Acquisition,
    /// The programme's people.
    ProgrammePeople,
    /// The programme's work on processes.
    ProgrammeProcess,
    /// The programme's work on politics.
    ProgrammePolitics,
    /// The programme's technology.
    ProgrammeTechnology,
    /// The programme's training of staff.
    ProgrammeTraining,
    /// What the programme does for single customers.
    ProgrammeTreatment,
    /// The programme's capital expenditure, of any type.
    Capital,
    /// What customers owe more than in the month before.
    Receivables,
    /// Tax.
    Tax,
}

/// The ledger of a run by line and month. Means are over all futures, so that the means of the lines' present values
/// add up to the mean NPV within the horizon; percentiles do not add up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MonthlyLedger {
    /// Futures behind the means.
    pub futures: u64,
    /// Futures behind the percentiles by month: the run's first ones.
    pub band_futures: u64,
    /// Every line.
    pub lines: BTreeMap<LedgerLineName, LedgerLine>,
    /// What the lines add up to, future by future.
    pub net: LedgerLine,
}

/// A line of the ledger, by month from month 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LedgerLine {
    /// As things are.
    pub as_is: ByMonth,
    /// With the programme.
    pub programme: ByMonth,
    /// What the programme adds.
    pub difference: ByMonth,
    /// Present value of the difference.
    pub present_value: Statistics,
}

/// An amount over futures, by month from month 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ByMonth {
    /// Mean over all futures.
    pub mean: Vec<f64>,
    /// 5 in 100 futures are below.
    pub p5: Vec<f64>,
    /// Half of the futures are below.
    pub p50: Vec<f64>,
    /// 95 in 100 futures are below.
    pub p95: Vec<f64>,
}
