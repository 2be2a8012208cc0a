//! What each segment did in a month.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::sql_types::{Integer, Timestamp};
use keepworth_contract::Month;
use keepworth_store::{Conn, bulk_insert, on_conn};

use super::{
    KnownAt, moment, segment_channel_month_history, segment_channel_months, segment_month_history,
    segment_months,
};
use crate::rule::ledger::allocation::Activity;
use crate::rule::ledger::month_allocation::Segment;

/// What a segment did in a month, as stored.
#[derive(Debug, Clone, Queryable, Insertable)]
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
#[derive(Debug, Clone, Queryable, Insertable)]
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

/// Every segment's month, by segment, as it was known.
///
/// # Errors
/// What the database answers.
pub fn load_month(
    conn: &mut Conn,
    month: Month,
    known_at: KnownAt,
) -> QueryResult<Vec<SegmentMonthRow>> {
    use segment_month_history as h;
    let moment = moment(known_at);
    on_conn!(conn, |c| h::table
        .filter(h::month.eq(month.index()))
        .filter(h::recorded_at.le(moment))
        .filter(h::superseded_at.gt(moment))
        .order(h::segment)
        .select((
            h::month,
            h::segment,
            h::customers,
            h::new_customers,
            h::new_from_paid,
            h::contacts,
            h::minutes,
            h::revenue_minor,
            h::headcount,
            h::recorded_at,
        ))
        .load(c))
}

/// Every segment's month by channel, by segment and channel, as it was known.
///
/// # Errors
/// What the database answers.
pub fn load_channels(
    conn: &mut Conn,
    month: Month,
    known_at: KnownAt,
) -> QueryResult<Vec<ChannelMonthRow>> {
    use segment_channel_month_history as h;
    let moment = moment(known_at);
    on_conn!(conn, |c| h::table
        .filter(h::month.eq(month.index()))
        .filter(h::recorded_at.le(moment))
        .filter(h::superseded_at.gt(moment))
        .order((h::segment, h::channel))
        .select((
            h::month,
            h::segment,
            h::channel,
            h::contacts,
            h::handle_seconds,
            h::new_customers,
            h::recorded_at,
        ))
        .load(c))
}

/// Writes months anew: what is stored of `first..=last` becomes history, and the rows come.
///
/// # Errors
/// What the database answers.
pub fn replace_months(
    conn: &mut Conn,
    first: Month,
    last: Month,
    rows: &[SegmentMonthRow],
    channels: &[ChannelMonthRow],
    now: NaiveDateTime,
) -> QueryResult<()> {
    let (first, last) = (first.index(), last.index());
    for copy in [
        "INSERT INTO segment_month_versions \
         SELECT $1, segment_months.* FROM segment_months WHERE month BETWEEN $2 AND $3",
        "INSERT INTO segment_channel_month_versions \
         SELECT $1, segment_channel_months.* FROM segment_channel_months \
         WHERE month BETWEEN $2 AND $3",
    ] {
        on_conn!(conn, |c| diesel::sql_query(copy)
            .bind::<Timestamp, _>(now)
            .bind::<Integer, _>(first)
            .bind::<Integer, _>(last)
            .execute(c))?;
    }
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
