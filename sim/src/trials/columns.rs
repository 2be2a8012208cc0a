//! Figures of many trials, column by column.

use serde::{Deserialize, Serialize};

use crate::kernel::{LANES, Lane};
use crate::model::InputId;

/// A table of numbers: a row for each trial, a column for each input or outcome.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Columns {
    trials: usize,
    columns: Vec<Vec<f64>>,
}

impl Columns {
    /// A table of zeros.
    pub fn new(columns: usize, trials: usize) -> Self {
        Self {
            trials,
            columns: vec![vec![0.0; trials]; columns],
        }
    }

    /// No row yet, and room for some.
    pub(crate) fn with_capacity(columns: usize, trials: usize) -> Self {
        let column = || Vec::with_capacity(trials);
        Self {
            trials: 0,
            columns: (0..columns).map(|_| column()).collect(),
        }
    }

    /// One row: a single trial.
    pub fn from_row(row: &[f64]) -> Self {
        Self {
            trials: 1,
            columns: row.iter().map(|&value| vec![value]).collect(),
        }
    }

    /// Number of rows.
    pub fn trials(&self) -> usize {
        self.trials
    }

    /// Number of columns.
    pub fn len(&self) -> usize {
        self.columns.len()
    }

    /// Whether there is no column.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// One column.
    pub fn column(&self, index: usize) -> &[f64] {
        &self.columns[index]
    }

    /// One column, to be changed.
    pub fn column_mut(&mut self, index: usize) -> &mut [f64] {
        &mut self.columns[index]
    }

    /// Gives every column so many rows, new ones of zeros.
    pub(crate) fn resize(&mut self, trials: usize) {
        self.trials = trials;
        for column in &mut self.columns {
            column.resize(trials, 0.0);
        }
    }

    /// Takes columns of inputs out, leaving empty ones.
    pub(crate) fn take(&mut self, inputs: &[InputId]) -> Vec<Vec<f64>> {
        inputs
            .iter()
            .map(|input| std::mem::take(&mut self.columns[input.0]))
            .collect()
    }

    /// Puts a column back.
    pub(crate) fn replace(&mut self, input: InputId, column: Vec<f64>) {
        debug_assert_eq!(column.len(), self.trials);
        self.columns[input.0] = column;
    }

    /// Adds the first rows of a batch below.
    pub(crate) fn push(&mut self, batch: &[Lane], rows: usize) {
        self.trials += rows;
        for (column, lane) in self.columns.iter_mut().zip(batch) {
            if rows == LANES {
                column.extend_from_slice(lane);
            } else {
                column.extend_from_slice(&lane[..rows]);
            }
        }
    }

    /// Loads a batch of rows from `first`; past the last row it repeats the last.
    #[inline(always)]
    pub(crate) fn load(&self, first: usize, batch: &mut [Lane]) {
        for (lane, column) in batch.iter_mut().zip(&self.columns) {
            let rows = &column[first..];
            match rows.first_chunk() {
                Some(full) => *lane = *full,
                None => {
                    lane.fill(rows[rows.len() - 1]);
                    lane[..rows.len()].copy_from_slice(rows);
                }
            }
        }
    }
}
