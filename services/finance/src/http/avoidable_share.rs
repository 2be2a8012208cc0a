//! Which share of a cost would not be spent otherwise.

use crate::Finance;
use crate::app::avoidable_share::{basis_points, faults};
use crate::app::check_open;
use crate::store::avoidable_share::{self, AvoidableShareRow};
use crate::store::period_close;
use actix_web::web::{Data, Json};
use actix_web::{get, post};
use keepworth_contract::Word;
use keepworth_contract::finance::{AvoidableShare, AvoidableShareInput, AvoidableShareList};
use keepworth_intake::Failure;
use keepworth_platform::idempotency::{IdempotencyKey, Idempotent, Written};
use keepworth_platform::{ApiError, ApiResult, ReadProblems, Service, WriteProblems};
use keepworth_store::now;
use keepworth_store::{Conn, RecordId};

/// Lists every share that was confirmed, in this order.
#[utoipa::path(operation_id = "list_avoidable_shares", tag = "metrics",
    responses((status = 200, body = AvoidableShareList, description = "Every share"), ReadProblems))]
#[get("/avoidable-shares")]
pub async fn list_avoidable_shares(app: Data<Finance>) -> ApiResult<AvoidableShareList> {
    let rows = app
        .db()
        .read(|conn| avoidable_share::load_shares(conn).map_err(Failure::from))
        .await?;
    let items = rows.into_iter().map(AvoidableShare::try_from);
    Ok(Json(AvoidableShareList {
        items: items.collect::<Result<_, _>>()?,
    }))
}

/// Confirms which share of a cost would not be spent otherwise, from a month on.
///
/// Nothing is avoidable until finance confirms it. The share of a segment and channel comes before
/// that of the segment, that before the channel's, that before the one of all. Of equals the one
/// counts that took effect last; of those that take effect in the same month, the last confirmed.
#[utoipa::path(operation_id = "create_avoidable_share", tag = "metrics", request_body = AvoidableShareInput,
    params(IdempotencyKey),
    responses((status = 200, body = AvoidableShare, description = "The share"), WriteProblems))]
#[post("/avoidable-shares")]
pub async fn create_avoidable_share(
    app: Data<Finance>,
    request: Idempotent<Json<AvoidableShareInput>>,
) -> Result<Written, ApiError> {
    let new = request.body.into_inner();
    let faults = faults(&new);
    if !faults.is_empty() {
        return Err(Failure::invalid(faults).into());
    }
    let row = AvoidableShareRow {
        id: RecordId::generate(),
        component: new.component.name().to_owned(),
        segment: new.segment,
        channel: new.channel,
        effective_month: new.effective_from.index(),
        basis_points: basis_points(new.share).unwrap_or(0),
        reason: new.reason,
        recorded_at: now().naive_utc(),
    };
    let work = move |conn: &mut Conn| {
        period_close::lock(conn)?;
        check_open(conn, new.effective_from)?;
        avoidable_share::insert_share(conn, &row)?;
        AvoidableShare::try_from(row)
    };
    request.key.write(app.db(), work).await
}
