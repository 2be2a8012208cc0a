//! `keepworth simulate`: what a programme would be worth.

mod answer;
mod beside;
mod comparison;
mod explanation;
mod ledger;
mod memo;
mod next;
mod report;
mod seats;
mod source;
mod summary;
mod watch;
mod wording;
mod workbook;

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::ValueEnum;
use keepworth_sim::explain::Goal;
use keepworth_sim::{
    Flag, Model, MonthlyLedger, RunOptions, RunResult, Sampling, Scenario, Until, compare,
    ledger as keep_ledger, on_threads, run, run_until,
};
use keepworth_verdict::question::{Search, later};

use keepworth_trials::{Form, write_trials};

use crate::command::Outcome;
use crate::present::{Format, Presenting};
use answer::{Questions, Stop};
use source::{Asked, Source};
pub(crate) use source::{read_baseline, read_evidence, read_scenario};
use watch::{Watch, watched};

/// Simulate a scenario on a baseline: what the programme is worth, as a distribution.
///
/// Each trial is one future, lived twice with the same luck: with the programme and without. The
/// same seed gives the same figures on any machine, with any number of threads.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth simulate scenario.toml --baseline baseline.json
  keepworth simulate scenario.toml --baseline baseline.json --trials 100000 --format json > run.json
  keepworth simulate scenario.toml --baseline baseline.json --until \"npv.p5 ± 1%\"
  keepworth simulate scenario.toml --baseline baseline.json --explain
  keepworth simulate scenario.toml --baseline baseline.json --monthly
  keepworth simulate scenario.toml --baseline baseline.json --monthly --format csv > ledger.csv
  keepworth simulate scenario.toml --baseline baseline.json --evidence library.json
  keepworth simulate scenario.toml --baseline baseline.json --backtest backtest.json
  keepworth simulate scenario.toml --baseline baseline.json --break-even \"causal share\"
  keepworth simulate scenario.toml --baseline baseline.json --break-even \"causal share\" --goal \"loss = 10%\"
  keepworth simulate scenario.toml --baseline baseline.json --format parquet -o futures.parquet
  keepworth simulate scenario.toml --baseline baseline.json -o result.xlsx
  keepworth simulate scenario.toml --baseline baseline.json -o memo.pdf
  keepworth simulate --compare now.toml later.toml --baseline baseline.json

Ctrl-C stops it; nothing is printed then. Exit code 1: --until was not reached.")]
pub(crate) struct Args {
    /// The scenario file.
    #[arg(value_name = "SCENARIO.toml", required_unless_present = "compare")]
    scenario: Option<PathBuf>,
    /// The baseline that it stands on, unless it defines its own segments; `keepworth baseline
    /// build` makes one.
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// The library of evidence to which its effects may refer, `evidence = "KEY"`; `keepworth evidence list
    /// --format json -o FILE` writes it.
    #[arg(long, value_name = "FILE")]
    evidence: Option<PathBuf>,
    /// The backtest by which a scenario that says model_error = "backtest" is less sure; `keepworth baseline backtest
    /// --as-of A --until B --format json -o FILE` writes it.
    #[arg(long, value_name = "FILE")]
    backtest: Option<PathBuf>,
    /// Should we, how sure, what decides it, what to pilot first.
    #[arg(long)]
    explain: bool,
    /// Which line of the ledger moves in which month, as things are and with the programme.
    #[arg(long, conflicts_with_all = ["compare", "until"])]
    monthly: bool,
    /// The value of an input, of "causal share", "horizon", "avoidable share", "growth" or "overlap", at which it
    /// pays on average and no more.
    #[arg(long, value_name = "INPUT")]
    break_even: Option<String>,
    /// Another goal of --break-even, such as "npv = 100000", "customers_kept = 500" (on average) or
    /// "loss = 10%" (at most so many futures lose money).
    #[arg(long, value_name = "GOAL", requires = "break_even")]
    goal: Option<Goal>,
    /// Which initiatives to do with so much money a year.
    #[arg(long, value_name = "BUDGET")]
    portfolio: Option<f64>,
    /// How often the second scenario beats the first, on the same futures.
    #[arg(
        long,
        num_args = 2,
        value_names = ["A.toml", "B.toml"],
        conflicts_with_all = ["scenario", "explain", "break_even", "portfolio", "until"]
    )]
    compare: Option<Vec<PathBuf>>,
    /// How many futures to draw [default: 10000]; with --until, at most [default: 1000000].
    #[arg(long)]
    trials: Option<u64>,
    /// Draw futures until the 95% interval of a figure is as narrow as this, such as
    /// "npv.p5 ± 1%" or "npv.mean +- 2000"; figures are mean, p5, p50 and p95 of any outcome.
    #[arg(long, value_name = "RULE")]
    until: Option<Until>,
    /// The same seed gives the same figures.
    #[arg(long, default_value_t = RunOptions::default().seed)]
    seed: u64,
    /// How many threads; never changes a figure (default: one per core).
    #[arg(long)]
    threads: Option<usize>,
    /// How futures are drawn.
    #[arg(long, value_enum, default_value_t)]
    sampling: Spread,
    /// Independent sets that sobol and latin_hypercube split the futures into: the scatter of more
    /// tells errors better, the points of fewer spread more evenly.
    #[arg(long, default_value_t = RunOptions::default().randomisations)]
    randomisations: u32,
    #[command(flatten)]
    presenting: Presenting,
}

/// Most futures of `--until`, unless told otherwise.
const MOST_UNTIL: u64 = 1_000_000;

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

/// Every future, as Parquet.
fn write_futures(
    model: &Model,
    options: &RunOptions,
    watch: &Watch,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<()> {
    Ok(watch.futures("simulating", |control| {
        write_trials(model, options, Form::Parquet, control, out)
    })?)
}

impl Args {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        // All of it on these threads, watched: nothing that takes long stands outside.
        watched(move |watch| {
            let threads = self.threads;
            on_threads(threads, || match &self.compare {
                Some(paths) => self.compare(paths, watch),
                None => self.simulate(watch),
            })?
        })
    }

    fn simulate(&self, watch: &Watch) -> anyhow::Result<Outcome> {
        let (to, form) = (&self.presenting, self.presenting.form());
        let sink = to.run_sink()?;
        let source = self.source()?;
        let path = self.scenario.as_deref().context("no scenario")?;
        let Asked {
            text: written,
            scenario,
            model,
            flags,
        } = source.model(path)?;
        let questions = self.questions(&source, &scenario, &model)?;
        if questions.any() && to.is_of_rows() {
            bail!("csv and parquet hold outcomes or a ledger alone; use --format table or json");
        }
        let is_paper = matches!(form, Format::Xlsx | Format::Pdf);
        if is_paper && (questions.any() || self.monthly) {
            bail!("a workbook or a memo holds the run alone; use --format table or json");
        }
        let mut options = self.options();
        let book = self.book(&model, &options, watch)?;
        if form == Format::Parquet && self.until.is_none() && book.is_none() {
            sink.write(|out| write_futures(&model, &options, watch, out))?;
            return Ok(Outcome::Done);
        }
        let (mut result, stop) = self.result(&model, &options, watch)?;
        source.name_baseline(&mut result);
        result.flags.extend(flags);
        result.ledger = book;
        options.trials = result.trials;
        let answers = questions.answer(&model, &options, watch)?;
        let stop = stop.as_ref();
        let stopped = stop.map(|stop| stop.to_text(&result)).unwrap_or_default();
        match form {
            Format::Json => to.json(&answers.among(&result, stop))?,
            Format::Csv | Format::Parquet if let Some(book) = &result.ledger => {
                to.rows(&ledger::rows(book))?;
            }
            Format::Csv => to.rows(&summary::summary(&result))?,
            Format::Parquet => {
                sink.write(|out| write_futures(&model, &options, watch, out))?;
            }
            Format::Xlsx => {
                let told = (&result, &written[..]);
                sink.write(|out| workbook::write_workbook(told, &model, &options, watch, out))?;
            }
            Format::Pdf => {
                let told = (&result, source.as_of());
                sink.write(|out| memo::write_memo(told, &model, &options, watch, out))?;
            }
            Format::Table => {
                let mut text = String::new();
                if let Some(book) = &result.ledger {
                    let basis = report::basis(&result, &scenario, &model);
                    text = [ledger::ledger(book, &result), basis].join("\n");
                }
                if questions.any() {
                    text += &answers.to_text(&result, model.currency(), self.portfolio);
                } else if text.is_empty() {
                    text = report::report(&result, &scenario, &model);
                }
                to.text(&(text + &stopped))?;
            }
        }
        Ok(match stop {
            Some(stop) if !stop.met => Outcome::Partly,
            _ => Outcome::Done,
        })
    }

    fn book(
        &self,
        model: &Model,
        options: &RunOptions,
        watch: &Watch,
    ) -> anyhow::Result<Option<MonthlyLedger>> {
        let keep = || {
            watch.futures("keeping the ledger", |control| {
                keep_ledger(model, options, control)
            })
        };
        Ok(self.monthly.then(keep).transpose()?)
    }

    fn result(
        &self,
        model: &Model,
        options: &RunOptions,
        watch: &Watch,
    ) -> anyhow::Result<(RunResult, Option<Stop>)> {
        let Some(until) = &self.until else {
            let result = watch.futures("simulating", |control| run(model, options, control))?;
            return Ok((result, None));
        };
        let stage = format!("simulating until {until}");
        let result = watch.futures(&stage, |control| run_until(model, options, until, control))?;
        let stop = Stop::new(until.clone(), options.trials, &result);
        Ok((result, Some(stop)))
    }

    fn compare(&self, paths: &[PathBuf], watch: &Watch) -> anyhow::Result<Outcome> {
        self.presenting.sink()?;
        let source = self.source()?;
        let asked = paths.iter().map(|path| source.model(path));
        let asked: Vec<Asked> = asked.collect::<anyhow::Result<_>>()?;
        let (models, flags): (Vec<Model>, Vec<Vec<Flag>>) =
            asked.into_iter().map(|it| (it.model, it.flags)).unzip();
        let currency = models
            .first()
            .map_or("", |model| model.currency())
            .to_owned();
        if let Some(other) = models.iter().find(|model| model.currency() != currency) {
            let other = other.currency();
            bail!("amounts in {currency} and {other} cannot be compared");
        }
        let options = self.options();
        let mut found =
            watch.futures("comparing", |control| compare(&models, &options, control))?;
        for (result, flags) in found.runs.iter_mut().zip(flags) {
            source.name_baseline(result);
            result.flags.extend(flags);
        }
        self.presenting.show_rows(
            &found,
            |found| comparison::comparison(found, &currency),
            |found| comparison::rows(found, &currency),
        )?;
        Ok(Outcome::Done)
    }

    fn source(&self) -> anyhow::Result<Source<'_>> {
        Source::read(
            self.baseline.as_deref(),
            self.evidence.as_deref(),
            self.backtest.as_deref(),
        )
    }

    fn questions(
        &self,
        source: &Source<'_>,
        scenario: &Scenario,
        model: &Model,
    ) -> anyhow::Result<Questions> {
        let later = self.explain.then(|| later(scenario)).flatten();
        let resolve = |later: Scenario| {
            let path = self.scenario.as_deref().context("no scenario")?;
            source.resolve(&later, path)
        };
        let goal = self.goal.unwrap_or(Goal::BREAK_EVEN);
        let search = |name: &String| Search::new(model, name, goal);
        Ok(Questions {
            explain: self.explain,
            later: later.map(resolve).transpose()?,
            search: self.break_even.as_ref().map(search).transpose()?,
            budget: self.portfolio,
        })
    }

    fn options(&self) -> RunOptions {
        let usual = RunOptions::default();
        let trials = if self.until.is_some() {
            MOST_UNTIL
        } else {
            usual.trials
        };
        RunOptions {
            trials: self.trials.unwrap_or(trials),
            seed: self.seed,
            sampling: self.sampling.into(),
            randomisations: self.randomisations,
            ..usual
        }
    }
}
