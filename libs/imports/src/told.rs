//! Imports and their rows as they are told.

use keepworth_contract::{Import, ImportNotice, JobProgress, JobState, RejectedImportRow};
use keepworth_intake::Failure;
use keepworth_jobs::{Job, State};
use keepworth_store::RecordId;
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::store::import::ImportRow;
use crate::store::rejection::RejectionRow;

pub(crate) fn read<T: DeserializeOwned>(json: &str) -> Result<T, Failure> {
    serde_json::from_str(json).map_err(Failure::internal)
}

pub(crate) fn write(value: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(value).map_err(Failure::internal)
}

/// A count as it is stored.
pub(crate) fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// An import with its job.
pub(crate) fn import(row: ImportRow, job: Option<Job>) -> Result<Import, Failure> {
    let job = job.ok_or_else(|| Failure::internal(format!("import {} has no job", row.id)))?;
    let told: Vec<ImportNotice> = read(&row.told)?;
    Ok(Import {
        id: row.id.0,
        kind: row.kind,
        file_name: row.file_name,
        mapping: row.mapping,
        taken_as: row.taken_as,
        dry_run: row.dry_run,
        state: state(job.state),
        progress: JobProgress {
            done: row.read_rows.unsigned_abs(),
            total: Some(row.total_rows.unsigned_abs()),
        },
        is_cancel_requested: job.is_cancelled,
        rows: row.read_rows.unsigned_abs(),
        filtered: row.filtered.unsigned_abs(),
        created: row.created.unsigned_abs(),
        updated: row.updated.unsigned_abs(),
        unchanged: row.unchanged.unsigned_abs(),
        skipped_erased: row.skipped_erased.unsigned_abs(),
        rejected: row.rejected.unsigned_abs(),
        columns: read(&row.names)?,
        unused_columns: read(&row.unused_names)?,
        told,
        problem: job.problem(),
        created_at: row.created_at.and_utc(),
        started_at: job.started_at.map(|it| it.and_utc()),
        finished_at: job.finished_at.map(|it| it.and_utc()),
        undone_at: row.undone_at.map(|it| it.and_utc()),
    })
}

fn state(state: State) -> JobState {
    match state {
        State::Queued => JobState::Queued,
        State::Running => JobState::Running,
        State::Done => JobState::Done,
        State::Failed => JobState::Failed,
        State::Cancelled => JobState::Cancelled,
    }
}

impl TryFrom<RejectionRow> for RejectedImportRow {
    type Error = Failure;

    fn try_from(row: RejectionRow) -> Result<Self, Failure> {
        Ok(Self {
            line: row.line.unsigned_abs(),
            code: row.code,
            detail: row.detail,
            cells: read(&row.cells)?,
        })
    }
}

/// A line as the cursor of a page, which is an id elsewhere.
pub(crate) fn cursor_of(line: i64) -> RecordId {
    RecordId(Uuid::from_u128(u128::from(line.unsigned_abs())))
}

/// The line that a cursor says; a cursor of another list says one beyond every file's.
pub(crate) fn line_of(cursor: RecordId) -> i64 {
    i64::try_from(cursor.0.as_u128()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_cursor() {
        assert_eq!(line_of(cursor_of(0)), 0);
        assert_eq!(line_of(cursor_of(1_000_001)), 1_000_001);
        assert_eq!(line_of(RecordId::generate()), i64::MAX);
    }
}
