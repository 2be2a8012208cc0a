//! What the services tell each other: aggregates, or rows in key order for a merge join.
//!
//! A feed is newline-delimited JSON: one [`FeedHeader`], rows, one [`FeedTrailer`]. The trailer
//! carries the number of rows and a digest of their bytes, so that a feed that was cut short is
//! noticed, and a baseline can say from what it was made.

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
