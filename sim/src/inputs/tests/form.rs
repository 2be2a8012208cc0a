//! Forms in a scenario, and bad parameters.

use super::{discrete, families};
use crate::inputs::Distribution;
use proptest::prelude::*;

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
        (
            "\"1.200 to 2.000\"",
            "\"1.200\" in \"1.200 to 2.000\" may be 1.2 or 1200",
        ),
        ("\"-12,500 to 4\"", "may be -12.5 or -12500"),
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
