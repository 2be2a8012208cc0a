//! How shared costs are split between segments.

use crate::{Bookkeeper, BooksReader};
use actix_web::web::{Json, Path};
use actix_web::{get, post};
use keepworth_contract::finance::{AllocationRule, AllocationRuleInput, AllocationRuleList};
use keepworth_finance::app::allocation_rule;
use keepworth_finance::app::allocation_rule::{faults, insert};
use keepworth_intake::Failure;
use keepworth_platform::idempotency::{IdempotencyKey, Idempotent, Written};
use keepworth_platform::{ApiError, ApiResult, Body, ReadProblems, WriteProblems};
use keepworth_store::Conn;
use uuid::Uuid;

/// Lists every version of every rule, by category and version.
#[utoipa::path(operation_id = "list_allocation_rules", tag = "allocation",
    responses((status = 200, body = AllocationRuleList, description = "Every rule"), ReadProblems, BooksReader))]
#[get("/allocation-rules")]
pub async fn list_allocation_rules(app: BooksReader) -> ApiResult<AllocationRuleList> {
    let rows = app
        .db()
        .read(|conn| allocation_rule::load_rules(conn).map_err(Failure::from))
        .await?;
    let items = rows.into_iter().map(AllocationRule::try_from);
    Ok(Json(AllocationRuleList {
        items: items.collect::<Result<_, _>>()?,
    }))
}

/// One rule by its id.
#[utoipa::path(operation_id = "load_allocation_rule", tag = "allocation",
    params(("id" = Uuid, Path, description = "Its identifier")),
    responses((status = 200, body = AllocationRule, description = "The rule"), ReadProblems, BooksReader))]
#[get("/allocation-rules/{id}")]
pub async fn load_allocation_rule(app: BooksReader, id: Path<Uuid>) -> ApiResult<AllocationRule> {
    let id = id.into_inner();
    let all = move |conn: &mut Conn| allocation_rule::load_rules(conn).map_err(Failure::from);
    let row = app
        .db()
        .read(all)
        .await?
        .into_iter()
        .find(|row| row.id.0 == id);
    let row = row.ok_or_else(|| Failure::not_found(format!("no rule has the id {id}")))?;
    Ok(Json(row.try_into()?))
}

/// States how the shared costs of a category are split from a month on.
///
/// Rules are not edited: this is the category's next version, and the versions before it keep
/// holding for the months before. A rule ends where the next version begins; none is removed, because
/// figures of closed months stand on it.
#[utoipa::path(operation_id = "create_allocation_rule", tag = "allocation", request_body(content = AllocationRuleInput, example = json!(
        {"category": "SERVICE", "effective_from": "2025-07", "method": "BY_CONTACTS",
        "reason": "contacts drive the cost"})),
    params(IdempotencyKey),
    responses((status = 201, body = AllocationRule, description = "The version",
               headers(("Location" = String, description = "Its address"))), WriteProblems, Bookkeeper))]
#[post("/allocation-rules")]
pub async fn create_allocation_rule(
    app: Bookkeeper,
    request: Idempotent<Body<AllocationRuleInput>>,
) -> Result<Written, ApiError> {
    let rule = request.body.0;
    let faults = faults(&rule);
    if !faults.is_empty() {
        return Err(Failure::invalid(faults).into());
    }
    let work = move |conn: &mut Conn| AllocationRule::try_from(insert(conn, rule)?);
    request
        .key
        .create(app.db(), |it: &AllocationRule| it.id.to_string(), work)
        .await
}
