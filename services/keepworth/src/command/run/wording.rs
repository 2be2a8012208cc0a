//! Kept runs in tables.

use keepworth_contract::simulator::{
    Level, NoLevel, OutcomeName, Run, RunResult, RunSummary, Statistics,
};
use keepworth_verdict::number::{Unit, error, percent, places, whole};
use keepworth_verdict::words::{chance, within_error};

use crate::present::{Cell, Sheet, row};

/// Characters of a hash by which people tell baselines apart.
const SHORT: usize = 12;

/// Figures that are shown of a run.
const SHOWN: [(OutcomeName, &str); 5] = [
    (OutcomeName::Npv, "net present value"),
    (OutcomeName::Roi, "return on its cost"),
    (OutcomeName::PaybackMonth, "payback, month"),
    (OutcomeName::PvCosts, "cost, present value"),
    (OutcomeName::CustomersKept, "customers kept"),
];

/// Runs, the oldest first.
pub(super) fn runs(items: Vec<RunSummary>) -> Sheet {
    let header = "id | scenario | of | baseline | futures | seed | made";
    let mut sheet = Sheet::new("Runs", header)
        .when_empty("No run is kept: `keepworth run order` makes the first.");
    for it in items {
        let of = it
            .scenario_version
            .map(|of| format!("{}@{}", of.key, of.version));
        row![sheet =>
            it.id.to_string(), it.scenario_name, of.unwrap_or_default(), short(&it.baseline_hash),
            it.options.trials, it.options.seed, it.created_at.date_naive(),
        ];
    }
    sheet
}

/// What one came to.
pub(super) fn one(run: &Run) -> Vec<Sheet> {
    let result = &run.result;
    let currency = result.conventions.get("currency");
    let currency = currency.map_or(String::new(), |it| format!(", amounts in {it}"));
    let title = format!("{}, run {}{currency}", result.scenario, run.summary.id);
    let mut sheet = Sheet::new(
        title,
        " | 5 in 100 below | median | 5 in 100 above | ± error of the median",
    );
    let unit = unit(result);
    for (outcome, name) in SHOWN {
        let Some(found) = result.outcomes.get(&outcome) else {
            continue;
        };
        let Statistics {
            p5,
            p50,
            p95,
            mc_error,
            ..
        } = found;
        let shown = |level, error: Option<f64>| figure(outcome, level, error.unwrap_or(0.0), unit);
        let off = mc_error.p50.map(|it| Cell::Figure(it, off(outcome, it)));
        row![sheet => name, shown(*p5, mc_error.p5), shown(*p50, mc_error.p50), shown(*p95, mc_error.p95), off];
    }
    let loss = result.probabilities.npv_negative;
    sheet.note(format!(
        "{} lose money (± {} in 100).",
        chance(loss.value, result.trials),
        places(100.0 * loss.mc_error, 1)
    ));
    sheet.note(format!(
        "{} futures, seed {}, engine {}, baseline {}",
        whole(result.trials as f64),
        result.seed,
        result.engine_version,
        short(&run.summary.baseline_hash)
    ));
    for change in &run.engine_changes {
        sheet.note(format!(
            "Changed since, in engine {}: {}",
            change.version, change.changes
        ));
    }
    vec![sheet]
}

fn unit(result: &RunResult) -> Unit {
    let sizes = result.npv_percentiles.iter().map(|npv| npv.abs());
    Unit::of(sizes.fold(0.0, f64::max))
}

fn figure(outcome: OutcomeName, level: Level, error: f64, unit: Unit) -> Cell {
    let value = match level {
        Level::Number(value) => value,
        Level::Word(NoLevel::Never) => return "never".into(),
        Level::Word(NoLevel::NothingToPayBack) => return "nothing to pay back".into(),
        Level::Word(NoLevel::None) => return "none".into(),
    };
    let rounded = within_error(value, error);
    let text = match outcome {
        OutcomeName::Npv | OutcomeName::PvCosts => unit.figure(rounded),
        OutcomeName::Roi => percent(rounded, 0),
        OutcomeName::PaybackMonth => whole(value.ceil()),
        _ => whole(rounded),
    };
    Cell::Figure(value, text)
}

fn off(outcome: OutcomeName, by: f64) -> String {
    match outcome {
        OutcomeName::Roi => format!("{} points", places(100.0 * by, 1)),
        _ => error(by),
    }
}

fn short(hash: &str) -> &str {
    hash.get(..SHORT).unwrap_or(hash)
}
