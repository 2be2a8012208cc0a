//! What was done, by whom, when and why.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{Page, SequenceQuery};

/// Something that was done: an entry of the service's chain. It holds no value of what was changed.
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
    /// How they were recognised: `socket`, `token`, `machine_token`, `session` or `nothing`.
    pub via: String,
    /// By which token of theirs, where the service keeps it.
    pub token: Option<Uuid>,
    /// The permission that it took.
    pub permission: String,
    /// Which operation, on what; for long work, which job.
    #[schema(example = "PUT /v1/accounts/6000")]
    pub operation: String,
    /// Why, where the caller said so (`Keepworth-Reason`).
    pub reason: Option<String>,
    /// The request that it was done under.
    pub request_id: Option<String>,
    /// SHA-256 of what was sent, in hexadecimal digits.
    pub content: Option<String>,
    /// The hash of the chain up to this entry, in hexadecimal digits.
    pub hash: String,
}

/// A page of entries, in the order of the chain.
pub type AuditEntryPage = Page<AuditEntry>;

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
