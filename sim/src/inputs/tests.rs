//! What holds for every family: forms in a scenario, quantiles, moments, and bad parameters.

use super::{Copula, CorrelationScale, Distribution};
use crate::math::{exp, ndtri};
use crate::sampling::{Plan, Sampling};
use proptest::prelude::*;
use statrs::distribution::ContinuousCDF;

/// A member of each family.
fn families() -> Vec<Distribution> {
    let quantiles = vec![[0.1, 2.0], [0.5, 5.0], [0.9, 12.0]];
    vec![
        Distribution::Interval([0.04, 0.13]),
        Distribution::Interval([-2.0, 5.0]),
        Distribution::Uniform([2.0, 3.0]),
        Distribution::Triangular([0.07, 0.10, 0.16]),
        Distribution::Pert([0.48, 0.58, 0.66]),
        Distribution::Pert([0.0, 0.0, 1.0]),
        Distribution::Normal { mean: 1.0, sd: 0.1 },
        Distribution::TruncatedNormal {
            mean: 1.0,
            sd: 0.1,
            low: 0.9,
            high: 2.0,
        },
        Distribution::TruncatedNormal {
            mean: 0.0,
            sd: 1.0,
            low: 6.0,
            high: f64::INFINITY,
        },
        Distribution::Lognormal {
            median: 1.0,
            log_sd: 0.2,
        },
        Distribution::LognormalP10P90([0.020, 0.038]),
        Distribution::Beta {
            alpha: 0.5,
            beta: 0.7,
            low: 0.0,
            high: 1.0,
        },
        Distribution::Beta {
            alpha: 8.0,
            beta: 2.0,
            low: -1.0,
            high: 3.0,
        },
        Distribution::Gamma {
            shape: 3.0,
            scale: 2.0,
        },
        Distribution::Metalog {
            quantiles: quantiles.clone(),
            low: None,
            high: None,
        },
        Distribution::Metalog {
            quantiles: quantiles.clone(),
            low: Some(0.0),
            high: Some(20.0),
        },
        Distribution::Metalog {
            quantiles,
            low: Some(0.0),
            high: None,
        },
    ]
}

/// Families with steps.
fn discrete() -> Vec<Distribution> {
    let (values, weights) = (vec![3.0, 1.0, 2.0], vec![1.0, 2.0, 1.0]);
    vec![
        Distribution::Bernoulli(0.85),
        Distribution::Discrete { values, weights },
        Distribution::Empirical(vec![4.0, 1.0, 1.0, 7.0]),
    ]
}

fn uniforms(count: usize) -> Vec<f64> {
    let plan = Plan {
        method: Sampling::Random,
        seed: 11,
        trials: 1 << 30,
        inputs: 1,
        randomisations: 1,
    };
    let mut out = vec![0.0; count];
    plan.fill(0, 0, &mut out);
    out
}

fn parse(toml: &str) -> Result<Distribution, toml::de::Error> {
    #[derive(Debug, serde::Deserialize)]
    struct Scenario {
        input: Distribution,
    }
    toml::from_str::<Scenario>(&format!("input = {toml}")).map(|scenario| scenario.input)
}

#[test]
fn scenarios_may_say_it_in_several_forms() {
    for (toml, expected) in [
        ("3", Distribution::Fixed(3.0)),
        ("0.25", Distribution::Fixed(0.25)),
        ("\"4% to 13%\"", Distribution::Interval([0.04, 0.13])),
        ("\" 0.04 to 0.13 \"", Distribution::Interval([0.04, 0.13])),
        ("\"-2 to 5\"", Distribution::Interval([-2.0, 5.0])),
        (
            "{ pert = [0.02, 0.06, 0.12] }",
            Distribution::Pert([0.02, 0.06, 0.12]),
        ),
        ("{ pert = [1, 2, 3] }", Distribution::Pert([1.0, 2.0, 3.0])),
        (
            "{ normal = { mean = 1, sd = 0.1 } }",
            Distribution::Normal { mean: 1.0, sd: 0.1 },
        ),
        ("{ bernoulli = 0.5 }", Distribution::Bernoulli(0.5)),
        (
            "{ beta = { alpha = 2, beta = 3 } }",
            Distribution::Beta {
                alpha: 2.0,
                beta: 3.0,
                low: 0.0,
                high: 1.0,
            },
        ),
        (
            "{ truncated_normal = { mean = 0, sd = 1, low = 0 } }",
            Distribution::TruncatedNormal {
                mean: 0.0,
                sd: 1.0,
                low: 0.0,
                high: f64::INFINITY,
            },
        ),
        (
            "{ lognormal_p10_p90 = [1, 2] }",
            Distribution::LognormalP10P90([1.0, 2.0]),
        ),
    ] {
        assert_eq!(parse(toml).as_ref(), Ok(&expected), "{toml}");
    }
}

#[test]
fn what_cannot_be_read_is_explained() {
    for (toml, said) in [
        ("\"4% to 13\"", "one bound in percent and one not"),
        ("\"about 5\"", "is no interval"),
        ("\"nan to 5\"", "is no interval"),
        ("{ prt = [1, 2, 3] }", "unknown variant `prt`"),
        (
            "{ normal = { mean = 1, sigma = 1 } }",
            "unknown field `sigma`",
        ),
        ("{ pert = [1, 2] }", "array of length 3"),
        ("true", "a number, a text like"),
    ] {
        let error = parse(toml).expect_err(toml).to_string();
        assert!(error.contains(said), "{toml}: {error}");
    }
}

#[test]
fn every_family_survives_json() {
    for distribution in families()
        .into_iter()
        .chain(discrete())
        .chain([Distribution::Fixed(2.0)])
    {
        let json = serde_json::to_string(&distribution).expect("a distribution has a JSON form");
        let back: Distribution = serde_json::from_str(&json).expect("its own JSON is read back");
        assert_eq!(back, distribution, "{json}");
    }
}

#[test]
fn impossible_parameters_are_named_with_the_fix() {
    let said =
        |distribution: Distribution| distribution.validate().expect_err("refused").to_string();
    assert_eq!(
        said(Distribution::Pert([0.1, 0.3, 0.2])),
        "pert.mode is 0.3; give a number from low to high"
    );
    assert_eq!(
        said(Distribution::Normal {
            mean: 0.0,
            sd: f64::NAN
        }),
        "normal.sd is NaN; give a number within ±1e100"
    );
    assert_eq!(
        said(Distribution::Bernoulli(1.2)),
        "bernoulli.probability is 1.2; give a probability from 0 to 1"
    );
    assert_eq!(
        said(Distribution::Interval([0.13, 0.04])),
        "interval.high is 0.04; give a number above low"
    );
    let quantiles = vec![[0.1, 1.0], [0.5, 9.9], [0.9, 10.0]];
    assert!(
        said(Distribution::Metalog {
            quantiles,
            low: None,
            high: None
        })
        .contains("no metalog rises through these quantiles")
    );
}

/// All families with arbitrary parameters, NaN and infinities among them.
fn any_distribution() -> impl Strategy<Value = Distribution> {
    let x = || prop_oneof![any::<f64>(), -10.0..10.0_f64, 0.0..1.0_f64];
    let list = move || prop::collection::vec(x(), 0..6);
    let bound = move || prop::option::of(x());
    let pairs = prop::collection::vec([0.0..1.0_f64, -10.0..10.0_f64], 0..11);
    prop_oneof![
        x().prop_map(Distribution::Fixed),
        [x(), x()].prop_map(Distribution::Interval),
        [x(), x()].prop_map(Distribution::Uniform),
        [x(), x(), x()].prop_map(Distribution::Triangular),
        [x(), x(), x()].prop_map(Distribution::Pert),
        (x(), x()).prop_map(|(mean, sd)| Distribution::Normal { mean, sd }),
        (x(), x(), x(), x()).prop_map(|(mean, sd, low, high)| Distribution::TruncatedNormal {
            mean,
            sd,
            low,
            high
        }),
        (x(), x()).prop_map(|(median, log_sd)| Distribution::Lognormal { median, log_sd }),
        [x(), x()].prop_map(Distribution::LognormalP10P90),
        (x(), x(), x(), x()).prop_map(|(alpha, beta, low, high)| Distribution::Beta {
            alpha,
            beta,
            low,
            high
        }),
        (x(), x()).prop_map(|(shape, scale)| Distribution::Gamma { shape, scale }),
        x().prop_map(Distribution::Bernoulli),
        (list(), list()).prop_map(|(values, weights)| Distribution::Discrete { values, weights }),
        list().prop_map(Distribution::Empirical),
        (pairs, bound(), bound()).prop_map(|(mut quantiles, low, high)| {
            quantiles.sort_by(|a, b| a[0].total_cmp(&b[0]));
            Distribution::Metalog {
                quantiles,
                low,
                high,
            }
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn valid_distributions_are_finite_and_rise_and_others_do_not_panic(
        distribution in any_distribution(),
    ) {
        let valid = distribution.validate().is_ok();
        let mut before = f64::NEG_INFINITY;
        for u in [1e-12, 1e-3, 0.1, 0.3, 0.5, 0.8, 0.99, 1.0 - 1e-12] {
            let now = distribution.quantile(u);
            prop_assert_eq!(now.is_finite(), valid, "{} at {}", now, u);
            prop_assert!(!valid || now >= before, "{} after {}", now, before);
            before = now;
        }
        let (mean, variance) = (distribution.mean(), distribution.variance());
        prop_assert!(!valid || (!mean.is_nan() && variance >= 0.0), "{} {}", mean, variance);
    }
}

#[test]
fn prepared_quantiles_agree_with_exact_ones() {
    let grid: Vec<f64> = (1..2000)
        .map(|i| f64::from(i) / 2000.0)
        .chain([1e-12, 1e-9, 1e-6, 1.0 - 1e-6, 1.0 - 1e-9, 1.0 - 1e-12])
        .collect();
    for distribution in families().into_iter().chain(discrete()) {
        let quantile = distribution.prepare();
        let mut by_uniform = grid.clone();
        quantile.apply(&mut by_uniform);
        let mut by_normal: Vec<f64> = grid.iter().map(|&u| ndtri(u)).collect();
        quantile.apply_normal(&mut by_normal);
        for ((u, a), b) in grid.iter().zip(by_uniform).zip(by_normal) {
            let exact = distribution.quantile(*u);
            assert!(
                (a / exact - 1.0).abs() < 1e-10 || a == exact,
                "{distribution:?} {u}: {a} {exact}"
            );
            // Φ(Φ⁻¹(u)) is u to a few units in the last place only, which steps can notice.
            let continuous = (b / exact - 1.0).abs() < 1e-9 || b == exact;
            assert!(continuous || (distribution.quantile(u * (1.0 + 1e-13)) - b).abs() < 1e-9);
        }
    }
}

/// The reference problem's inputs at `u_j = frac((j + 1)·√2)`, from its NumPy and SciPy program.
#[test]
fn reference_inputs_are_hit_to_1e_9() {
    let u = |j: i32| (f64::from(j + 1) * 2.0_f64.sqrt()).fract();
    for (j, pert, expected) in [
        (12, [0.02, 0.06, 0.12], 0.056_489_268_271_490_7),
        (13, [0.01, 0.04, 0.10], 0.059_805_112_780_605_386),
        (14, [0.0, 0.03, 0.09], 0.020_337_176_992_393_87),
        (15, [0.03, 0.07, 0.14], 0.081_372_521_178_076_7),
        (16, [0.01, 0.03, 0.07], 0.016_027_288_719_239_696),
        (24, [4.0, 9.0, 20.0], 8.599_615_055_009_345),
    ] {
        let mut value = [u(j)];
        Distribution::Pert(pert).prepare().apply(&mut value);
        assert!(
            (value[0] / expected - 1.0).abs() < 1e-10,
            "u{j}: {} not {expected}",
            value[0]
        );
    }
    let mut rows: Vec<[f64; 1]> = (0..12).map(|j| [ndtri(u(j))]).collect();
    reference_copula().transform(&mut rows);
    for (row, distribution, expected) in [
        (
            0,
            Distribution::LognormalP10P90([0.020, 0.038]),
            0.026_111_824_042_629_562,
        ),
        (
            7,
            Distribution::LognormalP10P90([0.005, 0.012]),
            0.006_839_130_662_457_756,
        ),
        (
            8,
            Distribution::Lognormal {
                median: 1.0,
                log_sd: 0.20,
            },
            1.117_425_046_401_118_8,
        ),
        (
            9,
            Distribution::Lognormal {
                median: 1.0,
                log_sd: 0.12,
            },
            0.901_588_925_799_762_6,
        ),
        (
            10,
            Distribution::Pert([0.48, 0.58, 0.66]),
            0.590_260_600_687_516_2,
        ),
        (
            11,
            Distribution::Triangular([0.07, 0.10, 0.16]),
            0.146_877_913_193_094_07,
        ),
    ] {
        distribution.prepare().apply_normal(&mut rows[row]);
        let [value] = rows[row];
        assert!(
            (value / expected - 1.0).abs() < 1e-10,
            "row {row}: {value} not {expected}"
        );
    }
}

/// The reference problem's correlations, on the normal scale.
fn reference_copula() -> Copula {
    let mut matrix = vec![vec![0.45; 12]; 12];
    let mut set = |i: usize, j: usize, value| {
        matrix[i][j] = value;
        matrix[j][i] = value;
    };
    for i in 0..12 {
        set(i, i, 1.0);
    }
    for (j, value) in [(8, 0.25), (9, 0.10), (10, -0.20), (11, 0.10)] {
        (0..8).for_each(|i| set(i, j, value));
    }
    for (i, j, value) in [
        (8, 9, 0.30),
        (8, 10, -0.25),
        (8, 11, 0.15),
        (9, 10, -0.35),
        (9, 11, 0.10),
        (10, 11, -0.10),
    ] {
        set(i, j, value);
    }
    let names = (0..12).map(|i| format!("input {i}")).collect();
    let (copula, repair) =
        Copula::new(names, &matrix, CorrelationScale::Normal).expect("a correlation matrix");
    assert_eq!(repair, None);
    copula
}

/// Moments by the trapezoidal rule over the normal score, which is exact to rounding for smooth
/// quantile functions.
fn numeric_moments(distribution: &Distribution) -> [f64; 2] {
    let nodes: Vec<(f64, f64)> = (-8 * 64..=8 * 64)
        .map(|i| f64::from(i) / 64.0)
        .map(|z| (z, exp(-0.5 * z * z) / std::f64::consts::TAU.sqrt() / 64.0))
        .collect();
    let mut values: Vec<f64> = nodes.iter().map(|node| node.0).collect();
    distribution.prepare().apply_normal(&mut values);
    let mean: f64 = values.iter().zip(&nodes).map(|(x, node)| x * node.1).sum();
    let variance = values
        .iter()
        .zip(&nodes)
        .map(|(x, node)| (x - mean) * (x - mean) * node.1)
        .sum();
    [mean, variance]
}

#[test]
fn moments_are_those_of_the_quantile_function() {
    for distribution in families() {
        let [mean, variance] = numeric_moments(&distribution);
        let (said_mean, said_variance) = (distribution.mean(), distribution.variance());
        // A triangular has a kink at its mode, and one bound leaves a metalog a tail that the rule here ends too soon for.
        let tolerance = match distribution {
            Distribution::Triangular(_) => 1e-4,
            Distribution::Metalog { .. } => 1e-2,
            _ => 1e-8,
        };
        assert!(
            (said_mean / mean - 1.0).abs() < tolerance,
            "{distribution:?}: {said_mean} {mean}"
        );
        if said_variance.is_finite() {
            let error = (said_variance / variance - 1.0).abs();
            assert!(
                error < tolerance,
                "{distribution:?}: {said_variance} {variance}"
            );
        }
    }
}

/// Means and variances from SciPy 1.x: `truncnorm`, `triang`, `beta`.
#[test]
fn moments_and_quantiles_agree_with_scipy() {
    let truncated = |mean, sd, low, high| Distribution::TruncatedNormal {
        mean,
        sd,
        low,
        high,
    };
    let beta = Distribution::Beta {
        alpha: 2.6,
        beta: 3.4,
        low: 0.0,
        high: 1.0,
    };
    for (distribution, mean, variance, u, quantile) in [
        (
            truncated(1.0, 0.1, 0.9, 2.0),
            1.028_759_997_093_917_9,
            0.006_296_862_857_766_055,
            0.3,
            0.977_517_749_210_133_8,
        ),
        (
            truncated(0.0, 1.0, -1.0, 0.5),
            -0.206_631_218_061_533_06,
            0.172_773_259_086_493_1,
            0.3,
            -0.471_904_673_227_932_4,
        ),
        (
            truncated(0.0, 1.0, 6.0, 8.0),
            6.158_481_366_839_988,
            0.023_985_213_407_840_655,
            0.3,
            6.057_652_579_551_58,
        ),
        (
            Distribution::Triangular([0.07, 0.10, 0.16]),
            0.11,
            0.000_35,
            0.7,
            0.119_750_776_405_003_78,
        ),
        (
            beta,
            2.6 / 6.0,
            0.035_079_365_079_365_08,
            0.7,
            0.536_875_710_798_904_6,
        ),
        (
            Distribution::Gamma {
                shape: 3.0,
                scale: 2.0,
            },
            6.0,
            12.0,
            0.3,
            3.827_551_588_254_124_2,
        ),
    ] {
        let near = |found: f64, truth: f64| (found / truth - 1.0).abs() < 1e-9;
        assert!(
            near(distribution.mean(), mean),
            "{distribution:?} {}",
            distribution.mean()
        );
        assert!(
            near(distribution.variance(), variance),
            "{distribution:?} {}",
            distribution.variance()
        );
        assert!(
            near(distribution.quantile(u), quantile),
            "{distribution:?} {}",
            distribution.quantile(u)
        );
    }
}

#[test]
fn stated_quantiles_are_hit() {
    let hits = |distribution: &Distribution, u: f64, value: f64| {
        let found = distribution.quantile(u);
        assert!(
            (found / value - 1.0).abs() < 1e-12,
            "{distribution:?} at {u}: {found}"
        );
    };
    for [low, high] in [[0.04, 0.13], [-2.0, 5.0]] {
        let interval = Distribution::Interval([low, high]);
        hits(&interval, 0.05, low);
        hits(&interval, 0.95, high);
    }
    let hazard = Distribution::LognormalP10P90([0.020, 0.038]);
    hits(&hazard, 0.1, 0.020);
    hits(&hazard, 0.9, 0.038);
    for metalog in families() {
        if let Distribution::Metalog { quantiles, .. } = &metalog {
            quantiles
                .iter()
                .for_each(|&[u, value]| hits(&metalog, u, value));
        }
    }
    // Two quantiles of a metalog are a logistic: odds to the value.
    let quantiles = vec![[0.25, -1.0], [0.75, 1.0]];
    let logistic = Distribution::Metalog {
        quantiles,
        low: None,
        high: None,
    };
    hits(&logistic, 0.9, 2.0);
    assert!(
        (logistic.variance() * 3.0_f64.ln().powi(2) * 3.0 / std::f64::consts::PI.powi(2) - 1.0)
            .abs()
            < 1e-9
    );
}

/// Draws against the distribution functions of an independent library, at the 1e-6 level, and
/// moments within four standard errors.
#[test]
fn draws_follow_their_distribution() {
    let count = 50_000;
    let check = |distribution: Distribution, cdf: &dyn Fn(f64) -> f64| {
        let mut draws = uniforms(count);
        distribution.prepare().apply(&mut draws);
        let n = count as f64;
        let mean = draws.iter().sum::<f64>() / n;
        let se = (distribution.variance() / n).sqrt();
        assert!(
            (mean - distribution.mean()).abs() < 4.0 * se,
            "{distribution:?}: mean {mean}"
        );
        draws.sort_by(f64::total_cmp);
        let distance = draws
            .iter()
            .enumerate()
            .map(|(i, x)| (cdf(*x) - (i as f64 + 0.5) / n).abs())
            .fold(0.0, f64::max);
        assert!(
            distance * n.sqrt() < 2.7,
            "{distribution:?}: distance {distance}"
        );
    };
    let normal = statrs::distribution::Normal::new(1.0, 0.1).unwrap();
    check(Distribution::Normal { mean: 1.0, sd: 0.1 }, &|x| {
        normal.cdf(x)
    });
    let lognormal = statrs::distribution::LogNormal::new(0.0, 0.2).unwrap();
    check(
        Distribution::Lognormal {
            median: 1.0,
            log_sd: 0.2,
        },
        &|x| lognormal.cdf(x),
    );
    let triangular = statrs::distribution::Triangular::new(0.07, 0.16, 0.10).unwrap();
    check(Distribution::Triangular([0.07, 0.10, 0.16]), &|x| {
        triangular.cdf(x)
    });
    let gamma = statrs::distribution::Gamma::new(3.0, 0.5).unwrap();
    check(
        Distribution::Gamma {
            shape: 3.0,
            scale: 2.0,
        },
        &|x| gamma.cdf(x),
    );
    let beta = statrs::distribution::Beta::new(0.5, 0.7).unwrap();
    check(
        Distribution::Beta {
            alpha: 0.5,
            beta: 0.7,
            low: 0.0,
            high: 1.0,
        },
        &|x| beta.cdf(x),
    );
    let pert = statrs::distribution::Beta::new(1.0 + 4.0 / 3.0, 1.0 + 8.0 / 3.0).unwrap();
    check(Distribution::Pert([0.0, 3.0, 9.0]), &|x| pert.cdf(x / 9.0));
}

/// Shares of steps within four standard errors, and moments of the definition.
#[test]
fn steps_come_with_their_probabilities() {
    let mut draws = uniforms(40_000);
    let [bernoulli, discrete, empirical]: [Distribution; 3] = discrete().try_into().unwrap();
    discrete.prepare().apply(&mut draws);
    for (value, share) in [(1.0, 0.5), (2.0, 0.25), (3.0, 0.25)] {
        let found = draws.iter().filter(|draw| **draw == value).count() as f64 / 40_000.0;
        assert!((found - share).abs() < 4.0 * (share * (1.0 - share) / 40_000.0_f64).sqrt());
    }
    assert_eq!((discrete.mean(), discrete.variance()), (1.75, 0.6875));
    assert_eq!((empirical.mean(), empirical.variance()), (3.25, 6.1875));
    assert_eq!(
        (bernoulli.quantile(0.149), bernoulli.quantile(0.151)),
        (0.0, 1.0)
    );
    assert_eq!(bernoulli.support(), [0.0, 1.0]);
}
