//! Figures of many trials, column by column.

use serde::{Deserialize, Serialize};

use crate::model::{LANES, Lane};

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

    /// Takes columns out, leaving empty ones.
    pub(crate) fn take(&mut self, indices: &[usize]) -> Vec<Vec<f64>> {
        indices
            .iter()
            .map(|&index| std::mem::take(&mut self.columns[index]))
            .collect()
    }

    /// Puts a column back.
    pub(crate) fn replace(&mut self, index: usize, column: Vec<f64>) {
        debug_assert_eq!(column.len(), self.trials);
        self.columns[index] = column;
    }

    /// Adds the rows of another table below.
    pub(crate) fn append(&mut self, below: &Self) {
        self.trials += below.trials;
        for (column, more) in self.columns.iter_mut().zip(&below.columns) {
            column.extend_from_slice(more);
        }
    }

    /// Loads a batch of rows from `first`; past the last row it repeats the last.
    #[inline(always)]
    pub(crate) fn load(&self, first: usize, batch: &mut [Lane]) {
        for (lane, column) in batch.iter_mut().zip(&self.columns) {
            let rows = &column[first..self.trials.min(first + LANES)];
            lane[..rows.len()].copy_from_slice(rows);
            lane[rows.len()..].fill(rows[rows.len() - 1]);
        }
    }
}

/// Number of figures by month.
pub(crate) const SERIES: usize = 5;

/// Figures by month and trial: cumulative discounted flow, customers and retention in two worlds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Monthly {
    trials: usize,
    /// By month, then by series, then by trial.
    values: Vec<f64>,
}

impl Monthly {
    /// Zeros.
    pub(crate) fn new(horizon: usize, trials: usize) -> Self {
        Self {
            trials,
            values: vec![0.0; (horizon + 1) * SERIES * trials],
        }
    }

    /// Number of trials.
    pub(crate) fn trials(&self) -> usize {
        self.trials
    }

    /// Number of months.
    pub(crate) fn months(&self) -> usize {
        self.values.len() / (SERIES * self.trials)
    }

    /// One figure of one month in every trial.
    pub(crate) fn values(&self, month: usize, series: usize) -> &[f64] {
        &self.values[(month * SERIES + series) * self.trials..][..self.trials]
    }

    /// One figure of one month in the trials from `first`, as many as there are up to a batch.
    pub(crate) fn set(&mut self, month: usize, series: usize, first: usize, lane: &Lane) {
        let start = (month * SERIES + series) * self.trials;
        let row = &mut self.values[start..start + self.trials];
        match row[first..].first_chunk_mut() {
            Some(batch) => *batch = *lane,
            None => row[first..].copy_from_slice(&lane[..self.trials - first]),
        }
    }
}
