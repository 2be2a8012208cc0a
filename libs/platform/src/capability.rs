//! `GET /v1/capabilities`: where a service fits among others.

use actix_web::get;
use actix_web::web::Json;
use keepworth_access::permission::FiguresRead;
use keepworth_contract::{Capabilities, LeftToOthers};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{Allowed, ApiResult, Covered, ReadProblems, Service, audit, subject, tokens, webhook};

/// Who may read what a service says of itself.
type Reader = Allowed<FiguresRead, Capabilities>;

/// Every route of a service below `/v1`, with what it says of itself.
pub(crate) fn routes<S: Service>(config: &mut ServiceConfig<'_>) {
    S::routes(config);
    subject::routes(config);
    if !S::EVENTS.is_empty() {
        webhook::routes(config);
    }
    tokens::routes(config);
    config.service(load_capabilities);
    audit::routes(config);
}

/// What a service says of itself.
pub(crate) fn capabilities<S: Service>() -> Capabilities {
    let Covered {
        covers,
        assists,
        leaves,
    } = S::COVERED;
    let texts = |texts: &[&str]| texts.iter().map(|&it| it.to_owned()).collect();
    let left = |&(what, to): &(&str, &str)| LeftToOthers {
        what: what.to_owned(),
        to: to.to_owned(),
    };
    Capabilities {
        service: S::NAME.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        covers: texts(covers),
        assists: texts(assists),
        leaves: leaves.iter().map(left).collect(),
    }
}

/// Says what the service covers, what it helps with, and what it leaves to other tools.
#[utoipa::path(operation_id = "load_capabilities", tag = "service",
    responses((status = 200, body = Capabilities, description = "Where it fits among others"), ReadProblems, Reader))]
#[get("/capabilities")]
async fn load_capabilities(capabilities: Reader) -> ApiResult<Capabilities> {
    Ok(Json(Capabilities::clone(&capabilities)))
}
