//! What was done, by whom, when and why.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{Page, SequenceQuery};

/// Something that was done, read or refused: an entry of the service's chain. It holds no value of what was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditEntry {
    /// Its number in the chain, from 1 on, without a gap.
    #[schema(minimum = 1)]
    pub seq: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// Who vouched for who did it: an identity provider, or `local` for the machine.
    pub issuer: String,
    /// Who did it, by the issuer's name.
    pub subject: String,
    /// How they were recognised: `socket`, `token`, `machine_token`, `session`, `database` (on the command line) or
    /// `nothing`.
    pub via: String,
    /// By which token of theirs, where the service keeps it.
    pub token: Option<Uuid>,
    /// The permission that it took; null of a refusal before that was asked for, such as of a wrong token.
    pub permission: Option<String>,
    /// What came of it.
    #[serde(default)]
    pub outcome: AuditOutcome,
    /// Of what was read or refused, how often; more of the same within a minute is counted.
    pub count: Option<u64>,
    /// Which operation, on what; for long work, which job. Of what was counted, the first.
    #[schema(example = "PUT /v1/accounts/6000")]
    pub operation: String,
    /// Why, where the caller said so (`Keepworth-Reason`).
    pub reason: Option<String>,
    /// The request that it was done under.
    pub request_id: Option<String>,
    /// SHA-256 of what was sent, in hexadecimal digits.
    pub content: Option<String>,
    /// How many records were sent, of a batch.
    pub rows: Option<u64>,
    /// SHA-256 of the one record that was written, as it was before; null where there was none, or many.
    pub before: Option<String>,
    /// The same as it is since.
    pub after: Option<String>,
    /// The hash of the chain up to this entry, in hexadecimal digits.
    pub hash: String,
}

/// What came of something that is in the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuditOutcome {
    /// Something was changed.
    #[default]
    Done,
    /// Records of many, or the record itself, were read.
    Read,
    /// It was refused.
    Refused,
}

/// A page of entries, in the order of the chain.
pub type AuditEntryPage = Page<AuditEntry>;

/// Where a service's chain ended at a moment, signed by the service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditHead {
    /// Whose chain.
    #[schema(example = "finance")]
    pub service: String,
    /// The number of its last entry; 0 of an empty one.
    #[schema(minimum = 0)]
    pub seq: i64,
    /// The hash of its last entry, in hexadecimal digits; nothing of an empty one.
    pub hash: String,
    /// When.
    pub at: DateTime<Utc>,
    /// The public key (Ed25519) that it is signed with, as base64url.
    pub key: String,
    /// Keys that were in use before, the latest first; each vouches for the one after it.
    pub earlier_keys: Vec<String>,
    /// The whole as one text with its signature, as it stands in logs: what is kept elsewhere.
    pub head: String,
}

/// A signed head to keep.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditHeadInput {
    /// Its text, `keepworth-head-1/…`.
    #[schema(min_length = 1, max_length = 10_000)]
    pub head: String,
}

/// Which entries.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct AuditQuery {
    /// Items per page, 1 or more (default 50; more than 1,000 is cut to 1,000).
    #[param(minimum = 1, example = 50)]
    pub page_size: Option<i64>,
    /// `next_cursor` of the page before; leave out for the first page.
    pub cursor: Option<String>,
    /// Only what was done by this subject.
    pub subject: Option<String>,
    /// Only what took this permission, such as `books:write`.
    pub permission: Option<String>,
    /// Only what was done at this moment or after it.
    pub since: Option<DateTime<Utc>>,
}

impl AuditQuery {
    /// The part that says which page.
    #[must_use]
    pub fn page(&self) -> SequenceQuery {
        SequenceQuery {
            page_size: self.page_size,
            cursor: self.cursor.clone(),
        }
    }
}
