use nalgebra::DMatrix;

use super::newton::{self, Evaluation};
use super::sweep::{Stratum, sweep};
use super::{CoxError, CoxFit};
use crate::ascent::Ascent;
use crate::covariate::{CovariateError, Covariates, find_collinear};
use crate::survival::{Observation, tie};

/// Customers, their covariates and how they are grouped.
#[derive(Debug, Clone)]
pub struct CoxModel<'a> {
    pub(super) observations: &'a [Observation],
    pub(super) covariates: &'a Covariates,
    pub(super) strata: Option<&'a [u32]>,
    pub(super) clusters: Option<&'a [u64]>,
    pub(super) ties: Ties,
}

/// How departures of one time are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ties {
    /// As on average over the orders in which they may have come (Efron 1977): near the truth.
    #[default]
    Efron,
    /// As if each had left while all of them were still there (Breslow 1974): simpler, and biased
    /// towards no effect where many leave at once; to compare with other programs.
    Breslow,
}

impl<'a> CoxModel<'a> {
    /// One baseline for all, errors from the information.
    ///
    /// # Errors
    /// Different numbers of observations and covariate rows; no covariate.
    pub fn new(
        observations: &'a [Observation],
        covariates: &'a Covariates,
    ) -> Result<Self, CoxError> {
        if covariates.names().is_empty() {
            return Err(CoxError::NoCovariates);
        }
        length("covariates", covariates.rows(), observations.len())?;
        Ok(Self {
            observations,
            covariates,
            strata: None,
            clusters: None,
            ties: Ties::default(),
        })
    }

    /// A baseline of its own for each stratum.
    ///
    /// # Errors
    /// A number of strata other than that of the observations.
    pub fn with_strata(mut self, strata: &'a [u32]) -> Result<Self, CoxError> {
        length("strata", strata.len(), self.observations.len())?;
        self.strata = Some(strata);
        Ok(self)
    }

    /// Robust errors: rows of one cluster (customer) may depend on each other. A cluster per row
    /// gives errors that hold when the hazards are not quite proportional (Lin & Wei 1989).
    ///
    /// # Errors
    /// A number of clusters other than that of the observations.
    pub fn with_clusters(mut self, clusters: &'a [u64]) -> Result<Self, CoxError> {
        length("clusters", clusters.len(), self.observations.len())?;
        self.clusters = Some(clusters);
        Ok(self)
    }

    /// Another way with ties than Efron's.
    #[must_use]
    pub fn with_ties(mut self, ties: Ties) -> Self {
        self.ties = ties;
        self
    }

    /// Maximises the partial likelihood.
    ///
    /// # Errors
    /// No weight, an observation of no length, no departure with others at risk, constant or
    /// collinear covariates, an estimate that grows without end, or robust errors that overflow.
    /// A fit that stops early is returned with its flag.
    pub fn fit(&self) -> Result<CoxFit, CoxError> {
        let used: Vec<usize> = (0..self.observations.len())
            .filter(|&i| self.observations[i].weight() > 0.0)
            .collect();
        if used.is_empty() {
            return Err(CoxError::Empty);
        }
        let moments = self.moments(&used)?;
        let strata = self.arrange(&tie(self.observations)?, &used, &moments);
        let comparable = strata.iter().any(|stratum| {
            let mut found = false;
            let zero = vec![0.0; stratum.observations.len()];
            sweep(stratum, &zero, false, |d| {
                found |= d.risk.zero > d.left.zero || d.rows.len() > 1;
            });
            found
        });
        if !comparable {
            return Err(CoxError::NoEvents);
        }
        let solution = newton::solve(&strata, self.covariates.names())?;
        self.refuse_divergence(&solution)?;
        let fit = CoxFit::new(self, strata, &moments, &solution);
        fit.is_finite().then_some(fit).ok_or(CoxError::Overflow)
    }

    /// Means and standard deviations; refuses constant and collinear columns.
    fn moments(&self, used: &[usize]) -> Result<Vec<(f64, f64)>, CoxError> {
        let names = self.covariates.names();
        let weight = |i: usize| self.observations[i].weight();
        let total: f64 = used.iter().map(|&i| weight(i)).sum();
        let p = names.len();
        let mut row = Vec::with_capacity(p);
        let mut mean = vec![0.0; p];
        for &i in used {
            self.covariates.copy_row(i, &mut row);
            mean.iter_mut()
                .zip(&row)
                .for_each(|(m, x)| *m += weight(i) * x / total);
        }
        let mut cross = DMatrix::<f64>::zeros(p, p);
        for &i in used {
            self.covariates.copy_row(i, &mut row);
            for a in 0..p {
                for b in a..p {
                    cross[(a, b)] += weight(i) * (row[a] - mean[a]) * (row[b] - mean[b]) / total;
                }
            }
        }
        cross.fill_lower_triangle_with_upper_triangle();
        let sd = |j: usize| cross[(j, j)].sqrt();
        if let Some(j) = (0..p).find(|&j| sd(j) <= 1e-12 * mean[j].abs()) {
            let (name, value) = (names[j].clone(), mean[j].to_string());
            return Err(CovariateError::Constant { name, value }.into());
        }
        let correlation = DMatrix::from_fn(p, p, |a, b| cross[(a, b)] / (sd(a) * sd(b)));
        match find_collinear(names, &correlation) {
            Some(collinear) => Err(collinear.into()),
            None => Ok((0..p).map(|j| (mean[j], sd(j))).collect()),
        }
    }

    fn arrange(
        &self,
        observations: &[Observation],
        used: &[usize],
        moments: &[(f64, f64)],
    ) -> Vec<Stratum> {
        let key = |i: usize| self.strata.map_or(0, |strata| strata[i]);
        let mut order = used.to_vec();
        order.sort_by_key(|&i| key(i));
        let mut row = Vec::with_capacity(moments.len());
        let mut standardise = |i: usize, x: &mut Vec<f64>| {
            self.covariates.copy_row(i, &mut row);
            x.extend(
                row.iter()
                    .zip(moments)
                    .map(|(value, (mean, sd))| (value - mean) / sd),
            );
        };
        order
            .chunk_by(|&a, &b| key(a) == key(b))
            .map(|members| {
                let members = members.iter().map(|&i| (i, observations[i])).collect();
                Stratum::new(members, moments.len(), self.ties, &mut standardise)
            })
            .collect()
    }

    /// Where a covariate orders all departures, its coefficient grows by about one per step while
    /// its information vanishes.
    fn refuse_divergence(&self, solution: &Ascent<Evaluation>) -> Result<(), CoxError> {
        let names = self.covariates.names();
        let sd = |j: usize| solution.covariance[(j, j)].sqrt();
        let named = |which: &dyn Fn(usize) -> bool| -> Vec<String> {
            let found = (0..names.len()).filter(|&j| which(j));
            found.map(|j| names[j].clone()).collect()
        };
        let endless =
            named(&|j| solution.parameters[j].abs() > newton::ENDLESS && sd(j) > newton::ENDLESS);
        if !endless.is_empty() {
            return Err(CoxError::Separated { names: endless });
        }
        // Two columns may also run away against each other, both by little.
        let unidentified = named(&|j| sd(j).is_nan() || sd(j) >= 1e3);
        if unidentified.is_empty() {
            Ok(())
        } else {
            Err(CoxError::Unidentified {
                names: unidentified,
            })
        }
    }
}

fn length(field: &'static str, found: usize, expected: usize) -> Result<(), CoxError> {
    if found == expected {
        Ok(())
    } else {
        Err(CoxError::Length {
            field,
            found,
            expected,
        })
    }
}
