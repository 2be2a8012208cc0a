//! `keepworth simulate`: what a programme would be worth.

mod chart;
mod report;
mod wording;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, anyhow};
use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};
use keepworth_contract::baseline::Baseline;
use keepworth_sim::{Control, RunOptions, RunResult, Sampling, Scenario};
use keepworth_simulator::{SimulationError, prepare, simulate};

use crate::command::Outcome;
use crate::output::print_json;
use crate::runtime;

/// Simulate a scenario on a baseline: what the programme is worth, as a distribution.
///
/// Each trial is one future, lived twice with the same luck: with the programme and without. The
/// same seed gives the same figures on any machine, with any number of threads.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth simulate scenario.toml --baseline baseline.json
  keepworth simulate scenario.toml --baseline baseline.json --trials 100000 --format json > run.json

Ctrl-C stops it; nothing is printed then.")]
pub(crate) struct Args {
    /// The scenario file.
    #[arg(value_name = "SCENARIO.toml")]
    scenario: PathBuf,
    /// The baseline that it stands on; `keepworth baseline build` makes one.
    #[arg(long, value_name = "FILE")]
    baseline: PathBuf,
    /// How many futures to draw.
    #[arg(long, default_value_t = RunOptions::default().trials)]
    trials: u64,
    /// The same seed gives the same figures.
    #[arg(long, default_value_t = RunOptions::default().seed)]
    seed: u64,
    /// How many threads; never changes a figure (default: one per core).
    #[arg(long)]
    threads: Option<usize>,
    /// How futures are drawn.
    #[arg(long, value_enum, default_value_t)]
    sampling: Spread,
    /// The form of the result.
    #[arg(long, value_enum, default_value_t)]
    format: RunFormat,
}

/// How futures are drawn.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Spread {
    /// Independently.
    #[default]
    Random,
    /// Spread evenly over each input.
    LatinHypercube,
    /// Spread evenly over all inputs (scrambled Sobol): exacter means from as many futures.
    Sobol,
}

impl From<Spread> for Sampling {
    fn from(spread: Spread) -> Self {
        match spread {
            Spread::Random => Self::Random,
            Spread::LatinHypercube => Self::LatinHypercube,
            Spread::Sobol => Self::Sobol,
        }
    }
}

/// The form of a run's result.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum RunFormat {
    /// For people.
    #[default]
    Table,
    /// For programs: everything.
    Json,
    /// For spreadsheets: a row for each outcome, with its percentiles and Monte Carlo errors.
    Csv,
}

impl Args {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        let scenario = read_scenario(&self.scenario)?;
        let baseline = read_baseline(&self.baseline)?;
        let model = prepare(&scenario, &baseline).map_err(|error| self.placed(error))?;
        let options = RunOptions {
            trials: self.trials,
            seed: self.seed,
            threads: self.threads,
            sampling: self.sampling.into(),
            ..RunOptions::default()
        };
        let result =
            watched(scenario.clone(), baseline, options)?.map_err(|error| self.placed(error))?;
        match self.format {
            RunFormat::Json => print_json(&result)?,
            RunFormat::Csv => write_csv(&result)?,
            RunFormat::Table => print!("{}", report::report(&result, &scenario, &model)),
        }
        Ok(Outcome::Done)
    }

    /// An error with the file that it is about.
    fn placed(&self, error: SimulationError) -> anyhow::Error {
        match error {
            SimulationError::Scenario(error) => anyhow!("{}: {error}", self.scenario.display()),
            SimulationError::Baseline(error) => anyhow!("{}: {error}", self.baseline.display()),
            SimulationError::Run(error) => error.into(),
        }
    }
}

fn read_scenario(path: &Path) -> anyhow::Result<Scenario> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("scenario {} cannot be read", path.display()))?;
    Scenario::from_toml(&text).map_err(|error| anyhow!("{}: {error}", path.display()))
}

fn read_baseline(path: &Path) -> anyhow::Result<Baseline> {
    let text = std::fs::read(path)
        .with_context(|| format!("baseline {} cannot be read", path.display()))?;
    serde_json::from_slice(&text).with_context(|| {
        format!(
            "{} is no baseline of this release; `keepworth baseline build` makes one",
            path.display()
        )
    })
}

/// Runs with a progress bar on standard error; Ctrl-C stops it.
fn watched(
    scenario: Scenario,
    baseline: Baseline,
    options: RunOptions,
) -> anyhow::Result<Result<RunResult, SimulationError>> {
    let style = "{bar:30} {human_pos} of {human_len} futures, {eta} left";
    let bar = ProgressBar::new(options.trials).with_style(ProgressStyle::with_template(style)?);
    let cancel = Arc::new(AtomicBool::new(false));
    let (shown, stop) = (bar.clone(), Arc::clone(&cancel));
    let work = move || {
        let progress = |done, _| shown.set_position(done);
        let control = Control {
            progress: Some(&progress),
            cancel: Some(&stop),
        };
        simulate(&scenario, &baseline, &options, &control)
    };
    let result = runtime::block_on(async move {
        let mut run = tokio::task::spawn_blocking(work);
        tokio::select! {
            result = &mut run => Ok(result?),
            _ = tokio::signal::ctrl_c() => {
                cancel.store(true, Ordering::Relaxed);
                Ok(run.await?)
            }
        }
    });
    bar.finish_and_clear();
    result
}

fn write_csv(result: &RunResult) -> anyhow::Result<()> {
    let mut csv = csv::Writer::from_writer(std::io::stdout().lock());
    csv.write_record([
        "outcome",
        "mean",
        "sd",
        "p5",
        "p10",
        "p25",
        "p50",
        "p75",
        "p90",
        "p95",
        "mc_error_mean",
        "mc_error_p5",
        "mc_error_p50",
        "mc_error_p95",
    ])?;
    for (outcome, it) in &result.outcomes {
        let error = &it.mc_error;
        let figures = [
            it.mean, it.sd, it.p5, it.p10, it.p25, it.p50, it.p75, it.p90, it.p95, error.mean,
            error.p5, error.p50, error.p95,
        ];
        let name = std::iter::once(outcome.name().to_owned());
        csv.write_record(name.chain(figures.map(|figure| figure.to_string())))?;
    }
    csv.flush()?;
    Ok(())
}
