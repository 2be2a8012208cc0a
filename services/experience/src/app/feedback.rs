//! Feedback.

use crate::rule::feedback::faults;
use crate::store::feedback::{self, FeedbackRow};
use keepworth_contract::Word;
use keepworth_contract::batch::{BatchOptions, BatchReport};
use keepworth_contract::experience::{Feedback, FeedbackInput, FeedbackKind};
use keepworth_intake::{Failure, batch};
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

pub(crate) fn upsert(
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
