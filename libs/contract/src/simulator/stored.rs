//! Baselines, as they are ordered and listed.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Currency;
use crate::feed::recorded_day;
use crate::simulator::curve::HazardModel;
use crate::simulator::purchase::PurchaseModel;

/// Which baseline to build.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BaselineInput {
    /// The last day whose facts count; not after today.
    #[serde(deserialize_with = "recorded_day")]
    pub as_of: NaiveDate,
    /// The model of leaving by segment, where the rule's choice is not wanted.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(example = json!({"home": "SBG"}))]
    pub hazard_models: BTreeMap<String, HazardModel>,
    /// The model of purchases by segment without a contract, where the rule's choice is not wanted.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(example = json!({"shop": "PARETO_NBD"}))]
    pub purchase_models: BTreeMap<String, PurchaseModel>,
    /// The currency of every amount: revenue and costs in others are converted by finance's rates. Left
    /// out, it is the only one there is; amounts in two are refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "EUR")]
    pub currency: Option<Currency>,
}

/// A baseline without its figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BaselineSummary {
    /// Names it: SHA-256 of its content.
    pub hash: String,
    /// The last day whose facts count.
    pub as_of: NaiveDate,
    /// ISO 4217 code of every amount.
    pub currency: String,
    /// When it was built first.
    pub created_at: DateTime<Utc>,
}

crate::page::list_query! {
    /// Which baselines.
    BaselineQuery {
        /// Only what was made at or after this time (RFC 3339).
        #[param(value_type = Option<String>, format = DateTime, example = "2025-10-15T00:00:00Z")]
        created_since: Option<DateTime<Utc>>,
    }
}
