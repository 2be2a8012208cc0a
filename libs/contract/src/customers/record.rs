//! Customers, and what happened in their lives with the company.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A customer: a person or organisation that can leave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CustomerInput {
    /// The system that the record comes from.
    #[schema(min_length = 1, max_length = 64, example = "crm")]
    pub source: String,
    /// The customer's id in that system.
    #[schema(min_length = 1, max_length = 128, example = "0002-ORFBO")]
    pub external_id: String,
    /// Key of the registered segment in which they are now. Another one than before counts as a move on the day on which
    /// it is seen; events of kind `MOVED` say when it was.
    #[schema(
        min_length = 1,
        max_length = 128,
        example = "month-to-month / fiber optic"
    )]
    pub segment: String,
    /// The day they became a customer.
    pub acquired_on: NaiveDate,
    /// How they were won.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub acquisition_channel: Option<String>,
    /// First day on which leaving would have been recorded; `acquired_on` when left out. People
    /// enter the risk set here, not when they became customers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub observed_from: Option<NaiveDate>,
    /// Last day on which leaving would have been recorded; open when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub observed_to: Option<NaiveDate>,
    /// The last day as a customer, when they left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub left_on: Option<NaiveDate>,
    /// Why they left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub leaving_cause: Option<LeavingCause>,
}

/// Why a customer left.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
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
pub enum LeavingCause {
    /// How they were treated by people.
    Attitude,
    /// The product or service disappointed.
    Dissatisfaction,
    /// It was too hard to get things done.
    Effort,
    /// Price.
    Price,
    /// A competitor's offer.
    Competitor,
    /// Moved, died, went out of business.
    Circumstance,
    /// Another reason, known and none of these; a cause that nobody recorded is left out instead.
    Other,
}

impl LeavingCause {
    /// Whether a better experience could have removed it at all: the ceiling of any programme.
    #[must_use]
    pub fn is_experience(self) -> bool {
        matches!(self, Self::Attitude | Self::Dissatisfaction | Self::Effort)
    }
}

/// Something that happened in a customer's life with the company. `LEFT` also ends the customer, `MOVED` also says in
/// which segment they are since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LifecycleEventInput {
    /// The system that the record comes from.
    #[schema(min_length = 1, max_length = 64)]
    pub source: String,
    /// The event's id in that system.
    #[schema(min_length = 1, max_length = 128)]
    pub external_id: String,
    /// The system that knows the customer; `source` when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub customer_source: Option<String>,
    /// The customer's id there.
    #[schema(min_length = 1, max_length = 128)]
    pub customer_external_id: String,
    /// What happened.
    pub kind: LifecycleKind,
    /// The day it happened; for `LEFT` the last day as a customer, for `MOVED` the first one in the segment.
    pub occurred_on: NaiveDate,
    /// Why, for `LEFT`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub cause: Option<LeavingCause>,
    /// Key of the registered segment in which the customer is from this day on, for `MOVED`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, min_length = 1, max_length = 128)]
    pub segment: Option<String>,
    /// Key of the registered segment that they moved from, for `MOVED`, where it is known: of their first move it says
    /// where they were before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, min_length = 1, max_length = 128)]
    pub from_segment: Option<String>,
    /// In the source's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub detail: Option<String>,
}

/// Kinds of lifecycle events.
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
pub enum LifecycleKind {
    /// First use after the sale.
    Onboarded,
    /// A contract was renewed.
    Renewed,
    /// More or dearer.
    Upgraded,
    /// Less or cheaper.
    Downgraded,
    /// Into another segment.
    Moved,
    /// Notice to leave was given.
    NoticeGiven,
    /// Left.
    Left,
}
