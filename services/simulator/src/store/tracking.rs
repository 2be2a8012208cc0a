//! Frozen forecasts held against records.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use keepworth_store::{Conn, PageRows, Place, RecordId, on_conn, page_rows};

use super::trackings;

/// A tracking without its report.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = trackings)]
pub struct TrackingSummaryRow {
    /// Identifier.
    pub id: RecordId,
    /// The scenario's key.
    pub scenario_key: String,
    /// The version whose forecast was held against records.
    pub scenario_version: i32,
    /// The last day that counted.
    pub until_on: NaiveDate,
    /// Whether a figure left the band that at most one future of twenty leaves.
    pub has_drifted: bool,
    /// When it was made.
    pub created_at: NaiveDateTime,
}

/// A tracking as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = trackings)]
pub struct TrackingRow {
    /// Identifier.
    pub id: RecordId,
    /// The scenario's key.
    pub scenario_key: String,
    /// The version whose forecast was held against records.
    pub scenario_version: i32,
    /// The last day that counted.
    pub until_on: NaiveDate,
    /// Whether a figure left the band that at most one future of twenty leaves.
    pub has_drifted: bool,
    /// What it found, as JSON.
    pub report: String,
    /// When it was made.
    pub created_at: NaiveDateTime,
}

/// Keeps a tracking.
///
/// # Errors
/// What the database answers.
pub fn insert_tracking(conn: &mut Conn, row: &TrackingRow) -> QueryResult<()> {
    on_conn!(conn, |c| diesel::insert_into(trackings::table)
        .values(row)
        .execute(c))
    .map(|_| ())
}

/// One tracking.
///
/// # Errors
/// What the database answers.
pub fn find_tracking(conn: &mut Conn, id: RecordId) -> QueryResult<Option<TrackingRow>> {
    on_conn!(conn, |c| trackings::table
        .find(id)
        .select(TrackingRow::as_select())
        .first(c)
        .optional())
}

/// How many trackings a version has, and how many of these have drifted.
///
/// # Errors
/// What the database answers.
pub fn count_trackings(conn: &mut Conn, key: &str, version: i32) -> QueryResult<[i64; 2]> {
    let mut count = |has_drifted: Option<bool>| {
        on_conn!(conn, |c| {
            let mut query = trackings::table
                .filter(trackings::scenario_key.eq(key))
                .filter(trackings::scenario_version.eq(version))
                .into_boxed();
            if let Some(has_drifted) = has_drifted {
                query = query.filter(trackings::has_drifted.eq(has_drifted));
            }
            query.count().get_result(c)
        })
    };
    Ok([count(None)?, count(Some(true))?])
}

/// A page of a scenario's trackings, of one version or of all.
///
/// # Errors
/// What the database answers.
pub fn list_trackings(
    conn: &mut Conn,
    place: &Place,
    key: &str,
    version: Option<i32>,
) -> QueryResult<PageRows<TrackingSummaryRow>> {
    use trackings as t;
    on_conn!(
        conn,
        |c| page_rows!(c, place, t::table, t::id, TrackingSummaryRow::as_select(), {
            Some(key) => |it| t::scenario_key.eq(it),
            version => |it| t::scenario_version.eq(it),
        })
    )
}
