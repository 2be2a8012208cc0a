//! How hazards change by the calendar, in both worlds alike.

use crate::kernel::kernel;
use crate::kernel::{LANES, Lane};
use crate::math::{exp, ln_1p};
use crate::model::{Factor, Outlook};

kernel! {
    /// The share by which hazards are less in each month than they were at month 0: `1 − c(t)` with
    /// `c(t) = factor·(1 + trend)^(t/12)`, negative where they are more.
    pub(crate) fn calendar<'a>(outlook: &'a Outlook, values: &'a [Lane], out: &'a mut [Lane]) {
        let mut factor = outlook.hazard_factor.lane(values);
        let trend = outlook.hazard_trend.lane(values);
        let mut step = [0.0; LANES];
        for l in 0..LANES {
            factor[l] = factor[l].max(0.0);
            step[l] = ln_1p(trend[l].max(-0.99)) / 12.0;
        }
        for (month, out) in out.iter_mut().enumerate() {
            for l in 0..LANES {
                out[l] = 1.0 - factor[l] * exp(step[l] * month as f64);
            }
        }
    }
}

kernel! {
    /// The same of a segment whose hazards are a factor times what is foreseen, or what they are.
    pub(crate) fn unforeseen_calendar<'a>(
        factor: &'a Factor,
        foreseen: Option<&'a [Lane]>,
        values: &'a [Lane],
        out: &'a mut [Lane],
    ) {
        let factor = factor.times([1.0; LANES], values);
        for (month, out) in out.iter_mut().enumerate() {
            let less = foreseen.map_or([0.0; LANES], |months| months[month]);
            for l in 0..LANES {
                out[l] = 1.0 - factor[l] * (1.0 - less[l]);
            }
        }
    }
}

kernel! {
    /// Makes of a reduction the joint one with that by the calendar.
    pub(super) fn also_reduce<'a>(calendar: &'a [Lane], reduction: &'a mut [Lane]) {
        for (calendar, reduction) in calendar.iter().zip(reduction) {
            for l in 0..LANES {
                reduction[l] = 1.0 - (1.0 - calendar[l]) * (1.0 - reduction[l]);
            }
        }
    }
}
