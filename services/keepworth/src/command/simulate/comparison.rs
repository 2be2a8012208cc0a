//! Two scenarios on the same futures, for people.

use keepworth_sim::{Comparison, Level, Outcome, RunResult};

use super::wording::{chance, level_cell, no_verdict};
use crate::present::number::{Unit, whole};
use crate::present::{Cell, Sheet, row};

/// Money in a cell.
fn money(amount: f64, currency: &str) -> Cell {
    Cell::Figure(amount, Unit::of(amount).money(amount, currency))
}

/// How each scenario fares.
pub(super) fn rows(it: &Comparison, currency: &str) -> Sheet {
    let columns =
        "scenario | 5 in 100 below | median | 5 in 100 above | mean | ± error | loses money";
    let mut sheet = Sheet::new("Net present value", columns);
    let level = |level: Level| level_cell(level, |it| money(it, currency));
    let mean = |mean: Option<f64>| mean.map(|it| money(it, currency));
    for run in &it.runs {
        let Some(npv) = run.outcomes.get(&Outcome::Npv) else {
            continue;
        };
        let loses = run.probabilities.npv_negative.value;
        let loses = Cell::Figure(loses, chance(loses, run.trials));
        row![sheet => &run.scenario, level(npv.p5), level(npv.p50), level(npv.p95), mean(npv.mean),
            mean(npv.mc_error.mean), loses];
    }
    sheet
}

/// How each scenario fares, and how often the second beats the first.
pub(super) fn comparison(it: &Comparison, currency: &str) -> Vec<Sheet> {
    let money = |amount: f64| Unit::of(amount).money(amount, currency);
    let level = |level: Level| level.number().map_or(String::new(), money);
    let mean = |mean: Option<f64>| mean.map_or(String::new(), money);
    let of_first = |figure: fn(&RunResult) -> u64| it.runs.first().map_or(0, figure);
    let (futures, seed) = (of_first(|run| run.trials), of_first(|run| run.seed));
    let mut lines = Vec::new();
    for difference in &it.differences {
        let npv = &difference.npv;
        lines.push(format!(
            "\n\u{201c}{}\u{201d} beats \u{201c}{}\u{201d} in {} futures (± {:.1} in 100). It is worth {} more on \
             average (± {}), 90 in 100 differences lie between {} and {}.",
            difference.scenario,
            difference.against,
            chance(difference.better.value, futures),
            100.0 * difference.better.mc_error,
            mean(npv.mean),
            mean(npv.mc_error.mean),
            level(npv.p5),
            level(npv.p95),
        ));
    }
    for run in &it.runs {
        if let Some(why) = no_verdict(&run.no_verdict) {
            lines.push(format!(
                "\nIs \u{201c}{}\u{201d} any good? {why}",
                run.scenario
            ));
        }
    }
    lines.push(format!(
        "\n{} futures that both live through, seed {seed}",
        whole(futures as f64)
    ));
    vec![rows(it, currency), Sheet::of_lines(lines)]
}
