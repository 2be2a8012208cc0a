//! Answers of the engine in the contract's words.

use keepworth_contract::simulator as wire;
use keepworth_sim::explain::{
    BreakEven, Deferral, EffectInformation, Explanation, Portfolio, SettingSwing,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::break_even::sentence;
use crate::told::{told_estimate, told_swings};

/// What has the same form on both sides.
fn same<T: DeserializeOwned>(it: &impl Serialize) -> Result<T, serde_json::Error> {
    serde_json::from_value(serde_json::to_value(it)?)
}

pub(super) fn explanation(
    it: &Explanation,
    waiting: Option<&Deferral>,
) -> Result<wire::Explanation, serde_json::Error> {
    Ok(wire::Explanation {
        no_verdict: same(&it.no_verdict)?,
        expected_npv: told_estimate(it.expected_npv),
        npv_negative: told_estimate(it.npv_negative),
        evpi: told_estimate(it.evpi),
        tornado: told_swings(&it.tornado)?,
        settings: it.settings.iter().map(setting).collect(),
        rank_correlations: same(&it.rank_correlations)?,
        sobol_indices: same(&it.sobol_indices)?,
        break_even: it.break_even.iter().map(break_even).collect(),
        information: same(&it.information)?,
        pilots: it.pilots.iter().map(pilot).collect::<Result<_, _>>()?,
        attribution: same(&it.attribution)?,
        overlap: it.overlap.map(told_estimate),
        lifetime: same(&it.lifetime)?,
        waiting: same(&waiting)?,
    })
}

pub(super) fn break_even(it: &BreakEven) -> wire::BreakEven {
    wire::BreakEven {
        words: sentence(it),
        driver: it.driver.clone(),
        goal: it.goal.to_string(),
        range: it.range,
        at_ends: it.at_ends.map(told_estimate),
        values: it.values.iter().copied().map(told_estimate).collect(),
        share_below: it.share_below,
    }
}

/// Choices under a budget as the contract has them.
///
/// # Errors
/// A figure that JSON cannot carry.
pub fn frontier(choices: &[Portfolio]) -> Result<wire::PortfolioFrontier, serde_json::Error> {
    Ok(wire::PortfolioFrontier {
        choices: same(&choices)?,
    })
}

fn setting(it: &SettingSwing) -> wire::SettingSwing {
    wire::SettingSwing {
        setting: it.setting.name().to_owned(),
        low: it.low,
        high: it.high,
        at_low: told_estimate(it.at_low),
        at_high: told_estimate(it.at_high),
    }
}

fn pilot(it: &EffectInformation) -> Result<wire::PilotInformation, serde_json::Error> {
    Ok(wire::PilotInformation {
        initiative: it.initiative.clone(),
        on: same(&it.on)?,
        evppi: told_estimate(it.evppi),
        evsi_equal: told_estimate(it.evsi_equal),
    })
}
