//! Interactions.

use crate::Experience;
use crate::app::customer_filter;
use crate::rule::interaction::faults;
use crate::store::interaction;
use crate::store::interaction::InteractionRow;
pub use crate::store::interaction::find_interaction;
use keepworth_contract::PageQuery;
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

/// Lists interactions in id order.
pub async fn list(app: &Experience, query: InteractionQuery) -> Result<InteractionPage, Failure> {
    let customer = customer_filter(query.customer_source, query.customer_external_id)?;
    let query = PageQuery {
        page_size: query.page_size,
        cursor: query.cursor,
    };
    let (after, limit) = (page::after(&query)?, query.limit());
    let rows = app
        .db
        .read(move |conn| {
            interaction::interactions_after(conn, after, customer.as_ref(), limit + 1)
                .map_err(Failure::from)
        })
        .await?;
    page::page(rows, limit, |row| row.id)
}
