//! What an erasure would do, counted by every service.

use chrono::{DateTime, NaiveDate, Utc};
use keepworth_contract::client::ClientError;
use keepworth_contract::subject::{Receipt, SignedReceipt, Subject, SubjectErasure};
use keepworth_intake::Failure;
use keepworth_store::{Conn, RecordId};

use crate::Everywhere;
use crate::store::customer;

/// What is known of a customer here, as far as it says which sums may have them in.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Facts {
    /// When they were recorded first.
    pub(crate) known_since: Option<DateTime<Utc>>,
    /// The first day that they were under observation.
    pub(crate) observed_from: Option<NaiveDate>,
}

pub(crate) fn order(
    id: RecordId,
    subject: &Subject,
    facts: Facts,
    dry_run: bool,
) -> SubjectErasure {
    SubjectErasure {
        erasure_id: id.0,
        subject: subject.clone(),
        dry_run,
        known_since: facts.known_since,
        observed_from: facts.observed_from,
    }
}

/// Every service's count; a service that does not answer makes it none.
pub(super) async fn all(
    app: &Everywhere,
    id: RecordId,
    subject: &Subject,
) -> Result<(Vec<Receipt>, Facts), Failure> {
    let facts = facts(app, subject).await?;
    let order = order(id, subject, facts, true);
    let mut counts = vec![app.subjects().erase(order.clone()).await?.receipt];
    for peer in app.peers.iter() {
        counts.push(peer.erase_subject(&order).await.map_err(failure)?.receipt);
    }
    Ok((counts, facts))
}

/// Every service's count; what a service said before stands where it does not answer.
pub(super) async fn those_that_answer(
    app: &Everywhere,
    id: RecordId,
    subject: &Subject,
    before: &[Receipt],
) -> Result<Vec<Receipt>, Failure> {
    let order = order(id, subject, facts(app, subject).await?, true);
    let mut counts = vec![app.subjects().erase(order.clone()).await?.receipt];
    for peer in app.peers.iter() {
        let answer: Result<SignedReceipt, _> = peer.erase_subject(&order).await;
        let earlier = before.iter().find(|it| it.service == peer.service());
        match (answer, earlier) {
            (Ok(signed), _) => counts.push(signed.receipt),
            (Err(ClientError::Unreachable { .. }), Some(earlier)) => counts.push(earlier.clone()),
            (Err(error), _) => return Err(failure(error)),
        }
    }
    Ok(counts)
}

/// Answers that are kept for a day, in case that a request comes again.
const KEPT_ANSWERS: &str = "idempotency_keys";

/// Whether two counts agree, whenever they were made, but for what is kept of answers: asking for the erasure
/// leaves one that names the customer.
pub(super) fn is_same(before: &[Receipt], after: &[Receipt]) -> bool {
    let what = |it: &Receipt| {
        let mut tables = it.tables.clone();
        tables.retain(|it| it.table != KEPT_ANSWERS);
        (it.service.clone(), tables, it.baselines.clone())
    };
    before.iter().map(what).eq(after.iter().map(what))
}

async fn facts(app: &Everywhere, subject: &Subject) -> Result<Facts, Failure> {
    let subject = subject.clone();
    let find = move |conn: &mut Conn| {
        let row = customer::find_by_external_id(conn, &subject.source, &subject.external_id);
        row.map_err(Failure::from)
    };
    let row = app.db.read(find).await?;
    Ok(row.map_or_else(Facts::default, |row| Facts {
        known_since: row.id.made_at(),
        observed_from: Some(row.observed_from),
    }))
}

/// Why another service did not do what was asked of it.
pub(crate) fn failure(error: ClientError) -> Failure {
    match error {
        ClientError::Problem { problem, .. } if problem.status < 500 || problem.status == 503 => {
            Failure::from(*problem)
        }
        other => Failure::upstream(other.to_string()),
    }
}
