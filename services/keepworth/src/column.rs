//! The CSV files of the analyst's commands: columns by name, and the figures in them.

use std::fs::File;
use std::io::stdin;
use std::path::Path;

use anyhow::{Context, bail};
use csv::StringRecord;

use crate::import::table::{Row, Table};

/// Opens a CSV with a header; `-` is standard input.
pub(crate) fn open(file: &Path) -> anyhow::Result<Table> {
    if file == Path::new("-") {
        return Table::open(stdin(), "auto", "utf-8");
    }
    let bytes = File::open(file).context("the file cannot be opened")?;
    Table::open(bytes, "auto", "utf-8")
}

/// The next row, which must be sound: an estimate on half a file would be silently wrong.
pub(crate) fn next_row(table: &mut Table) -> anyhow::Result<Option<Row>> {
    let row = table.next()?;
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
}

impl Column {
    /// The column named `asked`, or else the first of the `usual` names that the header has.
    pub(crate) fn find(
        header: &StringRecord,
        asked: Option<&str>,
        usual: &[&str],
    ) -> anyhow::Result<Option<Self>> {
        let position = |name: &str| header.iter().position(|column| column == name);
        let found = |name: &str| {
            position(name).map(|index| Self {
                index,
                name: name.to_owned(),
            })
        };
        match asked {
            Some(name) => found(name).map(Some).with_context(|| {
                let columns: Vec<_> = header.iter().collect();
                format!(
                    "there is no column `{name}`; there are {}",
                    columns.join(", ")
                )
            }),
            None => Ok(usual.iter().find_map(|name| found(name))),
        }
    }

    /// The same for a column that must be there; `option` is the flag that names it.
    pub(crate) fn need(
        header: &StringRecord,
        asked: Option<&str>,
        usual: &[&str],
        option: &str,
    ) -> anyhow::Result<Self> {
        match Self::find(header, asked, usual)? {
            Some(column) => Ok(column),
            None => bail!(
                "the file has no column {}; name the column with {option} COLUMN",
                usual.join(" or ")
            ),
        }
    }

    /// The text of a cell, trimmed.
    pub(crate) fn text<'a>(&self, row: &'a Row) -> &'a str {
        row.cells.get(self.index).unwrap_or_default().trim()
    }

    /// The number in a cell.
    pub(crate) fn number(&self, row: &Row) -> anyhow::Result<f64> {
        let text = self.text(row);
        text.parse()
            .ok()
            .with_context(|| format!("line {}: {} is `{text}`, not a number", row.line, self.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(cells: &[&str]) -> Row {
        Row {
            line: 7,
            cells: StringRecord::from(cells.to_vec()),
        }
    }

    #[test]
    fn a_column_is_found_by_its_usual_name_or_the_one_asked_for() {
        let header = StringRecord::from(vec!["ID", "frequency", "T"]);
        let usual = Column::need(&header, None, &["x", "frequency"], "--x").unwrap();
        assert_eq!(usual.number(&row(&["a", " 3 ", "9"])).unwrap(), 3.0);
        let asked = Column::find(&header, Some("T"), &["x"]).unwrap().unwrap();
        assert_eq!(asked.text(&row(&["a", "3", "9"])), "9");
        assert!(Column::find(&header, None, &["t_x"]).unwrap().is_none());
    }

    #[test]
    fn what_is_missing_is_named() {
        let header = StringRecord::from(vec!["ID", "T"]);
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
        assert_eq!(text, "line 7: ID is `n/a`, not a number");
    }
}
