//! How people answered to spending.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use keepworth_contract::finance::{Lever, ResponseHistoryQuery};
use keepworth_store::{Conn, Named, PageRows, Place, RecordId, on_conn, page_rows};

use super::response_histories;

/// A version of a history as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = response_histories, treat_none_as_default_value = false)]
pub struct ResponseHistoryRow {
    /// Identifier.
    pub id: RecordId,
    /// The segment's key.
    pub segment: String,
    /// What people were spent on for.
    pub lever: Named<Lever, response_histories::table>,
    /// 1 for the first history of the segment and lever.
    pub version: i32,
    /// Months of a period, for retention.
    pub period_months: Option<i32>,
    /// The evidence, as JSON.
    pub evidence: String,
    /// Where it comes from.
    pub reason: String,
    /// When it was written.
    pub recorded_at: NaiveDateTime,
}

/// A page of the histories that a query asks for.
///
/// # Errors
/// What the database answers.
pub fn list_histories(
    conn: &mut Conn,
    place: &Place,
    query: &ResponseHistoryQuery,
) -> QueryResult<PageRows<ResponseHistoryRow>> {
    use response_histories as h;
    on_conn!(
        conn,
        |c| page_rows!(c, place, h::table, h::id, ResponseHistoryRow::as_select(), {
            &query.segment => |it| h::segment.eq(it),
            query.recorded_since => |it| h::recorded_at.ge(it.naive_utc()),
        })
    )
}

/// A history by id.
///
/// # Errors
/// What the database answers.
pub fn find_history(conn: &mut Conn, id: RecordId) -> QueryResult<Option<ResponseHistoryRow>> {
    on_conn!(conn, |c| response_histories::table
        .find(id)
        .select(ResponseHistoryRow::as_select())
        .first(c)
        .optional())
}

/// The last version of each segment's and lever's history, by segment.
///
/// # Errors
/// What the database answers.
pub fn load_last(conn: &mut Conn, segment: Option<&str>) -> QueryResult<Vec<ResponseHistoryRow>> {
    use response_histories as h;
    let mut rows: Vec<ResponseHistoryRow> = on_conn!(conn, |c| {
        let mut query = h::table.into_boxed();
        if let Some(segment) = segment {
            query = query.filter(h::segment.eq(segment));
        }
        query
            .order((h::segment, h::lever, h::version.desc()))
            .select(ResponseHistoryRow::as_select())
            .load(c)
    })?;
    rows.dedup_by(|later, kept| (&later.segment, &later.lever) == (&kept.segment, &kept.lever));
    Ok(rows)
}

/// The last version of one segment's and lever's history.
///
/// # Errors
/// What the database answers.
pub fn find_last_version(conn: &mut Conn, segment: &str, lever: Lever) -> QueryResult<Option<i32>> {
    use response_histories as h;
    let lever = Named::<_, h::table>::new(lever);
    on_conn!(conn, |c| h::table
        .filter(h::segment.eq(segment))
        .filter(h::lever.eq(lever))
        .select(diesel::dsl::max(h::version))
        .first(c))
}

/// Writes a version.
///
/// # Errors
/// What the database answers.
pub fn insert_history(conn: &mut Conn, row: &ResponseHistoryRow) -> QueryResult<()> {
    on_conn!(conn, |c| diesel::insert_into(response_histories::table)
        .values(row)
        .execute(c))
    .map(|_| ())
}
