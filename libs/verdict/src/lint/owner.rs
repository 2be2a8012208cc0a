//! Who carries an initiative, and who owns what it changes.

use keepworth_contract::simulator::{LintCode, LintFinding};
use keepworth_sim::Scenario;

use super::warning;

/// Initiatives that nobody carries, or that change a process which nobody owns.
pub(super) fn missing(scenario: &Scenario) -> Vec<LintFinding> {
    let is_blank = |name: &Option<String>| name.as_deref().is_none_or(|it| it.trim().is_empty());
    let mut findings = Vec::new();
    for (i, it) in scenario.initiatives.iter().enumerate() {
        let path = format!("initiatives[{i}]");
        if is_blank(&it.sponsor) {
            let what = format!("nobody carries \"{}\": it has no sponsor", it.name);
            let way_out = "say who does, such as sponsor = \"head of service\"; initiatives of one sponsor work or fail \
                           together, which the result then knows";
            findings.push(warning(LintCode::NoSponsor, &path, what, way_out));
        }
        if is_blank(&it.process_owner) && !it.effects.is_empty() {
            let what = format!("nobody owns the process that \"{}\" changes", it.name);
            let way_out = "say who does, such as process_owner = \"head of billing\"";
            findings.push(warning(LintCode::NoProcessOwner, &path, what, way_out));
        }
    }
    findings
}
