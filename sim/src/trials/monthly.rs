//! Figures of trials by month.

use pulp::Arch;
use serde::{Deserialize, Serialize};

use crate::flows::{Customers, Flows};
use crate::kernel::kernel;
use crate::kernel::{LANES, Lane};
use crate::model::Model;

/// Number of figures by month, besides those of seats: cumulative discounted flow, then customers and retention as
/// things are and with the programme.
const SERIES: usize = 5;

/// Figures of a pool of seats: seats as things are and with the programme, and what is not needed of each.
const OF_SEATS: usize = 4;

/// Figures by month and trial.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Monthly {
    trials: usize,
    months: usize,
    /// Figures of a month.
    series: usize,
    /// By batch of trials, then by month, then by figure: as they are computed.
    figures: Vec<Lane>,
}

impl Monthly {
    /// Room for the figures of so many trials in months 0 to the horizon.
    pub(super) fn new(model: &Model, trials: usize) -> Self {
        let (months, series) = (model.horizon + 1, SERIES + OF_SEATS * model.seats.len());
        Self {
            trials,
            months,
            series,
            figures: Vec::with_capacity(trials.div_ceil(LANES) * months * series),
        }
    }

    /// Places of the figures of a pool of seats.
    pub(crate) fn of_seats(pool: usize) -> [usize; OF_SEATS] {
        std::array::from_fn(|i| SERIES + OF_SEATS * pool + i)
    }

    /// Number of trials.
    pub(crate) fn trials(&self) -> usize {
        self.trials
    }

    /// Number of months.
    pub(crate) fn months(&self) -> usize {
        self.months
    }

    /// Keeps the months of the next batch, if its trials are wanted.
    pub(super) fn keep(&mut self, arch: Arch, flows: &Flows) {
        let kept = self.figures.len() / self.series / self.months * LANES;
        if let Some(customers) = flows.customers.as_ref().filter(|_| kept < self.trials) {
            push_months(arch, flows, customers, &mut self.figures);
        }
    }

    /// One figure of one month in every trial, a slice for each batch.
    pub(crate) fn values(&self, month: usize, series: usize) -> impl Iterator<Item = &[f64]> {
        let figures = self.figures[month * self.series + series..].iter();
        let batches = figures.step_by(self.months * self.series);
        batches.enumerate().map(move |(batch, figure)| {
            let left = self.trials - batch * LANES;
            &figure[..LANES.min(left)]
        })
    }
}

kernel! {
    fn push_months<'a>(flows: &'a Flows, customers: &'a Customers, figures: &'a mut Vec<Lane>) {
        let [without, with] = &customers.active;
        let won = customers.won;
        let mut cumulative = [0.0; LANES];
        let (mut before, mut before_with) = (without[0], with[0]);
        for month in 0..flows.net.len() {
            let (net, discount) = (flows.net[month], flows.discount[month]);
            let (now, now_with) = (without[month], with[month]);
            let recruited = customers.recruited[month];
            let [back, back_with] = customers.returned.each_ref().map(|returned| returned[month]);
            let (mut kept, mut kept_with) = ([1.0; LANES], [1.0; LANES]);
            for l in 0..LANES {
                cumulative[l] += net[l] * discount[l];
                if month > 0 {
                    kept[l] = share(now[l] - won[l] - back[l], before[l]);
                    let stayed = now_with[l] - won[l] - recruited[l] - back_with[l];
                    kept_with[l] = share(stayed, before_with[l]);
                }
            }
            figures.extend([cumulative, now, now_with, kept, kept_with]);
            for seats in &flows.seats {
                figures.extend([&seats.paid, &seats.slack].into_iter().flatten().map(|it| it[month]));
            }
            (before, before_with) = (now, now_with);
        }
    }
}

/// Share of the customers of the month before who stayed; 1 where there was none.
#[inline(always)]
fn share(kept: f64, before: f64) -> f64 {
    let share = kept / before;
    if before > 0.0 { share } else { 1.0 }
}
