//! Programmes: written in versions, taken through their steps, and held against what finance has under their keys.

mod known;
mod money;
mod step;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use keepworth_contract::ProblemCode;
use keepworth_contract::simulator::{
    Actor, GateOutcome, Programme, ProgrammeGate, ProgrammeInput, ProgrammePage, ProgrammeQuery,
    ProgrammeState, ProgrammeStep, ProgrammeVersionQuery,
};
use keepworth_contract::{FaultCode, InvalidParam};
use keepworth_intake::{Failure, Precondition, page, version};
use keepworth_store::{Conn, Db, Named, RecordId};
use serde::{Deserialize, Serialize};

use crate::app::actor::{self, Deed};
use crate::rule::programme::{Known, StepError, faults, next, taken};
use crate::store::programme::{self, KeyRow, ProgrammeRow};

pub use known::{Names, names_known};
pub(crate) use money::find_budget;
pub use money::{money, unassigned};
pub use step::{close, decide_gate, start, stop};

/// What was decided at a gate, as it is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Decision {
    gate: String,
    outcome: GateOutcome,
    reason: String,
    by: Actor,
    at: DateTime<Utc>,
}

/// Keeps a programme under a new key, in the caller's transaction.
pub fn create(
    conn: &mut Conn,
    new: &ProgrammeInput,
    known: Result<Names, Failure>,
) -> Result<Programme, Failure> {
    check(new, &known?.0)?;
    hold(conn)?;
    if programme::find_programme(conn, new.key.as_str(), None)?.is_some() {
        let detail = format!(
            "a programme has the key `{0}` already; take another key, or write its next version: PUT \
             /v1/programmes/{0}",
            new.key
        );
        return Err(Failure::conflict(ProblemCode::Duplicate, detail));
    }
    claim(conn, new)?;
    let (state, step) = (ProgrammeState::Proposed, ProgrammeStep::Written);
    write(conn, 1, state, step, new, &[])
}

/// Writes what a programme is from now on, in the caller's transaction, if its newest version is still the one that the
/// caller has read.
pub fn put(
    conn: &mut Conn,
    key: &str,
    precondition: &Precondition,
    new: &ProgrammeInput,
    known: Result<Names, Failure>,
) -> Result<Programme, Failure> {
    if new.key.as_str() != key {
        let reason = format!("is `{}`, and the path's is `{key}`; a key stays", new.key);
        return Err(Failure::invalid(vec![InvalidParam::new(
            "key",
            FaultCode::Contradiction,
            reason,
        )]));
    }
    check(new, &known?.0)?;
    hold(conn)?;
    let (before, decisions) = find(conn, key, None)?;
    let changes = before.statement != *new;
    precondition.check(Some(&before), changes)?;
    if !changes {
        // Sent again, it is one version.
        return Ok(before);
    }
    let step = ProgrammeStep::Written;
    let state = next(before.state, step, new, &before.gates).map_err(|it| refused(key, &it))?;
    keep_decided(new, &before.gates)?;
    claim(conn, new)?;
    let put = write(conn, before.version + 1, state, step, new, &decisions)?;
    version::note_change(Some(&before), Some(&put))?;
    Ok(put)
}

/// Lists programmes, each in its newest version.
pub async fn list(db: &Db, query: ProgrammeQuery) -> Result<ProgrammePage, Failure> {
    page::list(db, query, programme::list_programmes, |row| row.id).await
}

/// Lists the versions of a programme.
pub async fn list_versions(
    db: &Db,
    key: String,
    query: ProgrammeVersionQuery,
) -> Result<ProgrammePage, Failure> {
    let of = key.clone();
    db.read(move |conn| load(conn, &of, None)).await?;
    let read = move |conn: &mut Conn, place: &_, _: &_| programme::list_versions(conn, place, &key);
    page::list(db, query, read, |row| row.id).await
}

/// A version of a programme, or its newest.
pub fn load(conn: &mut Conn, key: &str, version: Option<u32>) -> Result<Programme, Failure> {
    Ok(find(conn, key, version)?.0)
}

/// The same, with what was decided.
fn find(
    conn: &mut Conn,
    key: &str,
    version: Option<u32>,
) -> Result<(Programme, Vec<Decision>), Failure> {
    page::check_text("key", Some(key))?;
    let found = match version.map(i32::try_from).transpose() {
        Ok(version) => programme::find_programme(conn, key, version)?,
        // No version has a number that is none of the column's.
        Err(_) => None,
    };
    let row = found.ok_or_else(|| match version {
        None => Failure::not_found(format!(
            "no programme has the key `{key}`; GET /v1/programmes lists them"
        )),
        Some(version) => Failure::not_found(format!(
            "no programme `{key}` has a version {version}; GET /v1/programmes/{key}/versions lists what there is"
        )),
    })?;
    let decisions = read(&row.decisions)?;
    Ok((row.try_into()?, decisions))
}

/// Whose each key is.
pub(crate) fn owners(conn: &mut Conn) -> Result<BTreeMap<String, String>, Failure> {
    let rows = programme::load_keys(conn)?.into_iter();
    Ok(rows.map(|it| (it.key, it.programme)).collect())
}

/// Keeps every other writer of programmes waiting until the transaction ends: they share keys.
fn hold(conn: &mut Conn) -> Result<(), Failure> {
    Ok(conn.lock_source("programmes", "")?)
}

fn check(new: &ProgrammeInput, known: &Known) -> Result<(), Failure> {
    let today = keepworth_store::now().date_naive();
    invalid(faults(new, known, today))
}

fn invalid(faults: Vec<InvalidParam>) -> Result<(), Failure> {
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Failure::invalid(faults))
    }
}

/// Makes every key of a programme its own.
fn claim(conn: &mut Conn, new: &ProgrammeInput) -> Result<(), Failure> {
    invalid(taken(new, &owners(conn)?))?;
    let keys = new.initiatives.iter().map(|it| &it.key);
    let row = |key: &keepworth_contract::ProgrammeKey| KeyRow {
        key: key.to_string(),
        programme: new.key.to_string(),
    };
    let rows = Vec::from_iter([&new.key].into_iter().chain(keys).map(row));
    Ok(programme::put_keys(conn, new.key.as_str(), &rows)?)
}

/// A gate that was decided stays as it was when it was decided.
fn keep_decided(new: &ProgrammeInput, gates: &[ProgrammeGate]) -> Result<(), Failure> {
    let decided = gates.iter().filter(|it| it.outcome != GateOutcome::Open);
    let is_kept = |gate: &ProgrammeGate| {
        let mut same = new.gates.iter().filter(|it| it.name == gate.name);
        same.any(|it| it.due == gate.due && it.criterion == gate.criterion)
    };
    let fault = |gate: &ProgrammeGate| {
        let reason = format!(
            "the gate `{}` was decided, and stays with its month and its criterion; open it again first (:decide-gate)",
            gate.name
        );
        InvalidParam::new("gates", FaultCode::Contradiction, reason)
    };
    invalid(decided.filter(|it| !is_kept(it)).map(fault).collect())
}

fn refused(key: &str, error: &StepError) -> Failure {
    let detail = format!("the programme `{key}`: {error}");
    Failure::conflict(ProblemCode::WrongState, detail)
}

fn write(
    conn: &mut Conn,
    version: u32,
    state: ProgrammeState,
    step: ProgrammeStep,
    statement: &ProgrammeInput,
    decisions: &[Decision],
) -> Result<Programme, Failure> {
    let deed = Deed::current()?;
    let row = ProgrammeRow {
        id: RecordId::generate(),
        key: statement.key.to_string(),
        version: i32::try_from(version).map_err(Failure::internal)?,
        name: statement.name.clone(),
        state: Named::new(state),
        statement: serde_json::to_string(statement).map_err(Failure::internal)?,
        decisions: serde_json::to_string(decisions).map_err(Failure::internal)?,
        step: Named::new(step),
        by_whom: actor::write(&deed.by)?,
        reason: deed.reason,
        is_current: true,
        recorded_at: keepworth_store::now().naive_utc(),
    };
    programme::insert_version(conn, &row)?;
    row.try_into()
}

fn read(decisions: &str) -> Result<Vec<Decision>, Failure> {
    serde_json::from_str(decisions).map_err(Failure::internal)
}

/// The gates, each with its last decision.
fn gates(statement: &ProgrammeInput, decisions: &[Decision]) -> Vec<ProgrammeGate> {
    let all = statement.gates.iter();
    let told = all.map(|it| {
        let decision = decisions.iter().rfind(|made| made.gate == it.name);
        ProgrammeGate {
            name: it.name.clone(),
            due: it.due,
            criterion: it.criterion.clone(),
            outcome: decision.map_or(GateOutcome::Open, |it| it.outcome),
            reason: decision.map(|it| it.reason.clone()),
            decided_by: decision.map(|it| it.by.clone()),
            decided_at: decision.map(|it| it.at),
        }
    });
    told.collect()
}

impl TryFrom<ProgrammeRow> for Programme {
    type Error = Failure;

    fn try_from(row: ProgrammeRow) -> Result<Self, Failure> {
        let statement: ProgrammeInput =
            serde_json::from_str(&row.statement).map_err(Failure::internal)?;
        Ok(Self {
            id: row.id.0,
            version: u32::try_from(row.version).map_err(Failure::internal)?,
            state: row.state.0,
            gates: gates(&statement, &read(&row.decisions)?),
            statement,
            step: row.step.0,
            by: actor::read(&row.by_whom)?,
            reason: row.reason,
            recorded_at: row.recorded_at.and_utc(),
        })
    }
}
