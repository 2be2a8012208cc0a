//! An answer in tables: what it would come to beside what it comes to.

use std::collections::BTreeSet;

use keepworth_contract::simulator::{Estimate, Level, NoLevel, OutcomeName, RunResult, WhatIf};
use keepworth_verdict::words::{chance, within_error};

use crate::present::number::{Unit, percent, places, whole};
use crate::present::{Cell, Sheet, row};

/// Inputs that are named of those that decide.
const LINES: usize = 6;

/// What it would come to, what is otherwise, and what decides it.
pub(super) fn answer(it: &WhatIf, before: Option<&WhatIf>) -> Vec<Sheet> {
    let mut sheets = vec![figures(it, before)];
    if !it.changes.is_empty() {
        let mut changes = Sheet::new("What is otherwise", "place | was | would be");
        for change in &it.changes {
            let side = |text: &Option<String>| text.clone().unwrap_or_else(|| "–".to_owned());
            row![changes => &change.path, side(&change.old), side(&change.new)];
        }
        sheets.push(changes);
    }
    sheets.push(drivers(it));
    sheets
}

fn figures(it: &WhatIf, before: Option<&WhatIf>) -> Sheet {
    let title = format!("Would \u{201c}{}\u{201d} pay?", it.result.scenario);
    let header = match before {
        Some(_) => "figure | as it is | would be",
        None => "figure | as it is",
    };
    let mut sheet = Sheet::new(title, header);
    let unit = unit(&it.result);
    let told = |answer: &WhatIf| told(answer, unit);
    let rows = told(it);
    let others = before.map(told);
    for (place, (name, now)) in rows.into_iter().enumerate() {
        match &others {
            Some(before) => row![sheet => name, before[place].1.clone(), now],
            None => row![sheet => name, now],
        }
    }
    let result = &it.result;
    sheet.note(format!(
        "{} futures, seed {}, engine {}, baseline {}{}; ± is the simulation's own error.",
        whole(result.trials as f64),
        result.seed,
        result.engine_version,
        result
            .baseline_hash
            .as_deref()
            .unwrap_or("none")
            .get(..12)
            .unwrap_or("none"),
        match before {
            Some(before) if draw_the_same(it, before) => "; both on the same draws",
            Some(_) => "; each has inputs that the other has not, so that draws differ, too",
            None => "",
        }
    ));
    for flag in &result.flags {
        sheet.note(flag.detail.clone());
    }
    sheet
}

/// Whether both draw the same inputs, so that what differs comes from the change alone.
fn draw_the_same(one: &WhatIf, other: &WhatIf) -> bool {
    let names = |it: &WhatIf| -> BTreeSet<String> {
        it.tornado.iter().map(|swing| swing.input.clone()).collect()
    };
    names(one) == names(other)
}

/// The figures of one side, in the order in which they are shown.
fn told(it: &WhatIf, unit: Unit) -> Vec<(&'static str, Cell)> {
    let result = &it.result;
    let currency = result
        .conventions
        .get("currency")
        .map_or("", String::as_str);
    let figure = |value: f64, shown: String| Cell::Figure(value, shown);
    let money = |value: f64, error: Option<f64>| {
        let error = error.unwrap_or(0.0);
        figure(
            value,
            format!(
                "{} (± {})",
                unit.money(within_error(value, error), currency),
                Unit::of(error).money(error, currency)
            ),
        )
    };
    let share = |it: &Estimate| figure(it.value, chance(it.value, result.trials));
    let mut rows = vec![("will it pay", it.verdict.clone().into())];
    if let Some(npv) = result.outcomes.get(&OutcomeName::Npv) {
        let level = |level: Level, error: Option<f64>| match level {
            Level::Number(value) => money(value, error),
            Level::Word(_) => Cell::from("none"),
        };
        rows.push(("NPV, 5 in 100 below", level(npv.p5, npv.mc_error.p5)));
        rows.push(("NPV, middle future", level(npv.p50, npv.mc_error.p50)));
        rows.push(("NPV, 5 in 100 above", level(npv.p95, npv.mc_error.p95)));
    }
    rows.push(("loses money", share(&result.probabilities.npv_negative)));
    if let Some(roi) = result.outcomes.get(&OutcomeName::Roi)
        && let Level::Number(value) = roi.p50
    {
        rows.push((
            "return on its cost, middle",
            figure(value, percent(value, 0)),
        ));
    }
    if let Some(payback) = result.outcomes.get(&OutcomeName::PaybackMonth) {
        let horizon = result
            .monthly
            .cumulative_discounted_flow
            .p50
            .len()
            .saturating_sub(1);
        let cell = match payback.p50 {
            Level::Number(month) => figure(month, format!("month {}", places(month.ceil(), 0))),
            Level::Word(NoLevel::NothingToPayBack) => Cell::from("nothing to pay back"),
            Level::Word(_) => format!("not by month {horizon}").into(),
        };
        rows.push(("pays back, middle future", cell));
    }
    rows
}

/// The unit in which all of an answer's money is shown.
fn unit(result: &RunResult) -> Unit {
    let sizes = result.npv_percentiles.iter().map(|npv| npv.abs());
    Unit::of(sizes.fold(0.0, f64::max))
}

fn drivers(it: &WhatIf) -> Sheet {
    let header =
        "input | low (10 in 100 below) | high (10 in 100 above) | NPV if low | NPV if high";
    let mut sheet = Sheet::new("What decides it", header).when_empty("Nothing is uncertain.");
    let unit = unit(&it.result);
    let currency = it
        .result
        .conventions
        .get("currency")
        .map_or("", String::as_str);
    for swing in it.tornado.iter().take(LINES) {
        let npv = |it: &Estimate| {
            let shown = unit.money(within_error(it.value, it.mc_error), currency);
            Cell::Figure(it.value, shown)
        };
        row![sheet =>
            &swing.input, Cell::digits(swing.p10), Cell::digits(swing.p90), npv(&swing.at_p10), npv(&swing.at_p90),
        ];
    }
    sheet
}
