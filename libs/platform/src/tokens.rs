//! `/v1/tokens`: tokens for programs, the same for every service.
//!
//! What makes one takes no `Idempotency-Key`: its answer would be kept, and the token in it. A name that is there
//! already is refused, so that nothing is made twice.

use actix_web::http::header::{CACHE_CONTROL, LOCATION};
use actix_web::web::{Json, Path, Query};
use actix_web::{HttpRequest, HttpResponse, delete, get, post};
use keepworth_access::permission::TokensOwn;
use keepworth_contract::token::{Token, TokenInput, TokenPage, TokenRotation, TokenWithSecret};
use keepworth_contract::{Problem, SequenceQuery};
use keepworth_store::{Conn, RecordId};
use keepworth_tokens::Tokens;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::{Allowed, ApiError, ApiResult, Body, ReadProblems, WriteProblems};

/// The tokens of a service, for their owners.
type Owner = Allowed<TokensOwn, Tokens>;

/// What these operations are about.
pub(crate) const TAG: (&str, &str) = (
    "tokens",
    "Tokens for programs: each opens this service, for what it was made for and its owner may.",
);

/// Every route.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(create_token)
        .service(list_tokens)
        .service(load_token)
        .service(rotate_token)
        .service(delete_token);
}

/// Makes a token for a program of the caller's; answers it, this once.
///
/// It can do what it was made for as long as its owner can, by the roles that the service saw of them last. It
/// makes, changes and withdraws no tokens. A name that another token of the owner's has is refused (409), so that
/// a request which is sent again makes no second one; where its answer was lost, withdraw the first.
#[utoipa::path(operation_id = "create_token", tag = "tokens", request_body(content = TokenInput, example = json!(
        {"name": "nightly import", "permissions": ["records:import"], "days": 90})),
    responses((status = 201, body = TokenWithSecret, description = "The token, and what opens",
               headers(("Location" = String, description = "Its address"))), WriteProblems, Owner))]
#[post("/tokens")]
pub async fn create_token(
    tokens: Owner,
    request: HttpRequest,
    new: Body<TokenInput>,
) -> Result<HttpResponse, ApiError> {
    let caller = tokens.caller().clone();
    let create = move |conn: &mut Conn| Tokens::create(conn, &caller, &new.0);
    let made = tokens.db().write(create).await?;
    let location = format!("{}/{}", request.path(), made.token.id);
    Ok(HttpResponse::Created()
        .insert_header((LOCATION, location))
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(made))
}

/// Lists the caller's tokens in the order of their making; everybody's, to who has `tokens:manage`.
#[utoipa::path(operation_id = "list_tokens", tag = "tokens", params(SequenceQuery),
    responses((status = 200, body = TokenPage, description = "A page of tokens"), ReadProblems, Owner))]
#[get("/tokens")]
pub async fn list_tokens(tokens: Owner, query: Query<SequenceQuery>) -> ApiResult<TokenPage> {
    let caller = tokens.caller().clone();
    let list = move |conn: &mut Conn| Tokens::list(conn, &caller, &query);
    Ok(Json(tokens.db().read(list).await?))
}

/// One token, without what opens.
#[utoipa::path(operation_id = "load_token", tag = "tokens",
    params(("id" = Uuid, Path, description = "The token's identifier")),
    responses((status = 200, body = Token, description = "The token"), ReadProblems, Owner))]
#[get("/tokens/{id}")]
pub async fn load_token(tokens: Owner, id: Path<Uuid>) -> ApiResult<Token> {
    let (caller, id) = (tokens.caller().clone(), RecordId(id.into_inner()));
    let load = move |conn: &mut Conn| Tokens::load(conn, &caller, id);
    Ok(Json(tokens.db().read(load).await?))
}

/// Changes a token of the caller's own for a new one, shown this once. For 24 hours the old one opens too, or
/// until its end, if that comes first.
#[utoipa::path(operation_id = "rotate_token", tag = "tokens",
    request_body(content = TokenRotation, example = json!({"days": 90})),
    params(("id" = Uuid, Path, description = "The token's identifier")),
    responses((status = 200, body = TokenWithSecret, description = "The token, and what opens from now on"),
              (status = 404, body = Problem, content_type = "application/problem+json",
               description = "No token of the caller's is called so"), WriteProblems, Owner))]
#[post("/tokens/{id}:rotate")]
pub async fn rotate_token(
    tokens: Owner,
    id: Path<Uuid>,
    rotation: Body<TokenRotation>,
) -> Result<HttpResponse, ApiError> {
    let (caller, id) = (tokens.caller().clone(), RecordId(id.into_inner()));
    let rotate = move |conn: &mut Conn| Tokens::rotate(conn, &caller, id, &rotation.0);
    let made = tokens.db().write(rotate).await?;
    tokens.forget(id);
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(made))
}

/// Withdraws a token of the caller's, or anybody's, for who has `tokens:manage`: it opens nothing more, in this
/// process at once, in others of the service within a second.
#[utoipa::path(operation_id = "delete_token", tag = "tokens",
    params(("id" = Uuid, Path, description = "The token's identifier")),
    responses((status = 200, body = Token, description = "What it was"), ReadProblems, Owner))]
#[delete("/tokens/{id}")]
pub async fn delete_token(tokens: Owner, id: Path<Uuid>) -> ApiResult<Token> {
    let (caller, id) = (tokens.caller().clone(), RecordId(id.into_inner()));
    let delete = move |conn: &mut Conn| Tokens::delete(conn, &caller, id);
    let token = tokens.db().write(delete).await?;
    tokens.forget(id);
    Ok(Json(token))
}
