//! Customers who differ in their hazard: shifted beta-geometric, beta-discrete-Weibull, and mixtures of constant ones
//! of which the mean hazard of those who are left is known.
//!
//! A programme's multiplier acts on each customer's hazard, so that it changes who is left. In
//! operational time this is exact (Fader and Hardie 2007, 2018): of a cohort seen at age `a`,
//! `B(α, β + a^c + Λ) / B(α, β + a^c)` survive, where each month adds `m·((a+u)^c − (a+u−1)^c)` to Λ; of a mixture
//! `exp(H(a) − H(a + Λ))`, where each month adds `m`.

use pulp::Arch;

use super::binomial::{self, Noise};
use super::{Ages, Worlds};
use crate::kernel::kernel;
use crate::kernel::{LANES, Lane};
use crate::math::{exp, ln, pow};

/// Carries a segment whose customers differ, in expectation or drawn.
pub(super) fn carry(
    arch: Arch,
    worlds: &mut Worlds,
    ages: Ages<'_>,
    clock: &Clock<'_>,
    noise: Option<Noise>,
) {
    match noise {
        None => carry_expected(arch, worlds, ages, clock),
        Some(noise) => binomial::carry_differing(arch, worlds, ages, clock, noise),
    }
}

fn carry_expected(arch: Arch, worlds: &mut Worlds, ages: Ages<'_>, clock: &Clock<'_>) {
    let months = worlds.reduction.len();
    match ages.calendar {
        None if !ages.returning => {
            let entry = clock.enter(arch, &[0.0; LANES]);
            let won = std::array::from_fn(|l| ages.won[l] * exp(entry.log_survival[l]));
            for month in 1..months {
                worlds.baseline[month] = baseline(arch, clock, ages, (&won, &entry), month);
            }
        }
        calendar => {
            let mut cohorts = Cohorts::new(clock, ages);
            for month in 1..months {
                let enters = ages.enters_in(month);
                let entering = enters.then(|| worlds.entering_as_is(month, ages));
                let less = calendar.map_or([0.0; LANES], |months| months[month]);
                worlds.baseline[month] = cohorts.carry(arch, &less, entering);
            }
        }
    }
    if !ages.touched {
        worlds.programme.copy_from_slice(&worlds.baseline);
        return;
    }
    let mut cohorts = Cohorts::new(clock, ages);
    for month in 1..months {
        let entering = ages.enters_in(month).then(|| worlds.entering(month, ages));
        worlds.programme[month] = cohorts.carry(arch, &worlds.reduction[month], entering);
    }
}

/// Customers of a world by when they entered.
struct Cohorts<'a> {
    clock: &'a Clock<'a>,
    cohorts: Vec<Cohort>,
}

impl<'a> Cohorts<'a> {
    fn new(clock: &'a Clock<'a>, ages: Ages<'_>) -> Self {
        let there = ages
            .customers
            .iter()
            .enumerate()
            .filter(|(_, count)| **count > 0.0);
        let cohort = |(age, &count): (usize, &f64)| Cohort {
            size: [count; LANES],
            start: clock.at(age),
            age,
            spared: [0.0; LANES],
        };
        Self {
            cohorts: there.map(cohort).collect(),
            clock,
        }
    }

    /// Carries all through a month, in which others may enter; returns how many there are at its end.
    fn carry(&mut self, arch: Arch, reduction: &Lane, entering: Option<Lane>) -> Lane {
        let mut total = [0.0; LANES];
        for cohort in &mut self.cohorts {
            cohort.age += 1;
            cohort.survive(arch, self.clock, reduction, &mut total);
        }
        let Some(mut entering) = entering else {
            return total;
        };
        let entry = self.clock.enter(arch, reduction);
        for l in 0..LANES {
            entering[l] *= exp(entry.log_survival[l]);
            total[l] += entering[l];
        }
        self.cohorts.push(Cohort {
            size: entering,
            start: entry.start,
            age: 0,
            spared: entry.spared,
        });
        total
    }
}

/// Operational time by age, and the survival it means.
pub(super) struct Clock<'a> {
    law: Law<'a>,
    /// By age: `β + a^c`, or the tenure of a mixture's customers.
    time: Vec<Lane>,
    /// The logarithm of the share that is left at each of those times, up to a constant.
    log_survival: Vec<Lane>,
    evenly: bool,
}

/// How many are left at an operational time.
enum Law<'a> {
    /// `ln Γ(y) − ln Γ(y + α)`.
    Gamma { alpha: Lane },
    /// `−H(x)`, with a hazard for each stretch of tenure.
    Mixture {
        starts: &'a [usize],
        hazards: &'a [Lane],
        /// `H` where each stretch starts.
        behind: Vec<Lane>,
    },
}

/// Those who enter, at the end of the month.
pub(super) struct Entry {
    /// The logarithm of the share of them who are there.
    pub(super) log_survival: Lane,
    /// Log survival from which theirs counts on.
    pub(super) start: Lane,
    /// Operational time that they have been spared.
    pub(super) spared: Lane,
}

impl Law<'_> {
    fn log_survival(&self, arch: Arch, time: &Lane) -> Lane {
        match self {
            Self::Gamma { alpha } => log_gamma_ratio(arch, time, alpha),
            Self::Mixture {
                starts,
                hazards,
                behind,
            } => std::array::from_fn(|l| {
                let time = time[l].max(0.0);
                let within = starts.partition_point(|start| *start as f64 <= time) - 1;
                let since = time - starts[within] as f64;
                -(behind[within][l] + hazards[within][l] * since)
            }),
        }
    }
}

impl<'a> Clock<'a> {
    /// Of customers whose probabilities of leaving differ by a beta law; parameters are α, β and the shape c, 1 when absent.
    pub(super) fn gamma(arch: Arch, parameters: &[Lane], ages: usize, evenly: bool) -> Self {
        let law = Law::Gamma {
            alpha: parameters[0],
        };
        let shape = |l: usize| parameters.get(2).map_or(1.0, |shape| shape[l]);
        let time = |age: usize, l: usize| match shape(l) {
            1.0 => parameters[1][l] + age as f64,
            shape => parameters[1][l] + pow(age as f64, shape),
        };
        Self::new(arch, law, time, ages, evenly)
    }

    /// Of customers who each have a constant hazard of their own, by the mean hazard of those who are left in each stretch
    /// of tenure. Where they come evenly through months, those of `a` completed months have been there for half a month
    /// more in the mean.
    pub(super) fn mixture(
        arch: Arch,
        starts: &'a [usize],
        hazards: &'a [Lane],
        ages: usize,
        evenly: bool,
    ) -> Self {
        let mut behind = vec![[0.0; LANES]];
        for (place, pair) in starts.windows(2).enumerate() {
            let months = (pair[1] - pair[0]) as f64;
            let (before, hazard) = (behind[place], hazards[place]);
            behind.push(std::array::from_fn(|l| before[l] + months * hazard[l]));
        }
        let law = Law::Mixture {
            starts,
            hazards,
            behind,
        };
        let half = if evenly { 0.5 } else { 0.0 };
        Self::new(arch, law, |age, _| age as f64 + half, ages, evenly)
    }

    fn new(
        arch: Arch,
        law: Law<'a>,
        time: impl Fn(usize, usize) -> f64,
        ages: usize,
        evenly: bool,
    ) -> Self {
        let at = |age| std::array::from_fn(|l| time(age, l));
        let time: Vec<Lane> = (0..ages).map(at).collect();
        let log_survival = time.iter().map(|at| law.log_survival(arch, at)).collect();
        Self {
            law,
            time,
            log_survival,
            evenly,
        }
    }

    /// Log survival by age, up to a constant, as things are.
    pub(super) fn at(&self, age: usize) -> Lane {
        self.log_survival[age]
    }

    /// Those who enter in a month whose hazard is reduced.
    pub(super) fn enter(&self, arch: Arch, reduction: &Lane) -> Entry {
        let at_its_end = Entry {
            log_survival: [0.0; LANES],
            start: self.log_survival[0],
            spared: [0.0; LANES],
        };
        match &self.law {
            _ if !self.evenly => at_its_end,
            // Half of a month like the first, and from there on as if they came now.
            Law::Gamma { .. } => {
                let first = self.spare(arch, 1, reduction, &mut [0.0; LANES]);
                let half = |l: usize| 0.5 * (first[l] - self.log_survival[0][l]);
                Entry {
                    log_survival: std::array::from_fn(half),
                    ..at_its_end
                }
            }
            Law::Mixture { .. } => {
                let spared = reduction.map(|share| 0.5 * share);
                let time = std::array::from_fn(|l| self.time[0][l] - spared[l]);
                let start = self.law.log_survival(arch, &time);
                Entry {
                    log_survival: start,
                    start,
                    spared,
                }
            }
        }
    }

    /// Log survival of a cohort that reaches `age` this month, up to the same constant, when its
    /// hazard is reduced: `spared` is the operational time that it has been spared so far.
    pub(super) fn spare(
        &self,
        arch: Arch,
        age: usize,
        reduction: &Lane,
        spared: &mut Lane,
    ) -> Lane {
        let (before, now) = (&self.time[age - 1], &self.time[age]);
        let mut time = *now;
        for l in 0..LANES {
            spared[l] += reduction[l] * (now[l] - before[l]);
            time[l] -= spared[l];
        }
        self.law.log_survival(arch, &time)
    }
}

struct Cohort {
    size: Lane,
    /// Log survival when it was counted.
    start: Lane,
    age: usize,
    /// Operational time that the programme has spared it.
    spared: Lane,
}

impl Cohort {
    /// Adds the cohort's survivors after one more month to `total`.
    fn survive(&mut self, arch: Arch, clock: &Clock<'_>, reduction: &Lane, total: &mut Lane) {
        let log_survival = clock.spare(arch, self.age, reduction, &mut self.spared);
        add_survivors(arch, &self.size, &log_survival, &self.start, total);
    }
}

/// Customers at the end of a month as things are; the same sums as with a programme that does nothing.
fn baseline(
    arch: Arch,
    clock: &Clock<'_>,
    ages: Ages<'_>,
    (won, entry): (&Lane, &Entry),
    month: usize,
) -> Lane {
    let mut total = [0.0; LANES];
    for (age, &count) in ages
        .customers
        .iter()
        .enumerate()
        .filter(|(_, count)| **count > 0.0)
    {
        let (now, start) = (&clock.log_survival[age + month], &clock.log_survival[age]);
        add_survivors(arch, &[count; LANES], now, start, &mut total);
    }
    // Who entered in month `m` has age `month − m`.
    let youngest = month.saturating_sub(ages.last_entry);
    for age in (youngest..month).rev() {
        add_survivors(
            arch,
            won,
            &clock.log_survival[age],
            &entry.start,
            &mut total,
        );
    }
    total
}

kernel! {
    /// Adds those of a cohort who are left, from the logarithms of survival now and at its start.
    pub(super) fn add_survivors<'a>(
        size: &'a Lane,
        now: &'a Lane,
        start: &'a Lane,
        total: &'a mut Lane,
    ) {
        for l in 0..LANES {
            total[l] += size[l] * exp(now[l] - start[l]);
        }
    }
}

kernel! {
    /// `ln Γ(y) − ln Γ(y + α)`, by Stirling's series after a shift by eight.
    fn log_gamma_ratio<'a>(y: &'a Lane, alpha: &'a Lane) -> Lane {
        let mut out = [0.0; LANES];
        for l in 0..LANES {
            let (low, high) = (y[l], y[l] + alpha[l]);
            let (mut above, mut below) = (high, low);
            for k in 1..8 {
                above *= high + f64::from(k);
                below *= low + f64::from(k);
            }
            out[l] = ln(above / below) + stirling(low + 8.0) - stirling(high + 8.0);
        }
        out
    }
}

/// `ln Γ(z) − ½ ln 2π` for `z ≥ 8`; the first term left out is below 1e-15.
#[inline(always)]
fn stirling(z: f64) -> f64 {
    let r = 1.0 / z;
    let r2 = r * r;
    let series = 1.0 / 12.0
        - r2 * (1.0 / 360.0
            - r2 * (1.0 / 1260.0
                - r2 * (1.0 / 1680.0
                    - r2 * (1.0 / 1188.0 - r2 * (691.0 / 360_360.0 - r2 * (1.0 / 156.0))))));
    (z - 0.5) * ln(z) - z + r * series
}
