//! What is known of the company at a date, frozen: plain data that the engine takes from outside.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::flag::Flag;
use crate::scenario::{
    Avoidable, Cause, Channel, CorrelationGroup, Hazard, NamedInput, Quantity, Segment, Training,
};

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
    /// Which customers of a month its money goes by.
    #[serde(default)]
    pub heads: Heads,
    /// Named inputs that figures of segments refer to: what records tell with an error.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub inputs: BTreeMap<String, NamedInput>,
    /// Those of them that move together, because they come from the same records.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub correlations: Vec<CorrelationGroup>,
    /// Training of new staff, when finance knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub training: Option<Training>,
    /// How leaving changes with the calendar, where records tell it; simulated where the scenario asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leaving_calendar: Option<RecordedCalendar>,
    /// The same of the contacts that a customer makes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contacts_calendar: Option<RecordedCalendar>,
    /// The same of the revenue of a customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revenue_calendar: Option<RecordedCalendar>,
    /// Warnings about the records behind the picture, repeated with every result.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quality_flags: Vec<Flag>,
}

/// How hazards, contacts or revenue change with the calendar, as records tell it of all segments that have a
/// [`BaselineSegment::leaving_record`], `contacts_record` or `revenue_record`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedCalendar {
    /// Growth a year.
    pub trend: Quantity,
    /// Factor on month 1, 2, … 12, then from the first again; none where records tell no season.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub season: Option<Vec<f64>>,
}

/// The months in which the hazards of a stretch of tenure were counted: these are their mean, and leaving may have
/// moved while they went by.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeavingRecord {
    /// Completed months of tenure from which it holds, to those of the next.
    pub from: u32,
    /// Its months.
    pub months: Vec<RecordMonth>,
}

/// A month that a figure is from. The month after the date is month 1, the last before it month 0.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordMonth {
    /// Its number, ½ or less: a fraction where the date lies within a month, of which what has passed counts.
    pub at: f64,
    /// Its customer-months.
    pub customer_months: f64,
    /// The season's factor in it, 1 where there is none.
    pub season: f64,
}

/// How customers come, go and count within a month.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Heads {
    /// Those won come at its end, and its money goes by those who are there then.
    #[default]
    MonthEnd,
    /// They come and go through it, evenly: money goes by the mean of those at both ends, which is
    /// what figures per day under observation are multiplied with; those won in it have half of it behind
    /// them at its end; and a tenure of completed months changes its band in the midst of a month.
    ThroughMonth,
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
    pub won_per_month: Quantity,
    /// How customers leave, with the fit's posterior.
    pub hazard: Hazard,
    /// Revenue per active customer-month.
    pub revenue: Quantity,
    /// Share of revenue left after the cost of goods and services sold, at most 1; below 0 is a loss.
    pub gross_margin: Quantity,
    /// Cost to serve per customer-month that does not come from contacts.
    pub overhead: Quantity,
    /// Share of it that is avoidable, where finance has confirmed one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overhead_avoidable: Option<Avoidable>,
    /// Contact channels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<Channel>,
    /// Cost of winning one customer.
    pub acquisition_cost: Quantity,
    /// Share of leaving that experience could remove at all, 0 to 1; absent when not recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub experience_share: Option<Quantity>,
    /// The causes of leaving that experience could remove, with how many are known to have left for each; empty where none
    /// is recorded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<Cause>,
    /// In which months its hazards were counted, by stretch of tenure; none where records tell nothing of the calendar.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leaving_record: Vec<LeavingRecord>,
    /// The months that its contacts are the mean of; none where records tell nothing of the calendar.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contacts_record: Vec<RecordMonth>,
    /// The months that its revenue is the mean of; none where records tell nothing of the calendar.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub revenue_record: Vec<RecordMonth>,
    /// Warnings about the records behind the segment.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quality_flags: Vec<Flag>,
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
            won_per_month: Some(from.won_per_month.clone()),
            hazard: Some(from.hazard.clone()),
            revenue: Some(from.revenue.clone()),
            gross_margin: Some(from.gross_margin.clone()),
            overhead: Some(from.overhead.clone()),
            overhead_avoidable: from.overhead_avoidable.clone(),
            channels: Some(from.channels.clone()),
            acquisition_cost: Some(from.acquisition_cost.clone()),
            experience_share: from.experience_share.clone(),
            causes: (!from.causes.is_empty()).then(|| from.causes.clone()),
            win_back: None,
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
