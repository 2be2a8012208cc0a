//! The standard normal distribution.

#![expect(
    clippy::excessive_precision,
    reason = "coefficients keep their published digits"
)]

use super::Tails;
use super::elementary::{exp, ln, polynomial};

/// Where the middle formula of [`ndtri`] ends, as a distance from ½.
const MIDDLE: f64 = 0.49;
/// Where the near tail's formula ends: `√(−ln p)` of a tail probability of 1.4e-11.
const NEAR: f64 = 5.0;

/// Standard normal distribution function, relative error below 1e-14 for `z > −10`.
#[inline(always)]
pub fn ndtr(z: f64) -> f64 {
    Tails::of_normal(z).lower
}

/// Probability above a distance `a ≥ 0` from 0, which loses no digits.
///
/// `e^(−a²/2)` times a polynomial in `(a − 4)/(a + 4)` over `a + 4`. The polynomial is the Chebyshev
/// series of Mills' ratio, which is smooth over the whole half line under that map (after
/// M. Shepherd and J. Laframboise, 1981); its coefficients were computed with mpmath at 50 digits
/// and its remainder is below 1e-16.
#[inline(always)]
pub(super) fn upper_tail(a: f64) -> f64 {
    const LOW: [f64; 12] = [
        0.755_285_130_415_751_4,
        -0.607_896_641_971_892_3,
        0.387_137_400_742_226_6,
        -0.186_521_857_959_636_6,
        0.060_396_574_890_360_92,
        -0.007_540_188_967_386_312,
        -0.003_479_692_356_651_502_5,
        0.001_630_818_467_409_908_5,
        0.000_133_344_209_160_147_78,
        -0.000_231_095_017_362_774_26,
        -1.907_676_030_719_098e-6,
        3.514_511_190_283_765e-5,
    ];
    const HIGH: [f64; 12] = [
        7.146_021_531_267_462e-7,
        -5.921_611_045_923_978e-6,
        -6.249_551_077_565_178e-7,
        1.024_785_101_655_277_4e-6,
        2.647_337_281_979_868e-7,
        -1.597_739_614_223_922e-7,
        -7.878_360_342_693_638e-8,
        1.784_492_777_298_141_5e-8,
        1.606_738_695_732_94e-8,
        -5.873_626_764_987_191e-10,
        -1.688_657_696_678_673_5e-9,
        -1.199_778_203_125_309_5e-10,
    ];
    // Beyond 39 nothing is left.
    let a = if a > 39.0 { 39.0 } else { a };
    let t = (a - 4.0) / (a + 4.0);
    let fourth = (t * t) * (t * t);
    let mills = polynomial(&LOW, t) + fourth * fourth * fourth * polynomial(&HIGH, t);
    exp(-0.5 * a * a) * mills / (a + 4.0)
}

/// The quantile of `u` within [`MIDDLE`] of ½: `(u − ½)·A(x)/B(x)` with `x = 1 − ((u − ½)/0.49)²`.
///
/// Both polynomials were fitted with mpmath at 80 digits, by least squares at Chebyshev's nodes, in the
/// manner of AS 241 but over a wider range; the relative error is below 1.1e-16.
#[inline(always)]
fn ndtri_middle(u: f64) -> f64 {
    const A: [f64; 12] = [
        4.747_648_722_532_327_668,
        374.306_062_355_186_700_9,
        11_830.421_988_316_954_96,
        193_483.793_844_421_743_5,
        1_771_372.075_747_348_821,
        9_235_351.950_970_586_926,
        26_951_410.593_069_861_62,
        42_061_040.587_736_429_25,
        32_404_219.822_906_351_02,
        10_726_936.092_015_135_88,
        1_157_322.012_769_906_206,
        17_991.289_983_990_477_07,
    ];
    const B: [f64; 12] = [
        1.0,
        82.291_778_289_817_299_8,
        2_736.214_215_193_898_257,
        47_551.600_080_533_325,
        468_593.732_427_443_946,
        2_674_167.621_979_720_685,
        8_734_573.190_919_515_757,
        15_733_433.625_482_415_56,
        14_639_915.180_367_095_16,
        6_308_792.576_216_268_344,
        1_030_940.766_538_256_192,
        40_028.041_377_100_247_18,
    ];
    const SCALE: f64 = -1.0 / (MIDDLE * MIDDLE);
    let q = u - 0.5;
    let x = (q * q).mul_add(SCALE, 1.0);
    q * polynomial(&A, x) / polynomial(&B, x)
}

/// The quantile of `u` further than [`MIDDLE`] from ½, but not [`is_far`].
#[inline(always)]
fn ndtri_near(u: f64) -> f64 {
    const C: [f64; 8] = [
        1.423_437_110_749_683_577_34,
        4.630_337_846_156_545_295_90,
        5.769_497_221_460_691_405_50,
        3.647_848_324_763_204_605_04,
        1.270_458_252_452_368_382_58,
        0.241_780_725_177_450_611_770,
        0.022_723_844_989_269_184_583_3,
        7.745_450_142_783_414_076_40e-4,
    ];
    const D: [f64; 8] = [
        1.0,
        2.053_191_626_637_758_821_87,
        1.676_384_830_183_803_849_40,
        0.689_767_334_985_100_004_550,
        0.148_103_976_427_480_074_590,
        0.015_198_666_563_616_457_196_6,
        5.475_938_084_995_344_946_00e-4,
        1.050_750_071_644_416_843_24e-9,
    ];
    let tail = if u < 0.5 { u } else { 1.0 - u };
    let r = (-ln(tail)).sqrt() - 1.6;
    let z = polynomial(&C, r) / polynomial(&D, r);
    if u < 0.5 { -z } else { z }
}

/// Far tails of [`ndtri`], a probability below 1.4e-11.
fn ndtri_far(u: f64) -> f64 {
    const E: [f64; 8] = [
        6.657_904_643_501_103_777_20,
        5.463_784_911_164_114_369_90,
        1.784_826_539_917_291_335_80,
        0.296_560_571_828_504_891_230,
        0.026_532_189_526_576_123_093_0,
        1.242_660_947_388_078_438_60e-3,
        2.711_555_568_743_487_578_15e-5,
        2.010_334_399_292_288_132_65e-7,
    ];
    const F: [f64; 8] = [
        1.0,
        0.599_832_206_555_887_937_690,
        0.136_929_880_922_735_805_310,
        0.014_875_361_290_850_614_852_5,
        7.868_691_311_456_132_591_00e-4,
        1.846_318_317_510_054_681_80e-5,
        1.421_511_758_316_445_888_70e-7,
        2.044_263_103_389_939_785_64e-15,
    ];
    let tail = if u < 0.5 { u } else { 1.0 - u };
    let r = (-ln(tail)).sqrt() - NEAR;
    let z = polynomial(&E, r) / polynomial(&F, r);
    if u < 0.5 { -z } else { z }
}

/// Whether `u` is in the far tails. 1.4e-11 is just above e⁻²⁵, where both formulas are good.
#[inline(always)]
fn is_far(u: f64) -> bool {
    !(u > 1.4e-11 && u < 1.0 - 1.4e-11)
}

#[inline(always)]
fn is_middle(u: f64) -> bool {
    (u - 0.5).abs() <= MIDDLE
}

/// Standard normal quantile, relative error below 1e-14; −∞ at 0, ∞ at 1, NaN outside.
///
/// Rational approximations, in the tails those of M. J. Wichura, "Algorithm AS 241", Applied
/// Statistics 37 (1988).
pub fn ndtri(u: f64) -> f64 {
    if is_middle(u) {
        ndtri_middle(u)
    } else if !is_far(u) {
        ndtri_near(u)
    } else if u == 0.0 {
        f64::NEG_INFINITY
    } else if u == 1.0 {
        f64::INFINITY
    } else {
        ndtri_far(u)
    }
}

/// Replaces each uniform by its standard normal quantile, [`ndtri`], bit for bit.
///
/// All go through the formula of the middle; the few in the tails are gathered, treated together
/// and put back, so that each loop does one thing to all its lanes.
#[inline(always)]
pub fn ndtri_each(values: &mut [f64]) {
    const CHUNK: usize = 256;
    /// Tails are rare enough that most groups of so many have none.
    const GROUP: usize = 16;
    for chunk in values.chunks_mut(CHUNK) {
        let mut places = [0_u8; CHUNK];
        let mut count = 0;
        for (group, uniforms) in chunk.chunks(GROUP).enumerate() {
            if uniforms.iter().fold(true, |all, &u| all & is_middle(u)) {
                continue;
            }
            for (place, &u) in uniforms.iter().enumerate() {
                // Written always and kept only if the count moves on: no branch to mispredict.
                places[count % CHUNK] = (GROUP * group + place) as u8;
                count += usize::from(!is_middle(u));
            }
        }
        let mut tails = [0.0; CHUNK];
        for (tail, &place) in tails.iter_mut().zip(&places[..count]) {
            *tail = chunk[usize::from(place)];
        }
        for u in &mut *chunk {
            *u = ndtri_middle(*u);
        }
        let tails = &mut tails[..count];
        if tails.iter().fold(false, |far, &u| far | is_far(u)) {
            for u in &mut *tails {
                *u = ndtri(*u);
            }
        } else {
            for u in &mut *tails {
                *u = ndtri_near(*u);
            }
        }
        for (&place, &z) in places.iter().zip(&*tails) {
            chunk[usize::from(place)] = z;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed with mpmath at 60 digits from the exact binary value of `u`.
    const QUANTILES: [(f64, f64); 19] = [
        (1e-300, -37.047_096_299_361_199),
        (1e-100, -21.273_453_560_965_324),
        (1e-20, -9.262_340_089_798_407_6),
        (1e-12, -7.034_483_825_301_131_9),
        (1.39e-11, -6.657_777_073_049_201_7),
        (1.41e-11, -6.655_676_453_298_992_5),
        (1e-6, -4.753_424_308_822_898_9),
        (0.01, -2.326_347_874_040_841_1),
        (0.0749, -1.440_238_267_527_963_7),
        (0.0751, -1.438_825_392_752_54),
        (0.25, -0.674_489_750_196_081_74),
        (0.4999, -0.000_250_662_830_088_007_492_39),
        (0.75, 0.674_489_750_196_081_74),
        (0.9, 1.281_551_565_544_600_6),
        (0.95, 1.644_853_626_951_472_3),
        (0.999, 3.090_232_306_167_813_3),
        (1.0 - 1e-9, 5.997_807_019_601_637_4),
        (1.0 - 1e-12, 7.034_486_910_047_835_2),
        (1.0 - f64::EPSILON / 2.0, 8.209_536_151_601_386_9),
    ];

    #[test]
    fn quantile_is_good_to_1e_14() {
        for (u, z) in QUANTILES {
            assert!(
                (ndtri(u) - z).abs() <= 1e-14 * z.abs(),
                "{u}: {} not {z}",
                ndtri(u)
            );
        }
    }

    /// Computed with mpmath at 60 digits.
    #[test]
    fn distribution_function_is_good_to_1e_14() {
        for (z, p) in [
            (-38.0, 2.885_428_360_068_784_3e-316),
            (-20.0, 2.753_624_118_606_233_7e-89),
            (-10.0, 7.619_853_024_160_526_1e-24),
            (-8.25, 7.919_726_314_642_477_3e-17),
            (-5.0, 2.866_515_718_791_939_2e-7),
            (-1.0, 0.158_655_253_931_457_05),
            (-0.1, 0.460_172_162_722_971_01),
            (0.3, 0.617_911_422_188_952_63),
            (2.0, 0.977_249_868_051_820_79),
            (6.0, 0.999_999_999_013_412_35),
        ] {
            let tolerance = if p < 1e-300 { 1e-7 } else { 1e-14 };
            assert!(
                (ndtr(z) - p).abs() <= tolerance * p,
                "{z}: {} not {p}",
                ndtr(z)
            );
        }
    }

    #[test]
    fn distribution_function_agrees_with_libm() {
        for i in -10_000..=10_000 {
            let z = f64::from(i) / 1000.0;
            let truth = 0.5 * libm::erfc(-z * std::f64::consts::FRAC_1_SQRT_2);
            assert!((ndtr(z) / truth - 1.0).abs() < 2e-14, "{z}");
        }
    }

    #[test]
    fn ends_and_nonsense_are_named() {
        assert_eq!(
            [f64::NEG_INFINITY, -50.0, 50.0, f64::INFINITY].map(ndtr),
            [0.0, 0.0, 1.0, 1.0]
        );
        assert!(ndtr(f64::NAN).is_nan());
        assert_eq!(ndtri(0.0), f64::NEG_INFINITY);
        assert_eq!(ndtri(1.0), f64::INFINITY);
        for nonsense in [-0.1, 1.1, f64::NAN] {
            assert!(ndtri(nonsense).is_nan());
        }
    }

    #[test]
    fn slices_and_single_values_have_the_same_bits() {
        let uniforms: Vec<f64> = QUANTILES
            .iter()
            .map(|q| q.0)
            .chain((1..500).map(|i| f64::from(i) / 500.0))
            .collect();
        let mut values = uniforms.clone();
        ndtri_each(&mut values);
        for (u, z) in uniforms.iter().zip(values) {
            assert_eq!(ndtri(*u).to_bits(), z.to_bits());
        }
    }
}
