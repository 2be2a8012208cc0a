//! Approvals in tables and words.

use keepworth_contract::Word;
use keepworth_contract::simulator::{Actor, ApprovalState, GateFinding, ScenarioApproval};

use crate::present::{Sheet, row};

/// Where a version stands, what stands in its way, and every step.
pub(super) fn approval(it: &ScenarioApproval) -> Vec<Sheet> {
    let mut sheets = vec![stands(it)];
    if it.state == ApprovalState::Submitted {
        sheets.push(gate(&it.findings));
    }
    sheets.push(steps(it));
    sheets
}

fn stands(it: &ScenarioApproval) -> Sheet {
    let (key, version) = (&it.scenario.key, it.scenario.version);
    let title = format!(
        "{key}, version {version}: {}",
        it.state.name().to_lowercase()
    );
    let mut sheet = Sheet::new(title, "what | says");
    row![sheet => "text", &it.scenario_hash];
    row![sheet => "baseline", &it.baseline_hash];
    if let Some(run) = it.run_id {
        row![sheet => "run", run.to_string()];
    }
    for author in &it.authors {
        row![sheet => "cannot approve it", who(author)];
    }
    let next = match (it.state, it.run_id) {
        (ApprovalState::Submitted, Some(run)) => {
            format!("keepworth scenario approve {key} --run {run} --reason \"…\"")
        }
        (ApprovalState::Approved, _) => {
            format!("keepworth scenario forecast {key} --version {version}")
        }
        (ApprovalState::Draft | ApprovalState::Returned, _) => {
            format!("keepworth scenario submit {key} --run ID --reason \"…\"")
        }
        _ => String::new(),
    };
    if !next.is_empty() {
        row![sheet => "next", next];
    }
    if it.newest_version > version {
        sheet.note(format!(
            "Version {} has been written since.",
            it.newest_version
        ));
    }
    sheet
}

/// What was found is a sentence and its way out another: too wide for columns.
fn gate(findings: &[GateFinding]) -> Sheet {
    if findings.is_empty() {
        return Sheet::of_lines(["Nothing stands in the way today.".to_owned()]);
    }
    let head = ["In the way today, each to be overridden or mended:".to_owned()];
    let lines = findings
        .iter()
        .map(|it| format!("  {}: {}; {}", it.name, it.what, it.way_out));
    Sheet::of_lines(head.into_iter().chain(lines))
}

fn steps(it: &ScenarioApproval) -> Sheet {
    let mut sheet = Sheet::new("Steps", "when | to | who | why | policy")
        .when_empty("Nobody has asked for its approval.");
    for step in &it.transitions {
        let policy = step.policy_version.map(|it| format!("version {it}"));
        row![sheet =>
            step.at.format("%Y-%m-%d %H:%M").to_string(), step.to.name().to_lowercase(), who(&step.by),
            step.reason.clone().unwrap_or_default(), policy.unwrap_or_default(),
        ];
        for exception in &step.exceptions {
            let done = match step.to {
                ApprovalState::Submitted => "Exception asked for",
                _ => "Overridden",
            };
            sheet.note(format!(
                "{done}: {}: {}.",
                exception.finding,
                exception.reason.trim_end_matches('.')
            ));
        }
    }
    sheet
}

fn who(actor: &Actor) -> String {
    let by = actor.token.map(|it| format!(", by the token {it}"));
    format!(
        "{} {}{}",
        actor.issuer,
        actor.subject,
        by.unwrap_or_default()
    )
}
