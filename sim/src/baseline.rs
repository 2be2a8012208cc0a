//! What is known of the company at a date, frozen: plain data that the engine takes from outside.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::scenario::{Channel, Hazard, Segment, Training};

/// A frozen picture of the company, by segment, that scenarios stand on.
///
/// Whoever builds it from records keeps the provenance of each figure; the engine needs the
/// figures, their uncertainty and the flags that results must carry on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    /// Date of the picture, `YYYY-MM-DD`.
    pub as_of: String,
    /// ISO 4217 code of every amount.
    pub currency: String,
    /// Segments, each a part of the customers that no other holds.
    pub segments: Vec<BaselineSegment>,
    /// Training of new staff, when finance knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub training: Option<Training>,
    /// Warnings about the records behind the picture, repeated with every result.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quality_flags: Vec<String>,
}

/// One segment of a baseline. Money is per customer-month unless said otherwise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BaselineSegment {
    /// Name, as scenarios refer to it.
    pub name: String,
    /// Customers at the date by completed months of tenure, from 0; the last entry is "and more".
    pub customers_by_tenure: Vec<f64>,
    /// New customers a month.
    pub won_per_month: f64,
    /// How customers leave, with the fit's posterior.
    pub hazard: Hazard,
    /// Revenue per active customer-month.
    pub revenue: f64,
    /// Share of revenue left after the cost of goods and services sold, 0 to 1.
    pub gross_margin: f64,
    /// Cost to serve per customer-month that does not come from contacts.
    pub overhead: f64,
    /// Contact channels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<Channel>,
    /// Cost of winning one customer.
    pub acquisition_cost: f64,
    /// Share of leaving that experience could remove at all, 0 to 1; absent when not recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub experience_share: Option<f64>,
    /// Warnings about the records behind the segment.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quality_flags: Vec<String>,
}

impl Baseline {
    /// SHA-256 of the baseline's canonical JSON, in hexadecimal.
    pub fn hash(&self) -> String {
        hash_of(self)
    }
}

impl From<&BaselineSegment> for Segment {
    fn from(from: &BaselineSegment) -> Self {
        Self {
            name: from.name.clone(),
            customers: None,
            customers_by_tenure: Some(from.customers_by_tenure.clone()),
            won_per_month: Some(from.won_per_month.into()),
            hazard: Some(from.hazard.clone()),
            revenue: Some(from.revenue.into()),
            gross_margin: Some(from.gross_margin.into()),
            overhead: Some(from.overhead.into()),
            channels: Some(from.channels.clone()),
            acquisition_cost: Some(from.acquisition_cost.into()),
            experience_share: from.experience_share,
        }
    }
}

/// SHA-256 of a value's JSON: fields in the order of the type, maps in key order.
pub(crate) fn hash_of(value: &impl Serialize) -> String {
    let json = serde_json::to_vec(value).expect("plain data with string keys has a JSON form");
    Sha256::digest(json)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
