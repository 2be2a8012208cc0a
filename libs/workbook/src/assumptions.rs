//! The sheet of assumptions: the register of what the run takes to be so, what decides most first.

use keepworth_contract::simulator::Assumption;
use rust_xlsxwriter::{Worksheet, XlsxError};

use crate::names::Names;
use crate::page::Page;
use crate::style::Look;
use crate::words;
use crate::{Made, Register};

/// Its name.
const SHEET: &str = "Assumptions";
/// The row of the heads; above it stands what a reader must know.
const HEADS: u32 = 5;

/// Heads, how they look, and how wide the columns are.
const COLUMNS: [(&str, Look, f64); 14] = [
    ("Assumption", Look::Head, 44.0),
    ("Rank", Look::NumberHead, 7.0),
    ("Share of the variance", Look::NumberHead, 14.0),
    ("± Monte Carlo error", Look::NumberHead, 14.0),
    ("Low", Look::NumberHead, 15.0),
    ("Middle", Look::NumberHead, 15.0),
    ("High", Look::NumberHead, 15.0),
    ("Unit", Look::BesideHead, 18.0),
    ("Grade", Look::BesideHead, 9.0),
    ("Who says it", Look::BesideHead, 14.0),
    ("Source", Look::BesideHead, 44.0),
    ("Used at", Look::BesideHead, 36.0),
    ("Owner", Look::BesideHead, 20.0),
    ("Last checked", Look::NumberHead, 14.0),
];
/// The column of units, the first of texts right of the numbers.
const UNIT: u16 = 7;
/// The column of days on which somebody looked.
const CHECKED: u16 = 13;

const NOTE: &str = "Every input that is drawn, what decides most first. Low and high: 1 in 10 futures lies below, and 1 in 10 above.";
const UNKEPT: &str = "Owner and last check are empty, because the run is of no scenario that is kept: keep it (keepworth scenario put), \
    write down who looked (keepworth scenario check), order a run of it and take that run's workbook.";

/// The sheet.
pub(crate) fn sheet(made: Made<'_>, _: &mut Names) -> Result<Worksheet, XlsxError> {
    let register = made.contents.register;
    let mut page = Page::new(SHEET, made.style)?;
    page.widths(&COLUMNS.map(|(.., width)| width))?;
    page.title(SHEET, &[NOTE, &of_shares(register), &of_checks(register)])?;
    heads(&mut page)?;
    // Where nothing is known of checks, nobody is said to have failed to.
    let unchecked = register.scenario.map_or("", |_| "nobody");
    for (row, it) in (HEADS + 1..).zip(register.assumptions) {
        write(&mut page, row, it, unchecked)?;
    }
    Ok(page.sheet)
}

fn of_shares(register: Register<'_>) -> String {
    format!(
        "Of the variance of NPV each has a part in so much (total Sobol index, {} futures of each): inputs that are drawn together \
         share one rank, and shares can be more than all in sum.",
        register.trials
    )
}

fn of_checks(register: Register<'_>) -> String {
    match register.scenario {
        Some(key) => format!(
            "Who answers for it and when it was last checked is what the register of \u{201c}{key}\u{201d} said when this file was \
             written."
        ),
        None => UNKEPT.to_owned(),
    }
}

fn heads(page: &mut Page<'_>) -> Result<(), XlsxError> {
    page.fixed_heads(HEADS, &COLUMNS.map(|(head, ..)| head))?;
    for (column, (head, look, _)) in (0..).zip(COLUMNS) {
        page.text(HEADS, column, head, look)?;
    }
    Ok(())
}

fn write(page: &mut Page<'_>, row: u32, it: &Assumption, unchecked: &str) -> Result<(), XlsxError> {
    let numbers = [
        (f64::from(it.rank), Look::Whole),
        (it.variance_share.value, Look::Percent),
        (it.variance_share.mc_error, Look::Percent),
        (it.p10, Look::Number),
        (it.p50, Look::Number),
        (it.p90, Look::Number),
    ];
    for (column, (number, look)) in (1..).zip(numbers) {
        page.number(row, column, number, look)?;
    }
    write_texts(page, row, it, unchecked)?;
    match &it.check {
        Some(check) => page.day(row, CHECKED, &check.checked_on.to_string()),
        None => Ok(()),
    }
}

fn write_texts(
    page: &mut Page<'_>,
    row: u32,
    it: &Assumption,
    unchecked: &str,
) -> Result<(), XlsxError> {
    let used_at = it.used_at.join(", ");
    let owner = it.check.as_ref().map_or(unchecked, |it| &it.owner);
    let beside = [
        &it.unit[..],
        it.grade.map_or("", words::grade),
        words::origin(it.origin),
        &it.source,
        &used_at,
        owner,
    ];
    page.text(row, 0, &it.input, Look::Prose)?;
    let mut texts = vec![(&it.input[..], COLUMNS[0].2)];
    for (column, text) in (UNIT..).zip(beside) {
        page.text(row, column, text, Look::Beside)?;
        texts.push((text, COLUMNS[usize::from(column)].2));
    }
    page.fit(row, &texts)
}
