//! Prints how exact a run is: `sobol` beside `random`, over many independent runs.
//!
//! `cargo bench -p keepworth-sim --bench accuracy`
//!
//! The standard error of a figure is its scatter over independent seeds; beside it stands what the
//! engine says of itself, the root mean square of its own estimates. "Times fewer trials" is the ratio of the squared
//! errors, because an error of independent trials falls with the root of their number.

#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

use keepworth_sim::{
    Control, Evaluator, Level, Model, Outcome, RunOptions, RunResult, Sampling, Scenario, run,
    uniforms,
};
use statrs::distribution::{ContinuousCDF, FisherSnedecor};

const REFERENCE: &str = include_str!("../../examples/reference/scenario.toml");

/// Independent runs of each kind.
const SEEDS: u64 = 128;

/// Trials at which the figures are compared.
const COMPARED: u64 = 4_096;

/// A figure of a run with the engine's own estimate of its error.
type Figure = fn(&RunResult) -> (f64, f64);

fn number(level: Level) -> f64 {
    level.number().unwrap_or_default()
}

const FIGURES: [(&str, Figure); 5] = [
    ("mean NPV", |run| {
        let npv = &run.outcomes[&Outcome::Npv];
        (
            npv.mean.unwrap_or_default(),
            npv.mc_error.mean.unwrap_or_default(),
        )
    }),
    ("5th percentile", |run| {
        let npv = &run.outcomes[&Outcome::Npv];
        (number(npv.p5), npv.mc_error.p5.unwrap_or_default())
    }),
    ("median", |run| {
        let npv = &run.outcomes[&Outcome::Npv];
        (number(npv.p50), npv.mc_error.p50.unwrap_or_default())
    }),
    ("95th percentile", |run| {
        let npv = &run.outcomes[&Outcome::Npv];
        (number(npv.p95), npv.mc_error.p95.unwrap_or_default())
    }),
    ("chance of a loss", |run| {
        let loss = &run.probabilities.npv_negative;
        (loss.value, loss.mc_error)
    }),
];

fn runs(model: &Model, sampling: Sampling, trials: u64) -> Vec<RunResult> {
    let options = |seed| RunOptions {
        trials,
        seed,
        sampling,
        ..RunOptions::default()
    };
    (1..=SEEDS)
        .map(|seed| run(model, &options(seed), &Control::default()).unwrap())
        .collect()
}

/// The scatter of a figure over runs, and the root mean square of the errors that they state.
fn errors(runs: &[RunResult], figure: Figure) -> (f64, f64) {
    let (values, stated): (Vec<f64>, Vec<f64>) = runs.iter().map(figure).unzip();
    let squares: f64 = stated.iter().map(|error| error * error).sum();
    (scatter(&values), (squares / stated.len() as f64).sqrt())
}

fn scatter(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (squares / (n - 1.0)).sqrt()
}

/// The scatter of mean NPV with so many randomisations; with one, no run could tell its error.
fn scatter_of_mean(model: &Model, randomisations: u32) -> f64 {
    let evaluator = Evaluator::new(model);
    let mean = |seed| {
        let options = RunOptions {
            seed,
            randomisations,
            sampling: Sampling::Sobol,
            trials: COMPARED,
            ..RunOptions::default()
        };
        let mut columns = uniforms(model, &options.plan(model), 0, COMPARED as usize);
        evaluator.draw(&mut columns);
        let outcomes = evaluator.outcomes(&columns);
        outcomes.outcome(Outcome::Npv).iter().sum::<f64>() / COMPARED as f64
    };
    scatter(&(1..=SEEDS).map(mean).collect::<Vec<_>>())
}

/// How many times fewer trials, with its 95% interval from the ratio of two scatters.
fn fewer(random: f64, sobol: f64) -> String {
    let freedom = (SEEDS - 1) as f64;
    let spread = FisherSnedecor::new(freedom, freedom)
        .unwrap()
        .inverse_cdf(0.975);
    let ratio = (random / sobol).powi(2);
    format!(
        "{ratio:.1} ({:.1} to {:.1})",
        ratio / spread,
        ratio * spread
    )
}

fn row(name: &str, random: (f64, f64), sobol: (f64, f64)) {
    let digits = if random.0 < 1.0 { 5 } else { 0 };
    println!(
        "{name:<18} {:>9.digits$} {:>9.digits$} {:>9.digits$} {:>9.digits$}   {}",
        random.0,
        random.1,
        sobol.0,
        sobol.1,
        fewer(random.0, sobol.0)
    );
}

fn header(title: &str) {
    println!("\n{title}");
    println!(
        "{:<18} {:>9} {:>9} {:>9} {:>9}   sobol needs this many times fewer trials",
        "", "random", "stated", "sobol", "stated"
    );
}

fn main() {
    let model = Scenario::from_toml(REFERENCE)
        .unwrap()
        .resolve(None)
        .unwrap();
    println!(
        "reference problem, standard errors over {SEEDS} independent runs; sobol in {} randomisations",
        RunOptions::default().randomisations
    );
    header("mean NPV, by trials");
    let mut compared = None;
    for power in 8..=14 {
        let trials = 1 << power;
        let random = runs(&model, Sampling::Random, trials);
        let sobol = runs(&model, Sampling::Sobol, trials);
        let (_, mean) = FIGURES[0];
        row(
            &trials.to_string(),
            errors(&random, mean),
            errors(&sobol, mean),
        );
        if trials == COMPARED {
            compared = Some((random, sobol));
        }
    }
    let (random, sobol) = compared.unwrap();
    header(&format!("every figure of NPV at {COMPARED} trials"));
    for (name, figure) in FIGURES {
        row(name, errors(&random, figure), errors(&sobol, figure));
    }
    let (random, _) = errors(&random, FIGURES[0].1);
    println!("\nmean NPV at {COMPARED} trials, by randomisations that sobol splits them into");
    println!(
        "{:<18} {:>9} {:>9}   sobol needs this many times fewer trials",
        "", "random", "sobol"
    );
    for randomisations in [1, 2, 4, 8, 16] {
        let sobol = scatter_of_mean(&model, randomisations);
        println!(
            "{randomisations:<18} {random:>9.0} {sobol:>9.0}   {}",
            fewer(random, sobol)
        );
    }
}
