//! Sends what waits, for as long as the process lives.

use std::time::Duration;

use keepworth_contract::client::Courier;
use keepworth_intake::Failure;
use keepworth_store::{Conn, RecordId, StoreError};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use crate::delivery::{self, Leased, Outcome};
use crate::{Outbox, event, sign};

/// How often it is looked whether something waits.
const POLL: Duration = Duration::from_secs(1);
/// How long a database is left alone that does not answer.
const PAUSE: Duration = Duration::from_secs(5);
/// How often old events are forgotten.
const FORGET: Duration = Duration::from_secs(3600);
/// How long deliveries may take that are on their way when the process is told to stop.
const GRACE: Duration = Duration::from_secs(5);
/// Deliveries at once, each to another webhook: who answers slowly holds up nobody else.
const AT_ONCE: usize = 8;

impl Outbox {
    /// Delivers events until `stop` is true or its sender is gone. As many processes may as like: each webhook
    /// is served by one at a time.
    pub async fn deliver(self, mut stop: watch::Receiver<bool>) {
        // Reading the system's authorities takes a while, in which this thread has signals to hear.
        let courier = match tokio::task::spawn_blocking(Courier::new).await {
            Ok(Ok(courier)) => courier,
            Ok(Err(error)) => {
                tracing::error!(%error, "events are not delivered");
                return;
            }
            Err(error) => {
                tracing::error!(%error, "events are not delivered");
                return;
            }
        };
        let holder = RecordId::generate();
        let mut underway = JoinSet::new();
        let (mut is_known_broken, mut forget_at) = (false, Instant::now());
        while !*stop.borrow() && stop.has_changed().is_ok() {
            let step = async {
                self.forget_when_due(&mut forget_at).await?;
                self.begin(&courier, holder, &mut underway).await
            };
            let failed = step.await.err();
            if let Some(error) = failed.as_ref().filter(|_| !is_known_broken) {
                tracing::warn!(%error, "events cannot be delivered; trying on");
            }
            is_known_broken = failed.is_some();
            tokio::select! {
                () = sleep(if is_known_broken { PAUSE } else { POLL }) => {}
                Some(_) = underway.join_next(), if !is_known_broken => {}
                _ = stop.changed() => {}
            }
        }
        // What does not come to its end is sent again when its lease is over.
        let _ = timeout(GRACE, async {
            while underway.join_next().await.is_some() {}
        })
        .await;
    }

    /// Begins as many deliveries as there is room for.
    async fn begin(
        &self,
        courier: &Courier,
        holder: RecordId,
        underway: &mut JoinSet<()>,
    ) -> Result<(), StoreError> {
        while underway.len() < AT_ONCE {
            let Some(leased) = self.lease(holder).await? else {
                break;
            };
            underway.spawn(self.clone().attempt(courier.clone(), leased));
        }
        Ok(())
    }

    async fn lease(&self, holder: RecordId) -> Result<Option<Leased>, StoreError> {
        let now = keepworth_store::now().naive_utc();
        // Looking locks nobody out; on SQLite leasing does.
        let is_due = self
            .db
            .read(move |conn| Ok::<_, StoreError>(delivery::is_due(conn, now)?));
        if !is_due.await? {
            return Ok(None);
        }
        let lease = move |conn: &mut Conn| Ok(delivery::lease(conn, holder, now)?);
        self.db.write(lease).await
    }

    async fn forget_when_due(&self, at: &mut Instant) -> Result<(), StoreError> {
        if Instant::now() < *at {
            return Ok(());
        }
        let now = keepworth_store::now().naive_utc();
        let forget = move |conn: &mut Conn| Ok::<_, StoreError>(event::forget(conn, now)?);
        self.db.write(forget).await?;
        *at = Instant::now() + FORGET;
        Ok(())
    }

    async fn attempt(self, courier: Courier, leased: Leased) {
        let (event_id, webhook_id) = (leased.event_id(), leased.webhook_id());
        let outcome = match self.send(&courier, &leased).await {
            Ok(outcome) => outcome,
            Err(failure) => Outcome::Failed(failure.to_string()),
        };
        match &outcome {
            Outcome::Delivered => tracing::info!(%event_id, %webhook_id, "an event was delivered"),
            Outcome::Failed(reason) => {
                tracing::warn!(%event_id, %webhook_id, reason, "an event was not delivered");
            }
            Outcome::Gone => tracing::warn!(%webhook_id, "a webhook is gone"),
        }
        let now = keepworth_store::now().naive_utc();
        let end = move |conn: &mut Conn| Ok(delivery::end(conn, &leased, &outcome, now)?);
        let told: Result<bool, StoreError> = self.db.write(end).await;
        // The lease runs out, and the event is sent again.
        if let Err(error) = told {
            tracing::error!(%error, %event_id, %webhook_id, "a delivery's end cannot be told");
        }
    }

    /// Sends an event to its webhook.
    ///
    /// # Errors
    /// An event that is kept damaged.
    pub async fn send(&self, courier: &Courier, leased: &Leased) -> Result<Outcome, Failure> {
        let event = self.told(leased.event.clone())?;
        let body = serde_json::to_string(&event).map_err(Failure::internal)?;
        let now = keepworth_store::now();
        let secrets = leased.webhook.secrets(now.naive_utc());
        let headers = sign::headers(event.id, now.timestamp(), &body, &secrets);
        let answer = courier.post(&leased.webhook.url, &headers, body).await;
        Ok(match answer {
            Ok(200..=299) => Outcome::Delivered,
            Ok(410) => Outcome::Gone,
            Ok(status) => Outcome::Failed(format!("it answered {status}")),
            Err(reason) => Outcome::Failed(reason),
        })
    }
}
