//! Webhooks: where events are sent, and with which secret they are signed.

use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;
use keepworth_access::RequestIds;
use keepworth_contract::client::check_target;
use keepworth_contract::event::{
    EventType, KeptEvent, Webhook, WebhookInput, WebhookPage, WebhookState, WebhookWithSecret,
};
use keepworth_contract::{FaultCode, InvalidParam, ProblemCode, Word};
use keepworth_intake::{Failure, fault, page, version};
use keepworth_store::{Conn, RecordId, on_conn};

use crate::schema::{webhook_deliveries, webhooks};
use crate::sign::Secret;
use crate::{Outbox, event};

/// How long what is sent is signed with the old secret too, once there is a new one.
const BOTH: TimeDelta = TimeDelta::hours(24);
/// The longest address, in characters.
const LONGEST_URL: usize = 2_000;
/// The longest description, in characters.
const LONGEST_DESCRIPTION: usize = 1_000;

/// A webhook as it is stored. (It holds its secret: no `Debug`.)
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = webhooks, treat_none_as_default_value = false)]
pub(crate) struct WebhookRow {
    pub(crate) id: RecordId,
    pub(crate) url: String,
    /// Which events, as JSON.
    pub(crate) events: String,
    pub(crate) description: String,
    pub(crate) state: String,
    pub(crate) secret: String,
    pub(crate) old_secret: Option<String>,
    pub(crate) old_secret_until: Option<NaiveDateTime>,
    pub(crate) failures: i32,
    pub(crate) last_failure: Option<String>,
    /// While nobody sends to it: not to be sent to before. While somebody does: when the lease ends.
    pub(crate) due_at: NaiveDateTime,
    pub(crate) holder: Option<RecordId>,
    pub(crate) created_at: NaiveDateTime,
}

impl WebhookRow {
    /// Those that what is sent now is signed with.
    pub(crate) fn secrets(&self, now: NaiveDateTime) -> Vec<Secret> {
        let is_valid = self.old_secret_until.is_some_and(|until| now < until);
        let old = self.old_secret.iter().filter(|_| is_valid);
        let all = std::iter::once(&self.secret).chain(old);
        all.map(|it| Secret(it.clone())).collect()
    }
}

/// Webhooks that an event is sent to.
pub(crate) fn hearers(conn: &mut Conn, kind: EventType) -> QueryResult<Vec<RecordId>> {
    let all: Vec<(RecordId, String)> = on_conn!(conn, |c| webhooks::table
        .filter(webhooks::state.eq(WebhookState::Enabled.name()))
        .order(webhooks::id)
        .select((webhooks::id, webhooks::events))
        .load(c))?;
    let asks = |events: &str| {
        serde_json::from_str(events).is_ok_and(|events: Vec<EventType>| events.contains(&kind))
    };
    let hearing = all.into_iter().filter(|(_, events)| asks(events));
    Ok(hearing.map(|(id, _)| id).collect())
}

impl Outbox {
    /// Makes a webhook; answers its secret.
    ///
    /// # Errors
    /// What cannot be taken, and what the database answers.
    pub fn create_webhook(
        &self,
        conn: &mut Conn,
        new: WebhookInput,
    ) -> Result<WebhookWithSecret, Failure> {
        self.check(&new)?;
        let now = keepworth_store::now().naive_utc();
        let row = WebhookRow {
            id: RecordId::generate(),
            url: new.url,
            events: serde_json::to_string(&new.events).map_err(Failure::internal)?,
            description: new.description,
            state: WebhookState::Enabled.name().to_owned(),
            secret: Secret::generate().0,
            old_secret: None,
            old_secret_until: None,
            failures: 0,
            last_failure: None,
            due_at: now,
            holder: None,
            created_at: now,
        };
        on_conn!(conn, |c| diesel::insert_into(webhooks::table)
            .values(&row)
            .execute(c))?;
        with_secret(row)
    }

    fn check(&self, new: &WebhookInput) -> Result<(), Failure> {
        let mut faults = Vec::from_iter(fault::text("url", &new.url, LONGEST_URL));
        if faults.is_empty()
            && let Err(error) = check_target(&new.url)
        {
            let reason = error.to_string();
            faults.push(InvalidParam::new("url", FaultCode::InvalidValue, reason));
        }
        if new.events.is_empty() {
            let reason = format!("is empty; give one or more of {}", self.sent());
            faults.push(InvalidParam::new("events", FaultCode::TooFew, reason));
        }
        let others = new.events.iter().enumerate();
        let others = others.filter(|(_, it)| !self.events.contains(it));
        faults.extend(others.map(|(index, it)| {
            let reason = format!(
                "the {} service sends no `{}`; give one or more of {}",
                self.service,
                it.name(),
                self.sent()
            );
            InvalidParam::new(format!("events/{index}"), FaultCode::UnknownValue, reason)
        }));
        let text = fault::text("description", &new.description, LONGEST_DESCRIPTION);
        faults.extend(text);
        if faults.is_empty() {
            Ok(())
        } else {
            Err(Failure::invalid(faults))
        }
    }

    /// The events of the service, for a message.
    fn sent(&self) -> String {
        Vec::from_iter(self.events.iter().map(|it| it.name())).join(", ")
    }

    /// Webhooks with an id greater than `after`, in the order of their making.
    ///
    /// # Errors
    /// What the database answers.
    pub fn list_webhooks(
        &self,
        conn: &mut Conn,
        after: RecordId,
        limit: i64,
    ) -> Result<WebhookPage, Failure> {
        let rows: Vec<WebhookRow> = on_conn!(conn, |c| webhooks::table
            .filter(webhooks::id.gt(after))
            .order(webhooks::id)
            .limit(limit + 1)
            .select(WebhookRow::as_select())
            .load(c))?;
        page::sequence(rows, limit, |row| row.id)
    }

    /// One webhook.
    ///
    /// # Errors
    /// [`Kind::NotFound`](keepworth_intake::Kind::NotFound), and what the database answers.
    pub fn load_webhook(&self, conn: &mut Conn, id: RecordId) -> Result<Webhook, Failure> {
        find(conn, id)?.try_into()
    }

    /// Removes a webhook, and what was to be sent to it; answers what it was.
    ///
    /// # Errors
    /// As [`load_webhook`](Self::load_webhook).
    pub fn delete_webhook(&self, conn: &mut Conn, id: RecordId) -> Result<Webhook, Failure> {
        // An event that is put now is put before or after, and leaves nothing behind.
        conn.lock_source("outbox_events", "")?;
        let row = find(conn, id)?;
        on_conn!(conn, |c| diesel::delete(webhooks::table.find(id))
            .execute(c))?;
        on_conn!(conn, |c| diesel::delete(
            webhook_deliveries::table.filter(webhook_deliveries::webhook_id.eq(id))
        )
        .execute(c))?;
        let gone: Webhook = row.try_into()?;
        version::note_change(Some(&gone), None)?;
        Ok(gone)
    }

    /// Gives a webhook a new secret; the old one holds for a day beside it.
    ///
    /// # Errors
    /// As [`load_webhook`](Self::load_webhook).
    pub fn rotate_secret(
        &self,
        conn: &mut Conn,
        id: RecordId,
    ) -> Result<WebhookWithSecret, Failure> {
        let old = find(conn, id)?;
        let now = keepworth_store::now().naive_utc();
        let secret = Secret::generate().0;
        on_conn!(conn, |c| diesel::update(webhooks::table.find(id))
            .set((
                webhooks::secret.eq(&secret),
                webhooks::old_secret.eq(Some(&old.secret)),
                webhooks::old_secret_until.eq(Some(now + BOTH)),
            ))
            .execute(c))?;
        with_secret(find(conn, id)?)
    }

    /// Puts an event for this webhook alone, to try it.
    ///
    /// # Errors
    /// As [`load_webhook`](Self::load_webhook), and that its receiver is gone.
    pub fn test_webhook(&self, conn: &mut Conn, id: RecordId) -> Result<KeptEvent, Failure> {
        // Who is just being switched off is so before or after.
        conn.lock_source("outbox_events", "")?;
        if self.load_webhook(conn, id)?.state == WebhookState::Gone {
            return Err(Failure::conflict(
                ProblemCode::WebhookGone,
                format!("the receiver of the webhook {id} answered 410; make a new webhook"),
            ));
        }
        let subject = format!("/v1/webhooks/{id}");
        let ids = RequestIds::current();
        let row = event::insert(conn, EventType::WebhookTested, &subject, ids.as_ref())?;
        event::send(conn, id, row.id)?;
        self.load_event(conn, row.id)
    }
}

fn find(conn: &mut Conn, id: RecordId) -> Result<WebhookRow, Failure> {
    let row: Option<WebhookRow> = on_conn!(conn, |c| webhooks::table
        .find(id)
        .select(WebhookRow::as_select())
        .first(c)
        .optional())?;
    let missing = || {
        Failure::not_found(format!(
            "no webhook has the id {id}; GET /v1/webhooks lists them"
        ))
    };
    row.ok_or_else(missing)
}

fn with_secret(row: WebhookRow) -> Result<WebhookWithSecret, Failure> {
    let secret = row.secret.clone();
    let webhook = row.try_into()?;
    Ok(WebhookWithSecret { webhook, secret })
}

impl TryFrom<WebhookRow> for Webhook {
    type Error = Failure;

    fn try_from(row: WebhookRow) -> Result<Self, Failure> {
        let unknown = || Failure::internal(format!("a webhook in the state `{}`", row.state));
        let now = keepworth_store::now().naive_utc();
        Ok(Self {
            id: row.id.0,
            state: WebhookState::find(&row.state).ok_or_else(unknown)?,
            url: row.url,
            events: serde_json::from_str(&row.events).map_err(Failure::internal)?,
            description: row.description,
            failures: row.failures.unsigned_abs(),
            last_failure: row.last_failure,
            old_secret_until: row
                .old_secret_until
                .filter(|until| now < *until)
                .map(|it| it.and_utc()),
            created_at: row.created_at.and_utc(),
        })
    }
}
