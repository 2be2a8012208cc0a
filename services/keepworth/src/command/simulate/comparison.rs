//! Two scenarios on the same futures, for people.

use comfy_table::Cell;
use keepworth_sim::{Comparison, Level, Outcome};

use super::wording::{Unit, chance, no_verdict};
use crate::output::{table, whole};

/// How each scenario fares, and how often the second beats the first.
pub(super) fn comparison(it: &Comparison, currency: &str) -> String {
    let money = |amount: f64| Unit::of(amount).money(amount, currency);
    let level = |level: Level| level.number().map_or(String::new(), money);
    let mean = |mean: Option<f64>| mean.map_or(String::new(), money);
    let futures = it.runs.first().map_or(0, |run| run.trials);
    let mut lines = table([
        "",
        "5 in 100 below",
        "median",
        "5 in 100 above",
        "mean",
        "± error",
        "loses money",
    ]);
    for run in &it.runs {
        let Some(npv) = run.outcomes.get(&Outcome::Npv) else {
            continue;
        };
        lines.add_row(vec![
            Cell::new(&run.scenario),
            Cell::new(level(npv.p5)),
            Cell::new(level(npv.p50)),
            Cell::new(level(npv.p95)),
            Cell::new(mean(npv.mean)),
            Cell::new(mean(npv.mc_error.mean)),
            Cell::new(chance(run.probabilities.npv_negative.value, futures)),
        ]);
    }
    let mut text = format!("Net present value\n{lines}\n");
    for difference in &it.differences {
        let npv = &difference.npv;
        text += &format!(
            "\n\u{201c}{}\u{201d} beats \u{201c}{}\u{201d} in {} futures (± {:.1} in 100). It is worth {} more on \
             average (± {}), 90 in 100 differences lie between {} and {}.\n",
            difference.scenario,
            difference.against,
            chance(difference.better.value, futures),
            100.0 * difference.better.mc_error,
            mean(npv.mean),
            mean(npv.mc_error.mean),
            level(npv.p5),
            level(npv.p95),
        );
    }
    for run in &it.runs {
        if let Some(why) = no_verdict(&run.no_verdict) {
            text += &format!("\nIs \u{201c}{}\u{201d} any good? {why}\n", run.scenario);
        }
    }
    let (trials, seed) = it.runs.first().map_or((0, 0), |run| (run.trials, run.seed));
    text + &format!(
        "\n{} futures that both live through, seed {seed}\n",
        whole(trials as f64)
    )
}
