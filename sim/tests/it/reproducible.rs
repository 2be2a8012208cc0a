//! The same bytes, however a run is computed.

use keepworth_sim::{
    BLOCK_TRIALS, Control, Evaluator, Model, RunOptions, Sampling, Until, run, run_blocks,
    run_until, uniforms,
};

use crate::company::{CERTAIN, every_lever, model};

fn bytes(result: &keepworth_sim::RunResult) -> String {
    serde_json::to_string(result).unwrap()
}

fn reference() -> Model {
    model(include_str!("../../../examples/reference/scenario.toml"))
}

#[test]
fn threads_change_nothing() {
    for model in [every_lever(), reference()] {
        for sampling in [Sampling::Random, Sampling::LatinHypercube, Sampling::Sobol] {
            let run = |threads| {
                let threads = Some(threads);
                let options = RunOptions {
                    trials: 3_000,
                    threads,
                    sampling,
                    ..RunOptions::default()
                };
                bytes(&run(&model, &options, &Control::default()).unwrap())
            };
            let one = run(1);
            assert_eq!(one, run(2));
            assert_eq!(one, run(7));
        }
    }
}

#[test]
fn shards_change_nothing() {
    let model = model(&CERTAIN.replace("size = 0.2", "size = { pert = [0.05, 0.2, 0.3] }"));
    let options = RunOptions {
        trials: 63 * BLOCK_TRIALS / 16,
        ..RunOptions::default()
    };
    let whole = bytes(&run(&model, &options, &Control::default()).unwrap());
    for shards in [1, 3, 64] {
        let mut parts: Vec<_> = (0..shards)
            .map(|shard| {
                let at = |i: u64| options.blocks() * i / shards;
                let range = at(shard)..at(shard + 1);
                run_blocks(&model, &options, range, &Control::default()).unwrap()
            })
            .collect();
        parts.reverse();
        let merged = parts
            .into_iter()
            .reduce(|a, b| a.merge(b).unwrap())
            .unwrap();
        let travelled = serde_json::from_str::<keepworth_sim::Partial>(
            &serde_json::to_string(&merged).unwrap(),
        );
        assert_eq!(
            whole,
            bytes(&travelled.unwrap().finish(&model).unwrap()),
            "{shards} shards"
        );
    }
}

#[test]
fn wide_vectors_change_no_bit() {
    for model in [every_lever(), reference()] {
        let options = RunOptions {
            trials: 2_000,
            ..RunOptions::default()
        };
        let wide = Evaluator::new(&model);
        let scalar = wide.clone().on_scalar_instructions();
        let drawn = |evaluator: &Evaluator<'_>| {
            let mut columns = uniforms(&model, &options.plan(&model), 0, 2_000);
            evaluator.draw(&mut columns);
            columns
        };
        assert_eq!(drawn(&wide), drawn(&scalar));
        assert_eq!(
            wide.outcomes(&drawn(&wide)),
            scalar.outcomes(&drawn(&scalar))
        );
    }
}

#[test]
fn a_trial_does_not_depend_on_its_neighbours() {
    for model in [every_lever(), reference()] {
        let options = RunOptions {
            trials: 100,
            ..RunOptions::default()
        };
        let plan = options.plan(&model);
        let evaluator = Evaluator::new(&model);
        let outcomes = |first, count| {
            let mut columns = uniforms(&model, &plan, first, count);
            evaluator.draw(&mut columns);
            evaluator.outcomes(&columns)
        };
        let together = outcomes(0, 100);
        for trial in [0, 15, 16, 57, 99] {
            let alone = outcomes(trial as u64, 1);
            for outcome in 0..together.len() {
                assert_eq!(together.column(outcome)[trial], alone.column(outcome)[0]);
            }
        }
    }
}

#[test]
fn stopping_early_is_a_plain_run() {
    let model = reference();
    let options = RunOptions {
        trials: 1 << 17,
        ..RunOptions::default()
    };
    let until: Until = "npv.mean ± 2%".parse().unwrap();
    let stopped = run_until(&model, &options, &until, &Control::default()).unwrap();
    assert!(stopped.trials < options.trials && until.is_met(&stopped));
    let plain = RunOptions {
        trials: stopped.trials,
        ..options
    };
    assert_eq!(
        bytes(&stopped),
        bytes(&run(&model, &plain, &Control::default()).unwrap())
    );
}

/// The same in debug and release builds, on every machine: figures pinned for the crate's version,
/// which rises with every change of them.
#[test]
fn figures_are_pinned() {
    let result = run(&reference(), &RunOptions::default(), &Control::default()).unwrap();
    let digest = bytes(&result);
    let sum = digest
        .bytes()
        .fold(0_u64, |sum, b| sum.wrapping_mul(31).wrapping_add(b.into()));
    assert_eq!(
        sum, PINNED,
        "if the engine was meant to change, raise its version and pin the new value: {sum}"
    );
}

const PINNED: u64 = 5627651093141033639;
