//! The customers service's operations, one method each.

use uuid::Uuid;

use super::*;
use crate::Capabilities;
use crate::batch::{BatchOptions, BatchReport};
use crate::client::client;
use crate::feed::{FeedPageQuery, FeedQuery};
use crate::rows::FeedRows;

client! {
    /// The customers service.
    CustomersClient of "customers";

    /// What the service covers, assists and leaves to others.
    load_capabilities() -> Capabilities = get(&["capabilities"], &());
    /// A page of customers.
    list_customers(query: &CustomerQuery) -> CustomerPage = get(&["customers"], query);
    /// The customer whom another system knows by this id.
    load_customer_by_external_id(source: &str, external_id: &str) -> Customer
        = get(&["customers", "by-external-id", source, external_id], &());
    /// One customer.
    load_customer(id: Uuid) -> Customer = get(&["customers", &id.to_string()], &());
    /// A page of what happened in a customer's life with the company.
    list_lifecycle_events(id: Uuid, query: &LifecycleEventQuery) -> LifecycleEventPage
        = get(&["customers", &id.to_string(), "lifecycle-events"], query);
    /// One lifecycle event.
    load_lifecycle_event(id: Uuid) -> LifecycleEvent = get(&["lifecycle-events", &id.to_string()], &());
    /// Writes up to 5,000 customers; sent again they change nothing.
    batch_upsert_customers(options: &BatchOptions, items: &[CustomerInput]) -> BatchReport
        = batch_upsert("customers", options, items);
    /// Who was at risk and who left, by segment and tenure.
    read_cohorts(query: &FeedQuery) -> FeedRows<CohortRow> = rows("cohorts", query);
    /// The same page by page.
    list_cohorts_feed(query: &FeedPageQuery) -> CohortFeedPage = get(&["feed", "cohorts", "pages"], query);
    /// Each customer's time under observation.
    read_episodes(query: &FeedQuery) -> FeedRows<EpisodeRow> = rows("episodes", query);
    /// The same page by page.
    list_episodes_feed(query: &FeedPageQuery) -> EpisodeFeedPage = get(&["feed", "episodes", "pages"], query);
    /// Writes up to 5,000 events; sent again they change nothing.
    batch_upsert_lifecycle_events(options: &BatchOptions, items: &[LifecycleEventInput]) -> BatchReport
        = batch_upsert("lifecycle-events", options, items);
    /// The segments.
    list_segments() -> SegmentList = get(&["segments"], &());
    /// One segment.
    load_segment(key: &str) -> Segment = get(&["segments", key], &());
    /// Names a segment.
    put_segment(key: &str, segment: &SegmentInput) -> Segment = put(&["segments", key], segment);
    /// Removes a segment that no customer is in.
    delete_segment(key: &str) -> () = delete(&["segments", key]);
}
