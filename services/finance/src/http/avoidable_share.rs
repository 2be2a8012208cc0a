//! Which share of a cost would not be spent otherwise.

use actix_web::web::{Data, Json};
use actix_web::{get, post};
use chrono::{DateTime, Utc};
use keepworth_contract::{InvalidParam, Month};
use keepworth_intake::Failure;
use keepworth_intake::fault;
use keepworth_platform::idempotency::{IdempotencyKey, Idempotent, Written};
use keepworth_platform::{ApiError, ApiResult, ReadProblems, Service, WriteProblems};
use keepworth_store::{Conn, RecordId};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::check_open;
use crate::Finance;
use crate::rule::cost::maintenance::MaintenanceComponent;
use crate::store::avoidable_share::{self, AvoidableShareRow};
use crate::store::period_close;
use keepworth_store::now;

/// A confirmed share.
#[derive(Debug, Serialize, ToSchema)]
pub struct AvoidableShare {
    /// Identifier.
    pub id: Uuid,
    /// What was confirmed.
    #[serde(flatten)]
    pub confirmed: NewAvoidableShare,
    /// When it was written.
    pub recorded_at: DateTime<Utc>,
}

impl TryFrom<AvoidableShareRow> for AvoidableShare {
    type Error = Failure;

    fn try_from(row: AvoidableShareRow) -> Result<Self, Failure> {
        Ok(Self {
            id: row.id.0,
            confirmed: NewAvoidableShare {
                component: row.component()?,
                segment: row.segment,
                channel: row.channel,
                effective_from: Month::from_index(row.effective_month),
                share: Decimal::new(row.basis_points.into(), 4).normalize(),
                reason: row.reason,
            },
            recorded_at: row.recorded_at.and_utc(),
        })
    }
}

/// Every share that was confirmed.
#[derive(Debug, Serialize, ToSchema)]
pub struct AvoidableShareList {
    /// In the order in which they were confirmed.
    pub items: Vec<AvoidableShare>,
}

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

/// A share that finance confirms.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAvoidableShare {
    /// Of which cost.
    pub component: MaintenanceComponent,
    /// Of this segment only; of all when left out.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 128)]
    pub segment: Option<String>,
    /// Of this channel only, for `CONSUMPTION`; of all when left out.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 64)]
    pub channel: Option<String>,
    /// The month from which it holds; not a closed one.
    #[schema(value_type = String, pattern = r"^\d{4}-\d{2}$", example = "2025-09")]
    pub effective_from: Month,
    /// A decimal string between 0 and 1 with at most 4 decimals.
    #[serde(with = "rust_decimal::serde::str")]
    #[schema(value_type = String, example = "0.35")]
    pub share: Decimal,
    /// Who confirms it, and why.
    #[schema(min_length = 1, max_length = 1000)]
    pub reason: String,
}

/// Confirms which share of a cost would not be spent otherwise, from a month on.
///
/// Nothing is avoidable until finance confirms it. The share of a segment and channel comes before
/// that of the segment, that before the channel's, that before the one of all. Of equals the one
/// counts that took effect last; of those that take effect in the same month, the last confirmed.
#[utoipa::path(operation_id = "create_avoidable_share", tag = "metrics", request_body = NewAvoidableShare,
    params(IdempotencyKey),
    responses((status = 200, body = AvoidableShare, description = "The share"), WriteProblems))]
#[post("/avoidable-shares")]
pub async fn create_avoidable_share(
    app: Data<Finance>,
    request: Idempotent<Json<NewAvoidableShare>>,
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

/// A share in ten-thousandths; none outside 0 to 1 or with more decimals.
fn basis_points(share: Decimal) -> Option<i32> {
    let points = share.checked_mul(Decimal::from(10_000))?;
    let fits = points.fract().is_zero() && points >= Decimal::ZERO;
    points.to_i32().filter(|points| fits && *points <= 10_000)
}

fn faults(new: &NewAvoidableShare) -> Vec<InvalidParam> {
    let optional = |name, value: &Option<String>, longest| {
        value
            .as_deref()
            .and_then(|value| fault::text(name, value, longest))
    };
    let channel_without_use = || {
        let is_used = new.component == MaintenanceComponent::Consumption;
        (new.channel.is_some() && !is_used).then(|| {
            let reason = "is given for a component other than CONSUMPTION; leave it out";
            InvalidParam::new("channel", "without_component", reason)
        })
    };
    let outside = || {
        basis_points(new.share).is_none().then(|| {
            let reason = format!(
                "{} must lie between 0 and 1 with at most 4 decimals",
                new.share
            );
            InvalidParam::new("share", "out_of_range", reason)
        })
    };
    [
        optional("segment", &new.segment, 128),
        optional("channel", &new.channel, 64).or_else(channel_without_use),
        outside(),
        fault::text("reason", &new.reason, 1_000),
    ]
    .into_iter()
    .flatten()
    .collect()
}
