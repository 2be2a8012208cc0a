//! Where versions of scenarios stand, how they came there, and what was frozen.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use keepworth_contract::simulator::ApprovalState;
use keepworth_store::{Conn, Named, RecordId, on_conn};

use super::{approval_transitions, approvals, frozen_forecasts, scenario_versions};

/// Where a version stands that was submitted.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = approvals)]
pub struct ApprovalRow {
    /// The scenario's key.
    pub scenario_key: String,
    /// Which version.
    pub scenario_version: i32,
    /// Where it stands.
    pub state: Named<ApprovalState, approvals::table>,
    /// The run that it was submitted with.
    pub run_id: RecordId,
    /// Who submitted it, as JSON.
    pub submitted_by: String,
    /// What was forecast then, as JSON.
    pub forecast: String,
}

/// A step of a version.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = approval_transitions, treat_none_as_default_value = false)]
pub struct TransitionRow {
    /// Identifier.
    pub id: RecordId,
    /// The scenario's key.
    pub scenario_key: String,
    /// Which version.
    pub scenario_version: i32,
    /// Where it stood.
    pub from_state: Named<ApprovalState, approval_transitions::table>,
    /// Where it stands since.
    pub to_state: Named<ApprovalState, approval_transitions::table>,
    /// Who did it, as JSON.
    pub by_whom: String,
    /// Why.
    pub reason: Option<String>,
    /// The run that it was about.
    pub run_id: RecordId,
    /// The version of the policy that was applied.
    pub policy_version: Option<i32>,
    /// What the gate found, as JSON.
    pub findings: String,
    /// What was overridden, as JSON.
    pub exceptions: String,
    /// When.
    pub recorded_at: NaiveDateTime,
}

/// What was forecast when a version was approved.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = frozen_forecasts, treat_none_as_default_value = false)]
pub struct FrozenRow {
    /// The scenario's key.
    pub scenario_key: String,
    /// Which version.
    pub scenario_version: i32,
    /// Who wrote the version, as JSON.
    pub written_by: Option<String>,
    /// Who submitted it.
    pub submitted_by: String,
    /// Who approved it.
    pub approved_by: String,
    /// The forecast, as JSON.
    pub forecast: String,
    /// When.
    pub frozen_at: NaiveDateTime,
}

/// Where a version stands, if it was submitted.
///
/// # Errors
/// What the database answers.
pub fn find_approval(conn: &mut Conn, key: &str, version: i32) -> QueryResult<Option<ApprovalRow>> {
    on_conn!(conn, |c| approvals::table
        .find((key, version))
        .select(ApprovalRow::as_select())
        .first(c)
        .optional())
}

/// Versions before one that wait, were returned or approved.
///
/// # Errors
/// What the database answers.
pub fn load_open_before(conn: &mut Conn, key: &str, version: i32) -> QueryResult<Vec<ApprovalRow>> {
    let open = [
        ApprovalState::Submitted,
        ApprovalState::Returned,
        ApprovalState::Approved,
    ];
    on_conn!(conn, |c| approvals::table
        .filter(approvals::scenario_key.eq(key))
        .filter(approvals::scenario_version.lt(version))
        .filter(approvals::state.eq_any(open.map(Named::<_, approvals::table>::new)))
        .order(approvals::scenario_version)
        .select(ApprovalRow::as_select())
        .load(c))
}

/// Writes where a version stands, in place of what was there.
///
/// # Errors
/// What the database answers.
pub fn put_approval(conn: &mut Conn, row: &ApprovalRow) -> QueryResult<()> {
    on_conn!(conn, |c| diesel::insert_into(approvals::table)
        .values(row)
        .on_conflict((approvals::scenario_key, approvals::scenario_version))
        .do_update()
        .set(row)
        .execute(c))
    .map(|_| ())
}

/// Adds a step.
///
/// # Errors
/// What the database answers.
pub fn insert_transition(conn: &mut Conn, row: &TransitionRow) -> QueryResult<()> {
    on_conn!(conn, |c| diesel::insert_into(approval_transitions::table)
        .values(row.clone())
        .execute(c))
    .map(|_| ())
}

/// Every step of a version, the first one first.
///
/// # Errors
/// What the database answers.
pub fn load_transitions(
    conn: &mut Conn,
    key: &str,
    version: i32,
) -> QueryResult<Vec<TransitionRow>> {
    on_conn!(conn, |c| approval_transitions::table
        .filter(approval_transitions::scenario_key.eq(key))
        .filter(approval_transitions::scenario_version.eq(version))
        .order(approval_transitions::id)
        .select(TransitionRow::as_select())
        .load(c))
}

/// Who submitted versions up to one, as JSON.
///
/// # Errors
/// What the database answers.
pub fn load_submitters(conn: &mut Conn, key: &str, version: i32) -> QueryResult<Vec<String>> {
    on_conn!(conn, |c| approval_transitions::table
        .filter(approval_transitions::scenario_key.eq(key))
        .filter(approval_transitions::scenario_version.le(version))
        .filter(
            approval_transitions::to_state.eq(Named::<_, approval_transitions::table>::new(
                ApprovalState::Submitted
            ))
        )
        .order(approval_transitions::id)
        .select(approval_transitions::by_whom)
        .load(c))
}

/// Who wrote versions up to one, as JSON; nobody knows who wrote those before authors were noted.
///
/// # Errors
/// What the database answers.
pub fn load_writers(conn: &mut Conn, key: &str, version: i32) -> QueryResult<Vec<Option<String>>> {
    on_conn!(conn, |c| scenario_versions::table
        .filter(scenario_versions::key.eq(key))
        .filter(scenario_versions::version.le(version))
        .order(scenario_versions::version)
        .select(scenario_versions::author)
        .load(c))
}

/// Freezes a forecast.
///
/// # Errors
/// What the database answers: it refuses who wrote or submitted the version.
pub fn insert_frozen(conn: &mut Conn, row: &FrozenRow) -> QueryResult<()> {
    on_conn!(conn, |c| diesel::insert_into(frozen_forecasts::table)
        .values(row.clone())
        .execute(c))
    .map(|_| ())
}

/// What was frozen of a version.
///
/// # Errors
/// What the database answers.
pub fn find_frozen(conn: &mut Conn, key: &str, version: i32) -> QueryResult<Option<FrozenRow>> {
    on_conn!(conn, |c| frozen_forecasts::table
        .find((key, version))
        .select(FrozenRow::as_select())
        .first(c)
        .optional())
}

/// The last version of a scenario of which a forecast was frozen.
///
/// # Errors
/// What the database answers.
pub fn find_last_frozen(conn: &mut Conn, key: &str) -> QueryResult<Option<i32>> {
    on_conn!(conn, |c| frozen_forecasts::table
        .filter(frozen_forecasts::scenario_key.eq(key))
        .order(frozen_forecasts::scenario_version.desc())
        .select(frozen_forecasts::scenario_version)
        .first(c)
        .optional())
}

/// The version that a run was submitted for, if it was.
///
/// # Errors
/// What the database answers.
pub fn find_of_run(conn: &mut Conn, run: RecordId) -> QueryResult<Option<ApprovalRow>> {
    on_conn!(conn, |c| approvals::table
        .filter(approvals::run_id.eq(run))
        .select(ApprovalRow::as_select())
        .first(c)
        .optional())
}
