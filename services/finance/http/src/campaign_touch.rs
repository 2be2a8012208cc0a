//! Who was reached by which campaign.

use crate::{Importer, PersonsReader};
use actix_web::web::{Json, Path, Query};
use actix_web::{get, post};
use keepworth_contract::batch::BatchReport;
use keepworth_contract::finance::{
    CampaignTouch, CampaignTouchBatch, CampaignTouchInput, CampaignTouchPage, CampaignTouchQuery,
};
use keepworth_finance::app::campaign_touch;
use keepworth_finance::app::campaign_touch::upsert;
use keepworth_intake::Failure;
use keepworth_platform::{ApiResult, BatchBody, ReadProblems, WriteProblems};
use keepworth_store::{Conn, RecordId};
use uuid::Uuid;

/// Lists campaigns' touches in id order.
#[utoipa::path(operation_id = "list_campaign_touches", tag = "acquisition", params(CampaignTouchQuery),
    responses((status = 200, body = CampaignTouchPage, description = "A page of touches"), ReadProblems, PersonsReader))]
#[get("/campaign-touches")]
pub async fn list_campaign_touches(
    app: PersonsReader,
    query: Query<CampaignTouchQuery>,
) -> ApiResult<CampaignTouchPage> {
    Ok(Json(campaign_touch::list(&app, query.into_inner()).await?))
}

/// One campaign touch by its id.
#[utoipa::path(operation_id = "load_campaign_touch", tag = "acquisition",
    params(("id" = Uuid, Path, description = "Its identifier")),
    responses((status = 200, body = CampaignTouch, description = "The campaign touch"), ReadProblems, PersonsReader))]
#[get("/campaign-touches/{id}")]
pub async fn load_campaign_touch(app: PersonsReader, id: Path<Uuid>) -> ApiResult<CampaignTouch> {
    let id = RecordId(id.into_inner());
    let find = move |conn: &mut Conn| campaign_touch::find_touch(conn, id).map_err(Failure::from);
    let row = app.db().read(find).await?;
    let row =
        row.ok_or_else(|| Failure::not_found(format!("no campaign touch has the id {id}")))?;
    Ok(Json(row.into()))
}

/// Writes up to 5,000 campaigns' touches; sending them again changes nothing.
#[utoipa::path(operation_id = "batch_upsert_campaign_touches", tag = "acquisition", request_body(content = CampaignTouchBatch, example = json!(
        {"import_id": "ads-2025-05", "items": [{"source": "ads", "external_id": "K-1",
        "customer_source": "crm", "customer_external_id": "C-1001", "campaign": "spring",
        "touched_on": "2025-05-02"}]})),
    responses((status = 200, body = BatchReport, description = "What became of each row"), WriteProblems, Importer))]
#[post("/campaign-touches:batch_upsert")]
pub async fn batch_upsert_campaign_touches(
    app: Importer,
    BatchBody(rows): BatchBody<CampaignTouchInput>,
) -> ApiResult<BatchReport> {
    Ok(Json(
        keepworth_intake::upsert(app.db(), rows, upsert).await?,
    ))
}
