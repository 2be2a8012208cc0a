//! Interactions.

use actix_web::web::{Data, Json, Query};
use actix_web::{get, post};
use chrono::{DateTime, Utc};
use keepworth_contract::PageQuery;
use keepworth_contract::batch::{BatchOptions, BatchReport};
use keepworth_contract::experience::{InteractionInput, Outcome};
use keepworth_intake::{Failure, batch, page};
use keepworth_platform::{ApiResult, ReadProblems, Service, WriteProblems};
use keepworth_store::Conn;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::customer_filter;
use crate::Experience;
use crate::rule::interaction::faults;
use crate::store::interaction::{self, InteractionRow};

/// A contact between a customer and the company.
#[derive(Debug, Serialize, ToSchema)]
pub struct Interaction {
    /// Identifier.
    pub id: Uuid,
    /// The system that the record comes from.
    pub source: String,
    /// The contact's id in that system.
    pub external_id: String,
    /// The system that knows the customer.
    pub customer_source: String,
    /// The customer's id there.
    pub customer_external_id: String,
    /// By which channel.
    pub channel: String,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// Seconds of an employee's time: talk, hold and wrap-up.
    pub handle_seconds: i64,
    /// What came of it.
    #[schema(value_type = Outcome)]
    pub outcome: String,
    /// Where in the journey.
    pub phase: Option<String>,
    /// What it was about.
    pub issue: Option<String>,
    /// When this version was written.
    pub recorded_at: DateTime<Utc>,
}

impl From<InteractionRow> for Interaction {
    fn from(row: InteractionRow) -> Self {
        Self {
            id: row.id.0,
            source: row.source,
            external_id: row.external_id,
            customer_source: row.customer_source,
            customer_external_id: row.customer_external_id,
            channel: row.channel,
            started_at: row.started_at.and_utc(),
            handle_seconds: row.handle_seconds,
            outcome: row.outcome,
            phase: row.phase,
            issue: row.issue,
            recorded_at: row.recorded_at.and_utc(),
        }
    }
}

/// A page of interactions.
#[derive(Debug, Serialize, ToSchema)]
pub struct InteractionPage {
    /// In id order.
    pub items: Vec<Interaction>,
    /// Continues the list; null at its end.
    pub next_cursor: Option<String>,
}

/// Which interactions.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct InteractionQuery {
    /// Items per page, 1 or more (default 50; more than 1,000 is cut to 1,000).
    #[param(minimum = 1)]
    pub page_size: Option<i64>,
    /// `next_cursor` of the page before; leave out for the first page.
    pub cursor: Option<String>,
    /// Only of the customer whom this system knows by `customer_external_id`.
    pub customer_source: Option<String>,
    /// Only of the customer whom `customer_source` knows by this id.
    pub customer_external_id: Option<String>,
}

/// Lists interactions in id order.
#[utoipa::path(operation_id = "list_interactions", tag = "interactions", params(InteractionQuery),
    responses((status = 200, body = InteractionPage, description = "A page of interactions"), ReadProblems))]
#[get("/interactions")]
pub async fn list_interactions(
    app: Data<Experience>,
    query: Query<InteractionQuery>,
) -> ApiResult<InteractionPage> {
    let query = query.into_inner();
    let customer = customer_filter(query.customer_source, query.customer_external_id)?;
    let query = PageQuery {
        page_size: query.page_size,
        cursor: query.cursor,
    };
    let (after, limit) = (page::after(&query)?, query.limit());
    let mut rows = app
        .db()
        .read(move |conn| {
            interaction::interactions_after(conn, after, customer.as_ref(), limit + 1)
                .map_err(Failure::from)
        })
        .await?;
    let next_cursor = page::split_next(&mut rows, limit, |row| row.id);
    let items = rows.into_iter().map(Interaction::from).collect();
    Ok(Json(InteractionPage { items, next_cursor }))
}

/// Up to 5,000 contacts at once.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InteractionBatch {
    /// How to treat the batch.
    #[serde(flatten)]
    pub options: BatchOptions,
    /// The contacts.
    pub items: Vec<InteractionInput>,
}

/// Writes up to 5,000 contacts; sending them again changes nothing.
///
/// A new version replaces a contact as a whole: what it leaves out is gone.
#[utoipa::path(operation_id = "batch_upsert_interactions", tag = "interactions", request_body = InteractionBatch,
    responses((status = 200, body = BatchReport, description = "What became of each row"), WriteProblems))]
#[post("/interactions:batch_upsert")]
pub async fn batch_upsert_interactions(
    app: Data<Experience>,
    body: Json<InteractionBatch>,
) -> ApiResult<BatchReport> {
    let InteractionBatch { options, items } = body.into_inner();
    Ok(Json(
        keepworth_intake::upsert(app.db(), options, items, upsert).await?,
    ))
}

fn upsert(
    conn: &mut Conn,
    options: &BatchOptions,
    items: &[InteractionInput],
) -> Result<BatchReport, Failure> {
    let now = keepworth_store::now();
    let faults = batch::faults(items, |item| faults(item, now));
    let plan = interaction::INTERACTIONS.plan(conn, items, options, faults)?;
    interaction::INTERACTIONS.write(conn, &plan, options, |planned| {
        let row = InteractionRow::planned(planned, &options.import_id, now.naive_utc());
        Ok(row)
    })?;
    plan.report(options)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_option_is_refused() {
        let read = serde_json::from_str::<InteractionBatch>;
        assert!(read(r#"{"import_id": "1", "dry_run": true, "items": []}"#).is_ok());
        let error = read(r#"{"import_id": "1", "dry_runn": true, "items": []}"#).unwrap_err();
        assert!(error.to_string().contains("dry_runn"), "{error}");
    }
}
