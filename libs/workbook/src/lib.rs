//! A run as a workbook (`.xlsx`) that a finance reviewer opens: what was found, and one case of it in live formulas.
//!
//! What is simulated, thousands of futures, is written as values and says so. One future, that in which every uncertain
//! input lies at its median, is told by month in formulas, from inputs that may be changed in the sheet to NPV, IRR and
//! payback; beside each stands the engine's figure and the difference between both. [`workbook`] refuses to write a sheet
//! that would not tie to the engine.
//!
//! **For:** how a result is laid out on sheets, and their formulas. **Must not know:** the engine, files, HTTP.

mod assumptions;
mod audit;
mod benefits;
mod cash_flow;
mod costs;
mod definitions;
mod distribution;
mod figure;
mod futures;
mod inputs;
mod names;
mod page;
mod reckoning;
mod style;
mod summary;
#[cfg(test)]
mod tests;
mod tornado;
mod waterfall;
mod words;

use std::collections::BTreeMap;

use keepworth_contract::simulator::{Assumption, Case, InputSwing, OutcomeName, RunResult};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, XlsxError};

use names::Names;
use reckoning::Reckoning;
use style::Style;

/// What a workbook tells.
#[derive(Debug, Clone, Copy)]
pub struct Contents<'a> {
    /// What came of the run.
    pub result: &'a RunResult,
    /// The verdict in a sentence.
    pub decision: &'a str,
    /// The future in which every uncertain input lies at its median.
    pub case: &'a Case,
    /// How far the mean NPV swings with each input, widest first; none where the futures are too few to tell.
    pub swings: Option<&'a [InputSwing]>,
    /// The run's first futures: of each figure one value a future.
    pub futures: &'a BTreeMap<OutcomeName, Vec<f64>>,
    /// What it takes to be so.
    pub register: Register<'a>,
}

/// The register of what a run takes to be so.
#[derive(Debug, Clone, Copy)]
pub struct Register<'a> {
    /// Every input that is drawn, what decides most first.
    pub assumptions: &'a [Assumption],
    /// Futures of each evaluation of their shares of the variance.
    pub trials: u64,
    /// The key of the kept scenario, with which it is kept who last looked; none of a run that is of no such.
    pub scenario: Option<&'a str>,
}

/// Why there is no workbook.
#[derive(Debug, thiserror::Error)]
pub enum WorkbookError {
    /// The case's months do not come to its NPV: the sheet would tell another figure than the engine.
    #[error(
        "the case's months come to an NPV of {sheet}, and the engine's is {engine}; this is a fault of ours"
    )]
    DoesNotTie {
        /// The engine's NPV.
        engine: f64,
        /// What the months come to.
        sheet: f64,
    },
    /// It cannot be written.
    #[error("the workbook cannot be written: {0}")]
    Write(#[from] XlsxError),
}

/// What every sheet is made from.
#[derive(Clone, Copy)]
struct Made<'a> {
    contents: Contents<'a>,
    reckoning: &'a Reckoning,
    style: &'a Style,
}

/// A run as a workbook: the bytes of an `.xlsx` file, the same for the same contents.
///
/// # Errors
/// A case that does not come to its own figures, or that no sheet can hold.
pub fn workbook(contents: Contents<'_>) -> Result<Vec<u8>, WorkbookError> {
    let made = Made {
        contents,
        reckoning: &Reckoning::new(contents.case)?,
        style: &Style::new(&contents.case.currency, largest(contents.result)),
    };
    let mut names = Names::default();
    let mut book = Workbook::new();
    book.set_properties(&properties()?);
    for sheet in [
        summary::sheet,
        inputs::sheet,
        assumptions::sheet,
        cash_flow::sheet,
        benefits::sheet,
        costs::sheet,
        waterfall::sheet,
        distribution::sheet,
        tornado::sheet,
        futures::sheet,
        definitions::sheet,
        audit::sheet,
    ] {
        book.push_worksheet(sheet(made, &mut names)?);
    }
    if let Some(factors) = costs::factors(made)? {
        book.push_worksheet(factors);
    }
    for (name, place) in names.all() {
        book.define_name(name, place)?;
    }
    Ok(book.save_to_buffer()?)
}

/// The largest NPV of the percentiles, whatever its sign.
fn largest(result: &RunResult) -> f64 {
    let percentiles = result.npv_percentiles.iter();
    percentiles.fold(0.0, |largest, npv| npv.abs().max(largest))
}

/// The same in every workbook, so that the same run has the same bytes.
fn properties() -> Result<DocProperties, XlsxError> {
    let day = ExcelDateTime::from_ymd(2026, 1, 1)?;
    Ok(DocProperties::new()
        .set_title("What a programme is worth")
        .set_author("Keepworth")
        .set_creation_datetime(&day))
}
