//! The CSV files of the analyst's commands: columns by name, and the figures in them.

use std::fs::File;
use std::io::stdin;
use std::path::Path;

use anyhow::{Context, anyhow, bail};
use chrono::NaiveDate;
use rust_decimal::Decimal;

use keepworth_reading::date::{self, DateFormat, Zone};
use keepworth_reading::table::{Row, Table, only};
use keepworth_reading::{Written, number};

/// Decimals of an amount whose currency nobody names: those of most.
const USUAL_DECIMALS: u32 = 2;

/// Opens a CSV with a header; `-` is standard input.
pub(crate) fn open(file: &Path, written: &Written) -> anyhow::Result<Table> {
    if file == Path::new("-") {
        return Ok(Table::open(stdin(), written)?);
    }
    let bytes = File::open(file).context("the file cannot be opened")?;
    Ok(Table::open(bytes, written)?)
}

/// The next row, which must be sound: an estimate on half a file would be silently wrong.
pub(crate) fn next_row(table: &mut Table) -> anyhow::Result<Option<Row>> {
    let row = table.read_row()?;
    if let Some((_, detail)) = row.as_ref().and_then(|row| row.fault(table.header.len())) {
        bail!(detail);
    }
    Ok(row)
}

/// A column that a command reads.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    index: usize,
    name: String,
    written: Written,
}

impl Column {
    /// The column named `asked`, or else the first of the `usual` names that the header has.
    pub(crate) fn find(
        table: &Table,
        asked: Option<&str>,
        usual: &[&str],
    ) -> anyhow::Result<Option<Self>> {
        let found = |name: &str| -> anyhow::Result<Option<Self>> {
            let is_it = |column: &str| column == name;
            Ok(only(&table.header, name, is_it)?.map(|index| Self {
                index,
                name: name.to_owned(),
                written: table.written.clone(),
            }))
        };
        match asked {
            Some(name) => found(name)?.map(Some).with_context(|| {
                let columns: Vec<_> = table.header.iter().collect();
                format!(
                    "there is no column `{name}`; there are {}",
                    columns.join(", ")
                )
            }),
            None => usual
                .iter()
                .find_map(|name| found(name).transpose())
                .transpose(),
        }
    }

    /// The same for a column that must be there; `option` is the flag that names it.
    pub(crate) fn need(
        table: &Table,
        asked: Option<&str>,
        usual: &[&str],
        option: &str,
    ) -> anyhow::Result<Self> {
        match Self::find(table, asked, usual)? {
            Some(column) => Ok(column),
            None => bail!(
                "the file has no column {}; name the column with {option} COLUMN",
                usual.join(" or ")
            ),
        }
    }

    /// Every column, in the order of the file, its name in lower case.
    pub(crate) fn all(table: &Table) -> Vec<Self> {
        let header = table.header.iter().enumerate();
        let column = |(index, name): (usize, &str)| Self {
            index,
            name: name.to_lowercase(),
            written: table.written.clone(),
        };
        header.map(column).collect()
    }

    /// The text of a cell, trimmed; empty where it says that nothing is known.
    pub(crate) fn text<'a>(&self, row: &'a Row) -> &'a str {
        self.written
            .cell(row.cells.get(self.index).unwrap_or_default())
    }

    /// The number in a cell.
    pub(crate) fn number(&self, row: &Row) -> anyhow::Result<f64> {
        let found = self.written.numbers().float(self.text(row));
        found.map_err(|why| self.fault(row, &why))
    }

    /// The same, exactly: an amount of a currency with so many decimals.
    pub(crate) fn amount(&self, row: &Row, decimals: u32) -> anyhow::Result<Decimal> {
        let format = self.written.numbers();
        let text = self.text(row);
        self.ask(row, decimals)?;
        let plain = format.plain(text).map_err(|why| self.fault(row, &why))?;
        Decimal::from_str_exact(&plain).map_err(|why| self.fault(row, &why.to_string()))
    }

    /// The same of a currency that nobody names: an amount as a number.
    pub(crate) fn sum(&self, row: &Row) -> anyhow::Result<f64> {
        self.ask(row, USUAL_DECIMALS)?;
        self.number(row)
    }

    /// Whether a cell says yes.
    pub(crate) fn yes(&self, row: &Row) -> anyhow::Result<bool> {
        let text = self.text(row);
        truth(text).with_context(|| {
            format!(
                "line {}: the event is `{text}`; write 1 or 0, yes or no",
                row.line
            )
        })
    }

    /// The day in a cell.
    pub(crate) fn day(&self, row: &Row, format: &DateFormat) -> anyhow::Result<NaiveDate> {
        let formats = std::slice::from_ref(format);
        date::day(self.text(row), formats, Zone::default())
            .map_err(|why| self.fault(row, &format!("{why}; see --date-format")))
    }

    /// Why a cell cannot be taken: what it is not, and the fix.
    pub(crate) fn refusal(&self, row: &Row, fix: &str) -> anyhow::Error {
        self.fault(row, &format!("`{}` {fix}", self.text(row)))
    }

    /// Refuses an amount that has two readings.
    fn ask(&self, row: &Row, decimals: u32) -> anyhow::Result<()> {
        let found = number::ambiguous(self.written.numbers(), self.text(row), decimals);
        found.map_or(Ok(()), |why| Err(self.fault(row, &why)))
    }

    fn fault(&self, row: &Row, why: &str) -> anyhow::Error {
        anyhow!("line {}, column {}: {why}", row.line, self.name)
    }
}

/// Whether a text says yes or no; `None` where it says neither.
pub(crate) fn truth(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "1.0" | "yes" | "y" | "true" | "t" => Some(true),
        "0" | "0.0" | "no" | "n" | "false" | "f" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use csv::StringRecord;

    use super::*;

    fn table(text: &'static str) -> Table {
        Table::open(text.as_bytes(), &Written::default()).unwrap()
    }

    fn row(cells: &[&str]) -> Row {
        Row {
            line: 7,
            cells: StringRecord::from(cells.to_vec()),
        }
    }

    #[test]
    fn a_column_is_found_by_its_usual_name_or_the_one_asked_for() {
        let header = table("ID,frequency,T\n");
        let usual = Column::need(&header, None, &["x", "frequency"], "--x").unwrap();
        assert_eq!(usual.number(&row(&["a", " 3 ", "9"])).unwrap(), 3.0);
        let asked = Column::find(&header, Some("T"), &["x"]).unwrap().unwrap();
        assert_eq!(asked.text(&row(&["a", "3", "9"])), "9");
        assert!(Column::find(&header, None, &["t_x"]).unwrap().is_none());
    }

    #[test]
    fn what_is_missing_is_named() {
        let header = table("ID,T\n");
        let error = |result: anyhow::Result<Column>| result.unwrap_err().to_string();
        let missing = error(Column::need(&header, None, &["x", "frequency"], "--x"));
        assert_eq!(
            missing,
            "the file has no column x or frequency; name the column with --x COLUMN"
        );
        let asked = error(Column::need(&header, Some("X"), &["x"], "--x"));
        assert_eq!(asked, "there is no column `X`; there are ID, T");
        let id = Column::need(&header, Some("ID"), &[], "--id").unwrap();
        let text = id.number(&row(&["n/a", "1"])).unwrap_err().to_string();
        assert_eq!(text, "line 7, column ID: `n/a` is not a number");
    }

    #[test]
    fn a_column_that_is_asked_for_stands_once() {
        let twice = table("ID,T,Name,T,Name\n");
        let error = Column::find(&twice, None, &["T"]).unwrap_err().to_string();
        assert_eq!(
            error,
            "the file has two columns `T`, number 2 and number 4; rename one of them"
        );
        assert!(
            Column::find(&twice, Some("ID"), &[]).unwrap().is_some(),
            "not asked for"
        );
    }

    #[test]
    fn cells_are_read_as_they_are_written() {
        let written = Written {
            number_format: Some("1.234,56".parse().unwrap()),
            missing: vec!["NA".to_owned()],
            ..Written::default()
        };
        let table = Table::open(&b"ID;T\n"[..], &written).unwrap();
        let column = Column::need(&table, Some("T"), &[], "").unwrap();
        assert_eq!(column.number(&row(&["a", "1.234,5"])).unwrap(), 1234.5);
        assert_eq!(column.text(&row(&["a", " NA "])), "");
    }
}
