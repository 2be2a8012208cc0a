//! Rows on their way: so many at once become records, and what becomes of each is known by its row.

use csv::StringRecord;
use keepworth_contract::batch::{BatchReport, RejectedRow};
use serde_json::{Map, Value};

use super::{Mapping, RowFault, Told};
use crate::Refusal;
use crate::table::{Row, Table};

/// Rows and the records that they became.
#[derive(Debug, Default)]
pub struct Batch {
    /// Rows that the mapping leaves out.
    pub filtered: u64,
    /// The records.
    pub records: Vec<Map<String, Value>>,
    /// What is told of rows besides.
    pub told: Told,
    rows: Vec<Row>,
    /// For each record the row it was made from.
    record_rows: Vec<usize>,
    /// Rows that could not become records.
    faults: Vec<(usize, RowFault)>,
}

/// A row that was not taken.
#[derive(Debug)]
pub struct FailedRow<'a> {
    /// The line it begins on.
    pub line: u64,
    /// Its cells.
    pub cells: &'a StringRecord,
    /// Names what is wrong, for machines.
    pub code: &'a str,
    /// What is wrong, and the fix.
    pub detail: String,
}

impl Batch {
    /// Reads so many rows, fewer at the end of the table.
    ///
    /// # Errors
    /// A file that cannot be read on.
    pub fn read(table: &mut Table, mapping: &Mapping, rows: usize) -> Result<Self, Refusal> {
        let mut batch = Self::default();
        while batch.rows.len() < rows {
            let Some(row) = table.read_row()? else { break };
            batch.add(mapping, row);
        }
        Ok(batch)
    }

    fn add(&mut self, mapping: &Mapping, row: Row) {
        let index = self.rows.len();
        if let Some((code, detail)) = row.fault(mapping.columns()) {
            let code = code.to_owned();
            self.faults.push((index, RowFault { code, detail }));
        } else {
            match mapping.make(&row) {
                Ok(made) => {
                    self.told.merge(made.told);
                    let Some(record) = made.record else {
                        self.filtered += 1;
                        return;
                    };
                    self.records.push(record);
                    self.record_rows.push(index);
                }
                Err(fault) => {
                    let detail = format!("line {}: {}", row.line, fault.detail);
                    self.faults.push((index, RowFault { detail, ..fault }));
                }
            }
        }
        self.rows.push(row);
    }

    /// Whether the table may have more rows, when so many were asked for.
    #[must_use]
    pub fn is_full(&self, rows: usize) -> bool {
        self.rows.len() >= rows
    }

    /// Rows that were read.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.rows.len() as u64 + self.filtered
    }

    /// The rows that were not taken, in their order; `report` says what became of the records.
    #[must_use]
    pub fn failed<'a>(&'a self, report: &'a BatchReport) -> Vec<FailedRow<'a>> {
        let unmade = self.faults.iter().map(|(row, fault)| {
            let detail = fault.detail.clone();
            (*row, fault.code.as_str(), detail)
        });
        let refused = report.rejected.iter().filter_map(|it| {
            let row = self.record_rows.get(it.index)?;
            Some((*row, code(it), reasons(it)))
        });
        let mut failed: Vec<_> = unmade.chain(refused).collect();
        failed.sort_by_key(|(row, ..)| *row);
        let told = failed.into_iter().map(|(row, code, detail)| FailedRow {
            line: self.rows[row].line,
            cells: &self.rows[row].cells,
            code,
            detail,
        });
        told.collect()
    }
}

fn code(rejected: &RejectedRow) -> &str {
    let first = rejected.invalid_params.first();
    first.map_or("", |it| it.code.as_str())
}

fn reasons(rejected: &RejectedRow) -> String {
    let params = rejected.invalid_params.iter();
    let reasons = params.map(|it| format!("{}: {}", it.name, it.reason));
    Vec::from_iter(reasons).join("; ")
}
