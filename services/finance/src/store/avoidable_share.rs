//! Confirmed avoidable shares.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use keepworth_contract::Month;
use keepworth_contract::finance::avoidable::ConfirmedShare;
use keepworth_store::{Conn, Named, RecordId, StoreError, on_conn};

use super::{KnownAt, avoidable_shares, moment};
use crate::rule::cost::avoidable::ConfirmedShares;
use crate::rule::cost::maintenance::AvoidableShare;
use keepworth_contract::finance::MaintenanceComponent;

/// A confirmed share as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = avoidable_shares, treat_none_as_default_value = false)]
pub struct AvoidableShareRow {
    /// Identifier.
    pub id: RecordId,
    /// Of what.
    pub component: Named<MaintenanceComponent, avoidable_shares::table>,
    /// Of one segment only.
    pub segment: Option<String>,
    /// Of one channel only.
    pub channel: Option<String>,
    /// Index of the [`Month`] from which it holds.
    pub effective_month: i32,
    /// The share in ten-thousandths.
    pub basis_points: i32,
    /// Who confirmed it, and why.
    pub reason: String,
    /// When it was written.
    pub recorded_at: NaiveDateTime,
}

/// A stored share that is none: somebody else wrote it.
#[derive(Debug, thiserror::Error)]
#[error("`avoidable_shares.basis_points` holds {0}; a share has 0 to 10000, correct the row")]
pub struct ImpossibleShare(i32);

impl AvoidableShareRow {
    /// The same on the wire.
    ///
    /// # Errors
    /// When the share is none.
    pub fn confirmed(self) -> Result<ConfirmedShare, ImpossibleShare> {
        let share = u16::try_from(self.basis_points).ok();
        let share = share.and_then(|it| AvoidableShare::try_from(it).ok());
        let share = share.ok_or(ImpossibleShare(self.basis_points))?;
        Ok(ConfirmedShare {
            component: self.component.name().to_owned(),
            basis_points: share.into(),
            segment: self.segment,
            channel: self.channel,
            from: Month::from_index(self.effective_month),
            reason: self.reason,
            confirmed_on: self.recorded_at.date(),
        })
    }
}

/// Every share that was confirmed, in this order.
///
/// # Errors
/// What the database answers.
pub fn load_shares(conn: &mut Conn) -> QueryResult<Vec<AvoidableShareRow>> {
    on_conn!(conn, |c| avoidable_shares::table
        .order((avoidable_shares::recorded_at, avoidable_shares::id))
        .select(AvoidableShareRow::as_select())
        .load(c))
}

/// Every share that was confirmed, in this order, as it is on the wire.
///
/// # Errors
/// What the database answers, or that a stored value is none of this release.
pub fn load_confirmed<E: From<StoreError> + From<ImpossibleShare>>(
    conn: &mut Conn,
) -> Result<Vec<ConfirmedShare>, E> {
    let rows = load_shares(conn).map_err(StoreError::from)?.into_iter();
    Ok(rows
        .map(AvoidableShareRow::confirmed)
        .collect::<Result<_, _>>()?)
}

/// The known shares in force in a month.
///
/// # Errors
/// What the database answers, or that a stored value is none of this release.
pub fn load_in_force<E: From<StoreError> + From<ImpossibleShare>>(
    conn: &mut Conn,
    month: Month,
    known_at: KnownAt,
) -> Result<ConfirmedShares, E> {
    let moment = moment(known_at);
    let mut rows = load_shares(conn).map_err(StoreError::from)?;
    rows.retain(|row| row.recorded_at <= moment);
    let confirmed = rows.into_iter().map(AvoidableShareRow::confirmed);
    let confirmed = confirmed.collect::<Result<_, _>>()?;
    Ok(ConfirmedShares::in_force(confirmed, month))
}

/// Writes a share.
///
/// # Errors
/// What the database answers.
pub fn insert_share(conn: &mut Conn, row: &AvoidableShareRow) -> QueryResult<()> {
    on_conn!(conn, |c| diesel::insert_into(avoidable_shares::table)
        .values(row)
        .execute(c))
    .map(|_| ())
}
