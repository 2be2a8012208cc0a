//! Counts what every segment did from the feeds of the other services and from revenue, so that
//! nobody types it in.

use crate::app::census::{Census, Sources};
use crate::app::charge::with_charges;
use crate::app::conversion::{Converter, reporting};
use crate::app::{census, check_open, flag, internal, job};
use crate::rule::ledger::month_allocation::Overflow;
use crate::rule::metric::ratio::divide_half_even;
use crate::rule::revenue::segment_count::{SegmentCount, SegmentCounts, last_day};
use crate::store::segment_month::{ChannelMonthRow, SegmentMonthRow};
use crate::store::{charge, cost, period_close, segment_month};
use chrono::{NaiveDate, NaiveDateTime};
use keepworth_contract::finance::{CountedMonth, SegmentMonthCount, SegmentMonthCountReport};
use keepworth_contract::{FaultCode, Flag, FlagCode, InvalidParam, JobKind, Month};
use keepworth_intake::{Failure, fault};
use keepworth_jobs::{Job, Room, Task, Write, enqueue as enqueue_job};
use keepworth_store::{Conn, Db, RecordId, StoreError, now};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) fn counted(month: Month, rows: &[SegmentMonthRow]) -> CountedMonth {
    let rows = rows.iter().filter(|row| row.month == month.index());
    let sum = |count: fn(&SegmentMonthRow) -> i64| rows.clone().map(count).sum();
    CountedMonth {
        month,
        segments: rows.clone().count(),
        customers: sum(|row| row.customers),
        new_customers: sum(|row| row.new_customers),
        new_from_paid: sum(|row| row.new_from_paid),
        contacts: sum(|row| row.contacts),
        minutes: sum(|row| row.minutes),
        revenue_minor: sum(|row| row.revenue_minor),
    }
}

/// The most months that are counted at once.
pub const MOST_MONTHS: i32 = 120;

pub(crate) fn faults(query: &SegmentMonthCount, today: NaiveDate) -> Vec<InvalidParam> {
    let (from, to) = (query.from, query.to);
    let mut faults = Vec::new();
    if to >= Month::of(today) {
        let reason = format!("{to} is not over yet (today is {today}); count months that are over");
        faults.push(InvalidParam::new("to", FaultCode::NotOver, reason));
    }
    if to < from {
        let reason = format!("{to} is before {from}; give the last month of the period");
        faults.push(InvalidParam::new("to", FaultCode::DatesOutOfOrder, reason));
    } else if to.index() - from.index() >= MOST_MONTHS {
        let earliest = to.plus(1 - MOST_MONTHS);
        let reason =
            format!("{from} to {to} is more than {MOST_MONTHS} months; begin in {earliest}");
        faults.push(InvalidParam::new("from", FaultCode::OutOfRange, reason));
    }
    for channel in query.paid_channels.iter().flatten() {
        faults.extend(fault::text("paid_channels", channel, 64));
    }
    faults
}

/// Writes what was counted, unless a month was closed in the meantime.
pub fn replace(
    conn: &mut Conn,
    query: SegmentMonthCount,
    census: Census,
) -> Result<SegmentMonthCountReport, Failure> {
    let (from, to) = (query.from, query.to);
    period_close::lock(conn)?;
    check_open(conn, from)?;
    let paid_channels = match query.paid_channels {
        Some(channels) => channels,
        None => cost::load_paid_channels(conn, to)?.into_iter().collect(),
    };
    let present = census.counts.currencies.iter().map(|code| code.parse());
    let present = present.collect::<Result<Vec<_>, _>>().map_err(internal)?;
    let currency = reporting(query.currency, &present)?;
    let mut writer = Writer {
        converter: currency.map(|it| Converter::new(it, None)),
        paid_channels,
        flags: flags(&census),
        recorded_at: now().naive_utc(),
        rows: Vec::new(),
        channels: Vec::new(),
    };
    let (customers, feeds) = (census.counts.customers, census.feeds);
    let mut headcounts = load_headcounts(conn, from, to)?;
    for ((month, segment), count) in census.counts.into_counts() {
        let headcount = headcounts.remove(&(month, segment.clone())).unwrap_or(0);
        writer.add(conn, month, segment, headcount, &count)?;
    }
    for ((month, segment), headcount) in headcounts {
        writer.add(conn, month, segment, headcount, &SegmentCount::default())?;
    }
    segment_month::replace_months(
        conn,
        from,
        to,
        &writer.rows,
        &writer.channels,
        writer.recorded_at,
    )?;
    let months = (from.index()..=to.index()).map(Month::from_index);
    Ok(SegmentMonthCountReport {
        as_of: last_day(to),
        feeds,
        customers,
        currency,
        rates: writer.converter.map_or_else(Vec::new, |it| it.told()),
        paid_channels: writer.paid_channels,
        months: months.map(|month| counted(month, &writer.rows)).collect(),
        quality_flags: writer.flags,
    })
}

/// People working for each segment, which no record has.
pub fn load_headcounts(
    conn: &mut Conn,
    from: Month,
    to: Month,
) -> Result<BTreeMap<(Month, String), i64>, StoreError> {
    let mut headcounts = BTreeMap::new();
    for month in (from.index()..=to.index()).map(Month::from_index) {
        for row in segment_month::load_month(conn, month, None)? {
            if row.headcount > 0 {
                headcounts.insert((month, row.segment), row.headcount);
            }
        }
    }
    Ok(headcounts)
}

pub(crate) fn flags(census: &Census) -> Vec<Flag> {
    let mut flags = Vec::new();
    for (what, unknown) in [
        ("rows of exposures", census.unknown_exposures),
        ("charges", census.unknown_charges),
    ] {
        if unknown > 0 {
            flags.push(flag::unknown_customers(unknown, what));
        }
    }
    for (month, customers) in &census.counts.unobserved {
        let detail = format!(
            "{customers} customers who were won before are not yet under \
             observation in {month}, and are left out of its customers"
        );
        let flag = Flag::new(FlagCode::UnobservedCustomers, detail);
        flags.push(flag.about(month.to_string()));
    }
    if census.counts.paid_before_records > 0 {
        let detail = format!(
            "{} customers were won before records of revenue begin; none of \
             them counts as new",
            census.counts.paid_before_records
        );
        flags.push(Flag::new(FlagCode::PaidBeforeRecords, detail));
    }
    flags
}

/// Makes rows of counts.
pub struct Writer {
    /// None without any revenue.
    converter: Option<Converter>,
    paid_channels: BTreeSet<String>,
    flags: Vec<Flag>,
    recorded_at: NaiveDateTime,
    rows: Vec<SegmentMonthRow>,
    channels: Vec<ChannelMonthRow>,
}

impl Writer {
    fn add(
        &mut self,
        conn: &mut Conn,
        month: Month,
        segment: String,
        headcount: i64,
        count: &SegmentCount,
    ) -> Result<(), Failure> {
        self.add_channels(month, &segment, count)?;
        let mut revenue_minor = self.revenue(conn, month, count)?;
        if revenue_minor < 0 {
            let detail = format!(
                "`{segment}` was given back more than it was charged in {month}; \
                 its revenue is counted as 0"
            );
            let flag = Flag::new(FlagCode::NegativeRevenue, detail);
            self.flags.push(flag.about(&segment));
            revenue_minor = 0;
        }
        let contacts = count.contact_sum();
        let new = &count.new_customers;
        let from_paid = new
            .iter()
            .filter(|(channel, _)| self.is_paid(channel.as_deref()));
        self.rows.push(SegmentMonthRow {
            month: month.index(),
            segment,
            customers: count.customers(month),
            new_customers: whole(new.values().sum())?,
            new_from_paid: whole(from_paid.map(|(_, customers)| customers).sum())?,
            contacts: whole(contacts.count)?,
            minutes: divide_half_even(contacts.handle_seconds.into(), 60).ok_or(Overflow)?,
            revenue_minor,
            headcount,
            recorded_at: self.recorded_at,
        });
        Ok(())
    }

    fn is_paid(&self, channel: Option<&str>) -> bool {
        channel.is_some_and(|channel| self.paid_channels.contains(channel))
    }

    fn add_channels(
        &mut self,
        month: Month,
        segment: &str,
        count: &SegmentCount,
    ) -> Result<(), Failure> {
        let won = count.new_customers.keys().flatten();
        let channels: BTreeSet<&String> = count.contacts.keys().chain(won).collect();
        for channel in channels {
            let contacts = count.contacts.get(channel).copied().unwrap_or_default();
            let new = count.new_customers.get(&Some(channel.clone()));
            self.channels.push(ChannelMonthRow {
                month: month.index(),
                segment: segment.to_owned(),
                channel: channel.clone(),
                contacts: whole(contacts.count)?,
                handle_seconds: contacts.handle_seconds,
                new_customers: whole(new.copied().unwrap_or(0))?,
                recorded_at: self.recorded_at,
            });
        }
        Ok(())
    }

    /// Revenue in the reporting currency, each currency converted at the month's average.
    fn revenue(
        &mut self,
        conn: &mut Conn,
        month: Month,
        count: &SegmentCount,
    ) -> Result<i64, Failure> {
        let Some(converter) = &mut self.converter else {
            return Ok(0);
        };
        let mut sum = 0_i64;
        for (code, minor) in &count.revenue {
            let base = code.parse().map_err(internal)?;
            let minor = i64::try_from(*minor).map_err(|_| Overflow)?;
            let minor = converter.flow(conn, base, month, minor)?;
            sum = sum.checked_add(minor).ok_or(Overflow)?;
        }
        Ok(sum)
    }
}

pub(crate) fn whole(count: u64) -> Result<i64, Overflow> {
    i64::try_from(count).map_err(|_| Overflow)
}

/// Checks an order and puts it into the queue.
pub fn enqueue(conn: &mut Conn, room: Room, order: &SegmentMonthCount) -> Result<Job, Failure> {
    let faults = faults(order, now().date_naive());
    if !faults.is_empty() {
        return Err(Failure::invalid(faults));
    }
    check_open(conn, order.from)?;
    let input = serde_json::to_string(order).map_err(Failure::internal)?;
    enqueue_job(conn, JobKind::SegmentMonthCount, room, input)
}

/// Counts what every segment did in the months `from` to `to`; what was there is replaced in the transaction
/// that says that the job is done.
pub(crate) async fn compute(db: Db, sources: Sources, task: &Task) -> Result<Write, Failure> {
    let order: SegmentMonthCount =
        serde_json::from_str(&task.job.input).map_err(Failure::internal)?;
    let (from, to) = (order.from, order.to);
    let records_begin = db
        .read(move |conn| {
            check_open(conn, from)?;
            charge::find_first_month(conn).map_err(Failure::from)
        })
        .await?;
    let counts = SegmentCounts::new(from, to, records_begin);
    let count = async move {
        let count = |charges| census::count(&sources, charges, counts, to);
        with_charges(&db, to, count).await
    };
    let census = task.apart(count).await?;
    Ok(Box::new(move |conn| {
        let report = replace(conn, order, census)?;
        Ok(serde_json::to_string(&report).map_err(Failure::internal)?)
    }))
}

/// What was counted, by the job that did.
pub fn report(conn: &mut Conn, job: RecordId) -> Result<SegmentMonthCountReport, Failure> {
    job::report(conn, job, JobKind::SegmentMonthCount)
}
