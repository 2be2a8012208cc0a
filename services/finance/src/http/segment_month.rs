//! What each segment did in a month: weights of allocation, denominators of costs per customer.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::web::{Data, Json, Path};
use actix_web::{get, put};
use chrono::NaiveDateTime;
use keepworth_contract::{InvalidParam, Month};
use keepworth_intake::Failure;
use keepworth_intake::fault;
use keepworth_platform::precondition::{IfMatchHeader, IfMatching, Tagged, TaggedResult};
use keepworth_platform::{PreconditionProblems, ReadProblems, Service, WriteProblems};
use keepworth_store::Conn;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::check_open;
use crate::Finance;
use crate::store::period_close;
use crate::store::segment_month::{self, ChannelMonthRow, SegmentMonthRow};
use keepworth_store::now;

/// What a segment did in a month, as the customers and experience services count it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SegmentMonth {
    /// The segment's key.
    #[schema(min_length = 1, max_length = 128)]
    pub segment: String,
    /// Active customers.
    #[schema(minimum = 0)]
    pub customers: i64,
    /// Customers who paid for the first time.
    #[serde(default)]
    #[schema(minimum = 0)]
    pub new_customers: i64,
    /// Those of them from paid channels.
    #[serde(default)]
    #[schema(minimum = 0)]
    pub new_from_paid: i64,
    /// Contacts handled.
    #[serde(default)]
    #[schema(minimum = 0)]
    pub contacts: i64,
    /// Minutes of handling.
    #[serde(default)]
    #[schema(minimum = 0)]
    pub minutes: i64,
    /// Revenue in minor units, of one currency over all segments.
    #[serde(default)]
    #[schema(minimum = 0)]
    pub revenue_minor: i64,
    /// People working for it.
    #[serde(default)]
    #[schema(minimum = 0)]
    pub headcount: i64,
    /// The same by channel, as far as it is known.
    #[serde(default)]
    pub channels: Vec<ChannelMonth>,
}

/// What a segment did in a month by one channel.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChannelMonth {
    /// The channel, of service or of acquisition.
    #[schema(min_length = 1, max_length = 64)]
    pub channel: String,
    /// Contacts handled.
    #[serde(default)]
    #[schema(minimum = 0)]
    pub contacts: i64,
    /// Seconds of handling.
    #[serde(default)]
    #[schema(minimum = 0)]
    pub handle_seconds: i64,
    /// Customers won who paid for the first time.
    #[serde(default)]
    #[schema(minimum = 0)]
    pub new_customers: i64,
}

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

impl ChannelMonth {
    fn counts(&self) -> [(&'static str, i64); 3] {
        [
            ("contacts", self.contacts),
            ("handle_seconds", self.handle_seconds),
            ("new_customers", self.new_customers),
        ]
    }
}

impl SegmentMonth {
    fn new(row: SegmentMonthRow, channels: Vec<ChannelMonth>) -> Self {
        Self {
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
}

impl SegmentMonth {
    fn counts(&self) -> [(&'static str, i64); 7] {
        [
            ("customers", self.customers),
            ("new_customers", self.new_customers),
            ("new_from_paid", self.new_from_paid),
            ("contacts", self.contacts),
            ("minutes", self.minutes),
            ("revenue_minor", self.revenue_minor),
            ("headcount", self.headcount),
        ]
    }

    fn channel_rows(&self, month: Month, recorded_at: NaiveDateTime) -> Vec<ChannelMonthRow> {
        let row = |it: &ChannelMonth| ChannelMonthRow {
            month: month.index(),
            segment: self.segment.clone(),
            channel: it.channel.clone(),
            contacts: it.contacts,
            handle_seconds: it.handle_seconds,
            new_customers: it.new_customers,
            recorded_at,
        };
        self.channels.iter().map(row).collect()
    }

    fn row(&self, month: Month, recorded_at: NaiveDateTime) -> SegmentMonthRow {
        SegmentMonthRow {
            month: month.index(),
            segment: self.segment.clone(),
            customers: self.customers,
            new_customers: self.new_customers,
            new_from_paid: self.new_from_paid,
            contacts: self.contacts,
            minutes: self.minutes,
            revenue_minor: self.revenue_minor,
            headcount: self.headcount,
            recorded_at,
        }
    }
}

/// What every segment did in one month.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SegmentMonthList {
    /// In the order of the segments' keys.
    pub items: Vec<SegmentMonth>,
}

/// Says what every segment did in one month.
#[utoipa::path(operation_id = "list_segment_months", tag = "allocation",
    params(("month" = String, Path, description = "The month, YYYY-MM")),
    responses((status = 200, body = SegmentMonthList, description = "Every segment",
               headers(("ETag" = String, description = "The month's version"))), ReadProblems))]
#[get("/segment-months/{month}")]
pub async fn list_segment_months(
    app: Data<Finance>,
    month: Path<Month>,
) -> TaggedResult<SegmentMonthList> {
    let month = month.into_inner();
    let list = app.db().read(move |conn| load(conn, month)).await?;
    Ok(Tagged(list))
}

fn load(conn: &mut Conn, month: Month) -> Result<SegmentMonthList, Failure> {
    let mut channels: BTreeMap<String, Vec<ChannelMonth>> = BTreeMap::new();
    for mut row in segment_month::load_channels(conn, month, None)? {
        let segment = std::mem::take(&mut row.segment);
        channels.entry(segment).or_default().push(row.into());
    }
    let item = |row: SegmentMonthRow| {
        let channels = channels.remove(&row.segment).unwrap_or_default();
        SegmentMonth::new(row, channels)
    };
    let rows = segment_month::load_month(conn, month, None)?;
    let items = rows.into_iter().map(item).collect();
    Ok(SegmentMonthList { items })
}

/// The most segments of a month.
const MOST_SEGMENTS: usize = 10_000;

/// Writes what every segment did in one month, in place of what was there.
///
/// A month whose books are closed is not changed any more.
#[utoipa::path(operation_id = "put_segment_months", tag = "allocation", request_body = SegmentMonthList,
    params(("month" = String, Path, description = "The month, YYYY-MM"), IfMatchHeader),
    responses((status = 200, body = SegmentMonthList, description = "Every segment",
               headers(("ETag" = String, description = "The month's version"))),
              PreconditionProblems, WriteProblems))]
#[put("/segment-months/{month}")]
pub async fn put_segment_months(
    app: Data<Finance>,
    month: Path<Month>,
    IfMatching(precondition): IfMatching,
    body: Json<SegmentMonthList>,
) -> TaggedResult<SegmentMonthList> {
    let (month, mut items) = (month.into_inner(), body.into_inner().items);
    let faults = faults(&items);
    if !faults.is_empty() {
        return Err(Failure::invalid(faults).into());
    }
    items.sort_by(|a, b| a.segment.cmp(&b.segment));
    let now = now().naive_utc();
    let rows: Vec<_> = items.iter().map(|it| it.row(month, now)).collect();
    let channels = items.iter().flat_map(|it| it.channel_rows(month, now));
    let channels: Vec<_> = channels.collect();
    let work = move |conn: &mut Conn| {
        period_close::lock(conn)?;
        check_open(conn, month)?;
        precondition.check(Some(&load(conn, month)?))?;
        segment_month::replace_months(conn, month, month, &rows, &channels, now)?;
        load(conn, month)
    };
    Ok(Tagged(app.db().write(work).await?))
}

fn faults(items: &[SegmentMonth]) -> Vec<InvalidParam> {
    if items.len() > MOST_SEGMENTS {
        let reason = format!("{} segments; at most {MOST_SEGMENTS}", items.len());
        return vec![InvalidParam::new("items", "too_many", reason)];
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

fn item_faults(item: &SegmentMonth) -> Vec<InvalidParam> {
    let mut faults: Vec<_> = fault::text("segment", &item.segment, 128)
        .into_iter()
        .collect();
    faults.extend(negatives(&item.counts()));
    if item.new_from_paid > item.new_customers {
        let (paid, all) = (item.new_from_paid, item.new_customers);
        let reason = format!("is {paid}, more than the {all} new customers of whom they are part");
        faults.push(InvalidParam::new("new_from_paid", "out_of_range", reason));
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
            faults.push(InvalidParam::new(name, "out_of_range", reason));
        }
    }
    faults
}

fn channel_faults(item: &SegmentMonth) -> Vec<InvalidParam> {
    let mut seen = BTreeSet::new();
    let of_channel = |(index, it): (usize, &ChannelMonth)| {
        let mut faults: Vec<_> = fault::text("channel", &it.channel, 64)
            .into_iter()
            .collect();
        faults.extend(negatives(&it.counts()));
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

fn negatives(counts: &[(&str, i64)]) -> Vec<InvalidParam> {
    let negative = counts.iter().filter(|(_, count)| *count < 0);
    let fault = |(name, count): &(&str, i64)| {
        InvalidParam::new(*name, "negative", format!("is {count}; give 0 or more"))
    };
    negative.map(fault).collect()
}

fn repeated(name: &str, value: &str) -> InvalidParam {
    let reason = format!("`{value}` is named twice; add both up");
    InvalidParam::new(name, "duplicate", reason)
}

/// Names faults by where they are.
fn below(place: &str, mut faults: Vec<InvalidParam>) -> Vec<InvalidParam> {
    for fault in &mut faults {
        fault.name = format!("{place}/{}", fault.name);
    }
    faults
}
