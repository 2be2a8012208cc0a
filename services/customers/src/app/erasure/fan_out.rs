//! The job: each service in turn erases and gives its receipt. One that does not answer is asked again, for as long as
//! it takes.

use chrono::TimeDelta;
use keepworth_contract::JobKind;
use keepworth_contract::client::ClientError;
use keepworth_contract::customers::ErasureState;
use keepworth_contract::subject::SignedReceipt;
use keepworth_erasure::{of_the_service, sign};
use keepworth_intake::Failure;
use keepworth_jobs::table as jobs;
use keepworth_jobs::{Job, Lane, Reason, Task, Work, Working, Write};
use keepworth_store::{Conn, RecordId, StoreError, now};
use uuid::Uuid;

use super::count::{Facts, order};
use super::{load_locked, load_row, subject_of, told};
use crate::Everywhere;
use crate::store::erasure::{self, ErasureRow, State};

/// One at a time: they wait for other services.
pub(crate) const LANES: [Lane; 1] = [Lane {
    kinds: &[JobKind::Erasure],
    at_once: 1,
}];

/// Every service, this one first: from then on nobody comes back here.
pub(super) const SERVICES: [&str; 4] = ["customers", "experience", "finance", "simulator"];

/// The first pause before services are asked again, which doubles up to the last one.
const PAUSE: TimeDelta = TimeDelta::seconds(2);
const LONGEST_PAUSE: TimeDelta = TimeDelta::minutes(5);

/// Does the erasures.
pub(crate) struct Works(pub(crate) Everywhere);

impl Work for Works {
    fn run(&self, task: Task) -> Working {
        let app = self.0.clone();
        Box::pin(async move { erase(&app, &task).await.map_err(Reason::from) })
    }

    fn result(&self, job: &Job) -> Option<String> {
        Some(format!("/v1/erasures/{}", job.result.as_ref()?))
    }
}

async fn erase(app: &Everywhere, task: &Task) -> Result<Write, Failure> {
    let id = Uuid::parse_str(&task.job.input).map(RecordId);
    let id = id.map_err(Failure::internal)?;
    let row = app.db.read(move |conn| load_row(conn, id)).await?;
    if row.state.0 != ErasureState::InProgress {
        return Ok(Box::new(move |_| Ok(id.to_string())));
    }
    let (receipts, why) = gather(app, &row).await?;
    let is_over = receipts.len() == SERVICES.len();
    let attempts = row.attempts;
    app.db
        .write(move |conn| note(conn, id, &receipts, why))
        .await?;
    // Whom it was of stood in the row until now.
    app.subjects().settle().await;
    Ok(Box::new(move |conn| {
        if !is_over {
            ask_again(conn, id, attempts)?;
        }
        Ok(id.to_string())
    }))
}

/// The receipts that are there, and why the others are not.
async fn gather(
    app: &Everywhere,
    row: &ErasureRow,
) -> Result<(Vec<SignedReceipt>, Option<String>), Failure> {
    let facts = Facts {
        known_since: row.known_since.map(|it| it.and_utc()),
        observed_from: row.observed_from,
    };
    let order = order(row.id, &subject_of(row)?, facts, false);
    let mut receipts: Vec<SignedReceipt> = told::read(&row.receipts)?;
    let is_there = |receipts: &[SignedReceipt], service: &str| {
        receipts.iter().any(|it| it.receipt.service == service)
    };
    if !is_there(&receipts, SERVICES[0]) {
        receipts.push(app.subjects().erase(order.clone()).await?);
    }
    let mut failures = Vec::new();
    for peer in app.peers.iter() {
        if is_there(&receipts, peer.service()) {
            continue;
        }
        match peer
            .erase_subject(&order)
            .await
            .and_then(|it| expected(peer.service(), row.id, it))
        {
            Ok(receipt) => receipts.push(receipt),
            Err(error) => failures.push(error.to_string()),
        }
    }
    let why = (!failures.is_empty()).then(|| failures.join("; "));
    Ok((receipts, why))
}

/// A receipt, unless it is of something else or not as it was signed. Whose it is, the line says on which it came.
fn expected(
    service: &str,
    id: RecordId,
    signed: SignedReceipt,
) -> Result<SignedReceipt, ClientError> {
    let is_it = signed.receipt.service == service
        && signed.receipt.erasure_id == id.0
        && !signed.receipt.dry_run
        && sign::is_whole(&signed);
    if is_it {
        return Ok(signed);
    }
    Err(ClientError::Protocol {
        service: service.to_owned(),
        reason: "its receipt is of something else, or not as it was signed".to_owned(),
    })
}

fn note(
    conn: &mut Conn,
    id: RecordId,
    receipts: &[SignedReceipt],
    why: Option<String>,
) -> Result<(), Failure> {
    let mut row = load_locked(conn, id)?;
    row.receipts = told::write(&receipts)?;
    row.last_failure = why;
    row.attempts += 1;
    if receipts.len() == SERVICES.len() {
        row.state = State::new(ErasureState::Done);
        row.ended_at = Some(now().naive_utc());
        (row.source, row.external_id) = (None, None);
    }
    Ok(erasure::update(conn, &row)?)
}

fn ask_again(conn: &mut Conn, id: RecordId, attempts: i32) -> Result<(), StoreError> {
    let pause = PAUSE * (1 << attempts.clamp(0, 10));
    let now = now().naive_utc();
    jobs::enqueue_at(
        conn,
        JobKind::Erasure,
        id.to_string(),
        now,
        now + pause.min(LONGEST_PAUSE),
    )?;
    Ok(())
}

/// Goes on with erasures that no job is left of, such as those of a backup.
pub(crate) async fn resume(app: &Everywhere) -> Result<(), Failure> {
    let left = app
        .db
        .read(|conn| erasure::in_progress(conn).map_err(Failure::from));
    if left.await?.is_empty() {
        return Ok(());
    }
    let write = app.db.write(|conn| {
        if jobs::has_open(conn, JobKind::Erasure)? {
            return Ok(());
        }
        let now = now().naive_utc();
        for id in erasure::in_progress(conn)? {
            jobs::enqueue(conn, JobKind::Erasure, id.to_string(), now)?;
        }
        Ok::<_, Failure>(())
    });
    of_the_service(SERVICES[0], "erasures that were left")
        .around(write)
        .await
}
