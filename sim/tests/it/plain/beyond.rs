//! What lies beyond the horizon.

use keepworth_sim::Scenario;

use super::cohort::Leaving;
use super::draws::Draws;
use super::effect::{BEYOND, Programme};
use super::ledger::Ledger;
use super::outcome::discount;
use super::world::Worlds;

/// Present value of what lies beyond the horizon, 0 where it is not asked for.
pub fn value(
    scenario: &Scenario,
    draws: &Draws<'_>,
    programme: &Programme<'_>,
    worlds: &mut Worlds,
    ledger: &mut Ledger<'_>,
    rate: f64,
) -> f64 {
    let Some(asked) = &scenario.terminal_value else {
        return 0.0;
    };
    let months = months(scenario, draws);
    match (&asked.annual_growth, &asked.run_off) {
        (Some(growth), _) => perpetuity(scenario, ledger, rate, *growth),
        (None, Some(_)) => live_out(scenario, programme, worlds, ledger, rate, months),
        (None, None) => 0.0,
    }
}

/// How many months a run-off takes, in every future alike: whole years until a thousandth of the
/// discounted customers would be left at the least rate and half the least hazard.
fn months(scenario: &Scenario, draws: &Draws<'_>) -> usize {
    let run_off = scenario
        .terminal_value
        .as_ref()
        .and_then(|it| it.run_off.as_ref());
    if run_off.is_some_and(|it| it.both_go_on) {
        return BEYOND;
    }
    let mut least = f64::INFINITY;
    for segment in &scenario.segments {
        let lowest = match Leaving::on_average(draws, segment.hazard.as_ref().unwrap()) {
            Leaving::ByAge(hazards) | Leaving::Differing(hazards) => {
                hazards.iter().copied().fold(f64::INFINITY, f64::min)
            }
            Leaving::Mixture { .. } => 0.0,
        };
        least = least.min(lowest);
    }
    let a_month = draws.least(&scenario.discount_rate).ln_1p() / 12.0 + least / 2.0;
    let years = (1_000.0_f64.ln() / a_month / 12.0).ceil();
    BEYOND.min(12 * years.min(1e3) as usize)
}

/// What recurs in the last month, for ever.
fn perpetuity(scenario: &Scenario, ledger: &Ledger<'_>, rate: f64, growth: f64) -> f64 {
    let monthly = |annual: f64| (1.0 + annual).powf(1.0 / 12.0) - 1.0;
    let (r, g) = (monthly(rate), monthly(growth));
    let last = ledger.flows.len() - 1;
    let recurs = (1.0 - scenario.tax_rate) * (ledger.benefits[last] - ledger.recurring);
    recurs * (1.0 + g) / (r - g) * discount(scenario.timing, rate, last)
}

/// The customers of both worlds live out their hazards, and nobody enters.
fn live_out(
    scenario: &Scenario,
    programme: &Programme<'_>,
    worlds: &mut Worlds,
    ledger: &mut Ledger<'_>,
    rate: f64,
    months: usize,
) -> f64 {
    let mut value = 0.0;
    for index in 0..months.min(ledger.later.len()) {
        let month = scenario.horizon_months + 1 + index as u32;
        let mut heads = Vec::new();
        for (segment, pair) in scenario.segments.iter().zip(&mut worlds.segments) {
            let before = pair.books.clone().map(|book| book.customers());
            pair.pass(programme, &segment.name, month);
            let counted = |world: usize| pair.counted(before[world], pair.books[world].customers());
            heads.push((counted(0), counted(1)));
        }
        let benefit = ledger.month(programme, month, &heads).benefit() * ledger.haircuts.0;
        let benefit = benefit / ledger.calendar.deflator(month);
        let worth = discount(scenario.timing, rate, month as usize);
        value += (1.0 - scenario.tax_rate) * (benefit - ledger.later[index]) * worth;
    }
    value
}
