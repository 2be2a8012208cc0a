//! The records that come in by batch.
//!
//! Every record names its `source` (the system it comes from) and its `external_id` there; both
//! together are its identity, so that sending it again changes nothing. Records about a customer
//! name the customer the same way; `customer_source` may be left out when it equals `source`.

use serde::Serialize;

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
