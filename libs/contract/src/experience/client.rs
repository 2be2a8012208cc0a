//! The experience service's operations, one method each.

use std::time::Duration;

use uuid::Uuid;

use super::*;
use crate::batch::{BatchOptions, BatchReport};
use crate::client::client;
use crate::feed::{FeedPageQuery, FeedQuery};
use crate::rows::FeedRows;
use crate::subject::{ServiceExport, SignedReceipt, Subject, SubjectErasure};
use crate::{
    AuditEntryPage, AuditHead, AuditHeadInput, AuditQuery, Capabilities, Import, ImportInput,
    ImportPage, RejectedImportRowPage, SequenceQuery,
};

client! {
    /// The experience service.
    ExperienceClient of "experience";

    /// What the service covers, assists and leaves to others.
    load_capabilities() -> Capabilities = get(&["capabilities"], &());
    /// Erases what this service holds of a customer, for the customers service, or counts it.
    erase_subject(order: &SubjectErasure) -> SignedReceipt = post(&["subjects:erase"], order);
    /// Everything that this service holds of a customer, for the customers service.
    export_subject(subject: &Subject) -> ServiceExport = post(&["subjects:export"], subject);
    /// What was done, by whom, when and why.
    list_audit_entries(query: &AuditQuery) -> AuditEntryPage = get(&["audit-entries"], query);
    /// Where the record of that ends now, signed.
    load_audit_head() -> AuditHead = get(&["audit-head"], &());
    /// Leaves the signed head of another service there.
    keep_audit_head(head: &AuditHeadInput) -> AuditHead = post(&["audit-heads:keep"], head);
    /// Each customer's contacts and scores, month by month.
    read_exposures(query: &FeedQuery) -> FeedRows<ExposureRow> = rows("exposures", query);
    /// The same page by page.
    list_exposures_feed(query: &FeedPageQuery) -> ExposureFeedPage = get(&["feed", "exposures", "pages"], query);
    /// Metrics by phase and month.
    read_metrics(query: &FeedQuery) -> FeedRows<MetricRow> = rows("metrics", query);
    /// The same page by page.
    list_metrics_feed(query: &FeedPageQuery) -> MetricFeedPage = get(&["feed", "metrics", "pages"], query);
    /// A page of answers.
    list_feedback(query: &FeedbackQuery) -> FeedbackPage = get(&["feedback"], query);
    /// One answer.
    load_feedback(id: Uuid) -> Feedback = get(&["feedback", &id.to_string()], &());
    /// Writes up to 5,000 answers; sent again they change nothing.
    batch_upsert_feedback(options: &BatchOptions, items: &[FeedbackInput]) -> BatchReport
        = batch_upsert("feedback", options, items);
    /// A page of contacts.
    list_interactions(query: &InteractionQuery) -> InteractionPage = get(&["interactions"], query);
    /// One contact.
    load_interaction(id: Uuid) -> Interaction = get(&["interactions", &id.to_string()], &());
    /// Writes up to 5,000 contacts; sent again they change nothing.
    batch_upsert_interactions(options: &BatchOptions, items: &[InteractionInput]) -> BatchReport
        = batch_upsert("interactions", options, items);
    /// A kind of feedback as metrics.
    list_metrics(query: &MetricQuery) -> MetricList = get(&["metrics"], query);
    /// Every phase of the journey that an answer or a contact names.
    list_phases() -> PhaseList = get(&["phases"], &());
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
}
