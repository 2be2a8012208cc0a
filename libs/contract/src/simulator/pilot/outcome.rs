//! What a pilot is to change.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::simulator::EvidenceLever;

/// What a pilot is to change.
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
pub enum PilotOutcome {
    /// Leaving, per month under observation: evidence of the lever `HAZARD`.
    Leaving,
    /// Contacts per customer-month: evidence of the lever `CONTACTS`.
    Contacts,
    /// Minutes of an employee's time per contact, over all contacts of an arm: evidence of the lever `MINUTES`.
    Minutes,
    /// Revenue per customer-month, of months in which a customer was under observation: evidence of the lever `ARPU`.
    Revenue,
    /// The mean of a score over all that customers gave, of several in a month the last. It can be read, and is no
    /// evidence: a score pays nothing by itself.
    Score,
}

impl PilotOutcome {
    /// The lever that evidence of it moves; none of scores.
    #[must_use]
    pub fn lever(self) -> Option<EvidenceLever> {
        match self {
            Self::Leaving => Some(EvidenceLever::Hazard),
            Self::Contacts => Some(EvidenceLever::Contacts),
            Self::Minutes => Some(EvidenceLever::Minutes),
            Self::Revenue => Some(EvidenceLever::Arpu),
            Self::Score => None,
        }
    }

    /// Whether it is counted by calendar months: then a pilot of it has whole ones.
    #[must_use]
    pub fn is_by_months(self) -> bool {
        self != Self::Leaving
    }

    /// Whether more of it is better.
    #[must_use]
    pub fn is_to_rise(self) -> bool {
        matches!(self, Self::Revenue | Self::Score)
    }
}
