//! Customers who differ in their hazard: shifted beta-geometric and beta-discrete-Weibull.
//!
//! A programme's multiplier acts on each customer's hazard, so that it changes who is left. In
//! operational time this is exact (Fader and Hardie 2007, 2018): of a cohort seen at age `a`,
//! `B(α, β + a^c + Λ) / B(α, β + a^c)` survive, where each month adds `m·((a+u)^c − (a+u−1)^c)` to Λ.

use pulp::Arch;

use super::{Ages, Worlds};
use crate::kernel::kernel;
use crate::kernel::{LANES, Lane};
use crate::math::{exp, ln, pow};

/// Carries a segment whose customers differ; parameters are α, β and the shape c, 1 when absent.
pub(super) fn carry_heterogeneous(
    arch: Arch,
    worlds: &mut Worlds,
    ages: Ages<'_>,
    parameters: &[Lane],
) {
    let clock = Clock::new(
        arch,
        parameters,
        ages.customers.len() + worlds.reduction.len(),
    );
    let months = worlds.reduction.len();
    match ages.calendar {
        None if !ages.returning => {
            let won = if ages.evenly {
                clock.after_half(arch, &[0.0; LANES], ages.won)
            } else {
                *ages.won
            };
            for month in 1..months {
                worlds.baseline[month] = baseline(arch, &clock, ages, &won, month);
            }
        }
        calendar => {
            let mut cohorts = Cohorts::new(ages);
            for month in 1..months {
                let enters = ages.enters_in(month);
                let entering = enters.then(|| worlds.entering_as_is(month, ages));
                let less = calendar.map_or([0.0; LANES], |months| months[month]);
                worlds.baseline[month] = cohorts.carry(arch, &clock, &less, entering);
            }
        }
    }
    if !ages.touched {
        worlds.programme.copy_from_slice(&worlds.baseline);
        return;
    }
    let mut cohorts = Cohorts::new(ages);
    for month in 1..months {
        let entering = ages.enters_in(month).then(|| worlds.entering(month, ages));
        worlds.programme[month] = cohorts.carry(arch, &clock, &worlds.reduction[month], entering);
    }
}

/// Customers of a world by when they entered.
struct Cohorts {
    cohorts: Vec<Cohort>,
    /// Whether they enter evenly through months, else at their ends.
    evenly: bool,
}

impl Cohorts {
    fn new(ages: Ages<'_>) -> Self {
        let there = ages
            .customers
            .iter()
            .enumerate()
            .filter(|(_, count)| **count > 0.0);
        let cohort = |(age, &count): (usize, &f64)| Cohort {
            size: [count; LANES],
            entry: age,
            age,
            spared: [0.0; LANES],
        };
        Self {
            cohorts: there.map(cohort).collect(),
            evenly: ages.evenly,
        }
    }

    /// Carries all through a month, in which others may enter; returns how many there are at its end.
    fn carry(
        &mut self,
        arch: Arch,
        clock: &Clock,
        reduction: &Lane,
        entering: Option<Lane>,
    ) -> Lane {
        let mut total = [0.0; LANES];
        for cohort in &mut self.cohorts {
            cohort.age += 1;
            cohort.survive(arch, clock, reduction, &mut total);
        }
        let Some(mut entering) = entering else {
            return total;
        };
        if self.evenly {
            entering = clock.after_half(arch, reduction, &entering);
        }
        for l in 0..LANES {
            total[l] += entering[l];
        }
        self.cohorts.push(Cohort {
            size: entering,
            entry: 0,
            age: 0,
            spared: [0.0; LANES],
        });
        total
    }
}

/// Operational time by age, and the survival it means.
pub(super) struct Clock {
    alpha: Lane,
    /// `β + a^c` by age.
    time: Vec<Lane>,
    /// `ln Γ(y) − ln Γ(y + α)` at each of those times.
    log_survival: Vec<Lane>,
}

impl Clock {
    pub(super) fn new(arch: Arch, parameters: &[Lane], ages: usize) -> Self {
        let (alpha, beta) = (parameters[0], parameters[1]);
        let mut time = Vec::with_capacity(ages);
        for age in 0..ages {
            let mut at = beta;
            for l in 0..LANES {
                let shape = parameters.get(2).map_or(1.0, |shape| shape[l]);
                at[l] += if shape == 1.0 {
                    age as f64
                } else {
                    pow(age as f64, shape)
                };
            }
            time.push(at);
        }
        let log_survival = time
            .iter()
            .map(|at| log_gamma_ratio(arch, at, &alpha))
            .collect();
        Self {
            alpha,
            time,
            log_survival,
        }
    }

    /// Log survival by age, up to a constant, as things are.
    pub(super) fn at(&self, age: usize) -> Lane {
        self.log_survival[age]
    }

    /// Those of new customers who are there after half of a month like the first.
    fn after_half(&self, arch: Arch, reduction: &Lane, entering: &Lane) -> Lane {
        let first = self.spare(arch, 1, reduction, &mut [0.0; LANES]);
        std::array::from_fn(|l| entering[l] * exp(0.5 * (first[l] - self.log_survival[0][l])))
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
        log_gamma_ratio(arch, &time, &self.alpha)
    }
}

struct Cohort {
    size: Lane,
    /// Age when it was counted.
    entry: usize,
    age: usize,
    /// Operational time that the programme has spared it.
    spared: Lane,
}

impl Cohort {
    /// Adds the cohort's survivors after one more month to `total`.
    fn survive(&mut self, arch: Arch, clock: &Clock, reduction: &Lane, total: &mut Lane) {
        let log_survival = clock.spare(arch, self.age, reduction, &mut self.spared);
        let start = &clock.log_survival[self.entry];
        add_survivors(arch, &self.size, &log_survival, start, total);
    }
}

/// Customers at the end of a month as things are; the same sums as with a programme that does nothing.
fn baseline(arch: Arch, clock: &Clock, ages: Ages<'_>, won: &Lane, month: usize) -> Lane {
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
        let (now, start) = (&clock.log_survival[age], &clock.log_survival[0]);
        add_survivors(arch, won, now, start, &mut total);
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
