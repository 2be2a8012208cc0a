//! Customers under one hazard.

use super::Worlds;
use crate::math::exp;
use crate::model::{LANES, Lane};

/// Largest exponent for which [`growth`] takes the short series.
const SHORT: f64 = 1.0 / 32.0;

/// Carries a segment with the same hazard at every age: age does not matter.
#[inline(always)]
pub(super) fn carry_constant(worlds: &mut Worlds, customers: f64, won: &Lane, hazard: &Lane) {
    let mut stay = [0.0; LANES];
    for l in 0..LANES {
        stay[l] = exp(-hazard[l]);
    }
    worlds.baseline[0] = [customers; LANES];
    worlds.programme[0] = [customers; LANES];
    let mut retention = std::mem::take(&mut worlds.reduction);
    gains(hazard, &mut retention);
    for month in 1..retention.len() {
        let mut grow = [0.0; LANES];
        if let Some(referrals) = &worlds.referrals {
            grow = referrals[month];
        }
        let (before, now) = worlds.baseline.split_at_mut(month);
        let (baseline, next_baseline) = (&before[month - 1], &mut now[0]);
        let (before, now) = worlds.programme.split_at_mut(month);
        let (programme, next_programme) = (&before[month - 1], &mut now[0]);
        let gain = &retention[month];
        for l in 0..LANES {
            next_baseline[l] = baseline[l] * stay[l] + won[l];
            next_programme[l] = programme[l] * (stay[l] * gain[l] + grow[l]) + won[l];
        }
    }
    worlds.reduction = retention;
}

/// Replaces reductions `ρ` of a hazard `h` by the gains in monthly survival, `exp(h·ρ)`:
/// `exp(−h(1−ρ)) = exp(−h)·exp(h·ρ)`, so that no reduction is a gain of exactly 1.
#[inline(always)]
pub(super) fn gains(hazard: &Lane, reductions: &mut [Lane]) {
    let mut largest = [0.0_f64; LANES];
    for exponent in reductions.iter_mut() {
        for l in 0..LANES {
            exponent[l] *= hazard[l];
            largest[l] = largest[l].max(exponent[l].abs());
        }
    }
    // Decided trial by trial, so that a trial's bits do not depend on its neighbours.
    if largest.iter().all(|&exponent| exponent <= SHORT) {
        for exponent in reductions {
            for l in 0..LANES {
                exponent[l] = short_exp(exponent[l]);
            }
        }
    } else {
        for exponent in reductions {
            for l in 0..LANES {
                let short = short_exp(exponent[l]);
                exponent[l] = if largest[l] <= SHORT {
                    short
                } else {
                    exp(exponent[l])
                };
            }
        }
    }
}

/// `exp(x)` for `|x| ≤ 1/32`: the series to x⁷, whose next term is below 3e-17.
#[inline(always)]
fn short_exp(x: f64) -> f64 {
    1.0 + x
        * (1.0
            + x * (1.0 / 2.0
                + x * (1.0 / 6.0
                    + x * (1.0 / 24.0
                        + x * (1.0 / 120.0 + x * (1.0 / 720.0 + x * (1.0 / 5040.0)))))))
}
