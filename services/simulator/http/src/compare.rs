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
        {"from": {"scenario_key": "faster-answers", "scenario_version": 1}, "to": {"scenario_key": "faster-answers"}})),
    responses((status = 200, body = Comparison, description = "How they fare"), WriteProblems, FiguresReader))]
#[post("/compare")]
pub async fn compare_scenarios(
    app: FiguresReader,
    body: Body<ComparisonInput>,
) -> ApiResult<Comparison> {
    Ok(Json(compare::answer(&app, app.caller(), body.0).await?))
}
