//! What each segment did in a month.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use keepworth_contract::Month;
use keepworth_store::{Conn, bulk_insert, on_conn};

use super::{segment_channel_months, segment_months};
use crate::allocation::Activity;
use crate::month_allocation::Segment;

/// What a segment did in a month, as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = segment_months, treat_none_as_default_value = false)]
pub struct SegmentMonthRow {
    /// Index of the [`Month`].
    pub month: i32,
    /// The segment's key.
    pub segment: String,
    /// Active customers.
    pub customers: i64,
    /// Customers who paid for the first time.
    pub new_customers: i64,
    /// Those of them from paid channels.
    pub new_from_paid: i64,
    /// Contacts handled.
    pub contacts: i64,
    /// Minutes of handling.
    pub minutes: i64,
    /// Revenue in minor units, in one currency over all segments.
    pub revenue_minor: i64,
    /// People working for it.
    pub headcount: i64,
    /// When it was written.
    pub recorded_at: NaiveDateTime,
}

/// What a segment did in a month by one channel, as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = segment_channel_months, treat_none_as_default_value = false)]
pub struct ChannelMonthRow {
    /// Index of the [`Month`].
    pub month: i32,
    /// The segment's key.
    pub segment: String,
    /// The channel.
    pub channel: String,
    /// Contacts handled.
    pub contacts: i64,
    /// Seconds of handling.
    pub handle_seconds: i64,
    /// Customers won who paid for the first time.
    pub new_customers: i64,
    /// When it was written.
    pub recorded_at: NaiveDateTime,
}

/// Columns of [`SegmentMonthRow`].
const COLUMNS: usize = 10;
/// Columns of [`ChannelMonthRow`].
const CHANNEL_COLUMNS: usize = 7;

impl SegmentMonthRow {
    /// The weights of allocation.
    #[must_use]
    pub fn activity(&self) -> (Segment, Activity) {
        let activity = Activity {
            contacts: self.contacts,
            minutes: self.minutes,
            revenue: self.revenue_minor,
            headcount: self.headcount,
        };
        (self.segment.as_str().into(), activity)
    }
}

/// Every segment's month, by segment.
///
/// # Errors
/// What the database answers.
pub fn load_month(conn: &mut Conn, month: Month) -> QueryResult<Vec<SegmentMonthRow>> {
    on_conn!(conn, |c| segment_months::table
        .filter(segment_months::month.eq(month.index()))
        .order(segment_months::segment)
        .select(SegmentMonthRow::as_select())
        .load(c))
}

/// Every segment's month by channel, by segment and channel.
///
/// # Errors
/// What the database answers.
pub fn load_channels(conn: &mut Conn, month: Month) -> QueryResult<Vec<ChannelMonthRow>> {
    on_conn!(conn, |c| segment_channel_months::table
        .filter(segment_channel_months::month.eq(month.index()))
        .order((
            segment_channel_months::segment,
            segment_channel_months::channel
        ))
        .select(ChannelMonthRow::as_select())
        .load(c))
}

/// Writes months anew: what is stored of `first..=last` goes, and the rows come.
///
/// # Errors
/// What the database answers.
pub fn replace_months(
    conn: &mut Conn,
    first: Month,
    last: Month,
    rows: &[SegmentMonthRow],
    channels: &[ChannelMonthRow],
) -> QueryResult<()> {
    let (first, last) = (first.index(), last.index());
    on_conn!(conn, |c| diesel::delete(
        segment_months::table.filter(segment_months::month.between(first, last))
    )
    .execute(c))?;
    on_conn!(conn, |c| diesel::delete(
        segment_channel_months::table.filter(segment_channel_months::month.between(first, last))
    )
    .execute(c))?;
    bulk_insert!(conn, segment_months::table, rows, COLUMNS)?;
    bulk_insert!(
        conn,
        segment_channel_months::table,
        channels,
        CHANNEL_COLUMNS
    )
}
