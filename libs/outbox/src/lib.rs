//! What others must hear: written in the transaction of the change that it tells of, signed, and delivered at
//! least once.
//!
//! **For:** the tables of a service's own database in which [`put`] writes an event, the webhooks that it is
//! sent to, and [`Outbox::deliver`], which sends. **Must not know:** HTTP servers, what any event is about.
//!
//! An event is a CloudEvent in its structured form, and says what happened to which resource and when: never
//! a figure, never a customer. It is signed as the Standard Webhooks specification has it, and `webhook-id` is
//! the event's id: who is sent one twice (its answer was lost, or a process died before it was noted) knows it
//! again.
//!
//! A webhook is sent one event at a time, in the order of their ids, which is the order in which they became
//! visible. What it does not take is sent again, after pauses that double up to six hours, until three days
//! after the event; then the delivery has failed, and the next event has its turn. A receiver that answers 410
//! is sent nothing more. A receiver that was away longer lists the events after the last that it has.
//!
//! Secrets are kept readable, since who signs needs the key: whoever reads the service's database can sign
//! what receivers take for Keepworth's. They are shown when they are made, and never again; nothing that holds
//! one has `Debug`. (What a POST under an `Idempotency-Key` answered is kept for a day, and a secret with it.)
//!
//! The service's migrations make the tables:
//!
//! ```sql
//! CREATE TABLE outbox_events (
//!     id TEXT NOT NULL PRIMARY KEY,
//!     kind TEXT NOT NULL,
//!     subject TEXT NOT NULL,
//!     request_id TEXT,
//!     traceparent TEXT,
//!     created_at TIMESTAMP NOT NULL
//! );
//! CREATE INDEX outbox_events_created_at ON outbox_events (created_at);
//! CREATE TABLE webhooks (
//!     id TEXT NOT NULL PRIMARY KEY,
//!     url TEXT NOT NULL,
//!     events TEXT NOT NULL,
//!     description TEXT NOT NULL,
//!     state TEXT NOT NULL,
//!     secret TEXT NOT NULL,
//!     old_secret TEXT,
//!     old_secret_until TIMESTAMP,
//!     failures INTEGER NOT NULL,
//!     last_failure TEXT,
//!     due_at TIMESTAMP NOT NULL,
//!     holder TEXT,
//!     created_at TIMESTAMP NOT NULL
//! );
//! CREATE TABLE webhook_deliveries (
//!     webhook_id TEXT NOT NULL,
//!     event_id TEXT NOT NULL,
//!     state TEXT NOT NULL,
//!     attempts INTEGER NOT NULL,
//!     ended_at TIMESTAMP,
//!     PRIMARY KEY (webhook_id, event_id)
//! );
//! CREATE INDEX webhook_deliveries_event ON webhook_deliveries (event_id);
//! CREATE INDEX webhook_deliveries_state ON webhook_deliveries (state, webhook_id);
//! ```

pub mod delivery;
mod dispatcher;
mod event;
mod schema;
mod sign;
mod webhook;

pub use event::{forget, put};

use keepworth_contract::event::EventType;
use keepworth_store::Db;

/// The outbox of a service.
#[derive(Clone)]
pub struct Outbox {
    db: Db,
    service: &'static str,
    events: &'static [EventType],
}

impl Outbox {
    /// That of a service which sends these events, in the service's database.
    #[must_use]
    pub fn new(db: Db, service: &'static str, events: &'static [EventType]) -> Self {
        Self {
            db,
            service,
            events,
        }
    }

    /// Its database.
    #[must_use]
    pub fn db(&self) -> &Db {
        &self.db
    }
}
