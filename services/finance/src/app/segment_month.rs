//! What each segment did in a month: weights of allocation, denominators of costs per customer.

use crate::Finance;
use crate::app::check_open;
use crate::store::segment_month::{ChannelMonthRow, SegmentMonthRow};
use crate::store::{period_close, segment_month};
use chrono::NaiveDateTime;
use keepworth_contract::FaultCode;
use keepworth_contract::finance::{ChannelMonth, SegmentMonth, SegmentMonthList};
use keepworth_contract::{InvalidParam, Month};
use keepworth_intake::{Failure, Precondition, fault, version};
use keepworth_store::{Conn, now};
use std::collections::{BTreeMap, BTreeSet};

impl From<ChannelMonthRow> for ChannelMonth {
    fn from(row: ChannelMonthRow) -> Self {
        Self {
            channel: row.channel,
            contacts: row.contacts,
            handle_seconds: row.handle_seconds,
            new_customers: row.new_customers,
        }
    }
}

pub(crate) fn channel_counts(channel: &ChannelMonth) -> [(&'static str, i64); 3] {
    [
        ("contacts", channel.contacts),
        ("handle_seconds", channel.handle_seconds),
        ("new_customers", channel.new_customers),
    ]
}

pub(crate) fn segment_month(row: SegmentMonthRow, channels: Vec<ChannelMonth>) -> SegmentMonth {
    SegmentMonth {
        channels,
        segment: row.segment,
        customers: row.customers,
        new_customers: row.new_customers,
        new_from_paid: row.new_from_paid,
        contacts: row.contacts,
        minutes: row.minutes,
        revenue_minor: row.revenue_minor,
        headcount: row.headcount,
    }
}

pub(crate) fn counts(item: &SegmentMonth) -> [(&'static str, i64); 7] {
    [
        ("customers", item.customers),
        ("new_customers", item.new_customers),
        ("new_from_paid", item.new_from_paid),
        ("contacts", item.contacts),
        ("minutes", item.minutes),
        ("revenue_minor", item.revenue_minor),
        ("headcount", item.headcount),
    ]
}

pub(crate) fn channel_rows(
    item: &SegmentMonth,
    month: Month,
    recorded_at: NaiveDateTime,
) -> Vec<ChannelMonthRow> {
    let row = |it: &ChannelMonth| ChannelMonthRow {
        month: month.index(),
        segment: item.segment.clone(),
        channel: it.channel.clone(),
        contacts: it.contacts,
        handle_seconds: it.handle_seconds,
        new_customers: it.new_customers,
        recorded_at,
    };
    item.channels.iter().map(row).collect()
}

pub(crate) fn row(
    item: &SegmentMonth,
    month: Month,
    recorded_at: NaiveDateTime,
) -> SegmentMonthRow {
    SegmentMonthRow {
        month: month.index(),
        segment: item.segment.clone(),
        customers: item.customers,
        new_customers: item.new_customers,
        new_from_paid: item.new_from_paid,
        contacts: item.contacts,
        minutes: item.minutes,
        revenue_minor: item.revenue_minor,
        headcount: item.headcount,
        recorded_at,
    }
}

/// The segments of a month, as they were last put.
pub fn load(conn: &mut Conn, month: Month) -> Result<SegmentMonthList, Failure> {
    let mut channels: BTreeMap<String, Vec<ChannelMonth>> = BTreeMap::new();
    for mut row in segment_month::load_channels(conn, month, None)? {
        let segment = std::mem::take(&mut row.segment);
        channels.entry(segment).or_default().push(row.into());
    }
    let item = |row: SegmentMonthRow| {
        let channels = channels.remove(&row.segment).unwrap_or_default();
        segment_month(row, channels)
    };
    let rows = segment_month::load_month(conn, month, None)?;
    let items = rows.into_iter().map(item).collect();
    Ok(SegmentMonthList { items })
}

/// The most segments of a month.
pub const MOST_SEGMENTS: usize = 10_000;

pub(crate) fn faults(items: &[SegmentMonth]) -> Vec<InvalidParam> {
    if items.len() > MOST_SEGMENTS {
        let reason = format!("{} segments; at most {MOST_SEGMENTS}", items.len());
        return vec![InvalidParam::new("items", FaultCode::TooMany, reason)];
    }
    let mut seen = BTreeSet::new();
    let of_item = |(index, item): (usize, &SegmentMonth)| {
        let mut faults = item_faults(item);
        if !seen.insert(item.segment.clone()) {
            faults.push(repeated("segment", &item.segment));
        }
        below(&format!("items/{index}"), faults)
    };
    items.iter().enumerate().flat_map(of_item).collect()
}

pub(crate) fn item_faults(item: &SegmentMonth) -> Vec<InvalidParam> {
    let mut faults: Vec<_> = fault::text("segment", &item.segment, 128)
        .into_iter()
        .collect();
    faults.extend(negatives(&counts(item)));
    if item.new_from_paid > item.new_customers {
        let (paid, all) = (item.new_from_paid, item.new_customers);
        let reason = format!("is {paid}, more than the {all} new customers of whom they are part");
        faults.push(InvalidParam::new(
            "new_from_paid",
            FaultCode::OutOfRange,
            reason,
        ));
    }
    faults.extend(channel_faults(item));
    let parts = |count: fn(&ChannelMonth) -> i64| {
        let counts = item.channels.iter().map(count);
        counts.fold(0, i64::saturating_add)
    };
    for (name, whole, parts) in [
        ("contacts", item.contacts, parts(|it| it.contacts)),
        (
            "new_customers",
            item.new_customers,
            parts(|it| it.new_customers),
        ),
    ] {
        if parts > whole {
            let reason = format!("is {whole}, less than the {parts} of its channels");
            faults.push(InvalidParam::new(name, FaultCode::OutOfRange, reason));
        }
    }
    faults
}

pub(crate) fn channel_faults(item: &SegmentMonth) -> Vec<InvalidParam> {
    let mut seen = BTreeSet::new();
    let of_channel = |(index, it): (usize, &ChannelMonth)| {
        let mut faults: Vec<_> = fault::text("channel", &it.channel, 64)
            .into_iter()
            .collect();
        faults.extend(negatives(&channel_counts(it)));
        if !seen.insert(it.channel.clone()) {
            faults.push(repeated("channel", &it.channel));
        }
        below(&format!("channels/{index}"), faults)
    };
    item.channels
        .iter()
        .enumerate()
        .flat_map(of_channel)
        .collect()
}

pub(crate) fn negatives(counts: &[(&str, i64)]) -> Vec<InvalidParam> {
    let negative = counts.iter().filter(|(_, count)| *count < 0);
    let fault = |(name, count): &(&str, i64)| {
        InvalidParam::new(
            *name,
            FaultCode::Negative,
            format!("is {count}; give 0 or more"),
        )
    };
    negative.map(fault).collect()
}

pub(crate) fn repeated(name: &str, value: &str) -> InvalidParam {
    let reason = format!("`{value}` is named twice; add both up");
    InvalidParam::new(name, FaultCode::Duplicate, reason)
}

/// Names faults by where they are.
pub fn below(place: &str, mut faults: Vec<InvalidParam>) -> Vec<InvalidParam> {
    for fault in &mut faults {
        fault.name = format!("{place}/{}", fault.name);
    }
    faults
}

/// Writes what every segment did in one month, in place of what was there.
pub async fn put(
    app: &Finance,
    month: Month,
    precondition: Precondition,
    body: SegmentMonthList,
) -> Result<SegmentMonthList, Failure> {
    let (month, mut items) = (month, body.items);
    let faults = faults(&items);
    if !faults.is_empty() {
        return Err(Failure::invalid(faults));
    }
    // As they are read again: the same in another order is no change.
    items.sort_by(|a, b| a.segment.cmp(&b.segment));
    for item in &mut items {
        item.channels.sort_by(|a, b| a.channel.cmp(&b.channel));
    }
    let now = now().naive_utc();
    let rows: Vec<_> = items.iter().map(|it| row(it, month, now)).collect();
    let channels = items.iter().flat_map(|it| channel_rows(it, month, now));
    let channels: Vec<_> = channels.collect();
    let work = move |conn: &mut Conn| {
        period_close::lock(conn)?;
        check_open(conn, month)?;
        let current = load(conn, month)?;
        let changes = !current.items.is_empty() && current.items != items;
        precondition.check(Some(&current), changes)?;
        segment_month::replace_months(conn, month, month, &rows, &channels, now)?;
        let put = load(conn, month)?;
        version::note_change(Some(&current), Some(&put))?;
        Ok(put)
    };
    app.db.write(work).await
}
