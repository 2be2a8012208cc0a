//! The chart of accounts.

use crate::{Bookkeeper, BooksReader};
use actix_web::web::{Json, Path};
use actix_web::{get, put};
use keepworth_contract::finance::{Account, AccountInput, AccountList};
use keepworth_finance::app::account;
use keepworth_finance::app::account::find;
use keepworth_intake::Failure;
use keepworth_platform::precondition::{IfMatchHeader, IfMatching, Tagged, TaggedResult};
use keepworth_platform::{ApiResult, Body, PreconditionProblems, ReadProblems, WriteProblems};
use keepworth_store::Conn;

/// Lists every account, in the order of their codes.
#[utoipa::path(operation_id = "list_accounts", tag = "general ledger",
    responses((status = 200, body = AccountList, description = "Every account"), ReadProblems, BooksReader))]
#[get("/accounts")]
pub async fn list_accounts(app: BooksReader) -> ApiResult<AccountList> {
    let rows = app
        .db()
        .read(|conn| account::load_accounts(conn).map_err(Failure::from))
        .await?;
    let items = rows.into_iter().map(Account::try_from);
    Ok(Json(AccountList {
        items: items.collect::<Result<_, _>>()?,
    }))
}

/// One account by its code, with an `ETag`.
#[utoipa::path(operation_id = "load_account", tag = "general ledger",
    params(("code" = String, Path, description = "Names the account in the ledger")),
    responses((status = 200, body = Account, description = "The account",
               headers(("ETag" = String, description = "Its version"))), ReadProblems, BooksReader))]
#[get("/accounts/{code}")]
pub async fn load_account(app: BooksReader, code: Path<String>) -> TaggedResult<Account> {
    let code = code.into_inner();
    keepworth_intake::page::check_text("code", Some(&code))?;
    let find = move |conn: &mut Conn| {
        find(conn, &code)?.ok_or_else(|| {
            Failure::not_found(format!(
                "no account `{code}`; describe it with PUT /v1/accounts/{code}"
            ))
        })
    };
    Ok(Tagged(app.db().read(find).await?))
}

/// Describes an account, or describes it anew: lines that come later follow it.
#[utoipa::path(operation_id = "put_account", tag = "general ledger", request_body(content = AccountInput, example = json!(
        {"name": "Call centre", "category": "SERVICE"})),
    params(("code" = String, Path, description = "Names the account in the ledger"), IfMatchHeader),
    responses((status = 200, body = Account, description = "The account",
               headers(("ETag" = String, description = "Its version"))),
              PreconditionProblems, WriteProblems, Bookkeeper))]
#[put("/accounts/{code}")]
pub async fn put_account(
    app: Bookkeeper,
    code: Path<String>,
    IfMatching(precondition): IfMatching,
    Body(body): Body<AccountInput>,
) -> TaggedResult<Account> {
    Ok(Tagged(
        keepworth_finance::app::account::put(&app, code.into_inner(), precondition, body).await?,
    ))
}
