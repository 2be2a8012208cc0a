//! Programmes, every version of them, and which keys are whose.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use keepworth_contract::Word;
use keepworth_contract::simulator::{ProgrammeQuery, ProgrammeState, ProgrammeStep};
use keepworth_store::{Conn, Named, PageRows, Place, RecordId, on_conn, page_rows};

use super::{programme_keys, programme_versions};

/// A version of a programme.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = programme_versions, treat_none_as_default_value = false)]
pub struct ProgrammeRow {
    /// Identifier of the version.
    pub id: RecordId,
    /// The programme's key.
    pub key: String,
    /// Which version, from 1.
    pub version: i32,
    /// The name in the statement.
    pub name: String,
    /// Where it stands.
    pub state: Named<ProgrammeState, programme_versions::table>,
    /// What it is, as JSON.
    pub statement: String,
    /// What was decided at its gates, as JSON.
    pub decisions: String,
    /// What made the version.
    pub step: Named<ProgrammeStep, programme_versions::table>,
    /// Who did that, as JSON.
    pub by_whom: String,
    /// Why.
    pub reason: Option<String>,
    /// Whether it is the newest version.
    pub is_current: bool,
    /// When it was written.
    pub recorded_at: NaiveDateTime,
}

/// A key, and the programme whose it is.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = programme_keys)]
pub struct KeyRow {
    /// The key, of the programme itself or of an initiative.
    pub key: String,
    /// The programme's key.
    pub programme: String,
}

/// The newest version of a key, or the one that is asked for.
///
/// # Errors
/// What the database answers.
pub fn find_programme(
    conn: &mut Conn,
    key: &str,
    version: Option<i32>,
) -> QueryResult<Option<ProgrammeRow>> {
    let of_key = || programme_versions::table.filter(programme_versions::key.eq(key));
    match version {
        Some(version) => on_conn!(conn, |c| of_key()
            .filter(programme_versions::version.eq(version))
            .select(ProgrammeRow::as_select())
            .first(c)
            .optional()),
        None => on_conn!(conn, |c| of_key()
            .filter(programme_versions::is_current.eq(true))
            .select(ProgrammeRow::as_select())
            .first(c)
            .optional()),
    }
}

/// Writes a version, which is then the newest.
///
/// # Errors
/// What the database answers.
pub fn insert_version(conn: &mut Conn, row: &ProgrammeRow) -> QueryResult<()> {
    on_conn!(conn, |c| diesel::update(
        programme_versions::table.filter(programme_versions::key.eq(&row.key))
    )
    .set(programme_versions::is_current.eq(false))
    .execute(c))?;
    on_conn!(conn, |c| diesel::insert_into(programme_versions::table)
        .values(row.clone())
        .execute(c))
    .map(|_| ())
}

/// Every key, and the programme whose it is.
///
/// # Errors
/// What the database answers.
pub fn load_keys(conn: &mut Conn) -> QueryResult<Vec<KeyRow>> {
    on_conn!(conn, |c| programme_keys::table
        .order(programme_keys::key)
        .select(KeyRow::as_select())
        .load(c))
}

/// Writes which keys are a programme's, in place of those that were.
///
/// # Errors
/// What the database answers: it refuses a key that is another programme's.
pub fn put_keys(conn: &mut Conn, programme: &str, keys: &[KeyRow]) -> QueryResult<()> {
    on_conn!(conn, |c| diesel::delete(
        programme_keys::table.filter(programme_keys::programme.eq(programme))
    )
    .execute(c))?;
    for row in keys {
        on_conn!(conn, |c| diesel::insert_into(programme_keys::table)
            .values(row)
            .execute(c))?;
    }
    Ok(())
}

/// A page of the programmes that a query asks for, each in its newest version.
///
/// # Errors
/// What the database answers.
pub fn list_programmes(
    conn: &mut Conn,
    place: &Place,
    query: &ProgrammeQuery,
) -> QueryResult<PageRows<ProgrammeRow>> {
    on_conn!(conn, |c| page_rows!(
        c, place, programme_versions::table.filter(programme_versions::is_current.eq(true)), programme_versions::id,
        ProgrammeRow::as_select(), {
            query.state.map(Word::name) => |it| programme_versions::state.eq(it),
        }
    ))
}

/// A page of the versions of a key.
///
/// # Errors
/// What the database answers.
pub fn list_versions(
    conn: &mut Conn,
    place: &Place,
    key: &str,
) -> QueryResult<PageRows<ProgrammeRow>> {
    on_conn!(conn, |c| page_rows!(
        c, place, programme_versions::table, programme_versions::id, ProgrammeRow::as_select(), {
            Some(key) => |it| programme_versions::key.eq(it),
        }
    ))
}
