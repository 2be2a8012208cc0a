//! What a draw costs: uniforms by method, quantiles by family, and preparing them.
//!
//! `cargo bench -p keepworth-sim --bench inputs`; divide by the 4,096 draws of an iteration.

use divan::Bencher;
use divan::counter::ItemsCount;
use keepworth_sim::inputs::{Copula, CorrelationScale, Distribution, Quantile};
use keepworth_sim::math;
use keepworth_sim::sampling::{Plan, Sampling};
use pulp::{Arch, NullaryFnOnce};

const TRIALS: usize = 4096;

fn main() {
    divan::main();
}

fn plan(method: Sampling) -> Plan {
    Plan {
        method,
        seed: 1,
        trials: 1 << 20,
        inputs: 25,
        randomisations: 8,
    }
}

fn uniforms() -> Vec<f64> {
    let mut out = vec![0.0; TRIALS];
    plan(Sampling::Random).fill(0, 0, &mut out);
    out
}

#[divan::bench(args = [Sampling::Random, Sampling::LatinHypercube, Sampling::Sobol])]
fn fill(bencher: Bencher, method: &Sampling) {
    let plan = plan(*method);
    let mut out = vec![0.0; TRIALS];
    bencher
        .counter(ItemsCount::new(TRIALS))
        .bench_local(|| plan.fill(65_536, 7, &mut out));
}

/// Runs a function over lanes, compiled for each width of vectors.
struct Wide<'a, F: FnOnce(&mut [f64])>(F, &'a mut [f64]);

impl<F: FnOnce(&mut [f64])> NullaryFnOnce for Wide<'_, F> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        self.0(self.1);
    }
}

fn bench_lanes(bencher: Bencher, arch: Arch, of: impl Fn(&mut [f64]) + Copy) {
    let lanes = uniforms();
    bencher
        .counter(ItemsCount::new(TRIALS))
        .with_inputs(|| lanes.clone())
        .bench_local_refs(|lanes| arch.dispatch(Wide(of, lanes)));
}

const ARCHS: [&str; 2] = ["scalar", "widest"];

fn arch(name: &str) -> Arch {
    if name == "scalar" {
        Arch::Scalar
    } else {
        Arch::new()
    }
}

#[divan::bench(args = ARCHS)]
fn normal_quantile(bencher: Bencher, name: &str) {
    bench_lanes(bencher, arch(name), |lanes| math::ndtri_each(lanes));
}

#[divan::bench(args = ARCHS)]
fn exp(bencher: Bencher, name: &str) {
    bench_lanes(bencher, arch(name), |lanes| {
        for x in lanes {
            *x = math::exp(*x);
        }
    });
}

#[divan::bench(args = ARCHS)]
fn ln(bencher: Bencher, name: &str) {
    bench_lanes(bencher, arch(name), |lanes| {
        for x in lanes {
            *x = math::ln(*x);
        }
    });
}

fn families() -> Vec<(&'static str, Distribution)> {
    let quantiles = vec![[0.1, 2.0], [0.5, 5.0], [0.9, 12.0]];
    vec![
        ("triangular", Distribution::Triangular([0.07, 0.10, 0.16])),
        ("pert", Distribution::Pert([0.02, 0.06, 0.12])),
        ("pert from its mode", Distribution::Pert([0.0, 0.0, 1.0])),
        ("normal", Distribution::Normal { mean: 1.0, sd: 0.1 }),
        (
            "truncated normal",
            Distribution::TruncatedNormal {
                mean: 1.0,
                sd: 0.1,
                low: 0.9,
                high: 2.0,
            },
        ),
        ("lognormal", Distribution::LognormalP10P90([0.02, 0.038])),
        (
            "beta",
            Distribution::Beta {
                alpha: 2.0,
                beta: 2.0,
                low: 0.0,
                high: 1.0,
            },
        ),
        (
            "gamma",
            Distribution::Gamma {
                shape: 3.0,
                scale: 2.0,
            },
        ),
        ("bernoulli", Distribution::Bernoulli(0.85)),
        (
            "empirical",
            Distribution::Empirical((0..1000).map(f64::from).collect()),
        ),
        (
            "metalog",
            Distribution::Metalog {
                quantiles,
                low: Some(0.0),
                high: None,
            },
        ),
    ]
}

fn names() -> Vec<&'static str> {
    families().into_iter().map(|family| family.0).collect()
}

fn family(name: &str) -> Distribution {
    families()
        .into_iter()
        .find(|family| family.0 == name)
        .expect("a family of the list")
        .1
}

#[divan::bench(args = names())]
fn apply(bencher: Bencher, name: &str) {
    let quantile: Quantile = family(name).prepare();
    let quantile = &quantile;
    bench_lanes(bencher, Arch::new(), |lanes| quantile.apply(lanes));
}

#[divan::bench(args = names())]
fn apply_normal(bencher: Bencher, name: &str) {
    let quantile: Quantile = family(name).prepare();
    let quantile = &quantile;
    bench_lanes(bencher, Arch::new(), |lanes| quantile.apply_normal(lanes));
}

#[divan::bench(args = names())]
fn prepare(bencher: Bencher, name: &str) {
    let distribution = family(name);
    bencher.bench_local(|| distribution.prepare());
}

/// Twelve inputs, as many as the reference problem correlates; items are values.
#[divan::bench]
fn copula(bencher: Bencher) {
    let size = 12;
    let correlations: Vec<Vec<f64>> = (0..size)
        .map(|i| (0..size).map(|j| if i == j { 1.0 } else { 0.4 }).collect())
        .collect();
    let names = (0..size).map(|i| format!("input {i}")).collect();
    let (copula, _) =
        Copula::new(names, &correlations, CorrelationScale::Normal).expect("a correlation matrix");
    let mut rows = vec![uniforms(); size];
    bencher
        .counter(ItemsCount::new(size * TRIALS))
        .bench_local(|| copula.transform(&mut rows));
}
