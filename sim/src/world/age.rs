//! Customers by age, each band of ages with its own hazard.

use super::Worlds;
use super::survival::gains;
use crate::math::exp;
use crate::model::{LANES, Lane};

/// Carries a segment whose hazard depends on the band of ages: `n(a+1, t+1) = n(a, t)·exp(−h(a)·m)`.
///
/// Ages from the start of the last band on are one pool.
#[inline(always)]
pub(super) fn carry_bands(
    worlds: &mut Worlds,
    customers: &[f64],
    won: &Lane,
    starts: &[usize],
    hazards: &[Lane],
) {
    let pool = starts[starts.len() - 1];
    let mut baseline = vec![[0.0; LANES]; pool + 1];
    for (age, &count) in customers.iter().enumerate() {
        for value in &mut baseline[age.min(pool)] {
            *value += count;
        }
    }
    let mut programme = baseline.clone();
    worlds.baseline[0] = total(&baseline);
    worlds.programme[0] = worlds.baseline[0];
    let stay: Vec<Lane> = hazards
        .iter()
        .map(|hazard| hazard.map(|h| exp(-h)))
        .collect();
    let gain: Vec<Vec<Lane>> = hazards
        .iter()
        .map(|hazard| {
            let mut gain = worlds.reduction.clone();
            gains(hazard, &mut gain);
            gain
        })
        .collect();
    for month in 1..worlds.reduction.len() {
        let mut entering = *won;
        if let Some(referrals) = &worlds.referrals {
            for l in 0..LANES {
                entering[l] += referrals[month][l] * worlds.programme[month - 1][l];
            }
        }
        let mut kept = stay.clone();
        age_by_a_month(&mut baseline, starts, &kept, won);
        for (kept, gain) in kept.iter_mut().zip(&gain) {
            for l in 0..LANES {
                kept[l] *= gain[month][l];
            }
        }
        age_by_a_month(&mut programme, starts, &kept, &entering);
        worlds.baseline[month] = total(&baseline);
        worlds.programme[month] = total(&programme);
    }
}

/// Moves everybody who stays one month up, the oldest first; those who enter have age 0.
#[inline(always)]
fn age_by_a_month(ages: &mut [Lane], starts: &[usize], kept: &[Lane], entering: &Lane) {
    let pool = ages.len() - 1;
    let last = kept.len() - 1;
    for l in 0..LANES {
        ages[pool][l] *= kept[last][l];
    }
    for band in (0..last).rev() {
        for age in (starts[band]..starts[band + 1]).rev() {
            for l in 0..LANES {
                let staying = ages[age][l] * kept[band][l];
                ages[age + 1][l] = if age + 1 == pool {
                    ages[pool][l] + staying
                } else {
                    staying
                };
            }
        }
    }
    if pool == 0 {
        for l in 0..LANES {
            ages[0][l] += entering[l];
        }
    } else {
        ages[0] = *entering;
    }
}

#[inline(always)]
fn total(ages: &[Lane]) -> Lane {
    let mut total = [0.0; LANES];
    for age in ages {
        for l in 0..LANES {
            total[l] += age[l];
        }
    }
    total
}
