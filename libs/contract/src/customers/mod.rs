//! The customers service: who they are, in which segment, since when, and whether they left.

mod client;
mod customer;
mod erasure;
mod feed;
mod lifecycle_event;
mod record;
mod segment;
mod stay;

pub use client::CustomersClient;
pub use customer::{Customer, CustomerQuery, CustomerStatus};
pub use erasure::{Erasure, ErasureInput, ErasurePage, ErasureState, Person};
pub use feed::{CohortRow, EpisodeRow};
pub use lifecycle_event::{LifecycleEvent, LifecycleEventQuery};
pub use record::{CustomerInput, LeavingCause, LifecycleEventInput, LifecycleKind};
pub use segment::{Segment, SegmentInput, SegmentKind, SegmentList};
pub use stay::{EarlierSegment, Stay};

use crate::Page;
use crate::batch::Batch;

/// Up to 5,000 records at once.
pub type CustomerBatch = Batch<CustomerInput>;
/// A page of a list.
pub type CustomerPage = Page<Customer>;
/// Up to 5,000 records at once.
pub type LifecycleEventBatch = Batch<LifecycleEventInput>;
/// A page of a list.
pub type LifecycleEventPage = Page<LifecycleEvent>;
/// A page of a feed.
pub type CohortFeedPage = crate::feed::FeedPage<CohortRow>;
/// A page of a feed.
pub type EpisodeFeedPage = crate::feed::FeedPage<EpisodeRow>;
