//! Pilots, who is in them, and every look at them.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use keepworth_contract::Word;
use keepworth_contract::feed::CustomerKey;
use keepworth_contract::simulator::{PilotOutcome, PilotQuery};
use keepworth_contract::subject::Subject;
use keepworth_store::{Conn, Named, PageRows, Place, RecordId, on_conn, page_rows};
use serde::Serialize;

use super::{pilot_customers, pilot_readings, pilots};

/// Customers that one statement writes: SQLite takes 32,766 parameters.
const AT_ONCE: usize = 1_000;

/// A pilot as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = pilots)]
pub struct PilotRow {
    /// Identifier.
    pub id: RecordId,
    /// Names it.
    pub key: String,
    /// What it is to change.
    pub outcome: Named<PilotOutcome, pilots::table>,
    /// The plan, as JSON.
    pub design: String,
    /// When its arms were named.
    pub recorded_at: NaiveDateTime,
}

/// A customer of an arm, as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = pilot_customers)]
pub struct MemberRow {
    /// The pilot.
    pub pilot_id: RecordId,
    /// The system that knows the customer.
    pub source: String,
    /// The customer's id there.
    pub external_id: String,
    /// Whether they are treated.
    pub is_treated: bool,
    /// In which wave, from 0; none in a pilot without waves.
    pub wave: Option<i32>,
}

/// A look at a pilot, as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = pilot_readings)]
pub struct ReadingRow {
    /// Identifier.
    pub id: RecordId,
    /// The pilot.
    pub pilot_id: RecordId,
    /// What it found, as JSON.
    pub reading: String,
    /// When it was read.
    pub recorded_at: NaiveDateTime,
}

/// Keeps a pilot with its arms.
///
/// # Errors
/// What the database answers.
pub fn insert_pilot(conn: &mut Conn, row: &PilotRow, members: &[MemberRow]) -> QueryResult<()> {
    on_conn!(conn, |c| diesel::insert_into(pilots::table)
        .values(row)
        .execute(c))?;
    for some in members.chunks(AT_ONCE) {
        on_conn!(conn, |c| diesel::insert_into(pilot_customers::table)
            .values(some)
            .execute(c))?;
    }
    Ok(())
}

/// A pilot by its key.
///
/// # Errors
/// What the database answers.
pub fn find_pilot(conn: &mut Conn, key: &str) -> QueryResult<Option<PilotRow>> {
    on_conn!(conn, |c| pilots::table
        .filter(pilots::key.eq(key))
        .select(PilotRow::as_select())
        .first(c)
        .optional())
}

/// Who is in a pilot.
///
/// # Errors
/// What the database answers.
pub fn load_members(conn: &mut Conn, pilot: RecordId) -> QueryResult<Vec<MemberRow>> {
    on_conn!(conn, |c| pilot_customers::table
        .filter(pilot_customers::pilot_id.eq(pilot))
        .select(MemberRow::as_select())
        .load(c))
}

/// A page of the pilots that a query asks for.
///
/// # Errors
/// What the database answers.
pub fn list_pilots(
    conn: &mut Conn,
    place: &Place,
    query: &PilotQuery,
) -> QueryResult<PageRows<PilotRow>> {
    on_conn!(
        conn,
        |c| page_rows!(c, place, pilots::table, pilots::id, PilotRow::as_select(), {
            query.outcome.map(Word::name) => |it| pilots::outcome.eq(it),
        })
    )
}

/// Keeps a look.
///
/// # Errors
/// What the database answers.
pub fn insert_reading(conn: &mut Conn, row: &ReadingRow) -> QueryResult<()> {
    on_conn!(conn, |c| diesel::insert_into(pilot_readings::table)
        .values(row)
        .execute(c))
    .map(|_| ())
}

/// A page of the looks at a pilot.
///
/// # Errors
/// What the database answers.
pub fn list_readings(
    conn: &mut Conn,
    place: &Place,
    pilot: RecordId,
) -> QueryResult<PageRows<ReadingRow>> {
    on_conn!(conn, |c| page_rows!(
        c, place, pilot_readings::table, pilot_readings::id, ReadingRow::as_select(), {
            Some(pilot) => |it| pilot_readings::pilot_id.eq(it),
        }
    ))
}

/// One look at a pilot.
///
/// # Errors
/// What the database answers.
pub fn find_reading(
    conn: &mut Conn,
    pilot: RecordId,
    id: RecordId,
) -> QueryResult<Option<ReadingRow>> {
    on_conn!(conn, |c| pilot_readings::table
        .find(id)
        .filter(pilot_readings::pilot_id.eq(pilot))
        .select(ReadingRow::as_select())
        .first(c)
        .optional())
}

/// The last look at a pilot.
///
/// # Errors
/// What the database answers.
pub fn last_reading(conn: &mut Conn, pilot: RecordId) -> QueryResult<Option<ReadingRow>> {
    on_conn!(conn, |c| pilot_readings::table
        .filter(pilot_readings::pilot_id.eq(pilot))
        .order(pilot_readings::id.desc())
        .select(ReadingRow::as_select())
        .first(c)
        .optional())
}

/// The arms that a customer is in.
///
/// # Errors
/// What the database answers.
pub fn memberships(conn: &mut Conn, subject: &Subject) -> QueryResult<Vec<MemberRow>> {
    on_conn!(conn, |c| pilot_customers::table
        .filter(pilot_customers::source.eq(&subject.source))
        .filter(pilot_customers::external_id.eq(&subject.external_id))
        .order(pilot_customers::pilot_id)
        .select(MemberRow::as_select())
        .load(c))
}

/// Takes a customer out of every arm.
///
/// # Errors
/// What the database answers.
pub fn forget_member(conn: &mut Conn, subject: &Subject) -> QueryResult<usize> {
    on_conn!(conn, |c| diesel::delete(
        pilot_customers::table
            .filter(pilot_customers::source.eq(&subject.source))
            .filter(pilot_customers::external_id.eq(&subject.external_id))
    )
    .execute(c))
}

/// Everybody who is in an arm.
///
/// # Errors
/// What the database answers.
pub fn everybody(conn: &mut Conn) -> QueryResult<Vec<CustomerKey>> {
    let rows: Vec<(String, String)> = on_conn!(conn, |c| pilot_customers::table
        .select((pilot_customers::source, pilot_customers::external_id))
        .distinct()
        .load(c))?;
    let key = |(source, external_id)| CustomerKey {
        source,
        external_id,
    };
    Ok(rows.into_iter().map(key).collect())
}
