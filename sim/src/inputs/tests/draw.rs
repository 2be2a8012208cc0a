//! Draws, by any way and on any processor.

use super::{discrete, families, uniforms};
use crate::inputs::{Copula, CorrelationScale, Distribution};
use crate::math::ndtri;
use pulp::{Arch, NullaryFnOnce};
use statrs::distribution::ContinuousCDF;

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

/// Everything that happens to a batch of uniforms, in one compiled form.
struct Draw<'a>(&'a [Distribution], &'a Copula, &'a mut [Vec<f64>]);

impl NullaryFnOnce for Draw<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self(distributions, copula, rows) = self;
        for (distribution, row) in distributions.iter().zip(&mut *rows) {
            distribution.prepare().apply(row);
        }
        for row in &mut rows[..12] {
            row.copy_from_slice(&uniforms(1001));
            crate::math::ndtri_each(row);
        }
        copula.transform(&mut rows[..12]);
        for (distribution, row) in distributions.iter().zip(&mut rows[..12]) {
            distribution.prepare().apply_normal(row);
        }
    }
}

#[test]
fn vectors_of_any_width_give_the_same_bits() {
    let distributions: Vec<_> = families().into_iter().chain(discrete()).collect();
    let copula = reference_copula();
    let [narrow, wide] = [Arch::Scalar, Arch::new()].map(|arch| {
        let mut rows = vec![uniforms(1001); distributions.len()];
        arch.dispatch(Draw(&distributions, &copula, &mut rows));
        rows.into_iter()
            .flatten()
            .map(f64::to_bits)
            .collect::<Vec<_>>()
    });
    assert!(narrow == wide);
}

/// The same bits for ever: a change here changes every published run.
#[test]
fn values_are_stable() {
    let bits: Vec<u64> = families()
        .iter()
        .map(|distribution| {
            let mut value = [0.3];
            distribution.prepare().apply(&mut value);
            value[0].to_bits()
        })
        .collect();
    let expected: [u64; 17] = [
        4_588_773_017_367_313_165,
        4_600_591_940_091_838_436,
        4_612_361_558_371_493_478,
        4_591_759_247_324_664_479,
        4_603_196_207_279_035_485,
        4_589_625_592_130_737_982,
        4_606_710_080_809_292_442,
        4_606_979_916_687_458_025,
        4_618_506_328_951_347_606,
        4_606_285_594_269_163_854,
        4_582_625_326_430_289_348,
        4_594_113_414_573_272_642,
        4_611_683_477_718_950_283,
        4_615_801_298_753_318_727,
        4_614_968_044_807_108_441,
        4_614_994_046_428_630_463,
        4_615_121_213_318_842_923,
    ];
    assert_eq!(bits, expected);
}
