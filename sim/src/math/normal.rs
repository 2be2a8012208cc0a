//! The standard normal distribution.

use super::elementary::{ln, polynomial};
use std::f64::consts::FRAC_1_SQRT_2;

/// Where the middle formula of [`ndtri`] ends, as a distance from ½.
const MIDDLE: f64 = 0.425;
/// Where the near tail's formula ends: `√(−ln p)` of a tail probability of 1.4e-11.
const NEAR: f64 = 5.0;

/// Standard normal distribution function, relative error below 1e-14 for `z > −10`.
#[inline]
pub fn ndtr(z: f64) -> f64 {
    0.5 * libm::erfc(-z * FRAC_1_SQRT_2)
}

/// Middle and near tails of [`ndtri`], without a branch: both are computed, one is taken.
#[inline(always)]
fn ndtri_near(u: f64) -> f64 {
    const A: [f64; 8] = [
        3.387_132_872_796_366_608,
        133.141_667_891_784_377_45,
        1_971.590_950_306_551_442_7,
        13_731.693_765_509_461_125,
        45_921.953_931_549_871_457,
        67_265.770_927_008_700_853,
        33_430.575_583_588_128_105,
        2_509.080_928_730_122_672_7,
    ];
    const B: [f64; 8] = [
        1.0,
        42.313_330_701_600_911_252,
        687.187_007_492_057_908_30,
        5_394.196_021_424_751_107_7,
        21_213.794_301_586_595_867,
        39_307.895_800_092_710_610,
        28_729.085_735_721_942_674,
        5_226.495_278_852_854_561_0,
    ];
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
    let q = u - 0.5;
    let r = MIDDLE * MIDDLE - q * q;
    let middle = q * polynomial(&A, r) / polynomial(&B, r);
    let tail = if q < 0.0 { u } else { 1.0 - u };
    let r = (-ln(tail)).sqrt() - 1.6;
    let near = polynomial(&C, r) / polynomial(&D, r);
    let near = if q < 0.0 { -near } else { near };
    if q.abs() <= MIDDLE { middle } else { near }
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

/// Whether `u` needs [`ndtri_far`]. 1.4e-11 is just above e⁻²⁵, where both formulas are good.
#[inline(always)]
fn is_far(u: f64) -> bool {
    !(u > 1.4e-11 && u < 1.0 - 1.4e-11)
}

/// Standard normal quantile, relative error below 1e-14; −∞ at 0, ∞ at 1, NaN outside.
///
/// Rational approximations of M. J. Wichura, "Algorithm AS 241", Applied Statistics 37 (1988).
pub fn ndtri(u: f64) -> f64 {
    if !is_far(u) {
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
#[inline(always)]
pub fn ndtri_each(values: &mut [f64]) {
    for chunk in values.chunks_mut(64) {
        let far = chunk.iter().fold(false, |far, &u| far | is_far(u));
        if far {
            for u in chunk {
                *u = ndtri(*u);
            }
        } else {
            for u in chunk {
                *u = ndtri_near(*u);
            }
        }
    }
}
