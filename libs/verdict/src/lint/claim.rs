//! Two initiatives that claim the same effect on the same customers.

use keepworth_contract::simulator::{LintCode, LintFinding};
use keepworth_sim::Scenario;
use keepworth_sim::scenario::{Effect, Initiative, Lever};

use super::{effects, warning};
use crate::refer::word;

/// Effects that an earlier initiative claims too.
pub(super) fn twice(scenario: &Scenario) -> Vec<LintFinding> {
    let all = Vec::from_iter(effects(scenario));
    let mut findings = Vec::new();
    for (at, (initiative, effect, path)) in all.iter().enumerate() {
        let before = all[..at].iter().find(|(other, theirs, _)| {
            other.name != initiative.name
                && !is_pilot_of(other, initiative)
                && claim_the_same(theirs, effect)
                && !shared(other, theirs, initiative, effect).is_empty()
        });
        if let Some((other, theirs, _)) = before {
            let whom = shared(other, theirs, initiative, effect).join(", ");
            let what = format!(
                "\"{}\" and \"{}\" both change {} of {whom}, and neither says of which part of it",
                other.name,
                initiative.name,
                word(effect.on)
            );
            let way_out = "say which cause of leaving, issue or channel each works on, or which segments; or make one \
                           initiative of both. `keepworth simulate --break-even overlap` says how much of it may be \
                           the same";
            findings.push(warning(LintCode::EffectClaimedTwice, path, what, way_out));
        }
    }
    findings
}

/// A roll-out is the same thing as its pilot, and replaces it.
fn is_pilot_of(one: &Initiative, other: &Initiative) -> bool {
    let waits_for =
        |a: &Initiative, b: &Initiative| a.gate.as_ref().is_some_and(|gate| gate.pilot == b.name);
    waits_for(one, other) || waits_for(other, one)
}

/// Whether two effects act on the same part of the same thing, as far as they say.
fn claim_the_same(one: &Effect, other: &Effect) -> bool {
    let may_be_one = |a: &Option<String>, b: &Option<String>| match (a, b) {
        (Some(a), Some(b)) => a == b,
        _ => true,
    };
    one.on == other.on
        && may_be_one(&one.cause, &other.cause)
        && may_be_one(&one.issue, &other.issue)
        && may_be_one(&one.channel, &other.channel)
}

/// Whose customers both act on.
fn shared(a: &Initiative, of_a: &Effect, b: &Initiative, of_b: &Effect) -> Vec<String> {
    if of_a.on == Lever::TrainingHours {
        return vec!["the company".to_owned()];
    }
    let theirs = Vec::from_iter(reached(b, of_b));
    let both = reached(a, of_a).filter(|name| theirs.contains(name));
    both.cloned().collect()
}

/// The segments that an effect reaches.
pub(super) fn reached<'a>(
    initiative: &'a Initiative,
    effect: &'a Effect,
) -> impl Iterator<Item = &'a String> {
    let reached = initiative.reach.iter().filter(|(_, share)| **share > 0.0);
    let names = reached.map(|(name, _)| name);
    names.filter(|name| effect.segments.is_empty() || effect.segments.contains(name))
}
