//! Feedback.

use chrono::NaiveDateTime;
use diesel::dsl::count_star;
use diesel::prelude::*;
use keepworth_contract::experience::{FeedbackInput, FeedbackKind, FeedbackQuery};
use keepworth_intake::RecordTable;
use keepworth_intake::batch::Planned;
use keepworth_store::{
    Conn, Named, PageRows, Place, RecordId, bulk_insert, delete_rows, on_conn, page_rows,
    select_rows, select_versions,
};
use serde::{Deserialize, Serialize};

use super::schema::feedback;
use crate::rule::feedback::customer_source;
use crate::rule::moment;

/// An answer as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, Serialize, Deserialize)]
#[diesel(table_name = feedback, treat_none_as_default_value = false)]
pub struct FeedbackRow {
    /// Identifier.
    pub id: RecordId,
    /// The system that the record comes from.
    pub source: String,
    /// The answer's id there.
    pub external_id: String,
    /// The system that knows the customer.
    pub customer_source: String,
    /// The customer's id there.
    pub customer_external_id: String,
    /// What was asked.
    pub kind: Kind,
    /// The answer, on the kind's scale.
    pub score: i32,
    /// When it was answered, in UTC.
    pub responded_at: NaiveDateTime,
    /// The month of that, counted from year 0.
    pub month: i32,
    /// Where in the journey.
    pub phase: Option<String>,
    /// By which channel.
    pub channel: Option<String>,
    /// Digest of the record's content.
    pub content_hash: Vec<u8>,
    /// The import that wrote it.
    pub import_id: String,
    /// When it was written.
    pub recorded_at: NaiveDateTime,
}

/// Columns of [`FeedbackRow`].
const COLUMNS: usize = 14;

/// How many answers of a kind, month and phase gave one score: kind, month, phase, score, answers.
pub type ScoreCell = (Kind, i32, Option<String>, i32, i64);

/// What was asked, as stored.
pub type Kind = Named<FeedbackKind, feedback::table>;

impl FeedbackRow {
    /// The row of a planned record.
    #[must_use]
    pub fn planned(plan: &Planned<'_, FeedbackInput>, import_id: &str, now: NaiveDateTime) -> Self {
        let record = plan.record;
        let responded_at = moment::stored(record.responded_at);
        Self {
            id: plan.id,
            source: record.source.clone(),
            external_id: record.external_id.clone(),
            customer_source: customer_source(record).to_owned(),
            customer_external_id: record.customer_external_id.clone(),
            kind: record.kind.into(),
            score: record.score,
            responded_at,
            month: moment::month(responded_at).index(),
            phase: record.phase.clone(),
            channel: record.channel.clone(),
            content_hash: plan.content_hash.clone(),
            import_id: import_id.to_owned(),
            recorded_at: now,
        }
    }
}

/// Where answers are kept.
pub const FEEDBACK: RecordTable<FeedbackRow> = RecordTable {
    name: "feedback",
    versions: |conn, source, ids| select_versions!(conn, feedback, source, ids),
    insert: insert_feedback,
    replace: replace_feedback,
    load: |conn, ids| select_rows!(conn, feedback, FeedbackRow, ids),
    remove: |conn, ids, _| delete_rows!(conn, feedback, ids),
    restore: |conn, rows, _| {
        let ids: Vec<RecordId> = rows.iter().map(|row| row.id).collect();
        delete_rows!(conn, feedback, ids)?;
        insert_feedback(conn, &rows)
    },
};

/// Inserts new answers.
fn insert_feedback(conn: &mut Conn, rows: &[FeedbackRow]) -> QueryResult<()> {
    bulk_insert!(conn, feedback::table, rows, COLUMNS)
}

/// Replaces answers by their new versions, as a whole: what these leave out is gone.
fn replace_feedback(conn: &mut Conn, rows: &[FeedbackRow]) -> QueryResult<()> {
    let ids: Vec<RecordId> = rows.iter().map(|row| row.id).collect();
    on_conn!(conn, |c| diesel::delete(
        feedback::table.filter(feedback::id.eq_any(ids))
    )
    .execute(c))?;
    insert_feedback(conn, rows)
}

/// A page of the answers that a query asks for.
///
/// # Errors
/// What the database answers.
pub fn list_feedback(
    conn: &mut Conn,
    place: &Place,
    query: &FeedbackQuery,
) -> QueryResult<PageRows<FeedbackRow>> {
    use feedback as f;
    on_conn!(
        conn,
        |c| page_rows!(c, place, f::table, f::id, FeedbackRow::as_select(), {
            &query.customer_source => |it| f::customer_source.eq(it),
            &query.customer_external_id => |it| f::customer_external_id.eq(it),
            query.kind => |it| f::kind.eq(Kind::new(it)),
            query.responded_from => |it| f::responded_at.ge(moment::morning(it)),
            query.responded_to => |it| f::responded_at.le(moment::evening(it)),
            query.recorded_since => |it| f::recorded_at.ge(it.naive_utc()),
        })
    )
}

/// How many answers of a kind, given until a moment, have each score.
///
/// # Errors
/// What the database answers.
pub fn load_score_counts(
    conn: &mut Conn,
    kind: FeedbackKind,
    until: NaiveDateTime,
) -> QueryResult<Vec<(i32, i64)>> {
    on_conn!(conn, |c| feedback::table
        .filter(feedback::kind.eq(Kind::new(kind)))
        .filter(feedback::responded_at.le(until))
        .group_by(feedback::score)
        .select((feedback::score, count_star()))
        .load(c))
}

/// How many answers, given until a moment, have each score, by kind, month and phase.
///
/// # Errors
/// What the database answers.
pub fn load_score_cells(conn: &mut Conn, until: NaiveDateTime) -> QueryResult<Vec<ScoreCell>> {
    let cell = (
        feedback::kind,
        feedback::month,
        feedback::phase,
        feedback::score,
    );
    on_conn!(conn, |c| feedback::table
        .filter(feedback::responded_at.le(until))
        .group_by(cell)
        .select((
            feedback::kind,
            feedback::month,
            feedback::phase,
            feedback::score,
            count_star()
        ))
        .load(c))
}

/// An answer by its id.
///
/// # Errors
/// What the database answers.
pub fn find_feedback(conn: &mut Conn, id: RecordId) -> QueryResult<Option<FeedbackRow>> {
    on_conn!(conn, |c| feedback::table
        .find(id)
        .select(FeedbackRow::as_select())
        .first(c)
        .optional())
}

/// The phases of the journey that answers name.
///
/// # Errors
/// What the database answers.
pub fn load_phases(conn: &mut Conn) -> QueryResult<Vec<String>> {
    on_conn!(conn, |c| feedback::table
        .select(feedback::phase.assume_not_null())
        .filter(feedback::phase.is_not_null())
        .distinct()
        .load(c))
}
