//! Losses drawn customer by customer, for companies with a few hundred customers.
//!
//! Of `n` customers who each stay with probability `p`, a binomial number stays. The worlds are
//! coupled customer by customer: who is there in both and would leave in one world only is one of
//! those who leave in the other, so a customer kept is one who would have left, and a programme that
//! changes nothing changes nothing here either. Those won are a Poisson count, the same in both
//! worlds. A fraction of a customer stays in expectation, and so does everybody beyond the last month in
//! which anybody enters: in a run-off.

use pulp::Arch;

use super::age::half_of_each;
use super::cohort::{Clock, Entry};
use super::survival::gains;
use super::{Ages, Worlds};
use crate::kernel::{LANES, Lane};
use crate::math::{exp, ln_1p, ndtri};
use crate::sampling::{Plan, Sampling};

/// Where the uniforms of a batch come from: streams of their own, beside those of the inputs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Noise {
    /// Seed of the run.
    pub(crate) seed: u64,
    /// First trial of the batch.
    pub(crate) trial: u64,
    /// Index of the segment.
    pub(crate) segment: usize,
}

/// Most groups of customers that a segment is followed in: more than months and ages together.
const GROUPS: usize = 1 << 12;

impl Noise {
    /// The uniforms of a month, a group of customers, and what happens to it.
    fn uniforms(&self, month: usize, group: usize, event: Event) -> Lane {
        let plan = Plan {
            method: Sampling::Random,
            // Any constant: it sets these streams apart from those of the inputs.
            seed: self.seed ^ 0x6465_6d6f_6772_6170,
            trials: self.trial + LANES as u64,
            inputs: usize::MAX,
            randomisations: 1,
        };
        let mut uniforms = [0.0; LANES];
        let stream = ((self.segment * GROUPS + month) * GROUPS + group) * Event::COUNT;
        plan.fill(self.trial, stream + event as usize, &mut uniforms);
        uniforms
    }
}

/// What is drawn of a group in a month.
#[derive(Clone, Copy)]
enum Event {
    /// Leavers, of those in both worlds, in the world with the greater hazard.
    Leave,
    /// Of these, who leave in that world only.
    Apart,
    /// Leavers of those in the programme's world only.
    LeaveKept,
    /// Leavers of those in the world as things are only.
    LeaveLost,
    /// Those won.
    Won,
    /// Those recruited.
    Recruited,
}

impl Event {
    const COUNT: usize = 6;
}

/// Customers of one group.
#[derive(Clone)]
struct Group {
    /// In both worlds.
    both: Lane,
    /// With the programme only: kept, or recruited.
    kept: Lane,
    /// As things are only: lost by the programme.
    lost: Lane,
}

impl Group {
    fn new(both: Lane, kept: Lane) -> Self {
        let lost = [0.0; LANES];
        Self { both, kept, lost }
    }

    /// Keeps those who stay a month, with these probabilities in either world.
    fn stay(&mut self, without: &Lane, with: &Lane, uniforms: impl Fn(Event) -> Lane) {
        let [leave, apart] = [Event::Leave, Event::Apart].map(&uniforms);
        let [leave_kept, leave_lost] = [Event::LeaveKept, Event::LeaveLost].map(&uniforms);
        for l in 0..LANES {
            let (without, with) = (without[l].clamp(0.0, 1.0), with[l].clamp(0.0, 1.0));
            self.kept[l] -= leavers(self.kept[l], 1.0 - with, leave_kept[l]);
            self.lost[l] -= leavers(self.lost[l], 1.0 - without, leave_lost[l]);
            let most = 1.0 - without.min(with);
            let leaving = leavers(self.both[l], most, leave[l]);
            let only = if most > 0.0 {
                (with - without).abs() / most
            } else {
                0.0
            };
            let only = leavers(leaving, only, apart[l]);
            self.both[l] -= leaving;
            if with > without {
                self.kept[l] += only;
            } else {
                self.lost[l] += only;
            }
        }
    }

    /// The same for half of a month, as those do who enter evenly through it: `ways` are for a whole
    /// one.
    fn stay_half(&mut self, ways: [Lane; 2], uniforms: impl Fn(Event) -> Lane) {
        let [without, with] = ways.map(|stay| stay.map(f64::sqrt));
        self.stay(&without, &with, uniforms);
    }

    /// The same in expectation.
    fn stay_expected(&mut self, without: &Lane, with: &Lane) {
        for l in 0..LANES {
            let both = without[l].min(with[l]);
            self.kept[l] = self.kept[l] * with[l] + self.both[l] * (with[l] - both);
            self.lost[l] = self.lost[l] * without[l] + self.both[l] * (without[l] - both);
            self.both[l] *= both;
        }
    }

    fn join(&mut self, other: &Self) {
        for l in 0..LANES {
            self.both[l] += other.both[l];
            self.kept[l] += other.kept[l];
            self.lost[l] += other.lost[l];
        }
    }

    /// Adds it to the customers of the worlds.
    fn count(&self, without: &mut Lane, with: &mut Lane) {
        for l in 0..LANES {
            without[l] += self.both[l] + self.lost[l];
            with[l] += self.both[l] + self.kept[l];
        }
    }
}

/// Those who enter in a month.
fn entering(worlds: &mut Worlds, ages: Ages<'_>, noise: Noise, month: usize) -> Group {
    let expected = ages.won_in(month);
    let all = worlds.entering(month, ages);
    let [won, recruited] = [Event::Won, Event::Recruited].map(|it| noise.uniforms(month, 0, it));
    Group::new(
        std::array::from_fn(|l| poisson_quantile(expected[l], won[l])),
        std::array::from_fn(|l| poisson_quantile(all[l] - expected[l], recruited[l])),
    )
}

/// Carries a segment whose hazard depends on the band of ages, or on nothing.
pub(super) fn carry_bands(
    arch: Arch,
    worlds: &mut Worlds,
    ages: Ages<'_>,
    starts: &[usize],
    hazards: &[Lane],
    noise: Noise,
) {
    let pool = starts[starts.len() - 1];
    let mut groups = vec![Group::new([0.0; LANES], [0.0; LANES]); pool + 1];
    for (age, &count) in ages.customers.iter().enumerate() {
        groups[age.min(pool)].join(&Group::new([count; LANES], [0.0; LANES]));
    }
    let gains_of = |reduction: &[Lane]| -> Vec<Vec<Lane>> {
        let of = |hazard: &Lane| {
            let mut gain = reduction.to_vec();
            gains(arch, hazard, &mut gain);
            gain
        };
        hazards.iter().map(of).collect()
    };
    let with_programme = gains_of(&worlds.reduction);
    let as_things_are = ages.calendar.map(gains_of);
    for month in 1..worlds.baseline.len() {
        let of_band = |band: usize| {
            let stay = hazards[band].map(|hazard| exp(-hazard));
            let times = |gain: &Lane| -> Lane { std::array::from_fn(|l| stay[l] * gain[l]) };
            let without = as_things_are
                .as_ref()
                .map_or(stay, |gain| times(&gain[band][month]));
            [without, times(&with_programme[band][month])]
        };
        let band_of = |age: usize| starts.partition_point(|&start| start <= age) - 1;
        for (age, group) in groups.iter_mut().enumerate() {
            let [mut without, mut with] = of_band(band_of(age));
            if ages.evenly {
                let [then, then_with] = of_band(band_of(age + 1));
                without = half_of_each(&without, &then);
                with = half_of_each(&with, &then_with);
            }
            if ages.enters_in(month) {
                group.stay(&without, &with, |event| noise.uniforms(month, age, event));
            } else {
                group.stay_expected(&without, &with);
            }
        }
        let mut entering = entering(worlds, ages, noise, month);
        if ages.evenly && ages.enters_in(month) {
            let uniforms = |event| noise.uniforms(month, groups.len(), event);
            entering.stay_half(of_band(0), uniforms);
        }
        let oldest = groups.pop();
        groups.insert(0, entering);
        if let (Some(oldest), Some(pool)) = (oldest, groups.last_mut()) {
            pool.join(&oldest);
        }
        let (mut without, mut with) = ([0.0; LANES], [0.0; LANES]);
        groups
            .iter()
            .for_each(|group| group.count(&mut without, &mut with));
        (worlds.baseline[month], worlds.programme[month]) = (without, with);
    }
}

/// A cohort of customers who differ, with the log survival of each world.
struct Cohort {
    group: Group,
    /// Whose uniforms it has.
    index: usize,
    age: usize,
    /// As things are, and with the programme.
    worlds: [Operational; 2],
}

/// Log survival so far, and the operational time that was spared.
#[derive(Clone, Copy)]
struct Operational {
    log_survival: Lane,
    spared: Lane,
}

impl Operational {
    fn new(clock: &Clock<'_>, age: usize) -> Self {
        Self {
            log_survival: clock.at(age),
            spared: [0.0; LANES],
        }
    }

    fn after(entry: &Entry) -> Self {
        Self {
            log_survival: entry.start,
            spared: entry.spared,
        }
    }

    /// Probability of staying one more month, to an age.
    fn stay(&mut self, arch: Arch, clock: &Clock<'_>, age: usize, reduction: &Lane) -> Lane {
        let next = clock.spare(arch, age, reduction, &mut self.spared);
        let before = std::mem::replace(&mut self.log_survival, next);
        std::array::from_fn(|l| exp(next[l] - before[l]))
    }
}

/// Carries a segment whose customers differ: each cohort is a group.
pub(super) fn carry_differing(
    arch: Arch,
    worlds: &mut Worlds,
    ages: Ages<'_>,
    clock: &Clock<'_>,
    noise: Noise,
) {
    let there = ages.customers.iter().enumerate().filter(|(_, n)| **n > 0.0);
    let cohort = |(age, n): (usize, &f64)| Cohort {
        group: Group::new([*n; LANES], [0.0; LANES]),
        index: age,
        age,
        worlds: [Operational::new(clock, age); 2],
    };
    let mut cohorts = Vec::from_iter(there.map(cohort));
    let unchanged = [0.0; LANES];
    for month in 1..worlds.baseline.len() {
        let (mut without, mut with) = ([0.0; LANES], [0.0; LANES]);
        let calendar = ages.calendar.map_or(&unchanged, |it| &it[month]);
        for cohort in &mut cohorts {
            cohort.age += 1;
            let [things_are, programme] = &mut cohort.worlds;
            let stay = things_are.stay(arch, clock, cohort.age, calendar);
            let kept = programme.stay(arch, clock, cohort.age, &worlds.reduction[month]);
            if ages.enters_in(month) {
                let uniforms = |event| noise.uniforms(month, cohort.index, event);
                cohort.group.stay(&stay, &kept, uniforms);
            } else {
                cohort.group.stay_expected(&stay, &kept);
            }
            cohort.group.count(&mut without, &mut with);
        }
        if ages.enters_in(month) {
            // After all that were there at the date, and one for each month.
            let index = ages.customers.len() + month - 1;
            let mut group = entering(worlds, ages, noise, month);
            let entries = [calendar, &worlds.reduction[month]].map(|it| clock.enter(arch, it));
            if ages.evenly {
                let [stay, kept] = [0, 1].map(|world: usize| entries[world].log_survival.map(exp));
                let uniforms = |event| noise.uniforms(month, index, event);
                group.stay(&stay, &kept, uniforms);
            }
            group.count(&mut without, &mut with);
            cohorts.push(Cohort {
                group,
                index,
                age: 0,
                worlds: entries.map(|it| Operational::after(&it)),
            });
        }
        (worlds.baseline[month], worlds.programme[month]) = (without, with);
    }
}

/// How many of `n` customers leave, each with a probability: the binomial quantile at `u` of the whole
/// ones, and the share of the fraction.
fn leavers(n: f64, leave: f64, u: f64) -> f64 {
    let whole = n.max(0.0).floor();
    binomial_quantile(whole, leave, u) + (n - whole) * leave
}

/// The least `k` with `P(K ≤ k) ≥ u` for `K ~ Poisson(mean)`: exact by adding up probabilities up to a
/// mean of 100, else by the Cornish–Fisher expansion to the skewness; the mean itself where it is
/// negative.
pub(crate) fn poisson_quantile(mean: f64, u: f64) -> f64 {
    if mean <= 0.0 {
        return mean;
    }
    if mean > 100.0 {
        let z = ndtri(u);
        return (mean + mean.sqrt() * z + (z * z - 1.0) / 6.0)
            .round()
            .max(0.0);
    }
    let mut probability = exp(-mean);
    let (mut below, mut k) = (probability, 0.0);
    while below < u && probability > 0.0 {
        k += 1.0;
        probability *= mean / k;
        below += probability;
    }
    k
}

/// The least `k` with `P(K ≤ k) ≥ u` for `K ~ Binomial(n, p)`: exact by adding up probabilities
/// where the variance is at most 100, else by the Cornish–Fisher expansion to the skewness.
pub(crate) fn binomial_quantile(n: f64, p: f64, u: f64) -> f64 {
    if p > 0.5 {
        return n - binomial_quantile(n, 1.0 - p, 1.0 - u);
    }
    let (mean, variance) = (n * p, n * p * (1.0 - p));
    if variance > 100.0 {
        let z = ndtri(u);
        let skewed = variance.sqrt() * z + (1.0 - 2.0 * p) * (z * z - 1.0) / 6.0;
        return (mean + skewed).round().clamp(0.0, n);
    }
    let odds = p / (1.0 - p);
    let mut probability = exp(n * ln_1p(-p));
    let mut below = probability;
    let mut k = 0.0;
    while below < u && k < n {
        k += 1.0;
        probability *= odds * (n - k + 1.0) / k;
        below += probability;
    }
    k
}

#[cfg(test)]
mod tests;
