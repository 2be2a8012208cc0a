//! The common case in fewer operations: one hazard at every age, effects on one adoption curve.
//!
//! Under adoption `a` the monthly survival is `exp(−h)·exp(h·ρ(a))` with
//! `ρ(a) = 1 − Π (1 − cᵢ a) = e₁a − e₂a² + e₃a³ − …`, and the exponential of a polynomial is a power
//! series in `a`, whose coefficients are found once for all months: with `p` the coefficients of
//! `h·ρ`, `g₀ = 1`, `n·gₙ = Σ k·pₖ·gₙ₋ₖ`.
//!
//! The series is cut after eight terms. What is left out is bounded by the same series with `|cᵢ|`
//! and no alternating signs, whose sum is known; where that bound is not negligible the trial is
//! computed without the series.

use super::effect::{Member, elementary_symmetric};
use crate::kernel::kernel;
use crate::math::exp;
use crate::model::{LANES, Lane};

/// Most effects that are expanded.
pub(super) const MEMBERS: usize = 6;

/// Terms of the series.
const TERMS: usize = 8;

/// Largest relative error of a month's survival.
const NEGLIGIBLE: f64 = 1e-13;

/// One segment's figures.
#[derive(Clone, Copy)]
pub(super) struct Constant<'a> {
    pub(super) hazard: &'a Lane,
    pub(super) won: &'a Lane,
    pub(super) ceiling: f64,
}

kernel! {
    /// Carries both worlds; tells for each trial whether the series holds.
    pub(super) fn carry_series<'a>(
        segment: Constant<'a>,
        members: &'a [Member<'a>],
        adopted: &'a [Lane],
        baseline: &'a mut [Lane],
        programme: &'a mut [Lane],
    ) -> [bool; LANES] {
        let (hazard, won) = (*segment.hazard, *segment.won);
        let (series, holds) = expand(&hazard, members, segment.ceiling);
        let mut stay = [0.0; LANES];
        for l in 0..LANES {
            stay[l] = exp(-hazard[l]);
        }
        let (mut without, mut with) = (baseline[0], programme[0]);
        let (baseline, programme) = (&mut baseline[1..], &mut programme[1..]);
        for ((adopted, baseline), programme) in adopted[1..].iter().zip(baseline).zip(programme) {
            let a = *adopted;
            for l in 0..LANES {
                let mut sum = series[TERMS - 1][l];
                for k in (0..TERMS - 1).rev() {
                    sum = series[k][l] + a[l] * sum;
                }
                let gain = 1.0 + a[l] * sum;
                without[l] = without[l] * stay[l] + won[l];
                with[l] = with[l] * (stay[l] * gain) + won[l];
            }
            *baseline = without;
            *programme = with;
        }
        holds
    }
}

/// Coefficients `g₁ … g₈`, and where the series holds.
#[inline(always)]
fn expand(hazard: &Lane, members: &[Member<'_>], ceiling: f64) -> ([Lane; TERMS], [bool; LANES]) {
    let mut shares = [[0.0; LANES]; MEMBERS];
    for (share, member) in shares.iter_mut().zip(members) {
        *share = member.shares(ceiling);
    }
    let mut sizes = shares;
    let (mut full, mut most) = ([1.0; LANES], [1.0; LANES]);
    for i in 0..MEMBERS {
        let share = shares[i];
        let mut size = share;
        for l in 0..LANES {
            size[l] = share[l].abs();
        }
        for l in 0..LANES {
            full[l] *= 1.0 - share[l];
        }
        for l in 0..LANES {
            most[l] *= 1.0 + size[l];
        }
        sizes[i] = size;
    }
    let (symmetric, bound) = (elementary_symmetric(&shares), elementary_symmetric(&sizes));
    let series = exponential(hazard, &symmetric, -1.0);
    let bound = exponential(hazard, &bound, 1.0);
    let mut holds = [false; LANES];
    for l in 0..LANES {
        let mut left = exp(hazard[l] * (most[l] - 1.0)) - 1.0;
        for term in &bound {
            left -= term[l];
        }
        holds[l] = (left <= NEGLIGIBLE) & (1.0 - full[l] <= ceiling);
    }
    (series, holds)
}

/// The power series of `exp(h·(e₁a + s·e₂a² + s²·e₃a³ + …)) − 1`, with `s` the sign.
#[inline(always)]
fn exponential(hazard: &Lane, symmetric: &[Lane; MEMBERS], sign: f64) -> [Lane; TERMS] {
    let mut weighted = *symmetric;
    let mut factor = 1.0;
    for (k, lane) in weighted.iter_mut().enumerate() {
        let (mut product, weight) = (*lane, factor * (k + 1) as f64);
        for l in 0..LANES {
            product[l] = product[l] * weight * hazard[l];
        }
        *lane = product;
        factor *= sign;
    }
    let mut series = [[0.0; LANES]; TERMS];
    for n in 0..TERMS {
        let mut sum = if n < MEMBERS {
            weighted[n]
        } else {
            [0.0; LANES]
        };
        for k in 0..n.min(MEMBERS) {
            let (weight, term) = (weighted[k], series[n - 1 - k]);
            for l in 0..LANES {
                sum[l] += weight[l] * term[l];
            }
        }
        let share = 1.0 / (n + 1) as f64;
        for l in 0..LANES {
            sum[l] *= share;
        }
        series[n] = sum;
    }
    series
}
