//! Baselines: the company as it was on a day, frozen.

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, get, post};
use chrono::NaiveDate;
use keepworth_contract::simulator::baseline::Baseline;
use keepworth_contract::simulator::{BaselineInput, BaselineSummary, BaselineSummaryPage};
use keepworth_contract::{InvalidParam, PageQuery, Problem};
use keepworth_intake::fault::not_come_yet;
use keepworth_intake::{Failure, page};
use keepworth_platform::{ApiError, ApiResult, ReadProblems, Service, WriteProblems};
use keepworth_store::RecordId;

use crate::Simulator;
use crate::app::build;
use crate::store::baseline::{self, BaselineRow, NewBaselineRow};

/// Builds the baseline as of a day from the feeds of customers, experience and finance.
///
/// The same records give the same document under the same hash, and no second one is kept.
#[utoipa::path(operation_id = "create_baseline", tag = "baselines", request_body = BaselineInput,
    responses((status = 201, body = Baseline, description = "The baseline, new"),
              (status = 200, body = Baseline, description = "The baseline, which was there already"),
              (status = 502, body = Problem, content_type = "application/problem+json",
               description = "Another service is missing"), WriteProblems))]
#[post("/baselines")]
pub async fn create_baseline(
    app: Data<Simulator>,
    body: Json<BaselineInput>,
) -> Result<HttpResponse, ApiError> {
    let as_of = body.as_of;
    refuse_future(as_of, keepworth_store::now().date_naive())?;
    let baseline = build::build(&app.sources(), as_of).await?;
    let document = serde_json::to_string(&baseline).map_err(Failure::internal)?;
    let row = NewBaselineRow {
        hash: baseline.hash,
        id: RecordId::generate(),
        as_of,
        currency: baseline.currency,
        document: document.clone(),
        created_at: keepworth_store::now().naive_utc(),
    };
    let is_new = app
        .db()
        .write(move |conn| baseline::insert_baseline(conn, &row).map_err(Failure::from))
        .await?;
    let mut response = if is_new {
        HttpResponse::Created()
    } else {
        HttpResponse::Ok()
    };
    Ok(response.content_type("application/json").body(document))
}

fn refuse_future(as_of: NaiveDate, today: NaiveDate) -> Result<(), Failure> {
    let why = not_come_yet(as_of, today);
    why.map_or(Ok(()), |why| {
        let param = InvalidParam::new("as_of", "in_the_future", why);
        Err(Failure::invalid(vec![param]))
    })
}

impl From<BaselineRow> for BaselineSummary {
    fn from(row: BaselineRow) -> Self {
        Self {
            hash: row.hash,
            as_of: row.as_of,
            currency: row.currency,
            created_at: row.created_at.and_utc(),
        }
    }
}

/// Lists baselines in the order of their making.
#[utoipa::path(operation_id = "list_baselines", tag = "baselines", params(PageQuery),
    responses((status = 200, body = BaselineSummaryPage, description = "A page of baselines"), ReadProblems))]
#[get("/baselines")]
pub async fn list_baselines(
    app: Data<Simulator>,
    query: Query<PageQuery>,
) -> ApiResult<BaselineSummaryPage> {
    let (after, limit) = (page::after(&query)?, query.limit());
    let rows = app
        .db()
        .read(move |conn| baseline::baselines_after(conn, after, limit + 1).map_err(Failure::from))
        .await?;
    Ok(Json(page::page(rows, limit, |row| row.id)?))
}

/// One baseline by its hash.
#[utoipa::path(operation_id = "load_baseline", tag = "baselines",
    params(("hash" = String, Path, description = "The baseline's hash")),
    responses((status = 200, body = Baseline, description = "The baseline"), ReadProblems))]
#[get("/baselines/{hash}")]
pub async fn load_baseline(
    app: Data<Simulator>,
    hash: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let hash = hash.into_inner();
    let missing = format!("no baseline has the hash {hash}; GET /v1/baselines lists them");
    let document = app
        .db()
        .read(move |conn| baseline::find_document(conn, &hash).map_err(Failure::from))
        .await?
        .ok_or_else(|| Failure::not_found(missing))?;
    Ok(HttpResponse::Ok()
        .content_type("application/json")
        .body(document))
}
