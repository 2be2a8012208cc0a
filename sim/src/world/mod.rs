//! Customers month by month in two worlds, with the same draws: as things are, and with the
//! programme.

mod adoption;
mod age;
mod cohort;
mod effect;
mod survival;

pub(crate) use adoption::adoption;
pub(crate) use effect::{Strengths, reduction, referral_rate, strengths};

use crate::model::{Hazard, LANES, Lane, Parameters, Segment};
use crate::scenario::Lever;

/// Customers of one segment at the end of every month, in both worlds.
pub(crate) struct Worlds {
    /// As things are.
    pub(crate) baseline: Vec<Lane>,
    /// With the programme.
    pub(crate) programme: Vec<Lane>,
    /// Share by which the programme reduces each customer's hazard in each month.
    pub(crate) reduction: Vec<Lane>,
    /// New customers recruited per customer of the month before.
    pub(crate) referrals: Option<Vec<Lane>>,
}

impl Worlds {
    /// Room for months 0 to `horizon`.
    pub(crate) fn new(horizon: usize) -> Self {
        let months = vec![[0.0; LANES]; horizon + 1];
        Self {
            baseline: months.clone(),
            programme: months.clone(),
            reduction: months,
            referrals: None,
        }
    }

    /// Carries one segment through all months.
    #[inline(always)]
    pub(crate) fn carry(
        &mut self,
        segment: &Segment,
        values: &[Lane],
        adoption: &[Vec<Lane>],
        strengths: &Strengths,
    ) {
        let ceiling = segment.experience_share.unwrap_or(f64::INFINITY);
        let none = Vec::new();
        let groups = segment.effects_on(Lever::Hazard).unwrap_or(&none);
        reduction(
            groups,
            ceiling,
            adoption,
            &strengths.effects,
            &mut self.reduction,
        );
        self.referrals = segment
            .effects_on(Lever::Referrals)
            .map(|groups| referral_rate(groups, adoption, &strengths.effects));
        let won = segment.won.lane(values);
        let touched = !groups.is_empty() || self.referrals.is_some();
        match &segment.hazard {
            Hazard::Constant(parameters) => {
                let hazard = parameters.lanes(values)[0];
                survival::carry_constant(self, segment.customers.iter().sum(), &won, &hazard);
            }
            Hazard::Bands(starts, parameters) => {
                let hazards = parameters.lanes(values);
                age::carry_bands(self, &segment.customers, &won, starts, &hazards);
            }
            Hazard::Heterogeneous(parameters) => {
                let parameters = parameters.lanes(values);
                cohort::carry_heterogeneous(self, &segment.customers, &won, &parameters, touched);
            }
        }
    }
}

impl Parameters {
    /// The parameters in each trial.
    #[inline(always)]
    pub(crate) fn lanes(&self, values: &[Lane]) -> Vec<Lane> {
        match self {
            Self::Terms(terms) => terms
                .iter()
                .map(|t| t.lane(values).map(|v| v.max(0.0)))
                .collect(),
            Self::Posterior { posterior, normals } => {
                let mut lanes: Vec<Lane> = normals.iter().map(|&index| values[index]).collect();
                posterior.transform(&mut lanes);
                lanes
                    .iter()
                    .map(|lane| lane.map(crate::math::exp))
                    .collect()
            }
            Self::Scaled {
                hazards,
                log_sd,
                normal,
            } => {
                let factor = values[*normal].map(|z| crate::math::exp(log_sd * z));
                hazards
                    .iter()
                    .map(|hazard| factor.map(|f| hazard * f))
                    .collect()
            }
        }
    }
}
