//! Steps of a programme: each is its next version, with who, when and why.

use keepworth_contract::simulator::{
    Programme, ProgrammeGateDecisionInput, ProgrammeStep, ProgrammeStepInput,
};
use keepworth_contract::{FaultCode, InvalidParam, ProblemCode};
use keepworth_intake::{Failure, version};
use keepworth_store::Conn;

use super::{Decision, find, hold, refused, write};
use crate::app::actor::Deed;
use crate::rule::programme::next;

/// Starts a programme, in the caller's transaction.
pub fn start(conn: &mut Conn, key: &str, step: &ProgrammeStepInput) -> Result<Programme, Failure> {
    take(conn, key, step.version, ProgrammeStep::Started, None)
}

/// Closes a programme, in the caller's transaction.
pub fn close(conn: &mut Conn, key: &str, step: &ProgrammeStepInput) -> Result<Programme, Failure> {
    take(conn, key, step.version, ProgrammeStep::Closed, None)
}

/// Stops a programme, in the caller's transaction.
pub fn stop(conn: &mut Conn, key: &str, step: &ProgrammeStepInput) -> Result<Programme, Failure> {
    take(conn, key, step.version, ProgrammeStep::Stopped, None)
}

/// Decides a gate, in the caller's transaction.
pub fn decide_gate(
    conn: &mut Conn,
    key: &str,
    decision: &ProgrammeGateDecisionInput,
) -> Result<Programme, Failure> {
    let deed = Deed::current()?;
    let made = Decision {
        gate: decision.gate.clone(),
        outcome: decision.outcome,
        reason: deed.reason.unwrap_or_default(),
        by: deed.by,
        at: keepworth_store::now(),
    };
    let step = ProgrammeStep::GateDecided;
    take(conn, key, decision.version, step, Some(made))
}

fn take(
    conn: &mut Conn,
    key: &str,
    looked_at: u32,
    step: ProgrammeStep,
    made: Option<Decision>,
) -> Result<Programme, Failure> {
    hold(conn)?;
    let (before, mut decisions) = find(conn, key, None)?;
    let state = next(before.state, step, &before.statement, &before.gates);
    let state = state.map_err(|error| refused(key, &error))?;
    if before.version != looked_at {
        let detail = format!(
            "the programme `{key}` is in version {}, and {looked_at} was looked at; read it again, and name the version \
             that you read",
            before.version
        );
        return Err(Failure::conflict(ProblemCode::Superseded, detail));
    }
    if let Some(made) = &made {
        check_gate(&before, &made.gate)?;
    }
    // Of a gate the last decision holds; those before are in the versions before.
    decisions.retain(|it| made.as_ref().is_none_or(|made| made.gate != it.gate));
    decisions.extend(made);
    let version = before.version + 1;
    let taken = write(conn, version, state, step, &before.statement, &decisions)?;
    version::note_change(Some(&before), Some(&taken))?;
    Ok(taken)
}

fn check_gate(programme: &Programme, gate: &str) -> Result<(), Failure> {
    let names = programme.gates.iter().map(|it| it.name.as_str());
    let names = Vec::from_iter(names);
    if names.contains(&gate) {
        return Ok(());
    }
    let reason = match names.as_slice() {
        [] => "the programme has no gate; write it with one first".to_owned(),
        names => format!(
            "`{gate}` is none of its gates; they are {}",
            names.join(", ")
        ),
    };
    let fault = InvalidParam::new("gate", FaultCode::UnknownValue, reason);
    Err(Failure::invalid(vec![fault]))
}
