//! The same bytes, however a run is computed.

use keepworth_sim::version::{VERSIONS, changes_since};
use keepworth_sim::{
    BLOCK_TRIALS, Control, Evaluator, Model, Outcome, RunOptions, Sampling, Scenario, Until, run,
    run_blocks, run_until, uniforms,
};

use crate::company::{CERTAIN, every_lever, model};
use crate::joints::{A_FIFTH_LESS, by_days};

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

/// The bytes of a run that was computed in shards, merged backwards and sent over the wire.
fn merged(model: &Model, options: &RunOptions, shards: u64) -> String {
    let at = |shard: u64| options.blocks() * shard / shards;
    let run = |shard| {
        let blocks = at(shard)..at(shard + 1);
        run_blocks(model, options, blocks, &Control::default()).unwrap()
    };
    let parts = (0..shards).rev().map(run);
    let merged = parts.reduce(|a, b| a.merge(b).unwrap()).unwrap();
    let text = serde_json::to_string(&merged).unwrap();
    let travelled: keepworth_sim::Partial = serde_json::from_str(&text).unwrap();
    bytes(&travelled.finish(model).unwrap())
}

fn uncertain() -> Model {
    model(&CERTAIN.replace("size = 0.2", "size = { pert = [0.05, 0.2, 0.3] }"))
}

#[test]
fn shards_change_nothing() {
    let model = uncertain();
    let options = RunOptions {
        trials: 63 * BLOCK_TRIALS / 16,
        ..RunOptions::default()
    };
    let whole = bytes(&run(&model, &options, &Control::default()).unwrap());
    for shards in [1, 3, 64] {
        assert_eq!(whole, merged(&model, &options, shards), "{shards} shards");
    }
}

/// A run too long to keep is as reproducible, and says what a run says that is kept.
#[test]
fn a_run_too_long_to_keep_says_the_same() {
    let model = uncertain();
    for sampling in [Sampling::Random, Sampling::Sobol] {
        let kept = RunOptions {
            trials: 3 * BLOCK_TRIALS + 1_000,
            sampling,
            ..RunOptions::default()
        };
        let counted = RunOptions {
            most_kept: 1_000,
            ..kept.clone()
        };
        let found = run(&model, &counted, &Control::default()).unwrap();
        for shards in [1, 3, 64] {
            assert_eq!(
                bytes(&found),
                merged(&model, &counted, shards),
                "{shards} shards"
            );
        }
        let exact = run(&model, &kept, &Control::default()).unwrap();
        assert_ne!(
            found.conventions["quantiles"],
            exact.conventions["quantiles"]
        );
        assert_eq!(found.monthly, exact.monthly);
        assert_eq!(
            found.probabilities.npv_negative.value,
            exact.probabilities.npv_negative.value
        );
        assert_eq!(
            found.probabilities.no_payback.value,
            exact.probabilities.no_payback.value
        );
        assert_eq!(found.probabilities.no_irr, exact.probabilities.no_irr);
        let near = |found: f64, exact: f64, slack: f64, what: &str| {
            assert!(
                (found - exact).abs() <= slack,
                "{what}: {found} is not {exact}"
            );
        };
        let size = |value: f64| value.abs().max(1e-9);
        let (cvar5, error) = (exact.cvar5.value, exact.cvar5.mc_error);
        near(found.cvar5.value, cvar5, 5e-4 * size(cvar5), "cvar5");
        near(found.cvar5.mc_error, error, 0.05 * error, "its error");
        for (outcome, exact) in &exact.outcomes {
            let (found, name) = (&found.outcomes[outcome], outcome.name());
            if let (Some(mean), Some(sd)) = (exact.mean, exact.sd) {
                // What never varies has an sd that is rounding alone.
                let rounding = 1e-9 * size(mean);
                near(found.mean.unwrap(), mean, rounding, name);
                near(found.sd.unwrap(), sd, 1e-6 * sd + rounding, name);
                let error = |it: &keepworth_sim::Statistics| it.mc_error.mean.unwrap();
                near(
                    error(found),
                    error(exact),
                    1e-6 * error(exact) + rounding,
                    name,
                );
                // Values nearer to each other than they are counted apart have no fourth moment.
                if sd > 1e-3 * mean.abs() {
                    let error = |it: &keepworth_sim::Statistics| it.mc_error.sd.unwrap();
                    let slack = 0.05 * error(exact) + rounding;
                    near(error(found), error(exact), slack, name);
                }
            }
            // Rounding to 12 digits, and a rank's distance from the next.
            let slack = exact.sd.unwrap_or(1.0);
            for (found, exact) in [
                (found.p5, exact.p5),
                (found.p50, exact.p50),
                (found.p95, exact.p95),
            ] {
                match (found.number(), exact.number()) {
                    (Some(found), Some(exact)) => {
                        near(found, exact, 3e-4 * size(exact) + 1e-3 * slack, name);
                    }
                    _ => assert_eq!(found, exact, "{name}"),
                }
            }
        }
    }
}

/// Blocks are each merged once, in a long run too.
#[test]
fn a_block_of_a_long_run_is_merged_once() {
    let model = uncertain();
    let options = RunOptions {
        trials: 2 * BLOCK_TRIALS,
        most_kept: 1_000,
        ..RunOptions::default()
    };
    let block =
        |index| run_blocks(&model, &options, index..index + 1, &Control::default()).unwrap();
    let twice = block(0)
        .merge(block(0))
        .unwrap()
        .finish(&model)
        .unwrap_err();
    assert!(twice.to_string().contains("there twice"), "{twice}");
    let missing = block(1).finish(&model).unwrap_err();
    assert!(
        missing.to_string().contains("block 0 of 2 is missing"),
        "{missing}"
    );
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

/// The first trials of a run have their months kept for the bands, which is another way through them.
#[test]
fn keeping_months_changes_no_bit() {
    let model = reference();
    let options = RunOptions {
        trials: 1_000,
        ..RunOptions::default()
    };
    let kept = run_blocks(&model, &options, 0..1, &Control::default()).unwrap();
    let evaluator = Evaluator::new(&model);
    let mut columns = uniforms(&model, &options.plan(&model), 0, 1_000);
    evaluator.draw(&mut columns);
    let summed = evaluator.outcomes(&columns);
    for outcome in Outcome::ALL {
        let bits = |values: &[f64]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
        let (kept, summed) = (kept.values(outcome), summed.outcome(outcome));
        assert_eq!(bits(&kept), bits(summed), "{}", outcome.name());
    }
}

/// The same in debug and release builds, on every machine: figures pinned for the crate's version,
/// which rises with every change of them.
#[test]
fn figures_are_pinned() {
    let plain = |model: &Model| run(model, &RunOptions::default(), &Control::default()).unwrap();
    let on_records = Scenario::from_toml(A_FIFTH_LESS).unwrap();
    let on_records = on_records.resolve(Some(&by_days())).unwrap();
    let digest = pinned_bytes(&plain(&reference())) + &pinned_bytes(&plain(&on_records));
    let sum = digest
        .bytes()
        .fold(0_u64, |sum, b| sum.wrapping_mul(31).wrapping_add(b.into()));
    let (version, pinned) = PINS[PINS.len() - 1];
    assert_eq!(
        version,
        env!("CARGO_PKG_VERSION"),
        "each version pins its bits"
    );
    assert_eq!(
        sum, pinned,
        "if the engine was meant to change, raise its version and add its value to PINS: {sum}"
    );
    let versions: std::collections::BTreeSet<&str> =
        PINS.iter().map(|(version, _)| *version).collect();
    assert_eq!(
        versions.len(),
        PINS.len(),
        "no version names two sets of bits"
    );
    let said = VERSIONS.iter().map(|version| version.name);
    assert!(
        said.eq(PINS.iter().map(|(version, _)| *version)),
        "each version says what it changed"
    );
    assert_eq!(changes_since(version), []);
    assert_eq!(changes_since("0.4.0")[0].name, "0.5.0");
}

/// The bytes of a result with its flags as the sentences that they were when the values were pinned: a
/// flag's code says what its sentence says, and changes no figure.
fn pinned_bytes(result: &keepworth_sim::RunResult) -> String {
    let sentences: Vec<&String> = result.flags.iter().map(|flag| &flag.detail).collect();
    let [flags, sentences] = [
        serde_json::to_string(&result.flags).unwrap(),
        serde_json::to_string(&sentences).unwrap(),
    ];
    bytes(result).replace(&flags, &sentences)
}

/// Append-only: a version of the engine, and what the default run of the reference problem comes to; from
/// 0.5.0 on together with one on a baseline.
const PINS: [(&str, u64); 8] = [
    ("0.3.0", 818_515_957_656_403_700),
    ("0.4.0", 416_277_707_885_642_030),
    ("0.5.0", 225_755_527_522_693_192),
    ("0.5.1", 10_751_496_990_691_606_030),
    ("0.6.0", 496_065_451_438_725_434),
    ("0.7.0", 661_357_974_842_884_440),
    ("0.8.0", 6_756_832_304_658_748_894),
    ("0.9.0", 12_495_338_447_226_098_152),
];
