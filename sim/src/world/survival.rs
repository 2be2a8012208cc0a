//! Customers under one hazard.

use super::effect::cap;
use super::series::{book_series, carry_series};
use super::{Batch, Book, Drawn, Worlds};
use crate::kernel::kernel;
use crate::kernel::{LANES, Lane};
use crate::math::exp;

/// Largest exponent for which [`short_exp`] holds.
const SHORT: f64 = 1.0 / 32.0;

/// Carries a segment with the same hazard at every age: age does not matter.
///
/// Where it can, it books the segment in `book` on the way, without keeping the months, and says so.
pub(super) fn carry_constant(
    worlds: &mut Worlds,
    batch: Batch<'_>,
    drawn: &Drawn,
    book: Option<Book<'_>>,
) -> bool {
    let Batch { arch, won, .. } = batch;
    let hazard = &drawn.parameters[0];
    let goes_on = batch.last_entry + 1 >= worlds.baseline.len();
    if !drawn.in_series || !goes_on {
        carry_any(worlds, batch, hazard);
        return false;
    }
    let series = &drawn.series;
    let adopted = &batch.response.adoption[series.curve];
    if let (Some(book), true) = (book, series.holds) {
        book_series(arch, series, worlds.baseline[0][0], won, adopted, book);
        return true;
    }
    let (baseline, programme) = (&mut worlds.baseline, &mut worlds.programme);
    carry_series(arch, series, won, adopted, baseline, programme);
    if !series.holds {
        let in_series = programme.to_vec();
        carry_any(worlds, batch, hazard);
        for (programme, in_series) in worlds.programme.iter_mut().zip(in_series) {
            for l in 0..LANES {
                let held = series.held[l] > 0.0;
                programme[l] = if held { in_series[l] } else { programme[l] };
            }
        }
    }
    false
}

/// The general way: any number of adoption curves.
fn carry_any(worlds: &mut Worlds, batch: Batch<'_>, hazard: &Lane) {
    let Worlds {
        baseline,
        programme,
        reduction,
        referrals,
        ..
    } = worlds;
    let Batch {
        arch,
        won,
        response,
        ..
    } = batch;
    response.reduction(arch, batch.effects(), reduction);
    if let Some(ceiling) = batch.ceiling() {
        cap(arch, &ceiling, reduction);
    }
    gains(arch, hazard, reduction);
    let last = batch.last_entry.min(baseline.len() - 1);
    let (gain, without, with) = (
        &reduction[..=last],
        &mut baseline[..=last],
        &mut programme[..=last],
    );
    match referrals {
        None => carry(arch, hazard, won, gain, without, with),
        Some(referrals) => carry_referring(arch, hazard, won, gain, referrals, without, with),
    }
    // Then nobody enters.
    let (gain, without, with) = (
        &reduction[last..],
        &mut baseline[last..],
        &mut programme[last..],
    );
    carry(arch, hazard, &[0.0; LANES], gain, without, with);
}

kernel! {
    fn carry<'a>(
        hazard: &'a Lane,
        won: &'a Lane,
        gain: &'a [Lane],
        baseline: &'a mut [Lane],
        programme: &'a mut [Lane],
    ) {
        let (stay, won) = (survival(hazard), *won);
        let (mut without, mut with) = (baseline[0], programme[0]);
        let (baseline, programme) = (&mut baseline[1..], &mut programme[1..]);
        for ((gain, baseline), programme) in gain[1..].iter().zip(baseline).zip(programme) {
            let gain = *gain;
            for l in 0..LANES {
                without[l] = without[l].mul_add(stay[l], won[l]);
                with[l] = with[l].mul_add(stay[l] * gain[l], won[l]);
            }
            *baseline = without;
            *programme = with;
        }
    }
}

kernel! {
    fn carry_referring<'a>(
        hazard: &'a Lane,
        won: &'a Lane,
        gain: &'a [Lane],
        referrals: &'a [Lane],
        baseline: &'a mut [Lane],
        programme: &'a mut [Lane],
    ) {
        let stay = survival(hazard);
        for month in 1..gain.len() {
            for l in 0..LANES {
                let grow = stay[l].mul_add(gain[month][l], referrals[month][l]);
                baseline[month][l] = baseline[month - 1][l].mul_add(stay[l], won[l]);
                programme[month][l] = programme[month - 1][l].mul_add(grow, won[l]);
            }
        }
    }
}

kernel! {
    /// Replaces reductions `ρ` of a hazard `h` by the gains in monthly survival, `exp(h·ρ)`:
    /// `exp(−h(1−ρ)) = exp(−h)·exp(h·ρ)`, so that no reduction is a gain of exactly 1.
    pub(super) fn gains<'a>(hazard: &'a Lane, reductions: &'a mut [Lane]) {
        let hazard = *hazard;
        let mut largest = [0.0; LANES];
        for reduction in reductions.iter() {
            let reduction = *reduction;
            for l in 0..LANES {
                let exponent = (hazard[l] * reduction[l]).abs();
                largest[l] = if exponent > largest[l] { exponent } else { largest[l] };
            }
        }
        // Decided trial by trial, so that a trial's bits do not depend on its neighbours.
        if largest.iter().all(|&exponent| exponent <= SHORT) {
            for reduction in reductions {
                let mut gain = *reduction;
                for l in 0..LANES {
                    gain[l] = short_exp(hazard[l] * gain[l]);
                }
                *reduction = gain;
            }
        } else {
            for reduction in reductions {
                let mut gain = *reduction;
                for l in 0..LANES {
                    let exponent = hazard[l] * gain[l];
                    let short = short_exp(exponent);
                    gain[l] = if largest[l] <= SHORT { short } else { exp(exponent) };
                }
                *reduction = gain;
            }
        }
    }
}

/// Monthly survival as things are.
#[inline(always)]
fn survival(hazard: &Lane) -> Lane {
    let mut stay = *hazard;
    for stay in &mut stay {
        *stay = exp(-*stay);
    }
    stay
}

/// `exp(x)` for `|x| ≤ 1/32`: the series to x⁷, whose next term is below 3e-17.
#[inline(always)]
fn short_exp(x: f64) -> f64 {
    const TERMS: [f64; 7] = [
        1.0,
        1.0 / 2.0,
        1.0 / 6.0,
        1.0 / 24.0,
        1.0 / 120.0,
        1.0 / 720.0,
        1.0 / 5040.0,
    ];
    let mut sum = TERMS[6];
    for k in (0..6).rev() {
        sum = sum.mul_add(x, TERMS[k]);
    }
    sum.mul_add(x, 1.0)
}
