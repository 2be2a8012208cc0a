//! Draws against those of another library, by the two-sample test of Kolmogorov and Smirnov.

use keepworth_sim::inputs::Distribution;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

const DRAWS: usize = 100_000;

/// The largest distance between two empirical distributions.
fn distance(mut a: Vec<f64>, mut b: Vec<f64>) -> f64 {
    a.sort_by(f64::total_cmp);
    b.sort_by(f64::total_cmp);
    let (mut i, mut j, mut most) = (0, 0, 0.0_f64);
    while i < a.len() && j < b.len() {
        let value = a[i].min(b[j]);
        while i < a.len() && a[i] <= value {
            i += 1;
        }
        while j < b.len() && b[j] <= value {
            j += 1;
        }
        most = most.max((i as f64 / a.len() as f64 - j as f64 / b.len() as f64).abs());
    }
    most
}

fn agree(name: &str, ours: &Distribution, theirs: impl rand_distr::Distribution<f64>) {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let ours = (0..DRAWS)
        .map(|_| ours.quantile(rng.random::<f64>()))
        .collect();
    let theirs = (0..DRAWS).map(|_| theirs.sample(&mut rng)).collect();
    // Larger by chance once in a million: √(ln(2/10⁻⁶)/2 · 2/n).
    let most = ((2e6_f64).ln() / DRAWS as f64).sqrt();
    let found = distance(ours, theirs);
    assert!(found < most, "{name}: {found}, more than {most}");
}

#[test]
fn distributions_are_those_of_rand_distr() {
    agree(
        "normal",
        &Distribution::Normal { mean: 3.0, sd: 2.0 },
        rand_distr::Normal::new(3.0, 2.0).unwrap(),
    );
    agree(
        "lognormal",
        &Distribution::Lognormal {
            median: 2.0,
            log_sd: 0.7,
        },
        rand_distr::LogNormal::new(2.0_f64.ln(), 0.7).unwrap(),
    );
    let beta = |alpha, beta| Distribution::Beta {
        alpha,
        beta,
        low: 0.0,
        high: 1.0,
    };
    for (a, b) in [(8.0, 2.0), (0.5, 0.7), (1.0, 3.0)] {
        agree("beta", &beta(a, b), rand_distr::Beta::new(a, b).unwrap());
    }
    for (shape, scale) in [(0.4, 2.0), (9.0, 0.5)] {
        agree(
            "gamma",
            &Distribution::Gamma { shape, scale },
            rand_distr::Gamma::new(shape, scale).unwrap(),
        );
    }
    agree(
        "triangular",
        &Distribution::Triangular([1.0, 2.0, 5.0]),
        rand_distr::Triangular::new(1.0, 5.0, 2.0).unwrap(),
    );
    agree(
        "pert",
        &Distribution::Pert([1.0, 2.0, 5.0]),
        rand_distr::Pert::new(1.0, 5.0).with_mode(2.0).unwrap(),
    );
    agree(
        "uniform",
        &Distribution::Uniform([-1.0, 4.0]),
        rand_distr::Uniform::new(-1.0, 4.0).unwrap(),
    );
}

#[test]
fn the_test_tells_distributions_apart() {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let draw = |sd: f64, rng: &mut ChaCha8Rng| -> Vec<f64> {
        let normal = Distribution::Normal { mean: 3.0, sd };
        (0..DRAWS)
            .map(|_| normal.quantile(rng.random::<f64>()))
            .collect()
    };
    let (a, b) = (draw(2.0, &mut rng), draw(2.1, &mut rng));
    assert!(distance(a, b) > ((2e6_f64).ln() / DRAWS as f64).sqrt());
}
