//! Imports: files of records that a service takes in by itself.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{JobProgress, JobState, Problem};

/// A file of records, and how its rows become them.
#[derive(Debug, Clone, Default)]
pub struct ImportInput {
    /// The file.
    pub file: ImportFile,
    /// What its rows are; left out where the mapping says it, or the columns do.
    pub kind: Option<String>,
    /// How a row becomes a record, as TOML; without it that is told from the columns.
    pub mapping: Option<String>,
    /// The vendor whose export it is; no mapping is needed.
    pub from: Option<String>,
    /// The file that the rows belong to, such as the invoices of invoice lines.
    pub with: Option<ImportFile>,
    /// The system that knows the customers, where the mapping names none.
    pub customer_source: Option<String>,
    /// Whether every row is checked and nothing written.
    pub dry_run: bool,
}

/// A file by its name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportFile {
    /// Its name.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// A file of records, and how its rows become them.
#[derive(ToSchema)]
#[schema(as = ImportInput)]
#[expect(dead_code, reason = "described only: a form is no JSON")]
pub struct ImportForm {
    /// A CSV file with a line of names, of any encoding and delimiter.
    #[schema(value_type = String, format = Binary, content_media_type = "application/octet-stream")]
    file: Vec<u8>,
    /// What its rows are, such as `customers`, `lifecycle-events`, `feedback`, `interactions`,
    /// `ledger-entries`, `revenues` or `campaign-touches`: what the service keeps. Left out where the
    /// mapping says it, or the columns do.
    #[schema(nullable = false, example = "customers")]
    kind: Option<String>,
    /// How a row becomes a record: a mapping file of the command line, as TOML. Without it that is told
    /// from the columns; what fits more than one reading is refused with all of them.
    #[schema(nullable = false)]
    mapping: Option<String>,
    /// The vendor whose export it is: `stripe`, `chartmogul` or `lago`. No mapping is needed then.
    #[schema(nullable = false)]
    from: Option<String>,
    /// The file that the rows belong to, such as the invoices of invoice lines, where the mapping joins one.
    #[schema(value_type = Option<String>, nullable = false, format = Binary, content_media_type = "application/octet-stream")]
    with: Option<Vec<u8>>,
    /// The system that knows the customers, where the mapping names none.
    #[schema(nullable = false)]
    customer_source: Option<String>,
    /// `true` checks every row and writes nothing.
    #[schema(nullable = false, default = false)]
    dry_run: Option<bool>,
}

/// A file of records that was given to a service, and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Import {
    /// Identifier; the `import_id` of the records that it wrote.
    pub id: Uuid,
    /// What its rows are.
    #[schema(example = "customers")]
    pub kind: String,
    /// The file's name.
    pub file_name: String,
    /// How its rows became records, as TOML.
    pub mapping: String,
    /// What the file was taken for, where no mapping came with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "stripe's customers")]
    pub taken_as: Option<String>,
    /// Whether every row is checked and nothing written.
    pub dry_run: bool,
    /// How it stands.
    pub state: JobState,
    /// How far it is, in rows.
    pub progress: JobProgress,
    /// Whether it was cancelled; one in work stops within a second. What it wrote stays, and can be undone.
    pub is_cancel_requested: bool,
    /// Rows read.
    pub rows: u64,
    /// Rows that the mapping leaves out.
    pub filtered: u64,
    /// Rows that were new.
    pub created: u64,
    /// Rows that replaced an earlier version.
    pub updated: u64,
    /// Rows whose content was there already.
    pub unchanged: u64,
    /// Rows of customers who were erased, which are left out and are no error.
    #[serde(default)]
    pub skipped_erased: u64,
    /// Rows that were not taken: `/v1/imports/{id}/rejected` has them with the reasons.
    pub rejected: u64,
    /// The file's columns, in its order.
    pub columns: Vec<String>,
    /// Those of them that the mapping does not use.
    pub unused_columns: Vec<String>,
    /// What else is told of rows.
    pub told: Vec<ImportNotice>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub problem: Option<Problem>,
    /// When it was ordered.
    pub created_at: DateTime<Utc>,
    /// When it was begun last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub started_at: Option<DateTime<Utc>>,
    /// When it was over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub finished_at: Option<DateTime<Utc>>,
    /// When what it wrote was taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub undone_at: Option<DateTime<Utc>>,
}

/// Something that is told of rows besides whether they were taken, such as payments that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportNotice {
    /// What.
    pub what: String,
    /// Of how many rows.
    pub rows: u64,
    /// The first of them.
    pub example: String,
}

/// A row of a file that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RejectedImportRow {
    /// The line of the file that it begins on, from 1.
    pub line: u64,
    /// Names what is wrong, for programs; new ones may come.
    #[schema(example = "malformed_value")]
    pub code: String,
    /// What is wrong, and how to mend it.
    pub detail: String,
    /// Its cells, in the order of the import's `columns`.
    pub cells: Vec<String>,
}

/// A page of a list.
pub type ImportPage = crate::Page<Import>;
/// A page of a list.
pub type RejectedImportRowPage = crate::Page<RejectedImportRow>;
