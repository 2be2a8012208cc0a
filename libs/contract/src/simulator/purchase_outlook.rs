//! What single customers without a contract are expected to do: told when it is asked for, and kept nowhere.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::fit::FitEstimate;
use super::purchase::PurchaseModel;
use crate::Flag;
use crate::feed::{CustomerKey, FeedPageQuery};

/// Months ahead, unless others are asked for.
pub const MONTHS_AHEAD: u32 = 12;
/// Months ahead at the most.
pub const MOST_MONTHS_AHEAD: u32 = 120;

fn months_ahead() -> u32 {
    MONTHS_AHEAD
}

/// Whose customers are told of, and how far ahead.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct PurchaseOutlookQuery {
    /// The baseline whose model is used, and on whose day it is told who is there.
    pub baseline_hash: String,
    /// A segment of the baseline of kind `PURCHASES`.
    #[param(example = "shop")]
    pub segment: String,
    /// Months after the baseline's day in which purchases are expected, 1 to 120 (default 12).
    #[serde(default = "months_ahead")]
    #[param(minimum = 1, maximum = 120, default = 12, example = 12)]
    pub months: u32,
}

/// Which page of what is told of single customers: continue after `cursor`, `page_size` rows.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct PurchaseOutlookPageQuery {
    /// The baseline whose model is used, and on whose day it is told who is there.
    pub baseline_hash: String,
    /// A segment of the baseline of kind `PURCHASES`.
    #[param(example = "shop")]
    pub segment: String,
    /// Months after the baseline's day in which purchases are expected, 1 to 120 (default 12).
    #[serde(default = "months_ahead")]
    #[param(minimum = 1, maximum = 120, default = 12, example = 12)]
    pub months: u32,
    /// Rows per page, 1 or more (default 1,000; more than 10,000 is cut to 10,000).
    #[param(value_type = Option<usize>, minimum = 1, example = 1000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_size: Option<NonZeroUsize>,
    /// `next_cursor` of the page before; leave out for the first page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

impl PurchaseOutlookPageQuery {
    /// What is told, and which page of it of a feed as of the baseline's day.
    #[must_use]
    pub fn on(self, as_of: NaiveDate) -> FeedPageQuery {
        FeedPageQuery {
            as_of,
            page_size: self.page_size,
            cursor: self.cursor,
        }
    }

    /// What is told.
    #[must_use]
    pub fn query(&self) -> PurchaseOutlookQuery {
        PurchaseOutlookQuery {
            baseline_hash: self.baseline_hash.clone(),
            segment: self.segment.clone(),
            months: self.months,
        }
    }
}

/// simulator/`purchase-outlooks`: by which model it is told, then a row per customer in key order, then their sums.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "row", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PurchaseOutlookRow {
    /// By which model it is told; the first row.
    Model(OutlookModel),
    /// A customer.
    Customer(CustomerOutlook),
    /// The customers together; the last row.
    Sum(OutlookSum),
}

/// By which model it is told what customers will do: that of the baseline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OutlookModel {
    /// The baseline.
    pub baseline_hash: String,
    /// The segment's key.
    pub segment: String,
    /// The baseline's day, on whose evening it is told who is active.
    pub as_of: NaiveDate,
    /// Months after that day in which purchases are expected.
    #[schema(minimum = 1, maximum = 120, example = 12)]
    pub months: u32,
    /// ISO 4217 code of every amount.
    pub currency: String,
    /// The model of purchases.
    pub model: PurchaseModel,
    /// Its parameters by name, as the baseline has them; times are weeks.
    pub parameters: BTreeMap<String, FitEstimate>,
    /// Those of Gamma–Gamma, the model of what a purchase is worth; none where it could not be fitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub spend_parameters: Option<BTreeMap<String, FitEstimate>>,
    /// What a purchase is worth on average, which is taken for everybody where Gamma–Gamma could not be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 0, example = 36.2)]
    pub mean_spend: Option<f64>,
    /// What the baseline says that a reader must know of the model.
    pub quality_flags: Vec<Flag>,
}

/// What a customer is expected to do, if nothing is done.
///
/// Intervals are those of the model's parameters: what the customer then does is chance beyond them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CustomerOutlook {
    /// The customer.
    pub customer: CustomerKey,
    /// The day of the first purchase.
    pub first_purchase_on: NaiveDate,
    /// The day of the last purchase by the baseline's day.
    pub last_purchase_on: NaiveDate,
    /// Days with a purchase after the first one.
    pub repeat_purchases: u64,
    /// What was paid on average for these, in the baseline's currency; none where there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 31.4)]
    pub mean_spend: Option<f64>,
    /// Chance, 0 to 1, that the customer is still active on the evening of the baseline's day (P(alive)).
    pub active: FitEstimate,
    /// Purchases expected in the months asked for.
    pub purchases: FitEstimate,
    /// What is expected to be paid for these, in the baseline's currency; none where the baseline does not say what a
    /// purchase is worth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub spend: Option<FitEstimate>,
}

/// The customers together.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OutlookSum {
    /// Customers above.
    pub customers: u64,
    /// Of these, how many are expected to be active: the sum of their chances. `active` of the segment in the baseline
    /// has its interval.
    #[schema(minimum = 0, example = 1234.5)]
    pub active: f64,
    /// Purchases expected of all of them.
    #[schema(minimum = 0, example = 1890.2)]
    pub purchases: f64,
    /// What is expected to be paid for these, in the baseline's currency; none where the baseline does not say what a
    /// purchase is worth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 0, example = 68_400.5)]
    pub spend: Option<f64>,
    /// Who is not told of and why, and whether records have changed since the baseline was built.
    pub quality_flags: Vec<Flag>,
}
