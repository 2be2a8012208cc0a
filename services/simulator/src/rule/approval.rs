//! From where to where a version of a scenario goes.

use keepworth_contract::Word;
use keepworth_contract::simulator::ApprovalState;

/// What is done to a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Submit,
    Approve,
    Return,
    Close,
}

/// That a version does not stand where a step begins.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is {}, and {}", .from.name(), way_out(*.from, *.step))]
pub(crate) struct WrongState {
    from: ApprovalState,
    step: Step,
}

/// Where a step takes a version.
///
/// # Errors
/// If it cannot begin where the version stands.
pub(crate) fn next(from: ApprovalState, step: Step) -> Result<ApprovalState, WrongState> {
    use ApprovalState::{Approved, Closed, Draft, Returned, Submitted};
    match (from, step) {
        (Draft | Returned, Step::Submit) => Ok(Submitted),
        (Submitted, Step::Approve) => Ok(Approved),
        (Submitted, Step::Return) => Ok(Returned),
        (Submitted | Returned | Approved, Step::Close) => Ok(Closed),
        _ => Err(WrongState { from, step }),
    }
}

fn way_out(from: ApprovalState, step: Step) -> &'static str {
    match (from, step) {
        (ApprovalState::Superseded | ApprovalState::Closed, _) => {
            "that is for good; write the next version (PUT /v1/scenarios/{key}), run and submit that"
        }
        (ApprovalState::Draft, Step::Close) => {
            "nothing is open that could be closed; archive the scenario: POST /v1/scenarios/{key}:archive"
        }
        (ApprovalState::Draft | ApprovalState::Returned, _) => {
            "nobody waits for a decision; submit it first: POST /v1/scenarios/{key}:submit"
        }
        (ApprovalState::Submitted, _) => {
            "a decision is waited for; approve, return or close it before it is submitted with another run"
        }
        (ApprovalState::Approved, _) => {
            "that stays; close it, or have a later version approved, which supersedes it"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATES: [ApprovalState; 6] = [
        ApprovalState::Draft,
        ApprovalState::Submitted,
        ApprovalState::Approved,
        ApprovalState::Returned,
        ApprovalState::Superseded,
        ApprovalState::Closed,
    ];

    #[test]
    fn nothing_leaves_what_is_over_and_nothing_is_approved_unasked() {
        for step in [Step::Submit, Step::Approve, Step::Return, Step::Close] {
            for over in [ApprovalState::Superseded, ApprovalState::Closed] {
                let refused = next(over, step).unwrap_err().to_string();
                assert!(refused.contains("next version"), "{refused}");
            }
        }
        let approves = STATES
            .into_iter()
            .filter(|it| next(*it, Step::Approve).is_ok());
        assert_eq!(Vec::from_iter(approves), [ApprovalState::Submitted]);
        let submits = STATES
            .into_iter()
            .filter(|it| next(*it, Step::Submit).is_ok());
        let expected = [ApprovalState::Draft, ApprovalState::Returned];
        assert_eq!(Vec::from_iter(submits), expected);
    }
}
