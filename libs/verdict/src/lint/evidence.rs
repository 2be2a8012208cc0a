//! What the library says of an effect's evidence now.

use keepworth_contract::simulator::{LintCode, LintFinding};
use keepworth_sim::Scenario;

use super::{effects, error, warning};
use crate::refer::word;
use crate::{FoundEvidence, Library};

/// Effects whose evidence is refused, or was to be looked at again.
pub(super) fn refused<L: Library>(
    scenario: &Scenario,
    library: &mut L,
) -> Result<Vec<LintFinding>, L::Error> {
    let mut findings = Vec::new();
    for (_, effect, path) in effects(scenario) {
        let Some(key) = &effect.evidence else {
            continue;
        };
        let path = format!("{path}.evidence");
        let found = library.evidence(key)?;
        let refusal = match &found {
            None => Some(format!("no evidence has the key \"{key}\"")),
            Some(FoundEvidence {
                withdrawn: Some(reason),
                ..
            }) => Some(format!("the evidence \"{key}\" was withdrawn: {reason}")),
            Some(it) if it.lever != effect.on => Some(format!(
                "the evidence \"{key}\" speaks of {}, and the effect is on {}",
                word(it.lever),
                word(effect.on)
            )),
            Some(_) => None,
        };
        let way_out = "name other evidence (keepworth evidence list), or write size and grade; no run can be made of it";
        let overdue = found.and_then(|it| it.overdue_since);
        match (refusal, overdue) {
            (Some(what), _) => findings.push(error(LintCode::EvidenceRefused, path, what, way_out)),
            (None, Some(day)) => {
                let what = format!("the evidence \"{key}\" was to be looked at again by {day}");
                let way_out = "have its owner look, and put its next version; or withdraw it";
                findings.push(warning(LintCode::EvidenceOverdue, path, what, way_out));
            }
            (None, None) => {}
        }
    }
    Ok(findings)
}
