//! The library of evidence, every version of it.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use keepworth_contract::Word;
use keepworth_contract::simulator::{EvidenceLever, EvidenceQuery};
use keepworth_store::{Conn, Named, PageRows, Place, RecordId, on_conn, page_rows};

use super::evidence_versions;

/// A version of evidence as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = evidence_versions, treat_none_as_default_value = false)]
pub struct EvidenceRow {
    /// Identifier, the same of all versions.
    pub id: RecordId,
    /// Which version, from 1.
    pub version: i32,
    /// Names it in scenarios.
    pub key: String,
    /// What it speaks of.
    pub lever: Named<EvidenceLever, evidence_versions::table>,
    /// What it says, as JSON.
    pub statement: String,
    /// SHA-256 of that.
    pub hash: String,
    /// The pilot that it was computed from.
    pub pilot_id: Option<RecordId>,
    /// Why it was withdrawn.
    pub withdrawn: Option<String>,
    /// Whether it is the last version.
    pub is_current: bool,
    /// When it was written.
    pub recorded_at: NaiveDateTime,
}

/// The last version of a key, or the one that is asked for.
///
/// # Errors
/// What the database answers.
pub fn find_evidence(
    conn: &mut Conn,
    key: &str,
    version: Option<i32>,
) -> QueryResult<Option<EvidenceRow>> {
    let of_key = || evidence_versions::table.filter(evidence_versions::key.eq(key));
    match version {
        Some(version) => on_conn!(conn, |c| of_key()
            .filter(evidence_versions::version.eq(version))
            .select(EvidenceRow::as_select())
            .first(c)
            .optional()),
        None => on_conn!(conn, |c| of_key()
            .filter(evidence_versions::is_current.eq(true))
            .select(EvidenceRow::as_select())
            .first(c)
            .optional()),
    }
}

/// Writes a version, which is then the current one.
///
/// # Errors
/// What the database answers.
pub fn insert_version(conn: &mut Conn, row: &EvidenceRow) -> QueryResult<()> {
    on_conn!(conn, |c| diesel::update(
        evidence_versions::table.filter(evidence_versions::key.eq(&row.key))
    )
    .set(evidence_versions::is_current.eq(false))
    .execute(c))?;
    on_conn!(conn, |c| diesel::insert_into(evidence_versions::table)
        .values(row)
        .execute(c))
    .map(|_| ())
}

/// A page of the evidence that a query asks for, each in its last version.
///
/// # Errors
/// What the database answers.
pub fn list_evidence(
    conn: &mut Conn,
    place: &Place,
    query: &EvidenceQuery,
) -> QueryResult<PageRows<EvidenceRow>> {
    let only_valid = (!query.include_withdrawn.unwrap_or(false)).then_some(());
    on_conn!(conn, |c| page_rows!(
        c, place, evidence_versions::table.filter(evidence_versions::is_current.eq(true)), evidence_versions::id,
        EvidenceRow::as_select(), {
            query.lever.map(Word::name) => |it| evidence_versions::lever.eq(it),
            only_valid => |_it| evidence_versions::withdrawn.is_null(),
        }
    ))
}
