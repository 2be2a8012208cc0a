//! Deciding on a version that was submitted: by somebody who has not written it.

use keepworth_contract::ProblemCode;
use keepworth_contract::simulator::{
    Actor, ApprovalInput, ApprovalState, DecisionInput, ScenarioApproval, ScenarioForecast,
};
use keepworth_intake::Failure;
use keepworth_store::{Conn, Named, RecordId};

use super::record::{Entry, add, enter};
use super::{Stands, gate};
use crate::app::actor::{self, Deed, is_nameless};
use crate::app::document::{read, write};
use crate::app::{policy, run, tracking};
use crate::rule::approval::Step;
use crate::rule::gate::unsettled;
use crate::store::approval::{self, ApprovalRow, FrozenRow};
use crate::store::scenario::find_scenario;

/// Approves a version, in the caller's transaction, which freezes its forecast and supersedes those before.
pub fn approve(
    conn: &mut Conn,
    key: &str,
    approval: ApprovalInput,
) -> Result<ScenarioApproval, Failure> {
    let deed = Deed::current()?;
    refuse_programs(&deed)?;
    conn.lock_source("scenario", key)?;
    let stands = Stands::load(conn, key, approval.version)?;
    let to = stands.step(Step::Approve)?;
    let row = waiting(&stands)?;
    refuse_other_run(&row, &approval)?;
    let before = stands.told(conn)?;
    refuse_author(&before, &deed.by)?;
    let policy = policy::load(conn, None)?;
    let of = run::load(conn, row.run_id)?;
    let findings = gate::find(conn, &stands.document, &of, &policy)?;
    let faults = unsettled("overrides", &findings, &approval.overrides);
    if !faults.is_empty() {
        return Err(Failure::invalid(faults));
    }
    freeze(conn, &row, &deed.by)?;
    supersede(conn, &row)?;
    let entry = Entry {
        policy_version: Some(policy.version),
        findings,
        exceptions: approval.overrides,
        ..Entry::new(deed, to, row.run_id)
    };
    enter(conn, &stands, &before, entry, None)
}

/// Sends a version back, in the caller's transaction.
pub fn return_to_author(
    conn: &mut Conn,
    key: &str,
    which: &DecisionInput,
) -> Result<ScenarioApproval, Failure> {
    let deed = Deed::current()?;
    refuse_programs(&deed)?;
    decide(conn, key, which, deed, Step::Return)
}

/// Closes a version, in the caller's transaction: nothing more is done to it. One that was approved is closed with what was
/// measured of it, and with what was learnt.
pub fn close(
    conn: &mut Conn,
    key: &str,
    which: &DecisionInput,
) -> Result<ScenarioApproval, Failure> {
    decide(conn, key, which, Deed::current()?, Step::Close)
}

fn decide(
    conn: &mut Conn,
    key: &str,
    which: &DecisionInput,
    deed: Deed,
    step: Step,
) -> Result<ScenarioApproval, Failure> {
    conn.lock_source("scenario", key)?;
    let stands = Stands::load(conn, key, which.version)?;
    let to = stands.step(step)?;
    if step == Step::Close && stands.state == ApprovalState::Approved {
        refuse_unlearnt(conn, &stands, &deed)?;
    }
    let before = stands.told(conn)?;
    let run_id = waiting(&stands)?.run_id;
    enter(conn, &stands, &before, Entry::new(deed, to, run_id), None)
}

/// A version that was approved is closed with what came of it, and with what was learnt: its reason.
fn refuse_unlearnt(conn: &mut Conn, stands: &Stands, deed: &Deed) -> Result<(), Failure> {
    tracking::refuse_unmeasured(conn, stands.key(), stands.version()?)?;
    if deed.reason.is_some() {
        return Ok(());
    }
    Err(Failure::conflict(
        ProblemCode::NotMeasured,
        "an approved version is closed with what was learnt of it: say so in the header Keepworth-Reason (`--reason`)",
    ))
}

fn waiting(stands: &Stands) -> Result<ApprovalRow, Failure> {
    let row = stands.row.clone();
    row.ok_or_else(|| Failure::internal("a version that was never submitted is decided on"))
}

fn refuse_programs(deed: &Deed) -> Result<(), Failure> {
    if !deed.is_program {
        return Ok(());
    }
    Err(Failure::forbidden(
        "only people decide on scenarios, and this is a token for programs; sign in with your own account",
    ))
}

/// Who decides has seen the figures of that run, and of no other.
fn refuse_other_run(row: &ApprovalRow, approval: &ApprovalInput) -> Result<(), Failure> {
    if row.run_id == RecordId(approval.run_id) {
        return Ok(());
    }
    let detail = format!(
        "it was submitted with the run {}, not with {}; look at the figures of that run, and approve or return it",
        row.run_id, approval.run_id
    );
    Err(Failure::conflict(ProblemCode::WrongState, detail))
}

fn refuse_author(it: &ScenarioApproval, by: &Actor) -> Result<(), Failure> {
    if !it.authors.contains(by) {
        return Ok(());
    }
    let (key, version) = (&it.scenario.key, it.scenario.version);
    let way_out = if is_nameless(by) {
        "this installation knows one person alone; give a second one a token of their own: keepworth token create approver \
         --service simulator --permission scenario:approve --permission figures:read > approver.token, with which they \
         approve (KEEPWORTH_TOKEN_FILE=approver.token); or name who vouches for people (access.issuers)"
    } else {
        "ask somebody with the role approver who has written none of it"
    };
    let detail = format!(
        "you wrote or submitted version {version} of `{key}` or one before it, and nobody approves their own; {way_out}"
    );
    Err(Failure::conflict(ProblemCode::SamePerson, detail))
}

fn freeze(conn: &mut Conn, row: &ApprovalRow, by: &Actor) -> Result<(), Failure> {
    let now = keepworth_store::now();
    let mut forecast: ScenarioForecast = read(&row.forecast)?;
    forecast.frozen_at = now;
    let version = find_scenario(conn, &row.scenario_key, Some(row.scenario_version))?;
    let frozen = FrozenRow {
        scenario_key: row.scenario_key.clone(),
        scenario_version: row.scenario_version,
        written_by: version.and_then(|it| it.summary.author),
        submitted_by: row.submitted_by.clone(),
        approved_by: actor::write(by)?,
        forecast: write(&forecast)?,
        frozen_at: now.naive_utc(),
    };
    Ok(approval::insert_frozen(conn, &frozen)?)
}

/// Versions before one that is approved are no longer what is done.
fn supersede(conn: &mut Conn, by: &ApprovalRow) -> Result<(), Failure> {
    let to = ApprovalState::Superseded;
    for row in approval::load_open_before(conn, &by.scenario_key, by.scenario_version)? {
        let from = row.state.0;
        let row = ApprovalRow {
            state: Named::new(to),
            ..row
        };
        approval::put_approval(conn, &row)?;
        let mut deed = Deed::current()?;
        deed.reason = Some(format!("version {} was approved", by.scenario_version));
        add(conn, &row, from, Entry::new(deed, to, row.run_id))?;
    }
    Ok(())
}
