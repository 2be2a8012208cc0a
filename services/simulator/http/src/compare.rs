//! Two scenarios held against each other.

use actix_web::post;
use actix_web::web::Json;
use keepworth_contract::simulator::{Comparison, ComparisonInput};
use keepworth_platform::{ApiResult, Body, WriteProblems};

use crate::FiguresReader;
use keepworth_simulator::app::compare;

/// Holds two scenarios against each other, and keeps nothing: in how many futures the one is worth more, by how much, and
/// which change moves how much of it.
///
/// Both are drawn alike: an input of the same name has the same value in the same future, so that what differs comes from
/// the scenarios and not from luck. The bridge goes from the one's median NPV to the other's, one change after the other.
#[utoipa::path(operation_id = "compare_scenarios", tag = "runs", request_body(content = ComparisonInput, example = json!(
        {"from": {"baseline_hash": "5f2a0c7d9b1e4f6a8c3d5e7f9a1b3c5d7e9f1a3b5c7d9e1f3a5b7c9d1e3f5a7b",
        "scenario": "name = \"Faster answers\"\nhorizon_months = 24\ndiscount_rate = 0.1\n[[initiatives]]\nname = \"Call back\"\nreach = { smb = 1.0 }\n[[initiatives.effects]]\non = \"hazard\"\nsize = 0.05\n"},
        "to": {"baseline_hash": "5f2a0c7d9b1e4f6a8c3d5e7f9a1b3c5d7e9f1a3b5c7d9e1f3a5b7c9d1e3f5a7b",
        "scenario": "name = \"Faster answers\"\nhorizon_months = 24\ndiscount_rate = 0.1\n[[initiatives]]\nname = \"Call back\"\nreach = { smb = 1.0 }\n[[initiatives.effects]]\non = \"hazard\"\nsize = 0.1\n"}})),
    responses((status = 200, body = Comparison, description = "How they fare"), WriteProblems, FiguresReader))]
#[post("/compare")]
pub async fn compare_scenarios(
    app: FiguresReader,
    body: Body<ComparisonInput>,
) -> ApiResult<Comparison> {
    Ok(Json(compare::answer(&app, app.caller(), body.0).await?))
}
