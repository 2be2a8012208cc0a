//! Feedback.

use crate::Experience;
use crate::app::customer_filter;
use crate::rule::feedback::faults;
use crate::store::feedback;
use crate::store::feedback::FeedbackRow;
pub use crate::store::feedback::find_feedback;
use keepworth_contract::PageQuery;
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
