//! How hazards change by the calendar, in both worlds alike.

use crate::kernel::kernel;
use crate::kernel::{LANES, Lane};
use crate::math::{exp, ln};
use crate::model::{Outlook, PriceStep, YEAR, monthly_growth};

kernel! {
    /// The share by which hazards are less in each month than they are at the date: `1 − c(t)`, negative where they
    /// are more, with `c(t) = factor·s(t)·(1 + trend)^(u(t)/12)`: `u(t) = φ + φ² + … + φ^t` months of growth with
    /// damping `φ`, and `s` the season.
    pub(crate) fn calendar<'a>(outlook: &'a Outlook, values: &'a [Lane], out: &'a mut [Lane]) {
        let factor = outlook.level(values);
        let step = monthly_growth(outlook.hazard_trend.lane(values));
        let damping = outlook.damping.lane(values);
        let (mut elapsed, mut left) = ([0.0; LANES], [1.0; LANES]);
        for (month, out) in out.iter_mut().enumerate() {
            let season = outlook.season[(month + YEAR - 1) % YEAR];
            for l in 0..LANES {
                if month > 0 {
                    left[l] *= damping[l].clamp(0.0, 1.0);
                    elapsed[l] += left[l];
                }
                out[l] = 1.0 - factor[l] * season * exp(step[l] * elapsed[l]);
            }
        }
    }
}

kernel! {
    /// The same of a segment whose hazards are a factor times what is foreseen, or what they are.
    pub(crate) fn own_calendar<'a>(
        factor: &'a Lane,
        foreseen: Option<&'a [Lane]>,
        out: &'a mut [Lane],
    ) {
        for (month, out) in out.iter_mut().enumerate() {
            let less = foreseen.map_or([0.0; LANES], |months| months[month]);
            for l in 0..LANES {
                out[l] = 1.0 - factor[l] * (1.0 - less[l]);
            }
        }
    }
}

kernel! {
    /// The same after an announced price change: hazards are `factor^elasticity` times as large from its month on.
    pub(crate) fn answer_price<'a>(price: &'a PriceStep, values: &'a [Lane], out: &'a mut [Lane]) {
        let elasticity = price.elasticity.lane(values);
        let log = ln(price.factor);
        let mut answer = [0.0; LANES];
        for l in 0..LANES {
            answer[l] = exp(elasticity[l] * log);
        }
        for less in out.iter_mut().skip(price.month) {
            for l in 0..LANES {
                less[l] = 1.0 - (1.0 - less[l]) * answer[l];
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
