//! Tokens for programs: what opens a service for a script, a pipeline, another system.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A token that is to be made. It can do no more than who makes it, however that changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TokenInput {
    /// What it is for; no other token of its owner's has the name.
    #[schema(min_length = 1, max_length = 100, example = "nightly import")]
    pub name: String,
    /// What it is good for: permissions that its owner has, and none of those about tokens.
    #[schema(min_items = 1, example = json!(["records:import"]))]
    pub permissions: Vec<String>,
    /// For how many days from now on it holds.
    #[schema(minimum = 1, maximum = 366)]
    pub days: u32,
    /// SHA-256, in hexadecimal digits, of a token that another service made, which shall open this one too. Else
    /// a new one is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(
        nullable = false,
        min_length = 64,
        max_length = 64,
        pattern = "^[0-9a-f]{64}$"
    )]
    pub sha256: Option<String>,
}

/// A new text for a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TokenRotation {
    /// For how many days from now on the new one holds.
    #[schema(minimum = 1, maximum = 366)]
    pub days: u32,
    /// As in making a token: SHA-256 of the new one, where another service made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(
        nullable = false,
        min_length = 64,
        max_length = 64,
        pattern = "^[0-9a-f]{64}$"
    )]
    pub sha256: Option<String>,
}

/// A token, without what opens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Token {
    /// Identifier, which the audit names.
    pub id: Uuid,
    /// What it is for.
    pub name: String,
    /// Who vouched for its owner.
    pub owner_issuer: String,
    /// Its owner, by the issuer's name.
    pub owner_subject: String,
    /// What it was made for.
    pub permissions: Vec<String>,
    /// What it can do now: of those, the ones that its owner has by the roles that the service last saw.
    pub effective_permissions: Vec<String>,
    /// Until when it holds.
    pub expires_at: DateTime<Utc>,
    /// The day (UTC) on which it was last used; none of one that never was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub last_used_on: Option<NaiveDate>,
    /// Until when the one before it holds too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub old_until: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// A token with what opens, which is shown this once.
///
/// (Whoever can print it can log it: it has no `Debug`.)
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct TokenWithSecret {
    /// The token.
    pub token: Token,
    /// `kwp_`, 43 random letters and digits, and a checksum of 6: sent as `Authorization: Bearer …`. None where
    /// another service made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub secret: Option<String>,
}

/// A page of a list.
pub type TokenPage = crate::Page<Token>;
