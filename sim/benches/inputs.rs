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

/// What is done to a column of lanes, compiled for each width of vectors.
#[derive(Clone, Copy)]
enum Work<'a> {
    Exp,
    Ln,
    NormalQuantile,
    NormalCdf,
    Apply(&'a Quantile),
    ApplyNormal(&'a Quantile),
}

struct Lanes<'a>(Work<'a>, &'a mut [f64]);

impl NullaryFnOnce for Lanes<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self(work, lanes) = self;
        match work {
            Work::Exp => lanes.iter_mut().for_each(|x| *x = math::exp(*x)),
            Work::Ln => lanes.iter_mut().for_each(|x| *x = math::ln(*x)),
            Work::NormalQuantile => math::ndtri_each(lanes),
            Work::NormalCdf => lanes.iter_mut().for_each(|x| *x = math::ndtr(*x)),
            Work::Apply(quantile) => quantile.apply(lanes),
            Work::ApplyNormal(quantile) => quantile.apply_normal(lanes),
        }
    }
}

fn bench_lanes(bencher: Bencher, arch: Arch, work: Work) {
    let lanes = uniforms();
    bencher
        .counter(ItemsCount::new(TRIALS))
        .with_inputs(|| lanes.clone())
        .bench_local_refs(|lanes| arch.dispatch(Lanes(work, lanes)));
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
    bench_lanes(bencher, arch(name), Work::NormalQuantile);
}

#[divan::bench(args = ARCHS)]
fn normal_cdf(bencher: Bencher, name: &str) {
    bench_lanes(bencher, arch(name), Work::NormalCdf);
}

#[divan::bench(args = ARCHS)]
fn exp(bencher: Bencher, name: &str) {
    bench_lanes(bencher, arch(name), Work::Exp);
}

#[divan::bench(args = ARCHS)]
fn ln(bencher: Bencher, name: &str) {
    bench_lanes(bencher, arch(name), Work::Ln);
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
    bench_lanes(bencher, Arch::new(), Work::Apply(&family(name).prepare()));
}

#[divan::bench(args = names())]
fn apply_normal(bencher: Bencher, name: &str) {
    bench_lanes(
        bencher,
        Arch::new(),
        Work::ApplyNormal(&family(name).prepare()),
    );
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
        .bench_local(|| Arch::new().dispatch(Correlate(&copula, &mut rows)));
}

struct Correlate<'a>(&'a Copula, &'a mut [Vec<f64>]);

impl NullaryFnOnce for Correlate<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        self.0.transform(self.1);
    }
}
