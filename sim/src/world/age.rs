//! Customers by age, each band of ages with its own hazard.

use pulp::Arch;

use super::survival::gains;
use super::{Ages, Worlds};
use crate::kernel::kernel;
use crate::kernel::{LANES, Lane};
use crate::math::exp;

/// Carries a segment whose hazard depends on the band of ages: `n(a+1, t+1) = n(a, t)·exp(−h(a)·m)`.
///
/// Ages from the start of the last band on are one pool. Where customers come evenly through months an
/// age is one of completed months: half of those before a new band have its hazard in the month to
/// come, `exp(−(h(a) + h(a+1))/2·m)`, and who enters has half a month behind at its end.
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
    let mut keep = Keep::new(&stay, ages.evenly);
    let calendar = ages
        .calendar
        .map(|calendar| gains_by_band(arch, hazards, calendar));
    for month in 1..worlds.baseline.len() {
        if let Some(gains) = &calendar {
            keep.multiply(&stay, gains, month);
        }
        let won = keep.entering(worlds.entering_as_is(month, ages));
        worlds.baseline[month] = age_by_a_month(arch, &mut baseline, starts, &keep, &won);
    }
    if !ages.touched {
        worlds.programme.copy_from_slice(&worlds.baseline);
        return;
    }
    let gains = gains_by_band(arch, hazards, &worlds.reduction);
    for month in 1..worlds.programme.len() {
        keep.multiply(&stay, &gains, month);
        let entering = keep.entering(worlds.entering(month, ages));
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

/// Shares that stay a month.
struct Keep {
    /// By band.
    within: Vec<Lane>,
    /// Of those who are about to leave a band for the next, by band.
    edges: Vec<Lane>,
    evenly: bool,
}

impl Keep {
    fn new(stay: &[Lane], evenly: bool) -> Self {
        let mut keep = Self {
            within: stay.to_vec(),
            edges: stay.to_vec(),
            evenly,
        };
        keep.find_edges();
        keep
    }

    fn multiply(&mut self, stay: &[Lane], gains: &[Vec<Lane>], month: usize) {
        for ((keep, stay), gain) in self.within.iter_mut().zip(stay).zip(gains) {
            for l in 0..LANES {
                keep[l] = stay[l] * gain[month][l];
            }
        }
        self.find_edges();
    }

    fn find_edges(&mut self) {
        self.edges.copy_from_slice(&self.within);
        if self.evenly {
            for (edge, pair) in self.edges.iter_mut().zip(self.within.windows(2)) {
                *edge = half_of_each(&pair[0], &pair[1]);
            }
        }
    }

    /// Those of the ones who entered in a month who are there at its end.
    fn entering(&self, mut entering: Lane) -> Lane {
        if self.evenly {
            for l in 0..LANES {
                entering[l] *= self.within[0][l].sqrt();
            }
        }
        entering
    }
}

/// The share that stays of customers who have one hazard for half of a month and another for the rest.
pub(super) fn half_of_each(first: &Lane, second: &Lane) -> Lane {
    std::array::from_fn(|l| (first[l] * second[l]).sqrt())
}

kernel! {
    /// Moves everybody who stays one month up, the oldest first; those who enter have age 0.
    /// Returns how many there are then.
    fn age_by_a_month<'a>(
        ages: &'a mut [Lane],
        starts: &'a [usize],
        keep: &'a Keep,
        entering: &'a Lane,
    ) -> Lane {
        let pool = ages.len() - 1;
        let last = keep.within.len() - 1;
        let entering = *entering;
        let mut oldest = ages[pool];
        for l in 0..LANES {
            oldest[l] *= keep.within[last][l];
        }
        let mut total = [0.0; LANES];
        for band in (0..last).rev() {
            let (within, edge) = (keep.within[band], keep.edges[band]);
            let end = starts[band + 1];
            for age in (starts[band]..end).rev() {
                let keep = if age + 1 == end { edge } else { within };
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
