//! What each part of the engine costs on the reference problem, on all cores.
//!
//! `cargo bench -p keepworth-sim --bench kernel`

#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

use std::sync::LazyLock;

use divan::Bencher;
use divan::counter::ItemsCount;
use keepworth_sim::explain::{
    Choices, Driver, Goal, Trials, attribution, break_even, effect_information, explain, frontier,
    input_information, rank_correlations, sobol_indices, tornado,
};
use keepworth_sim::{
    Columns, Control, Evaluator, Model, Outcome, RunOptions, Sampling, Scenario, run, uniforms,
};

/// Trials of a tile, the unit of work of a thread.
const TILE: usize = 512;

/// Trials explained.
const EXPLAINED: u64 = 4_096;

static MODEL: LazyLock<Model> = LazyLock::new(|| {
    let text = include_str!("../../examples/reference/scenario.toml");
    Scenario::from_toml(text).unwrap().resolve(None).unwrap()
});

static TRIALS: LazyLock<Trials<'static>> =
    LazyLock::new(|| Trials::draw(&MODEL, &options()).unwrap());

fn main() {
    // An explanation takes seconds; a hundred of each part would take minutes.
    divan::Divan::default()
        .sample_count(20)
        .config_with_args()
        .main();
}

fn options() -> RunOptions {
    RunOptions {
        trials: EXPLAINED,
        ..RunOptions::default()
    }
}

fn tile(method: Sampling) -> Columns {
    let options = RunOptions {
        sampling: method,
        ..RunOptions::default()
    };
    uniforms(&MODEL, &options.plan(&MODEL), 0, TILE)
}

#[divan::bench(args = [Sampling::Random, Sampling::LatinHypercube, Sampling::Sobol])]
fn draw_uniforms(bencher: Bencher, method: &Sampling) {
    bencher
        .counter(ItemsCount::new(TILE))
        .bench(|| tile(*method));
}

#[divan::bench]
fn draw_inputs(bencher: Bencher) {
    let (evaluator, uniforms) = (Evaluator::new(&MODEL), tile(Sampling::Random));
    bencher
        .counter(ItemsCount::new(TILE))
        .with_inputs(|| uniforms.clone())
        .bench_refs(|columns| evaluator.draw(columns));
}

#[divan::bench]
fn evaluate_outcomes(bencher: Bencher) {
    let evaluator = Evaluator::new(&MODEL);
    let mut values = tile(Sampling::Random);
    evaluator.draw(&mut values);
    bencher
        .counter(ItemsCount::new(TILE))
        .bench(|| evaluator.outcomes(&values));
}

#[divan::bench(args = [1_000, 10_000, 100_000])]
fn whole_run(bencher: Bencher, trials: u64) {
    let options = RunOptions {
        trials,
        ..RunOptions::default()
    };
    bencher
        .counter(ItemsCount::new(trials))
        .bench(|| run(&MODEL, &options, &Control::default()).unwrap());
}

#[divan::bench]
fn parse_and_resolve() -> Model {
    let text = include_str!("../../examples/reference/scenario.toml");
    Scenario::from_toml(text).unwrap().resolve(None).unwrap()
}

mod explanation {
    use super::*;

    #[divan::bench]
    fn draw_trials() -> Trials<'static> {
        Trials::draw(&MODEL, &options()).unwrap()
    }

    #[divan::bench]
    fn correlations(bencher: Bencher) {
        bencher.bench(|| rank_correlations(&TRIALS, Outcome::Npv));
    }

    #[divan::bench]
    fn swings(bencher: Bencher) {
        bencher.bench(|| tornado(&TRIALS, Outcome::Npv));
    }

    #[divan::bench]
    fn indices(bencher: Bencher) {
        bencher.bench(|| sobol_indices(&MODEL, &options(), Outcome::Npv).unwrap());
    }

    #[divan::bench]
    fn causal_share(bencher: Bencher) {
        let range = [0.0, 1.0];
        bencher.bench(|| break_even(&TRIALS, Driver::CausalShare, range, Goal::BREAK_EVEN));
    }

    #[divan::bench]
    fn inputs(bencher: Bencher) {
        bencher.bench(|| input_information(&TRIALS));
    }

    #[divan::bench]
    fn pilots(bencher: Bencher) {
        bencher.bench(|| effect_information(&TRIALS));
    }

    #[divan::bench]
    fn choices_and_attribution(bencher: Bencher) {
        bencher.bench(|| attribution(&Choices::evaluate(&TRIALS).unwrap()));
    }

    #[divan::bench]
    fn portfolio(bencher: Bencher) {
        let choices = Choices::evaluate(&TRIALS).unwrap();
        bencher.bench(|| frontier(&choices, 1e5));
    }

    #[divan::bench]
    fn everything() {
        explain(&MODEL, &options(), &Control::default()).unwrap();
    }
}
