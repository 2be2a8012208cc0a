//! Customers under one hazard.

use pulp::Arch;

use super::Worlds;
use crate::kernel::kernel;
use crate::math::exp;
use crate::model::{LANES, Lane};

/// Largest exponent for which [`short_exp`] holds.
const SHORT: f64 = 1.0 / 32.0;

/// Carries a segment with the same hazard at every age: age does not matter.
pub(super) fn carry_constant(
    arch: Arch,
    worlds: &mut Worlds,
    customers: f64,
    won: &Lane,
    hazard: &Lane,
) {
    worlds.baseline[0] = [customers; LANES];
    worlds.programme[0] = [customers; LANES];
    gains(arch, hazard, &mut worlds.reduction);
    let Worlds {
        baseline,
        programme,
        reduction,
        referrals,
    } = worlds;
    match referrals {
        None => carry(arch, hazard, won, reduction, baseline, programme),
        Some(referrals) => {
            carry_referring(arch, hazard, won, reduction, referrals, baseline, programme);
        }
    }
}

kernel! {
    fn carry<'a>(
        hazard: &'a Lane,
        won: &'a Lane,
        gain: &'a [Lane],
        baseline: &'a mut [Lane],
        programme: &'a mut [Lane],
    ) {
        let stay = hazard.map(|hazard| exp(-hazard));
        let (mut without, mut with) = (baseline[0], programme[0]);
        for ((gain, baseline), programme) in gain.iter().zip(baseline).zip(programme).skip(1) {
            for l in 0..LANES {
                without[l] = without[l] * stay[l] + won[l];
                with[l] = with[l] * (stay[l] * gain[l]) + won[l];
            }
            *baseline = without;
            *programme = with;
        }
    }
}

kernel! {
    fn carry_referring<'a>(
        hazard: &'a Lane,
        won: &'a Lane,
        gain: &'a [Lane],
        referrals: &'a [Lane],
        baseline: &'a mut [Lane],
        programme: &'a mut [Lane],
    ) {
        let stay = hazard.map(|hazard| exp(-hazard));
        for month in 1..gain.len() {
            for l in 0..LANES {
                let grow = stay[l] * gain[month][l] + referrals[month][l];
                baseline[month][l] = baseline[month - 1][l] * stay[l] + won[l];
                programme[month][l] = programme[month - 1][l] * grow + won[l];
            }
        }
    }
}

kernel! {
    /// Replaces reductions `ρ` of a hazard `h` by the gains in monthly survival, `exp(h·ρ)`:
    /// `exp(−h(1−ρ)) = exp(−h)·exp(h·ρ)`, so that no reduction is a gain of exactly 1.
    pub(super) fn gains<'a>(hazard: &'a Lane, reductions: &'a mut [Lane]) {
        let mut largest = [0.0_f64; LANES];
        for reduction in reductions.iter() {
            for l in 0..LANES {
                largest[l] = largest[l].max((hazard[l] * reduction[l]).abs());
            }
        }
        // Decided trial by trial, so that a trial's bits do not depend on its neighbours.
        if largest.iter().all(|&exponent| exponent <= SHORT) {
            for reduction in reductions {
                for l in 0..LANES {
                    reduction[l] = short_exp(hazard[l] * reduction[l]);
                }
            }
        } else {
            for reduction in reductions {
                for l in 0..LANES {
                    let exponent = hazard[l] * reduction[l];
                    let short = short_exp(exponent);
                    reduction[l] = if largest[l] <= SHORT { short } else { exp(exponent) };
                }
            }
        }
    }
}

/// `exp(x)` for `|x| ≤ 1/32`: the series to x⁷, whose next term is below 3e-17.
#[inline(always)]
fn short_exp(x: f64) -> f64 {
    const TERMS: [f64; 7] = [
        1.0,
        1.0 / 2.0,
        1.0 / 6.0,
        1.0 / 24.0,
        1.0 / 120.0,
        1.0 / 720.0,
        1.0 / 5040.0,
    ];
    let mut sum = TERMS[6];
    for k in (0..6).rev() {
        sum = TERMS[k] + x * sum;
    }
    1.0 + x * sum
}
