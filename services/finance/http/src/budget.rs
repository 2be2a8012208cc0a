//! What programmes may cost, in versions.

use crate::{Bookkeeper, BooksReader};
use actix_web::web::{Json, Path};
use actix_web::{get, post};
use keepworth_contract::finance::{Budget, BudgetInput, BudgetList};
use keepworth_finance::app::budget::{create, load};
use keepworth_intake::Failure;
use keepworth_platform::idempotency::{IdempotencyKey, Idempotent, Written};
use keepworth_platform::{ApiError, ApiResult, Body, ReadProblems, WriteProblems};
use keepworth_store::Conn;

/// Lists every version of a programme's budget, oldest first.
#[utoipa::path(operation_id = "list_budgets", tag = "programmes",
    params(("programme" = String, Path, description = "Names the programme")),
    responses((status = 200, body = BudgetList, description = "Every version"), ReadProblems, BooksReader))]
#[get("/programmes/{programme}/budgets")]
pub async fn list_budgets(app: BooksReader, programme: Path<String>) -> ApiResult<BudgetList> {
    keepworth_intake::page::check_text("programme", Some(&programme))?;
    let items = app
        .db()
        .read(move |conn| conn.snapshot(|conn| load(conn, &programme)))
        .await?;
    Ok(Json(BudgetList { items }))
}

/// One version of a programme's budget.
#[utoipa::path(operation_id = "load_budget", tag = "programmes",
    params(("programme" = String, Path, description = "Names the programme"),
           ("version" = u32, Path, description = "1 for the programme's first budget")),
    responses((status = 200, body = Budget, description = "The version"), ReadProblems, BooksReader))]
#[get("/programmes/{programme}/budgets/{version}")]
pub async fn load_budget(app: BooksReader, path: Path<(String, u32)>) -> ApiResult<Budget> {
    let (programme, version) = path.into_inner();
    keepworth_intake::page::check_text("programme", Some(&programme))?;
    let all = move |conn: &mut Conn| conn.snapshot(|conn| load(conn, &programme));
    let budget = app
        .db()
        .read(all)
        .await?
        .into_iter()
        .find(|it| it.version == version);
    Ok(Json(budget.ok_or_else(|| {
        Failure::not_found(format!("the programme has no budget of version {version}"))
    })?))
}

/// States what a programme may cost.
///
/// Budgets are not edited: this is the next version, and it replaces the whole plan from its day
/// on. None is removed: a programme ends with a version that has no lines after its last month.
#[utoipa::path(operation_id = "create_budget", tag = "programmes", request_body(content = BudgetInput, example = json!(
        {"effective_on": "2025-07-01", "reason": "board decision of June",
        "lines": [{"month": "2025-07", "line": "PEOPLE", "amount": {"amount": "12000.00",
        "currency": "EUR"}}]})),
    params(("programme" = String, Path, description = "Names the programme"), IdempotencyKey),
    responses((status = 201, body = Budget, description = "The version",
               headers(("Location" = String, description = "Its address"))), WriteProblems, Bookkeeper))]
#[post("/programmes/{programme}/budgets")]
pub async fn create_budget(
    app: Bookkeeper,
    programme: Path<String>,
    request: Idempotent<Body<BudgetInput>>,
) -> Result<Written, ApiError> {
    let (programme, new) = (programme.into_inner(), request.body.0);
    let work = move |conn: &mut Conn| create(conn, programme, new);
    request
        .key
        .create(app.db(), |it: &Budget| it.version.to_string(), work)
        .await
}
