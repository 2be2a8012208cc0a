//! How far an initiative has taken hold, month by month.

use pulp::{Arch, Simd};

use crate::kernel::{LANES, Lane};
use crate::kernel::{Vector, kernel, parts};
use crate::math::exp;
use crate::model::{Curve, Shape, Term};

/// Adoption in months 0 to the horizon.
pub(crate) fn adoption(arch: Arch, curve: &Curve, values: &[Lane], out: &mut [Lane]) {
    match curve.shape {
        Shape::Linear { delay, ramp } => {
            linear(arch, [delay, ramp], values, curve.shift, out);
        }
        Shape::Logistic {
            midpoint,
            steepness,
        } => {
            logistic(arch, [midpoint, steepness], values, curve.shift, out);
        }
    }
    if curve.level != Term::Fixed(1.0) {
        let level = curve.level.lane(values);
        for lane in out.iter_mut() {
            for l in 0..LANES {
                lane[l] *= level[l].clamp(0.0, 1.0);
            }
        }
    }
    if let Some((after, half_life)) = curve.decay {
        for (month, lane) in out.iter_mut().enumerate() {
            let fading = (month as f64 - curve.shift - after).max(0.0);
            let left = exp(-std::f64::consts::LN_2 * fading / half_life);
            for value in lane {
                *value *= left;
            }
        }
    }
    if let Some(lives) = &curve.lives {
        let dead = |month: &usize| !lives.iter().any(|months| months.contains(month));
        for month in (0..out.len()).filter(dead) {
            out[month] = [0.0; LANES];
        }
    }
    if let Some((from, to)) = curve.window {
        let (from, to) = (from.min(out.len()), to.min(out.len()));
        out[..from].fill([0.0; LANES]);
        out[to..].fill([0.0; LANES]);
    }
}

kernel! {
    fn linear<'a>(terms: [Term; 2], values: &'a [Lane], shift: f64, out: &'a mut [Lane]) {
        let [delay, ramp] = [terms[0].lane(values), terms[1].lane(values)];
        for (month, lane) in out.iter_mut().enumerate() {
            let t = month as f64 - shift;
            let mut adopted = [0.0; LANES];
            for l in 0..LANES {
                // A ramp of 0 is a step: any time after the delay is full.
                adopted[l] = ((t - delay[l]) / ramp[l].max(1e-9)).clamp(0.0, 1.0);
            }
            *lane = adopted;
        }
    }
}

/// Adoption `1/(1 + odds)` by a logistic curve, odds against it falling by the same factor each month.
fn logistic(arch: Arch, terms: [Term; 2], values: &[Lane], shift: f64, out: &mut [Lane]) {
    let odds = odds(arch, terms, values, shift);
    carry_odds(arch, &odds, shift, out);
    if odds.exponent.iter().any(|&exponent| exponent > LARGEST) {
        let [midpoint, steepness] = terms.map(|term| term.lane(values));
        for l in (0..LANES).filter(|&l| odds.exponent[l] > LARGEST) {
            logistic_from_each_month(midpoint[l], steepness[l], shift, out, l);
        }
    }
}

/// Odds against adoption at month 0, and the factor by which they fall each month.
struct Odds {
    exponent: Lane,
    first: Lane,
    step: Lane,
}

kernel! {
    fn odds<'a>(terms: [Term; 2], values: &'a [Lane], shift: f64) -> Odds {
        let [midpoint, steepness] = [terms[0].lane(values), terms[1].lane(values)];
        let (mut exponent, mut first, mut step) = ([0.0; LANES], [0.0; LANES], [0.0; LANES]);
        for l in 0..LANES {
            let rate = 1.0 / steepness[l];
            exponent[l] = (midpoint[l] + shift) * rate;
            first[l] = exp(exponent[l].min(LARGEST));
            step[l] = exp(-rate);
        }
        Odds { exponent, first, step }
    }
}

kernel! {
    fn carry_odds<'a>(for S, simd; odds: &'a Odds, shift: f64, out: &'a mut [Lane]) {
        for part in 0..parts::<S>() {
            let one = Vector::splat(simd, 1.0);
            let first = Vector::load(simd, &odds.first, part);
            let step = Vector::load(simd, &odds.step, part);
            let square = step * step;
            // Four months at a time: each waits for the one four months before.
            let mut against = [first, first * step, first * square, first * (square * step)];
            let four_steps = square * square;
            for (four, months) in out.chunks_mut(4).enumerate() {
                let mut denominators = [one; 4];
                for (denominator, against) in denominators.iter_mut().zip(&mut against) {
                    *denominator = one + *against;
                    *against = *against * four_steps;
                }
                let adopted = reciprocals(one, denominators);
                for (month, (out, adopted)) in (4 * four..).zip(months.iter_mut().zip(adopted)) {
                    let begun = f64::from(month as f64 > shift);
                    (adopted * Vector::splat(simd, begun)).store(out, part);
                }
            }
        }
    }
}

/// Four reciprocals by one division, which takes longer than all the products.
#[inline(always)]
fn reciprocals<S: Simd>(one: Vector<S>, [a, b, c, d]: [Vector<S>; 4]) -> [Vector<S>; 4] {
    let (ab, cd) = (a * b, c * d);
    let all = one / (ab * cd);
    let (of_ab, of_cd) = (all * cd, all * ab);
    [of_ab * b, of_ab * a, of_cd * d, of_cd * c]
}

/// Largest exponent from which odds are carried on month by month: four of them multiplied are a
/// number still.
const LARGEST: f64 = 150.0;

/// Adoption in a trial whose odds at month 0 are too large to be carried on.
fn logistic_from_each_month(
    midpoint: f64,
    steepness: f64,
    shift: f64,
    out: &mut [Lane],
    lane: usize,
) {
    for (month, out) in out.iter_mut().enumerate() {
        let t = month as f64 - shift;
        let exponent = (midpoint - t) / steepness;
        out[lane] = if t > 0.0 {
            1.0 / (1.0 + exp(exponent))
        } else {
            0.0
        };
    }
}
