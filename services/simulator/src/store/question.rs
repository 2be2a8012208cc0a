//! What was asked of runs.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use keepworth_store::{Conn, PageRows, Place, RecordId, on_conn, page_rows};

use super::questions;

/// A question as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = questions)]
pub struct QuestionRow {
    /// Identifier.
    pub id: RecordId,
    /// The run.
    pub run_id: RecordId,
    /// What was asked, as JSON.
    pub question: String,
    /// What came of it, as JSON.
    pub report: String,
    /// When it was answered.
    pub created_at: NaiveDateTime,
}

/// A question without its answer.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = questions)]
pub struct QuestionSummaryRow {
    /// Identifier.
    pub id: RecordId,
    /// The run.
    pub run_id: RecordId,
    /// What was asked, as JSON.
    pub question: String,
    /// When it was answered.
    pub created_at: NaiveDateTime,
}

/// Keeps a question with its answer.
///
/// # Errors
/// What the database answers.
pub fn insert_question(conn: &mut Conn, row: &QuestionRow) -> QueryResult<()> {
    on_conn!(conn, |c| diesel::insert_into(questions::table)
        .values(row)
        .execute(c))
    .map(|_| ())
}

/// One question.
///
/// # Errors
/// What the database answers.
pub fn find_question(conn: &mut Conn, id: RecordId) -> QueryResult<Option<QuestionRow>> {
    on_conn!(conn, |c| questions::table
        .find(id)
        .select(QuestionRow::as_select())
        .first(c)
        .optional())
}

/// A page of a run's questions.
///
/// # Errors
/// What the database answers.
pub fn list_questions(
    conn: &mut Conn,
    place: &Place,
    run: RecordId,
) -> QueryResult<PageRows<QuestionSummaryRow>> {
    use questions as q;
    on_conn!(
        conn,
        |c| page_rows!(c, place, q::table, q::id, QuestionSummaryRow::as_select(), {
            Some(run) => |it| q::run_id.eq(it),
        })
    )
}
