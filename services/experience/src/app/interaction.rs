//! Interactions.

use crate::Experience;
use crate::rule::interaction::faults;
use crate::store::interaction;
use crate::store::interaction::InteractionRow;
pub use crate::store::interaction::find_interaction;
use keepworth_contract::batch::{BatchOptions, BatchReport};
use keepworth_contract::experience::{
    Interaction, InteractionInput, InteractionPage, InteractionQuery,
};
use keepworth_intake::{Failure, page};
use keepworth_store::Conn;

impl From<InteractionRow> for Interaction {
    fn from(row: InteractionRow) -> Self {
        let record = InteractionInput {
            source: row.source,
            external_id: row.external_id,
            customer_source: Some(row.customer_source),
            customer_external_id: row.customer_external_id,
            channel: row.channel,
            started_at: row.started_at.and_utc(),
            handle_seconds: row.handle_seconds,
            outcome: row.outcome.0,
            phase: row.phase,
            issue: row.issue,
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
    items: &[InteractionInput],
) -> Result<BatchReport, Failure> {
    let now = keepworth_store::now();
    let faults = |item: &_| faults(item, now);
    interaction::INTERACTIONS.upsert(conn, options, items, faults, |planned| {
        InteractionRow::planned(planned, &options.import_id, now.naive_utc())
    })
}

/// Lists interactions.
pub async fn list(app: &Experience, query: InteractionQuery) -> Result<InteractionPage, Failure> {
    page::check_customer(
        query.customer_source.as_deref(),
        query.customer_external_id.as_deref(),
    )?;
    page::check_text("channel", query.channel.as_deref())?;
    page::check_days("started", query.started_from, query.started_to)?;
    page::check_moment("recorded_since", query.recorded_since)?;
    page::list(&app.db, query, interaction::list_interactions, |row| row.id).await
}
