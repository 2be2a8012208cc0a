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
    let mut keep = stay.clone();
    let calendar = ages
        .calendar
        .map(|calendar| gains_by_band(arch, hazards, calendar));
    for month in 1..worlds.baseline.len() {
        if let Some(gains) = &calendar {
            multiply(&stay, gains, month, &mut keep);
        }
        let won = ages.won_in(month);
        worlds.baseline[month] = age_by_a_month(arch, &mut baseline, starts, &keep, &won);
    }
    if !ages.touched {
        worlds.programme.copy_from_slice(&worlds.baseline);
        return;
    }
    let gains = gains_by_band(arch, hazards, &worlds.reduction);
    for month in 1..worlds.programme.len() {
        multiply(&stay, &gains, month, &mut keep);
        let entering = worlds.entering(month, ages);
        worlds.programme[month] = age_by_a_month(arch, &mut programme, starts, &keep, &entering);
    }
}

/// Gains in monthly survival by reductions of the hazard, by band and month.
fn gains_by_band(arch: Arch, hazards: &[Lane], reduction: &[Lane]) -> Vec<Vec<Lane>> {
    let of = |hazard: &Lane| {
        let mut gain = reduction.to_vec();
        gains(arch, hazard, &mut gain);
        gain
    };
    hazards.iter().map(of).collect()
}

fn multiply(stay: &[Lane], gains: &[Vec<Lane>], month: usize, keep: &mut [Lane]) {
    for ((keep, stay), gain) in keep.iter_mut().zip(stay).zip(gains) {
        for l in 0..LANES {
            keep[l] = stay[l] * gain[month][l];
        }
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
