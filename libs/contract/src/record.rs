//! The records that come in by batch.
//!
//! Every record names its `source` (the system it comes from) and its `external_id` there; both
//! together are its identity, so that sending it again changes nothing. Records about a customer
//! name the customer the same way; `customer_source` may be left out when it equals `source`.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::customers::{CustomerInput, LifecycleEventInput};
use crate::experience::{FeedbackInput, InteractionInput};
use crate::finance::{CampaignTouchInput, LedgerEntryInput, RevenueInput};

/// A record that comes in by batch: the same source and id there are the same record.
pub trait Record: Serialize {
    /// The system that it comes from.
    fn source(&self) -> &str;
    /// Its id in that system.
    fn external_id(&self) -> &str;
}

macro_rules! record {
    ($($record:ty),* $(,)?) => {
        $(impl Record for $record {
            fn source(&self) -> &str {
                &self.source
            }

            fn external_id(&self) -> &str {
                &self.external_id
            }
        })*
    };
}

record!(
    CustomerInput,
    LifecycleEventInput,
    FeedbackInput,
    InteractionInput,
    RevenueInput,
    LedgerEntryInput,
    CampaignTouchInput,
);

/// A record as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded<T> {
    /// Identifier.
    pub id: Uuid,
    /// What the source said.
    pub record: T,
    /// The import that wrote it.
    pub import_id: String,
    /// When this version was written: from when it was known.
    pub recorded_at: DateTime<Utc>,
}

/// A record as it was written.
#[derive(ToSchema)]
#[expect(dead_code, reason = "described only")]
pub(crate) struct RecordedFields {
    /// Identifier.
    id: Uuid,
    /// The import that wrote it.
    import_id: String,
    /// When this version was written: from when it was known.
    recorded_at: DateTime<Utc>,
}
