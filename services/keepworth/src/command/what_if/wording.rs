//! An answer in tables: what it would come to beside what it comes to.

use std::collections::BTreeSet;

use keepworth_contract::simulator::{Level, NoLevel, OutcomeName, RunResult, WhatIf};
use keepworth_verdict::words::chance;

use crate::present::money::Money;
use crate::present::number::{places, whole};
use crate::present::{Cell, Sheet, row};

/// Inputs that are named of those that decide.
const LINES: usize = 6;

/// What it would come to, what is otherwise, and what decides it.
pub(super) fn answer(it: &WhatIf, before: Option<&WhatIf>) -> Vec<Sheet> {
    let results = before.map(|it| &it.result).into_iter();
    let money = Money::of(results.chain([&it.result]));
    let mut sheets = vec![figures(it, before, &money)];
    if !it.changes.is_empty() {
        let mut changes = Sheet::new("What is otherwise", "place | was | would be");
        for change in &it.changes {
            let side = |text: &Option<String>| text.clone().unwrap_or_else(|| "–".to_owned());
            row![changes => &change.path, side(&change.old), side(&change.new)];
        }
        sheets.push(changes);
    }
    sheets.push(drivers(it, &money));
    sheets
}

fn figures(it: &WhatIf, before: Option<&WhatIf>, money: &Money) -> Sheet {
    let title = format!("Would \u{201c}{}\u{201d} pay?", it.result.scenario);
    let header = match before {
        Some(_) => "figure | as it is | would be",
        None => "figure | as it is",
    };
    let mut sheet = Sheet::new(title, header);
    let told = |answer: &WhatIf| told(answer, money);
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
    let known = before.map_or(&[][..], |it| &it.result.flags);
    let new = result.flags.iter().filter(|it| !known.contains(it));
    for flag in new {
        sheet.note(flag.detail.clone());
    }
    let as_before = result.flags.iter().filter(|it| known.contains(it)).count();
    if as_before > 0 {
        sheet.note(format!(
            "{as_before} more to know before using it, of the scenario as it is, too: `keepworth what-if` without --change \
             tells them."
        ));
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
fn told(it: &WhatIf, money: &Money) -> Vec<(&'static str, Cell)> {
    let result = &it.result;
    let loss = result.probabilities.npv_negative.value;
    let mut rows = vec![("will it pay", it.verdict.clone().into())];
    if let Some(npv) = result.outcomes.get(&OutcomeName::Npv) {
        let level = |level, error| money.level_and_error(level, error);
        rows.push(("NPV, 5 in 100 below", level(npv.p5, npv.mc_error.p5)));
        rows.push(("NPV, middle future", level(npv.p50, npv.mc_error.p50)));
        rows.push(("NPV, 5 in 100 above", level(npv.p95, npv.mc_error.p95)));
    }
    let chance = Cell::Figure(loss, chance(loss, result.trials));
    rows.push(("loses money", chance));
    if let Some(roi) = result.outcomes.get(&OutcomeName::Roi)
        && let Level::Number(value) = roi.p50
    {
        rows.push(("return on its cost, middle", Cell::percent(value, 0)));
    }
    if let Some(it) = result.outcomes.get(&OutcomeName::PaybackMonth) {
        rows.push(("pays back, middle future", payback(it.p50, result)));
    }
    rows
}

fn payback(level: Level, result: &RunResult) -> Cell {
    let months = result.monthly.cumulative_discounted_flow.p50.len();
    match level {
        Level::Number(month) => Cell::Figure(month, format!("month {}", places(month.ceil(), 0))),
        Level::Word(NoLevel::NothingToPayBack) => "nothing to pay back".into(),
        // The first of them is today.
        Level::Word(_) => format!("not by month {}", months.saturating_sub(1)).into(),
    }
}

fn drivers(it: &WhatIf, money: &Money) -> Sheet {
    let header =
        "input | low (10 in 100 below) | high (10 in 100 above) | NPV if low | NPV if high";
    let mut sheet = Sheet::new("What decides it", header).when_empty("Nothing is uncertain.");
    for swing in it.tornado.iter().take(LINES) {
        row![sheet =>
            &swing.input, Cell::digits(swing.p10), Cell::digits(swing.p90), money.estimate(&swing.at_p10),
            money.estimate(&swing.at_p90),
        ];
    }
    sheet
}
