//! Feedback.

use crate::Experience;
use crate::rule::feedback::faults;
use crate::store::feedback;
use crate::store::feedback::FeedbackRow;
pub use crate::store::feedback::find_feedback;
use keepworth_contract::batch::{BatchOptions, BatchReport};
use keepworth_contract::experience::{Feedback, FeedbackInput, FeedbackPage, FeedbackQuery};
use keepworth_intake::{Failure, page};
use keepworth_store::Conn;

impl From<FeedbackRow> for Feedback {
    fn from(row: FeedbackRow) -> Self {
        let record = FeedbackInput {
            source: row.source,
            external_id: row.external_id,
            customer_source: Some(row.customer_source),
            customer_external_id: row.customer_external_id,
            kind: row.kind.0,
            score: row.score,
            responded_at: row.responded_at.and_utc(),
            phase: row.phase,
            channel: row.channel,
        };
        Self {
            id: row.id.0,
            record,
            import_id: row.import_id,
            recorded_at: row.recorded_at.and_utc(),
        }
    }
}

/// Writes a batch, in the caller's transaction; sending it again changes nothing.
pub fn upsert(
    conn: &mut Conn,
    options: &BatchOptions,
    items: &[FeedbackInput],
) -> Result<BatchReport, Failure> {
    let now = keepworth_store::now();
    let faults = |item: &_| faults(item, now);
    feedback::FEEDBACK.upsert(conn, options, items, faults, |planned| {
        FeedbackRow::planned(planned, &options.import_id, now.naive_utc())
    })
}

/// Lists feedback.
pub async fn list(app: &Experience, query: FeedbackQuery) -> Result<FeedbackPage, Failure> {
    page::check_customer(
        query.customer_source.as_deref(),
        query.customer_external_id.as_deref(),
    )?;
    page::check_days("responded", query.responded_from, query.responded_to)?;
    page::check_moment("recorded_since", query.recorded_since)?;
    page::list(&app.db, query, feedback::list_feedback, |row| row.id).await
}
