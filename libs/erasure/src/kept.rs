//! Receipts that were given: asked again, a service answers the same. They do not say of whom.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use keepworth_store::{Conn, RecordId, on_conn};

diesel::table! {
    subject_receipts (erasure_id) {
        erasure_id -> Text,
        receipt -> Text,
        recorded_at -> Timestamp,
    }
}

/// The receipt of an erasure, as JSON.
pub(crate) fn find(conn: &mut Conn, erasure_id: RecordId) -> QueryResult<Option<String>> {
    on_conn!(conn, |c| subject_receipts::table
        .find(erasure_id)
        .select(subject_receipts::receipt)
        .first(c)
        .optional())
}

/// Keeps a receipt.
pub(crate) fn insert(
    conn: &mut Conn,
    erasure_id: RecordId,
    receipt: &str,
    now: NaiveDateTime,
) -> QueryResult<()> {
    on_conn!(conn, |c| diesel::insert_into(subject_receipts::table)
        .values((
            subject_receipts::erasure_id.eq(erasure_id),
            subject_receipts::receipt.eq(receipt),
            subject_receipts::recorded_at.eq(now),
        ))
        .execute(c))
    .map(|_| ())
}
