//! What it costs to win and to keep customers.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A campaign touched somebody: a mail, a visit at a fair, a click on an advertisement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CampaignTouchInput {
    /// The system that the record comes from.
    #[schema(min_length = 1, max_length = 64)]
    pub source: String,
    /// The touch's id in that system.
    #[schema(min_length = 1, max_length = 128)]
    pub external_id: String,
    /// The system that knows the customer; `source` when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub customer_source: Option<String>,
    /// The customer's id there: the one under which they are charged later.
    #[schema(min_length = 1, max_length = 128)]
    pub customer_external_id: String,
    /// The campaign, by the name that its costs carry.
    #[schema(min_length = 1, max_length = 128)]
    pub campaign: String,
    /// The day.
    pub touched_on: NaiveDate,
}
