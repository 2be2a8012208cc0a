//! Every trial's outcomes, as Parquet: a row for each trial, a row group for each block.

use std::io::Write;

use keepworth_sim::{BLOCK_TRIALS, Control, Model, Outcome, Partial, RunOptions, run_blocks};

use super::watch::Watch;
use super::wording::word;
use crate::present::Blocks;

/// Runs block by block and writes each, so that memory does not grow with trials.
pub(super) fn write_trials(
    model: &Model,
    options: &RunOptions,
    watch: &Watch,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<()> {
    let outcomes = Outcome::ALL.map(Outcome::name);
    let mut file = Blocks::begin(out, "trial", &outcomes, facts(model, options))?;
    watch.futures("simulating", |control| -> anyhow::Result<()> {
        for block in 0..options.blocks() {
            let partial = run_block(model, options, block, control)?;
            file.write(&Outcome::ALL.map(|outcome| partial.values(outcome)))?;
        }
        Ok(())
    })?;
    file.finish()
}

/// What it takes to draw the same trials again.
fn facts(model: &Model, options: &RunOptions) -> [(&'static str, String); 6] {
    [
        ("scenario", model.name().to_owned()),
        ("input_hash", model.input_hash().to_owned()),
        ("currency", model.currency().to_owned()),
        ("seed", options.seed.to_string()),
        ("trials", options.trials.to_string()),
        ("sampling", word(&options.sampling)),
    ]
}

/// One block, with the progress of the whole run.
fn run_block(
    model: &Model,
    options: &RunOptions,
    block: u64,
    control: &Control<'_>,
) -> anyhow::Result<Partial> {
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
    Ok(run_blocks(model, &options, block..block + 1, &control)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use keepworth_sim::Scenario;
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::RowAccessor;

    /// What is read back is what the engine computed, in order, across blocks.
    #[test]
    fn every_trial_is_read_back() {
        let text = r#"
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
        let model = Scenario::from_toml(text).unwrap().resolve(None).unwrap();
        let options = RunOptions {
            trials: BLOCK_TRIALS + 100,
            ..RunOptions::default()
        };
        let mut file = tempfile::tempfile().unwrap();
        write_trials(&model, &options, &Watch::hidden(), &mut file).unwrap();
        let file = SerializedFileReader::new(file).unwrap();
        assert_eq!(file.num_row_groups(), 2);
        let blocks = run_blocks(&model, &options, 0..2, &Control::default()).unwrap();
        let [npv, costs] = [Outcome::Npv, Outcome::PvCosts].map(|it| blocks.values(it));
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
}
