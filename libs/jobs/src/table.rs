//! The table: each function is one step of a job, on the caller's connection and in the caller's
//! transaction.
//!
//! What changes a leased job takes the [`Job`] as [`lease`] gave it, and does nothing where somebody else
//! has taken it since: worker and attempt together name the lease.

use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;
use keepworth_access::Errand;
use keepworth_contract::{JobKind, Problem, Word};
use keepworth_store::{Conn, PageRows, Place, RecordId, on_conn, page_rows};

use crate::schema::jobs;
use crate::{Job, LEASE, MOST_ATTEMPTS, State, turn};

/// What a worker hears when it says that it is alive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beat {
    /// Go on.
    GoOn,
    /// Stop, and [say so](set_cancelled): nobody wants it any more.
    Stop,
    /// Stop: the lease ran out, and it is somebody else's now.
    Lost,
}

/// What [`lease`] came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leased {
    /// The job that is now the worker's.
    pub job: Option<Job>,
    /// Jobs that came to an end, as they now stand.
    pub ended: Vec<Job>,
}

/// Puts a job into the table, for whom it is ordered: it is there when the caller's transaction is.
///
/// # Errors
/// What the database answers.
pub fn enqueue(
    conn: &mut Conn,
    kind: JobKind,
    input: String,
    now: NaiveDateTime,
) -> QueryResult<Job> {
    enqueue_at(conn, kind, input, now, now)
}

/// The same, not to be begun before `due_at`.
///
/// # Errors
/// What the database answers.
pub fn enqueue_at(
    conn: &mut Conn,
    kind: JobKind,
    input: String,
    now: NaiveDateTime,
    due_at: NaiveDateTime,
) -> QueryResult<Job> {
    let errand = Errand::current().map(|it| serde_json::to_string(&it));
    let errand = errand.transpose();
    let job = Job {
        errand: errand.map_err(|error| diesel::result::Error::SerializationError(error.into()))?,
        id: RecordId::generate(),
        kind: kind.into(),
        input,
        state: State::Queued,
        done: 0,
        total: 0,
        attempts: 0,
        due_at,
        worker: None,
        is_cancelled: false,
        failure: None,
        result: None,
        created_at: now,
        started_at: None,
        finished_at: None,
    };
    on_conn!(conn, |c| diesel::insert_into(jobs::table)
        .values(&job)
        .execute(c))?;
    Ok(job)
}

/// Whether a job of a kind waits or runs. Until the transaction ends nobody else looks, so that two that look
/// do not both put one into the table.
///
/// # Errors
/// What the database answers.
pub fn has_open(conn: &mut Conn, kind: JobKind) -> QueryResult<bool> {
    conn.lock_source("jobs", kind.name())?;
    let open = on_conn!(conn, |c| jobs::table
        .filter(jobs::kind.eq(kind.name()))
        .filter(jobs::state.eq_any(State::OPEN))
        .select(jobs::id)
        .first::<RecordId>(c)
        .optional())?;
    Ok(open.is_some())
}

/// Whether there is something to [`lease`]; locks nothing.
///
/// # Errors
/// What the database answers.
pub fn is_due(conn: &mut Conn, kinds: &[JobKind], now: NaiveDateTime) -> QueryResult<bool> {
    let due = on_conn!(conn, |c| jobs::table
        .filter(jobs::state.eq_any(State::OPEN))
        .filter(jobs::kind.eq_any(kinds.iter().map(|kind| kind.name())))
        .filter(jobs::due_at.le(now))
        .select(jobs::id)
        .first::<RecordId>(c)
        .optional())?;
    Ok(due.is_some())
}

/// Hands the job whose turn it is to a worker, whose it is until [`LEASE`] after the last heartbeat.
/// One whose worker left it comes first to an end if it was cancelled or tried as often as may be.
///
/// # Errors
/// What the database answers.
pub fn lease(
    conn: &mut Conn,
    kinds: &[JobKind],
    worker: RecordId,
    now: NaiveDateTime,
) -> QueryResult<Leased> {
    let mut ended = Vec::new();
    while let Some(job) = next_due(conn, kinds, now)? {
        let is_ended = if job.is_cancelled {
            set_cancelled(conn, &job, now)?
        } else if job.attempts >= MOST_ATTEMPTS {
            fail(conn, &job, &interrupted(), false, now)?
        } else {
            let job = Some(begin(conn, &job, worker, now)?);
            return Ok(Leased { job, ended });
        };
        if !is_ended {
            break;
        }
        ended.extend(find(conn, job.id)?);
    }
    Ok(Leased { job: None, ended })
}

/// The next job in turn that nobody else is just taking.
fn next_due(conn: &mut Conn, kinds: &[JobKind], now: NaiveDateTime) -> QueryResult<Option<Job>> {
    for id in turn::in_turn(conn, kinds, now)? {
        if let Some(job) = take(conn, id, now)? {
            return Ok(Some(job));
        }
    }
    Ok(None)
}

fn take(conn: &mut Conn, id: RecordId, now: NaiveDateTime) -> QueryResult<Option<Job>> {
    let due = jobs::table
        .find(id)
        .filter(jobs::state.eq_any(State::OPEN))
        .filter(jobs::due_at.le(now));
    match conn {
        // The one writer is us.
        Conn::Sqlite(c) => due.select(Job::as_select()).first(&mut **c),
        Conn::Pg(c) => due
            .select(Job::as_select())
            .for_update()
            .skip_locked()
            .first(&mut **c),
    }
    .optional()
}

fn interrupted() -> Problem {
    Problem {
        r#type: "/problems/interrupted".to_owned(),
        title: "Something broke on our side".to_owned(),
        status: 500,
        detail: Some(format!(
            "its process ended in the middle of it {MOST_ATTEMPTS} times; the logs of that process \
             may have the reason, such as too little memory"
        )),
        code: "interrupted".to_owned(),
        request_id: None,
        invalid_params: Vec::new(),
    }
}

fn begin(conn: &mut Conn, job: &Job, worker: RecordId, now: NaiveDateTime) -> QueryResult<Job> {
    on_conn!(conn, |c| diesel::update(jobs::table.find(job.id))
        .set((
            jobs::state.eq(State::Running),
            jobs::worker.eq(Some(worker)),
            jobs::attempts.eq(job.attempts + 1),
            jobs::due_at.eq(now + LEASE),
            jobs::started_at.eq(Some(now)),
            jobs::done.eq(0),
            jobs::total.eq(0),
        ))
        .execute(c))?;
    on_conn!(conn, |c| jobs::table
        .find(job.id)
        .select(Job::as_select())
        .first(c))
}

/// Updates the leased job with columns, where the lease is still what it was; answers whether it is.
macro_rules! update_leased {
    ($conn:expr, $leased:expr, $columns:expr) => {
        on_conn!($conn, |c| diesel::update(
            jobs::table
                .find($leased.id)
                .filter(jobs::state.eq($leased.state))
                .filter(jobs::attempts.eq($leased.attempts))
                .filter(jobs::worker.eq($leased.worker))
        )
        .set($columns)
        .execute(c))
        .map(|updated| updated > 0)
    };
}

/// Says that the worker is alive and how far it has come, and makes the lease last.
///
/// # Errors
/// What the database answers.
pub fn heartbeat(
    conn: &mut Conn,
    leased: &Job,
    (done, total): (i64, i64),
    now: NaiveDateTime,
) -> QueryResult<Beat> {
    let progress = (
        jobs::done.eq(done),
        jobs::total.eq(total),
        jobs::due_at.eq(now + LEASE),
    );
    if !update_leased!(conn, leased, progress)? {
        return Ok(Beat::Lost);
    }
    let is_cancelled: bool = on_conn!(conn, |c| jobs::table
        .find(leased.id)
        .select(jobs::is_cancelled)
        .first(c))?;
    Ok(if is_cancelled { Beat::Stop } else { Beat::GoOn })
}

/// Says that it is done, in the transaction of the work's own writes. Answers `false` where the lease is
/// lost: then the caller rolls back.
///
/// # Errors
/// What the database answers.
pub fn finish(
    conn: &mut Conn,
    leased: &Job,
    result: &str,
    now: NaiveDateTime,
) -> QueryResult<bool> {
    let done = (
        jobs::state.eq(State::Done),
        jobs::result.eq(Some(result)),
        jobs::failure.eq(None::<String>),
        jobs::done.eq(jobs::total),
        jobs::finished_at.eq(Some(now)),
    );
    update_leased!(conn, leased, done)
}

/// Says why it failed. When that may pass, and it was not tried [`MOST_ATTEMPTS`] times, it is tried again
/// after a pause that doubles each time; the reason stays beside it. Answers `false` where the lease is lost.
///
/// # Errors
/// What the database answers.
pub fn fail(
    conn: &mut Conn,
    leased: &Job,
    problem: &Problem,
    may_pass: bool,
    now: NaiveDateTime,
) -> QueryResult<bool> {
    let failure = serde_json::to_string(problem).ok();
    if may_pass && leased.attempts < MOST_ATTEMPTS {
        let pause = TimeDelta::seconds(1 << leased.attempts.clamp(1, 10) >> 1);
        let again = (
            jobs::state.eq(State::Queued),
            jobs::failure.eq(failure),
            jobs::due_at.eq(now + pause),
        );
        return update_leased!(conn, leased, again);
    }
    let failed = (
        jobs::state.eq(State::Failed),
        jobs::failure.eq(failure),
        jobs::finished_at.eq(Some(now)),
    );
    update_leased!(conn, leased, failed)
}

/// Gives a job back as if it had not been begun, such as when the process is told to stop.
///
/// # Errors
/// What the database answers.
pub fn release(conn: &mut Conn, leased: &Job, now: NaiveDateTime) -> QueryResult<bool> {
    let back = (
        jobs::state.eq(State::Queued),
        jobs::attempts.eq(leased.attempts - 1),
        jobs::due_at.eq(now),
        jobs::done.eq(0),
        jobs::total.eq(0),
    );
    update_leased!(conn, leased, back)
}

/// Says that a job has stopped because it was cancelled.
///
/// # Errors
/// What the database answers.
pub fn set_cancelled(conn: &mut Conn, leased: &Job, now: NaiveDateTime) -> QueryResult<bool> {
    let stopped = (
        jobs::state.eq(State::Cancelled),
        jobs::finished_at.eq(Some(now)),
    );
    update_leased!(conn, leased, stopped)
}

/// Cancels a job: at once when it waits, at the next heartbeat when it runs. One that is over stays as it
/// is. Answers it as it then stands.
///
/// # Errors
/// What the database answers.
pub fn cancel(conn: &mut Conn, id: RecordId, now: NaiveDateTime) -> QueryResult<Option<Job>> {
    on_conn!(conn, |c| diesel::update(
        jobs::table.find(id).filter(jobs::state.eq(State::Queued))
    )
    .set((
        jobs::state.eq(State::Cancelled),
        jobs::is_cancelled.eq(true),
        jobs::finished_at.eq(Some(now)),
    ))
    .execute(c))?;
    on_conn!(conn, |c| diesel::update(
        jobs::table.find(id).filter(jobs::state.eq(State::Running))
    )
    .set(jobs::is_cancelled.eq(true))
    .execute(c))?;
    find(conn, id)
}

/// One job.
///
/// # Errors
/// What the database answers.
pub fn find(conn: &mut Conn, id: RecordId) -> QueryResult<Option<Job>> {
    on_conn!(conn, |c| jobs::table
        .find(id)
        .select(Job::as_select())
        .first(c)
        .optional())
}

/// A page of all jobs.
///
/// # Errors
/// What the database answers.
pub fn list(conn: &mut Conn, place: &Place) -> QueryResult<PageRows<Job>> {
    on_conn!(conn, |c| page_rows!(
        c,
        place,
        jobs::table,
        jobs::id,
        Job::as_select(),
        {}
    ))
}

/// Forgets jobs that were over before a time; answers how many.
///
/// # Errors
/// What the database answers.
pub fn forget(conn: &mut Conn, before: NaiveDateTime) -> QueryResult<usize> {
    on_conn!(conn, |c| diesel::delete(
        jobs::table.filter(jobs::finished_at.lt(before))
    )
    .execute(c))
}
