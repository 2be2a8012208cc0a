use super::*;

/// Against the definition: mean and variance of the quantile at evenly spread uniforms.
#[test]
fn quantiles_have_binomial_moments() {
    for (n, p) in [
        (1.0, 0.3),
        (12.0, 0.04),
        (300.0, 0.02),
        (300.0, 0.9),
        (40_000.0, 0.03),
    ] {
        let draws: Vec<f64> = (0..20_000)
            .map(|i| binomial_quantile(n, p, (f64::from(i) + 0.5) / 20_000.0))
            .collect();
        let mean = draws.iter().sum::<f64>() / draws.len() as f64;
        let variance =
            draws.iter().map(|k| (k - mean) * (k - mean)).sum::<f64>() / draws.len() as f64;
        let expected = n * p * (1.0 - p);
        assert!(
            (mean - n * p).abs() < 0.002 * n * p + 1e-3,
            "{n} {p}: mean {mean}"
        );
        assert!(
            (variance / expected - 1.0).abs() < 0.02,
            "{n} {p}: variance {variance}"
        );
    }
}

#[test]
fn those_won_are_a_poisson_count() {
    for mean in [0.3, 4.0, 40.0, 900.0] {
        let draws: Vec<f64> = (0..20_000)
            .map(|i| poisson_quantile(mean, (f64::from(i) + 0.5) / 20_000.0))
            .collect();
        let found = draws.iter().sum::<f64>() / 20_000.0;
        let variance = draws.iter().map(|k| (k - found) * (k - found)).sum::<f64>() / 20_000.0;
        assert!((found / mean - 1.0).abs() < 0.005, "{mean}: mean {found}");
        assert!(
            (variance / mean - 1.0).abs() < 0.02,
            "{mean}: variance {variance}"
        );
    }
}

/// Of 1,000 who would leave with 4% a month, 1% with the programme, 30 are kept, and their number
/// spreads as that of customers each kept with 3%: `√(1000·0.03·0.97) = 5.39`.
#[test]
fn a_customer_kept_is_one_who_would_have_left() {
    let (without, with) = ([0.96; LANES], [0.99; LANES]);
    let draws: Vec<f64> = (0..500)
        .flat_map(|batch| {
            let noise = Noise {
                seed: 5,
                trial: batch * LANES as u64,
                segment: 0,
            };
            let mut group = Group::new([1_000.0; LANES], [0.0; LANES]);
            group.stay(&without, &with, |event| noise.uniforms(1, 0, event));
            assert_eq!(group.lost, [0.0; LANES]);
            group.kept
        })
        .collect();
    let n = draws.len() as f64;
    let mean = draws.iter().sum::<f64>() / n;
    let sd = (draws.iter().map(|k| (k - mean).powi(2)).sum::<f64>() / n).sqrt();
    assert!((mean - 30.0).abs() < 0.25, "mean {mean}");
    assert!((sd / 5.394 - 1.0).abs() < 0.04, "sd {sd}");
}

/// P(K = 0) of Binomial(10, 0.1) is 0.9¹⁰ = 0.3487.
#[test]
fn small_groups_are_exact() {
    assert_eq!(binomial_quantile(10.0, 0.1, 0.3486), 0.0);
    assert_eq!(binomial_quantile(10.0, 0.1, 0.3488), 1.0);
    assert_eq!(leavers(10.0, 0.0, 0.5), 0.0);
    assert_eq!(leavers(10.0, 1.0, 0.5), 10.0);
    assert_eq!(leavers(0.5, 0.2, 0.5), 0.1);
}
