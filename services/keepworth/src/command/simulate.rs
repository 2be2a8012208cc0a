//! `keepworth simulate`: what a programme would be worth.

mod chart;
mod comparison;
mod explanation;
mod report;
mod wording;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, anyhow};
use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};
use keepworth_contract::baseline::Baseline;
use keepworth_sim::explain::{
    BreakEven, Choices, Driver, Explanation, Goal, Portfolio, Trials, break_even, explain,
    frontier, likely_range,
};
use keepworth_sim::{
    Control, Model, RunError, RunOptions, RunResult, Sampling, Scenario, compare, run,
};
use keepworth_simulator::{SimulationError, prepare};
use serde::Serialize;

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
  keepworth simulate scenario.toml --baseline baseline.json --explain
  keepworth simulate scenario.toml --baseline baseline.json --break-even \"causal share\"
  keepworth simulate --compare now.toml later.toml --baseline baseline.json

Ctrl-C stops it; nothing is printed then.")]
pub(crate) struct Args {
    /// The scenario file.
    #[arg(value_name = "SCENARIO.toml", required_unless_present = "compare")]
    scenario: Option<PathBuf>,
    /// The baseline that it stands on, unless it defines its own segments; `keepworth baseline
    /// build` makes one.
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Should we, how sure, what decides it, what to pilot first.
    #[arg(long)]
    explain: bool,
    /// The value of an input, or of "causal share", at which it pays on average and no more.
    #[arg(long, value_name = "INPUT")]
    break_even: Option<String>,
    /// Which initiatives to do with so much money a year.
    #[arg(long, value_name = "BUDGET")]
    portfolio: Option<f64>,
    /// How often the second scenario beats the first, on the same futures.
    #[arg(
        long,
        num_args = 2,
        value_names = ["A.toml", "B.toml"],
        conflicts_with_all = ["scenario", "explain", "break_even", "portfolio"]
    )]
    compare: Option<Vec<PathBuf>>,
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
        let baseline = self.baseline.as_deref().map(read_baseline).transpose()?;
        if let Some(paths) = &self.compare {
            return self.compare(paths, baseline.as_ref());
        }
        let path = self.scenario.as_deref().context("no scenario")?;
        let (scenario, model) = self.prepare(path, baseline.as_ref())?;
        // Before the run, whose handling of Ctrl-C outlasts it.
        let answers = self.answers(&model)?;
        let (shared, options) = (Arc::new(model), self.options());
        let (model, trials) = (Arc::clone(&shared), options.trials);
        let mut result = watched(trials, move |control| run(&model, &options, control))??;
        name_baseline(&mut result, baseline.as_ref());
        let answer = Answer { result, answers };
        match self.format {
            RunFormat::Json => print_json(&answer.to_json()?)?,
            RunFormat::Csv if answer.answers.is_some() => {
                anyhow::bail!("csv holds outcomes alone; use --format table or json")
            }
            RunFormat::Csv => write_csv(&answer.result)?,
            RunFormat::Table => match &answer.answers {
                Some(answers) => print!("{}", answers.to_text(shared.currency(), self.portfolio)),
                None => print!("{}", report::report(&answer.result, &scenario, &shared)),
            },
        }
        Ok(Outcome::Done)
    }

    fn compare(&self, paths: &[PathBuf], baseline: Option<&Baseline>) -> anyhow::Result<Outcome> {
        let models = paths.iter().map(|path| Ok(self.prepare(path, baseline)?.1));
        let models: Vec<Model> = models.collect::<anyhow::Result<_>>()?;
        let currency = models
            .first()
            .map_or("", |model| model.currency())
            .to_owned();
        if let Some(other) = models.iter().find(|model| model.currency() != currency) {
            anyhow::bail!(
                "amounts in {currency} and {} cannot be compared",
                other.currency()
            );
        }
        let (options, trials) = (self.options(), self.trials);
        let mut found = watched(trials, move |control| compare(&models, &options, control))??;
        for result in &mut found.runs {
            name_baseline(result, baseline);
        }
        match self.format {
            RunFormat::Json => print_json(&found)?,
            RunFormat::Csv => anyhow::bail!("csv holds one run; use --format table or json"),
            RunFormat::Table => print!("{}", comparison::comparison(&found, &currency)),
        }
        Ok(Outcome::Done)
    }

    fn options(&self) -> RunOptions {
        RunOptions {
            trials: self.trials,
            seed: self.seed,
            threads: self.threads,
            sampling: self.sampling.into(),
            ..RunOptions::default()
        }
    }

    /// A scenario on its baseline, or on the segments that it defines.
    fn prepare(
        &self,
        path: &Path,
        baseline: Option<&Baseline>,
    ) -> anyhow::Result<(Scenario, Model)> {
        let scenario = read_scenario(path)?;
        let model = match baseline {
            Some(baseline) => prepare(&scenario, baseline),
            None => scenario.resolve(None).map_err(SimulationError::from),
        };
        let model = model.map_err(|error| match error {
            SimulationError::Baseline(error) => {
                let file = self.baseline.as_deref().unwrap_or(path);
                anyhow!("{}: {error}", file.display())
            }
            SimulationError::Scenario(error)
                if baseline.is_none() && scenario.segments.is_empty() =>
            {
                anyhow!(
                    "{}: {error}; it has no segments, so give --baseline FILE",
                    path.display()
                )
            }
            SimulationError::Scenario(error) => anyhow!("{}: {error}", path.display()),
            SimulationError::Run(error) => error.into(),
        })?;
        Ok((scenario, model))
    }

    /// Answers to what was asked beside the run, if anything was.
    fn answers(&self, model: &Model) -> anyhow::Result<Option<Answers>> {
        if !self.explain && self.break_even.is_none() && self.portfolio.is_none() {
            return Ok(None);
        }
        let options = self.options();
        let explanation = self.explain.then(|| explain(model, &options)).transpose()?;
        let seek = |name: &String| seek(model, &options, name);
        let break_even = self.break_even.as_ref().map(seek).transpose()?;
        let choose = |budget| -> anyhow::Result<_> {
            let trials = Trials::draw(model, &options)?;
            Ok(frontier(&Choices::evaluate(&trials)?, budget))
        };
        let portfolio = self.portfolio.map(choose).transpose()?;
        Ok(Some(Answers {
            explanation,
            break_even,
            portfolio,
        }))
    }
}

/// What was asked beside the run.
#[derive(Serialize)]
struct Answers {
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<Explanation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    break_even: Option<BreakEven>,
    #[serde(skip_serializing_if = "Option::is_none")]
    portfolio: Option<Vec<Portfolio>>,
}

impl Answers {
    fn to_text(&self, currency: &str, budget: Option<f64>) -> String {
        let explained = self
            .explanation
            .as_ref()
            .map(|it| explanation::explanation(it, currency));
        let sought = self
            .break_even
            .as_ref()
            .map(|it| format!("It pays on average with {}\n", explanation::break_even(it)));
        let chosen = self.portfolio.as_ref().zip(budget);
        let chosen = chosen.map(|(it, budget)| explanation::frontier(it, budget, currency));
        [explained, sought, chosen]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join("\n")
    }
}

/// A run with what was asked beside it: in JSON the answers stand among the run's own keys.
struct Answer {
    result: RunResult,
    answers: Option<Answers>,
}

impl Answer {
    fn to_json(&self) -> anyhow::Result<serde_json::Value> {
        let mut document = serde_json::to_value(&self.result)?;
        let answers = serde_json::to_value(&self.answers)?;
        if let (Some(document), serde_json::Value::Object(answers)) =
            (document.as_object_mut(), answers)
        {
            document.extend(answers);
        }
        Ok(document)
    }
}

/// Where the programme breaks even.
fn seek(model: &Model, options: &RunOptions, name: &str) -> anyhow::Result<BreakEven> {
    let inputs = model.inputs();
    let (driver, range) = if name == "causal share" {
        (Driver::CausalShare, [0.0, 1.0])
    } else {
        let known = || {
            let names = inputs.iter().map(|input| format!("\n  {}", input.name));
            names.collect::<String>()
        };
        let index = inputs.iter().position(|input| input.name == name);
        let index = index.ok_or_else(|| {
            anyhow!(
                "no input {name:?}; give \"causal share\" or one of:{}",
                known()
            )
        })?;
        let range = likely_range(&inputs[index].draw);
        let range = range.filter(|[low, high]| low < high);
        let range =
            range.with_context(|| format!("input {name:?} is yes or no, or never varies"))?;
        (Driver::Input(index), range)
    };
    let trials = Trials::draw(model, options)?;
    Ok(break_even(&trials, driver, range, Goal::BREAK_EVEN))
}

/// The engine hashes the plain data that it was handed; people know the document.
fn name_baseline(result: &mut RunResult, baseline: Option<&Baseline>) {
    result.baseline_hash = baseline.map(|baseline| baseline.hash.clone());
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
fn watched<T: Send + 'static>(
    trials: u64,
    work: impl FnOnce(&Control<'_>) -> Result<T, RunError> + Send + 'static,
) -> anyhow::Result<Result<T, RunError>> {
    let style = "{bar:30} {human_pos} of {human_len} futures, {eta} left";
    let bar = ProgressBar::new(trials).with_style(ProgressStyle::with_template(style)?);
    let cancel = Arc::new(AtomicBool::new(false));
    let (shown, stop) = (bar.clone(), Arc::clone(&cancel));
    let watched = move || {
        let progress = |done, _| shown.set_position(done);
        let control = Control {
            progress: Some(&progress),
            cancel: Some(&stop),
        };
        work(&control)
    };
    let result = runtime::block_on(async move {
        let mut run = tokio::task::spawn_blocking(watched);
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
