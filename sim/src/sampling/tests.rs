//! What the three methods have in common and what sets them apart.

use super::{MAX_SOBOL_INPUTS, Plan, PlanError, Sampling};
use crate::math::{exp, ndtri};
use proptest::prelude::*;

const METHODS: [Sampling; 3] = [Sampling::Random, Sampling::LatinHypercube, Sampling::Sobol];

fn plan(method: Sampling, seed: u64, trials: u64, randomisations: u32) -> Plan {
    Plan {
        method,
        seed,
        trials,
        inputs: 12,
        randomisations,
    }
}

/// All trials of one input.
fn column(plan: &Plan, input: usize) -> Vec<f64> {
    let mut out = vec![0.0; plan.trials as usize];
    plan.fill(0, input, &mut out);
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_piece_is_the_same_piece_of_the_whole(
        seed: u64,
        first in 0_usize..1000,
        length in 1_usize..200,
        input in 0_usize..12,
        randomisations in 1_u32..20,
    ) {
        for method in METHODS {
            let plan = plan(method, seed, 1200, randomisations);
            let mut piece = vec![0.0; length];
            plan.fill(first as u64, input, &mut piece);
            prop_assert_eq!(&piece, &column(&plan, input)[first..first + length]);
            prop_assert!(piece.iter().all(|u| *u > 0.0 && *u < 1.0));
        }
    }
}

#[test]
fn a_longer_run_contains_a_shorter_one_unless_it_is_stratified_by_its_length() {
    for method in METHODS {
        let short = column(&plan(method, 3, 500, 4), 5);
        let long = column(&plan(method, 3, 2000, 4), 5);
        assert_eq!(
            short[..] == long[..500],
            method != Sampling::LatinHypercube,
            "{method:?}"
        );
    }
}

/// The same bits as long as the engine's version: a change here changes every run.
#[test]
fn values_are_stable() {
    let bits = METHODS.map(|method| {
        let mut out = [0.0; 2];
        plan(method, 42, 1 << 20, 8).fill(777_777, 11, &mut out);
        out.map(f64::to_bits)
    });
    let expected = [
        [4_606_845_281_533_536_111, 4_591_864_550_473_182_616],
        [4_605_035_894_652_538_495, 4_601_809_806_403_001_205],
        [4_606_366_392_611_363_769, 4_583_209_767_102_831_840],
    ];
    assert_eq!(bits, expected);
}

#[test]
fn each_randomisation_puts_one_trial_in_each_stratum() {
    for (method, trials) in [(Sampling::LatinHypercube, 1003), (Sampling::Sobol, 1024)] {
        let plan = plan(method, 9, trials, 4);
        for input in 0..plan.inputs {
            let uniforms = column(&plan, input);
            for randomisation in 0..4 {
                let points: Vec<f64> = uniforms
                    .iter()
                    .copied()
                    .skip(randomisation)
                    .step_by(4)
                    .collect();
                let count = points.len();
                let mut strata: Vec<usize> =
                    points.iter().map(|u| (u * count as f64) as usize).collect();
                strata.sort_unstable();
                assert!(strata.into_iter().eq(0..count), "{method:?} input {input}");
            }
        }
    }
}

/// Kolmogorov's distance of each input from the uniform, at the 1e-6 level.
#[test]
fn every_input_is_uniform() {
    for method in METHODS {
        let plan = plan(method, 1, 20_000, 8);
        for input in 0..plan.inputs {
            let mut uniforms = column(&plan, input);
            uniforms.sort_by(f64::total_cmp);
            let count = uniforms.len() as f64;
            let distance = uniforms
                .iter()
                .enumerate()
                .map(|(i, u)| {
                    (u - i as f64 / count)
                        .abs()
                        .max((u - (i + 1) as f64 / count).abs())
                })
                .fold(0.0, f64::max);
            assert!(
                distance * count.sqrt() < 2.7,
                "{method:?} input {input}: {distance}"
            );
        }
    }
}

/// No correlation between inputs, nor, where trials are independent, between seeds or neighbours.
#[test]
fn inputs_seeds_and_trials_are_uncorrelated() {
    let correlation = |a: &[f64], b: &[f64]| -> f64 {
        let products: f64 = a.iter().zip(b).map(|(a, b)| (a - 0.5) * (b - 0.5)).sum();
        12.0 * products / a.len().min(b.len()) as f64
    };
    for method in METHODS {
        let first = plan(method, 1, 16_384, 8);
        let columns: Vec<_> = (0..first.inputs)
            .map(|input| column(&first, input))
            .collect();
        let other_seed = column(&plan(method, 2, 16_384, 8), 0);
        let bound = 5.0 / 128.0;
        for (i, a) in columns.iter().enumerate() {
            for b in &columns[..i] {
                assert!(correlation(a, b).abs() < bound, "{method:?} inputs");
            }
        }
        // Scrambles of one Sobol input share its order: seeds, and neighbours, which are of
        // different randomisations, correlate if paired. See the docs of `Plan`.
        if method != Sampling::Sobol {
            assert!(
                correlation(&columns[0], &other_seed).abs() < bound,
                "{method:?} seeds"
            );
            assert!(
                correlation(&columns[0][1..], &columns[0]).abs() < bound,
                "{method:?} trials"
            );
        }
    }
}

/// T. T. Warnock's formula of the L2 star discrepancy.
fn discrepancy(columns: &[Vec<f64>]) -> f64 {
    let count = columns[0].len();
    let product = |of: &dyn Fn(&Vec<f64>) -> f64| columns.iter().map(of).product::<f64>();
    let single: f64 = (0..count)
        .map(|i| product(&|u| (1.0 - u[i] * u[i]) / 2.0))
        .sum();
    let double: f64 = (0..count)
        .flat_map(|i| (0..count).map(move |j| (i, j)))
        .map(|(i, j)| product(&|u| 1.0 - u[i].max(u[j])))
        .sum();
    let n = count as f64;
    let dimensions = columns.len() as i32;
    (3.0_f64.powi(-dimensions) - 2.0 * single / n + double / (n * n)).sqrt()
}

#[test]
fn sobol_points_are_spread_more_evenly_than_random_ones() {
    let of = |method| {
        let plan = Plan {
            inputs: 3,
            ..plan(method, 5, 1024, 1)
        };
        discrepancy(
            &(0..plan.inputs)
                .map(|input| column(&plan, input))
                .collect::<Vec<_>>(),
        )
    };
    let (random, sobol) = (of(Sampling::Random), of(Sampling::Sobol));
    assert!(sobol < random / 4.0, "{sobol} is not well below {random}");
}

/// The mean of a smooth figure of twelve inputs, some mattering more than others, and its estimated
/// standard error by randomisations.
fn estimate(plan: &Plan) -> (f64, f64) {
    let mut exponents = vec![0.0; plan.trials as usize];
    for input in 0..plan.inputs {
        let weight = 0.3 / (input + 1) as f64;
        for (exponent, u) in exponents.iter_mut().zip(column(plan, input)) {
            *exponent += weight * ndtri(u);
        }
    }
    let count = plan.randomisations as usize;
    let means: Vec<f64> = (0..count)
        .map(|r| {
            let figures = exponents.iter().skip(r).step_by(count).map(|&x| exp(x));
            figures.sum::<f64>() / (exponents.len() / count) as f64
        })
        .collect();
    let mean = means.iter().sum::<f64>() / count as f64;
    let squares: f64 = means.iter().map(|m| (m - mean) * (m - mean)).sum();
    (mean, (squares / (count * (count - 1)) as f64).sqrt())
}

/// Mean and variance of that figure, which is lognormal.
fn truth() -> (f64, f64) {
    let log_variance: f64 = (1..=12).map(|k| 0.09 / f64::from(k * k)).sum();
    let mean = exp(0.5 * log_variance);
    (mean, mean * mean * (exp(log_variance) - 1.0))
}

#[test]
fn sobol_needs_200_times_fewer_trials_for_a_smooth_mean() {
    let (mean, variance) = truth();
    let runs = 100;
    let errors = (0..runs).map(|seed| estimate(&plan(Sampling::Sobol, seed, 4096, 8)).0 - mean);
    let sobol = errors.map(|e| e * e).sum::<f64>() / runs as f64;
    let gain = variance / 4096.0 / sobol;
    assert!(gain > 200.0, "only {gain:.0} times");
}

/// Over many runs the error estimated from the randomisations is the error made, and the means
/// scatter around the truth.
#[test]
fn randomisations_tell_the_error() {
    let (mean, _) = truth();
    for method in METHODS {
        let runs = 300;
        let estimates: Vec<_> = (0..runs)
            .map(|seed| estimate(&plan(method, seed, 1024, 8)))
            .collect();
        let bias = estimates.iter().map(|e| e.0 - mean).sum::<f64>() / runs as f64;
        let made = estimates
            .iter()
            .map(|e| (e.0 - mean) * (e.0 - mean))
            .sum::<f64>()
            / runs as f64;
        let told = estimates.iter().map(|e| e.1 * e.1).sum::<f64>() / runs as f64;
        assert!(
            bias.abs() < 4.0 * (made / runs as f64).sqrt(),
            "{method:?} is biased by {bias}"
        );
        assert!(
            (0.7..1.4).contains(&(told / made)),
            "{method:?}: {told} told, {made} made"
        );
    }
}

#[test]
fn impossible_plans_are_refused() {
    let valid = plan(Sampling::Sobol, 1, 100, 8);
    assert_eq!(valid.validate(), Ok(()));
    let refused = |plan: Plan| plan.validate().expect_err("an impossible plan");
    assert_eq!(
        refused(Plan {
            trials: 0,
            ..valid.clone()
        }),
        PlanError::NoTrials
    );
    assert_eq!(
        refused(Plan {
            randomisations: 0,
            ..valid.clone()
        }),
        PlanError::NoRandomisations
    );
    let inputs = MAX_SOBOL_INPUTS + 1;
    assert_eq!(
        refused(Plan {
            inputs,
            ..valid.clone()
        }),
        PlanError::TooManyInputs { inputs }
    );
    let trials = (8 << 32) + 1;
    let expected = PlanError::TooManyTrials {
        trials,
        randomisations: 8,
    };
    assert_eq!(
        refused(Plan {
            trials,
            ..valid.clone()
        }),
        expected
    );
    let random = Plan {
        method: Sampling::Random,
        trials,
        inputs,
        ..valid
    };
    assert_eq!(random.validate(), Ok(()));
}
