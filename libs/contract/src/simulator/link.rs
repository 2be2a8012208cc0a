//! Experience links: what an experience has to do with leaving, estimated from the company's own records.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::baseline::FeedReference;
use crate::customers::LeavingCause;
use crate::feed::recorded_day;
use crate::finance::Grade;
use crate::statistic::{Definition, Interval};
use crate::{Flag, Month};

/// What customers lived through, as the records of contacts and answers have it.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    ToSchema,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum LinkExposure {
    /// The last answer to "would you recommend us", 0 to 10.
    Nps,
    /// The last answer on satisfaction, 1 to 5.
    Csat,
    /// The last answer on ease, 1 to 7.
    Ces,
    /// The last stars, 1 to 5.
    Rating,
    /// Contacts in the window.
    Contacts,
    /// Contacts in the window after the first: how often somebody had to come again.
    RepeatContacts,
    /// Contacts in the window that did not settle the matter: dead ends.
    UnresolvedContacts,
    /// Contacts in the window that the customer gave up.
    AbandonedContacts,
}

impl LinkExposure {
    /// Whether it is an answer: unknown of who gave none, where a contact that is not recorded did not happen.
    #[must_use]
    pub fn is_answer(self) -> bool {
        matches!(self, Self::Nps | Self::Csat | Self::Ces | Self::Rating)
    }

    /// Whether records tell it apart by channel.
    #[must_use]
    pub fn has_channels(self) -> bool {
        matches!(self, Self::Contacts | Self::RepeatContacts)
    }

    /// Which way it is expected to work, unless somebody says otherwise.
    #[must_use]
    pub fn usual_direction(self) -> LinkDirection {
        if self.is_answer() {
            LinkDirection::HigherIsBetter
        } else {
            LinkDirection::HigherIsWorse
        }
    }
}

/// Which way an exposure is expected to work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum LinkDirection {
    /// More is better: answers.
    HigherIsBetter,
    /// More is worse: contacts.
    HigherIsWorse,
}

/// What else may explain leaving. Tenure always counts, by bands.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    ToSchema,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum LinkConfounder {
    /// The customer's segment.
    Segment,
    /// How the customer was won.
    AcquisitionChannel,
}

/// What a sceptic believes of one standard deviation of **better** experience: a normal log hazard ratio.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LinkPrior {
    /// Its mean; below 0 where better experience keeps customers.
    #[schema(minimum = -5, maximum = 5, example = -0.1)]
    pub mean: f64,
    /// Its standard deviation.
    #[schema(exclusive_minimum = 0, maximum = 5, example = 0.1)]
    pub sd: f64,
}

/// Which link to estimate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LinkInput {
    /// What customers lived through.
    pub exposure: LinkExposure,
    /// Contacts of this channel alone; only for `CONTACTS` and `REPEAT_CONTACTS`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, min_length = 1, max_length = 64)]
    pub channel: Option<String>,
    /// How many calendar months before the month at risk are looked at.
    #[serde(default = "usual_window")]
    #[schema(minimum = 1, maximum = 24, default = 3)]
    pub window_months: u32,
    /// Months between those and the month at risk: as long as notice is given before leaving, since what happens
    /// after notice is a consequence of it.
    #[serde(default)]
    #[schema(maximum = 12, default = 0)]
    pub notice_months: u32,
    /// What else may explain leaving, beside tenure; `[]` for nothing.
    #[serde(default = "usual_confounders")]
    #[schema(default = json!(["SEGMENT"]))]
    pub confounders: Vec<LinkConfounder>,
    /// Causes of leaving with which experience can have nothing to do: an exposure that tells these departures too
    /// tells something else.
    #[serde(default = "usual_control")]
    #[schema(default = json!(["CIRCUMSTANCE"]))]
    pub control_causes: Vec<LeavingCause>,
    /// The first month at risk that counts; the first with records before it when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub from: Option<Month>,
    /// The last month at risk that counts; that of `as_of` when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub until: Option<Month>,
    /// Which way it is expected to work; more is better for answers and worse for contacts when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub direction: Option<LinkDirection>,
    /// What is believed beforehand; `N(−0.10, 0.10)` when left out, and for NPS `N(0, 0.10)`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub prior: Option<LinkPrior>,
    /// The last day whose facts count; not after today.
    #[serde(deserialize_with = "recorded_day")]
    pub as_of: NaiveDate,
}

fn usual_window() -> u32 {
    3
}

fn usual_confounders() -> Vec<LinkConfounder> {
    vec![LinkConfounder::Segment]
}

fn usual_control() -> Vec<LeavingCause> {
    vec![LeavingCause::Circumstance]
}

/// What may be done with a link.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    ToSchema,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum LinkVerdict {
    /// The records tell an effect from none, and nothing speaks against it.
    Estimated,
    /// The records do not tell an effect from none: a scenario that goes through it moves nothing.
    Null,
    /// There is an estimate whose flags must be read first.
    Warned,
    /// The records forbid an estimate: no scenario can go through it.
    Refused,
}

/// How a link was defined, with everything that was left to the service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LinkDefinition {
    /// The formula and its version.
    pub formula: Definition,
    /// What customers lived through.
    pub exposure: LinkExposure,
    /// The one channel that counts.
    pub channel: Option<String>,
    /// Calendar months before the month at risk that are looked at.
    pub window_months: u32,
    /// Months between those and the month at risk.
    pub notice_months: u32,
    /// What else may explain leaving, beside tenure.
    pub confounders: Vec<LinkConfounder>,
    /// The first tenure month of each band.
    pub tenure_bands: Vec<u32>,
    /// Causes of leaving with which experience can have nothing to do.
    pub control_causes: Vec<LeavingCause>,
    /// The first month at risk that counted.
    pub from: Month,
    /// The last month at risk that counted.
    pub until: Month,
    /// Which way it was expected to work.
    pub direction: LinkDirection,
    /// What was believed beforehand of one standard deviation of better experience.
    pub prior: LinkPrior,
    /// The last day whose facts counted.
    pub as_of: NaiveDate,
}

/// A log hazard ratio.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LinkEstimate {
    /// The estimate; above 0 more of the exposure goes with more leaving.
    pub value: f64,
    /// Its standard error.
    pub se: f64,
    /// Where the truth probably lies, and by which method.
    pub interval: Interval,
}

/// What the records say of the exposure, and how strong that is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LinkCoefficient {
    /// By the records alone, for one standard deviation of the exposure.
    pub association_per_sd: LinkEstimate,
    /// Under the sceptical prior, for one standard deviation.
    pub per_sd: LinkEstimate,
    /// Under the sceptical prior, for one contact or one point more: what scenarios draw.
    pub per_unit: LinkEstimate,
    /// Area that prior and posterior share: near 1 the records said nothing new.
    pub overlap: f64,
    /// How far the records moved the mean, in standard deviations of the prior.
    pub moved: f64,
    /// The risk ratio that something unmeasured would need with both exposure and leaving to explain the estimate
    /// away.
    pub e_value: f64,
    /// The same for the end of the interval nearer to no effect; 1 where that includes it.
    pub e_value_of_limit: f64,
}

/// The association when something that is adjusted for is left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LinkWithout {
    /// What is left out: a confounder, or `all` of them.
    #[schema(example = "segment")]
    pub without: String,
    /// Log hazard ratio for one standard deviation then.
    pub association_per_sd: LinkEstimate,
    /// How far it moved, in standard errors of the full estimate.
    pub shift: f64,
}

/// Whether the exposure tells departures that experience cannot have caused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LinkControl {
    /// Customers who left for such a cause.
    pub customers: u64,
    /// Probability that one of them fared worse than one who stayed; 0.5 where the exposure knows nothing of them.
    pub worse_than_stayers: f64,
    /// Where that probability lies.
    pub interval: Interval,
    /// Whether the interval excludes 0.5: then the link is `WARNED`.
    pub reacts: bool,
}

/// Customers by what they lived through before their last month.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LinkLevel {
    /// Lowest exposure of the group.
    pub low: f64,
    /// Highest exposure of the group.
    pub high: f64,
    /// Customers.
    pub customers: u64,
    /// Of these, who left.
    pub left: u64,
}

/// The exposure in a segment, over customer-months: what turns "10% less" into contacts or points.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LinkSegment {
    /// The segment's key.
    pub segment: String,
    /// Customer-months at risk with a known exposure.
    pub customer_months: u64,
    /// Who left in them.
    pub left: u64,
    /// Mean exposure.
    pub mean: f64,
    /// Its standard deviation.
    pub sd: f64,
}

/// An experience link: what an exposure has to do with leaving, or why the records do not tell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Link {
    /// Identifier; a scenario goes through it by `through = "link/ID"`.
    pub id: Uuid,
    /// How it was defined.
    pub definition: LinkDefinition,
    /// What may be done with it.
    pub verdict: LinkVerdict,
    /// Why, in one sentence.
    pub reason: String,
    /// How far it may be believed: C on own records, D where no effect is shown.
    pub grade: Grade,
    /// Customers whose exposure before their last month at risk is known.
    pub n: u64,
    /// Of these, who left in it.
    pub events: u64,
    /// Customer-months at risk with a known exposure.
    pub customer_months: u64,
    /// Mean exposure over them; null where there are none.
    pub mean: Option<f64>,
    /// Its standard deviation; null where there are none.
    pub sd: Option<f64>,
    /// What the records say; null where they forbid it.
    pub coefficient: Option<LinkCoefficient>,
    /// The association without each confounder.
    pub sensitivity: Vec<LinkWithout>,
    /// Departures that experience cannot have caused; null where there are none.
    pub control: Option<LinkControl>,
    /// Customers and departures by exposure.
    pub levels: Vec<LinkLevel>,
    /// The exposure by segment.
    pub segments: Vec<LinkSegment>,
    /// What must be read before it is used; what refuses or warns comes first.
    pub quality_flags: Vec<Flag>,
    /// SHA-256 of the customer-months as the model saw them, `sha256:` and hexadecimal.
    pub data_hash: String,
    /// The feeds it was made from.
    pub sources: Vec<FeedReference>,
    /// When it was estimated.
    pub created_at: DateTime<Utc>,
}

/// A link without its evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LinkSummary {
    /// Identifier.
    pub id: Uuid,
    /// What customers lived through.
    pub exposure: LinkExposure,
    /// What may be done with it.
    pub verdict: LinkVerdict,
    /// Why, in one sentence.
    pub reason: String,
    /// The last day whose facts counted.
    pub as_of: NaiveDate,
    /// When it was estimated.
    pub created_at: DateTime<Utc>,
}

crate::page::list_query! {
    /// Which links.
    LinkQuery {
        /// Only links of this exposure.
        exposure: Option<LinkExposure>,
        /// Only links of this verdict.
        verdict: Option<LinkVerdict>,
        /// Only what was made at or after this time (RFC 3339).
        #[param(value_type = Option<String>, format = DateTime, example = "2025-10-15T00:00:00Z")]
        created_since: Option<DateTime<Utc>>,
    }
}
