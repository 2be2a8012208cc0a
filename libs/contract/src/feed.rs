//! What the services tell each other: aggregates, or rows in key order for a merge join.
//!
//! A feed is newline-delimited JSON: one [`FeedHeader`], rows, one [`FeedTrailer`]. The trailer
//! carries the number of rows and a digest of their bytes, so that a feed that was cut short is
//! noticed, and a baseline can say from what it was made.

use std::num::NonZeroUsize;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::{IntoParams, ToSchema};

/// As of which day a feed is asked for.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct FeedQuery {
    /// The last day whose facts count.
    #[serde(deserialize_with = "recorded_day")]
    pub as_of: NaiveDate,
}

/// Which page of a feed: as of a day, continue after `cursor`, `page_size` rows.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct FeedPageQuery {
    /// The last day whose facts count.
    #[serde(deserialize_with = "recorded_day")]
    pub as_of: NaiveDate,
    /// Rows per page, 1 or more (default 1,000; more than 10,000 is cut to 10,000).
    #[param(value_type = Option<usize>, minimum = 1, example = 1000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_size: Option<NonZeroUsize>,
    /// `next_cursor` of the page before; leave out for the first page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

impl FeedPageQuery {
    /// The number of rows to answer with.
    #[must_use]
    pub fn limit(&self) -> usize {
        self.page_size.map_or(1_000, |it| it.get().min(10_000))
    }
}

/// Rows of a feed, for clients that read no stream.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FeedPage<T> {
    /// Which feed, as of which day.
    pub header: FeedHeader,
    /// In the order of the feed.
    pub items: Vec<T>,
    /// Continues the feed; null at its end. Where records have changed since the first page, 409.
    pub next_cursor: Option<String>,
    /// How many rows the whole feed has, and their digest.
    pub trailer: FeedTrailer,
}

/// Rows of a feed, for clients that read no stream.
#[derive(ToSchema)]
#[expect(dead_code, reason = "described only")]
pub(crate) struct FeedPageFields {
    /// Which feed, as of which day.
    header: FeedHeader,
    /// Continues the feed; null at its end. Where records have changed since the first page, 409.
    next_cursor: Option<String>,
    /// How many rows the whole feed has, and their digest.
    trailer: FeedTrailer,
}

/// Reads a day that records can have: from 1900 to 9999, which both databases order alike.
///
/// # Errors
/// Another day, or what is none.
pub fn recorded_day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveDate, D::Error> {
    let day = NaiveDate::deserialize(deserializer)?;
    if (1900..=9999).contains(&day.year()) {
        Ok(day)
    } else {
        Err(serde::de::Error::custom(format!(
            "as_of {day} is outside 1900 to 9999"
        )))
    }
}

/// First line of a feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FeedHeader {
    /// The feed's name, such as `cohorts`.
    pub feed: String,
    /// Version of the row's form.
    pub version: u32,
    /// The last day whose facts count.
    pub as_of: NaiveDate,
}

/// Last line of a feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FeedTrailer {
    /// Rows between header and trailer.
    pub rows: u64,
    /// SHA-256 of the rows' bytes, line ends included, in hexadecimal.
    pub sha256: String,
}

/// Who a row is about; feeds that are joined come in the order of this key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
pub struct CustomerKey {
    /// The system that knows the customer.
    pub source: String,
    /// The customer's id there.
    pub external_id: String,
}
