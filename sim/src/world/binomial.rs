//! Losses drawn customer by customer, for companies with a few hundred customers.
//!
//! Of `n` customers who each stay with probability `p`, a binomial number stays. Both worlds use the
//! same uniform for the same customers and month, so a programme that changes nothing changes
//! nothing here either. A fraction of a customer stays in expectation.

use pulp::Arch;

use super::cohort::Clock;
use super::survival::gains;
use super::{Ages, Worlds};
use crate::math::{exp, ln_1p, ndtri};
use crate::model::{LANES, Lane};
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
    /// The uniforms of a month and a group of customers.
    fn uniforms(&self, month: usize, group: usize) -> Lane {
        let plan = Plan {
            method: Sampling::Random,
            // Any constant: it sets these streams apart from those of the inputs.
            seed: self.seed ^ 0x6465_6d6f_6772_6170,
            trials: self.trial + LANES as u64,
            inputs: usize::MAX,
            randomisations: 1,
        };
        let mut uniforms = [0.0; LANES];
        plan.fill(
            self.trial,
            (self.segment * GROUPS + month) * GROUPS + group,
            &mut uniforms,
        );
        uniforms
    }
}

/// Customers of one group in both worlds.
struct Group {
    without: Lane,
    with: Lane,
}

impl Group {
    /// Keeps those who stay a month.
    fn stay(&mut self, without: &Lane, with: &Lane, uniforms: &Lane) {
        for l in 0..LANES {
            self.without[l] = stayers(self.without[l], without[l], uniforms[l]);
            self.with[l] = stayers(self.with[l], with[l], uniforms[l]);
        }
    }
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
    let mut groups: Vec<Group> = (0..=pool)
        .map(|_| Group {
            without: [0.0; LANES],
            with: [0.0; LANES],
        })
        .collect();
    for (age, &count) in ages.customers.iter().enumerate() {
        let group = &mut groups[age.min(pool)];
        for l in 0..LANES {
            group.without[l] += count;
            group.with[l] += count;
        }
    }
    let mut gain = vec![worlds.reduction.to_vec(); hazards.len()];
    for (gain, hazard) in gain.iter_mut().zip(hazards) {
        gains(arch, hazard, gain);
    }
    for month in 1..worlds.baseline.len() {
        for (age, group) in groups.iter_mut().enumerate() {
            let band = starts.partition_point(|&start| start <= age) - 1;
            let stay = hazards[band].map(|hazard| exp(-hazard));
            let with = std::array::from_fn(|l| stay[l] * gain[band][month][l]);
            group.stay(&stay, &with, &noise.uniforms(month, age));
        }
        let entering = worlds.entering(month, ages.won);
        let oldest = groups.pop();
        groups.insert(
            0,
            Group {
                without: *ages.won,
                with: entering,
            },
        );
        if let (Some(oldest), Some(pool)) = (oldest, groups.last_mut()) {
            for l in 0..LANES {
                pool.without[l] += oldest.without[l];
                pool.with[l] += oldest.with[l];
            }
        }
        count(worlds, month, &groups);
    }
}

/// Carries a segment whose customers differ: each cohort is a group.
pub(super) fn carry_heterogeneous(
    arch: Arch,
    worlds: &mut Worlds,
    ages: Ages<'_>,
    parameters: &[Lane],
    noise: Noise,
) {
    let clock = Clock::new(
        arch,
        parameters,
        ages.customers.len() + worlds.baseline.len(),
    );
    let group = |count: Lane, age: usize| {
        (
            Group {
                without: count,
                with: count,
            },
            age,
            clock.at(age),
        )
    };
    let mut cohorts: Vec<_> = ages
        .customers
        .iter()
        .enumerate()
        .map(|(age, &n)| group([n; LANES], age))
        .collect();
    let mut spared = vec![[0.0; LANES]; cohorts.len()];
    for month in 1..worlds.baseline.len() {
        for (index, (cohort, age, log_survival)) in cohorts.iter_mut().enumerate() {
            *age += 1;
            let (before, now) = (clock.at(*age - 1), clock.at(*age));
            let next = clock.spare(arch, *age, &worlds.reduction[month], &mut spared[index]);
            let without = std::array::from_fn(|l| exp(now[l] - before[l]));
            let with = std::array::from_fn(|l| exp(next[l] - log_survival[l]));
            *log_survival = next;
            cohort.stay(&without, &with, &noise.uniforms(month, index));
        }
        let with = worlds.entering(month, ages.won);
        cohorts.push((
            Group {
                without: *ages.won,
                with,
            },
            0,
            clock.at(0),
        ));
        spared.push([0.0; LANES]);
        let (mut without, mut with) = ([0.0; LANES], [0.0; LANES]);
        for (cohort, ..) in &cohorts {
            for l in 0..LANES {
                without[l] += cohort.without[l];
                with[l] += cohort.with[l];
            }
        }
        (worlds.baseline[month], worlds.programme[month]) = (without, with);
    }
}

fn count(worlds: &mut Worlds, month: usize, groups: &[Group]) {
    let (mut without, mut with) = ([0.0; LANES], [0.0; LANES]);
    for group in groups {
        for l in 0..LANES {
            without[l] += group.without[l];
            with[l] += group.with[l];
        }
    }
    (worlds.baseline[month], worlds.programme[month]) = (without, with);
}

/// How many of `n` customers stay: the binomial quantile at `u` of the whole ones, and the share
/// `stay` of the fraction.
fn stayers(n: f64, stay: f64, u: f64) -> f64 {
    let whole = n.floor();
    let stay = stay.clamp(0.0, 1.0);
    // Many stay where few leave: the leavers are counted, from the other end.
    whole - binomial_quantile(whole, 1.0 - stay, 1.0 - u) + (n - whole) * stay
}

/// The least `k` with `P(K ≤ k) ≥ u` for `K ~ Binomial(n, p)`: exact by adding up probabilities
/// where the variance is at most 100, else by the Cornish–Fisher expansion to the skewness.
fn binomial_quantile(n: f64, p: f64, u: f64) -> f64 {
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
mod tests {
    use super::*;

    /// Against the definition: mean and variance of the quantile at evenly spread uniforms.
    #[test]
    fn quantiles_have_binomial_moments() {
        for (n, p) in [
            (1.0, 0.3),
            (12.0, 0.04),
            (300.0, 0.02),
            (300.0, 0.9),
            (40_000.0, 0.03),
        ] {
            let draws: Vec<f64> = (0..20_000)
                .map(|i| binomial_quantile(n, p, (f64::from(i) + 0.5) / 20_000.0))
                .collect();
            let mean = draws.iter().sum::<f64>() / draws.len() as f64;
            let variance =
                draws.iter().map(|k| (k - mean) * (k - mean)).sum::<f64>() / draws.len() as f64;
            let expected = n * p * (1.0 - p);
            assert!(
                (mean - n * p).abs() < 0.002 * n * p + 1e-3,
                "{n} {p}: mean {mean}"
            );
            assert!(
                (variance / expected - 1.0).abs() < 0.02,
                "{n} {p}: variance {variance}"
            );
        }
    }

    /// P(K = 0) of Binomial(10, 0.1) is 0.9¹⁰ = 0.3487.
    #[test]
    fn small_groups_are_exact() {
        assert_eq!(binomial_quantile(10.0, 0.1, 0.3486), 0.0);
        assert_eq!(binomial_quantile(10.0, 0.1, 0.3488), 1.0);
        assert_eq!(stayers(10.0, 1.0, 0.5), 10.0);
        assert_eq!(stayers(10.0, 0.0, 0.5), 0.0);
        assert_eq!(stayers(0.5, 0.8, 0.5), 0.4);
    }
}
