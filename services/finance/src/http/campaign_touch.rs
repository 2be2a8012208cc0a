//! Who was reached by which campaign.

use actix_web::web::{Data, Json, Query};
use actix_web::{get, post};
use chrono::{DateTime, Utc};
use keepworth_contract::PageQuery;
use keepworth_contract::batch::{BatchOptions, BatchReport};
use keepworth_contract::finance::CampaignTouchInput;
use keepworth_intake::{Failure, batch, page};
use keepworth_platform::{ApiResult, ReadProblems, Service, WriteProblems};
use keepworth_store::Conn;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::Finance;
use crate::rule::cost::campaign_touch::faults;
use crate::store::campaign_touch::{self, CampaignTouchRow};
use keepworth_store::now;

/// A campaign touched somebody.
#[derive(Debug, Serialize, ToSchema)]
pub struct CampaignTouch {
    /// Identifier.
    pub id: Uuid,
    /// What the source said.
    pub record: CampaignTouchInput,
    /// The import that wrote it.
    pub import_id: String,
    /// When this version was written.
    pub recorded_at: DateTime<Utc>,
}

impl From<CampaignTouchRow> for CampaignTouch {
    fn from(row: CampaignTouchRow) -> Self {
        Self {
            id: row.id.0,
            import_id: row.import_id.clone(),
            recorded_at: row.recorded_at.and_utc(),
            record: row.into(),
        }
    }
}

/// A page of touches.
#[derive(Debug, Serialize, ToSchema)]
pub struct CampaignTouchPage {
    /// In id order.
    pub items: Vec<CampaignTouch>,
    /// Continues the list; null at its end.
    pub next_cursor: Option<String>,
}

/// Lists campaigns' touches in id order.
#[utoipa::path(operation_id = "list_campaign_touches", tag = "acquisition", params(PageQuery),
    responses((status = 200, body = CampaignTouchPage, description = "A page of touches"), ReadProblems))]
#[get("/campaign-touches")]
pub async fn list_campaign_touches(
    app: Data<Finance>,
    query: Query<PageQuery>,
) -> ApiResult<CampaignTouchPage> {
    let (after, limit) = (page::after(&query)?, query.limit());
    let mut rows = app
        .db()
        .read(move |conn| {
            campaign_touch::touches_after(conn, after, limit + 1).map_err(Failure::from)
        })
        .await?;
    let next_cursor = page::split_next(&mut rows, limit, |row| row.id);
    Ok(Json(CampaignTouchPage {
        items: rows.into_iter().map(CampaignTouch::from).collect(),
        next_cursor,
    }))
}

/// Up to 5,000 touches at once.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CampaignTouchBatch {
    /// How to treat the batch.
    #[serde(flatten)]
    pub options: BatchOptions,
    /// The touches.
    pub items: Vec<CampaignTouchInput>,
}

/// Writes up to 5,000 campaigns' touches; sending them again changes nothing.
#[utoipa::path(operation_id = "batch_upsert_campaign_touches", tag = "acquisition", request_body = CampaignTouchBatch,
    responses((status = 200, body = BatchReport, description = "What became of each row"), WriteProblems))]
#[post("/campaign-touches:batch_upsert")]
pub async fn batch_upsert_campaign_touches(
    app: Data<Finance>,
    body: Json<CampaignTouchBatch>,
) -> ApiResult<BatchReport> {
    let CampaignTouchBatch { options, items } = body.into_inner();
    Ok(Json(
        keepworth_intake::upsert(app.db(), options, items, upsert).await?,
    ))
}

fn upsert(
    conn: &mut Conn,
    options: &BatchOptions,
    items: &[CampaignTouchInput],
) -> Result<BatchReport, Failure> {
    let now = now();
    let faults = batch::faults(items, |item| faults(item, now.date_naive()));
    let plan = campaign_touch::CAMPAIGN_TOUCHES.plan(conn, items, options, faults)?;
    campaign_touch::CAMPAIGN_TOUCHES.write(conn, &plan, options, |planned| {
        let now = now.naive_utc();
        Ok(CampaignTouchRow::planned(planned, &options.import_id, now))
    })?;
    plan.report(options)
}
