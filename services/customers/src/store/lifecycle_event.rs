//! Lifecycle events.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use keepworth_contract::customers::{LeavingCause, LifecycleEventQuery, LifecycleKind};
use keepworth_intake::RecordTable;
use keepworth_store::{
    Conn, Named, PageRows, Place, RecordId, bulk_insert, delete_rows, on_conn, page_rows,
    select_rows, select_versions,
};
use serde::{Deserialize, Serialize};

use super::lifecycle_events;

/// A lifecycle event as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset, Serialize, Deserialize)]
#[diesel(table_name = lifecycle_events, treat_none_as_default_value = false)]
pub struct LifecycleEventRow {
    /// Identifier.
    pub id: RecordId,
    /// The system that the record comes from.
    pub source: String,
    /// The event's id there.
    pub external_id: String,
    /// The customer.
    pub customer_id: RecordId,
    /// What happened.
    pub kind: Named<LifecycleKind, lifecycle_events::table>,
    /// The day it happened.
    pub occurred_on: NaiveDate,
    /// Why, for leaving.
    pub cause: Option<Named<LeavingCause, lifecycle_events::table>>,
    /// The segment in which the customer is from this day on, for a move.
    pub segment: Option<String>,
    /// The one that they moved from, where it is known.
    pub from_segment: Option<String>,
    /// In the source's own words.
    pub detail: Option<String>,
    /// Digest of the record's content.
    pub content_hash: Vec<u8>,
    /// The import that wrote it.
    pub import_id: String,
    /// When it was written.
    pub recorded_at: NaiveDateTime,
}

/// Columns of [`LifecycleEventRow`].
const COLUMNS: usize = 13;

/// Where lifecycle events are kept.
pub const LIFECYCLE_EVENTS: RecordTable<LifecycleEventRow> = RecordTable {
    name: "lifecycle_events",
    versions: |conn, source, ids| select_versions!(conn, lifecycle_events, source, ids),
    insert: insert_events,
    replace: update_events,
    load: |conn, ids| select_rows!(conn, lifecycle_events, LifecycleEventRow, ids),
    remove: |conn, ids, _| delete_rows!(conn, lifecycle_events, ids),
    restore: |conn, rows, _| {
        let ids: Vec<RecordId> = rows.iter().map(|row| row.id).collect();
        delete_rows!(conn, lifecycle_events, ids)?;
        insert_events(conn, &rows)
    },
};

/// Inserts new events.
fn insert_events(conn: &mut Conn, rows: &[LifecycleEventRow]) -> QueryResult<()> {
    bulk_insert!(conn, lifecycle_events::table, rows, COLUMNS)
}

/// Replaces events.
fn update_events(conn: &mut Conn, rows: &[LifecycleEventRow]) -> QueryResult<()> {
    for row in rows {
        on_conn!(conn, |c| diesel::update(
            lifecycle_events::table.find(row.id)
        )
        .set(row)
        .execute(c))?;
    }
    Ok(())
}

/// A page of the events of a customer that a query asks for.
///
/// # Errors
/// What the database answers.
pub fn list_events(
    conn: &mut Conn,
    place: &Place,
    customer: RecordId,
    query: &LifecycleEventQuery,
) -> QueryResult<PageRows<LifecycleEventRow>> {
    use lifecycle_events as e;
    let of_customer = e::table.filter(e::customer_id.eq(customer));
    on_conn!(
        conn,
        |c| page_rows!(c, place, of_customer, e::id, LifecycleEventRow::as_select(), {
            query.kind => |it| e::kind.eq(Named::<_, e::table>::new(it)),
            query.occurred_from => |it| e::occurred_on.ge(it),
            query.occurred_to => |it| e::occurred_on.le(it),
            query.recorded_since => |it| e::recorded_at.ge(it.naive_utc()),
        })
    )
}

/// The lifecycle event by its id.
///
/// # Errors
/// What the database answers.
pub fn find_event(conn: &mut Conn, id: RecordId) -> QueryResult<Option<LifecycleEventRow>> {
    on_conn!(conn, |c| lifecycle_events::table
        .find(id)
        .select(LifecycleEventRow::as_select())
        .first(c)
        .optional())
}
