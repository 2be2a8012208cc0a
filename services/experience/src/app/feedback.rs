//! Feedback.

use crate::Experience;
use crate::app::customer_filter;
use crate::rule::feedback::faults;
use crate::store::feedback;
use crate::store::feedback::FeedbackRow;
pub use crate::store::feedback::find_feedback;
use keepworth_contract::batch::{BatchOptions, BatchReport};
use keepworth_contract::experience::{
    Feedback, FeedbackInput, FeedbackKind, FeedbackPage, FeedbackQuery,
};
use keepworth_contract::{PageQuery, Word};
use keepworth_intake::{Failure, batch, page};
use keepworth_store::Conn;

impl TryFrom<FeedbackRow> for Feedback {
    type Error = Failure;

    fn try_from(row: FeedbackRow) -> Result<Self, Failure> {
        let kind = FeedbackKind::find(&row.kind);
        let record = FeedbackInput {
            source: row.source,
            external_id: row.external_id,
            customer_source: Some(row.customer_source),
            customer_external_id: row.customer_external_id,
            kind: kind.ok_or_else(|| Failure::internal(row.kind))?,
            score: row.score,
            responded_at: row.responded_at.and_utc(),
            phase: row.phase,
            channel: row.channel,
        };
        Ok(Self {
            id: row.id.0,
            record,
            import_id: row.import_id,
            recorded_at: row.recorded_at.and_utc(),
        })
    }
}

/// Writes a batch, in the caller's transaction; sending it again changes nothing.
pub fn upsert(
    conn: &mut Conn,
    options: &BatchOptions,
    items: &[FeedbackInput],
) -> Result<BatchReport, Failure> {
    let now = keepworth_store::now();
    let faults = batch::faults(items, |item| faults(item, now));
    let plan = feedback::FEEDBACK.plan(conn, items, options, faults)?;
    feedback::FEEDBACK.write(conn, &plan, options, |planned| {
        let row = FeedbackRow::planned(planned, &options.import_id, now.naive_utc());
        Ok(row)
    })?;
    plan.report(options)
}

/// Lists feedback in id order.
pub async fn list(app: &Experience, query: FeedbackQuery) -> Result<FeedbackPage, Failure> {
    let customer = customer_filter(query.customer_source, query.customer_external_id)?;
    let kind = query.kind;
    let query = PageQuery {
        page_size: query.page_size,
        cursor: query.cursor,
    };
    let (after, limit) = (page::after(&query)?, query.limit());
    let rows = app
        .db
        .read(move |conn| {
            feedback::feedback_after(conn, after, customer.as_ref(), kind, limit + 1)
                .map_err(Failure::from)
        })
        .await?;
    page::page(rows, limit, |row| row.id)
}
