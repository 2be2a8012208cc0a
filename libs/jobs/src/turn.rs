//! Whose turn it is: how many jobs one caller may have open, and which is done next.
//!
//! Who is asked for by several callers takes from each in turn: what one has ordered, however much, keeps
//! nobody else waiting for longer than the job in work.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDateTime;
use diesel::prelude::*;
use keepworth_access::{Act, Caller, Errand};
use keepworth_contract::{JobKind, Word};
use keepworth_store::{Conn, RecordId, on_conn};

use crate::State;
use crate::schema::jobs;

/// How many jobs of a kind may be open, that is in work or waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Of one caller.
    pub of_caller: u32,
    /// Of all.
    pub in_all: u32,
    /// The setting that says how many of one caller.
    pub setting: &'static str,
}

impl Room {
    /// So many of one caller, as a setting has it, and of all as many as of eight callers.
    #[must_use]
    pub fn of_caller(of_caller: u32, setting: &'static str) -> Self {
        Self {
            of_caller,
            in_all: of_caller.saturating_mul(8),
            setting,
        }
    }
}

/// That there is no room for another job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full {
    /// As many as may be are open.
    pub open: u32,
    /// Whether they are all of the caller, or of all callers together.
    pub is_of_caller: bool,
    /// When there may be room again, by how long the last job took and since when one is in work.
    pub pause_seconds: u64,
}

impl Full {
    /// What a caller is told of it, who wanted a job of a kind.
    pub(crate) fn told(&self, kind: JobKind, setting: &str) -> String {
        let what = plural(kind);
        let (open, yours) = (self.open, if self.is_of_caller { " of yours" } else { "" });
        let many = if self.is_of_caller {
            "one caller"
        } else {
            "all callers"
        };
        format!(
            "{open} {what}{yours} are in work or wait, as many as {many} may have ({setting}); come again when \
             one is done, which may be in {} s",
            self.pause_seconds
        )
    }
}

/// What jobs of a kind make, in a sentence.
fn plural(kind: JobKind) -> &'static str {
    match kind {
        JobKind::Run => "runs",
        JobKind::Baseline => "baselines",
        JobKind::PilotReading => "readings of pilots",
        JobKind::Backtest => "backtests",
        JobKind::Tracking => "trackings",
        JobKind::Question => "questions",
        JobKind::SegmentMonthCount => "counts",
        JobKind::GeneralLedgerImport => "general ledgers",
        JobKind::Import => "imports",
        JobKind::Erasure => "erasures",
        JobKind::Link => "links",
    }
}

/// Whose a job is; the service's own is nobody's.
type Whose = Option<(String, String)>;

fn whose(caller: &Caller) -> Whose {
    Some((caller.issuer.clone(), caller.subject.clone()))
}

fn of_errand(errand: Option<&str>) -> Whose {
    let errand = serde_json::from_str::<Errand>(errand?).ok()?;
    whose(&errand.caller)
}

/// Whether there is no room for another job of a kind, of the caller for whom this is called. Until the
/// transaction ends nobody else counts, so that the limit holds.
///
/// # Errors
/// What the database answers.
pub fn full(
    conn: &mut Conn,
    kind: JobKind,
    room: Room,
    now: NaiveDateTime,
) -> QueryResult<Option<Full>> {
    conn.lock_source("jobs", kind.name())?;
    let open: Vec<Option<String>> = on_conn!(conn, |c| jobs::table
        .filter(
            jobs::kind
                .eq(kind.name())
                .and(jobs::state.eq_any(State::OPEN))
        )
        .select(jobs::errand)
        .load(c))?;
    let caller = Act::current().and_then(|act| whose(act.caller()));
    let own = open.iter().filter(|it| of_errand(it.as_deref()) == caller);
    let is_of_caller = own.count() >= room.of_caller as usize;
    if !is_of_caller && open.len() < room.in_all as usize {
        return Ok(None);
    }
    Ok(Some(Full {
        open: if is_of_caller {
            room.of_caller
        } else {
            room.in_all
        },
        is_of_caller,
        pause_seconds: pause(conn, kind, now)?,
    }))
}

/// Seconds that the last job of a kind took, less those that the one in work has had.
fn pause(conn: &mut Conn, kind: JobKind, now: NaiveDateTime) -> QueryResult<u64> {
    let last: Option<(Option<NaiveDateTime>, Option<NaiveDateTime>)> =
        on_conn!(conn, |c| jobs::table
            .filter(jobs::kind.eq(kind.name()).and(jobs::state.eq(State::Done)))
            .order(jobs::finished_at.desc())
            .select((jobs::started_at, jobs::finished_at))
            .first(c)
            .optional())?;
    let begun: Option<Option<NaiveDateTime>> = on_conn!(conn, |c| jobs::table
        .filter(
            jobs::kind
                .eq(kind.name())
                .and(jobs::state.eq(State::Running))
        )
        .order(jobs::started_at)
        .select(jobs::started_at)
        .first(c)
        .optional())?;
    let took = last.and_then(|(started, finished)| Some(finished? - started?));
    let had = begun.flatten().map(|started| now - started);
    let left = took.unwrap_or_default() - had.unwrap_or_default();
    let seconds = left.num_seconds() + 1;
    Ok(seconds.max(1).unsigned_abs())
}

/// The jobs that are due, the next one first: of each caller the oldest, and the caller's first who has waited
/// longest since one of theirs was begun.
pub(crate) fn in_turn(
    conn: &mut Conn,
    kinds: &[JobKind],
    now: NaiveDateTime,
) -> QueryResult<Vec<RecordId>> {
    let due: Vec<(RecordId, Option<String>)> = on_conn!(conn, |c| jobs::table
        .filter(jobs::state.eq_any(State::OPEN))
        .filter(jobs::kind.eq_any(kinds.iter().map(|kind| kind.name())))
        .filter(jobs::due_at.le(now))
        .order(jobs::id)
        .select((jobs::id, jobs::errand))
        .load(c))?;
    let mut lines: BTreeMap<Whose, Vec<RecordId>> = BTreeMap::new();
    for (id, errand) in due {
        lines
            .entry(of_errand(errand.as_deref()))
            .or_default()
            .push(id);
    }
    if lines.len() < 2 {
        return Ok(lines.into_values().next().unwrap_or_default());
    }
    let served = last_served(conn, kinds)?;
    let mut lines = Vec::from_iter(lines);
    lines.sort_by_key(|(whose, ids)| (served.get(whose).copied(), ids.first().copied()));
    Ok(lines.into_iter().flat_map(|(_, ids)| ids).collect())
}

/// Jobs begun last that are looked at: more callers than that wait in the order of what they ordered.
const LOOKED_AT: i64 = 256;

/// When a job of each caller was last begun.
fn last_served(conn: &mut Conn, kinds: &[JobKind]) -> QueryResult<HashMap<Whose, NaiveDateTime>> {
    let begun: Vec<(Option<String>, Option<NaiveDateTime>)> = on_conn!(conn, |c| jobs::table
        .filter(jobs::kind.eq_any(kinds.iter().map(|kind| kind.name())))
        .filter(jobs::started_at.is_not_null())
        .order(jobs::started_at.desc())
        .limit(LOOKED_AT)
        .select((jobs::errand, jobs::started_at))
        .load(c))?;
    let mut served = HashMap::new();
    for (errand, started) in begun {
        let whose = of_errand(errand.as_deref());
        if let Some(started) = started {
            served.entry(whose).or_insert(started);
        }
    }
    Ok(served)
}
