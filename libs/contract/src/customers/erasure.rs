//! Erasures of customers, in every service.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::subject::{Receipt, SignedReceipt, Subject};

/// Who is to be erased.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ErasureInput {
    /// The customer.
    pub subject: Subject,
    /// Count what would be erased, and keep nothing of the question.
    #[serde(default)]
    #[schema(default = false)]
    pub dry_run: bool,
}

/// How an erasure stands.
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
pub enum ErasureState {
    /// It was counted, and nothing more.
    Counted,
    /// A second person has to confirm it.
    AwaitingConfirmation,
    /// Services are at it, or are waited for.
    InProgress,
    /// Every service gave its receipt.
    Done,
    /// It was called off before it was confirmed.
    Cancelled,
}

/// Somebody, as an issuer names them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Person {
    /// Who vouched for them: an identity provider, or `local` for the machine.
    pub issuer: String,
    /// Who they are, by the issuer's name.
    pub subject: String,
}

/// The erasure of a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Erasure {
    /// Identifier; a count has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub id: Option<Uuid>,
    /// How it stands.
    pub state: ErasureState,
    /// The customer, as long as it is not over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub subject: Option<Subject>,
    /// What each service would erase, as it was counted when it was asked for.
    pub counts: Vec<Receipt>,
    /// What each service erased.
    pub receipts: Vec<SignedReceipt>,
    /// Services that have not given their receipt yet.
    pub outstanding: Vec<String>,
    /// Why services are still waited for, as of the last attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub last_failure: Option<String>,
    /// Why it is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub reason: Option<String>,
    /// Who asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub requested_by: Option<Person>,
    /// When it was asked for.
    pub requested_at: DateTime<Utc>,
    /// Who confirmed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub confirmed_by: Option<Person>,
    /// When it was confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub confirmed_at: Option<DateTime<Utc>>,
    /// Whether who confirmed it had asked for it: on one machine there is nobody else.
    pub is_self_confirmed: bool,
    /// Until when every receipt should be there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub due_at: Option<DateTime<Utc>>,
    /// Whether that time has passed and a receipt is missing.
    pub is_overdue: bool,
    /// When the last receipt came, or when it was called off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub ended_at: Option<DateTime<Utc>>,
}

/// A page of a list.
pub type ErasurePage = crate::Page<Erasure>;
