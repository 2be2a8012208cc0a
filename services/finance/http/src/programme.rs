//! Programme money: planned against spent.

use crate::FiguresReader;
use crate::missing_rate::MissingRate;
use actix_web::get;
use actix_web::web::{Json, Path, Query};
use keepworth_contract::finance::{
    ComparisonQuery, ProgrammeList, ProgrammeMoney, ProgrammeMoneyQuery, ProgrammeReport,
    ProgrammeSummary,
};
use keepworth_finance::app::budget;
use keepworth_finance::app::programme::{money, report};
use keepworth_finance::app::read_picture;
use keepworth_intake::Failure;
use keepworth_intake::page::check_text;
use keepworth_platform::{ApiResult, ReadProblems};
use keepworth_store::Conn;

/// Lists every programme that has a budget or costs, by name.
#[utoipa::path(operation_id = "list_programmes", tag = "programmes",
    responses((status = 200, body = ProgrammeList, description = "Every programme"), ReadProblems, FiguresReader))]
#[get("/programmes")]
pub async fn list_programmes(app: FiguresReader) -> ApiResult<ProgrammeList> {
    let load = |conn: &mut Conn| budget::load_programmes(conn).map_err(Failure::from);
    let names = app.db().read(load).await?.into_iter();
    let items = names
        .map(|programme| ProgrammeSummary {
            programme: programme.into(),
        })
        .collect();
    Ok(Json(ProgrammeList { items }))
}

/// Holds what a programme cost against its budget, month by month.
#[utoipa::path(operation_id = "load_programme", tag = "programmes",
    params(("programme" = String, Path, description = "Names the programme"), ComparisonQuery),
    responses((status = 200, body = ProgrammeReport, description = "Planned against spent"),
              (status = 409, body = keepworth_contract::Problem, content_type = "application/problem+json",
               description = "A sum that is too large"), ReadProblems, MissingRate, FiguresReader))]
#[get("/programmes/{programme}")]
pub async fn load_programme(
    app: FiguresReader,
    programme: Path<String>,
    query: Query<ComparisonQuery>,
) -> ApiResult<ProgrammeReport> {
    check_text("programme", Some(&programme))?;
    let version = query.version;
    let report = read_picture(app.db(), move |conn| report(conn, &programme, version)).await?;
    Ok(Json(report))
}

/// What a programme may cost by its newest budget, if it has one, and what it did cost: also of one that has no budget,
/// and of one that no record names.
#[utoipa::path(operation_id = "load_programme_money", tag = "programmes",
    params(("programme" = String, Path, description = "Names the programme"), ProgrammeMoneyQuery),
    responses((status = 200, body = ProgrammeMoney, description = "Planned and spent"),
              (status = 409, body = keepworth_contract::Problem, content_type = "application/problem+json",
               description = "Entries in several currencies without a budget that names one; a sum that is too large"),
              ReadProblems, MissingRate, FiguresReader))]
#[get("/programmes/{programme}/money")]
pub async fn load_programme_money(
    app: FiguresReader,
    programme: Path<String>,
    query: Query<ProgrammeMoneyQuery>,
) -> ApiResult<ProgrammeMoney> {
    check_text("programme", Some(&programme))?;
    let money = read_picture(app.db(), move |conn| money(conn, &programme, &query)).await?;
    Ok(Json(money))
}
