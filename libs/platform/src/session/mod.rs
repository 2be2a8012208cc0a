//! The page that `keepworth open` opens, and how its ticket becomes a session.
//!
//! They are of a process with every service in it, on the user's own machine, and stand in no contract.

use std::time::Instant;

use actix_web::http::header::{CACHE_CONTROL, HeaderMap};
use actix_web::web::{self, Data, Json, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use keepworth_access::{Act, Via};
use keepworth_contract::session::{Session, SessionTicket};
use keepworth_intake::Failure;

use crate::access::Gate;
use crate::limits::{Limits, Refusals};
use crate::{ApiError, ApiResult, Body};

const PAGE: &str = include_str!("page.html");
const SCRIPT: &str = include_str!("session.js");

/// Registers page and routes, for services of these names.
pub(crate) fn routes(config: &mut ServiceConfig, names: &[&str]) {
    let link = |name: &&str| format!("<li><a href=\"/{name}/docs/\">{name}</a></li>");
    let page = PAGE.replace("LINKS", &names.iter().map(link).collect::<String>());
    config
        .route("/v1/session-tickets", web::post().to(create_ticket))
        .route("/v1/sessions", web::post().to(create_session))
        .service(web::redirect("/docs", "/docs/"))
        .route(
            "/docs/",
            web::get().to(move || shown("text/html; charset=utf-8", page.clone())),
        )
        .route(
            "/docs/session.js",
            web::get().to(|| shown("text/javascript; charset=utf-8", SCRIPT.to_owned())),
        );
}

async fn shown(kind: &'static str, text: String) -> HttpResponse {
    HttpResponse::Ok().content_type(kind).body(text)
}

/// Makes a ticket, for the user of this machine: no session makes others.
async fn create_ticket(gate: Data<Gate>) -> ApiResult<SessionTicket> {
    let act = Act::current();
    let caller = act.as_ref().map(Act::caller);
    let is_own =
        caller.is_some_and(|it| matches!(it.via, Via::Socket | Via::Token) && Gate::is_local(it));
    if !is_own {
        let why = "tickets are for the user that Keepworth runs as: `keepworth open` asks for one";
        return Err(match caller {
            Some(_) => Failure::forbidden(why),
            None => Failure::unauthenticated(why),
        }
        .into());
    }
    let ticket = gate.sessions()?.ticket(Instant::now());
    Ok(Json(SessionTicket { ticket }))
}

/// Trades a ticket for the key of a session. Who guesses is slowed down as with tokens.
async fn create_session(
    request: HttpRequest,
    gate: Data<Gate>,
    limits: Data<Limits>,
    shown: Body<SessionTicket>,
) -> Result<HttpResponse, ApiError> {
    refuse_other_sites(request.headers())?;
    let address = request.peer_addr().map(|it| it.ip());
    let (refusals, ticket) = (limits.refusals(), shown.0.ticket);
    let mark = Refusals::mark(&ticket);
    if let Some(address) = address {
        refusals.admit(address, &mark)?;
    }
    let Some(key) = gate.sessions()?.trade(&ticket, Instant::now()) else {
        address
            .into_iter()
            .for_each(|it| refusals.was_wrong(it, mark));
        return Err(Failure::unauthenticated(
            "the ticket is not known: each opens once, within 15 minutes of its making and while the server that \
             made it runs; `keepworth open` makes a new one",
        )
        .into());
    };
    Ok(HttpResponse::Created()
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(Session { key }))
}

/// A browser says whose page asks: none but this server's own has a ticket to trade.
fn refuse_other_sites(headers: &HeaderMap) -> Result<(), Failure> {
    let site = headers.get("sec-fetch-site");
    match site.map(|it| it.to_str().unwrap_or_default()) {
        None | Some("same-origin") => Ok(()),
        Some(_) => Err(Failure::forbidden(
            "a page of another site asks for a session; open the address that `keepworth open` prints",
        )),
    }
}
