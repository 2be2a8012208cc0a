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
    /// The customer that it is about: the system that knows them, and their id there. None of what is about nobody.
    fn subject(&self) -> Option<(&str, &str)>;
}

macro_rules! record {
    ($($record:ty: |$it:ident| $subject:expr;)*) => {
        $(impl Record for $record {
            fn source(&self) -> &str {
                &self.source
            }

            fn external_id(&self) -> &str {
                &self.external_id
            }

            fn subject(&self) -> Option<(&str, &str)> {
                let $it = self;
                $subject
            }
        })*
    };
}

/// The customer of a record that names one beside its own id.
macro_rules! customer {
    ($it:ident) => {
        Some((
            $it.customer_source.as_deref().unwrap_or(&$it.source),
            &$it.customer_external_id,
        ))
    };
}

record! {
    CustomerInput: |it| Some((&it.source, &it.external_id));
    LifecycleEventInput: |it| customer!(it);
    FeedbackInput: |it| customer!(it);
    InteractionInput: |it| customer!(it);
    RevenueInput: |it| customer!(it);
    LedgerEntryInput: |_it| None;
    CampaignTouchInput: |it| customer!(it);
}

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
