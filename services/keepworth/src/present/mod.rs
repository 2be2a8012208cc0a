//! How results look and where they go: one table, one number, one picture, for every command.

pub(crate) mod cell;
pub(crate) mod chart;
pub(crate) mod money;
mod parquet;
pub(crate) mod sheet;
mod sink;

use std::path::PathBuf;

use anyhow::ensure;
use clap::ValueEnum;
use serde::Serialize;

pub(crate) use cell::Cell;
pub(crate) use keepworth_verdict::number;
pub(crate) use sheet::{Sheet, row};
pub(crate) use sink::Sink;

/// The form of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    #[default]
    Table,
    /// For programs: everything; its shape is documented and stable.
    Json,
    /// For spreadsheets: the rows, figures without thousands marks.
    Csv,
    /// For data frames: the same rows, each column of its type.
    Parquet,
    /// For finance: a workbook in live formulas, of `keepworth simulate` alone.
    Xlsx,
    /// For who decides: a memo of two pages, of `keepworth simulate` alone.
    Pdf,
}

impl Format {
    /// The form that a file's name asks for.
    fn of(output: Option<&PathBuf>) -> Self {
        let ending = output.and_then(|it| Some(it.extension()?.to_str()?.to_lowercase()));
        match ending.as_deref() {
            Some("json") => Self::Json,
            Some("csv") => Self::Csv,
            Some("parquet") => Self::Parquet,
            Some("xlsx") => Self::Xlsx,
            Some("pdf") => Self::Pdf,
            _ => Self::Table,
        }
    }
}

/// In which form a command answers, and where to.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Presenting {
    /// The form of the result [default: table, or as the name of --output ends].
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Write the result to this file, whole or not at all; - is standard output.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Presenting {
    /// In a form, or without one as the name of the file ends.
    pub(crate) fn new(format: Option<Format>, output: Option<PathBuf>) -> Self {
        Self { format, output }
    }

    pub(crate) fn form(&self) -> Format {
        let of_name = || Format::of(self.output.as_ref());
        self.format.unwrap_or_else(of_name)
    }

    /// Whether rows alone are asked for.
    pub(crate) fn is_of_rows(&self) -> bool {
        matches!(self.form(), Format::Csv | Format::Parquet)
    }

    /// Prints what people read of a result that went to a file in a form for programs.
    pub(crate) fn tell(&self, sheets: impl FnOnce() -> Vec<Sheet>) {
        let is_file = self.output.as_ref().is_some_and(|it| it.as_os_str() != "-");
        if is_file && self.form() != Format::Table {
            print!("{}", text(&sheets()));
        }
    }

    /// Where the result goes.
    ///
    /// # Errors
    /// If a person would see bytes that are not for people, or a workbook or memo is asked of what has none.
    pub(crate) fn sink(&self) -> anyhow::Result<Sink> {
        let form = self.form();
        ensure!(
            !matches!(form, Format::Xlsx | Format::Pdf),
            "only `keepworth simulate` writes a workbook or a memo; use --format table, json, csv or parquet"
        );
        Sink::new(self.output.clone(), form)
    }

    /// Where a workbook or a memo goes, or what else a run may be.
    ///
    /// # Errors
    /// If a person would see bytes that are not for people.
    pub(crate) fn run_sink(&self) -> anyhow::Result<Sink> {
        Sink::new(self.output.clone(), self.form())
    }

    /// Shows an answer in the form asked for; the rows are those of the first sheet.
    pub(crate) fn show<T: Serialize>(
        &self,
        answer: T,
        sheets: impl FnOnce(T) -> anyhow::Result<Vec<Sheet>>,
    ) -> anyhow::Result<()> {
        if self.form() == Format::Json {
            return self.json(&answer);
        }
        self.sheets(&sheets(answer)?)
    }

    /// Shows an answer whose rows are others than those that people see.
    pub(crate) fn show_rows<T: Serialize>(
        &self,
        answer: &T,
        sheets: impl FnOnce(&T) -> Vec<Sheet>,
        rows: impl FnOnce(&T) -> Sheet,
    ) -> anyhow::Result<()> {
        match self.form() {
            Format::Json => self.json(answer),
            Format::Table | Format::Xlsx | Format::Pdf => self.text(&text(&sheets(answer))),
            Format::Csv | Format::Parquet => self.rows(&rows(answer)),
        }
    }

    /// Writes a text for people.
    pub(crate) fn text(&self, text: &str) -> anyhow::Result<()> {
        self.sink()?
            .write(|out| Ok(out.write_all(text.as_bytes())?))
    }

    /// Writes JSON.
    pub(crate) fn json(&self, answer: &impl Serialize) -> anyhow::Result<()> {
        self.sink()?.write(|out| {
            serde_json::to_writer_pretty(&mut *out, answer)?;
            Ok(out.write_all(b"\n")?)
        })
    }

    /// Writes rows.
    pub(crate) fn rows(&self, rows: &Sheet) -> anyhow::Result<()> {
        ensure!(
            rows.has_columns(),
            "this answer has no rows; use --format table or json"
        );
        self.sink()?.write(|out| match self.form() {
            Format::Parquet => parquet::write(rows, out),
            _ => {
                let mut csv = csv::Writer::from_writer(out);
                rows.write_header(&mut csv)?;
                rows.write_rows(&mut csv)?;
                Ok(csv.flush()?)
            }
        })
    }

    fn sheets(&self, sheets: &[Sheet]) -> anyhow::Result<()> {
        match (self.form(), sheets.first()) {
            (Format::Csv | Format::Parquet, Some(first)) => self.rows(first),
            _ => self.text(&text(sheets)),
        }
    }
}

/// Sheets for people, one below the other; one with a title stands apart.
pub(crate) fn text(sheets: &[Sheet]) -> String {
    let mut text = String::new();
    for sheet in sheets {
        if !text.is_empty() && sheet.has_title() {
            text.push('\n');
        }
        text += &sheet.to_string();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn presenting(format: Option<Format>, output: &str) -> Presenting {
        let output = Some(PathBuf::from(output));
        Presenting { format, output }
    }

    #[test]
    fn a_name_asks_for_its_form_and_a_format_for_another() {
        for (name, form) in [
            ("a.csv", Format::Csv),
            ("a.json", Format::Json),
            ("a.parquet", Format::Parquet),
            ("a.xlsx", Format::Xlsx),
            ("A.XLSX", Format::Xlsx),
            ("a.pdf", Format::Pdf),
            ("a.txt", Format::Table),
            ("-", Format::Table),
        ] {
            assert_eq!(presenting(None, name).form(), form);
            assert_eq!(presenting(Some(Format::Json), name).form(), Format::Json);
        }
    }

    #[test]
    fn what_is_no_run_has_no_workbook_and_no_memo() {
        for name in ["a.xlsx", "a.pdf"] {
            let shown = presenting(None, name).show([1], |_| Ok(vec![Sheet::new("Costs", "n")]));
            let refused = shown.unwrap_err().to_string();
            assert!(refused.contains("only `keepworth simulate`"), "{refused}");
        }
    }

    #[test]
    fn a_file_has_what_would_be_printed() {
        let folder = tempfile::tempdir().unwrap();
        let written = |name: &str| {
            let path = folder.path().join(name);
            let mut sheet = Sheet::new("Costs", "cost center | n");
            row![sheet => "North", 1_200_u64];
            let to = presenting(None, path.to_str().unwrap());
            to.show([1, 2], |_| Ok(vec![sheet])).unwrap();
            std::fs::read(path).unwrap()
        };
        assert_eq!(written("a.csv"), b"cost_center,n\nNorth,1200\n");
        assert_eq!(written("a.json"), b"[\n  1,\n  2\n]\n");
        assert!(
            String::from_utf8(written("a.txt"))
                .unwrap()
                .starts_with("Costs\n")
        );
        assert!(written("a.parquet").starts_with(b"PAR1"));
    }
}
