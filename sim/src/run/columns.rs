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

    /// Makes room for more rows.
    pub(crate) fn reserve(&mut self, trials: usize) {
        self.columns
            .iter_mut()
            .for_each(|column| column.reserve_exact(trials));
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
    /// By month, then by series, then by trial.
    pub(crate) months: Vec<[Vec<f64>; SERIES]>,
}

impl Monthly {
    /// Room for `trials` trials.
    pub(crate) fn new(horizon: usize, trials: usize) -> Self {
        let series = || std::array::from_fn(|_| Vec::with_capacity(trials));
        Self {
            months: (0..=horizon).map(|_| series()).collect(),
        }
    }

    /// Makes room for more trials.
    pub(crate) fn reserve(&mut self, trials: usize) {
        self.months
            .iter_mut()
            .flatten()
            .for_each(|series| series.reserve_exact(trials));
    }

    /// Adds the trials of another.
    pub(crate) fn append(&mut self, more: &Self) {
        for (month, more) in self.months.iter_mut().zip(&more.months) {
            for (series, more) in month.iter_mut().zip(more) {
                series.extend_from_slice(more);
            }
        }
    }
}
