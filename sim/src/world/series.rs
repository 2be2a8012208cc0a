//! The common case in fewer operations: one hazard at every age, effects on one adoption curve.
//!
//! Under adoption `a` the monthly survival is `exp(−h)·exp(h·ρ(a))` with
//! `ρ(a) = 1 − Π (1 − cᵢ a) = e₁a − e₂a² + e₃a³ − …`, and the exponential of a polynomial is a power
//! series in `a`, whose coefficients are found once for all months: with `p` the coefficients of
//! `h·ρ`, `g₀ = 1`, `n·gₙ = Σ k·pₖ·gₙ₋ₖ`.
//!
//! The series is cut after nine terms and its last three are economised into the first six
//! (C. Lanczos, "Trigonometric interpolation of empirical and analytical functions", 1938): adoption
//! lies in 0 … 1, where `a⁶`, `a⁷` and `a⁸` are nearly polynomials of degree 5. Where a bound of what
//! is left out is not negligible the trial is computed without the series.

use pulp::Simd;

use super::effect::{Joined, alternating_symmetric};
use super::{Batch, Book};
use crate::kernel::{LANES, Lane};
use crate::kernel::{Vector, kernel, parts};
use crate::math::exp;
use crate::model::{CurveId, Hazard};
use crate::scenario::Lever;

/// Most effects that are expanded.
const MEMBERS: usize = 6;

/// Terms of the series that are computed.
const TERMS: usize = 9;

/// Terms that are left when the last are economised.
const KEPT: usize = 6;

/// Best approximations of `a⁶`, `a⁷` and `a⁸` on 0 … 1 by polynomials of degree 5, in units of 2⁻¹⁵:
/// repeated division by the shifted Chebyshev polynomials. The errors are 2⁻¹¹, 7·2⁻¹² and less.
const ECONOMISED: [[f64; KEPT]; TERMS - KEPT] = [
    [-16.0, 1_152.0, -13_440.0, 57_344.0, -110_592.0, 98_304.0],
    [-52.0, 3_640.0, -40_768.0, 163_072.0, -279_552.0, 186_368.0],
    [-105.0, 7_200.0, -78_400.0, 301_056.0, -483_840.0, 286_720.0],
];

/// Largest relative error of a month's survival by what the series leaves out.
const NEGLIGIBLE: f64 = 1e-13;

/// Largest sum of the coefficients that are economised: a 2⁻¹⁰th of it is negligible.
const SMALL: f64 = 1e-10;

/// Monthly survival as a polynomial in adoption.
#[derive(Default)]
pub(super) struct Series {
    /// As things are: the constant term.
    stay: Lane,
    /// Coefficients of `a … a⁶`.
    gains: [Lane; KEPT],
    /// 1 where it holds, else 0.
    pub(super) held: Lane,
    /// Whether it holds in every trial.
    pub(super) holds: bool,
    /// The adoption curve.
    pub(super) curve: CurveId,
}

impl Series {
    /// Monthly survival as things are.
    pub(super) fn stay(&self) -> &Lane {
        &self.stay
    }

    /// Expands the series of a segment; false where it has none, because it has more than one hazard,
    /// effects on several curves, or customers who recruit.
    pub(super) fn expand(&mut self, batch: Batch<'_>, parameters: &[Lane]) -> bool {
        let recruiting = batch.segment.effects_on(Lever::Referrals);
        let (Hazard::Constant(_), None, [group], []) = (
            &batch.segment.hazard,
            batch.noise,
            batch.effects(),
            recruiting,
        ) else {
            return false;
        };
        let effects = Joined {
            members: &group.members,
            strengths: &batch.response.strengths,
        };
        let expanded = group.members.len() <= MEMBERS;
        if expanded {
            self.curve = group.curve;
            let ceiling = batch.ceiling().unwrap_or([f64::INFINITY; LANES]);
            expand(batch.arch, &parameters[0], effects, &ceiling, self);
        }
        expanded
    }
}

kernel! {
    fn expand<'a>(for S, simd; hazard: &'a Lane, effects: Joined<'a>, ceiling: &'a Lane, series: &'a mut Series) {
        let mut stays = *hazard;
        for stay in &mut stays {
            *stay = exp(-*stay);
        }
        series.stay = stays;
        for part in 0..parts::<S>() {
            let (terms, in_series) = terms(simd, part, hazard, effects, ceiling);
            in_series.store(&mut series.held, part);
            let stay = Vector::load(simd, &stays, part);
            for (gain, term) in series.gains.iter_mut().zip(terms) {
                (term * stay).store(gain, part);
            }
        }
        series.holds = series.held.iter().all(|&held| held > 0.0);
    }
}

/// One part of a [`Series`].
struct Terms<S: Simd> {
    stay: Vector<S>,
    gains: [Vector<S>; KEPT],
}

impl<S: Simd> Terms<S> {
    #[inline(always)]
    fn load(simd: S, series: &Series, part: usize) -> Self {
        let stay = Vector::load(simd, &series.stay, part);
        let mut gains = [stay; KEPT];
        for (gain, lane) in gains.iter_mut().zip(&series.gains) {
            *gain = Vector::load(simd, lane, part);
        }
        Self { stay, gains }
    }

    /// Carries both worlds through a month.
    #[inline(always)]
    fn carry(
        &self,
        [without, with]: [Vector<S>; 2],
        adopted: Vector<S>,
        won: Vector<S>,
    ) -> [Vector<S>; 2] {
        let kept = adopted.polynomial(&self.gains).mul_add(adopted, self.stay);
        [without.mul_add(self.stay, won), with.mul_add(kept, won)]
    }
}

kernel! {
    /// Carries both worlds.
    pub(super) fn carry_series<'a>(
        for S, simd;
        series: &'a Series,
        won: &'a Lane,
        adopted: &'a [Lane],
        baseline: &'a mut [Lane],
        programme: &'a mut [Lane],
    ) {
        for part in 0..parts::<S>() {
            let load = |lane: &Lane| Vector::load(simd, lane, part);
            let (terms, won) = (Terms::load(simd, series, part), load(won));
            let mut worlds = [load(&baseline[0]), load(&programme[0])];
            let months = baseline[1..].iter_mut().zip(&mut programme[1..]);
            for (adopted, (baseline, programme)) in adopted[1..].iter().zip(months) {
                worlds = terms.carry(worlds, load(adopted), won);
                worlds[0].store(baseline, part);
                worlds[1].store(programme, part);
            }
        }
    }
}

kernel! {
    /// Carries both worlds and books them, which is [`carry_series`] and then [`book`](super::book::book),
    /// bit by bit, without writing down the months between.
    pub(super) fn book_series<'a>(
        for S, simd;
        series: &'a Series,
        customers: f64,
        won: &'a Lane,
        adopted: &'a [Lane],
        book: Book<'a>,
    ) {
        let Book { unit, benefit, sums } = book;
        for part in 0..parts::<S>() {
            let load = |lane: &Lane| Vector::load(simd, lane, part);
            let (terms, won, unit) = (Terms::load(simd, series, part), load(won), load(unit));
            let mut worlds = [Vector::splat(simd, customers); 2];
            let mut months = Vector::splat(simd, 0.0);
            for (adopted, benefit) in adopted[1..].iter().zip(&mut benefit[1..]) {
                worlds = terms.carry(worlds, load(adopted), won);
                months = months + worlds[1];
                (worlds[1] - worlds[0]).mul_add(unit, load(benefit)).store(benefit, part);
            }
            worlds[0].store(&mut sums.final_baseline, part);
            worlds[1].store(&mut sums.final_programme, part);
            months.store(&mut sums.customer_months, part);
        }
    }
}

/// Coefficients of `a … a⁶` in the gain `exp(h·ρ(a)) − 1`; and 1 where the series holds, else 0.
#[inline(always)]
fn terms<S: Simd>(
    simd: S,
    part: usize,
    hazard: &Lane,
    effects: Joined<'_>,
    ceiling: &Lane,
) -> ([Vector<S>; KEPT], Vector<S>) {
    let number = |value| Vector::splat(simd, value);
    let (zero, one) = (number(0.0), number(1.0));
    let hazard = Vector::load(simd, hazard, part);
    let shares: [Vector<S>; MEMBERS] = effects.shares(simd, part);
    let mut sizes = zero;
    for share in shares {
        sizes = sizes + share.abs();
    }
    let series = exponential(simd, hazard, alternating_symmetric(simd, shares));
    let mut kept = [zero; KEPT];
    kept.copy_from_slice(&series[..KEPT]);
    let mut economised = zero;
    for (&term, polynomial) in series[KEPT..].iter().zip(ECONOMISED) {
        economised = economised + term.abs();
        let unit = term * number(1.0 / 32_768.0);
        for (kept, coefficient) in kept.iter_mut().zip(polynomial) {
            *kept = unit.mul_add(number(coefficient), *kept);
        }
    }
    let left = left_out(simd, hazard, sizes);
    let in_series = number(NEGLIGIBLE).if_less(left, zero, one);
    let in_series = number(SMALL).if_less(economised, zero, in_series);
    // Together the effects never exceed the sum of their sizes, so that no ceiling is touched.
    let ceiling = Vector::load(simd, ceiling, part);
    (kept, ceiling.if_less(sizes, zero, in_series))
}

/// Bound of what the terms after the ninth add up to, when the sizes of all shares sum to `sum`.
///
/// With any signs and sizes they are at most those of equal positive shares (Maclaurin's inequality,
/// term by term), at most `sum¹⁰` times those at a sum of 1, and these are at most
/// `h²·(5.7e-7 + 1.37e-4·h + 1.57e-3·h² + 1.14e-2·h³)` for `h ≤ 1`; infinite outside.
#[inline(always)]
fn left_out<S: Simd>(simd: S, hazard: Vector<S>, sum: Vector<S>) -> Vector<S> {
    let square = sum * sum;
    let fourth = square * square;
    let tenth = fourth * fourth * square;
    let number = |value| Vector::splat(simd, value);
    let at_one = [
        number(5.7e-7),
        number(1.37e-4),
        number(1.57e-3),
        number(1.14e-2),
    ];
    let bound = tenth * (hazard * hazard * hazard.polynomial(&at_one));
    let one = number(1.0);
    one.if_less(sum.max(hazard), number(f64::INFINITY), bound)
}

/// The power series of `exp(h·(e₁a − e₂a² + e₃a³ − …)) − 1` from `e₁, −e₂, e₃, …`.
#[inline(always)]
fn exponential<S: Simd>(
    simd: S,
    hazard: Vector<S>,
    symmetric: [Vector<S>; MEMBERS],
) -> [Vector<S>; TERMS] {
    let mut weighted = symmetric;
    for (k, term) in (1..).zip(&mut weighted) {
        *term = *term * (hazard * Vector::splat(simd, f64::from(k)));
    }
    let mut series = [Vector::splat(simd, 0.0); TERMS];
    for n in 0..TERMS {
        let mut sum = weighted.get(n).copied().unwrap_or(series[n]);
        // The term before comes last: then only the last operation waits for it.
        for k in (0..n.min(MEMBERS)).rev() {
            sum = weighted[k].mul_add(series[n - 1 - k], sum);
        }
        series[n] = sum * Vector::splat(simd, 1.0 / (n + 1) as f64);
    }
    series
}
