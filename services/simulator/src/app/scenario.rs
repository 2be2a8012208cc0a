//! Scenarios that are kept: created, replaced by a next version, forked, archived, held against each other, looked
//! through. No version is ever lost, since runs are of them.

mod exchange;
mod lint;
mod opened;
mod ready;
pub(crate) mod written;

use keepworth_contract::simulator::{
    ScenarioArchiveInput, ScenarioDiff, ScenarioDiffQuery, ScenarioDocument, ScenarioForkInput,
    ScenarioInput, ScenarioQuery, ScenarioSummary, ScenarioSummaryPage, ScenarioTemplateList,
    ScenarioVersionInput, ScenarioVersionQuery,
};
use keepworth_contract::{ProblemCode, digest};
use keepworth_intake::{Failure, Precondition, fault, page, version};
use keepworth_store::{Conn, Db, RecordId};
use keepworth_verdict::FoundRate;
use sha2::{Digest, Sha256};

pub(crate) use exchange::exchange_rates;
pub use lint::{lint, lint_with_budgets};
pub(crate) use opened::OpenedBaselines;
pub(crate) use ready::Ready;

use crate::Simulator;
use crate::app::actor::{self, Deed};
use crate::app::run::reference_to;
use crate::rule::evidence;
use crate::rule::scenario::differences;
use crate::store::scenario::{self, ScenarioRow, ScenarioTextRow};
use written::Written;

/// The longest reason, in characters.
const LONGEST_REASON: usize = 1_000;

/// What finance says of the currencies of a scenario that is to be kept: asked before a transaction begins.
pub async fn rates_of_new(app: &Simulator, new: &ScenarioInput) -> Result<Vec<FoundRate>, Failure> {
    exchange_rates(app, new.into()).await
}

/// The same of a next version.
pub async fn rates_of_version(
    app: &Simulator,
    new: &ScenarioVersionInput,
) -> Result<Vec<FoundRate>, Failure> {
    exchange_rates(app, new.into()).await
}

/// Keeps a scenario under a new key, in the caller's transaction, if it can be run on its baseline.
pub fn create(
    conn: &mut Conn,
    new: &ScenarioInput,
    rates: Result<Vec<FoundRate>, Failure>,
) -> Result<ScenarioDocument, Failure> {
    check(Some(&new.key), new.reason.as_deref())?;
    let name = name_on_baseline(conn, new.into(), rates)?;
    hold_free(conn, &new.key)?;
    let next = Next {
        key: new.key.clone(),
        version: 1,
        name,
        scenario: new.scenario.clone(),
        baseline_hash: new.baseline_hash.clone(),
        forked: None,
        reason: new.reason.clone(),
    };
    next.write(conn)
}

/// Writes the next version of a scenario, in the caller's transaction, if it can be run on its baseline and the newest
/// is still the one that the caller has read.
pub fn put(
    conn: &mut Conn,
    key: &str,
    precondition: &Precondition,
    new: &ScenarioVersionInput,
    rates: Result<Vec<FoundRate>, Failure>,
) -> Result<ScenarioDocument, Failure> {
    check(None, new.reason.as_deref())?;
    conn.lock_source("scenario", key)?;
    let before = load(conn, key, None)?;
    let changes = before.scenario != new.scenario
        || before.summary.baseline_hash != new.baseline_hash
        || before.summary.reason != new.reason;
    precondition.check(Some(&before), changes)?;
    if !changes {
        // Sent again, it is one version.
        return Ok(before);
    }
    if let Some(reason) = &before.summary.archived {
        let detail =
            format!("`{key}` was archived: {reason}; fork it: POST /v1/scenarios/{key}:fork");
        return Err(Failure::conflict(ProblemCode::InUse, detail));
    }
    let next = Next {
        key: key.to_owned(),
        version: before.summary.version + 1,
        name: name_on_baseline(conn, new.into(), rates)?,
        scenario: new.scenario.clone(),
        baseline_hash: new.baseline_hash.clone(),
        forked: None,
        reason: new.reason.clone(),
    };
    let put = next.write(conn)?;
    version::note_change(Some(&before), Some(&put))?;
    Ok(put)
}

/// Begins a scenario with what another says, in the caller's transaction.
pub fn fork(
    conn: &mut Conn,
    key: &str,
    fork: &ScenarioForkInput,
) -> Result<ScenarioDocument, Failure> {
    check(Some(&fork.key), fork.reason.as_deref())?;
    let of = load(conn, key, fork.version)?;
    hold_free(conn, &fork.key)?;
    let next = Next {
        key: fork.key.clone(),
        version: 1,
        name: of.summary.name,
        scenario: of.scenario,
        baseline_hash: of.summary.baseline_hash,
        forked: Some((of.summary.key, of.summary.version)),
        reason: fork.reason.clone(),
    };
    let forked = next.write(conn)?;
    version::note_change(None, Some(&forked))?;
    Ok(forked)
}

/// Archives a scenario, in the caller's transaction: it takes no new version, and lists leave it out.
pub fn archive(
    conn: &mut Conn,
    key: &str,
    why: &ScenarioArchiveInput,
) -> Result<ScenarioDocument, Failure> {
    check(None, Some(&why.reason))?;
    conn.lock_source("scenario", key)?;
    let before = load(conn, key, None)?;
    if let Some(reason) = &before.summary.archived {
        let detail = format!("`{key}` was archived already: {reason}");
        return Err(Failure::conflict(ProblemCode::Duplicate, detail));
    }
    scenario::archive(conn, key, &why.reason)?;
    let archived = load(conn, key, None)?;
    version::note_change(Some(&before), Some(&archived))?;
    Ok(archived)
}

/// Lists scenarios, each in its newest version.
pub async fn list(db: &Db, query: ScenarioQuery) -> Result<ScenarioSummaryPage, Failure> {
    page::check_text("baseline_hash", query.baseline_hash.as_deref())?;
    page::list(db, query, scenario::list_scenarios, |row| row.id).await
}

/// Lists the versions of a scenario.
pub async fn list_versions(
    db: &Db,
    key: String,
    query: ScenarioVersionQuery,
) -> Result<ScenarioSummaryPage, Failure> {
    let of = key.clone();
    db.read(move |conn| load(conn, &of, None)).await?;
    let read = move |conn: &mut Conn, place: &_, _: &_| scenario::list_versions(conn, place, &key);
    page::list(db, query, read, |row| row.id).await
}

/// A version of a scenario, or its newest.
pub fn load(conn: &mut Conn, key: &str, version: Option<u32>) -> Result<ScenarioDocument, Failure> {
    let row = find_version(conn, key, version)?.ok_or_else(|| match version {
        None => Failure::not_found(format!(
            "no scenario has the key `{key}`; GET /v1/scenarios lists them"
        )),
        Some(version) => Failure::not_found(format!(
            "no scenario `{key}` has a version {version}; GET /v1/scenarios/{key}/versions lists what there is"
        )),
    })?;
    row.try_into()
}

/// A version of a scenario, or its newest, if it is there.
pub(crate) fn find_version(
    conn: &mut Conn,
    key: &str,
    version: Option<u32>,
) -> Result<Option<ScenarioTextRow>, Failure> {
    page::check_text("key", Some(key))?;
    // No version has a number that is none of the column's.
    let Ok(version) = version.map(i32::try_from).transpose() else {
        return Ok(None);
    };
    Ok(scenario::find_scenario(conn, key, version)?)
}

/// What two versions of a scenario say differently.
pub fn diff(
    conn: &mut Conn,
    key: &str,
    which: &ScenarioDiffQuery,
) -> Result<ScenarioDiff, Failure> {
    let from = load(conn, key, Some(which.from))?;
    let to = load(conn, key, Some(which.to))?;
    Ok(ScenarioDiff {
        key: key.to_owned(),
        from: which.from,
        to: which.to,
        changes: differences(&from, &to).map_err(Failure::internal)?,
    })
}

/// Scenarios to begin with.
#[must_use]
pub fn templates() -> ScenarioTemplateList {
    ScenarioTemplateList {
        items: keepworth_verdict::template::all().collect(),
    }
}

/// A version that is to be written.
struct Next {
    key: String,
    version: u32,
    name: String,
    scenario: String,
    baseline_hash: String,
    forked: Option<(String, u32)>,
    reason: Option<String>,
}

impl Next {
    fn write(self, conn: &mut Conn) -> Result<ScenarioDocument, Failure> {
        let number = |it: u32| i32::try_from(it).map_err(Failure::internal);
        let (forked_key, forked_version) = self.forked.unzip();
        let summary = ScenarioRow {
            id: RecordId::generate(),
            key: self.key,
            version: number(self.version)?,
            name: self.name,
            hash: digest::hex(&Sha256::digest(&self.scenario)),
            baseline_hash: self.baseline_hash,
            forked_key,
            forked_version: forked_version.map(number).transpose()?,
            reason: self.reason,
            archived: None,
            is_current: true,
            recorded_at: keepworth_store::now().naive_utc(),
            author: Deed::find().map(|it| actor::write(&it.by)).transpose()?,
        };
        let scenario = self.scenario;
        let row = ScenarioTextRow { summary, scenario };
        scenario::insert_version(conn, &row)?;
        row.try_into()
    }
}

/// The name that a scenario gives itself, if it can be run on its baseline.
fn name_on_baseline(
    conn: &mut Conn,
    written: Written<'_>,
    rates: Result<Vec<FoundRate>, Failure>,
) -> Result<String, Failure> {
    let referred = written.on_baseline(conn, &rates?)?;
    Ok(referred.scenario.name)
}

/// That no scenario has a key, until the transaction ends.
fn hold_free(conn: &mut Conn, key: &str) -> Result<(), Failure> {
    conn.lock_source("scenario", key)?;
    if scenario::find_scenario(conn, key, None)?.is_none() {
        return Ok(());
    }
    Err(Failure::conflict(
        ProblemCode::Duplicate,
        format!(
            "a scenario has the key `{key}` already; take another key, or write its next version: PUT \
             /v1/scenarios/{key}"
        ),
    ))
}

fn check(key: Option<&str>, reason: Option<&str>) -> Result<(), Failure> {
    let mut faults = Vec::from_iter(key.and_then(evidence::key));
    faults.extend(reason.and_then(|it| fault::text("reason", it, LONGEST_REASON)));
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Failure::invalid(faults))
    }
}

impl<'a> From<&'a ScenarioInput> for Written<'a> {
    fn from(new: &'a ScenarioInput) -> Self {
        Self {
            scenario: &new.scenario,
            baseline_hash: &new.baseline_hash,
        }
    }
}

impl<'a> From<&'a ScenarioVersionInput> for Written<'a> {
    fn from(new: &'a ScenarioVersionInput) -> Self {
        Self {
            scenario: &new.scenario,
            baseline_hash: &new.baseline_hash,
        }
    }
}

impl TryFrom<ScenarioRow> for ScenarioSummary {
    type Error = Failure;

    fn try_from(row: ScenarioRow) -> Result<Self, Failure> {
        let forked = row.forked_key.zip(row.forked_version);
        Ok(Self {
            id: row.id.0,
            key: row.key,
            version: u32::try_from(row.version).map_err(Failure::internal)?,
            name: row.name,
            hash: row.hash,
            baseline_hash: row.baseline_hash,
            forked_from: forked
                .map(|(key, version)| reference_to(key, version))
                .transpose()?,
            reason: row.reason,
            archived: row.archived,
            recorded_at: row.recorded_at.and_utc(),
        })
    }
}

impl TryFrom<ScenarioTextRow> for ScenarioDocument {
    type Error = Failure;

    fn try_from(row: ScenarioTextRow) -> Result<Self, Failure> {
        Ok(Self {
            summary: row.summary.try_into()?,
            scenario: row.scenario,
        })
    }
}
