//! The sheet of futures: what each of the first ones came to.

use keepworth_contract::Word;
use keepworth_contract::simulator::OutcomeName;
use rust_xlsxwriter::{Worksheet, XlsxError};

use crate::Made;
use crate::figure::{self, Figure};
use crate::names::Names;
use crate::page::Page;
use crate::reckoning::months;
use crate::style::Look;

/// Its name.
const SHEET: &str = "Futures";
/// The row of the first future.
const FIRST_ROW: u32 = 4;

const NOTES: [&str; 2] = [
    "Values: the first futures of the run, each lived with the programme and without. They do not follow inputs that are changed here.",
    "A rate of return that is none here does not exist or is not one alone.",
];

/// The sheet.
pub(crate) fn sheet(made: Made<'_>, _: &mut Names) -> Result<Worksheet, XlsxError> {
    let mut page = Page::new(SHEET, made.style)?;
    page.title(&format!("{SHEET}, {}", made.contents.case.currency), &NOTES)?;
    let titles = OutcomeName::all().map(figure::title);
    let heads: Vec<&str> = ["Future"].into_iter().chain(titles).collect();
    page.widths(&[&[10.0][..], &vec![15.0; heads.len() - 1]].concat())?;
    page.fixed_heads(FIRST_ROW - 1, &heads)?;
    let horizon = months(made.contents.case).saturating_sub(1);
    let futures = made.contents.futures;
    for (column, outcome) in (1..).zip(OutcomeName::all()) {
        let values = futures.get(&outcome).into_iter().flatten();
        for (row, value) in (FIRST_ROW..).zip(values) {
            let figure = Figure::of(outcome, *value, horizon, false);
            page.figure(row, column, figure, figure::look(outcome))?;
        }
    }
    let count = futures.values().map(Vec::len).max().unwrap_or(0);
    for future in 0..count {
        let row = FIRST_ROW + future as u32;
        page.number(row, 0, future as f64, Look::Whole)?;
    }
    Ok(page.sheet)
}
