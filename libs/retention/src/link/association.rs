use nalgebra::{DMatrix, DVector};
use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, Normal};

use super::{LinkError, LinkModel};
use crate::fit::{Estimate, Flag, Level, Scale};
use crate::hazard::{Cells, ClusterScores, HazardFit, HazardModel, Link, Prior};
use crate::survival::Observation;

/// What a sceptic believes of one standard deviation of better experience: `log HR ~ N(mean, sd)`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ScepticalPrior {
    /// Mean of the log hazard ratio of leaving; below 0 when better experience keeps customers.
    pub mean: f64,
    /// Its standard deviation.
    pub sd: f64,
}

impl Default for ScepticalPrior {
    fn default() -> Self {
        Self {
            mean: -0.10,
            sd: 0.10,
        }
    }
}

impl ScepticalPrior {
    /// The prior for an exposure of this name: centred on no effect for a net promoter score, whose
    /// link to leaving is claimed far more often than it is measured; else the default.
    pub fn of_exposure(name: &str) -> Self {
        let name = name.to_lowercase();
        let mut words = name.split(|c: char| !c.is_alphanumeric());
        let promoter = name.contains("promoter") || words.any(|word| word == "nps");
        let usual = Self::default();
        let mean = if promoter { 0.0 } else { usual.mean };
        Self { mean, ..usual }
    }
}

/// The association with one confounder left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Confounding {
    /// What was left out: a confounder, or `all` of them.
    pub without: String,
    /// Log hazard ratio per sd of the exposure then.
    pub association: Estimate,
    /// Its change from the full model, in standard errors of the full model.
    pub shift: f64,
}

/// All coefficients with the exposure standardised: before and after the sceptical prior.
pub(super) struct Estimated {
    pub names: Vec<String>,
    /// Place of the exposure among the names.
    pub place: usize,
    pub coefficients: DVector<f64>,
    pub covariance: DMatrix<f64>,
    pub loglik: f64,
    pub converged: bool,
    pub flags: Vec<Flag>,
    pub mean: f64,
    pub sd: f64,
    pub level: Level,
}

impl Estimated {
    pub fn exposure(&self) -> Estimate {
        let se = self.covariance[(self.place, self.place)].max(0.0).sqrt();
        Estimate::wald(
            Scale::Identity,
            self.coefficients[self.place],
            se,
            self.level,
        )
    }

    /// The exact update of a normal by a normal prior on one coefficient; the others move as far
    /// as they hang together with it.
    pub fn update(mut self, prior_mean: f64, prior_sd: f64) -> Self {
        let gain = self.covariance.column(self.place).into_owned();
        let total = self.covariance[(self.place, self.place)] + prior_sd * prior_sd;
        let surprise = prior_mean - self.coefficients[self.place];
        self.coefficients += &gain * (surprise / total);
        self.covariance -= &gain * gain.transpose() / total;
        self
    }
}

/// Fits the hazard on the exposure per sd and the given confounders.
///
/// Confounders have a weak prior, so that one of them without departures in a level does no harm;
/// the exposure has none yet.
pub(super) fn estimate(
    model: &LinkModel<'_>,
    confounders: &[String],
) -> Result<Estimated, LinkError> {
    let (mean, sd) = moments(model);
    let mut names = vec![model.name.clone()];
    names.extend(confounders.iter().cloned());
    let columns = model.confounders.select(confounders)?;
    let mut cells = Cells::new(model.grid.clone(), &names)?;
    let mut row = Vec::new();
    let fill = |i: usize, row: &mut Vec<f64>| {
        columns.copy_row(i, row);
        row.insert(0, (model.exposure[i] - mean) / sd);
    };
    for (i, observation) in model.observations.iter().enumerate() {
        fill(i, &mut row);
        cells.push(observation, &row)?;
    }
    let regression = HazardModel::new(Link::Cloglog)
        .with_prior(Prior::WEAK)
        .with_prior_on(&model.name, Prior::Flat);
    let mut fit = regression.fit(&cells)?;
    if let Some(customers) = model.customers {
        fit = robust(fit, model, customers, fill);
    }
    let (coefficients, covariance) = fit.parameters();
    Ok(Estimated {
        place: fit
            .names()
            .iter()
            .position(|name| *name == model.name)
            .unwrap_or_default(),
        names: fit.names().to_vec(),
        coefficients: coefficients.clone(),
        covariance: covariance.clone(),
        loglik: fit.loglik(),
        converged: fit.converged(),
        flags: fit.flags().to_vec(),
        mean,
        sd,
        level: model.level,
    })
}

fn robust(
    fit: HazardFit,
    model: &LinkModel<'_>,
    customers: &[u64],
    fill: impl Fn(usize, &mut Vec<f64>),
) -> HazardFit {
    let mut order: Vec<usize> = (0..customers.len()).collect();
    order.sort_by_key(|&i| customers[i]);
    let mut scores = ClusterScores::new(&fit);
    let mut row = Vec::new();
    for i in order {
        fill(i, &mut row);
        scores.push(customers[i], &model.observations[i], &row);
    }
    match scores.covariance() {
        Some(covariance) => fit.with_covariance(covariance),
        None => fit,
    }
}

/// Mean and sd of the exposure over rows, by weight.
fn moments(model: &LinkModel<'_>) -> (f64, f64) {
    let rows = || {
        model
            .observations
            .iter()
            .map(Observation::weight)
            .zip(model.exposure)
    };
    let total: f64 = rows().map(|(w, _)| w).sum();
    let mean = rows().map(|(w, x)| w * x).sum::<f64>() / total;
    let variance = rows().map(|(w, x)| w * (x - mean).powi(2)).sum::<f64>() / total;
    (mean, variance.sqrt())
}

/// The association without each confounder in turn, and without any. Indicators of one factor
/// (`plan=a`, `plan=b`) leave together.
pub(super) fn confounding(
    model: &LinkModel<'_>,
    full: &Estimate,
) -> Result<Vec<Confounding>, LinkError> {
    let names = model.confounders.names();
    let factor = |name: &String| {
        name.split_once('=')
            .map_or(name.clone(), |(f, _)| f.to_owned())
    };
    let mut factors: Vec<String> = names.iter().map(factor).collect();
    factors.dedup();
    let mut table = Vec::new();
    let mut leave_out = |without: &str, keep: Vec<String>| -> Result<(), LinkError> {
        let association = estimate(model, &keep)?.exposure();
        let shift = (association.value - full.value) / full.se;
        table.push(Confounding {
            without: without.to_owned(),
            association,
            shift,
        });
        Ok(())
    };
    for out in &factors {
        leave_out(
            out,
            names
                .iter()
                .filter(|name| factor(name) != *out)
                .cloned()
                .collect(),
        )?;
    }
    if factors.len() > 1 {
        leave_out("all", Vec::new())?;
    }
    Ok(table)
}

/// Area shared by two normal densities, between 0 and 1.
pub(super) fn overlap(a: (f64, f64), b: (f64, f64)) -> f64 {
    let law = |(mean, sd): (f64, f64)| Normal::new(mean, sd);
    let (Ok(first), Ok(second)) = (law(a), law(b)) else {
        return 0.0;
    };
    if (a.1 - b.1).abs() < 1e-12 * a.1 {
        return 2.0 * Normal::standard().cdf(-(a.0 - b.0).abs() / (2.0 * a.1));
    }
    // Where the densities cross: the wider one is lower between the two roots.
    let (wide, narrow) = if a.1 > b.1 { (a, b) } else { (b, a) };
    let (vw, vn) = (wide.1 * wide.1, narrow.1 * narrow.1);
    let centre = (narrow.0 * vw - wide.0 * vn) / (vw - vn);
    let half = (wide.1 * narrow.1 / (vw - vn))
        * ((wide.0 - narrow.0).powi(2) + (vw - vn) * (vw / vn).ln()).sqrt();
    let (low, high) = (centre - half, centre + half);
    let (w, n) = if a.1 > b.1 {
        (first, second)
    } else {
        (second, first)
    };
    w.cdf(high) - w.cdf(low) + n.cdf(low) + n.sf(high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlap_agrees_with_a_sum() {
        for (a, b) in [
            ((-0.1, 0.1), (-0.3, 0.05)),
            ((0.0, 1.0), (0.0, 1.0)),
            ((0.0, 1.0), (3.0, 0.2)),
            ((0.0, 1.0), (2.0, 1.0)),
        ] {
            let density = |x: f64, (m, s): (f64, f64)| {
                (-0.5 * ((x - m) / s).powi(2)).exp() / (s * (2.0 * std::f64::consts::PI).sqrt())
            };
            let step = 1e-4;
            let sum: f64 = (-100_000..100_000)
                .map(|i| f64::from(i) * step)
                .map(|x| density(x, a).min(density(x, b)) * step)
                .sum();
            assert!(
                (overlap(a, b) - sum).abs() < 1e-4,
                "{a:?} {b:?}: {} {sum}",
                overlap(a, b)
            );
        }
    }
}
