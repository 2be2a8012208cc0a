//! Effects that no customer can feel.

use std::collections::BTreeMap;

use keepworth_contract::simulator::{LintCode, LintFinding};
use keepworth_sim::Scenario;
use keepworth_sim::scenario::{Effect, Lever};

use super::claim::reached;
use super::segment::Seen;
use super::{effects, error};
use crate::refer::word;

/// Effects of which nothing can come: they start after the end, reach nobody, or act where there is nothing.
pub(super) fn by_nobody(
    scenario: &Scenario,
    segments: &BTreeMap<String, Seen>,
) -> Vec<LintFinding> {
    let mut findings = Vec::new();
    for (initiative, effect, path) in effects(scenario) {
        if initiative.start_month > scenario.horizon_months {
            let what = format!(
                "\"{}\" starts in month {}, after the {} months that are simulated",
                initiative.name, initiative.start_month, scenario.horizon_months
            );
            let way_out = "start it earlier, or look further ahead";
            findings.push(error(LintCode::NobodyFeelsIt, path, what, way_out));
            continue;
        }
        let why = match effect.on {
            Lever::TrainingHours => without_training(scenario),
            _ => numb_everywhere(
                &Vec::from_iter(reached(initiative, effect)),
                effect,
                segments,
            ),
        };
        if let Some((why, way_out)) = why {
            let what = format!(
                "nobody can feel the effect of \"{}\" on {}: {why}",
                initiative.name,
                word(effect.on)
            );
            findings.push(error(LintCode::NobodyFeelsIt, path, what, way_out));
        }
    }
    findings
}

type Why = (String, &'static str);

fn without_training(scenario: &Scenario) -> Option<Why> {
    scenario.training.is_none().then(|| {
        let way_out = "say who is hired and for how long they learn, under [training]";
        ("nothing says how many are trained".to_owned(), way_out)
    })
}

/// Why nobody in any of the segments feels it.
fn numb_everywhere(
    names: &[&String],
    effect: &Effect,
    segments: &BTreeMap<String, Seen>,
) -> Option<Why> {
    if names.is_empty() {
        let way_out = "say whom it reaches, such as reach = { home = 1.0 }";
        return Some(("it reaches no segment".to_owned(), way_out));
    }
    let mut reasons = Vec::new();
    for name in names {
        reasons.push(format!("{name} {}", numb(effect, segments.get(*name)?)?));
    }
    let way_out =
        "act on something that these segments have, reach others, or leave the effect out";
    Some((reasons.join("; "), way_out))
}

/// Why an effect has nothing to act on in a segment; none where it has, or where nobody knows.
fn numb(effect: &Effect, segment: &Seen) -> Option<String> {
    let is_zero = |value: Option<f64>| value == Some(0.0);
    if is_zero(segment.customers) && is_zero(segment.won) {
        return Some("has no customers and wins none".to_owned());
    }
    match effect.on {
        Lever::Contacts | Lever::Minutes => match &effect.channel {
            _ if segment.channels.is_empty() => Some("makes no contacts".to_owned()),
            Some(channel) if !segment.channels.contains(channel) => {
                Some(format!("makes no contacts through {channel}"))
            }
            _ => None,
        },
        Lever::Hazard if is_zero(segment.experience_share) => {
            Some("loses nobody for what they experience".to_owned())
        }
        Lever::WinBack if !segment.wins_back => Some("says nothing of who comes back".to_owned()),
        Lever::Cac if is_zero(segment.won) => Some("wins nobody".to_owned()),
        _ => None,
    }
}
