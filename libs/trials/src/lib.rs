//! Every future of a run, row by row: CSV for spreadsheets, Parquet for data frames.
//!
//! Futures are drawn block by block and each block is written, so that memory does not grow with them. A figure that a
//! future does not have is the number that the engine counts it as, which the conventions of the run's result say: a
//! payback beyond the horizon is the month after it.
//!
//! **For:** rows of futures in files. **Must not know:** baselines, verdicts, HTTP, where a file goes.

mod columns;

use std::io::Write;

use keepworth_sim::{
    BLOCK_TRIALS, Control, Model, Outcome, Partial, RunError, RunOptions, run_blocks,
};

use columns::{Columns, Csv, Parquet};

/// What the rows are written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Comma-separated values, a line for each future.
    Csv,
    /// A row group for each block of futures, with what it takes to draw them again beside them.
    Parquet,
}

/// Why futures are not written.
#[derive(Debug, thiserror::Error)]
pub enum TrialsError {
    /// They cannot be drawn, or nobody wants them any more.
    #[error(transparent)]
    Run(#[from] RunError),
    /// They cannot be written.
    #[error("the futures cannot be written: {0}")]
    Csv(#[from] csv::Error),
    /// They cannot be written.
    #[error("the futures cannot be written: {0}")]
    Parquet(#[from] parquet::errors::ParquetError),
}

/// Draws every future of a run and writes it, in the order of their numbers from 0.
///
/// # Errors
/// Options that cannot be drawn, a caller who no longer wants them, a writer that takes nothing.
pub fn write_trials(
    model: &Model,
    options: &RunOptions,
    form: Form,
    control: &Control<'_>,
    out: &mut (dyn Write + Send),
) -> Result<(), TrialsError> {
    match form {
        Form::Csv => write_all(model, options, control, Csv::begin(out)?),
        Form::Parquet => write_all(
            model,
            options,
            control,
            Parquet::begin(out, facts(model, options))?,
        ),
    }
}

fn write_all(
    model: &Model,
    options: &RunOptions,
    control: &Control<'_>,
    mut file: impl Columns,
) -> Result<(), TrialsError> {
    for block in 0..options.blocks() {
        let partial = run_block(model, options, block, control)?;
        file.write(&Outcome::ALL.map(|outcome| partial.values(outcome)))?;
    }
    file.finish()
}

/// What it takes to draw the same futures again.
fn facts(model: &Model, options: &RunOptions) -> [(&'static str, String); 6] {
    let sampling = match options.sampling {
        keepworth_sim::Sampling::Random => "random",
        keepworth_sim::Sampling::LatinHypercube => "latin hypercube",
        keepworth_sim::Sampling::Sobol => "sobol",
    };
    [
        ("scenario", model.name().to_owned()),
        ("input_hash", model.input_hash().to_owned()),
        ("currency", model.currency().to_owned()),
        ("seed", options.seed.to_string()),
        ("trials", options.trials.to_string()),
        ("sampling", sampling.to_owned()),
    ]
}

/// One block, with the progress of the whole run.
fn run_block(
    model: &Model,
    options: &RunOptions,
    block: u64,
    control: &Control<'_>,
) -> Result<Partial, RunError> {
    let before = block * BLOCK_TRIALS;
    let progress = |done, all| {
        if let Some(progress) = control.progress {
            progress(before + done, all);
        }
    };
    let control = Control {
        progress: Some(&progress),
        cancel: control.cancel,
    };
    // One block is always few enough to keep.
    let options = RunOptions {
        most_kept: options.trials,
        ..options.clone()
    };
    run_blocks(model, &options, block..block + 1, &control)
}

#[cfg(test)]
mod tests {
    use super::*;
    use keepworth_sim::Scenario;
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::RowAccessor;

    const SCENARIO: &str = r#"
name = "Two blocks"
currency = "EUR"
horizon_months = 2
discount_rate = 0.1
[[segments]]
name = "one"
customers = 10
won_per_month = 0
hazard = { constant = { hazard = 0.01 } }
revenue = 10
gross_margin = 0.5
overhead = 0
acquisition_cost = 0
[[initiatives]]
name = "a"
costs = [{ type = "people", amount = "1 to 2" }]
"#;

    fn two_blocks() -> (Model, RunOptions) {
        let model = Scenario::from_toml(SCENARIO)
            .unwrap()
            .resolve(None)
            .unwrap();
        let options = RunOptions {
            trials: BLOCK_TRIALS + 100,
            ..RunOptions::default()
        };
        (model, options)
    }

    fn drawn(model: &Model, options: &RunOptions) -> [Vec<f64>; 2] {
        let blocks = run_blocks(model, options, 0..2, &Control::default()).unwrap();
        [Outcome::Npv, Outcome::PvCosts].map(|it| blocks.values(it))
    }

    /// What is read back is what the engine computed, in order, across blocks.
    #[test]
    fn every_future_is_read_back() {
        let (model, options) = two_blocks();
        let mut file = tempfile::tempfile().unwrap();
        let control = Control::default();
        write_trials(&model, &options, Form::Parquet, &control, &mut file).unwrap();
        let file = SerializedFileReader::new(file).unwrap();
        assert_eq!(file.num_row_groups(), 2);
        let [npv, costs] = drawn(&model, &options);
        let rows = file.get_row_iter(None).unwrap().map(Result::unwrap);
        let mut count = 0;
        for (trial, row) in rows.enumerate() {
            assert_eq!(row.get_long(0).unwrap(), trial as i64);
            assert_eq!(row.get_double(1).unwrap(), npv[trial]);
            let at = 1 + Outcome::PvCosts as usize;
            assert_eq!(row.get_double(at).unwrap(), costs[trial]);
            count += 1;
        }
        assert_eq!(count, npv.len());
    }

    /// To the last bit: a figure's text is the shortest that is read as it.
    #[test]
    fn every_line_is_read_back() {
        let (model, options) = two_blocks();
        let mut text = Vec::new();
        write_trials(&model, &options, Form::Csv, &Control::default(), &mut text).unwrap();
        let mut lines = csv::Reader::from_reader(&text[..]);
        assert_eq!(lines.headers().unwrap().get(1), Some("npv"));
        let [npv, _] = drawn(&model, &options);
        let read = lines.records().map(|line| {
            let line = line.unwrap();
            (line[0].parse().unwrap(), line[1].parse().unwrap())
        });
        let read: Vec<(usize, f64)> = read.collect();
        assert!(read == npv.into_iter().enumerate().collect::<Vec<_>>());
    }
}
