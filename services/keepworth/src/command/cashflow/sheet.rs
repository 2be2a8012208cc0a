//! A CSV sheet whose cells know where they stand, so that every fault can say so.

use std::str::FromStr;

use keepworth_cashflow::tei::Kind;

/// Why a statement cannot be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum StatementError {
    #[error(
        "the header is `{0}`; it must be period,amount or date,amount (then optionally kind), or line,kind,risk_adjustment,initial,year1"
    )]
    Header(String),
    #[error(
        "line {line}: {found} fields where the header has {expected}; write numbers without thousands separators, or quote fields that contain the delimiter"
    )]
    Fields {
        line: u64,
        found: usize,
        expected: usize,
    },
    #[error("line {line}, column {column}: `{value}` {fix}")]
    Cell {
        line: u64,
        column: String,
        value: String,
        fix: String,
    },
    #[error("there are no rows below the header; add at least one")]
    NoRows,
    #[error("there are {found} dates where {most} are the most; sum the flows by week or month")]
    TooManyDates { found: usize, most: usize },
    #[error("dated flows fall on their dates; leave --timing out")]
    TimingOfDates,
    #[error(transparent)]
    Csv(#[from] csv::Error),
    #[error(transparent)]
    Cashflow(#[from] keepworth_cashflow::Error),
}

/// A CSV file: its header in lower case, and its records with their line numbers.
pub(super) struct Sheet {
    pub(super) header: Vec<String>,
    records: Vec<(u64, csv::StringRecord)>,
}

impl Sheet {
    pub(super) fn parse(content: &str) -> Result<Self, StatementError> {
        let content = content.strip_prefix('\u{feff}').unwrap_or(content);
        let first = content.lines().next().unwrap_or_default();
        let delimiter = [b',', b';', b'\t']
            .into_iter()
            .find(|d| first.contains(char::from(*d)));
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter.unwrap_or(b','))
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(content.as_bytes());
        let header: Vec<String> = reader.headers()?.iter().map(str::to_lowercase).collect();
        let mut records = Vec::new();
        for record in reader.records() {
            let record = record?;
            let line = record.position().map_or(0, csv::Position::line);
            let (found, expected) = (record.len(), header.len());
            if found != expected {
                return Err(StatementError::Fields {
                    line,
                    found,
                    expected,
                });
            }
            records.push((line, record));
        }
        Ok(Self { header, records })
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.records.iter().map(|(line, record)| Row {
            sheet: self,
            line: *line,
            record,
        })
    }
}

/// A record that knows where it stands.
pub(super) struct Row<'a> {
    sheet: &'a Sheet,
    line: u64,
    record: &'a csv::StringRecord,
}

impl Row<'_> {
    pub(super) fn cell(&self, column: usize) -> &str {
        self.record.get(column).unwrap_or_default()
    }

    pub(super) fn parse<T: FromStr>(&self, column: usize, fix: &str) -> Result<T, StatementError> {
        self.cell(column)
            .parse()
            .map_err(|_| self.fault(column, fix))
    }

    pub(super) fn number(&self, column: usize) -> Result<f64, StatementError> {
        let fix = "is no number; write digits with a point, such as -1234.50";
        let number: f64 = self.parse(column, fix)?;
        if number.is_finite() {
            Ok(number)
        } else {
            Err(self.fault(column, fix))
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
