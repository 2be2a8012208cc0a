//! Events: put with the change that they tell of, listed, forgotten.

use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;
use keepworth_access::RequestIds;
use keepworth_contract::Word;
use keepworth_contract::event::{
    CloudEvent, Delivery, DeliveryState, EventPage, EventType, KeptEvent,
};
use keepworth_intake::{Failure, page};
use keepworth_store::{Conn, RecordId, on_conn};
use uuid::Uuid;

use crate::Outbox;
use crate::schema::{outbox_events, webhook_deliveries};
use crate::webhook::hearers;

/// How long events can be asked for.
const KEPT: TimeDelta = TimeDelta::days(30);

/// An event as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = outbox_events, treat_none_as_default_value = false)]
pub(crate) struct EventRow {
    pub(crate) id: RecordId,
    pub(crate) kind: String,
    pub(crate) subject: String,
    pub(crate) request_id: Option<String>,
    pub(crate) traceparent: Option<String>,
    pub(crate) created_at: NaiveDateTime,
}

/// A delivery as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = webhook_deliveries, treat_none_as_default_value = false)]
pub(crate) struct DeliveryRow {
    pub(crate) webhook_id: RecordId,
    pub(crate) event_id: RecordId,
    pub(crate) state: String,
    pub(crate) attempts: i32,
    pub(crate) ended_at: Option<NaiveDateTime>,
}

/// Puts an event into the outbox: it is there, and sent to every webhook that asks for such events, when the
/// caller's transaction is. `subject` is the path of the resource below the service; `ids` are those of the
/// request that set it in motion. Nobody else puts one until the transaction ends.
///
/// # Errors
/// What the database answers.
pub fn put(
    conn: &mut Conn,
    kind: EventType,
    subject: &str,
    ids: Option<&RequestIds>,
) -> QueryResult<()> {
    let row = insert(conn, kind, subject, ids)?;
    let hearers = hearers(conn, kind)?;
    hearers.iter().try_for_each(|it| send(conn, *it, row.id))
}

/// Writes an event without sending it anywhere.
pub(crate) fn insert(
    conn: &mut Conn,
    kind: EventType,
    subject: &str,
    ids: Option<&RequestIds>,
) -> QueryResult<EventRow> {
    conn.lock_source("outbox_events", "")?;
    let traceparent = ids.map(RequestIds::headers).map(|[_, (_, parent)]| parent);
    let row = EventRow {
        id: next_id(conn)?,
        kind: kind.name().to_owned(),
        subject: subject.to_owned(),
        request_id: ids.map(|ids| ids.request.clone()),
        traceparent,
        created_at: keepworth_store::now().naive_utc(),
    };
    on_conn!(conn, |c| diesel::insert_into(outbox_events::table)
        .values(&row)
        .execute(c))?;
    Ok(row)
}

/// An id after all others, whatever the clocks of processes say: events become visible in the order of their
/// ids, so that who asks for those after one misses none.
fn next_id(conn: &mut Conn) -> QueryResult<RecordId> {
    let last = on_conn!(conn, |c| outbox_events::table
        .select(outbox_events::id)
        .order(outbox_events::id.desc())
        .first::<RecordId>(c)
        .optional())?;
    let after = last.map(|it| RecordId(Uuid::from_u128(it.0.as_u128() + 1)));
    let new = RecordId::generate();
    Ok(after.map_or(new, |after| after.max(new)))
}

/// Lets an event be sent to a webhook.
pub(crate) fn send(conn: &mut Conn, webhook_id: RecordId, event_id: RecordId) -> QueryResult<()> {
    let row = DeliveryRow {
        webhook_id,
        event_id,
        state: DeliveryState::Pending.name().to_owned(),
        attempts: 0,
        ended_at: None,
    };
    on_conn!(conn, |c| diesel::insert_into(webhook_deliveries::table)
        .values(&row)
        .execute(c))
    .map(|_| ())
}

/// Forgets events that were put long ago, and their deliveries.
///
/// # Errors
/// What the database answers.
pub fn forget(conn: &mut Conn, now: NaiveDateTime) -> QueryResult<usize> {
    let before = now - KEPT;
    let old = || {
        outbox_events::table
            .filter(outbox_events::created_at.lt(before))
            .select(outbox_events::id)
    };
    on_conn!(conn, |c| diesel::delete(
        webhook_deliveries::table.filter(webhook_deliveries::event_id.eq_any(old()))
    )
    .execute(c))?;
    on_conn!(conn, |c| diesel::delete(
        outbox_events::table.filter(outbox_events::created_at.lt(before))
    )
    .execute(c))
}

impl Outbox {
    /// An event as it is sent.
    pub(crate) fn told(&self, row: EventRow) -> Result<CloudEvent, Failure> {
        let unknown = || Failure::internal(format!("an event of the type `{}`", row.kind));
        Ok(CloudEvent {
            specversion: "1.0".to_owned(),
            id: row.id.0,
            source: format!("/{}", self.service),
            r#type: EventType::find(&row.kind).ok_or_else(unknown)?,
            subject: row.subject,
            time: row.created_at.and_utc(),
            requestid: row.request_id,
            traceparent: row.traceparent,
        })
    }

    /// Events after one, oldest first, and who has heard of them.
    ///
    /// # Errors
    /// What the database answers.
    pub fn list_events(
        &self,
        conn: &mut Conn,
        after: RecordId,
        limit: i64,
    ) -> Result<EventPage, Failure> {
        let rows: Vec<EventRow> = on_conn!(conn, |c| outbox_events::table
            .filter(outbox_events::id.gt(after))
            .order(outbox_events::id)
            .limit(limit + 1)
            .select(EventRow::as_select())
            .load(c))?;
        let events = self.with_deliveries(conn, rows)?;
        page::sequence(events, limit, |it| RecordId(it.event.id))
    }

    /// One event, and who has heard of it.
    ///
    /// # Errors
    /// [`Kind::NotFound`](keepworth_intake::Kind::NotFound), and what the database answers.
    pub fn load_event(&self, conn: &mut Conn, id: RecordId) -> Result<KeptEvent, Failure> {
        let row: Option<EventRow> = on_conn!(conn, |c| outbox_events::table
            .find(id)
            .select(EventRow::as_select())
            .first(c)
            .optional())?;
        let found = self.with_deliveries(conn, Vec::from_iter(row))?.pop();
        found.ok_or_else(|| {
            Failure::not_found(format!(
                "no event has the id {id}; GET /v1/events lists those of the last 30 days"
            ))
        })
    }

    fn with_deliveries(
        &self,
        conn: &mut Conn,
        rows: Vec<EventRow>,
    ) -> Result<Vec<KeptEvent>, Failure> {
        let ids = Vec::from_iter(rows.iter().map(|it| it.id));
        let deliveries: Vec<DeliveryRow> = on_conn!(conn, |c| webhook_deliveries::table
            .filter(webhook_deliveries::event_id.eq_any(&ids))
            .order(webhook_deliveries::webhook_id)
            .select(DeliveryRow::as_select())
            .load(c))?;
        let event = |row: EventRow| {
            let own = deliveries.iter().filter(|it| it.event_id == row.id);
            Ok(KeptEvent {
                deliveries: own.map(Delivery::try_from).collect::<Result<_, _>>()?,
                event: self.told(row)?,
            })
        };
        rows.into_iter().map(event).collect()
    }
}

impl TryFrom<&DeliveryRow> for Delivery {
    type Error = Failure;

    fn try_from(row: &DeliveryRow) -> Result<Self, Failure> {
        let unknown = || Failure::internal(format!("a delivery in the state `{}`", row.state));
        Ok(Self {
            webhook_id: row.webhook_id.0,
            state: DeliveryState::find(&row.state).ok_or_else(unknown)?,
            attempts: row.attempts.unsigned_abs(),
            ended_at: row.ended_at.map(|it| it.and_utc()),
        })
    }
}
