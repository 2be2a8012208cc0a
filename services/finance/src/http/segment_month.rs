//! What each segment did in a month: weights of allocation, denominators of costs per customer.

use std::collections::BTreeSet;

use actix_web::web::{Data, Json, Path};
use actix_web::{get, put};
use keepworth_contract::{InvalidParam, Month};
use keepworth_platform::batch::fault;
use keepworth_platform::{ApiError, ApiResult, ReadProblems, Service, WriteProblems};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{check_open, now};
use crate::Finance;
use crate::store::period_close;
use crate::store::segment_month::{self, SegmentMonthRow};

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
}

impl From<SegmentMonthRow> for SegmentMonth {
    fn from(row: SegmentMonthRow) -> Self {
        Self {
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

    fn row(self, month: Month, recorded_at: chrono::NaiveDateTime) -> SegmentMonthRow {
        SegmentMonthRow {
            month: month.index(),
            segment: self.segment,
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
    responses((status = 200, body = SegmentMonthList, description = "Every segment"), ReadProblems))]
#[get("/segment-months/{month}")]
pub async fn list_segment_months(
    app: Data<Finance>,
    month: Path<Month>,
) -> ApiResult<SegmentMonthList> {
    let month = month.into_inner();
    let rows = app
        .db()
        .read(move |conn| segment_month::load_month(conn, month).map_err(ApiError::from))
        .await?;
    let items = rows.into_iter().map(SegmentMonth::from).collect();
    Ok(Json(SegmentMonthList { items }))
}

/// The most segments of a month.
const MOST_SEGMENTS: usize = 10_000;

/// Writes what every segment did in one month, in place of what was there.
///
/// A month whose books are closed is not changed any more.
#[utoipa::path(operation_id = "put_segment_months", tag = "allocation", request_body = SegmentMonthList,
    params(("month" = String, Path, description = "The month, YYYY-MM")),
    responses((status = 200, body = SegmentMonthList, description = "Every segment"), WriteProblems))]
#[put("/segment-months/{month}")]
pub async fn put_segment_months(
    app: Data<Finance>,
    month: Path<Month>,
    body: Json<SegmentMonthList>,
) -> ApiResult<SegmentMonthList> {
    let (month, mut items) = (month.into_inner(), body.into_inner().items);
    let faults = faults(&items);
    if !faults.is_empty() {
        return Err(ApiError::invalid(faults));
    }
    items.sort_by(|a, b| a.segment.cmp(&b.segment));
    let now = now().naive_utc();
    let rows: Vec<_> = items.iter().cloned().map(|it| it.row(month, now)).collect();
    app.db()
        .write(move |conn| {
            period_close::lock(conn)?;
            check_open(conn, month)?;
            segment_month::replace_month(conn, month, &rows).map_err(ApiError::from)
        })
        .await?;
    Ok(Json(SegmentMonthList { items }))
}

fn faults(items: &[SegmentMonth]) -> Vec<InvalidParam> {
    if items.len() > MOST_SEGMENTS {
        let reason = format!("{} segments; at most {MOST_SEGMENTS}", items.len());
        return vec![InvalidParam::new("items", "too_many", reason)];
    }
    let mut seen = BTreeSet::new();
    let of_item = |(index, item): (usize, &SegmentMonth)| {
        let mut faults: Vec<_> = item_faults(item);
        if !seen.insert(item.segment.clone()) {
            let reason = format!("`{}` is named twice; add both up", item.segment);
            faults.push(InvalidParam::new("segment", "duplicate", reason));
        }
        for fault in &mut faults {
            fault.name = format!("items/{index}/{}", fault.name);
        }
        faults
    };
    items.iter().enumerate().flat_map(of_item).collect()
}

fn item_faults(item: &SegmentMonth) -> Vec<InvalidParam> {
    let mut faults: Vec<_> = fault::text("segment", &item.segment, 128)
        .into_iter()
        .collect();
    for (name, count) in item.counts().into_iter().filter(|(_, count)| *count < 0) {
        let reason = format!("is {count}; give 0 or more");
        faults.push(InvalidParam::new(name, "negative", reason));
    }
    if item.new_from_paid > item.new_customers {
        faults.push(InvalidParam::new(
            "new_from_paid",
            "out_of_range",
            format!(
                "is {}, more than the {} new customers of whom they are part",
                item.new_from_paid, item.new_customers
            ),
        ));
    }
    faults
}
