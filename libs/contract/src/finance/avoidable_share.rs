//! Which share of a cost would not be spent otherwise.

use crate::Month;
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A confirmed share.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AvoidableShare {
    /// Identifier.
    pub id: Uuid,
    /// What was confirmed.
    #[serde(flatten)]
    pub confirmed: AvoidableShareInput,
    /// When it was written.
    pub recorded_at: DateTime<Utc>,
}

/// Every share that was confirmed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AvoidableShareList {
    /// In the order in which they were confirmed.
    pub items: Vec<AvoidableShare>,
}

/// A share that finance confirms.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AvoidableShareInput {
    /// Of which cost.
    pub component: MaintenanceComponent,
    /// Of this segment only; of all when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, min_length = 1, max_length = 128)]
    pub segment: Option<String>,
    /// Of this channel only, for `CONSUMPTION`; of all when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, min_length = 1, max_length = 64)]
    pub channel: Option<String>,
    /// The month from which it holds; not a closed one.
    pub effective_from: Month,
    /// A decimal string between 0 and 1 with at most 4 decimals.
    #[serde(with = "rust_decimal::serde::str")]
    #[schema(value_type = String, example = "0.35")]
    pub share: Decimal,
    /// Who confirms it, and why.
    #[schema(min_length = 1, max_length = 1000)]
    pub reason: String,
}

/// What maintenance money goes to. Lines that are also cost of goods sold belong there or here,
/// never in both.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
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
pub enum MaintenanceComponent {
    /// The allocated part of what service costs regardless of use.
    Overhead,
    /// Contacts, by the minute.
    Consumption,
    /// Training of those who serve.
    Training,
    /// Account management and customer success.
    AccountManagement,
    /// Marketing to customers.
    RetentionMarketing,
    /// Loyalty rewards.
    Loyalty,
    /// Billing and collections.
    Billing,
    /// Running the experience programme.
    Programme,
}
