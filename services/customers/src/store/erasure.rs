//! Erasures.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use keepworth_contract::customers::ErasureState;
use keepworth_store::{Conn, Named, RecordId, on_conn};

diesel::table! {
    /// Erasures of customers, in every service.
    erasures (id) {
        id -> Text,
        state -> Text,
        source -> Nullable<Text>,
        external_id -> Nullable<Text>,
        reason -> Text,
        requested_by -> Text,
        requested_at -> Timestamp,
        confirmed_by -> Nullable<Text>,
        confirmed_at -> Nullable<Timestamp>,
        is_self_confirmed -> Bool,
        known_since -> Nullable<Timestamp>,
        observed_from -> Nullable<Date>,
        counts -> Text,
        receipts -> Text,
        attempts -> Integer,
        last_failure -> Nullable<Text>,
        due_at -> Nullable<Timestamp>,
        ended_at -> Nullable<Timestamp>,
    }
}

/// How an erasure stands, as stored.
pub type State = Named<ErasureState, erasures::table>;

/// An erasure as stored.
#[derive(Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = erasures, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct ErasureRow {
    /// Identifier.
    pub id: RecordId,
    /// How it stands.
    pub state: State,
    /// The system that knows the customer, while it is not over.
    pub source: Option<String>,
    /// The customer's id there.
    pub external_id: Option<String>,
    /// Why.
    pub reason: String,
    /// Who asked for it, as JSON.
    pub requested_by: String,
    /// When.
    pub requested_at: NaiveDateTime,
    /// Who confirmed it, as JSON.
    pub confirmed_by: Option<String>,
    /// When.
    pub confirmed_at: Option<NaiveDateTime>,
    /// Whether both are one.
    pub is_self_confirmed: bool,
    /// When the customer was recorded first.
    pub known_since: Option<NaiveDateTime>,
    /// The first day that they were under observation.
    pub observed_from: Option<NaiveDate>,
    /// What each service would erase, as JSON.
    pub counts: String,
    /// What each service erased, signed, as JSON.
    pub receipts: String,
    /// How often services were asked that did not answer.
    pub attempts: i32,
    /// Why they did not, the last time.
    pub last_failure: Option<String>,
    /// Until when receipts should be there.
    pub due_at: Option<NaiveDateTime>,
    /// When it was over.
    pub ended_at: Option<NaiveDateTime>,
}

/// Keeps an erasure.
///
/// # Errors
/// What the database answers.
pub fn insert(conn: &mut Conn, row: &ErasureRow) -> QueryResult<()> {
    on_conn!(conn, |c| diesel::insert_into(erasures::table)
        .values(row)
        .execute(c))
    .map(|_| ())
}

/// Replaces an erasure.
///
/// # Errors
/// What the database answers.
pub fn update(conn: &mut Conn, row: &ErasureRow) -> QueryResult<()> {
    on_conn!(conn, |c| diesel::update(erasures::table.find(row.id))
        .set(row)
        .execute(c))
    .map(|_| ())
}

/// One erasure.
///
/// # Errors
/// What the database answers.
pub fn find(conn: &mut Conn, id: RecordId) -> QueryResult<Option<ErasureRow>> {
    on_conn!(conn, |c| erasures::table
        .find(id)
        .select(ErasureRow::as_select())
        .first(c)
        .optional())
}

/// The same, which nobody else changes until the transaction ends.
///
/// # Errors
/// What the database answers.
pub fn find_locked(conn: &mut Conn, id: RecordId) -> QueryResult<Option<ErasureRow>> {
    conn.lock_source("erasures", &id.to_string())?;
    find(conn, id)
}

/// The erasure of a customer that is not over.
///
/// # Errors
/// What the database answers.
pub fn find_open(
    conn: &mut Conn,
    source: &str,
    external_id: &str,
) -> QueryResult<Option<RecordId>> {
    on_conn!(conn, |c| erasures::table
        .filter(erasures::source.eq(source))
        .filter(erasures::external_id.eq(external_id))
        .select(erasures::id)
        .first(c)
        .optional())
}

/// Erasures that services are waited for.
///
/// # Errors
/// What the database answers.
pub fn in_progress(conn: &mut Conn) -> QueryResult<Vec<RecordId>> {
    on_conn!(conn, |c| erasures::table
        .filter(erasures::state.eq(State::new(ErasureState::InProgress)))
        .select(erasures::id)
        .load(c))
}

/// Erasures with an id greater than `after`, in the order of their making.
///
/// # Errors
/// What the database answers.
pub fn list(conn: &mut Conn, after: RecordId, limit: i64) -> QueryResult<Vec<ErasureRow>> {
    on_conn!(conn, |c| erasures::table
        .filter(erasures::id.gt(after))
        .order(erasures::id)
        .limit(limit)
        .select(ErasureRow::as_select())
        .load(c))
}
