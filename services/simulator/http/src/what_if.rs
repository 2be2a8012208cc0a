//! What if: answers to a slider.

use actix_web::post;
use actix_web::web::Json;
use keepworth_contract::simulator::{WhatIf, WhatIfInput};
use keepworth_platform::{ApiResult, Body, WriteProblems};

use crate::FiguresReader;
use keepworth_simulator::app::what_if;

/// Answers at once what a scenario would come to with something in it otherwise, and keeps nothing.
///
/// The scenario is a text on the baseline of a hash, or one that is kept, as for a run; `changes` say what would be
/// otherwise, each at a path as `GET /v1/scenarios/{key}/diff` has it. The figures are those of a run of the same text,
/// futures and seed, bands by month included, and beside them the swing with each input.
///
/// Questions are answered one after the other. A page that asks while somebody drags names what is dragged in `slider`:
/// then a newer question drops the one before, which is answered 409 with the code `superseded`. Where more wait than
/// can be answered soon, the next is answered 429 with `Retry-After` and nobody waits longer.
#[utoipa::path(operation_id = "what_if", tag = "runs", request_body(content = WhatIfInput, example = json!(
        {"baseline_hash": "5f2a0c7d9b1e4f6a8c3d5e7f9a1b3c5d7e9f1a3b5c7d9e1f3a5b7c9d1e3f5a7b",
        "scenario": "name = \"Faster answers\"\nhorizon_months = 24\ndiscount_rate = 0.1\n[[initiatives]]\nname = \"Call back\"\nreach = { smb = 1.0 }\n[[initiatives.effects]]\non = \"hazard\"\nsize = 0.05\n",
        "changes": [{"path": "initiatives[Call back].reach.smb", "value": "0.5"}], "slider": "reach"})),
    responses((status = 200, body = WhatIf, description = "What it would come to"), WriteProblems, FiguresReader))]
#[post("/what-if")]
pub async fn ask(app: FiguresReader, body: Body<WhatIfInput>) -> ApiResult<WhatIf> {
    Ok(Json(what_if::answer(&app, app.caller(), body.0).await?))
}
