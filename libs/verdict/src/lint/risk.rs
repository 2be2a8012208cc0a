//! The same risk, taken off twice.

use keepworth_contract::simulator::{LintCode, LintFinding};
use keepworth_sim::Scenario;
use keepworth_sim::inputs::Grade;
use keepworth_sim::scenario::{Effect, Initiative};

use super::{effects, warning};

/// Discounts for a risk that another discount is for as well.
pub(super) fn twice(scenario: &Scenario) -> Vec<LintFinding> {
    let mut findings = Vec::from_iter(haircut(scenario));
    for (_, effect, path) in effects(scenario) {
        findings.extend(by_hand(effect, &path));
    }
    findings
}

/// The haircut of the published convention, on benefits that are drawn with their risk.
fn haircut(scenario: &Scenario) -> Option<LintFinding> {
    let adjustment = scenario.risk_adjustment.as_ref()?;
    let is_drawn = |it: &Initiative| {
        let may_fail = it.success_probability.is_some_and(|p| p < 1.0) || it.readiness.is_some();
        may_fail || it.effects.iter().any(is_doubted)
    };
    let drawn = scenario.initiatives.iter().find(|it| is_drawn(it))?;
    (adjustment.benefits > 0.0).then(|| {
        let what = format!(
            "benefits are cut by {:.0}% for risk, and those of \"{}\" are drawn with their risk already: by grade, or \
             because it may fail",
            adjustment.benefits * 100.0,
            drawn.name
        );
        let way_out = "leave out risk_adjustment; or, to repeat a published table, write grade = \"A\", certain sizes \
                       and no probability of success";
        warning(LintCode::RiskTakenTwice, "risk_adjustment.benefits", what, way_out)
    })
}

/// Whether the engine believes less of an effect than its size says.
fn is_doubted(effect: &Effect) -> bool {
    effect.causal_share.is_some() || effect.grade != Some(Grade::A)
}

/// A causal share by hand, beside evidence that has a grade for the same doubt.
fn by_hand(effect: &Effect, path: &str) -> Option<LintFinding> {
    let is_graded = effect.evidence.is_some()
        || effect.through.is_some()
        || effect.grade.is_some_and(|it| it != Grade::A);
    (effect.causal_share.is_some() && is_graded).then(|| {
        let what = "a causal share is given by hand beside evidence whose grade doubts the same: the grade widens the \
                    size, and the share then cuts it once more than anybody measured";
        let way_out = "leave out causal_share, and the grade draws it; a rule of your own for a grade, with its reason, \
                       is [[grade_changes]]";
        warning(LintCode::RiskTakenTwice, format!("{path}.causal_share"), what, way_out)
    })
}
