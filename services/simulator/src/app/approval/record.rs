//! The record of steps: each is entered with what it changes, and none is ever changed.

use keepworth_access::RequestIds;
use keepworth_contract::event::EventType;
use keepworth_contract::simulator::{
    ApprovalState, ApprovalTransition, GateException, GateFinding, ScenarioApproval,
    ScenarioForecast,
};
use keepworth_intake::{Failure, version};
use keepworth_store::{Conn, Named, RecordId};

use super::Stands;
use crate::app::actor::{self, Deed};
use crate::app::document::{read, write};
use crate::store::approval::{self, ApprovalRow, TransitionRow};

/// A step that is to be entered.
pub(super) struct Entry {
    pub(super) deed: Deed,
    pub(super) to: ApprovalState,
    pub(super) run_id: RecordId,
    pub(super) policy_version: Option<u32>,
    pub(super) findings: Vec<GateFinding>,
    pub(super) exceptions: Vec<GateException>,
}

impl Entry {
    /// One that the gate has no part in.
    pub(super) fn new(deed: Deed, to: ApprovalState, run_id: RecordId) -> Self {
        Self {
            deed,
            to,
            run_id,
            policy_version: None,
            findings: Vec::new(),
            exceptions: Vec::new(),
        }
    }
}

/// Enters a step of a version, and lets others hear of it; a submission comes with its forecast.
pub(super) fn enter(
    conn: &mut Conn,
    stands: &Stands,
    before: &ScenarioApproval,
    entry: Entry,
    forecast: Option<&ScenarioForecast>,
) -> Result<ScenarioApproval, Failure> {
    let by = actor::write(&entry.deed.by)?;
    let (to, run_id) = (entry.to, entry.run_id);
    let row = match (&stands.row, forecast) {
        (_, Some(forecast)) => ApprovalRow {
            scenario_key: stands.key().to_owned(),
            scenario_version: stands.version()?,
            state: Named::new(to),
            run_id,
            submitted_by: by,
            forecast: write(forecast)?,
        },
        (Some(row), None) => ApprovalRow {
            state: Named::new(to),
            ..row.clone()
        },
        (None, None) => {
            return Err(Failure::internal(
                "a draft takes no step but its submission",
            ));
        }
    };
    approval::put_approval(conn, &row)?;
    add(conn, &row, stands.state, entry)?;
    tell(conn, &row, to)?;
    let after = Stands::load(conn, stands.key(), stands.document.summary.version)?.told(conn)?;
    version::note_change(Some(before), Some(&after))?;
    Ok(after)
}

/// Adds a step to the record.
pub(super) fn add(
    conn: &mut Conn,
    row: &ApprovalRow,
    from: ApprovalState,
    entry: Entry,
) -> Result<(), Failure> {
    let policy_version = entry.policy_version.map(i32::try_from).transpose();
    let step = TransitionRow {
        id: RecordId::generate(),
        scenario_key: row.scenario_key.clone(),
        scenario_version: row.scenario_version,
        from_state: Named::new(from),
        to_state: Named::new(entry.to),
        by_whom: actor::write(&entry.deed.by)?,
        reason: entry.deed.reason,
        run_id: entry.run_id,
        policy_version: policy_version.map_err(Failure::internal)?,
        findings: write(&entry.findings)?,
        exceptions: write(&entry.exceptions)?,
        recorded_at: keepworth_store::now().naive_utc(),
    };
    Ok(approval::insert_transition(conn, &step)?)
}

/// Lets others hear of what waits for them, or was decided.
fn tell(conn: &mut Conn, row: &ApprovalRow, to: ApprovalState) -> Result<(), Failure> {
    let event = match to {
        ApprovalState::Submitted => EventType::ScenarioSubmitted,
        ApprovalState::Approved => EventType::ScenarioApproved,
        ApprovalState::Returned => EventType::ScenarioReturned,
        _ => return Ok(()),
    };
    let subject = format!(
        "/v1/scenarios/{}/approval?version={}",
        row.scenario_key, row.scenario_version
    );
    let ids = RequestIds::current();
    Ok(keepworth_outbox::put(conn, event, &subject, ids.as_ref())?)
}

impl TryFrom<TransitionRow> for ApprovalTransition {
    type Error = Failure;

    fn try_from(row: TransitionRow) -> Result<Self, Failure> {
        let policy_version = row.policy_version.map(u32::try_from).transpose();
        Ok(Self {
            id: row.id.0,
            from: row.from_state.0,
            to: row.to_state.0,
            by: actor::read(&row.by_whom)?,
            at: row.recorded_at.and_utc(),
            reason: row.reason,
            run_id: row.run_id.0,
            policy_version: policy_version.map_err(Failure::internal)?,
            findings: read(&row.findings)?,
            exceptions: read(&row.exceptions)?,
        })
    }
}
