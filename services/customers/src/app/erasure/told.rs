//! Erasures as they are told.

use keepworth_contract::customers::{Erasure, ErasureState};
use keepworth_contract::subject::{SignedReceipt, Subject};
use keepworth_intake::Failure;
use keepworth_store::now;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::fan_out::SERVICES;
use crate::store::erasure::ErasureRow;

pub(super) fn read<T: DeserializeOwned>(json: &str) -> Result<T, Failure> {
    serde_json::from_str(json).map_err(Failure::internal)
}

pub(super) fn write(value: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(value).map_err(Failure::internal)
}

impl TryFrom<ErasureRow> for Erasure {
    type Error = Failure;

    fn try_from(row: ErasureRow) -> Result<Self, Failure> {
        let receipts: Vec<SignedReceipt> = read(&row.receipts)?;
        let is_awaited = |it: &&str| !receipts.iter().any(|got| got.receipt.service == **it);
        let outstanding = match row.state.0 {
            ErasureState::InProgress => SERVICES.iter().copied().filter(is_awaited).collect(),
            _ => Vec::new(),
        };
        let subject = row.source.zip(row.external_id);
        Ok(Self {
            id: Some(row.id.0),
            state: row.state.0,
            subject: subject.map(|(source, external_id)| Subject {
                source,
                external_id,
            }),
            counts: read(&row.counts)?,
            is_overdue: !outstanding.is_empty()
                && row.due_at.is_some_and(|due| due < now().naive_utc()),
            outstanding: outstanding.into_iter().map(str::to_owned).collect(),
            receipts,
            last_failure: row.last_failure,
            reason: Some(row.reason),
            requested_by: Some(read(&row.requested_by)?),
            requested_at: row.requested_at.and_utc(),
            confirmed_by: row.confirmed_by.as_deref().map(read).transpose()?,
            confirmed_at: row.confirmed_at.map(|it| it.and_utc()),
            is_self_confirmed: row.is_self_confirmed,
            due_at: row.due_at.map(|it| it.and_utc()),
            ended_at: row.ended_at.map(|it| it.and_utc()),
        })
    }
}
