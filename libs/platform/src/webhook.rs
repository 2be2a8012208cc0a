//! Events and webhooks of every service that has an outbox: one set of routes for all.

use actix_web::web::{Json, Path, Query};
use actix_web::{delete, get, post};
use keepworth_access::permission::{FiguresRead, WebhooksManage};
use keepworth_contract::SequenceQuery;
use keepworth_contract::event::{
    EventPage, KeptEvent, Webhook, WebhookInput, WebhookPage, WebhookWithSecret,
};
use keepworth_intake::page;
use keepworth_outbox::Outbox;
use keepworth_store::{Conn, RecordId};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::idempotency::{IdempotencyKey, Idempotent, Written};
use crate::{Allowed, ApiError, ApiResult, Body, ReadProblems, WriteProblems};

/// The outbox, for who reads what happened.
type Reader = Allowed<FiguresRead, Outbox>;
/// The outbox, for who says where events are sent.
type Manager = Allowed<WebhooksManage, Outbox>;

/// What these operations are about.
pub(crate) const TAG: (&str, &str) = (
    "events",
    "What happened, as CloudEvents, and the webhooks that are told of it: signed as Standard Webhooks has it, \
     one at a time in the order of their ids, at least once.",
);

/// Every route of an outbox.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_events)
        .service(load_event)
        .service(create_webhook)
        .service(list_webhooks)
        .service(load_webhook)
        .service(delete_webhook)
        .service(rotate_webhook_secret)
        .service(test_webhook);
}

/// Lists the events of the last 30 days, oldest first, and who has heard of each.
///
/// Events become visible in the order of their ids: a receiver that was away gives the id of the last event that
/// it has as `cursor`, and misses none.
#[utoipa::path(operation_id = "list_events", tag = "events", params(SequenceQuery),
    responses((status = 200, body = EventPage, description = "A page of events"), ReadProblems, Reader))]
#[get("/events")]
pub async fn list_events(outbox: Reader, query: Query<SequenceQuery>) -> ApiResult<EventPage> {
    let (after, limit) = (page::after(&query)?, query.limit());
    let own = Outbox::clone(&outbox);
    let list = move |conn: &mut Conn| conn.snapshot(|conn| own.list_events(conn, after, limit));
    Ok(Json(outbox.db().read(list).await?))
}

/// One event, and who has heard of it.
#[utoipa::path(operation_id = "load_event", tag = "events",
    params(("id" = Uuid, Path, description = "The event's identifier")),
    responses((status = 200, body = KeptEvent, description = "The event"), ReadProblems, Reader))]
#[get("/events/{id}")]
pub async fn load_event(outbox: Reader, id: Path<Uuid>) -> ApiResult<KeptEvent> {
    let (own, id) = (Outbox::clone(&outbox), RecordId(id.into_inner()));
    let load = move |conn: &mut Conn| conn.snapshot(|conn| own.load_event(conn, id));
    Ok(Json(outbox.db().read(load).await?))
}

/// Says where events are sent from now on; answers the secret that they are signed with, this once.
///
/// Each is posted as `application/cloudevents+json` with the headers of Standard Webhooks: `webhook-id`, which
/// stays the same when an event is sent again, `webhook-timestamp`, and `webhook-signature`, which the receiver
/// checks before it believes anything. It answers 2xx within 15 seconds; else the event is sent again for three
/// days, and the next waits for it. One that answers 410 is sent nothing more. The service keeps the secret
/// readable in its database, since it needs it to sign.
#[utoipa::path(operation_id = "create_webhook", tag = "events", request_body = WebhookInput,
    params(IdempotencyKey),
    responses((status = 201, body = WebhookWithSecret, description = "The webhook, and its secret",
               headers(("Location" = String, description = "Its address"))), WriteProblems, Manager))]
#[post("/webhooks")]
pub async fn create_webhook(
    outbox: Manager,
    request: Idempotent<Body<WebhookInput>>,
) -> Result<Written, ApiError> {
    let (own, new) = (Outbox::clone(&outbox), request.body.0);
    let work = move |conn: &mut Conn| own.create_webhook(conn, new);
    let name = |it: &WebhookWithSecret| it.webhook.id.to_string();
    request.key.create(outbox.db(), name, work).await
}

/// Lists webhooks in the order of their making.
#[utoipa::path(operation_id = "list_webhooks", tag = "events", params(SequenceQuery),
    responses((status = 200, body = WebhookPage, description = "A page of webhooks"), ReadProblems, Manager))]
#[get("/webhooks")]
pub async fn list_webhooks(outbox: Manager, query: Query<SequenceQuery>) -> ApiResult<WebhookPage> {
    let (after, limit) = (page::after(&query)?, query.limit());
    let own = Outbox::clone(&outbox);
    let list = move |conn: &mut Conn| own.list_webhooks(conn, after, limit);
    Ok(Json(outbox.db().read(list).await?))
}

/// One webhook, and whether its receiver takes events.
#[utoipa::path(operation_id = "load_webhook", tag = "events",
    params(("id" = Uuid, Path, description = "The webhook's identifier")),
    responses((status = 200, body = Webhook, description = "The webhook"), ReadProblems, Manager))]
#[get("/webhooks/{id}")]
pub async fn load_webhook(outbox: Manager, id: Path<Uuid>) -> ApiResult<Webhook> {
    let (own, id) = (Outbox::clone(&outbox), RecordId(id.into_inner()));
    let load = move |conn: &mut Conn| own.load_webhook(conn, id);
    Ok(Json(outbox.db().read(load).await?))
}

/// Removes a webhook: nothing is sent to it any more, not even what waits.
#[utoipa::path(operation_id = "delete_webhook", tag = "events",
    params(("id" = Uuid, Path, description = "The webhook's identifier")),
    responses((status = 200, body = Webhook, description = "What it was"), ReadProblems, Manager))]
#[delete("/webhooks/{id}")]
pub async fn delete_webhook(outbox: Manager, id: Path<Uuid>) -> ApiResult<Webhook> {
    let (own, id) = (Outbox::clone(&outbox), RecordId(id.into_inner()));
    let delete = move |conn: &mut Conn| own.delete_webhook(conn, id);
    Ok(Json(outbox.db().write(delete).await?))
}

/// Gives a webhook a new secret, shown this once. For 24 hours what is sent is signed with the old one too.
#[utoipa::path(operation_id = "rotate_webhook_secret", tag = "events",
    params(("id" = Uuid, Path, description = "The webhook's identifier"), IdempotencyKey),
    responses((status = 200, body = WebhookWithSecret, description = "The webhook, and its new secret"),
              (status = 404, body = keepworth_contract::Problem, content_type = "application/problem+json",
               description = "There is no such webhook"), WriteProblems, Manager))]
#[post("/webhooks/{id}:rotate_secret")]
pub async fn rotate_webhook_secret(
    outbox: Manager,
    id: Path<Uuid>,
    request: Idempotent<()>,
) -> Result<Written, ApiError> {
    let (own, id) = (Outbox::clone(&outbox), RecordId(id.into_inner()));
    let work = move |conn: &mut Conn| own.rotate_secret(conn, id);
    request.key.write(outbox.db(), work).await
}

/// Sends an event to this webhook alone, to try it; the event says afterwards whether it was delivered.
#[utoipa::path(operation_id = "test_webhook", tag = "events",
    params(("id" = Uuid, Path, description = "The webhook's identifier"), IdempotencyKey),
    responses((status = 200, body = KeptEvent, description = "The event that is being sent"),
              (status = 404, body = keepworth_contract::Problem, content_type = "application/problem+json",
               description = "There is no such webhook"), WriteProblems, Manager))]
#[post("/webhooks/{id}:test")]
pub async fn test_webhook(
    outbox: Manager,
    id: Path<Uuid>,
    request: Idempotent<()>,
) -> Result<Written, ApiError> {
    let (own, id) = (Outbox::clone(&outbox), RecordId(id.into_inner()));
    let work = move |conn: &mut Conn| own.test_webhook(conn, id);
    request.key.write(outbox.db(), work).await
}
