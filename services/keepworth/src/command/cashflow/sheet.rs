//! A CSV sheet whose cells know where they stand, so that every fault can say so.

use std::str::FromStr;

use chrono::NaiveDate;
use csv::StringRecord;
use keepworth_cashflow::tei::Kind;

use crate::reading::date::{self, DateFormat, Zone};
use crate::reading::number::ambiguous;
use crate::reading::table::{self, Table};
use crate::reading::{USUAL_DECIMALS, Written};

/// Why a statement cannot be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum StatementError {
    #[error(
        "the header is `{0}`; it must be period,amount or date,amount (then optionally kind), or line,kind,risk_adjustment,initial,year1"
    )]
    Header(String),
    #[error(
        "{0}; write numbers without thousands separators, or quote fields that contain the delimiter"
    )]
    Row(String),
    #[error("line {line}, column {column}: `{value}` {fix}")]
    Cell {
        line: u64,
        column: String,
        value: String,
        fix: String,
    },
    #[error("line {line}, column {column}: {why}")]
    Unread {
        line: u64,
        column: String,
        why: String,
    },
    #[error("there are no rows below the header; add at least one")]
    NoRows,
    #[error("there are {found} dates where {most} are the most; sum the flows by week or month")]
    TooManyDates { found: usize, most: usize },
    #[error("dated flows fall on their dates; leave --timing out")]
    TimingOfDates,
    #[error("{0:#}")]
    Unreadable(anyhow::Error),
    #[error(transparent)]
    Cashflow(#[from] keepworth_cashflow::Error),
}

/// A CSV file: its header in lower case, and its rows.
pub(super) struct Sheet {
    pub(super) header: Vec<String>,
    rows: Vec<table::Row>,
    written: Written,
}

impl Sheet {
    pub(super) fn read(mut table: Table) -> Result<Self, StatementError> {
        let header: Vec<String> = table.header.iter().map(str::to_lowercase).collect();
        let mut rows = Vec::new();
        while let Some(row) = table.next().map_err(StatementError::Unreadable)? {
            if let Some((_, fault)) = row.fault(header.len()) {
                return Err(StatementError::Row(fault));
            }
            rows.push(row);
        }
        Ok(Self {
            header,
            rows,
            written: table.written,
        })
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|row| Row {
            sheet: self,
            line: row.line,
            record: &row.cells,
        })
    }
}

/// A record that knows where it stands.
pub(super) struct Row<'a> {
    sheet: &'a Sheet,
    line: u64,
    record: &'a StringRecord,
}

impl Row<'_> {
    pub(super) fn cell(&self, column: usize) -> &str {
        let cell = self.record.get(column).unwrap_or_default();
        self.sheet.written.cell(cell)
    }

    pub(super) fn parse<T: FromStr>(&self, column: usize, fix: &str) -> Result<T, StatementError> {
        self.cell(column)
            .parse()
            .map_err(|_| self.fault(column, fix))
    }

    pub(super) fn number(&self, column: usize) -> Result<f64, StatementError> {
        let (format, text) = (self.sheet.written.numbers(), self.cell(column));
        let found = match ambiguous(format, text, USUAL_DECIMALS) {
            Some(why) => Err(why),
            None => format.float(text),
        };
        found.map_err(|why| self.unread(column, why))
    }

    pub(super) fn day(
        &self,
        column: usize,
        format: &DateFormat,
    ) -> Result<NaiveDate, StatementError> {
        let found = date::day(
            self.cell(column),
            std::slice::from_ref(format),
            Zone::default(),
        );
        found.map_err(|why| self.unread(column, format!("{why}; see --date-format")))
    }

    fn unread(&self, column: usize, why: String) -> StatementError {
        StatementError::Unread {
            line: self.line,
            column: self.sheet.header[column].clone(),
            why,
        }
    }

    pub(super) fn kind(&self, column: usize) -> Result<Kind, StatementError> {
        match self.cell(column).to_lowercase().as_str() {
            "cost" => Ok(Kind::Cost),
            "benefit" => Ok(Kind::Benefit),
            _ => Err(self.fault(column, "is no kind; write cost or benefit")),
        }
    }

    pub(super) fn fault(&self, column: usize, fix: &str) -> StatementError {
        StatementError::Cell {
            line: self.line,
            column: self.sheet.header[column].clone(),
            value: self.cell(column).to_owned(),
            fix: fix.to_owned(),
        }
    }
}
