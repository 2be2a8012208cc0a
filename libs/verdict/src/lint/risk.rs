//! The same risk, taken off twice. A causal share that is written stands in place of the grade's: that is once.

use keepworth_contract::simulator::{LintCode, LintFinding};
use keepworth_sim::Scenario;
use keepworth_sim::inputs::Grade;
use keepworth_sim::scenario::{Effect, Initiative};

use super::warning;

/// The haircut of the published convention, on benefits that are drawn with their risk.
pub(super) fn twice(scenario: &Scenario) -> Option<LintFinding> {
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
