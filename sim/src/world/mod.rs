//! Customers month by month in two worlds, with the same draws: as things are, and with the
//! programme.

mod adoption;
mod age;
mod cohort;
mod effect;
mod survival;

pub(crate) use adoption::adoption;
pub(crate) use effect::{Response, Strengths};

use pulp::Arch;

use crate::math::exp;
use crate::model::{Hazard, LANES, Lane, Parameters, Segment};
use crate::scenario::Lever;

/// Customers of one segment at the end of every month, in both worlds.
pub(crate) struct Worlds {
    /// As things are.
    pub(crate) baseline: Vec<Lane>,
    /// With the programme.
    pub(crate) programme: Vec<Lane>,
    /// New customers recruited per customer of the month before, when anybody recruits.
    pub(crate) referrals: Option<Vec<Lane>>,
    reduction: Vec<Lane>,
}

impl Worlds {
    /// Room for months 0 to `horizon`.
    pub(crate) fn new(horizon: usize) -> Self {
        let months = vec![[0.0; LANES]; horizon + 1];
        Self {
            baseline: months.clone(),
            programme: months.clone(),
            referrals: None,
            reduction: months,
        }
    }

    /// Carries one segment through all months.
    pub(crate) fn carry(
        &mut self,
        arch: Arch,
        segment: &Segment,
        values: &[Lane],
        response: &Response,
    ) {
        let ceiling = segment.experience_share.unwrap_or(f64::INFINITY);
        let effects = segment.effects_on(Lever::Hazard);
        response.reduction(arch, effects, ceiling, &mut self.reduction);
        let recruiting = segment.effects_on(Lever::Referrals);
        self.referrals = (!recruiting.is_empty()).then(|| response.referral_rate(recruiting));
        let won = segment.won.lane(values);
        let parameters = segment.hazard.parameters().lanes(values);
        match &segment.hazard {
            Hazard::Constant(_) => {
                let customers = segment.customers.iter().sum();
                survival::carry_constant(arch, self, customers, &won, &parameters[0]);
            }
            Hazard::Bands(starts, _) => {
                age::carry_bands(arch, self, &segment.customers, &won, starts, &parameters);
            }
            Hazard::Heterogeneous(_) => {
                let touched = !effects.is_empty() || self.referrals.is_some();
                cohort::carry_heterogeneous(
                    arch,
                    self,
                    &segment.customers,
                    &won,
                    &parameters,
                    touched,
                );
            }
        }
    }

    /// Those who enter the programme's world at the end of a month: won, and recruited.
    #[inline(always)]
    fn entering(&self, month: usize, won: &Lane) -> Lane {
        let mut entering = *won;
        if let Some(referrals) = &self.referrals {
            for l in 0..LANES {
                entering[l] += referrals[month][l] * self.programme[month - 1][l];
            }
        }
        entering
    }
}

impl Parameters {
    /// The parameters in each trial.
    fn lanes(&self, values: &[Lane]) -> Vec<Lane> {
        match self {
            Self::Terms(terms) => terms
                .iter()
                .map(|t| t.lane(values).map(|v| v.max(0.0)))
                .collect(),
            Self::Posterior { posterior, normals } => {
                let mut lanes: Vec<Lane> = normals.iter().map(|&index| values[index]).collect();
                posterior.transform(&mut lanes);
                lanes.iter().map(|lane| lane.map(exp)).collect()
            }
            Self::Scaled {
                hazards,
                log_sd,
                normal,
            } => {
                let factor = values[*normal].map(|z| exp(log_sd * z));
                hazards
                    .iter()
                    .map(|hazard| factor.map(|f| hazard * f))
                    .collect()
            }
        }
    }
}
