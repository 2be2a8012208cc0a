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
        for (month, lane) in out.iter_mut().enumerate() {
            let t = month as f64 - shift;
            for l in 0..LANES {
                // A ramp of 0 is a step: any time after the delay is full.
                lane[l] = ((t - delay[l]) / ramp[l].max(1e-9)).clamp(0.0, 1.0);
            }
        }
    }
}

kernel! {
    fn logistic<'a>(midpoint: &'a Lane, steepness: &'a Lane, shift: f64, out: &'a mut [Lane]) {
        let mut rate = [0.0; LANES];
        for l in 0..LANES {
            rate[l] = 1.0 / steepness[l].max(1e-3);
        }
        for (month, lane) in out.iter_mut().enumerate() {
            let t = month as f64 - shift;
            if t <= 0.0 {
                *lane = [0.0; LANES];
                continue;
            }
            for l in 0..LANES {
                let exponent = ((midpoint[l] - t) * rate[l]).clamp(-700.0, 700.0);
                lane[l] = 1.0 / (1.0 + exp(exponent));
            }
        }
    }
}
