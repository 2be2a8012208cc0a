use nalgebra::{DMatrix, DVector};

use super::CoxError;
use super::concordance::concordance;
use super::newton::{self, Solution};
use super::residual::{meat, score_residuals};
use super::sweep::{Stratum, sweep};
use crate::covariate::{CovariateError, Covariates, find_collinear};
use crate::fit::{Covariance, Estimate, Fit, Flag, InputHash, Scale, Z95};
use crate::survival::{Observation, SurvivalPoint};

/// Customers, their covariates and how they are grouped.
#[derive(Debug, Clone)]
pub struct CoxModel<'a> {
    observations: &'a [Observation],
    covariates: &'a Covariates,
    strata: Option<&'a [u32]>,
    clusters: Option<&'a [u64]>,
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

    /// Maximises the partial likelihood.
    ///
    /// # Errors
    /// No weight, no departure with others at risk, constant or collinear covariates, or an
    /// estimate that grows without end. A fit that stops early is returned with its flag.
    pub fn fit(&self) -> Result<CoxFit, CoxError> {
        let used: Vec<usize> = (0..self.observations.len())
            .filter(|&i| self.observations[i].weight() > 0.0)
            .collect();
        if used.is_empty() {
            return Err(CoxError::Empty);
        }
        let moments = self.moments(&used)?;
        let strata = self.arrange(&used, &moments);
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
        let solution = newton::solve(&strata, moments.len())?;
        self.refuse_divergence(&solution)?;
        Ok(CoxFit::new(self, strata, &moments, &solution))
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

    fn arrange(&self, used: &[usize], moments: &[(f64, f64)]) -> Vec<Stratum> {
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
                let members = members.iter().map(|&i| (i, self.observations[i])).collect();
                Stratum::new(members, moments.len(), &mut standardise)
            })
            .collect()
    }

    /// Where a covariate orders all departures, its coefficient grows by about one per step while
    /// its information vanishes.
    fn refuse_divergence(&self, solution: &Solution) -> Result<(), CoxError> {
        let endless =
            |&j: &usize| solution.beta[j].abs() > 8.0 && solution.covariance[(j, j)].sqrt() > 8.0;
        if let Some(j) = (0..solution.beta.len()).find(endless) {
            let name = self.covariates.names()[j].clone();
            return Err(CoxError::Separated {
                name,
                coefficient: solution.beta[j],
            });
        }
        // Two columns may also run away against each other, both by little.
        let known = |j: usize| solution.covariance[(j, j)].sqrt() < 1e3;
        if (0..solution.beta.len()).all(known) {
            Ok(())
        } else {
            Err(CoxError::Singular)
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

/// A fitted Cox model.
#[derive(Debug, Clone)]
pub struct CoxFit {
    names: Vec<String>,
    coefficients: DVector<f64>,
    covariance: DMatrix<f64>,
    pub(super) strata: Vec<Stratum>,
    pub(super) standard_beta: DVector<f64>,
    /// From the information, in standardised units.
    pub(super) standard_covariance: DMatrix<f64>,
    loglik: f64,
    loglik_null: f64,
    concordance: Option<f64>,
    n: f64,
    events: f64,
    person_time: f64,
    converged: bool,
    flags: Vec<Flag>,
    input_hash: String,
}

impl CoxFit {
    fn new(
        model: &CoxModel<'_>,
        strata: Vec<Stratum>,
        moments: &[(f64, f64)],
        solution: &Solution,
    ) -> Self {
        let used = || strata.iter().flat_map(|stratum| &stratum.observations);
        let scale = DVector::from_iterator(moments.len(), moments.iter().map(|(_, sd)| 1.0 / sd));
        let standard = match model.clusters {
            None => solution.covariance.clone(),
            Some(clusters) => {
                let rows = model.observations.len();
                let residuals = score_residuals(&strata, &solution.beta, rows);
                let weights: Vec<f64> =
                    model.observations.iter().map(Observation::weight).collect();
                &solution.covariance * meat(&residuals, &weights, clusters) * &solution.covariance
            }
        };
        let symmetric = (&standard + standard.transpose()) * 0.5;
        let predictors: Vec<Vec<f64>> = strata
            .iter()
            .map(|stratum| stratum.predictors(&solution.beta))
            .collect();
        let mut fit = Self {
            names: model.covariates.names().to_vec(),
            coefficients: solution.beta.component_mul(&scale),
            covariance: DMatrix::from_fn(scale.len(), scale.len(), |i, j| {
                symmetric[(i, j)] * scale[i] * scale[j]
            }),
            loglik: solution.at.loglik,
            loglik_null: solution.loglik_null,
            concordance: concordance(&strata, &predictors),
            n: used().map(Observation::weight).sum(),
            events: used()
                .filter(|o| o.is_event())
                .map(Observation::weight)
                .sum(),
            person_time: used().map(|o| o.weight() * (o.exit() - o.entry())).sum(),
            converged: solution.converged,
            flags: Vec::new(),
            input_hash: hash(model),
            standard_beta: solution.beta.clone(),
            standard_covariance: solution.covariance.clone(),
            strata,
        };
        fit.flags = fit.find_flags(solution);
        fit
    }

    fn find_flags(&self, solution: &Solution) -> Vec<Flag> {
        let mut flags = Vec::new();
        if !self.converged {
            let index = solution.at.gradient.icamax();
            let detail = format!(
                "stopped after {} iterations with a gradient of {:.3e} for {}",
                solution.iterations, solution.at.gradient[index], self.names[index]
            );
            flags.push(Flag::new("not_converged", detail));
        }
        let p = self.names.len();
        if self.events < 10.0 * p as f64 {
            let detail = format!(
                "{} departures for {p} coefficients: fewer than ten each",
                self.events
            );
            flags.push(Flag::new("few_events", detail));
        }
        flags
    }

    /// Covariate names.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Log hazard ratio per unit of a covariate.
    pub fn find_estimate(&self, name: &str) -> Option<Estimate> {
        let i = self.names.iter().position(|n| n == name)?;
        let se = self.covariance[(i, i)].max(0.0).sqrt();
        Some(Estimate::wald(Scale::Identity, self.coefficients[i], se))
    }

    /// Partial log-likelihood at the estimates.
    pub fn loglik(&self) -> f64 {
        self.loglik
    }

    /// Partial log-likelihood without covariates.
    pub fn loglik_null(&self) -> f64 {
        self.loglik_null
    }

    /// Harrell's concordance; `None` when no pair can be compared.
    pub fn concordance(&self) -> Option<f64> {
        self.concordance
    }

    /// Survival at mean covariates for each stratum in ascending order, `exp(−Λ)` with Efron's
    /// hazard increments; the variance includes that of the coefficients (Tsiatis 1981).
    pub fn baseline(&self) -> Vec<Vec<SurvivalPoint>> {
        self.strata
            .iter()
            .map(|stratum| self.baseline_of(stratum))
            .collect()
    }

    fn baseline_of(&self, stratum: &Stratum) -> Vec<SurvivalPoint> {
        let predictors = stratum.predictors(&self.standard_beta);
        let mut steps = Vec::new();
        sweep(stratum, &predictors, false, |d| {
            let (mut hazard, mut variance) = (0.0, 0.0);
            let mut shift = DVector::zeros(stratum.p);
            for (share, denominator) in d.denominators() {
                let rate = d.mean_weight / denominator;
                hazard += rate;
                variance += rate / denominator;
                for i in 0..stratum.p {
                    shift[i] += rate * d.mean(i, share, denominator);
                }
            }
            let events = d.mean_weight * d.rows.len() as f64;
            steps.push((d.t, d.at_risk, events, hazard, variance, shift));
        });
        let (mut hazard, mut variance) = (0.0, 0.0);
        let mut shift = DVector::zeros(stratum.p);
        let accumulate =
            |(t, at_risk, events, dh, dv, ds): (f64, f64, f64, f64, f64, DVector<f64>)| {
                hazard += dh;
                variance += dv;
                shift += ds;
                let se = (variance + (&self.standard_covariance * &shift).dot(&shift)).sqrt();
                let value = f64::exp(-hazard);
                let factor = f64::exp(Z95 * se / hazard);
                let (low, high) = (f64::exp(-hazard * factor), f64::exp(-hazard / factor));
                SurvivalPoint {
                    t,
                    at_risk,
                    events,
                    value,
                    se: value * se,
                    low,
                    high,
                }
            };
        steps.into_iter().rev().map(accumulate).collect()
    }

    /// The hand-over form: log hazard ratios.
    ///
    /// # Errors
    /// When the covariance is no covariance, which a converged fit never has.
    pub fn hand_over(&self) -> Result<Fit, CoxError> {
        let covariance = Covariance::from_matrix(
            Scale::Identity,
            &self.names,
            &self.coefficients,
            &self.covariance,
        )?;
        let mut fit = Fit::from_covariance("cox", self.n, self.events, covariance)?;
        fit.loglik = Some(self.loglik);
        fit.converged = self.converged;
        fit.input_hash.clone_from(&self.input_hash);
        fit.data.insert("person_time".into(), self.person_time);
        fit.data.insert("loglik_null".into(), self.loglik_null);
        let rows: usize = self.strata.iter().map(|s| s.observations.len()).sum();
        fit.data.insert("rows".into(), rows as f64);
        fit.data.insert("strata".into(), self.strata.len() as f64);
        if let Some(concordance) = self.concordance {
            fit.data.insert("concordance".into(), concordance);
        }
        for flag in &self.flags {
            fit.warn(flag.clone());
        }
        Ok(fit)
    }
}

fn hash(model: &CoxModel<'_>) -> String {
    let mut hash = InputHash::new().text("cox");
    for name in model.covariates.names() {
        let column = model.covariates.find_column(name).unwrap_or_default();
        hash = hash.text(name).numbers(column.iter().copied());
    }
    let of = |o: &Observation| {
        [
            o.entry(),
            o.exit(),
            f64::from(u8::from(o.is_event())),
            o.weight(),
        ]
    };
    hash = hash.numbers(model.observations.iter().flat_map(of));
    let strata = model
        .strata
        .unwrap_or_default()
        .iter()
        .map(|&s| f64::from(s));
    hash.numbers(strata).finish()
}
