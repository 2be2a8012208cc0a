//! The chart of accounts.

use actix_web::web::{Data, Json, Path};
use actix_web::{get, put};
use chrono::{DateTime, Utc};
use keepworth_contract::InvalidParam;
use keepworth_contract::Word;
use keepworth_contract::finance::{CostCategory, CostComponent};
use keepworth_intake::Failure;
use keepworth_intake::fault;
use keepworth_platform::precondition::{IfMatchHeader, IfMatching, Tagged, TaggedResult};
use keepworth_platform::{ApiResult, PreconditionProblems, ReadProblems, Service, WriteProblems};
use keepworth_store::Conn;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::internal;
use crate::Finance;
use crate::rule::cost::component::{admitted, find_place};
use crate::store::account::{self, AccountRow};

/// An account of the general ledger, and what its lines are.
#[derive(Debug, Serialize, ToSchema)]
pub struct Account {
    /// Names it in the ledger.
    pub code: String,
    /// Names it for people.
    pub name: String,
    /// What is spent there; null for accounts that are no cost, such as cash.
    pub category: Option<CostCategory>,
    /// What exactly.
    pub component: Option<CostComponent>,
    /// When it was written.
    pub recorded_at: DateTime<Utc>,
}

impl TryFrom<AccountRow> for Account {
    type Error = Failure;

    fn try_from(row: AccountRow) -> Result<Self, Failure> {
        let usage = row.usage().map_err(internal)?;
        Ok(Self {
            code: row.code,
            name: row.name,
            category: usage.category,
            component: usage.component,
            recorded_at: row.recorded_at.and_utc(),
        })
    }
}

/// Every account.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountList {
    /// In the order of their codes.
    pub items: Vec<Account>,
}

/// Lists every account, in the order of their codes.
#[utoipa::path(operation_id = "list_accounts", tag = "general ledger",
    responses((status = 200, body = AccountList, description = "Every account"), ReadProblems))]
#[get("/accounts")]
pub async fn list_accounts(app: Data<Finance>) -> ApiResult<AccountList> {
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
               headers(("ETag" = String, description = "Its version"))), ReadProblems))]
#[get("/accounts/{code}")]
pub async fn load_account(app: Data<Finance>, code: Path<String>) -> TaggedResult<Account> {
    let code = code.into_inner();
    super::check_filter("code", Some(&code))?;
    let find = move |conn: &mut Conn| {
        find(conn, &code)?.ok_or_else(|| {
            Failure::not_found(format!(
                "no account `{code}`; describe it with PUT /v1/accounts/{code}"
            ))
        })
    };
    Ok(Tagged(app.db().read(find).await?))
}

fn find(conn: &mut Conn, code: &str) -> Result<Option<Account>, Failure> {
    let row = account::find_account(conn, code)?;
    row.map(Account::try_from).transpose()
}

/// An account's own fields.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountBody {
    /// Names it for people.
    #[schema(min_length = 1, max_length = 128)]
    pub name: String,
    /// What is spent there; leave it out for accounts that are no cost, such as cash.
    #[serde(default)]
    pub category: Option<CostCategory>,
    /// What exactly; the category's usual component when left out.
    #[serde(default)]
    pub component: Option<CostComponent>,
}

/// Describes an account, or describes it anew: lines that come later follow it.
#[utoipa::path(operation_id = "put_account", tag = "general ledger", request_body = AccountBody,
    params(("code" = String, Path, description = "Names the account in the ledger"), IfMatchHeader),
    responses((status = 200, body = Account, description = "The account",
               headers(("ETag" = String, description = "Its version"))),
              PreconditionProblems, WriteProblems))]
#[put("/accounts/{code}")]
pub async fn put_account(
    app: Data<Finance>,
    code: Path<String>,
    IfMatching(precondition): IfMatching,
    body: Json<AccountBody>,
) -> TaggedResult<Account> {
    let (code, body) = (code.into_inner(), body.into_inner());
    let faults: Vec<_> = [
        fault::text("code", &code, 128),
        fault::text("name", &body.name, 128),
        wrong_component(&body),
    ]
    .into_iter()
    .flatten()
    .collect();
    if !faults.is_empty() {
        return Err(Failure::invalid(faults).into());
    }
    let row = AccountRow {
        code,
        name: body.name,
        category: body.category.map(|it| it.name().to_owned()),
        component: body.component.map(|it| it.name().to_owned()),
        recorded_at: keepworth_store::now().naive_utc(),
    };
    let work = move |conn: &mut Conn| {
        conn.lock_source("accounts", &row.code)?;
        precondition.check(find(conn, &row.code)?.as_ref())?;
        account::upsert_account(conn, &row)?;
        Account::try_from(row)
    };
    Ok(Tagged(app.db().write(work).await?))
}

fn wrong_component(body: &AccountBody) -> Option<InvalidParam> {
    let component = body.component?;
    let reason = match body.category {
        Some(category) if find_place(category, Some(component)).is_some() => return None,
        Some(category) => format!(
            "{} has no component {}; it has: {}",
            category.name(),
            component.name(),
            admitted(category)
        ),
        None => "is given without category; name the category or leave it out".to_owned(),
    };
    Some(InvalidParam::new("component", "wrong_component", reason))
}
