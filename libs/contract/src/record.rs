//! The records that come in by batch, one type per kind.
//!
//! Every record names its `source` (the system it comes from) and its `external_id` there; both
//! together are its identity, so that sending it again changes nothing. Records about a customer
//! name the customer the same way; `customer_source` may be left out when it equals `source`.

mod campaign;
mod finance;

pub use campaign::NewCampaignTouch;
pub use finance::{
    Basis, CostCategory, CostComponent, NewLedgerEntry, NewRevenue, ProgrammeLine, RevenueKind,
};

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A record that comes in by batch: the same source and id there are the same record.
pub trait Record: Serialize {
    /// The system that it comes from.
    fn source(&self) -> &str;
    /// Its id in that system.
    fn external_id(&self) -> &str;
}

macro_rules! record {
    ($($record:ty),* $(,)?) => {
        $(impl Record for $record {
            fn source(&self) -> &str {
                &self.source
            }

            fn external_id(&self) -> &str {
                &self.external_id
            }
        })*
    };
}

record!(
    NewCustomer,
    NewLifecycleEvent,
    NewFeedback,
    NewInteraction,
    NewRevenue,
    NewLedgerEntry,
    NewCampaignTouch,
);

/// A customer: a person or organisation that can leave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCustomer {
    /// The system that the record comes from.
    #[schema(min_length = 1, max_length = 64, example = "crm")]
    pub source: String,
    /// The customer's id in that system.
    #[schema(min_length = 1, max_length = 128, example = "0002-ORFBO")]
    pub external_id: String,
    /// Key of a registered segment.
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
    pub acquisition_channel: Option<String>,
    /// First day on which leaving would have been recorded; `acquired_on` when left out. People
    /// enter the risk set here, not when they became customers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_from: Option<NaiveDate>,
    /// Last day on which leaving would have been recorded; open when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_to: Option<NaiveDate>,
    /// The last day as a customer, when they left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_on: Option<NaiveDate>,
    /// Why they left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leaving_cause: Option<LeavingCause>,
}

/// Why a customer left.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
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
    /// Every cause, in the order of the wire.
    pub const ALL: [Self; 7] = [
        Self::Attitude,
        Self::Dissatisfaction,
        Self::Effort,
        Self::Price,
        Self::Competitor,
        Self::Circumstance,
        Self::Other,
    ];

    /// Whether a better experience could have removed it at all: the ceiling of any programme.
    #[must_use]
    pub fn is_experience(self) -> bool {
        matches!(self, Self::Attitude | Self::Dissatisfaction | Self::Effort)
    }

    /// Its name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Attitude => "ATTITUDE",
            Self::Dissatisfaction => "DISSATISFACTION",
            Self::Effort => "EFFORT",
            Self::Price => "PRICE",
            Self::Competitor => "COMPETITOR",
            Self::Circumstance => "CIRCUMSTANCE",
            Self::Other => "OTHER",
        }
    }

    /// The cause of a [`name`](Self::name).
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.name() == name)
    }
}

/// Something that happened in a customer's life with the company. `LEFT` also ends the customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLifecycleEvent {
    /// The system that the record comes from.
    #[schema(min_length = 1, max_length = 64)]
    pub source: String,
    /// The event's id in that system.
    #[schema(min_length = 1, max_length = 128)]
    pub external_id: String,
    /// The system that knows the customer; `source` when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_source: Option<String>,
    /// The customer's id there.
    #[schema(min_length = 1, max_length = 128)]
    pub customer_external_id: String,
    /// What happened.
    pub kind: LifecycleKind,
    /// The day it happened; for `LEFT` the last day as a customer.
    pub occurred_on: NaiveDate,
    /// Why, for `LEFT`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<LeavingCause>,
    /// In the source's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// Kinds of lifecycle events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum LifecycleKind {
    /// First use after the sale.
    Onboarded,
    /// A contract was renewed.
    Renewed,
    /// More or dearer.
    Upgraded,
    /// Less or cheaper.
    Downgraded,
    /// Notice to leave was given.
    NoticeGiven,
    /// Left.
    Left,
}

/// What a customer answered when asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewFeedback {
    /// The system that the record comes from.
    #[schema(min_length = 1, max_length = 64)]
    pub source: String,
    /// The answer's id in that system.
    #[schema(min_length = 1, max_length = 128)]
    pub external_id: String,
    /// The system that knows the customer; `source` when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_source: Option<String>,
    /// The customer's id there.
    #[schema(min_length = 1, max_length = 128)]
    pub customer_external_id: String,
    /// What was asked.
    pub kind: FeedbackKind,
    /// The answer, on the kind's scale.
    pub score: i32,
    /// When it was answered.
    pub responded_at: DateTime<Utc>,
    /// Where in the journey.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<String>,
    /// By which channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
}

/// Questions with a fixed scale.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FeedbackKind {
    /// Likelihood to recommend, 0 to 10.
    Nps,
    /// Satisfaction, 1 to 5.
    Csat,
    /// "Made it easy", 1 (disagree) to 7 (agree).
    Ces,
    /// Stars, 1 to 5.
    Rating,
}

impl FeedbackKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Nps, Self::Csat, Self::Ces, Self::Rating];

    /// Lowest and highest score.
    #[must_use]
    pub fn scale(self) -> (i32, i32) {
        match self {
            Self::Nps => (0, 10),
            Self::Csat | Self::Rating => (1, 5),
            Self::Ces => (1, 7),
        }
    }

    /// Its name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Nps => "NPS",
            Self::Csat => "CSAT",
            Self::Ces => "CES",
            Self::Rating => "RATING",
        }
    }

    /// The kind of a [`name`](Self::name).
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A contact between a customer and the company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewInteraction {
    /// The system that the record comes from.
    #[schema(min_length = 1, max_length = 64)]
    pub source: String,
    /// The contact's id in that system.
    #[schema(min_length = 1, max_length = 128)]
    pub external_id: String,
    /// The system that knows the customer; `source` when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_source: Option<String>,
    /// The customer's id there.
    #[schema(min_length = 1, max_length = 128)]
    pub customer_external_id: String,
    /// By which channel.
    #[schema(min_length = 1, max_length = 64, example = "phone")]
    pub channel: String,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// Seconds of an employee's time: talk, hold and wrap-up.
    #[schema(minimum = 0)]
    pub handle_seconds: i64,
    /// What came of it.
    pub outcome: Outcome,
    /// Where in the journey.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<String>,
    /// What it was about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue: Option<String>,
}

/// What came of a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Outcome {
    /// The customer's matter was settled.
    Resolved,
    /// It was not.
    Unresolved,
    /// The customer gave up before an employee answered.
    Abandoned,
}

impl Outcome {
    /// Its name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Resolved => "RESOLVED",
            Self::Unresolved => "UNRESOLVED",
            Self::Abandoned => "ABANDONED",
        }
    }
}
