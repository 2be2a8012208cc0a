//! `GET /v1/audit-head`, `POST /v1/audit-heads:keep`: where the chain ends, signed.

use actix_web::web::Json;
use actix_web::{get, post};
use keepworth_access::permission::HeadsExchange;
use keepworth_contract::{AuditHead, AuditHeadInput, FaultCode, InvalidParam, ProblemCode};
use keepworth_intake::Failure;
use keepworth_store::audit::SignedHead;

use super::Log;
use super::anchor::Unsigned;
use crate::{Allowed, ApiResult, Body, ReadProblems, WriteProblems};

/// The chain, for who exchanges its heads.
type Keeper = Allowed<HeadsExchange, Log>;

impl From<Unsigned> for Failure {
    fn from(error: Unsigned) -> Self {
        match error {
            Unsigned::Store(error) => error.into(),
            Unsigned::Unkept(error) => {
                tracing::error!(%error, "heads of the audit do not agree");
                Self::conflict(ProblemCode::AuditHeadRefused, error.to_string())
            }
            other => Self::internal(other),
        }
    }
}

fn told(head: &SignedHead) -> AuditHead {
    let (seq_and_hash, lineage) = (head.head(), head.lineage());
    AuditHead {
        service: head.service().to_owned(),
        seq: seq_and_hash.seq,
        hash: seq_and_hash.digits(),
        at: head.at(),
        key: lineage.key().to_string(),
        earlier_keys: lineage.before().map(ToString::to_string).collect(),
        head: head.to_string(),
    }
}

/// Where the record of who did what ends now, signed: kept elsewhere, it shows later what was cut or written anew.
#[utoipa::path(operation_id = "load_audit_head", tag = "service",
    responses((status = 200, body = AuditHead, description = "The end of the chain"), ReadProblems, Keeper))]
#[get("/audit-head")]
pub(super) async fn load_audit_head(log: Keeper) -> ApiResult<AuditHead> {
    let signed = log.anchors.sign(&log.db, log.service).await;
    Ok(Json(told(&signed.map_err(Failure::from)?)))
}

/// Leaves the signed head of another service here, so that both can be compared later.
///
/// It is refused where it goes back behind the last one of that service, or is signed with another key, for which
/// that of before does not vouch. Sent again it changes nothing.
#[utoipa::path(operation_id = "keep_audit_head", tag = "service", request_body(content = AuditHeadInput, example = json!(
        {"head": "keepworth-head-1/another/17:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881/2026-01-31T09:00:00.000000Z/nw1_W5qOqVI1vx3W5vtxuxs5DC1FjmL9fGstohjIqcE/2ipXbYpy9n9BttIMUsL2JR0tsGm_NKzHUt9Po8DF7MkCJ19iSfHtnVCmGwgdHe1WgLWgaYijjD1eYj-syWqxCA"})),
    responses((status = 200, body = AuditHead, description = "It is kept"), WriteProblems, Keeper))]
#[post("/audit-heads:keep")]
pub(super) async fn keep_audit_head(
    log: Keeper,
    Body(sent): Body<AuditHeadInput>,
) -> ApiResult<AuditHead> {
    let head: SignedHead = sent.head.parse().map_err(|error| {
        let fault = InvalidParam::new("head", FaultCode::WrongFormat, format!("{error}"));
        Failure::invalid(vec![fault])
    })?;
    let answer = told(&head);
    let kept = log.anchors.keep(&log.db, log.service, head).await;
    kept.map_err(Failure::from)?;
    Ok(Json(answer))
}
