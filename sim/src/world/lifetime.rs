//! How long a customer who is won stays, as things are, in discounted months.

use super::calendar::also_reduce;
use super::cohort::{Clock, add_survivors};
use super::{Batch, Drawn};
use crate::baseline::Heads;
use crate::kernel::{LANES, Lane};
use crate::kernel::{Months, kernel};
use crate::math::exp;
use crate::model::Hazard;

/// Factors to present value.
#[derive(Clone, Copy)]
pub(crate) struct Discount<'a> {
    /// By month from 0 to the horizon.
    pub(crate) factors: &'a [Lane],
    /// That of a month over that of the month before, where it is the same in every month.
    pub(crate) monthly: Option<&'a Lane>,
}

impl Drawn {
    /// `Σ S(t)·v(t)` over the months to the horizon: the share of customers won at month 0 who are
    /// there at the end of month `t`, or on the mean of its ends, times its factor to present value.
    pub(super) fn find_lifetime(&mut self, batch: Batch<'_>, discount: Discount<'_>) {
        let (arch, Discount { factors, monthly }) = (batch.arch, discount);
        let (parameters, sum) = (&self.parameters, &mut self.lifetime);
        let mut left = [1.0; LANES];
        sum.fill(0.0);
        if batch.calendar.is_some() || batch.heads == Heads::ThroughMonth {
            return lifetime_by_month(batch, parameters, batch.calendar, factors, sum);
        }
        match (&batch.segment.hazard, monthly) {
            (Hazard::Constant(_), Some(monthly)) if self.in_series => {
                let months = factors.len() - 1;
                geometric(arch, self.series.stay(), monthly, &factors[1], months, sum);
            }
            (Hazard::Constant(_), _) => {
                let stay = parameters[0].map(|hazard| exp(-hazard));
                add_months(arch, &stay, &factors[1..], &mut left, sum);
            }
            (Hazard::Bands(starts, _) | Hazard::Mixture(starts, _), _) => {
                let ages = factors.len() - 1;
                let ends = starts[1..].iter().copied().chain([ages]);
                for ((&start, end), hazard) in starts.iter().zip(ends).zip(parameters) {
                    let (start, end) = (start.min(ages), end.min(ages));
                    let stay = hazard.map(|hazard| exp(-hazard));
                    // Who has age a at the start of a month is counted at the end of month a + 1.
                    add_months(arch, &stay, &factors[start + 1..=end], &mut left, sum);
                }
            }
            (Hazard::Heterogeneous(_), _) => {
                let clock = Clock::gamma(arch, parameters, factors.len(), false);
                for (month, factor) in factors.iter().enumerate().skip(1) {
                    add_survivors(arch, factor, &clock.at(month), &clock.at(0), sum);
                }
            }
        }
    }
}

impl Drawn {
    /// What a customer won at month 0 brings, from what one is worth in each month, discounted; as things are, and where the
    /// programme reduces hazards. Both are summed in the same way, so that they are the same where it reduces none.
    pub(crate) fn lifetime_values(&self, batch: Batch<'_>, worth: [&[Lane]; 2]) -> [Lane; 2] {
        let horizon = worth[0].len() - 1;
        let mut reductions = [Months::new(horizon), Months::new(horizon)];
        batch.reduction(&mut reductions[1]);
        let mut values = [[0.0; LANES]; 2];
        for ((reduction, worth), sum) in reductions.iter_mut().zip(worth).zip(&mut values) {
            if let Some(calendar) = batch.calendar {
                also_reduce(batch.arch, calendar, reduction);
            }
            lifetime_by_month(batch, &self.parameters, Some(reduction), worth, sum);
        }
        values
    }
}

/// The same month by month: where a share of hazards is removed by the calendar or by a programme, and where both ends of a
/// month count.
fn lifetime_by_month(
    batch: Batch<'_>,
    parameters: &[Lane],
    reduction: Option<&[Lane]>,
    factors: &[Lane],
    sum: &mut Lane,
) {
    let (arch, months) = (batch.arch, factors.len());
    let clock = match &batch.segment.hazard {
        Hazard::Constant(_) | Hazard::Bands(..) => None,
        Hazard::Heterogeneous(_) => Some(Clock::gamma(arch, parameters, months, false)),
        Hazard::Mixture(starts, _) => Some(Clock::mixture(arch, starts, parameters, months, false)),
    };
    let unchanged = [0.0; LANES];
    let (mut spared, mut left) = ([0.0; LANES], [1.0; LANES]);
    // How much of a month's survivors count at its end, and how much of those at its beginning.
    let (at_end, at_start) = match batch.heads {
        Heads::MonthEnd => (1.0, 0.0),
        Heads::ThroughMonth => (0.5, 0.5),
    };
    for month in 1..factors.len() {
        let reduction = reduction.map_or(&unchanged, |months| &months[month]);
        let before = left;
        if let Some(clock) = &clock {
            let now = clock.spare(arch, month, reduction, &mut spared);
            let entry = clock.at(0);
            survive(arch, &now, &entry, &mut left);
        } else {
            let band = match &batch.segment.hazard {
                Hazard::Bands(starts, _) => starts.partition_point(|&start| start < month) - 1,
                _ => 0,
            };
            go_on(arch, &parameters[band], reduction, &mut left);
        }
        for l in 0..LANES {
            sum[l] += (at_end * left[l] + at_start * before[l]) * factors[month][l];
        }
    }
}

kernel! {
    /// Who is left of those who came with the logarithm of survival `entry`, where it is `now`.
    fn survive<'a>(now: &'a Lane, entry: &'a Lane, left: &'a mut Lane) {
        let mut survival = [0.0; LANES];
        for l in 0..LANES {
            survival[l] = exp(now[l] - entry[l]);
        }
        *left = survival;
    }
}

kernel! {
    /// A month with a hazard of which a share is removed.
    fn go_on<'a>(hazard: &'a Lane, reduction: &'a Lane, left: &'a mut Lane) {
        let mut survival = *left;
        for l in 0..LANES {
            survival[l] *= exp(-hazard[l] * (1.0 - reduction[l]));
        }
        *left = survival;
    }
}

kernel! {
    /// Months in which the same share stays.
    fn add_months<'a>(
        stay: &'a Lane,
        factors: &'a [Lane],
        left: &'a mut Lane,
        sum: &'a mut Lane,
    ) {
        let (stay, mut survival, mut total) = (*stay, *left, *sum);
        for factor in factors {
            for l in 0..LANES {
                survival[l] *= stay[l];
                total[l] += survival[l] * factor[l];
            }
        }
        (*left, *sum) = (survival, total);
    }
}

kernel! {
    /// `Σ stayᵗ·first·monthlyᵗ⁻¹` over `months` months: a geometric series.
    fn geometric<'a>(
        stay: &'a Lane,
        monthly: &'a Lane,
        first: &'a Lane,
        months: usize,
        sum: &'a mut Lane,
    ) {
        let (stay, monthly, first) = (*stay, *monthly, *first);
        let mut ratio = stay;
        for l in 0..LANES {
            ratio[l] *= monthly[l];
        }
        // The sum of n terms and the power ratioⁿ, by doubling n and adding one: no division, which
        // would be by nothing where nobody leaves and nothing is discounted.
        let (mut terms, mut power): (Lane, Lane) = ([0.0; LANES], [1.0; LANES]);
        for bit in (0..usize::BITS - months.leading_zeros()).rev() {
            for l in 0..LANES {
                terms[l] = power[l].mul_add(terms[l], terms[l]);
                power[l] *= power[l];
            }
            if months >> bit & 1 == 1 {
                for l in 0..LANES {
                    terms[l] = terms[l].mul_add(ratio[l], 1.0);
                    power[l] *= ratio[l];
                }
            }
        }
        let mut discounted = stay;
        for l in 0..LANES {
            discounted[l] *= first[l] * terms[l];
        }
        *sum = discounted;
    }
}
