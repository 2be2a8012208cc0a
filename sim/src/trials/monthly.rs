//! Figures of trials by month.

use pulp::Arch;
use serde::{Deserialize, Serialize};

use crate::flows::{Customers, Flows};
use crate::kernel::kernel;
use crate::kernel::{LANES, Lane};

/// Number of figures by month.
pub(crate) const SERIES: usize = 5;

/// Cumulative discounted flow, then customers and retention as things are and with the programme.
type Month = [Lane; SERIES];

/// Figures by month and trial.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Monthly {
    trials: usize,
    months: usize,
    /// By batch of trials, then by month: as they are computed.
    batches: Vec<Month>,
}

impl Monthly {
    /// Room for the figures of so many trials in months 0 to `horizon`.
    pub(super) fn new(horizon: usize, trials: usize) -> Self {
        let months = horizon + 1;
        Self {
            trials,
            months,
            batches: Vec::with_capacity(trials.div_ceil(LANES) * months),
        }
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
        let kept = self.batches.len() / self.months * LANES;
        if let Some(customers) = flows.customers.as_ref().filter(|_| kept < self.trials) {
            push_months(arch, flows, customers, &mut self.batches);
        }
    }

    /// One figure of one month in every trial, a slice for each batch.
    pub(crate) fn values(&self, month: usize, series: usize) -> impl Iterator<Item = &[f64]> {
        let batches = self.batches[month..].iter().step_by(self.months);
        batches.enumerate().map(move |(batch, figures)| {
            let left = self.trials - batch * LANES;
            &figures[series][..LANES.min(left)]
        })
    }
}

kernel! {
    fn push_months<'a>(flows: &'a Flows, customers: &'a Customers, batches: &'a mut Vec<Month>) {
        let [without, with] = &customers.active;
        let won = customers.won;
        let mut cumulative = [0.0; LANES];
        let (mut before, mut before_with) = (without[0], with[0]);
        for month in 0..flows.net.len() {
            let (net, discount) = (flows.net[month], flows.discount[month]);
            let (now, now_with) = (without[month], with[month]);
            let recruited = customers.recruited[month];
            let (mut kept, mut kept_with) = ([1.0; LANES], [1.0; LANES]);
            for l in 0..LANES {
                cumulative[l] += net[l] * discount[l];
                if month > 0 {
                    kept[l] = share(now[l] - won[l], before[l]);
                    kept_with[l] = share(now_with[l] - won[l] - recruited[l], before_with[l]);
                }
            }
            batches.push([cumulative, now, now_with, kept, kept_with]);
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
