//! The sheet of costs: every line by month, from its inputs; and of what moves them.

use keepworth_contract::simulator::CaseCost;
use rust_xlsxwriter::utility::row_col_to_cell;
use rust_xlsxwriter::{Worksheet, XlsxError};

use crate::Made;
use crate::benefits::FIRST_ROW;
use crate::figure::Figure;
use crate::inputs::{CAPITAL, OPERATING, of_cost};
use crate::names::Names;
use crate::page::Page;
use crate::reckoning::{months, spent};
use crate::style::Look;
use crate::words;

/// Its name.
pub(crate) const SHEET: &str = "Costs";
/// The name of the sheet of factors.
const FACTORS: &str = "Factors";

/// The row that says whether a line is operating or capital.
pub(crate) const BOOKED_ROW: u32 = FIRST_ROW - 2;

const NOTES: [&str; 2] = [
    "Formulas: the amount of the line in the months in which it is spent, from Inputs.",
    "Where prices, rates of exchange, gates or stopping rules move it, times the month's factor from the sheet Factors.",
];

const NOTES_OF_FACTORS: [&str; 2] = [
    "Values, computed by the engine with every uncertain input at its median: what one unit of a cost line comes to in a month.",
    "Prices, rates of exchange, the risk adjustment, and 0 where a gate or a stopping rule ends the line.",
];

/// The sheet.
pub(crate) fn sheet(made: Made<'_>, _: &mut Names) -> Result<Worksheet, XlsxError> {
    let case = made.contents.case;
    let mut page = Page::new(SHEET, made.style)?;
    let title = format!("{SHEET}, {}", case.currency);
    page.title(&title, &NOTES)?;
    heads(&mut page, &case.costs)?;
    page.text(BOOKED_ROW, 0, "Booked as", Look::Text)?;
    for (number, cost) in case.costs.iter().enumerate() {
        let booked = if cost.capital { CAPITAL } else { OPERATING };
        let formula = format!("={}", of_cost(number, "booked"));
        let column = column(number);
        page.formula(
            BOOKED_ROW,
            column,
            &formula,
            Figure::Word(booked),
            Look::Word,
        )?;
        for month in 0..months(case) {
            let row = FIRST_ROW + month as u32;
            let comes_to = Figure::Number(spent(cost, month));
            let formula = formula_of(made, number, row);
            page.formula(row, column, &formula, comes_to, Look::Money)?;
        }
    }
    write_months(&mut page, months(case))?;
    Ok(page.sheet)
}

/// The sheet of factors; none where an amount is the same in all months in which it is spent.
pub(crate) fn factors(made: Made<'_>) -> Result<Option<Worksheet>, XlsxError> {
    let case = made.contents.case;
    if !has_factors(made) {
        return Ok(None);
    }
    let mut page = Page::new(FACTORS, made.style)?;
    page.title(FACTORS, &NOTES_OF_FACTORS)?;
    heads(&mut page, &case.costs)?;
    for (number, cost) in case.costs.iter().enumerate() {
        for (row, factor) in (FIRST_ROW..).zip(&cost.factors) {
            page.number(row, column(number), *factor, Look::Factor)?;
        }
    }
    write_months(&mut page, months(case))?;
    Ok(Some(page.sheet))
}

fn has_factors(made: Made<'_>) -> bool {
    let mut factors = made.contents.case.costs.iter().flat_map(|it| &it.factors);
    factors.any(|factor| *factor != 1.0)
}

fn column(number: usize) -> u16 {
    1 + number as u16
}

/// The cell of the last line that says how it is booked.
pub(crate) fn last_column(costs: &[CaseCost]) -> u16 {
    costs.len() as u16
}

fn heads(page: &mut Page<'_>, costs: &[CaseCost]) -> Result<(), XlsxError> {
    let titles: Vec<String> = costs
        .iter()
        .map(|it| format!("{}: {}", it.initiative, words::line(it.line)))
        .collect();
    let heads: Vec<&str> = ["Month"]
        .into_iter()
        .chain(titles.iter().map(String::as_str))
        .collect();
    page.fixed_heads(FIRST_ROW - 1, &heads)?;
    page.widths(&[&[10.0][..], &vec![18.0; costs.len()]].concat())
}

fn write_months(page: &mut Page<'_>, months: usize) -> Result<(), XlsxError> {
    for month in 0..months {
        page.number(FIRST_ROW + month as u32, 0, month as f64, Look::Whole)?;
    }
    Ok(())
}

fn formula_of(made: Made<'_>, number: usize, row: u32) -> String {
    let [amount, first, months] = ["amount", "first", "months"].map(|it| of_cost(number, it));
    let month = row_col_to_cell(row, 0);
    let factor = if has_factors(made) {
        format!("*{FACTORS}!{}", row_col_to_cell(row, column(number)))
    } else {
        String::new()
    };
    format!("=IF(AND({month}>={first},{month}<{first}+{months}),{amount},0){factor}")
}
