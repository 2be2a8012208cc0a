//! Answers that are kept, in the service's own database.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use keepworth_store::{Conn, on_conn};

diesel::table! {
    idempotency_keys (key) {
        key -> Text,
        fingerprint -> Binary,
        answer -> Text,
        recorded_at -> Timestamp,
    }
}

/// The answer to a request that was done.
#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = idempotency_keys, treat_none_as_default_value = false)]
pub struct KeptAnswer {
    /// The caller's key.
    pub key: String,
    /// Digest of the request.
    pub fingerprint: Vec<u8>,
    /// The answer's body.
    pub answer: String,
    /// When it was done.
    pub recorded_at: NaiveDateTime,
}

/// The answer kept under a key.
pub fn find(conn: &mut Conn, key: &str) -> QueryResult<Option<KeptAnswer>> {
    on_conn!(conn, |c| idempotency_keys::table
        .find(key)
        .select(KeptAnswer::as_select())
        .first(c)
        .optional())
}

/// Keeps an answer.
pub fn keep(conn: &mut Conn, answer: &KeptAnswer) -> QueryResult<()> {
    on_conn!(conn, |c| diesel::insert_into(idempotency_keys::table)
        .values(answer)
        .execute(c))
    .map(|_| ())
}

/// Forgets what was kept before a time.
pub fn forget(conn: &mut Conn, before: NaiveDateTime) -> QueryResult<()> {
    on_conn!(conn, |c| diesel::delete(
        idempotency_keys::table.filter(idempotency_keys::recorded_at.lt(before))
    )
    .execute(c))
    .map(|_| ())
}
