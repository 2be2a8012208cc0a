//! Which share of a cost would not be spent otherwise.

use crate::app::check_open;
use crate::store::avoidable_share::AvoidableShareRow;
pub use crate::store::avoidable_share::load_shares;
use crate::store::{avoidable_share, period_close};
use keepworth_contract::FaultCode;
use keepworth_contract::finance::{AvoidableShare, AvoidableShareInput, MaintenanceComponent};
use keepworth_contract::{InvalidParam, Month};
use keepworth_intake::{Failure, fault};
use keepworth_store::{Conn, RecordId, now};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

impl From<AvoidableShareRow> for AvoidableShare {
    fn from(row: AvoidableShareRow) -> Self {
        Self {
            id: row.id.0,
            confirmed: AvoidableShareInput {
                component: row.component.0,
                segment: row.segment,
                channel: row.channel,
                effective_from: Month::from_index(row.effective_month),
                share: Decimal::new(row.basis_points.into(), 4).normalize(),
                reason: row.reason,
            },
            recorded_at: row.recorded_at.and_utc(),
        }
    }
}

/// A share in ten-thousandths; none outside 0 to 1 or with more decimals.
fn basis_points(share: Decimal) -> Option<i32> {
    let points = share.checked_mul(Decimal::from(10_000))?;
    let fits = points.fract().is_zero() && points >= Decimal::ZERO;
    points.to_i32().filter(|points| fits && *points <= 10_000)
}

fn faults(new: &AvoidableShareInput) -> Vec<InvalidParam> {
    let optional = |name, value: &Option<String>, longest| {
        value
            .as_deref()
            .and_then(|value| fault::text(name, value, longest))
    };
    let channel_without_use = || {
        let is_used = new.component == MaintenanceComponent::Consumption;
        (new.channel.is_some() && !is_used).then(|| {
            let reason = "is given for a component other than CONSUMPTION; leave it out";
            InvalidParam::new("channel", FaultCode::WithoutComponent, reason)
        })
    };
    let outside = || {
        basis_points(new.share).is_none().then(|| {
            let reason = format!(
                "{} must lie between 0 and 1 with at most 4 decimals",
                new.share
            );
            InvalidParam::new("share", FaultCode::OutOfRange, reason)
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

/// Confirms a share, from an open month on.
pub fn create(conn: &mut Conn, new: AvoidableShareInput) -> Result<AvoidableShare, Failure> {
    let faults = faults(&new);
    if !faults.is_empty() {
        return Err(Failure::invalid(faults));
    }
    let row = AvoidableShareRow {
        id: RecordId::generate(),
        component: new.component.into(),
        segment: new.segment,
        channel: new.channel,
        effective_month: new.effective_from.index(),
        basis_points: basis_points(new.share).unwrap_or(0),
        reason: new.reason,
        recorded_at: now().naive_utc(),
    };
    period_close::lock(conn)?;
    check_open(conn, new.effective_from)?;
    avoidable_share::insert_share(conn, &row)?;
    Ok(row.into())
}
