//! What a baseline says of how costs move.

use keepworth_contract::Word;
use keepworth_contract::simulator::baseline::Baseline;
use keepworth_contract::simulator::{CostBehaviour, CostStep, CostVerdict, CostVolume};

use crate::present::number::{percent, places};
use crate::present::{Cell, Sheet, row};

/// A row for each cost of the company; nothing where none is recorded.
pub(super) fn sheet(baseline: &Baseline) -> Option<Sheet> {
    let mut sheet = Sheet::new(
        "",
        "cost | is | moves with volume | 95% interval | volume | months | steps",
    );
    for it in &baseline.cost_behaviours {
        let share = it.variable_share;
        let share = share.map_or(Cell::Nothing, |it| Cell::Figure(it, percent(it, 0)));
        let interval = it.interval.as_ref().map_or_else(
            || "–".to_owned(),
            |it| format!("{} to {}", percent(it.low, 0), percent(it.high, 0)),
        );
        let steps: Vec<String> = it.steps.iter().map(step).collect();
        row![sheet => name(it), verdict(it.verdict), share, interval, volume(it.volume), i64::from(it.months),
            steps.join("; ")];
    }
    (!baseline.cost_behaviours.is_empty()).then_some(sheet)
}

fn name(it: &CostBehaviour) -> String {
    let category = it.category.name().to_lowercase().replace('_', " ");
    match &it.channel {
        Some(channel) => format!("{category}, {channel}"),
        None => category,
    }
}

fn verdict(verdict: CostVerdict) -> &'static str {
    match verdict {
        CostVerdict::Fixed => "fixed",
        CostVerdict::Stepped => "stepped",
        CostVerdict::Mixed => "in part variable",
        CostVerdict::Variable => "variable",
        CostVerdict::Unclear => "not to be told",
    }
}

fn volume(volume: CostVolume) -> &'static str {
    match volume {
        CostVolume::ContactMinutes => "minutes of contact",
        CostVolume::CustomerMonths => "customer-months",
        CostVolume::Revenue => "revenue",
        CostVolume::CustomersWon => "customers won",
    }
}

fn step(step: &CostStep) -> String {
    let CostStep {
        month, from, to, ..
    } = step;
    let volume = step.volume_ratio.map_or_else(String::new, |ratio| {
        format!(", with volume × {}", places(ratio, 2))
    });
    format!("{month}: {from} to {to}{volume}")
}
