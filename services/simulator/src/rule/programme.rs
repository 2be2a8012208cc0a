//! What a programme may say, and from where to where it goes.

mod faults;

use keepworth_contract::Word;
use keepworth_contract::simulator::{
    GateOutcome, ProgrammeGate, ProgrammeInput, ProgrammeState, ProgrammeStep,
};

pub(crate) use faults::{Known, faults, taken};

/// That a programme does not stand where a step begins, or lacks what the step takes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum StepError {
    /// It stands elsewhere.
    #[error("it is {}, and {}", .0.name(), way_out(*.0))]
    WrongState(ProgrammeState),
    /// Nobody stands for it, or carries it out.
    #[error("it has no {0}, and nothing starts that nobody answers for: write it with one first")]
    Nobody(&'static str),
    /// Gates that nobody has decided.
    #[error(
        "nobody has decided {}; decide them first (:decide-gate), or stop it (:stop) where it is given up", .0.join(", ")
    )]
    Open(Vec<String>),
}

/// Where a step takes a programme.
///
/// # Errors
/// If it cannot begin where the programme stands, or lacks what it takes.
pub(crate) fn next(
    from: ProgrammeState,
    step: ProgrammeStep,
    statement: &ProgrammeInput,
    gates: &[ProgrammeGate],
) -> Result<ProgrammeState, StepError> {
    use ProgrammeState::{Closed, Proposed, Running, Stopped};
    match (from, step) {
        (Proposed | Running, ProgrammeStep::Written | ProgrammeStep::GateDecided) => Ok(from),
        (Proposed, ProgrammeStep::Started) => {
            somebody(statement)?;
            Ok(Running)
        }
        (Running, ProgrammeStep::Closed) => {
            decided(gates)?;
            Ok(Closed)
        }
        (Proposed | Running, ProgrammeStep::Stopped) => Ok(Stopped),
        _ => Err(StepError::WrongState(from)),
    }
}

fn somebody(statement: &ProgrammeInput) -> Result<(), StepError> {
    for (what, who) in [("sponsor", &statement.sponsor), ("owner", &statement.owner)] {
        if who.is_none() {
            return Err(StepError::Nobody(what));
        }
    }
    Ok(())
}

fn decided(gates: &[ProgrammeGate]) -> Result<(), StepError> {
    let open = gates.iter().filter(|it| it.outcome == GateOutcome::Open);
    let open = Vec::from_iter(open.map(|it| format!("the gate `{}`", it.name)));
    if open.is_empty() {
        Ok(())
    } else {
        Err(StepError::Open(open))
    }
}

fn way_out(state: ProgrammeState) -> &'static str {
    match state {
        ProgrammeState::Proposed => {
            "only what runs is closed; start it first (:start), or stop it (:stop)"
        }
        ProgrammeState::Running => "it is started once; close it (:close) or stop it (:stop)",
        ProgrammeState::Closed | ProgrammeState::Stopped => {
            "that is for good; write what comes after it as a programme of its own: POST /v1/programmes"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use keepworth_contract::Month;

    fn statement(sponsor: Option<&str>) -> ProgrammeInput {
        ProgrammeInput {
            key: "service".into(),
            name: "Service".to_owned(),
            sponsor: sponsor.map(str::to_owned),
            owner: Some("Grace".to_owned()),
            initiatives: Vec::new(),
            gates: Vec::new(),
            risks: Vec::new(),
            note: None,
        }
    }

    fn gate(outcome: GateOutcome) -> ProgrammeGate {
        ProgrammeGate {
            name: "pilot".to_owned(),
            due: Month::from_index(24_312),
            criterion: "fewer leave".to_owned(),
            outcome,
            reason: None,
            decided_by: None,
            decided_at: None,
        }
    }

    #[test]
    fn what_is_over_stays_over() {
        for over in [ProgrammeState::Closed, ProgrammeState::Stopped] {
            for step in ProgrammeStep::all() {
                let refused = next(over, step, &statement(Some("Ada")), &[]).unwrap_err();
                assert!(refused.to_string().contains("for good"), "{refused}");
            }
        }
    }

    #[test]
    fn somebody_answers_for_what_starts_and_every_gate_of_what_closes_is_decided() {
        use ProgrammeState::{Closed, Proposed, Running};
        let start = |sponsor| next(Proposed, ProgrammeStep::Started, &statement(sponsor), &[]);
        assert_eq!(start(Some("Ada")), Ok(Running));
        assert_eq!(start(None), Err(StepError::Nobody("sponsor")));
        let close = |gate| next(Running, ProgrammeStep::Closed, &statement(None), &[gate]);
        assert_eq!(close(gate(GateOutcome::Failed)), Ok(Closed));
        let open = close(gate(GateOutcome::Open)).unwrap_err().to_string();
        assert!(open.contains("`pilot`"), "{open}");
        let unstarted = next(
            Proposed,
            ProgrammeStep::Closed,
            &statement(Some("Ada")),
            &[],
        );
        assert_eq!(unstarted, Err(StepError::WrongState(Proposed)));
    }
}
