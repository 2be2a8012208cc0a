//! The customers service's operations, one method each.

use std::time::Duration;

use uuid::Uuid;

use super::*;
use crate::batch::{BatchOptions, BatchReport};
use crate::client::client;
use crate::feed::{FeedPageQuery, FeedQuery};
use crate::rows::FeedRows;
use crate::subject::{ServiceExport, SignedReceipt, Subject, SubjectErasure, SubjectExport};
use crate::{
    AuditEntryPage, AuditHead, AuditHeadInput, AuditQuery, Capabilities, Import, ImportInput,
    ImportPage, RejectedImportRowPage, SequenceQuery,
};

client! {
    /// The customers service.
    CustomersClient of "customers";

    /// What the service covers, assists and leaves to others.
    load_capabilities() -> Capabilities = get(&["capabilities"], &());
    /// Erases what this service holds of a customer, for the customers service, or counts it.
    erase_subject(order: &SubjectErasure) -> SignedReceipt = post(&["subjects:erase"], order);
    /// Everything that this service holds of a customer, for the customers service.
    export_subject(subject: &Subject) -> ServiceExport = post(&["subjects:export"], subject);
    /// What was done, by whom, when and why.
    list_audit_entries(query: &AuditQuery) -> AuditEntryPage = get(&["audit-entries"], query);
    /// Asks for the erasure of a customer, or counts what it would erase; `reason` says why.
    create_erasure(new: &ErasureInput, reason: &str) -> Erasure = post_because(&["erasures"], new, reason);
    /// A page of erasures.
    list_erasures(query: &SequenceQuery) -> ErasurePage = get(&["erasures"], query);
    /// How an erasure stands.
    load_erasure(id: Uuid) -> Erasure = get(&["erasures", &id.to_string()], &());
    /// Confirms what somebody else asked for; `reason` says why.
    confirm_erasure(id: Uuid, reason: &str) -> Erasure
        = post_because(&["erasures", &format!("{id}:confirm")], &(), reason);
    /// Calls an erasure off that was not confirmed.
    cancel_erasure(id: Uuid) -> Erasure = post(&["erasures", &format!("{id}:cancel")], &());
    /// Everything that every service holds of a customer; `reason` says why it is asked for.
    create_subject_export(subject: &Subject, reason: &str) -> SubjectExport
        = post_because(&["subject-exports"], subject, reason);
    /// Where the record of that ends now, signed.
    load_audit_head() -> AuditHead = get(&["audit-head"], &());
    /// Leaves the signed head of another service there.
    keep_audit_head(head: &AuditHeadInput) -> AuditHead = post(&["audit-heads:keep"], head);
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
    /// Hands a file of records over, and waits so long for what comes of it.
    create_import(input: &ImportInput, wait: Duration) -> Import = upload(&["imports"], input, wait);
    /// A page of imports.
    list_imports(query: &SequenceQuery) -> ImportPage = get(&["imports"], query);
    /// How an import stands.
    load_import(id: Uuid) -> Import = get(&["imports", &id.to_string()], &());
    /// Asks an import to stop.
    cancel_import(id: Uuid) -> Import = post(&["imports", &format!("{id}:cancel")], &());
    /// Takes back what an import wrote.
    undo_import(id: Uuid) -> Import = post(&["imports", &format!("{id}:undo")], &());
    /// A page of the rows that an import did not take.
    list_rejected_import_rows(id: Uuid, query: &SequenceQuery) -> RejectedImportRowPage
        = get(&["imports", &id.to_string(), "rejected"], query);
    /// Removes a segment that no customer is in.
    delete_segment(key: &str) -> () = remove(&["segments", key]);
}
