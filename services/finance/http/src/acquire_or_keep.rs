//! Acquire or keep: what the next unit of money should be spent on, per segment.

use crate::FiguresReader;
use crate::missing_rate::MissingRate;
use actix_web::get;
use actix_web::web::{Json, Query};
use keepworth_contract::finance::{AcquireOrKeepQuery, AcquireOrKeepReport};
use keepworth_finance::app::acquire_or_keep::{Asked, report};
use keepworth_finance::app::read_picture;
use keepworth_platform::{ApiResult, ReadProblems};

/// Says what the next unit of money should be spent on in each segment: winning customers, keeping
/// them, or neither.
///
/// Decisions are marginal: what one more customer costs to keep and to win is held against what a
/// customer is worth (Blattberg and Deighton, 1996). The last version of each response history
/// counts; margin and present spend come from ledger and segment months, or from the query. Where
/// recruiting is cheaper the verdict says so. The same records, query and release give the same
/// answer.
#[utoipa::path(operation_id = "load_acquire_or_keep", tag = "acquire or keep", params(AcquireOrKeepQuery),
    responses((status = 200, body = AcquireOrKeepReport, description = "By segment"),
              (status = 409, body = keepworth_contract::Problem, content_type = "application/problem+json",
               description = "Several currencies"), ReadProblems, MissingRate, FiguresReader))]
#[get("/acquire-or-keep")]
pub async fn load_acquire_or_keep(
    app: FiguresReader,
    query: Query<AcquireOrKeepQuery>,
) -> ApiResult<AcquireOrKeepReport> {
    let asked = Asked::of(query.into_inner())?;
    let report = read_picture(app.db(), move |conn| report(conn, &asked)).await?;
    Ok(Json(report))
}
