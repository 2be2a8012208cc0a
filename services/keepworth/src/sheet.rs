//! Results in rows: a table for people, CSV for spreadsheets, JSON for programs.
//!
//! Amounts are decimals from the wire to the screen; they never pass through floats.

use clap::ValueEnum;
use comfy_table::{CellAlignment, ContentArrangement};
use rust_decimal::Decimal;

use crate::output::{grouped, table};

/// The form of a result in rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum RowFormat {
    /// For people.
    #[default]
    Table,
    /// For programs: the service's answer, whole.
    Json,
    /// For spreadsheets: the rows of the first table, figures without thousands marks.
    Csv,
}

/// One value of a row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    /// Words.
    Text(String),
    /// Money or another decimal; its unit stands beside it.
    Amount(Decimal),
    /// A fraction, shown as a percentage.
    Share(f64),
    /// A whole number.
    Count(i64),
    /// Nothing to show.
    Nothing,
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        if text.is_empty() {
            Self::Nothing
        } else {
            Self::Text(text)
        }
    }
}

impl<T: Into<Self>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Nothing, Into::into)
    }
}

impl From<Decimal> for Cell {
    fn from(amount: Decimal) -> Self {
        Self::Amount(amount)
    }
}

impl From<i64> for Cell {
    fn from(count: i64) -> Self {
        Self::Count(count)
    }
}

impl From<u64> for Cell {
    fn from(count: u64) -> Self {
        i64::try_from(count).map_or_else(|_| Self::Text(count.to_string()), Self::Count)
    }
}

impl Cell {
    fn is_number(&self) -> bool {
        matches!(self, Self::Amount(_) | Self::Share(_) | Self::Count(_))
    }

    /// As people read it.
    fn shown(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Amount(amount) => grouped(&amount.to_string()),
            Self::Share(share) => format!("{:.2}%", 100.0 * share).replace('-', "\u{2212}"),
            Self::Count(count) => grouped(&count.to_string()),
            Self::Nothing => "–".to_owned(),
        }
    }

    /// As spreadsheets read it: a text that would be taken for a formula is quoted.
    fn written(&self) -> String {
        match self {
            Self::Text(text) if text.starts_with(['=', '+', '-', '@']) => format!("'{text}"),
            Self::Text(text) => text.clone(),
            Self::Amount(amount) => amount.to_string(),
            Self::Share(share) => share.to_string(),
            Self::Count(count) => count.to_string(),
            Self::Nothing => String::new(),
        }
    }
}

/// Rows under one header, with a line above and lines below.
#[derive(Debug)]
pub(crate) struct Sheet {
    title: String,
    header: Vec<&'static str>,
    /// Each has a cell for each column.
    rows: Vec<Vec<Cell>>,
    notes: Vec<String>,
}

impl Sheet {
    /// Rows to come; the title names what holds for all of them, such as period and currency.
    pub(crate) fn new(title: impl Into<String>, header: &[&'static str]) -> Self {
        Self {
            title: title.into(),
            header: header.to_vec(),
            rows: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Adds a row; columns that it has no cell for stay empty.
    pub(crate) fn add(&mut self, cells: impl Into<Vec<Cell>>) {
        let mut cells = cells.into();
        cells.resize(self.header.len(), Cell::Nothing);
        self.rows.push(cells);
    }

    /// Adds a line below the table; the same line is said once.
    pub(crate) fn note(&mut self, note: impl Into<String>) {
        let note = note.into();
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// Whether there is no row.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The table for people.
    pub(crate) fn print(&self) {
        println!("{}", self.title);
        if !self.rows.is_empty() {
            println!("{}", self.table());
        }
        for note in &self.notes {
            println!("{note}");
        }
    }

    /// Columns in which no row has anything are left out.
    fn table(&self) -> comfy_table::Table {
        let filled = |index: &usize| self.rows.iter().any(|row| row[*index] != Cell::Nothing);
        let columns: Vec<usize> = (0..self.header.len()).filter(filled).collect();
        let mut table = table(columns.iter().map(|index| self.header[*index]));
        table.set_content_arrangement(ContentArrangement::Dynamic);
        for row in &self.rows {
            table.add_row(columns.iter().map(|index| row[*index].shown()));
        }
        for (column, index) in table.column_iter_mut().zip(&columns) {
            let right = self.rows.iter().any(|row| row[*index].is_number());
            column.set_cell_alignment(if right {
                CellAlignment::Right
            } else {
                CellAlignment::Left
            });
        }
        table
    }

    /// Writes the header for spreadsheets.
    pub(crate) fn write_header(
        &self,
        csv: &mut csv::Writer<impl std::io::Write>,
    ) -> csv::Result<()> {
        csv.write_record(self.header.iter().map(|name| name.replace(' ', "_")))
    }

    /// Writes the rows for spreadsheets.
    pub(crate) fn write_rows(&self, csv: &mut csv::Writer<impl std::io::Write>) -> csv::Result<()> {
        self.rows
            .iter()
            .try_for_each(|row| csv.write_record(row.iter().map(Cell::written)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(text: &str) -> Cell {
        Cell::Amount(text.parse().unwrap())
    }

    #[test]
    fn people_and_spreadsheets_read_the_same_figures() {
        let cells = [
            (
                amount("-1234567.50"),
                "\u{2212}1\u{202f}234\u{202f}567.50",
                "-1234567.50",
            ),
            (amount("0.10"), "0.10", "0.10"),
            (Cell::Share(-0.0125), "\u{2212}1.25%", "-0.0125"),
            (Cell::Count(12_000), "12\u{202f}000", "12000"),
            (Cell::Nothing, "–", ""),
            ("=1+1".into(), "=1+1", "'=1+1"),
        ];
        for (cell, shown, written) in cells {
            assert_eq!(
                (cell.shown(), cell.written()),
                (shown.into(), written.into())
            );
        }
    }

    #[test]
    fn columns_without_anything_are_left_out_for_people() {
        let mut sheet = Sheet::new("Costs", &["campaign", "amount"]);
        sheet.add([Cell::Nothing, amount("1.50")]);
        let shown = sheet.table().to_string();
        assert!(
            shown.contains("amount") && !shown.contains("campaign"),
            "{shown}"
        );
    }

    #[test]
    fn a_sheet_becomes_rows_of_a_spreadsheet() {
        let mut sheet = Sheet::new("Costs in EUR", &["cost center", "amount"]);
        sheet.add(["North".into(), amount("1.50")]);
        let mut csv = csv::Writer::from_writer(Vec::new());
        sheet.write_header(&mut csv).unwrap();
        sheet.write_rows(&mut csv).unwrap();
        let bytes = csv.into_inner().unwrap();
        assert_eq!(
            String::from_utf8(bytes).unwrap(),
            "cost_center,amount\nNorth,1.50\n"
        );
    }
}
