//! The library of evidence: put in, replaced, withdrawn, found. Nothing in it is ever lost, since runs refer to it.

use chrono::NaiveDate;
use keepworth_contract::simulator::{
    Backtest, Evidence, EvidenceInput, EvidencePage, EvidenceQuery, Link, WithdrawalInput,
};
use keepworth_contract::{FaultCode, Flag, FlagCode, InvalidParam, ProblemCode};
use keepworth_intake::{Failure, Precondition, fault, page, version};
use keepworth_sim::scenario::WhichBacktest;
use keepworth_store::{Conn, Db, Named, RecordId};
use keepworth_verdict::{
    FoundBacktest, FoundEvidence, FoundLink, FoundRate, Library, backtests_known_to,
};

use crate::rule::evidence::{faults, grade};
use crate::store::evidence::{self, EvidenceRow};
use crate::store::{backtest, link};

/// Puts evidence into the library under a new key, in the caller's transaction.
pub fn create(conn: &mut Conn, new: &EvidenceInput) -> Result<Evidence, Failure> {
    create_of(conn, new, None)
}

/// The same, of a pilot whose records it was computed from.
pub(crate) fn create_of(
    conn: &mut Conn,
    new: &EvidenceInput,
    pilot_id: Option<RecordId>,
) -> Result<Evidence, Failure> {
    check(new)?;
    conn.lock_source("evidence", &new.key)?;
    if evidence::find_evidence(conn, &new.key, None)?.is_some() {
        return Err(Failure::conflict(
            ProblemCode::Duplicate,
            format!(
                "evidence has the key `{0}` already; take another key, or replace it: PUT /v1/evidence/{0}",
                new.key
            ),
        ));
    }
    let id = RecordId::generate();
    write(conn, id, 1, new, pilot_id, None)
}

/// Replaces evidence by its next version, in the caller's transaction.
pub fn put(
    conn: &mut Conn,
    key: &str,
    precondition: &Precondition,
    new: &EvidenceInput,
) -> Result<Evidence, Failure> {
    if new.key != key {
        let reason = format!("is `{}`, and the path's is `{key}`; a key stays", new.key);
        let param = InvalidParam::new("key", FaultCode::Contradiction, reason);
        return Err(Failure::invalid(vec![param]));
    }
    check(new)?;
    conn.lock_source("evidence", key)?;
    let row = current(conn, key)?;
    let (id, pilot_id) = (row.id, row.pilot_id);
    let before = told(row)?;
    precondition.check(Some(&before), before.statement != *new)?;
    if pilot_id.is_some() {
        return Err(Failure::conflict(
            ProblemCode::InUse,
            format!(
                "the figures of `{key}` were computed from a pilot's records, and nobody types others; \
                 withdraw it, and add what is known beside them under a key of its own"
            ),
        ));
    }
    let put = write(conn, id, before.version + 1, new, None, None)?;
    version::note_change(Some(&before), Some(&put))?;
    Ok(put)
}

/// Withdraws evidence, in the caller's transaction: no new run may refer to it, those that did stay.
pub fn withdraw(conn: &mut Conn, key: &str, why: &WithdrawalInput) -> Result<Evidence, Failure> {
    let fault = fault::text("reason", &why.reason, 1_000);
    if let Some(fault) = fault {
        return Err(Failure::invalid(vec![fault]));
    }
    conn.lock_source("evidence", key)?;
    let row = current(conn, key)?;
    let (id, pilot_id) = (row.id, row.pilot_id);
    let before = told(row)?;
    if let Some(reason) = &before.withdrawn {
        let detail = format!("`{key}` was withdrawn already: {reason}");
        return Err(Failure::conflict(ProblemCode::Duplicate, detail));
    }
    let (next, reason) = (before.version + 1, Some(why.reason.clone()));
    let withdrawn = write(conn, id, next, &before.statement, pilot_id, reason)?;
    version::note_change(Some(&before), Some(&withdrawn))?;
    Ok(withdrawn)
}

/// Lists the library, each in its last version.
pub async fn list(db: &Db, query: EvidenceQuery) -> Result<EvidencePage, Failure> {
    page::list_told(db, query, evidence::list_evidence, |row| row.id, told).await
}

/// The evidence of a key in its last version, or in that of `KEY@VERSION`.
pub fn load(conn: &mut Conn, key: &str) -> Result<Evidence, Failure> {
    told(find(conn, key)?.ok_or_else(|| unknown(key))?)
}

fn current(conn: &mut Conn, key: &str) -> Result<EvidenceRow, Failure> {
    evidence::find_evidence(conn, key, None)?.ok_or_else(|| unknown(key))
}

fn unknown(key: &str) -> Failure {
    Failure::not_found(format!(
        "no evidence has the key `{key}`; GET /v1/evidence lists the library"
    ))
}

fn find(conn: &mut Conn, key: &str) -> Result<Option<EvidenceRow>, Failure> {
    page::check_text("key", Some(key))?;
    let Some((key, version)) = key.split_once('@') else {
        return Ok(evidence::find_evidence(conn, key, None)?);
    };
    match version.parse() {
        Ok(version) => Ok(evidence::find_evidence(conn, key, Some(version))?),
        Err(_) => Ok(None),
    }
}

fn check(new: &EvidenceInput) -> Result<(), Failure> {
    let faults = faults(new, keepworth_store::now().date_naive());
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Failure::invalid(faults))
    }
}

fn write(
    conn: &mut Conn,
    id: RecordId,
    version: u32,
    statement: &EvidenceInput,
    pilot_id: Option<RecordId>,
    withdrawn: Option<String>,
) -> Result<Evidence, Failure> {
    let row = EvidenceRow {
        id,
        version: i32::try_from(version).map_err(Failure::internal)?,
        key: statement.key.clone(),
        lever: Named::new(statement.lever),
        statement: serde_json::to_string(statement).map_err(Failure::internal)?,
        hash: statement.compute_hash().map_err(Failure::internal)?,
        pilot_id,
        withdrawn,
        is_current: true,
        recorded_at: keepworth_store::now().naive_utc(),
    };
    evidence::insert_version(conn, &row)?;
    told(row)
}

fn told(row: EvidenceRow) -> Result<Evidence, Failure> {
    let statement: EvidenceInput =
        serde_json::from_str(&row.statement).map_err(Failure::internal)?;
    let graded = grade(&statement);
    let overdue = (statement.review_on < keepworth_store::now().date_naive()).then(|| {
        let detail = format!("was to be looked at again by {}", statement.review_on);
        Flag::new(FlagCode::ReviewOverdue, detail)
    });
    Ok(Evidence {
        id: row.id.0,
        version: u32::try_from(row.version).map_err(Failure::internal)?,
        hash: row.hash,
        statement,
        grade: graded.grade,
        reasons: graded.reasons,
        withdrawn: row.withdrawn,
        pilot_id: row.pilot_id.map(|it| it.0),
        quality_flags: overdue.into_iter().collect(),
        recorded_at: row.recorded_at.and_utc(),
    })
}

/// What is kept, as scenarios refer to it.
pub(crate) struct Shelf<'a> {
    pub(crate) conn: &'a mut Conn,
    /// The day of the baseline that they stand on.
    pub(crate) as_of: NaiveDate,
    /// Its currency.
    pub(crate) currency: &'a str,
    /// What finance said of others.
    pub(crate) rates: &'a [FoundRate],
}

impl Library for Shelf<'_> {
    type Error = Failure;

    fn evidence(&mut self, key: &str) -> Result<Option<FoundEvidence>, Failure> {
        let Some(row) = find(self.conn, key)? else {
            return Ok(None);
        };
        let mut evidence = told(row)?;
        // Its versions are withdrawn with it.
        evidence.withdrawn = load(self.conn, &evidence.statement.key)?.withdrawn;
        Ok(Some(evidence.into()))
    }

    fn link(&mut self, id: &str) -> Result<Option<FoundLink>, Failure> {
        let Ok(id) = id.parse() else {
            return Ok(None);
        };
        let document = link::find_document(self.conn, RecordId(id))?;
        let read = |text: String| serde_json::from_str::<Link>(&text).map_err(Failure::internal);
        Ok(document.map(read).transpose()?.map(FoundLink::from))
    }

    fn backtest(&mut self, which: &WhichBacktest) -> Result<Option<FoundBacktest>, Failure> {
        let row = match which {
            WhichBacktest::Newest => {
                backtest::find_newest(self.conn, &backtests_known_to(self.as_of))?
            }
            WhichBacktest::Id(id) => match id.parse() {
                Ok(id) => backtest::find_backtest(self.conn, RecordId(id))?,
                Err(_) => None,
            },
        };
        let found = row.map(Backtest::try_from).transpose()?;
        Ok(found.map(FoundBacktest::from))
    }

    fn currency(&self) -> &str {
        self.currency
    }

    fn exchange(&mut self, code: &str) -> Result<Option<FoundRate>, Failure> {
        let is_it = |it: &&FoundRate| it.outlook.rate.base.code() == code;
        Ok(self.rates.iter().find(is_it).cloned())
    }
}
