//! How far an initiative has taken hold, month by month.

use pulp::Arch;

use crate::kernel::kernel;
use crate::math::exp;
use crate::model::{Curve, LANES, Lane, Shape, Term};

/// Adoption in months 0 to the horizon.
pub(crate) fn adoption(arch: Arch, curve: &Curve, values: &[Lane], out: &mut [Lane]) {
    match curve.shape {
        Shape::Linear { delay, ramp } => {
            linear(
                arch,
                &delay.lane(values),
                &ramp.lane(values),
                curve.shift,
                out,
            );
        }
        Shape::Logistic {
            midpoint,
            steepness,
        } => {
            let (midpoint, steepness) = (midpoint.lane(values), steepness.lane(values));
            logistic(arch, &midpoint, &steepness, curve.shift, out);
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
}

kernel! {
    fn linear<'a>(delay: &'a Lane, ramp: &'a Lane, shift: f64, out: &'a mut [Lane]) {
        let (delay, ramp) = (*delay, *ramp);
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

kernel! {
    fn logistic<'a>(midpoint: &'a Lane, steepness: &'a Lane, shift: f64, out: &'a mut [Lane]) {
        let (mut odds, mut step, mut rate) = ([0.0; LANES], [0.0; LANES], [0.0; LANES]);
        let mut steep = false;
        for l in 0..LANES {
            rate[l] = 1.0 / steepness[l];
            let exponent = (midpoint[l] + shift) * rate[l];
            steep |= exponent > LARGEST;
            odds[l] = exp(exponent.min(LARGEST));
            step[l] = exp(-rate[l]);
        }
        // The odds against, exp(−(t − midpoint)/steepness), fall by the same factor each month.
        for (month, lane) in out.iter_mut().enumerate() {
            let begun = if month as f64 > shift { 1.0 } else { 0.0 };
            let mut adopted = [0.0; LANES];
            for l in 0..LANES {
                adopted[l] = begun / (1.0 + odds[l]);
                odds[l] *= step[l];
            }
            *lane = adopted;
        }
        if steep {
            logistic_from_each_month(midpoint, &rate, shift, out);
        }
    }
}

/// Largest exponent from which odds are carried on month by month.
const LARGEST: f64 = 600.0;

/// The trials whose odds at month 0 are too large to be carried on.
#[inline(always)]
fn logistic_from_each_month(midpoint: &Lane, rate: &Lane, shift: f64, out: &mut [Lane]) {
    for (month, lane) in out.iter_mut().enumerate() {
        let t = month as f64 - shift;
        for l in (0..LANES).filter(|&l| (midpoint[l] + shift) * rate[l] > LARGEST) {
            let exponent = ((midpoint[l] - t) * rate[l]).clamp(-LARGEST, LARGEST);
            lane[l] = if t > 0.0 {
                1.0 / (1.0 + exp(exponent))
            } else {
                0.0
            };
        }
    }
}
