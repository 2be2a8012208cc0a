//! Feedback.

use actix_web::web::{Data, Json, Query};
use actix_web::{get, post};
use chrono::{DateTime, Utc};
use keepworth_contract::PageQuery;
use keepworth_contract::batch::{BatchOptions, BatchReport};
use keepworth_contract::experience::{FeedbackInput, FeedbackKind};
use keepworth_intake::{Failure, batch, page};
use keepworth_platform::{ApiResult, ReadProblems, Service, WriteProblems};
use keepworth_store::Conn;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::customer_filter;
use crate::Experience;
use crate::rule::feedback::faults;
use crate::store::feedback::{self, FeedbackRow};

/// What a customer answered when asked.
#[derive(Debug, Serialize, ToSchema)]
pub struct Feedback {
    /// Identifier.
    pub id: Uuid,
    /// The system that the record comes from.
    pub source: String,
    /// The answer's id in that system.
    pub external_id: String,
    /// The system that knows the customer.
    pub customer_source: String,
    /// The customer's id there.
    pub customer_external_id: String,
    /// What was asked.
    #[schema(value_type = FeedbackKind)]
    pub kind: String,
    /// The answer, on the kind's scale.
    pub score: i32,
    /// When it was answered.
    pub responded_at: DateTime<Utc>,
    /// Where in the journey.
    pub phase: Option<String>,
    /// By which channel.
    pub channel: Option<String>,
    /// When this version was written.
    pub recorded_at: DateTime<Utc>,
}

impl From<FeedbackRow> for Feedback {
    fn from(row: FeedbackRow) -> Self {
        Self {
            id: row.id.0,
            source: row.source,
            external_id: row.external_id,
            customer_source: row.customer_source,
            customer_external_id: row.customer_external_id,
            kind: row.kind,
            score: row.score,
            responded_at: row.responded_at.and_utc(),
            phase: row.phase,
            channel: row.channel,
            recorded_at: row.recorded_at.and_utc(),
        }
    }
}

/// A page of feedback.
#[derive(Debug, Serialize, ToSchema)]
pub struct FeedbackPage {
    /// In id order.
    pub items: Vec<Feedback>,
    /// Continues the list; null at its end.
    pub next_cursor: Option<String>,
}

/// Which feedback.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct FeedbackQuery {
    /// Items per page, 1 or more (default 50; more than 1,000 is cut to 1,000).
    #[param(minimum = 1)]
    pub page_size: Option<i64>,
    /// `next_cursor` of the page before; leave out for the first page.
    pub cursor: Option<String>,
    /// Only of the customer whom this system knows by `customer_external_id`.
    pub customer_source: Option<String>,
    /// Only of the customer whom `customer_source` knows by this id.
    pub customer_external_id: Option<String>,
    /// Only answers to this kind of question.
    pub kind: Option<FeedbackKind>,
}

/// Lists feedback in id order.
#[utoipa::path(operation_id = "list_feedback", tag = "feedback", params(FeedbackQuery),
    responses((status = 200, body = FeedbackPage, description = "A page of feedback"), ReadProblems))]
#[get("/feedback")]
pub async fn list_feedback(
    app: Data<Experience>,
    query: Query<FeedbackQuery>,
) -> ApiResult<FeedbackPage> {
    let query = query.into_inner();
    let customer = customer_filter(query.customer_source, query.customer_external_id)?;
    let kind = query.kind;
    let query = PageQuery {
        page_size: query.page_size,
        cursor: query.cursor,
    };
    let (after, limit) = (page::after(&query)?, query.limit());
    let mut rows = app
        .db()
        .read(move |conn| {
            feedback::feedback_after(conn, after, customer.as_ref(), kind, limit + 1)
                .map_err(Failure::from)
        })
        .await?;
    let next_cursor = page::split_next(&mut rows, limit, |row| row.id);
    let items = rows.into_iter().map(Feedback::from).collect();
    Ok(Json(FeedbackPage { items, next_cursor }))
}

/// Up to 5,000 answers at once.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FeedbackBatch {
    /// How to treat the batch.
    #[serde(flatten)]
    pub options: BatchOptions,
    /// The answers.
    pub items: Vec<FeedbackInput>,
}

/// Writes up to 5,000 answers; sending them again changes nothing.
///
/// A new version replaces an answer as a whole: what it leaves out is gone.
#[utoipa::path(operation_id = "batch_upsert_feedback", tag = "feedback", request_body = FeedbackBatch,
    responses((status = 200, body = BatchReport, description = "What became of each row"), WriteProblems))]
#[post("/feedback:batch_upsert")]
pub async fn batch_upsert_feedback(
    app: Data<Experience>,
    body: Json<FeedbackBatch>,
) -> ApiResult<BatchReport> {
    let FeedbackBatch { options, items } = body.into_inner();
    Ok(Json(
        keepworth_intake::upsert(app.db(), options, items, upsert).await?,
    ))
}

fn upsert(
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_option_is_refused() {
        let read = serde_json::from_str::<FeedbackBatch>;
        assert!(read(r#"{"import_id": "1", "dry_run": true, "items": []}"#).is_ok());
        let error = read(r#"{"import_id": "1", "dry_runn": true, "items": []}"#).unwrap_err();
        assert!(error.to_string().contains("dry_runn"), "{error}");
    }
}
