//! What services tell others: events (CloudEvents 1.0), and the webhooks that they are sent to.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// What happened; new ones may come.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
pub enum EventType {
    /// Finance closed the books of a month, and of every month before it.
    #[serde(rename = "keepworth.period.closed")]
    #[strum(serialize = "keepworth.period.closed")]
    PeriodClosed,
    /// A run is done.
    #[serde(rename = "keepworth.run.done")]
    #[strum(serialize = "keepworth.run.done")]
    RunDone,
    /// A run failed.
    #[serde(rename = "keepworth.run.failed")]
    #[strum(serialize = "keepworth.run.failed")]
    RunFailed,
    /// A run was cancelled.
    #[serde(rename = "keepworth.run.cancelled")]
    #[strum(serialize = "keepworth.run.cancelled")]
    RunCancelled,
    /// A baseline is built.
    #[serde(rename = "keepworth.baseline.done")]
    #[strum(serialize = "keepworth.baseline.done")]
    BaselineDone,
    /// A baseline could not be built.
    #[serde(rename = "keepworth.baseline.failed")]
    #[strum(serialize = "keepworth.baseline.failed")]
    BaselineFailed,
    /// Building a baseline was cancelled.
    #[serde(rename = "keepworth.baseline.cancelled")]
    #[strum(serialize = "keepworth.baseline.cancelled")]
    BaselineCancelled,
    /// A link is estimated, or refused by what the records say.
    #[serde(rename = "keepworth.link.done")]
    #[strum(serialize = "keepworth.link.done")]
    LinkDone,
    /// A link could not be estimated.
    #[serde(rename = "keepworth.link.failed")]
    #[strum(serialize = "keepworth.link.failed")]
    LinkFailed,
    /// Estimating a link was cancelled.
    #[serde(rename = "keepworth.link.cancelled")]
    #[strum(serialize = "keepworth.link.cancelled")]
    LinkCancelled,
    /// A backtest is done.
    #[serde(rename = "keepworth.backtest.done")]
    #[strum(serialize = "keepworth.backtest.done")]
    BacktestDone,
    /// A backtest failed.
    #[serde(rename = "keepworth.backtest.failed")]
    #[strum(serialize = "keepworth.backtest.failed")]
    BacktestFailed,
    /// A backtest was cancelled.
    #[serde(rename = "keepworth.backtest.cancelled")]
    #[strum(serialize = "keepworth.backtest.cancelled")]
    BacktestCancelled,
    /// A frozen forecast was held against records.
    #[serde(rename = "keepworth.tracking.done")]
    #[strum(serialize = "keepworth.tracking.done")]
    TrackingDone,
    /// A tracking failed.
    #[serde(rename = "keepworth.tracking.failed")]
    #[strum(serialize = "keepworth.tracking.failed")]
    TrackingFailed,
    /// A tracking was cancelled.
    #[serde(rename = "keepworth.tracking.cancelled")]
    #[strum(serialize = "keepworth.tracking.cancelled")]
    TrackingCancelled,
    /// A question to a run is answered.
    #[serde(rename = "keepworth.question.done")]
    #[strum(serialize = "keepworth.question.done")]
    QuestionDone,
    /// A question to a run has no answer.
    #[serde(rename = "keepworth.question.failed")]
    #[strum(serialize = "keepworth.question.failed")]
    QuestionFailed,
    /// A question to a run was taken back.
    #[serde(rename = "keepworth.question.cancelled")]
    #[strum(serialize = "keepworth.question.cancelled")]
    QuestionCancelled,
    /// What came has left what was forecast when a version of a scenario was approved.
    #[serde(rename = "keepworth.forecast.drifted")]
    #[strum(serialize = "keepworth.forecast.drifted")]
    ForecastDrifted,
    /// Somebody asked for the approval of a version of a scenario.
    #[serde(rename = "keepworth.scenario.submitted")]
    #[strum(serialize = "keepworth.scenario.submitted")]
    ScenarioSubmitted,
    /// A version of a scenario was approved, and its forecast is frozen.
    #[serde(rename = "keepworth.scenario.approved")]
    #[strum(serialize = "keepworth.scenario.approved")]
    ScenarioApproved,
    /// A version of a scenario was sent back.
    #[serde(rename = "keepworth.scenario.returned")]
    #[strum(serialize = "keepworth.scenario.returned")]
    ScenarioReturned,
    /// Somebody tried a webhook; every webhook is sent its own, and none can ask for it.
    #[serde(rename = "keepworth.webhook.tested")]
    #[strum(serialize = "keepworth.webhook.tested")]
    WebhookTested,
}

/// That something happened, as it is sent (CloudEvents 1.0): what, to which resource and when, and nothing of
/// what is in it. The receiver reads there what it may see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CloudEvent {
    /// The version of CloudEvents.
    #[schema(example = "1.0")]
    pub specversion: String,
    /// Names the event: one that comes twice has the same. Events are in the order of their ids.
    pub id: Uuid,
    /// The service that it is of.
    #[schema(example = "/finance")]
    pub source: String,
    /// What happened.
    pub r#type: EventType,
    /// The path of the resource that it happened to, below the service: a closing of the books, the approval of
    /// a version of a scenario, or the job that made a run or a baseline, which says where that is.
    #[schema(example = "/v1/period-closes/2026-06")]
    pub subject: String,
    /// When it happened.
    pub time: DateTime<Utc>,
    /// The id of the request that set it in motion, as the logs have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub requestid: Option<String>,
    /// The trace that it belongs to (W3C Trace Context).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub traceparent: Option<String>,
}

/// How the delivery of an event to a webhook stands.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    ToSchema,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum DeliveryState {
    /// It is sent, or waits for its turn or for another attempt.
    Pending,
    /// The receiver has it.
    Delivered,
    /// The receiver did not take it within three days, or is gone: it is sent no more.
    Failed,
}

/// The delivery of an event to a webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Delivery {
    /// The webhook.
    pub webhook_id: Uuid,
    /// How it stands.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub ended_at: Option<DateTime<Utc>>,
}

/// An event, and who has heard of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct KeptEvent {
    /// The event, as it is sent.
    pub event: CloudEvent,
    /// Its deliveries, to webhooks that asked for such events when it happened.
    pub deliveries: Vec<Delivery>,
}

/// Where events shall be sent.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct WebhookInput {
    /// An https address, or http on the machine of the service itself; without name and password.
    #[schema(
        min_length = 1,
        max_length = 2000,
        example = "https://hooks.example.com/keepworth"
    )]
    pub url: String,
    /// Which events; each of them one that the service sends.
    #[schema(min_items = 1)]
    pub events: Vec<EventType>,
    /// What it is for.
    #[schema(min_length = 1, max_length = 1000)]
    pub description: String,
}

/// Whether events are sent to a webhook.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    ToSchema,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum WebhookState {
    /// They are.
    Enabled,
    /// The receiver said that it is gone (410): nothing is sent any more. Who comes back makes a new one.
    Gone,
}

/// Where events are sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Webhook {
    /// Identifier.
    pub id: Uuid,
    /// The address.
    pub url: String,
    /// Which events.
    pub events: Vec<EventType>,
    /// What it is for.
    pub description: String,
    /// Whether they are sent.
    pub state: WebhookState,
    /// How often in a row it has not taken an event.
    pub failures: u32,
    /// Why the last attempt failed, while the next has not succeeded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub last_failure: Option<String>,
    /// Until when what is sent is signed with the secret before this one too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub old_secret_until: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// A webhook with the secret that what is sent is signed with. It is shown this once.
///
/// (Whoever can print it can log it: it has no `Debug`.)
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct WebhookWithSecret {
    /// The webhook.
    pub webhook: Webhook,
    /// `whsec_` and the key in Base64 (Standard Webhooks).
    #[schema(example = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD")]
    pub secret: String,
}

/// A page of a list.
pub type EventPage = crate::Page<KeptEvent>;
/// A page of a list.
pub type WebhookPage = crate::Page<Webhook>;
