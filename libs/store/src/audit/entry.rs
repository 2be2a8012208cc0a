//! What an entry says.

use chrono::{DateTime, SecondsFormat, Utc};
use keepworth_access::{Act, Permission, RequestIds, Via};
use serde::Serialize;
use uuid::Uuid;

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Something was changed.
    Done,
    /// Records of many, or the record itself, were read.
    Read,
    /// It was refused.
    Refused,
}

/// Something that changed nothing, and is in the record all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Who vouches for who did it.
    pub issuer: String,
    /// Who did it, by the issuer's name.
    pub subject: String,
    /// How they were recognised.
    pub via: Via,
    /// The permission that it took, where that is known.
    pub permission: Option<Permission>,
    /// Which operation.
    pub operation: String,
    /// What came of it.
    pub outcome: Outcome,
    /// How often.
    pub count: u64,
}

#[derive(Serialize)]
pub(super) struct Entry<'a> {
    at: String,
    issuer: &'a str,
    subject: &'a str,
    via: Via,
    /// By which token, where the service keeps it.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    permission: Option<Permission>,
    operation: &'a str,
    outcome: Outcome,
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    /// SHA-256 of what was sent, and of how many rows that is.
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<usize>,
    /// SHA-256 of the one record that was written, as it was, and as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
}

fn written(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

impl<'a> Entry<'a> {
    /// Of a change that an act makes; none where nobody ordered it.
    pub(super) fn of_act(act: &'a Act, at: DateTime<Utc>) -> Option<Self> {
        let permission = act.permission()?;
        // A digest of one person would tell who guesses the person that they guessed right.
        let is_of_many = !permission.is_of_one_person();
        let change = Some(act.take_change()).filter(|_| is_of_many);
        let change = change.unwrap_or_default();
        Some(Self {
            at: written(at),
            issuer: &act.caller().issuer,
            subject: &act.caller().subject,
            via: act.caller().via,
            token: act.caller().token(),
            permission: Some(permission),
            operation: act.operation(),
            outcome: Outcome::Done,
            count: None,
            reason: act.reason(),
            request_id: RequestIds::current().map(|ids| ids.request),
            content: act.content().filter(|_| is_of_many),
            rows: act.rows(),
            before: change.before,
            after: change.after,
        })
    }

    pub(super) fn of_notice(notice: &'a Notice, at: DateTime<Utc>) -> Self {
        Self {
            at: written(at),
            issuer: &notice.issuer,
            subject: &notice.subject,
            via: notice.via,
            token: None,
            permission: notice.permission,
            operation: &notice.operation,
            outcome: notice.outcome,
            count: Some(notice.count),
            reason: None,
            request_id: None,
            content: None,
            rows: None,
            before: None,
            after: None,
        }
    }
}
