//! Segments.

use std::collections::HashSet;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use keepworth_contract::customers::SegmentKind;
use keepworth_store::{Conn, Named, on_conn};
use serde::{Deserialize, Serialize};

use super::segment_move::count_moves;
use super::{customers, segments};

/// A segment as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, Serialize, Deserialize)]
#[diesel(table_name = segments, treat_none_as_default_value = false)]
pub struct SegmentRow {
    /// Names it everywhere.
    pub key: String,
    /// Names it for people.
    pub name: String,
    /// When it was registered.
    pub recorded_at: NaiveDateTime,
    /// Whether leaving is seen.
    #[serde(default = "unsaid")]
    pub kind: Kind,
}

/// A kind in its column.
type Kind = Named<SegmentKind, segments::table>;

/// What imports that were made before there were kinds kept of a segment says none.
fn unsaid() -> Kind {
    SegmentKind::default().into()
}

/// Every segment, in key order.
///
/// # Errors
/// What the database answers.
pub fn load_segments(conn: &mut Conn) -> QueryResult<Vec<SegmentRow>> {
    on_conn!(conn, |c| segments::table
        .order(segments::key)
        .select(SegmentRow::as_select())
        .load(c))
}

/// The keys of every segment, none of which can be removed before the transaction ends.
///
/// # Errors
/// What the database answers.
pub fn hold_keys(conn: &mut Conn) -> QueryResult<HashSet<String>> {
    let keys = segments::table.select(segments::key);
    let keys: Vec<String> = match conn {
        // SQLite has one writer.
        Conn::Sqlite(c) => keys.load(&mut **c),
        Conn::Pg(c) => keys.for_key_share().load(&mut **c),
    }?;
    Ok(keys.into_iter().collect())
}

/// Segments by their keys.
///
/// # Errors
/// What the database answers.
pub fn find_segments(conn: &mut Conn, keys: &[String]) -> QueryResult<Vec<SegmentRow>> {
    on_conn!(conn, |c| segments::table
        .filter(segments::key.eq_any(keys))
        .select(SegmentRow::as_select())
        .load(c))
}

/// Takes segments away that no customer is or was in.
///
/// # Errors
/// What the database answers.
pub fn remove_unused(conn: &mut Conn, keys: &[String]) -> QueryResult<()> {
    let used: Vec<String> = on_conn!(conn, |c| customers::table
        .filter(customers::segment.eq_any(keys))
        .select(customers::segment)
        .distinct()
        .load(c))?;
    let mut unused = Vec::new();
    for key in keys.iter().filter(|key| !used.contains(key)) {
        if count_moves(conn, key)? == 0 {
            unused.push(key);
        }
    }
    on_conn!(conn, |c| diesel::delete(
        segments::table.filter(segments::key.eq_any(unused))
    )
    .execute(c))
    .map(|_| ())
}

/// Whether there is a segment, to which nobody can send customers before the transaction ends.
///
/// # Errors
/// What the database answers.
pub fn hold_alone(conn: &mut Conn, key: &str) -> QueryResult<bool> {
    let found = segments::table.find(key).select(segments::key);
    let found: Option<String> = match conn {
        Conn::Sqlite(c) => found.first(&mut **c).optional(),
        Conn::Pg(c) => found.for_update().first(&mut **c).optional(),
    }?;
    Ok(found.is_some())
}

/// Removes a segment.
///
/// # Errors
/// What the database answers.
pub fn delete_segment(conn: &mut Conn, key: &str) -> QueryResult<()> {
    on_conn!(conn, |c| diesel::delete(segments::table.find(key))
        .execute(c))
    .map(|_| ())
}

/// Registers segments, or changes their names and kinds.
///
/// # Errors
/// What the database answers.
pub fn upsert_segments(conn: &mut Conn, rows: &[SegmentRow]) -> QueryResult<()> {
    for row in rows {
        on_conn!(conn, |c| diesel::insert_into(segments::table)
            .values(row)
            .on_conflict(segments::key)
            .do_update()
            .set((segments::name.eq(&row.name), segments::kind.eq(row.kind)))
            .execute(c))?;
    }
    Ok(())
}
