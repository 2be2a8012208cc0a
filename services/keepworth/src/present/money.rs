//! Amounts of an answer, all in one unit, without the digits that their own errors make meaningless.

use keepworth_contract::simulator::{Estimate, Level, RunResult};
use keepworth_verdict::words::within_error;

use super::Cell;
use super::number::Unit;

/// The unit and the currency of an answer's amounts.
pub(crate) struct Money {
    unit: Unit,
    currency: String,
}

impl Money {
    /// Those of some results in one currency, by the largest NPV of any.
    pub(crate) fn of<'a>(results: impl IntoIterator<Item = &'a RunResult>) -> Self {
        let (mut largest, mut currency) = (0.0, "");
        for result in results {
            let sizes = result.npv_percentiles.iter().map(|npv| npv.abs());
            largest = sizes.fold(largest, f64::max);
            currency = result
                .conventions
                .get("currency")
                .map_or("", String::as_str);
        }
        Self {
            unit: Unit::of(largest),
            currency: currency.to_owned(),
        }
    }

    /// An amount with an error.
    pub(crate) fn cell(&self, value: f64, error: f64) -> Cell {
        let shown = self.unit.money(within_error(value, error), &self.currency);
        Cell::Figure(value, shown)
    }

    /// An error, in a unit of its own.
    pub(crate) fn error(&self, error: f64) -> Cell {
        Cell::Figure(error, Unit::of(error).money(error, &self.currency))
    }

    /// A figure with its error.
    pub(crate) fn estimate(&self, it: &Estimate) -> Cell {
        self.cell(it.value, it.mc_error)
    }

    /// A percentile, with its error beside it.
    pub(crate) fn level_and_error(&self, level: Level, error: Option<f64>) -> Cell {
        let error = error.unwrap_or(0.0);
        match (level, self.level(level, Some(error)), self.error(error)) {
            (Level::Number(value), Cell::Figure(_, amount), Cell::Figure(_, error)) => {
                Cell::Figure(value, format!("{amount} (± {error})"))
            }
            (_, cell, _) => cell,
        }
    }

    /// A percentile, to the digits that its error leaves.
    pub(crate) fn level(&self, level: Level, error: Option<f64>) -> Cell {
        match level {
            Level::Number(value) => self.cell(value, error.unwrap_or(0.0)),
            Level::Word(_) => "none".into(),
        }
    }
}
