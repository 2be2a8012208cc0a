//! What may be approved without an exception.

use actix_web::web::Query;
use actix_web::{get, put};
use keepworth_contract::simulator::{ApprovalPolicy, ApprovalPolicyInput, WhichVersion};
use keepworth_platform::precondition::{IfMatchHeader, IfMatching, Tagged, TaggedResult};
use keepworth_platform::reason::{ReasonHeader, Reasoned};
use keepworth_platform::{Body, PreconditionProblems, ReadProblems, WriteProblems};
use keepworth_store::Conn;

use crate::{FiguresReader, PolicyMaker};
use keepworth_simulator::app::policy;

/// The policy that holds, or a version of it. Version 0 holds until somebody writes one.
#[utoipa::path(operation_id = "load_approval_policy", tag = "approvals", params(WhichVersion),
    responses((status = 200, body = ApprovalPolicy, description = "The policy",
               headers(("ETag" = String, description = "Its version"))), ReadProblems, FiguresReader))]
#[get("/policy")]
pub async fn load_approval_policy(
    app: FiguresReader,
    which: Query<WhichVersion>,
) -> TaggedResult<ApprovalPolicy> {
    let load = move |conn: &mut Conn| policy::load(conn, which.version);
    Ok(Tagged(app.db().read(load).await?))
}

/// Writes the next version of the policy. It holds for what is submitted or approved from now on; the versions before stay,
/// and records say by which one was decided.
#[utoipa::path(operation_id = "put_approval_policy", tag = "approvals",
    request_body(content = ApprovalPolicyInput, example = json!({"oldest_baseline_months": 12, "fewest_futures": 1000,
        "loss_limits": [{"cost_up_to": 250_000, "most_losses": 0.3}, {"most_losses": 0.2}], "least_discount_rate": 0.08})),
    params(IfMatchHeader, ReasonHeader),
    responses((status = 200, body = ApprovalPolicy, description = "The new version",
               headers(("ETag" = String, description = "Its version"))),
              PreconditionProblems, WriteProblems, PolicyMaker))]
#[put("/policy")]
pub async fn put_approval_policy(
    app: PolicyMaker,
    IfMatching(precondition): IfMatching,
    _: Reasoned,
    Body(new): Body<ApprovalPolicyInput>,
) -> TaggedResult<ApprovalPolicy> {
    let put = move |conn: &mut Conn| policy::put(conn, &precondition, &new);
    Ok(Tagged(app.db().write(put).await?))
}
