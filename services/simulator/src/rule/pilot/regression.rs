//! Scores of customers picked for bad ones, which get better by themselves.

use keepworth_contract::simulator::RegressionCheck;
use keepworth_contract::statistic::Interval;
use keepworth_retention::fit::Level;
use keepworth_retention::pilot::{Part, Two, rise_beyond_regression};

use super::tally::Lived;

/// What the treated rose by beyond those left alone who had scored as badly; none where fewer than two of either side
/// have a score before and one since.
pub(super) fn regression(lived: Two<&[Lived]>) -> Option<RegressionCheck> {
    let pairs = lived.map(|side| Vec::from_iter(side.iter().filter_map(before_and_since)));
    let firsts = pairs.treated.iter().map(|(before, _)| *before);
    let cutoff = firsts.reduce(f64::max)?;
    let as_bad = |side: &[(f64, f64)]| side.iter().filter(|(it, _)| *it <= cutoff).count() as u64;
    let found = rise_beyond_regression(&pairs.treated, &pairs.control, cutoff.next_up()).ok()?;
    let effect = found.effect;
    Some(RegressionCheck {
        score: cutoff,
        control: as_bad(&pairs.control),
        treated: as_bad(&pairs.treated),
        rise_of_control: found.expected,
        rise_of_treated: found.seen,
        effect: effect.value,
        interval: Interval {
            low: effect.low,
            high: effect.high,
            level: Level::USUAL.share(),
            method: "wald".to_owned(),
            freedom: None,
        },
    })
}

/// The mean score of the last month before the start in which the customer gave one, and of the first since.
fn before_and_since(it: &Lived) -> Option<(f64, f64)> {
    let given = |part: &&Part| part.under > 0.0;
    let mean = |part: &Part| part.over / part.under;
    let before = it.before.iter().rev().find(given)?;
    let since = it.since.iter().find(given)?;
    Some((mean(before), mean(since)))
}
