//! Erasures of customers in every service: asked for by one person, confirmed by another, done until the last service
//! has given its receipt.

pub(crate) mod count;
pub(crate) mod fan_out;
mod told;

use chrono::TimeDelta;
use keepworth_contract::customers::{Erasure, ErasureInput, ErasurePage, ErasureState, Person};
use keepworth_contract::subject::{Receipt, Subject};
use keepworth_contract::{FaultCode, InvalidParam, JobKind, ProblemCode, SequenceQuery};
use keepworth_erasure::Mention;
use keepworth_intake::{Failure, erased, page};
use keepworth_jobs::table as jobs;
use keepworth_store::{Conn, Db, RecordId, now};

use crate::Customers;
use crate::store::erasure::{self, ErasureRow, State};
use count::Facts;

/// How long receipts may take before an erasure is overdue.
const WITHIN: TimeDelta = TimeDelta::hours(24);

/// Who asks for something, and why.
#[derive(Debug, Clone)]
pub struct Asking {
    /// Who.
    pub by: Person,
    /// Why.
    pub reason: String,
}

/// An erasure that was counted, and is not kept yet.
pub struct Asked {
    subject: Subject,
    facts: Facts,
    counts: Vec<Receipt>,
    asking: Asking,
}

/// Counts what an erasure would do in every service. Nobody is erased of whom nothing is held: their id is likely
/// misspelt, and what is misspelt would be kept out for good.
pub async fn ask(app: &Customers, input: ErasureInput, asking: Asking) -> Result<Asked, Failure> {
    let subject = input.subject;
    refuse_naming(&subject, &asking.reason)?;
    let (counts, facts) = count::all(&app.everywhere, RecordId::default(), &subject).await?;
    let (of_open, beside) = (subject.clone(), app.db().beside().clone());
    let check = move |conn: &mut Conn| {
        refuse_open(conn, &of_open)?;
        Ok::<_, Failure>(erased::is_erased(conn, &beside, &of_open)?)
    };
    let is_erased = app.db().read(check).await?;
    if counts.iter().all(|it| it.tables.is_empty()) {
        return Err(nobody(is_erased));
    }
    Ok(Asked {
        subject,
        facts,
        counts,
        asking,
    })
}

fn nobody(is_erased: bool) -> Failure {
    if is_erased {
        let detail = "this customer was erased before, and nothing has come back";
        return Failure::conflict(ProblemCode::AlreadyErased, detail);
    }
    Failure::not_found(
        "no service holds anything of this customer; look at how source and id are spelt",
    )
}

/// Reasons are in the audit, where nothing is ever erased.
pub(crate) fn refuse_naming(subject: &Subject, reason: &str) -> Result<(), Failure> {
    if !Mention::of(subject).is_in(reason) {
        return Ok(());
    }
    let why = "names the customer, and stays in the audit for good; say why without the id";
    Err(Failure::invalid(vec![InvalidParam::new(
        "Keepworth-Reason",
        FaultCode::InvalidValue,
        why,
    )]))
}

fn refuse_open(conn: &mut Conn, subject: &Subject) -> Result<(), Failure> {
    match erasure::find_open(conn, &subject.source, &subject.external_id)? {
        None => Ok(()),
        Some(id) => Err(Failure::conflict(
            ProblemCode::InUse,
            format!("erasure {id} of this customer is not over; confirm it, or cancel it"),
        )),
    }
}

impl Asked {
    /// What was counted, as it is told: nothing of it is kept.
    pub fn counted(self) -> Result<Erasure, Failure> {
        let mut erasure = Erasure::try_from(self.row()?)?;
        erasure.id = None;
        erasure.state = ErasureState::Counted;
        Ok(erasure)
    }

    /// Keeps it for a second person to confirm, in the caller's transaction.
    pub fn keep(self, conn: &mut Conn) -> Result<Erasure, Failure> {
        conn.lock_source("erasures", "new")?;
        refuse_open(conn, &self.subject)?;
        let row = self.row()?;
        erasure::insert(conn, &row)?;
        row.try_into()
    }

    fn row(self) -> Result<ErasureRow, Failure> {
        Ok(ErasureRow {
            id: RecordId::generate(),
            state: State::new(ErasureState::AwaitingConfirmation),
            source: Some(self.subject.source),
            external_id: Some(self.subject.external_id),
            reason: self.asking.reason,
            requested_by: told::write(&self.asking.by)?,
            requested_at: now().naive_utc(),
            confirmed_by: None,
            confirmed_at: None,
            is_self_confirmed: false,
            known_since: self.facts.known_since.map(|it| it.naive_utc()),
            observed_from: self.facts.observed_from,
            counts: told::write(&self.counts)?,
            receipts: "[]".to_owned(),
            attempts: 0,
            last_failure: None,
            due_at: None,
            ended_at: None,
        })
    }
}

/// Confirms what somebody else asked for, unless what is held has changed since: then it is counted anew, to be looked
/// at again.
pub async fn confirm(app: &Customers, id: RecordId, asking: Asking) -> Result<Erasure, Failure> {
    let row = app.db().read(move |conn| load_row(conn, id)).await?;
    check_confirmation(&row, &asking)?;
    let subject = subject_of(&row)?;
    refuse_naming(&subject, &asking.reason)?;
    let before: Vec<Receipt> = told::read(&row.counts)?;
    let after = count::those_that_answer(&app.everywhere, id, &subject, &before).await?;
    if !count::is_same(&before, &after) {
        let write = move |conn: &mut Conn| recount(conn, id, &after);
        app.db().write(write).await?;
        let detail = "what is held has changed since it was counted, and was counted anew; look at it, and confirm again";
        return Err(Failure::conflict(ProblemCode::CountsChanged, detail));
    }
    let confirmed = app.db().write(move |conn| begin(conn, id, &asking)).await?;
    app.jobs.wake();
    Ok(confirmed)
}

/// Whoever asked for it cannot confirm it, but on one machine, whose user is the only one there is.
fn check_confirmation(row: &ErasureRow, asking: &Asking) -> Result<bool, Failure> {
    if row.state.0 != ErasureState::AwaitingConfirmation {
        let detail = "it does not await a confirmation; look at how it stands";
        return Err(Failure::conflict(ProblemCode::NotAwaited, detail));
    }
    let is_same = told::write(&asking.by)? == row.requested_by;
    if is_same && asking.by.issuer != "local" {
        let detail = "you asked for this erasure; somebody else has to confirm it";
        return Err(Failure::conflict(ProblemCode::SamePerson, detail));
    }
    Ok(is_same)
}

fn recount(conn: &mut Conn, id: RecordId, counts: &[Receipt]) -> Result<(), Failure> {
    let mut row = load_locked(conn, id)?;
    row.counts = told::write(&counts)?;
    Ok(erasure::update(conn, &row)?)
}

fn begin(conn: &mut Conn, id: RecordId, asking: &Asking) -> Result<Erasure, Failure> {
    let mut row = load_locked(conn, id)?;
    let now = now().naive_utc();
    row.is_self_confirmed = check_confirmation(&row, asking)?;
    row.state = State::new(ErasureState::InProgress);
    row.confirmed_by = Some(told::write(&asking.by)?);
    row.confirmed_at = Some(now);
    row.due_at = Some(now + WITHIN);
    erasure::update(conn, &row)?;
    jobs::enqueue(conn, JobKind::Erasure, id.to_string(), now)?;
    row.try_into()
}

/// Calls an erasure off that was not confirmed, in the caller's transaction.
pub fn cancel(conn: &mut Conn, id: RecordId) -> Result<Erasure, Failure> {
    let mut row = load_locked(conn, id)?;
    if row.state.0 != ErasureState::AwaitingConfirmation {
        let detail = "it was confirmed, or is over; what was erased does not come back";
        return Err(Failure::conflict(ProblemCode::NotAwaited, detail));
    }
    row.state = State::new(ErasureState::Cancelled);
    (row.source, row.external_id) = (None, None);
    row.ended_at = Some(now().naive_utc());
    erasure::update(conn, &row)?;
    row.try_into()
}

/// One erasure.
pub fn load(conn: &mut Conn, id: RecordId) -> Result<Erasure, Failure> {
    load_row(conn, id)?.try_into()
}

fn load_row(conn: &mut Conn, id: RecordId) -> Result<ErasureRow, Failure> {
    erasure::find(conn, id)?.ok_or_else(|| unknown(id))
}

fn load_locked(conn: &mut Conn, id: RecordId) -> Result<ErasureRow, Failure> {
    erasure::find_locked(conn, id)?.ok_or_else(|| unknown(id))
}

fn unknown(id: RecordId) -> Failure {
    Failure::not_found(format!("no erasure has the id {id}"))
}

fn subject_of(row: &ErasureRow) -> Result<Subject, Failure> {
    let named = row.source.clone().zip(row.external_id.clone());
    let (source, external_id) = named.ok_or_else(|| Failure::internal("an erasure of nobody"))?;
    Ok(Subject {
        source,
        external_id,
    })
}

/// Lists erasures in the order of their making.
pub async fn list(db: &Db, query: SequenceQuery) -> Result<ErasurePage, Failure> {
    let (after, limit) = (page::after(&query)?, query.limit());
    let read = move |conn: &mut Conn| erasure::list(conn, after, limit + 1).map_err(Failure::from);
    page::sequence(db.read(read).await?, limit, |row| row.id)
}
