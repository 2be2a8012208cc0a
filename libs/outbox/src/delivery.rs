//! One delivery: leased, and told how it ended. Each function is one step, in the caller's transaction.

use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;
use keepworth_contract::Word;
use keepworth_contract::event::{DeliveryState, WebhookState};
use keepworth_store::{Conn, RecordId, on_conn};
use uuid::Uuid;

use crate::event::EventRow;
use crate::schema::{outbox_events, webhook_deliveries, webhooks};
use crate::webhook::WebhookRow;

/// How long a lease lasts: longer than a delivery and the word of its end may take.
pub const LEASE: TimeDelta = TimeDelta::seconds(30);
/// How long after an event it is tried to be delivered.
pub const TRIED: TimeDelta = TimeDelta::days(3);
/// The pause after a first failure; it doubles with each that follows.
const FIRST_PAUSE: TimeDelta = TimeDelta::seconds(5);
/// The longest pause.
const LONGEST_PAUSE: TimeDelta = TimeDelta::hours(6);
/// The longest reason that is kept, in characters.
const LONGEST_REASON: usize = 500;

/// An event to be sent to a webhook, by who leased it.
pub struct Leased {
    pub(crate) webhook: WebhookRow,
    pub(crate) event: EventRow,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The receiver has it.
    Delivered,
    /// The receiver does not have it, for this reason.
    Failed(String),
    /// The receiver wants no more.
    Gone,
}

impl Leased {
    /// The event.
    #[must_use]
    pub fn event_id(&self) -> RecordId {
        self.event.id
    }

    /// The webhook.
    #[must_use]
    pub fn webhook_id(&self) -> RecordId {
        self.webhook.id
    }
}

/// The oldest event that a webhook which is due has not heard of; nobody else sends to the webhook until
/// [`LEASE`] is over or it is [told](end) how that ended. So events come in their order.
///
/// # Errors
/// What the database answers.
pub fn lease(conn: &mut Conn, holder: RecordId, now: NaiveDateTime) -> QueryResult<Option<Leased>> {
    let Some(mut webhook) = next_due(conn, now)? else {
        return Ok(None);
    };
    // Who sent to it last may have said so between the look at the one table and at the other.
    let Some(event) = oldest_pending(conn, webhook.id)? else {
        return Ok(None);
    };
    webhook.holder = Some(holder);
    webhook.due_at = now + LEASE;
    on_conn!(conn, |c| diesel::update(webhooks::table.find(webhook.id))
        .set((
            webhooks::holder.eq(webhook.holder),
            webhooks::due_at.eq(webhook.due_at),
        ))
        .execute(c))?;
    Ok(Some(Leased { webhook, event }))
}

/// Whether there is something to [`lease`]; locks nothing.
///
/// # Errors
/// What the database answers.
pub fn is_due(conn: &mut Conn, now: NaiveDateTime) -> QueryResult<bool> {
    let waiting = webhook_deliveries::table
        .filter(webhook_deliveries::state.eq(DeliveryState::Pending.name()))
        .select(webhook_deliveries::webhook_id);
    let due = webhooks::table
        .filter(webhooks::due_at.le(now))
        .filter(webhooks::id.eq_any(waiting))
        .select(webhooks::id);
    let due = on_conn!(conn, |c| due.first::<RecordId>(c).optional())?;
    Ok(due.is_some())
}

fn next_due(conn: &mut Conn, now: NaiveDateTime) -> QueryResult<Option<WebhookRow>> {
    let waiting = webhook_deliveries::table
        .filter(webhook_deliveries::state.eq(DeliveryState::Pending.name()))
        .select(webhook_deliveries::webhook_id);
    let due = webhooks::table
        .filter(webhooks::due_at.le(now))
        .filter(webhooks::id.eq_any(waiting))
        .order(webhooks::due_at)
        .limit(1);
    match conn {
        // The one writer is us.
        Conn::Sqlite(c) => due.select(WebhookRow::as_select()).first(&mut **c),
        Conn::Pg(c) => due
            .select(WebhookRow::as_select())
            .for_update()
            .skip_locked()
            .first(&mut **c),
    }
    .optional()
}

fn oldest_pending(conn: &mut Conn, webhook: RecordId) -> QueryResult<Option<EventRow>> {
    let waiting = webhook_deliveries::table
        .filter(webhook_deliveries::state.eq(DeliveryState::Pending.name()))
        .filter(webhook_deliveries::webhook_id.eq(webhook))
        .select(webhook_deliveries::event_id);
    on_conn!(conn, |c| outbox_events::table
        .filter(outbox_events::id.eq_any(waiting))
        .order(outbox_events::id)
        .select(EventRow::as_select())
        .first(c)
        .optional())
}

/// Says how an attempt ended. Answers `false`, and changes nothing, where the lease ran out and somebody else
/// took the webhook: then the event is sent once more.
///
/// # Errors
/// What the database answers.
pub fn end(
    conn: &mut Conn,
    leased: &Leased,
    outcome: &Outcome,
    now: NaiveDateTime,
) -> QueryResult<bool> {
    if *outcome == Outcome::Gone {
        // An event that is put now is put before, and is given up with the others, or after, and is not for
        // it. (Who removes a webhook takes this before the webhook, too.)
        conn.lock_source("outbox_events", "")?;
    }
    let failures = match outcome {
        Outcome::Delivered => 0,
        Outcome::Failed(_) | Outcome::Gone => leased.webhook.failures.saturating_add(1),
    };
    let is_late = now - leased.event.created_at > TRIED;
    let due_at = match outcome {
        // The next event has waited as long.
        Outcome::Failed(_) if !is_late => now + pause(failures),
        _ => now,
    };
    if !free(conn, leased, failures, due_at, reason(outcome))? {
        return Ok(false);
    }
    let state = match outcome {
        Outcome::Delivered => DeliveryState::Delivered,
        Outcome::Failed(_) if !is_late => DeliveryState::Pending,
        Outcome::Failed(_) | Outcome::Gone => DeliveryState::Failed,
    };
    count(conn, leased, state, now)?;
    if *outcome == Outcome::Gone {
        switch_off(conn, leased.webhook.id, now)?;
    }
    Ok(true)
}

fn reason(outcome: &Outcome) -> Option<String> {
    match outcome {
        Outcome::Delivered => None,
        Outcome::Failed(reason) => Some(reason.chars().take(LONGEST_REASON).collect()),
        Outcome::Gone => Some("it answered 410".to_owned()),
    }
}

/// Gives the webhook back; `false` where it is somebody else's.
fn free(
    conn: &mut Conn,
    leased: &Leased,
    failures: i32,
    due_at: NaiveDateTime,
    last_failure: Option<String>,
) -> QueryResult<bool> {
    let webhook = &leased.webhook;
    let ours = webhooks::table
        .find(webhook.id)
        .filter(webhooks::holder.eq(webhook.holder))
        .filter(webhooks::due_at.eq(webhook.due_at));
    let freed = on_conn!(conn, |c| diesel::update(ours)
        .set((
            webhooks::holder.eq(None::<RecordId>),
            webhooks::failures.eq(failures),
            webhooks::due_at.eq(due_at),
            webhooks::last_failure.eq(last_failure),
        ))
        .execute(c))?;
    Ok(freed > 0)
}

fn count(
    conn: &mut Conn,
    leased: &Leased,
    state: DeliveryState,
    now: NaiveDateTime,
) -> QueryResult<()> {
    let ended_at = (state != DeliveryState::Pending).then_some(now);
    let key = (leased.webhook.id, leased.event.id);
    on_conn!(conn, |c| diesel::update(
        webhook_deliveries::table.find(key)
    )
    .set((
        webhook_deliveries::state.eq(state.name()),
        webhook_deliveries::attempts.eq(webhook_deliveries::attempts + 1),
        webhook_deliveries::ended_at.eq(ended_at),
    ))
    .execute(c))
    .map(|_| ())
}

/// Sends nothing more to a webhook.
fn switch_off(conn: &mut Conn, webhook: RecordId, now: NaiveDateTime) -> QueryResult<()> {
    on_conn!(conn, |c| diesel::update(webhooks::table.find(webhook))
        .set(webhooks::state.eq(WebhookState::Gone.name()))
        .execute(c))?;
    let waiting = webhook_deliveries::table
        .filter(webhook_deliveries::webhook_id.eq(webhook))
        .filter(webhook_deliveries::state.eq(DeliveryState::Pending.name()));
    on_conn!(conn, |c| diesel::update(waiting)
        .set((
            webhook_deliveries::state.eq(DeliveryState::Failed.name()),
            webhook_deliveries::ended_at.eq(Some(now)),
        ))
        .execute(c))
    .map(|_| ())
}

/// The pause after so many failures in a row: it doubles, and half of it is by chance, so that the receivers
/// of one place that was away do not all hear at once.
fn pause(failures: i32) -> TimeDelta {
    let doubled = 1 << (failures - 1).clamp(0, 20);
    let longest = (FIRST_PAUSE * doubled).min(LONGEST_PAUSE);
    let half = longest.num_milliseconds() / 2;
    let chance = i64::from(Uuid::new_v4().as_fields().0);
    TimeDelta::milliseconds(half + half * chance / i64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_and_are_never_the_same() {
        for (failures, longest) in [
            (1, FIRST_PAUSE),
            (2, FIRST_PAUSE * 2),
            (5, FIRST_PAUSE * 16),
            (14, LONGEST_PAUSE),
            (i32::MAX, LONGEST_PAUSE),
        ] {
            let pauses = Vec::from_iter((0..20).map(|_| pause(failures)));
            let between = |it: &TimeDelta| (longest / 2..=longest).contains(it);
            assert!(pauses.iter().all(between), "{failures}: {pauses:?}");
            assert!(pauses.iter().any(|it| *it != pauses[0]), "{failures}");
        }
    }
}
