//! Customers by age, each band of ages with its own hazard.

use pulp::Arch;

use super::survival::gains;
use super::{Ages, Worlds};
use crate::kernel::kernel;
use crate::math::exp;
use crate::model::{LANES, Lane};

/// Carries a segment whose hazard depends on the band of ages: `n(a+1, t+1) = n(a, t)·exp(−h(a)·m)`.
///
/// Ages from the start of the last band on are one pool.
pub(super) fn carry_bands(
    arch: Arch,
    worlds: &mut Worlds,
    ages: Ages<'_>,
    starts: &[usize],
    hazards: &[Lane],
) {
    let pool = starts[starts.len() - 1];
    let mut baseline = vec![[0.0; LANES]; pool + 1];
    for (age, &count) in ages.customers.iter().enumerate() {
        for value in &mut baseline[age.min(pool)] {
            *value += count;
        }
    }
    let mut programme = baseline.clone();
    let stay: Vec<Lane> = hazards
        .iter()
        .map(|hazard| hazard.map(|h| exp(-h)))
        .collect();
    for month in 1..worlds.baseline.len() {
        worlds.baseline[month] = age_by_a_month(arch, &mut baseline, starts, &stay, ages.won);
    }
    if !ages.touched {
        worlds.programme.copy_from_slice(&worlds.baseline);
        return;
    }
    let mut kept = vec![worlds.reduction.to_vec(); hazards.len()];
    for (kept, hazard) in kept.iter_mut().zip(hazards) {
        gains(arch, hazard, kept);
    }
    let mut keep = stay.clone();
    for month in 1..worlds.programme.len() {
        for ((keep, stay), gain) in keep.iter_mut().zip(&stay).zip(&kept) {
            for l in 0..LANES {
                keep[l] = stay[l] * gain[month][l];
            }
        }
        let entering = worlds.entering(month, ages.won);
        worlds.programme[month] = age_by_a_month(arch, &mut programme, starts, &keep, &entering);
    }
}

kernel! {
    /// Moves everybody who stays one month up, the oldest first; those who enter have age 0.
    /// Returns how many there are then.
    fn age_by_a_month<'a>(
        ages: &'a mut [Lane],
        starts: &'a [usize],
        keep: &'a [Lane],
        entering: &'a Lane,
    ) -> Lane {
        let pool = ages.len() - 1;
        let last = keep.len() - 1;
        let entering = *entering;
        let mut oldest = ages[pool];
        for l in 0..LANES {
            oldest[l] *= keep[last][l];
        }
        let mut total = [0.0; LANES];
        for band in (0..last).rev() {
            let keep = keep[band];
            for age in (starts[band]..starts[band + 1]).rev() {
                let mut staying = ages[age];
                for l in 0..LANES {
                    staying[l] *= keep[l];
                    total[l] += staying[l];
                }
                ages[age + 1] = staying;
            }
        }
        for l in 0..LANES {
            let joining = if pool == 0 { entering[l] } else { ages[pool][l] };
            total[l] += oldest[l] + entering[l];
            ages[pool][l] = oldest[l] + joining;
        }
        if pool > 0 {
            ages[0] = entering;
        }
        total
    }
}
