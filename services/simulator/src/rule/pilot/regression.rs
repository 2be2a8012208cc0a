//! Scores of customers picked for bad ones, which get better by themselves.

use keepworth_contract::simulator::RegressionCheck;
use keepworth_contract::statistic::Interval;
use keepworth_retention::fit::Level;
use keepworth_retention::pilot::{Part, Two, rise_beyond_matched};

use super::tally::Lived;

/// What the treated rose by beyond those left alone who had scored the same; none where too few have a score in common.
pub(super) fn regression(lived: Two<&[Lived]>) -> Option<RegressionCheck> {
    let pairs = lived.map(|side| Vec::from_iter(side.iter().filter_map(before_and_since)));
    let found = rise_beyond_matched(&pairs.treated, &pairs.control).ok()?;
    let effect = found.correction.effect;
    Some(RegressionCheck {
        control: found.untreated as u64,
        treated: found.targeted as u64,
        unmatched: found.unmatched as u64,
        rise_of_control: found.correction.expected,
        rise_of_treated: found.correction.seen,
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
