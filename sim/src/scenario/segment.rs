//! Segments of customers: what a scenario says about them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Avoidable, Quantity};

/// What a scenario says about one segment.
///
/// With a baseline, each field given here replaces the baseline's; without one the segment must be
/// complete. Money is in the scenario's currency, per customer-month unless said otherwise.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Segment {
    /// Name, as initiatives refer to it.
    pub name: String,
    /// Customers at month 0. Rescales the baseline's tenure profile; without one, all at tenure 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customers: Option<f64>,
    /// Customers at month 0 by completed months of tenure, from 0; the last entry is "and more".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customers_by_tenure: Option<Vec<f64>>,
    /// New customers a month, who enter at the month's end; on a baseline from records evenly through it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub won_per_month: Option<Quantity>,
    /// How customers leave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hazard: Option<Hazard>,
    /// Revenue per active customer-month.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revenue: Option<Quantity>,
    /// Share of revenue left after the cost of goods and services sold, at most 1; below 0 is a loss.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gross_margin: Option<Quantity>,
    /// Cost to serve per customer-month that does not come from contacts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overhead: Option<Quantity>,
    /// Share of the overhead of a customer more or less that enters or leaves the ledger (φ), as
    /// finance has confirmed it. Absent is unconfirmed: what customers lost would have cost counts
    /// nothing, what customers kept cost counts in full.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overhead_avoidable: Option<Avoidable>,
    /// Contact channels: replaces all of the baseline's channels of the segment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channels: Option<Vec<Channel>>,
    /// Cost of winning one customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acquisition_cost: Option<Quantity>,
    /// Share of leaving that experience could remove at all, 0 to 1: a ceiling on every programme.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub experience_share: Option<Quantity>,
    /// The causes of leaving that experience could remove, which effects on the hazard may name: they share
    /// `experience_share`, or all of leaving without one. Replaces all of the baseline's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub causes: Option<Vec<Cause>>,
    /// Who comes back of those who left; nobody when absent. They are not among `won_per_month`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub win_back: Option<WinBack>,
}

/// Customers who left and come back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WinBack {
    /// Cumulative hazard of returning over the first, second, … month after the one in which they left; nobody
    /// returns later. A share `p` that returns in a month is `-ln(1 - p)`.
    pub hazards: Vec<f64>,
    /// Factor on all of them. 1 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub factor: Option<Quantity>,
    /// Cost of winning back one. 0 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Quantity>,
    /// Those who left in the month that ends at the decision date, the one before, … and are gone. None when absent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gone: Vec<f64>,
}

/// A cause of leaving.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cause {
    /// Name, as effects refer to it.
    pub name: String,
    /// How many are known to have left for it: shares are drawn as well as these counts tell them.
    pub left: u64,
}

/// Contacts of a segment through one channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Channel {
    /// Name, as effects refer to it.
    pub name: String,
    /// Contacts per customer-month.
    pub contacts: Quantity,
    /// Minutes of handling per contact.
    pub minutes: Quantity,
    /// Cost of one minute of handling.
    pub cost_per_minute: Quantity,
    /// Share of this cost that leaves the ledger with the contacts that cause it (φ), as finance has
    /// confirmed it. Absent is unconfirmed: contacts avoided count nothing, those added in full.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avoidable: Option<Avoidable>,
    /// What its contacts are about, where effects name one; all issues that there are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub issues: Vec<Issue>,
    /// How many times shares of issues vary as much as those of contacts drawn by lots, at least 1: who calls about something
    /// calls about it again. 1 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issues_design_effect: Option<f64>,
}

/// What contacts of a channel are about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Issue {
    /// Name, as effects refer to it.
    pub name: String,
    /// In how many contacts it was counted: shares are drawn as well as these counts tell them.
    pub contacts: u64,
    /// Minutes of handling per contact: only how they compare between issues counts, because the channel says how long
    /// its contacts are in the mean. Given of all issues of a channel or of none, which then take equally long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minutes: Option<Quantity>,
}

/// How customers leave, month by month of tenure.
///
/// A hazard is the cumulative hazard over one month: monthly survival is `exp(-h)`, a monthly churn
/// probability `p` is `h = -ln(1 - p)`. Where `log_covariance` is given, the parameters are drawn in
/// each trial from a normal distribution around their logarithms with that covariance: a fit's
/// posterior. Then the parameters must be plain numbers, and they are the posterior's medians.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Hazard {
    /// The same hazard at every tenure.
    Constant {
        /// Monthly hazard.
        hazard: Quantity,
        /// Variance of the logarithm of the hazard, as a 1 × 1 matrix.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        log_covariance: Option<Vec<Vec<f64>>>,
    },
    /// One hazard for each band of tenure.
    Bands {
        /// Bands in order; the first starts at 0, each ends where the next starts.
        bands: Vec<Band>,
        /// Covariance of the logarithms of the hazards, in the order of the bands.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        log_covariance: Option<Vec<Vec<f64>>>,
    },
    /// Shifted beta-geometric (Fader and Hardie 2007): each customer has a constant churn
    /// probability, Beta(α, β) across customers.
    Sbg {
        /// α > 0.
        alpha: Quantity,
        /// β > 0.
        beta: Quantity,
        /// Covariance of (ln α, ln β).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        log_covariance: Option<Vec<Vec<f64>>>,
    },
    /// Beta-discrete-Weibull (Fader and Hardie 2018): as `sbg`, with each customer's hazard
    /// changing with tenure: `S(t) = B(α, β + t^c) / B(α, β)`.
    Bdw {
        /// α > 0.
        alpha: Quantity,
        /// β > 0.
        beta: Quantity,
        /// c > 0; 1 is `sbg`.
        shape: Quantity,
        /// Covariance of (ln α, ln β, ln c).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        log_covariance: Option<Vec<Vec<f64>>>,
    },
    /// Hazards by single month of tenure, the last one for every later month.
    Table {
        /// Monthly hazards from tenure 0.
        hazards: Vec<f64>,
        /// Standard deviation of the logarithm of a factor common to all of them.
        #[serde(default)]
        log_sd: f64,
    },
    /// Hazards of many stretches of tenure whose errors have few causes in common: those of the parameters of a
    /// model that tells them all.
    Factors {
        /// Stretches in order; the first starts at 0, each ends where the next starts.
        stretches: Vec<Stretch>,
        /// Whether each customer has a constant hazard of their own, so that stretches tell the mean of those who are left
        /// and a programme that keeps some changes who is left.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        mixture: bool,
        /// Names of the inputs that are the causes, each normal with mean 0 and sd 1, in the order of the loadings; the
        /// segment's own when absent.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        causes: Vec<String>,
    },
}

/// A stretch of tenure with one hazard.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stretch {
    /// First completed month of tenure in the stretch.
    pub from: u32,
    /// Monthly hazard in the stretch, its median.
    pub hazard: f64,
    /// How far its logarithm moves with each of the causes, which are independent and standard normal; as many in
    /// every stretch.
    pub loadings: Vec<f64>,
}

/// A band of tenure with one hazard.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Band {
    /// First completed month of tenure in the band.
    pub from: u32,
    /// Last completed month of tenure in the band; absent in the last band.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<u32>,
    /// Monthly hazard in the band.
    pub hazard: Quantity,
}

/// Training of new staff: a cost of the company, not of one segment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Training {
    /// People hired a month.
    pub hires_per_month: Quantity,
    /// Hours of training per person hired.
    pub hours_per_hire: Quantity,
    /// Cost of an hour of training, everything included.
    pub loaded_rate: Quantity,
    /// Share of this cost that leaves the ledger with the hours that cause it (φ), as finance has
    /// confirmed it. Absent is unconfirmed: hours avoided count nothing, those added in full.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avoidable: Option<Avoidable>,
}
