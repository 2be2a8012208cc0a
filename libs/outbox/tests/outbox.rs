//! The outbox on both databases: nothing is told that did not happen, and what happened is told, in order,
//! whatever becomes of dispatchers and receivers.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "../../../tests/support/receiver.rs"]
mod receiver;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use chrono::{NaiveDateTime, TimeDelta};
use keepworth_access::RequestIds;
use keepworth_contract::client::Courier;
use keepworth_contract::event::{
    DeliveryState, EventType, KeptEvent, WebhookInput, WebhookState, WebhookWithSecret,
};
use keepworth_intake::Failure;
use keepworth_outbox::delivery::{self, LEASE, Leased, Outcome, TRIED};
use keepworth_outbox::{Outbox, forget, put};
use keepworth_store::{Conn, Db, DbOptions, RecordId, StoreError};
use receiver::{Receiver, signatures};
use tempfile::TempDir;
use tokio::sync::watch;
use uuid::Uuid;

/// The tables as a service makes them.
const TABLES: &str =
    include_str!("../../../services/finance/migrations/sqlite/2025-02-10-000000_outbox/up.sql");
const EVENTS: &[EventType] = &[EventType::PeriodClosed, EventType::RunDone];

struct Place {
    url: String,
    db: Db,
    _folder: Option<TempDir>,
}

impl Place {
    async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/data/outbox.db", folder.path().display());
        Self::on(url, Some(folder)).await
    }

    async fn postgres() -> Option<Self> {
        let server = std::env::var("KEEPWORTH_TEST_POSTGRES").ok()?;
        let name = format!("outbox_{}", Uuid::now_v7().simple());
        let maintenance = open(&format!("{server}/postgres"));
        let create = format!("CREATE DATABASE {name}");
        let created: Result<(), StoreError> = maintenance.read(move |c| c.batch(&create)).await;
        created.unwrap();
        Some(Self::on(format!("{server}/{name}"), None).await)
    }

    async fn on(url: String, folder: Option<TempDir>) -> Self {
        let db = open(&url);
        let place = Self {
            url,
            db,
            _folder: folder,
        };
        place.write(|conn| Ok(conn.batch(TABLES)?)).await;
        place
    }

    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Conn) -> Result<T, Failure> + Send + 'static,
    ) -> T {
        self.db.write(work).await.unwrap()
    }

    fn outbox(&self) -> Outbox {
        Outbox::new(self.db.clone(), "finance", EVENTS)
    }

    async fn webhook(&self, url: &str, events: &[EventType]) -> WebhookWithSecret {
        let (outbox, new) = (self.outbox(), input(url, events));
        self.write(move |conn| outbox.create_webhook(conn, new))
            .await
    }

    async fn put(&self, subject: &str) {
        let subject = subject.to_owned();
        let put = move |conn: &mut Conn| Ok(put(conn, EventType::PeriodClosed, &subject, None)?);
        self.write(put).await;
    }

    async fn events(&self) -> Vec<KeptEvent> {
        let outbox = self.outbox();
        let nil = RecordId(Uuid::nil());
        let list = move |conn: &mut Conn| outbox.list_events(conn, nil, 1_000);
        self.write(list).await.items
    }

    async fn lease(&self, now: NaiveDateTime) -> Option<Leased> {
        let holder = RecordId::generate();
        self.write(move |conn| Ok(delivery::lease(conn, holder, now)?))
            .await
    }

    async fn end(&self, leased: Leased, outcome: Outcome, now: NaiveDateTime) -> bool {
        self.write(move |conn| Ok(delivery::end(conn, &leased, &outcome, now)?))
            .await
    }

    /// Waits until no delivery is pending.
    async fn until_over(&self) -> Vec<KeptEvent> {
        let start = Instant::now();
        loop {
            let events = self.events().await;
            if states(&events).all(|it| it != DeliveryState::Pending) {
                return events;
            }
            assert!(start.elapsed() < Duration::from_secs(60), "{events:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

fn open(url: &str) -> Db {
    Db::open(url, &DbOptions::default()).unwrap()
}

fn input(url: &str, events: &[EventType]) -> WebhookInput {
    WebhookInput {
        url: url.to_owned(),
        events: events.to_vec(),
        description: "a test".to_owned(),
    }
}

fn states(events: &[KeptEvent]) -> impl Iterator<Item = DeliveryState> {
    let deliveries = events.iter().flat_map(|it| &it.deliveries);
    deliveries.map(|it| it.state)
}

fn now() -> NaiveDateTime {
    keepworth_store::now().naive_utc()
}

macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")] async fn $name() {
                super::$name(super::Place::sqlite().await).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")] async fn $name() {
                match super::Place::postgres().await {
                    Some(place) => super::$name(place).await,
                    None => eprintln!("skipped: KEEPWORTH_TEST_POSTGRES is not set"),
                }
            })*
        }
    };
}

on_both!(
    what_is_put_in_a_transaction_that_fails_is_not_there,
    two_dispatchers_deliver_each_event_once_and_in_order,
    a_receiver_that_is_away_hears_later,
    a_death_before_the_delivery_is_noted_sends_the_same_event_again,
    events_wait_for_the_one_before_and_are_given_up_after_three_days,
    who_is_gone_hears_nothing_more,
    two_secrets_hold_for_a_day,
    an_answer_that_names_another_address_is_no_delivery,
    only_who_asks_hears_and_who_is_removed_does_not,
    old_events_are_forgotten,
    what_cannot_be_reached_safely_is_refused,
);

async fn what_is_put_in_a_transaction_that_fails_is_not_there(place: Place) {
    let receiver = Receiver::answering("200 So");
    place.webhook(&receiver.url, EVENTS).await;
    let failed: Result<(), Failure> = place
        .db
        .write(|conn| {
            put(
                conn,
                EventType::PeriodClosed,
                "/v1/period-closes/2026-05",
                None,
            )?;
            Err(Failure::malformed("something else went wrong"))
        })
        .await;
    assert!(failed.is_err());
    assert_eq!(place.events().await, []);
    assert!(place.lease(now()).await.is_none());
}

async fn two_dispatchers_deliver_each_event_once_and_in_order(place: Place) {
    let receivers = [Receiver::answering("200 So"), Receiver::answering("204 So")];
    for receiver in &receivers {
        place.webhook(&receiver.url, EVENTS).await;
    }
    let (stop, stopping) = watch::channel(false);
    let dispatchers = [open(&place.url), open(&place.url)].map(|db| {
        let outbox = Outbox::new(db, "finance", EVENTS);
        tokio::spawn(outbox.deliver(stopping.clone()))
    });
    let putting = (0..20).map(|i| {
        let db = place.db.clone();
        let subject = format!("/v1/period-closes/{i}");
        tokio::spawn(async move {
            let put =
                move |conn: &mut Conn| Ok(put(conn, EventType::PeriodClosed, &subject, None)?);
            let done: Result<(), StoreError> = db.write(put).await;
            done.unwrap();
        })
    });
    for it in Vec::from_iter(putting) {
        it.await.unwrap();
    }
    let events = place.until_over().await;
    stop.send_replace(true);
    for it in dispatchers {
        it.await.unwrap();
    }
    assert!(
        states(&events).all(|it| it == DeliveryState::Delivered),
        "{events:?}"
    );
    let ids = Vec::from_iter(events.iter().map(|it| it.event.id.to_string()));
    assert_eq!(ids.len(), 20);
    for receiver in &receivers {
        let heard = receiver.heard();
        let heard = Vec::from_iter(heard.iter().map(|it| it.header("webhook-id").to_owned()));
        assert_eq!(heard, ids, "each once, in the order of their ids");
    }
}

async fn a_receiver_that_is_away_hears_later(place: Place) {
    let receiver = Receiver::answering("503 So");
    let webhook = place.webhook(&receiver.url, EVENTS).await.webhook;
    let (stop, stopping) = watch::channel(false);
    let dispatcher = tokio::spawn(place.outbox().deliver(stopping));
    place.put("/v1/period-closes/2026-05").await;
    let start = Instant::now();
    while receiver.heard().is_empty() {
        assert!(start.elapsed() < Duration::from_secs(30));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    receiver.answer("200 So");
    let events = place.until_over().await;
    stop.send_replace(true);
    dispatcher.await.unwrap();
    let [delivery] = &events[0].deliveries[..] else {
        panic!("{events:?}")
    };
    assert_eq!(
        (delivery.state, delivery.attempts),
        (DeliveryState::Delivered, 2)
    );
    let heard = receiver.heard();
    assert_eq!(heard[0].header("webhook-id"), heard[1].header("webhook-id"));
    assert_eq!(heard[0].body, heard[1].body);
    let outbox = place.outbox();
    let id = RecordId(webhook.id);
    let webhook = place.write(move |conn| outbox.load_webhook(conn, id)).await;
    assert_eq!((webhook.failures, webhook.last_failure), (0, None));
}

async fn a_death_before_the_delivery_is_noted_sends_the_same_event_again(place: Place) {
    let receiver = Receiver::answering("200 So");
    let secret = place.webhook(&receiver.url, EVENTS).await.secret;
    let ids = RequestIds::of(Some("request-7"), None);
    let of = ids.clone();
    let put = move |conn: &mut Conn| {
        Ok(put(
            conn,
            EventType::PeriodClosed,
            "/v1/period-closes/2026-05",
            Some(&of),
        )?)
    };
    place.write(put).await;
    let courier = Courier::new().unwrap();
    let first = place.lease(now()).await.unwrap();
    assert_eq!(
        place.outbox().send(&courier, &first).await.unwrap(),
        Outcome::Delivered
    );
    // Whoever sent it dies here. Nobody else sends to the webhook before the lease is over.
    assert!(place.lease(now()).await.is_none());
    let later = now() + LEASE + TimeDelta::seconds(1);
    let second = place.lease(later).await.unwrap();
    assert_eq!(
        place.outbox().send(&courier, &second).await.unwrap(),
        Outcome::Delivered
    );
    assert!(
        !place.end(first, Outcome::Delivered, later).await,
        "who was only slow is too late"
    );
    assert!(place.end(second, Outcome::Delivered, later).await);
    assert!(place.lease(later).await.is_none());

    let heard = receiver.heard();
    assert_eq!(heard.len(), 2);
    assert_eq!(heard[0].header("webhook-id"), heard[1].header("webhook-id"));
    for it in &heard {
        assert_eq!(it.header("content-type"), "application/cloudevents+json");
        assert_eq!(it.header("webhook-signature"), signatures(&[&secret], it));
        let event: serde_json::Value = serde_json::from_str(&it.body).unwrap();
        assert_eq!(event["specversion"], "1.0");
        assert_eq!(event["id"], it.header("webhook-id"));
        assert_eq!(event["source"], "/finance");
        assert_eq!(event["type"], "keepworth.period.closed");
        assert_eq!(event["subject"], "/v1/period-closes/2026-05");
        assert_eq!(event["requestid"], "request-7");
        assert!(event["traceparent"].as_str().unwrap().contains(&ids.trace));
        assert_eq!(event.get("data"), None, "who may see more fetches it");
    }
}

async fn events_wait_for_the_one_before_and_are_given_up_after_three_days(place: Place) {
    let webhook = place.webhook("http://127.0.0.1:9/", EVENTS).await.webhook;
    place.put("/v1/period-closes/1").await;
    place.put("/v1/period-closes/2").await;
    let away = || Outcome::Failed("it is away".to_owned());
    let leased = place.lease(now()).await.unwrap();
    let first = leased.event_id();
    let start = now();
    assert!(place.end(leased, away(), start).await);
    assert!(
        place.lease(start + TimeDelta::seconds(1)).await.is_none(),
        "it is left alone"
    );
    let again = place.lease(start + TimeDelta::seconds(6)).await.unwrap();
    assert_eq!(again.event_id(), first, "the second waits for the first");
    let late = now() + TRIED + TimeDelta::seconds(1);
    assert!(place.end(again, away(), late).await);
    let events = place.events().await;
    assert_eq!(
        Vec::from_iter(states(&events)),
        [DeliveryState::Failed, DeliveryState::Pending]
    );
    assert_eq!(events[0].deliveries[0].attempts, 2);
    let next = place.lease(late).await.unwrap();
    assert!(next.event_id() > first);
    let outbox = place.outbox();
    let id = RecordId(webhook.id);
    let webhook = place.write(move |conn| outbox.load_webhook(conn, id)).await;
    assert_eq!(webhook.last_failure.as_deref(), Some("it is away"));
    assert_eq!(
        (webhook.failures, webhook.state),
        (2, WebhookState::Enabled)
    );
}

async fn who_is_gone_hears_nothing_more(place: Place) {
    let receiver = Receiver::answering("410 So");
    let webhook = place.webhook(&receiver.url, EVENTS).await.webhook;
    place.put("/v1/period-closes/1").await;
    place.put("/v1/period-closes/2").await;
    let leased = place.lease(now()).await.unwrap();
    let outcome = place
        .outbox()
        .send(&Courier::new().unwrap(), &leased)
        .await
        .unwrap();
    assert_eq!(outcome, Outcome::Gone);
    assert!(place.end(leased, outcome, now()).await);
    place.put("/v1/period-closes/3").await;
    assert!(place.lease(now()).await.is_none());
    let events = place.events().await;
    assert_eq!(Vec::from_iter(states(&events)), [DeliveryState::Failed; 2]);
    assert_eq!(events[2].deliveries, []);
    let outbox = place.outbox();
    let id = RecordId(webhook.id);
    let webhook = place.write(move |conn| outbox.load_webhook(conn, id)).await;
    assert_eq!(webhook.state, WebhookState::Gone);
    let outbox = place.outbox();
    let tried = place.db.write(move |conn| outbox.test_webhook(conn, id));
    let refused = tried.await.unwrap_err().into_problem(None);
    assert_eq!((refused.status, &*refused.code), (409, "webhook_gone"));
}

async fn two_secrets_hold_for_a_day(place: Place) {
    let receiver = Receiver::answering("200 So");
    let old = place.webhook(&receiver.url, EVENTS).await;
    let (outbox, id) = (place.outbox(), RecordId(old.webhook.id));
    let new = place
        .write(move |conn| outbox.rotate_secret(conn, id))
        .await;
    assert!(new.secret != old.secret);
    let until = new.webhook.old_secret_until.unwrap();
    let left = until - keepworth_store::now();
    assert!(
        left > TimeDelta::hours(23) && left <= TimeDelta::hours(24),
        "{left}"
    );
    let courier = Courier::new().unwrap();
    let send = async || {
        place.put("/v1/period-closes/1").await;
        let leased = place.lease(now()).await.unwrap();
        place.outbox().send(&courier, &leased).await.unwrap();
        assert!(place.end(leased, Outcome::Delivered, now()).await);
        receiver.heard().pop().unwrap()
    };
    let heard = send().await;
    let both = signatures(&[&new.secret, &old.secret], &heard);
    assert_eq!(heard.header("webhook-signature"), both);
    let over = "UPDATE webhooks SET old_secret_until = '2020-01-01 00:00:00'";
    place.write(|conn| Ok(conn.batch(over)?)).await;
    let heard = send().await;
    assert_eq!(
        heard.header("webhook-signature"),
        signatures(&[&new.secret], &heard)
    );
}

async fn an_answer_that_names_another_address_is_no_delivery(place: Place) {
    let other = Receiver::answering("200 So");
    let receiver = Receiver::answering(&format!("307 Elsewhere\r\nlocation: {}", other.url));
    place.webhook(&receiver.url, EVENTS).await;
    place.put("/v1/period-closes/1").await;
    let leased = place.lease(now()).await.unwrap();
    let outcome = place
        .outbox()
        .send(&Courier::new().unwrap(), &leased)
        .await
        .unwrap();
    assert_eq!(outcome, Outcome::Failed("it answered 307".to_owned()));
    assert_eq!((receiver.heard().len(), other.heard().len()), (1, 0));
}

async fn only_who_asks_hears_and_who_is_removed_does_not(place: Place) {
    let runs = place
        .webhook("http://127.0.0.1:9/", &[EventType::RunDone])
        .await;
    let months = place
        .webhook("http://127.0.0.1:9/", &[EventType::PeriodClosed])
        .await;
    place.put("/v1/period-closes/1").await;
    let hears = |events: &[KeptEvent]| {
        let all = events.iter().flat_map(|it| &it.deliveries);
        BTreeSet::from_iter(all.map(|it| it.webhook_id))
    };
    assert_eq!(hears(&place.events().await), [months.webhook.id].into());
    let (outbox, id) = (place.outbox(), RecordId(runs.webhook.id));
    let tried = place.write(move |conn| outbox.test_webhook(conn, id)).await;
    assert_eq!(tried.event.r#type, EventType::WebhookTested);
    assert_eq!(hears(&[tried]), [runs.webhook.id].into(), "this one alone");
    let (outbox, id) = (place.outbox(), RecordId(months.webhook.id));
    let gone = place
        .write(move |conn| outbox.delete_webhook(conn, id))
        .await;
    assert_eq!(gone, months.webhook);
    let leased = place.lease(now()).await.unwrap();
    assert_eq!(leased.webhook_id(), RecordId(runs.webhook.id));
    assert!(place.lease(now()).await.is_none());
    let outbox = place.outbox();
    let missing = place
        .db
        .read(move |conn| outbox.load_webhook(conn, id))
        .await;
    assert_eq!(missing.unwrap_err().into_problem(None).status, 404);
}

async fn old_events_are_forgotten(place: Place) {
    place.webhook("http://127.0.0.1:9/", EVENTS).await;
    place.put("/v1/period-closes/1").await;
    let forget_at = |now| move |conn: &mut Conn| Ok(forget(conn, now)?);
    let month = now() + TimeDelta::days(29);
    assert_eq!(place.write(forget_at(month)).await, 0);
    let month = now() + TimeDelta::days(31);
    assert_eq!(place.write(forget_at(month)).await, 1);
    assert_eq!(place.events().await, []);
    assert!(
        place.lease(now()).await.is_none(),
        "nothing is left to be sent"
    );
}

async fn what_cannot_be_reached_safely_is_refused(place: Place) {
    let refuse = async |new: WebhookInput| {
        let outbox = place.outbox();
        let made = place.db.write(move |conn| outbox.create_webhook(conn, new));
        let refused = made.await.err().unwrap().into_problem(None);
        Vec::from_iter(refused.invalid_params.into_iter().map(|it| it.name))
    };
    assert_eq!(
        refuse(input("http://hooks.example.com/", EVENTS)).await,
        ["url"]
    );
    assert_eq!(
        refuse(input("https://hooks.example.com/", &[])).await,
        ["events"]
    );
    let wrong = [EventType::RunDone, EventType::WebhookTested];
    assert_eq!(refuse(input("", &wrong)).await, ["url", "events/1"]);
    let unnamed = WebhookInput {
        description: "\u{7}".to_owned(),
        ..input("https://hooks.example.com/", EVENTS)
    };
    assert_eq!(refuse(unnamed).await, ["description"]);
}
