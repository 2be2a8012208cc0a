//! Customers.

use crate::{Importer, PersonsReader};
use actix_web::web::{Json, Path, Query};
use actix_web::{get, post};
use keepworth_contract::batch::BatchReport;
use keepworth_contract::customers::{
    Customer, CustomerBatch, CustomerInput, CustomerPage, CustomerQuery,
};
use keepworth_customers::app::customer;
use keepworth_customers::app::customer::upsert;
use keepworth_intake::Failure;
use keepworth_platform::{ApiResult, BatchBody, ReadProblems, WriteProblems};
use keepworth_store::RecordId;
use uuid::Uuid;

/// Lists customers in id order.
#[utoipa::path(operation_id = "list_customers", tag = "customers", params(CustomerQuery),
    responses((status = 200, body = CustomerPage, description = "A page of customers"), ReadProblems, PersonsReader))]
#[get("/customers")]
pub async fn list_customers(
    app: PersonsReader,
    query: Query<CustomerQuery>,
) -> ApiResult<CustomerPage> {
    Ok(Json(
        keepworth_customers::app::customer::list(&app, query.into_inner()).await?,
    ))
}

/// One customer by id.
#[utoipa::path(operation_id = "load_customer", tag = "customers",
    params(("id" = Uuid, Path, description = "The customer's identifier")),
    responses((status = 200, body = Customer, description = "The customer"), ReadProblems, PersonsReader))]
#[get("/customers/{id}")]
pub async fn load_customer(app: PersonsReader, id: Path<Uuid>) -> ApiResult<Customer> {
    let id = RecordId(id.into_inner());
    let row = app
        .db()
        .read(move |conn| customer::find_customer(conn, id).map_err(Failure::from))
        .await?;
    let row = row.ok_or_else(|| Failure::not_found(format!("no customer has the id {id}")))?;
    Ok(Json(row.into()))
}

/// One customer by source and id there.
#[utoipa::path(operation_id = "load_customer_by_external_id", tag = "customers",
    params(("source" = String, Path, description = "The system that knows the customer"),
           ("external_id" = String, Path, description = "The customer's id there")),
    responses((status = 200, body = Customer, description = "The customer"), ReadProblems, PersonsReader))]
#[get("/customers/by-external-id/{source}/{external_id}")]
pub async fn load_customer_by_external_id(
    app: PersonsReader,
    path: Path<(String, String)>,
) -> ApiResult<Customer> {
    let (source, external_id) = path.into_inner();
    let missing = format!("no customer of `{source}` has the id `{external_id}` there");
    let row = app
        .db()
        .read(move |conn| {
            customer::find_by_external_id(conn, &source, &external_id).map_err(Failure::from)
        })
        .await?;
    let row = row.ok_or_else(|| Failure::not_found(missing))?;
    Ok(Json(row.into()))
}

/// Writes up to 5,000 customers; sending them again changes nothing.
///
/// What a record leaves out stays as it was: a customer who left by a lifecycle event stays left
/// when their record comes again without `left_on`.
#[utoipa::path(operation_id = "batch_upsert_customers", tag = "customers", request_body(content = CustomerBatch, example = json!(
        {"import_id": "crm-2025-07-01", "create_segments": true, "items": [{"source": "crm",
        "external_id": "C-1001", "segment": "smb", "acquired_on": "2024-03-01",
        "acquisition_channel": "web"}]})),
    responses((status = 200, body = BatchReport, description = "What became of each row"), WriteProblems, Importer))]
#[post("/customers:batch_upsert")]
pub async fn batch_upsert_customers(
    app: Importer,
    BatchBody(rows): BatchBody<CustomerInput>,
) -> ApiResult<BatchReport> {
    Ok(Json(
        keepworth_intake::upsert(app.db(), rows, upsert).await?,
    ))
}
