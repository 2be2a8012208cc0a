//! Interactions.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use keepworth_contract::experience::{self, InteractionInput, InteractionQuery};
use keepworth_intake::RecordTable;
use keepworth_intake::batch::Planned;
use keepworth_store::{
    Conn, Named, PageRows, Place, RecordId, bulk_insert, delete_rows, on_conn, page_rows,
    select_rows, select_versions,
};
use serde::{Deserialize, Serialize};

use super::schema::interactions;
use crate::rule::interaction::customer_source;
use crate::rule::moment;

/// A contact as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, Serialize, Deserialize)]
#[diesel(table_name = interactions, treat_none_as_default_value = false)]
pub struct InteractionRow {
    /// Identifier.
    pub id: RecordId,
    /// The system that the record comes from.
    pub source: String,
    /// The contact's id there.
    pub external_id: String,
    /// The system that knows the customer.
    pub customer_source: String,
    /// The customer's id there.
    pub customer_external_id: String,
    /// By which channel.
    pub channel: String,
    /// When it began, in UTC.
    pub started_at: NaiveDateTime,
    /// The month of that, counted from year 0.
    pub month: i32,
    /// Seconds of an employee's time.
    pub handle_seconds: i64,
    /// What came of it.
    pub outcome: Outcome,
    /// Where in the journey.
    pub phase: Option<String>,
    /// What it was about.
    pub issue: Option<String>,
    /// Digest of the record's content.
    pub content_hash: Vec<u8>,
    /// The import that wrote it.
    pub import_id: String,
    /// When it was written.
    pub recorded_at: NaiveDateTime,
}

/// What came of a contact, as stored.
pub type Outcome = Named<experience::Outcome, interactions::table>;

/// Columns of [`InteractionRow`].
const COLUMNS: usize = 15;

impl InteractionRow {
    /// The row of a planned record.
    #[must_use]
    pub fn planned(
        plan: &Planned<'_, InteractionInput>,
        import_id: &str,
        now: NaiveDateTime,
    ) -> Self {
        let record = plan.record;
        let started_at = moment::stored(record.started_at);
        Self {
            id: plan.id,
            source: record.source.clone(),
            external_id: record.external_id.clone(),
            customer_source: customer_source(record).to_owned(),
            customer_external_id: record.customer_external_id.clone(),
            channel: record.channel.clone(),
            started_at,
            month: moment::month(started_at).index(),
            handle_seconds: record.handle_seconds,
            outcome: record.outcome.into(),
            phase: record.phase.clone(),
            issue: record.issue.clone(),
            content_hash: plan.content_hash.clone(),
            import_id: import_id.to_owned(),
            recorded_at: now,
        }
    }
}

/// Where contacts are kept.
pub const INTERACTIONS: RecordTable<InteractionRow> = RecordTable {
    name: "interactions",
    versions: |conn, source, ids| select_versions!(conn, interactions, source, ids),
    insert: insert_interactions,
    replace: replace_interactions,
    load: |conn, ids| select_rows!(conn, interactions, InteractionRow, ids),
    remove: |conn, ids, _| delete_rows!(conn, interactions, ids),
    restore: |conn, rows, _| {
        let ids: Vec<RecordId> = rows.iter().map(|row| row.id).collect();
        delete_rows!(conn, interactions, ids)?;
        insert_interactions(conn, &rows)
    },
};

/// Inserts new contacts.
fn insert_interactions(conn: &mut Conn, rows: &[InteractionRow]) -> QueryResult<()> {
    bulk_insert!(conn, interactions::table, rows, COLUMNS)
}

/// Replaces contacts by their new versions, as a whole: what these leave out is gone.
fn replace_interactions(conn: &mut Conn, rows: &[InteractionRow]) -> QueryResult<()> {
    let ids: Vec<RecordId> = rows.iter().map(|row| row.id).collect();
    on_conn!(conn, |c| diesel::delete(
        interactions::table.filter(interactions::id.eq_any(ids))
    )
    .execute(c))?;
    insert_interactions(conn, rows)
}

/// A page of the contacts that a query asks for.
///
/// # Errors
/// What the database answers.
pub fn list_interactions(
    conn: &mut Conn,
    place: &Place,
    query: &InteractionQuery,
) -> QueryResult<PageRows<InteractionRow>> {
    use interactions as i;
    on_conn!(
        conn,
        |c| page_rows!(c, place, i::table, i::id, InteractionRow::as_select(), {
            &query.customer_source => |it| i::customer_source.eq(it),
            &query.customer_external_id => |it| i::customer_external_id.eq(it),
            &query.channel => |it| i::channel.eq(it),
            query.started_from => |it| i::started_at.ge(moment::morning(it)),
            query.started_to => |it| i::started_at.le(moment::evening(it)),
            query.recorded_since => |it| i::recorded_at.ge(it.naive_utc()),
        })
    )
}

/// The contact by its id.
///
/// # Errors
/// What the database answers.
pub fn find_interaction(conn: &mut Conn, id: RecordId) -> QueryResult<Option<InteractionRow>> {
    on_conn!(conn, |c| interactions::table
        .find(id)
        .select(InteractionRow::as_select())
        .first(c)
        .optional())
}

/// The phases of the journey that contacts name.
///
/// # Errors
/// What the database answers.
pub fn load_phases(conn: &mut Conn) -> QueryResult<Vec<String>> {
    on_conn!(conn, |c| interactions::table
        .select(interactions::phase.assume_not_null())
        .filter(interactions::phase.is_not_null())
        .distinct()
        .load(c))
}
