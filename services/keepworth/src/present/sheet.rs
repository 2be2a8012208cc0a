//! Results in rows, under one header.

use std::fmt;
use std::io::Write;

use comfy_table::{CellAlignment, ContentArrangement, Table, TableComponent, presets};

use super::Cell;

/// Adds a row to a sheet; columns that it has no cell for stay empty.
macro_rules! row {
    ($sheet:expr => $($cell:expr),+ $(,)?) => {
        $sheet.add([$($crate::present::Cell::from($cell)),+])
    };
}
pub(crate) use row;

/// Rows under one header, with a line above and lines below.
#[derive(Debug)]
pub(crate) struct Sheet {
    title: String,
    title_when_empty: Option<String>,
    header: Vec<String>,
    /// Each has a cell for each column.
    rows: Vec<Vec<Cell>>,
    notes: Vec<String>,
    is_framed: bool,
}

impl Sheet {
    /// Rows to come, in columns such as `segment | amount`; the title names what holds for all of them,
    /// such as period and currency.
    pub(crate) fn new(title: impl Into<String>, columns: &str) -> Self {
        let columns = columns.split('|').map(|name| name.trim().to_owned());
        Self {
            title: title.into(),
            header: columns.collect(),
            ..Self::of_lines([])
        }
    }

    /// Lines alone.
    pub(crate) fn of_lines(lines: impl IntoIterator<Item = String>) -> Self {
        let notes = lines.into_iter().collect();
        Self {
            title: String::new(),
            title_when_empty: None,
            header: Vec::new(),
            rows: Vec::new(),
            notes,
            is_framed: true,
        }
    }

    /// With another title while it has no row: why there is none, and how there will be one.
    pub(crate) fn when_empty(mut self, title: impl Into<String>) -> Self {
        self.title_when_empty = Some(title.into());
        self
    }

    /// Without lines above and below: on one screen they are scarce.
    pub(crate) fn without_frame(mut self) -> Self {
        self.is_framed = false;
        self
    }

    /// Adds a row; columns that it has no cell for stay empty.
    pub(crate) fn add(&mut self, cells: impl Into<Vec<Cell>>) {
        let mut cells = cells.into();
        debug_assert!(
            cells.len() <= self.header.len(),
            "a row has more cells than there are columns: {:?}",
            self.header
        );
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

    fn title(&self) -> &str {
        let when_empty = self.title_when_empty.as_deref();
        when_empty
            .filter(|_| self.is_empty())
            .unwrap_or(&self.title)
    }

    pub(super) fn has_title(&self) -> bool {
        !self.title().is_empty()
    }

    pub(super) fn has_columns(&self) -> bool {
        !self.header.is_empty()
    }

    /// The names of its columns for programs, and what is in each.
    pub(super) fn columns(&self) -> impl Iterator<Item = (String, Vec<&Cell>)> {
        let cells = |index: usize| self.rows.iter().map(move |row| &row[index]).collect();
        let header = self.header.iter().enumerate();
        header.map(move |(index, name)| (name.replace(' ', "_"), cells(index)))
    }

    /// Columns in which no row has anything are left out.
    fn table(&self) -> Table {
        let filled = |index: &usize| self.rows.iter().any(|row| row[*index] != Cell::Nothing);
        let columns: Vec<usize> = (0..self.header.len()).filter(filled).collect();
        let mut table = Table::new();
        table
            .load_preset(presets::UTF8_HORIZONTAL_ONLY)
            .remove_style(TableComponent::HorizontalLines)
            .remove_style(TableComponent::MiddleIntersections)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_header(columns.iter().map(|index| &self.header[*index]));
        if !self.is_framed {
            for part in [
                TableComponent::TopBorder,
                TableComponent::TopLeftCorner,
                TableComponent::TopRightCorner,
                TableComponent::TopBorderIntersections,
                TableComponent::BottomBorder,
                TableComponent::BottomLeftCorner,
                TableComponent::BottomRightCorner,
                TableComponent::BottomBorderIntersections,
            ] {
                table.remove_style(part);
            }
        }
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
    pub(crate) fn write_header(&self, csv: &mut csv::Writer<impl Write>) -> csv::Result<()> {
        csv.write_record(self.header.iter().map(|name| name.replace(' ', "_")))
    }

    /// Writes the rows for spreadsheets.
    pub(crate) fn write_rows(&self, csv: &mut csv::Writer<impl Write>) -> csv::Result<()> {
        self.rows
            .iter()
            .try_for_each(|row| csv.write_record(row.iter().map(Cell::written)))
    }
}

/// The table for people.
impl fmt::Display for Sheet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.has_title() {
            writeln!(f, "{}", self.title())?;
        }
        if !self.rows.is_empty() {
            writeln!(f, "{}", self.table())?;
        }
        self.notes.iter().try_for_each(|note| writeln!(f, "{note}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(text: &str) -> Cell {
        Cell::Amount(text.parse().unwrap())
    }

    #[test]
    fn columns_without_anything_are_left_out_for_people() {
        let mut sheet = Sheet::new("Costs", "campaign | amount");
        sheet.add([Cell::Nothing, amount("1.50")]);
        let shown = sheet.to_string();
        assert!(
            shown.contains("amount") && !shown.contains("campaign"),
            "{shown}"
        );
    }

    #[test]
    fn a_sheet_becomes_rows_of_a_spreadsheet() {
        let mut sheet = Sheet::new("Costs in EUR", "cost center | amount");
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
