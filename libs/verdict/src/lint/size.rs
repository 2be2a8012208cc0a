//! Points for percent, and percent for fractions.

use keepworth_contract::simulator::{LintCode, LintFinding};
use keepworth_sim::Scenario;
use keepworth_sim::scenario::{Effect, Quantity};

use super::{effects, warning};
use crate::refer::word;

/// Above this an effect on the whole of something takes away, or adds, more than half of all there is.
const HALF: f64 = 0.5;

/// Sizes that look as if something else were meant by them.
pub(super) fn points(scenario: &Scenario) -> Vec<LintFinding> {
    let mut findings = Vec::new();
    for (_, effect, path) in effects(scenario) {
        let size = effect.size.as_ref().and_then(|it| mean(scenario, it));
        if let Some(size) = size.filter(|it| *it > HALF && is_of_all(effect)) {
            findings.push(of_all(effect, &path, size));
        }
        for (exposure, by) in &effect.change {
            let by = mean(scenario, by).filter(|it| it.abs() >= 1.0);
            findings.extend(by.map(|by| of_exposure(exposure, &path, by)));
        }
    }
    findings
}

/// A part may well go away for the most part: a cause, an issue, the contacts of a channel.
fn is_of_all(effect: &Effect) -> bool {
    effect.cause.is_none() && effect.issue.is_none() && effect.channel.is_none()
}

fn of_all(effect: &Effect, path: &str, size: f64) -> LintFinding {
    let what = format!(
        "{:.0}% of all {}, in the mean, where the initiative reaches",
        size * 100.0,
        word(effect.on)
    );
    let way_out = "a size is a fraction of what is there: from 20% who leave to 15% are 5 points, and a size of 0.25. \
                   Whom it reaches is said as reach, how many take it up as adoption, and a part of it as cause, issue \
                   or channel";
    warning(
        LintCode::PointsForPercent,
        format!("{path}.size"),
        what,
        way_out,
    )
}

fn of_exposure(exposure: &str, path: &str, by: f64) -> LintFinding {
    let what = format!("{exposure} changes by {:.0}% of what it is", by * 100.0);
    let way_out = format!(
        "points, or contacts, are said as change_by = {{ {exposure} = … }}; change is a fraction, such as \"10%\""
    );
    let path = format!("{path}.change.{exposure}");
    warning(LintCode::PointsForPercent, path, what, way_out)
}

/// The mean of a figure that the scenario gives by itself; one that a baseline gives is none of its writer's.
pub(super) fn mean(scenario: &Scenario, quantity: &Quantity) -> Option<f64> {
    let mean = match quantity {
        Quantity::Own(distribution) => distribution.mean(),
        Quantity::Shared(shared) => {
            let input = scenario.inputs.get(&shared.input)?;
            input.distribution.mean() * shared.scale
        }
    };
    mean.is_finite().then_some(mean)
}
