//! The sheet of benefits: what the engine has the programme add to each line, by month.

use keepworth_contract::simulator::LedgerLineName;
use rust_xlsxwriter::utility::cell_range;
use rust_xlsxwriter::{Worksheet, XlsxError};

use crate::Made;
use crate::figure::Figure;
use crate::names::Names;
use crate::page::Page;
use crate::reckoning::Column;
use crate::style::Look;
use crate::words;

/// Its name.
pub(crate) const SHEET: &str = "Benefits";

/// The row of month 0 on every sheet by month, so that a month stands in the same row everywhere.
pub(crate) const FIRST_ROW: u32 = 8;

const NOTES: [&str; 3] = [
    "Values, computed by the engine with every uncertain input at its median: what the programme adds to each line.",
    "They do not follow inputs that are changed in this workbook. What is paid is below 0.",
    "Amounts are at the prices of their months.",
];

/// The column, from 0, of a line of the case.
pub(crate) fn column_of(made: Made<'_>, line: LedgerLineName) -> u16 {
    let lines = made.contents.case.benefits.keys();
    1 + lines.take_while(|it| **it != line).count() as u16
}

/// The sheet.
pub(crate) fn sheet(made: Made<'_>, _: &mut Names) -> Result<Worksheet, XlsxError> {
    let lines = &made.contents.case.benefits;
    let mut page = Page::new(SHEET, made.style)?;
    page.widths(&[10.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0])?;
    let title = format!("{SHEET}, {}", made.contents.case.currency);
    page.title(&title, &NOTES)?;
    let titles = lines.keys().map(|it| words::line(*it));
    let heads: Vec<&str> = ["Month"]
        .into_iter()
        .chain(titles)
        .chain(["Benefit"])
        .collect();
    page.fixed_heads(FIRST_ROW - 1, &heads)?;
    let total = 1 + lines.len() as u16;
    let benefit = made.reckoning.of(Column::Benefit);
    for (month, sum) in benefit.iter().enumerate() {
        let row = FIRST_ROW + month as u32;
        page.number(row, 0, month as f64, Look::Whole)?;
        for (column, amounts) in (1..).zip(lines.values()) {
            page.number(row, column, amounts[month], Look::Money)?;
        }
        let formula = format!("=SUM({})", cell_range(row, 1, row, total - 1));
        page.formula(row, total, &formula, Figure::Number(*sum), Look::Money)?;
    }
    Ok(page.sheet)
}
