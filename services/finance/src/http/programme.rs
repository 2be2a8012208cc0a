//! Programme money: planned against spent.

use crate::Finance;
use crate::app::programme::report;
use crate::app::{check_filter, read_picture};
use actix_web::get;
use actix_web::web::{Data, Json, Path, Query};
use keepworth_contract::finance::{ComparisonQuery, ProgrammeReport};
use keepworth_platform::{ApiResult, ReadProblems};

/// Holds what a programme cost against its budget, month by month.
#[utoipa::path(operation_id = "load_programme", tag = "programmes",
    params(("programme" = String, Path, description = "Names the programme"), ComparisonQuery),
    responses((status = 200, body = ProgrammeReport, description = "Planned against spent"),
              (status = 409, body = keepworth_contract::Problem, content_type = "application/problem+json",
               description = "No rate"), ReadProblems))]
#[get("/programmes/{programme}")]
pub async fn load_programme(
    app: Data<Finance>,
    programme: Path<String>,
    query: Query<ComparisonQuery>,
) -> ApiResult<ProgrammeReport> {
    check_filter("programme", Some(&programme))?;
    let version = query.version;
    let report = read_picture(&app.db, move |conn| report(conn, &programme, version)).await?;
    Ok(Json(report))
}
