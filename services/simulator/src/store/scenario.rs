//! Scenarios, every version of them.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use keepworth_contract::simulator::ScenarioQuery;
use keepworth_store::{Conn, PageRows, Place, RecordId, on_conn, page_rows};

use super::scenario_versions;

/// A version of a scenario without its text.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = scenario_versions, treat_none_as_default_value = false)]
pub struct ScenarioRow {
    /// Identifier of the version.
    pub id: RecordId,
    /// The scenario's key.
    pub key: String,
    /// Which version, from 1.
    pub version: i32,
    /// The name in the text.
    pub name: String,
    /// SHA-256 of the text.
    pub hash: String,
    /// The baseline it stands on.
    pub baseline_hash: String,
    /// The key of the scenario that it was forked from.
    pub forked_key: Option<String>,
    /// In which version.
    pub forked_version: Option<i32>,
    /// Why it was written.
    pub reason: Option<String>,
    /// Why the scenario was archived.
    pub archived: Option<String>,
    /// Whether it is the newest version.
    pub is_current: bool,
    /// When it was written.
    pub recorded_at: NaiveDateTime,
    /// Who wrote it, as JSON.
    pub author: Option<String>,
}

/// The same with its text.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = scenario_versions, treat_none_as_default_value = false)]
pub struct ScenarioTextRow {
    /// Which version, of what.
    #[diesel(embed)]
    pub summary: ScenarioRow,
    /// The text, as TOML.
    pub scenario: String,
}

/// The newest version of a key, or the one that is asked for.
///
/// # Errors
/// What the database answers.
pub fn find_scenario(
    conn: &mut Conn,
    key: &str,
    version: Option<i32>,
) -> QueryResult<Option<ScenarioTextRow>> {
    let of_key = || scenario_versions::table.filter(scenario_versions::key.eq(key));
    match version {
        Some(version) => on_conn!(conn, |c| of_key()
            .filter(scenario_versions::version.eq(version))
            .select(ScenarioTextRow::as_select())
            .first(c)
            .optional()),
        None => on_conn!(conn, |c| of_key()
            .filter(scenario_versions::is_current.eq(true))
            .select(ScenarioTextRow::as_select())
            .first(c)
            .optional()),
    }
}

/// Writes a version, which is then the newest.
///
/// # Errors
/// What the database answers.
pub fn insert_version(conn: &mut Conn, row: &ScenarioTextRow) -> QueryResult<()> {
    on_conn!(conn, |c| diesel::update(
        scenario_versions::table.filter(scenario_versions::key.eq(&row.summary.key))
    )
    .set(scenario_versions::is_current.eq(false))
    .execute(c))?;
    on_conn!(conn, |c| diesel::insert_into(scenario_versions::table)
        .values(row.clone())
        .execute(c))
    .map(|_| ())
}

/// Notes in every version of a key why it was archived.
///
/// # Errors
/// What the database answers.
pub fn archive(conn: &mut Conn, key: &str, reason: &str) -> QueryResult<()> {
    on_conn!(conn, |c| diesel::update(
        scenario_versions::table.filter(scenario_versions::key.eq(key))
    )
    .set(scenario_versions::archived.eq(reason))
    .execute(c))
    .map(|_| ())
}

/// How many versions stand on a baseline.
///
/// # Errors
/// What the database answers.
pub fn count_on(conn: &mut Conn, baseline_hash: &str) -> QueryResult<i64> {
    on_conn!(conn, |c| scenario_versions::table
        .filter(scenario_versions::baseline_hash.eq(baseline_hash))
        .count()
        .get_result(c))
}

/// A page of the scenarios that a query asks for, each in its newest version.
///
/// # Errors
/// What the database answers.
pub fn list_scenarios(
    conn: &mut Conn,
    place: &Place,
    query: &ScenarioQuery,
) -> QueryResult<PageRows<ScenarioRow>> {
    let only_in_use = (!query.include_archived.unwrap_or(false)).then_some(());
    on_conn!(conn, |c| page_rows!(
        c, place, scenario_versions::table.filter(scenario_versions::is_current.eq(true)), scenario_versions::id,
        ScenarioRow::as_select(), {
            &query.baseline_hash => |it| scenario_versions::baseline_hash.eq(it),
            only_in_use => |_it| scenario_versions::archived.is_null(),
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
) -> QueryResult<PageRows<ScenarioRow>> {
    on_conn!(conn, |c| page_rows!(
        c, place, scenario_versions::table, scenario_versions::id, ScenarioRow::as_select(), {
            Some(key) => |it| scenario_versions::key.eq(it),
        }
    ))
}
