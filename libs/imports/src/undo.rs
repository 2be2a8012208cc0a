//! Undoing: what an import created is taken away, what it changed is put back, all of it or nothing.

use std::collections::BTreeSet;

use chrono::NaiveDateTime;
use keepworth_contract::{Import, ProblemCode};
use keepworth_intake::{Failure, erased};
use keepworth_jobs::table as jobs;
use keepworth_store::{Conn, RecordId};
use serde_json::Value;

use crate::Imports;
use crate::journal::{Change, digest};
use crate::kept::{Kept, Rows};
use crate::kind::{Held, Takes};
use crate::store::change::{self, ChangeRow};
use crate::store::import::{self, ImportRow};
use crate::told;

/// Rows that are looked at, taken away or put back at once.
const CHUNK: i64 = 1_000;
/// Refused rows that are named.
const NAMED: usize = 5;

impl Imports {
    /// Takes back what an import wrote.
    ///
    /// # Errors
    /// [`Kind::Conflict`](keepworth_intake::Kind::Conflict) where it cannot be taken back as a whole: the
    /// first records are named with the reasons, and nothing is changed.
    pub async fn undo(&self, id: RecordId) -> Result<Import, Failure> {
        let kinds = self.kinds;
        self.db().write(move |conn| undo(conn, kinds, id)).await
    }
}

fn undo(conn: &mut Conn, kinds: &[&dyn Takes], id: RecordId) -> Result<Import, Failure> {
    // Nobody is erased meanwhile, and put back by it.
    erased::hold(conn)?;
    let row = import::load_locked(conn, id)?;
    if row.undone_at.is_some() {
        return crate::find_one(conn, id);
    }
    check(conn, &row)?;
    let kind = kinds.iter().find(|it| it.name() == row.kind);
    let kind = *kind.ok_or_else(|| Failure::internal(format!("no {} are kept", row.kind)))?;
    let now = keepworth_store::now().naive_utc();
    kind.hold(conn)?;
    for table in kind.tables() {
        let refused = each_chunk(conn, id, *table, |conn, chunk| {
            look(conn, kind, *table, chunk)
        })?;
        refuse(&refused)?;
    }
    for table in kind.tables() {
        each_chunk(conn, id, *table, |conn, chunk| {
            take_back(conn, *table, chunk, now)?;
            Ok(Vec::new())
        })?;
    }
    import::set_undone(conn, id, now)?;
    crate::find_one(conn, id)
}

/// What is not to be undone at all.
fn check(conn: &mut Conn, row: &ImportRow) -> Result<(), Failure> {
    let job = jobs::find(conn, row.job_id)?;
    if job.is_some_and(|job| !job.state.is_over()) {
        let detail = "it is still in work; cancel it, or wait for its end, and undo it then";
        return Err(Failure::conflict(ProblemCode::ImportInWork, detail));
    }
    if row.dry_run {
        let detail = "it was a dry run, which wrote nothing";
        return Err(Failure::conflict(ProblemCode::NothingToUndo, detail));
    }
    Ok(())
}

/// Hands the changes of a table to `each`, so many at once; gathers what is refused.
fn each_chunk(
    conn: &mut Conn,
    id: RecordId,
    table: &dyn Kept,
    mut each: impl FnMut(&mut Conn, &[ChangeRow]) -> Result<Vec<Held>, Failure>,
) -> Result<Vec<Held>, Failure> {
    let mut refused = Vec::new();
    let mut after = String::new();
    loop {
        let chunk = change::list(conn, id, table.name(), &after, CHUNK)?;
        let Some(last) = chunk.last() else {
            return Ok(refused);
        };
        after.clone_from(&last.record_key);
        refused.extend(each(conn, &chunk)?);
    }
}

/// Which rows cannot be taken back: those that are not as the import left them, and those that are held.
fn look(
    conn: &mut Conn,
    kind: &dyn Takes,
    table: &'static dyn Kept,
    chunk: &[ChangeRow],
) -> Result<Vec<Held>, Failure> {
    let keys: Vec<String> = chunk.iter().map(|it| it.record_key.clone()).collect();
    let rows = held_off(conn, table, &keys)?;
    let (mut refused, mut changes) = (Vec::new(), Vec::new());
    for change in chunk {
        match rows.get(&change.record_key) {
            Some(row) if digest(row) == change.after => changes.push(Change {
                table: table.name(),
                key: change.record_key.clone(),
                before: change.before.as_deref().map(told::read).transpose()?,
                after: row.clone(),
            }),
            row => refused.push(changed_since(&change.record_key, row)),
        }
    }
    refused.extend(kind.held(conn, &changes)?);
    Ok(refused)
}

fn changed_since(key: &str, row: Option<&Value>) -> Held {
    let name = row.map_or_else(|| key.to_owned(), name);
    let by = row.and_then(|row| row["import_id"].as_str());
    let by = by.map_or_else(String::new, |by| format!(" (import {by} wrote it last)"));
    Held {
        key: key.to_owned(),
        reason: format!("{name} has changed since{by}"),
        is_closed: false,
    }
}

/// What people call a record that is kept as this row.
#[must_use]
pub fn name(row: &Value) -> String {
    let text = |field: &str| row[field].as_str().unwrap_or_default().to_owned();
    match (text("external_id"), text("source")) {
        (id, _) if id.is_empty() => text("key"),
        (id, source) => format!("`{id}` of `{source}`"),
    }
}

/// The rows as they are, and nobody else writes them until the transaction ends.
fn held_off(conn: &mut Conn, table: &dyn Kept, keys: &[String]) -> Result<Rows, Failure> {
    let rows = table.load(conn, keys)?;
    let sources: BTreeSet<&str> = rows
        .values()
        .filter_map(|it| it["source"].as_str())
        .collect();
    keepworth_intake::lock_sources(conn, table.name(), sources.into_iter())?;
    table.load(conn, keys)
}

fn refuse(refused: &[Held]) -> Result<(), Failure> {
    let Some(first) = refused.first() else {
        return Ok(());
    };
    let code = match first.is_closed {
        true => ProblemCode::PeriodClosed,
        false => ProblemCode::ChangedSince,
    };
    let named = refused.iter().take(NAMED).map(|it| it.reason.as_str());
    let named = Vec::from_iter(named).join("; ");
    let more = refused.len().saturating_sub(NAMED);
    let more = match more {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    Err(Failure::conflict(
        code,
        format!("nothing was undone, since all or nothing is: {named}{more}"),
    ))
}

fn take_back(
    conn: &mut Conn,
    table: &dyn Kept,
    chunk: &[ChangeRow],
    now: NaiveDateTime,
) -> Result<(), Failure> {
    let (mut created, mut changed) = (Vec::new(), Vec::new());
    for change in chunk {
        match &change.before {
            Some(before) => changed.push(told::read(before)?),
            None => created.push(change.record_key.clone()),
        }
    }
    table.restore(conn, changed, now)?;
    table.remove(conn, &created, now)
}
