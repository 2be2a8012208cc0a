//! The sheet for who checks the run: what it was made of, how sure its figures are, what was flagged.

use keepworth_contract::Word;
use keepworth_contract::simulator::{Level, RunResult, Statistics};
use rust_xlsxwriter::{Worksheet, XlsxError};

use crate::Made;
use crate::figure;
use crate::names::Names;
use crate::page::Page;
use crate::style::Look;
use crate::words;

/// Its name.
const SHEET: &str = "Audit";

const NOTES: [&str; 2] = [
    "The same input hash, seed and number of futures give the same figures on any machine.",
    "Monte Carlo errors stand right of each figure over futures.",
];

/// The sheet.
pub(crate) fn sheet(made: Made<'_>, _: &mut Names) -> Result<Worksheet, XlsxError> {
    let result = made.contents.result;
    let mut page = Page::new(SHEET, made.style)?;
    page.widths(&[&[34.0][..], &[16.0; 18]].concat())?;
    page.title(SHEET, &NOTES)?;
    page.sheet.set_repeat_rows(0, 0)?;
    let next = origin(&mut page, result, 4)?;
    let next = errors(&mut page, result, next + 1)?;
    flags(&mut page, result, next + 1)?;
    Ok(page.sheet)
}

fn origin(page: &mut Page<'_>, result: &RunResult, first: u32) -> Result<u32, XlsxError> {
    let randomisations = result.randomisations.map(|it| it.to_string());
    let facts = [
        ("Scenario", result.scenario.clone()),
        ("Engine version", result.engine_version.clone()),
        ("Input hash", result.input_hash.clone()),
        (
            "Baseline hash",
            result
                .baseline_hash
                .clone()
                .unwrap_or_else(|| "none".into()),
        ),
        ("Seed", result.seed.to_string()),
        ("Futures", result.trials.to_string()),
        (
            "Futures were drawn",
            words::sampling(result.sampling).to_owned(),
        ),
        (
            "Independent sets of them",
            randomisations.unwrap_or_else(|| "each on its own".into()),
        ),
    ];
    let mut row = first;
    for (title, fact) in facts {
        page.text(row, 0, title, Look::Text)?;
        page.text(row, 1, &fact, Look::Text)?;
        row += 1;
    }
    for idle in &result.no_verdict {
        page.text(row, 0, "No verdict", Look::Text)?;
        page.text(
            row,
            1,
            &format!("{}: {}", idle.initiative, idle.why),
            Look::Text,
        )?;
        row += 1;
    }
    Ok(row)
}

/// Every statistic of a figure with its Monte Carlo error.
fn statistics(found: &Statistics) -> [(Option<Level>, Option<f64>); 9] {
    let number = |it: Option<f64>| it.map(Level::Number);
    let error = &found.mc_error;
    [
        (number(found.mean), error.mean),
        (number(found.sd), error.sd),
        (Some(found.p5), error.p5),
        (Some(found.p10), error.p10),
        (Some(found.p25), error.p25),
        (Some(found.p50), error.p50),
        (Some(found.p75), error.p75),
        (Some(found.p90), error.p90),
        (Some(found.p95), error.p95),
    ]
}

fn errors(page: &mut Page<'_>, result: &RunResult, first: u32) -> Result<u32, XlsxError> {
    let names = ["Mean", "Sd", "P5", "P10", "P25", "P50", "P75", "P90", "P95"];
    let heads: Vec<&str> = ["Figure over futures"]
        .into_iter()
        .chain(names.into_iter().flat_map(|it| [it, "±"]))
        .collect();
    page.heads(first, &heads, Look::NumberHead)?;
    let mut row = first + 1;
    for (outcome, found) in &result.outcomes {
        page.text(row, 0, figure::title(*outcome), Look::Text)?;
        let look = figure::look(*outcome);
        for (column, (level, error)) in (1..).step_by(2).zip(statistics(found)) {
            if let Some(level) = level {
                page.figure(row, column, level.into(), look)?;
            }
            if let Some(error) = error {
                page.number(row, column + 1, error, look)?;
            }
        }
        row += 1;
    }
    Ok(row)
}

fn flags(page: &mut Page<'_>, result: &RunResult, first: u32) -> Result<(), XlsxError> {
    page.heads(
        first,
        &["What a reader must know", "About", "", "", "In words"],
        Look::Head,
    )?;
    for (row, flag) in (first + 1..).zip(&result.flags) {
        page.text(row, 0, flag.code.name(), Look::Text)?;
        page.text(row, 1, flag.subject.as_deref().unwrap_or(""), Look::Text)?;
        page.text(row, 4, &flag.detail, Look::Text)?;
    }
    Ok(())
}
