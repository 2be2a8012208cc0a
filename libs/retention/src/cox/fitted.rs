use nalgebra::{DMatrix, DVector};

use super::concordance::concordance;
use super::newton::Evaluation;
use super::residual::{meat, score_residuals};
use super::sweep::{Stratum, sweep};
use super::{CoxError, CoxModel};
use crate::ascent::Ascent;
use crate::fit::{Covariance, Estimate, Fit, Flag, InputHash, Level, Scale};
use crate::survival::{Observation, SurvivalPoint};

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
    level: Level,
}

impl CoxFit {
    /// Whether its errors are numbers.
    pub(super) fn is_finite(&self) -> bool {
        self.covariance.iter().all(|entry| entry.is_finite())
    }

    pub(super) fn new(
        model: &CoxModel<'_>,
        strata: Vec<Stratum>,
        moments: &[(f64, f64)],
        solution: &Ascent<Evaluation>,
    ) -> Self {
        let used = || strata.iter().flat_map(|stratum| &stratum.observations);
        let scale = DVector::from_iterator(moments.len(), moments.iter().map(|(_, sd)| 1.0 / sd));
        let standard = match model.clusters {
            None => solution.covariance.clone(),
            Some(clusters) => {
                let rows = model.observations.len();
                let residuals = score_residuals(&strata, &solution.parameters, rows);
                let weights: Vec<f64> =
                    model.observations.iter().map(Observation::weight).collect();
                &solution.covariance * meat(&residuals, &weights, clusters) * &solution.covariance
            }
        };
        let symmetric = (&standard + standard.transpose()) * 0.5;
        let predictors: Vec<Vec<f64>> = strata
            .iter()
            .map(|stratum| stratum.predictors(&solution.parameters))
            .collect();
        let mut fit = Self {
            names: model.covariates.names().to_vec(),
            coefficients: solution.parameters.component_mul(&scale),
            covariance: DMatrix::from_fn(scale.len(), scale.len(), |i, j| {
                symmetric[(i, j)] * scale[i] * scale[j]
            }),
            loglik: solution.at.loglik,
            loglik_null: solution.at_start,
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
            level: Level::USUAL,
            standard_beta: solution.parameters.clone(),
            standard_covariance: solution.covariance.clone(),
            strata,
        };
        fit.flags = fit.find_flags(solution);
        fit
    }

    fn find_flags(&self, solution: &Ascent<Evaluation>) -> Vec<Flag> {
        let mut flags = Vec::new();
        if !self.converged {
            let index = solution.at.gradient.icamax();
            let detail = format!(
                "the search stopped after {} iterations with the estimate of {} still moving",
                solution.iterations, self.names[index]
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

    /// The same with intervals of another level.
    #[must_use]
    pub fn with_level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    /// Covariate names.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Log hazard ratio per unit of a covariate.
    pub fn find_estimate(&self, name: &str) -> Option<Estimate> {
        let i = self.names.iter().position(|n| n == name)?;
        let se = self.covariance[(i, i)].max(0.0).sqrt();
        Some(Estimate::wald(
            Scale::Identity,
            self.coefficients[i],
            se,
            self.level,
        ))
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
                let factor = f64::exp(self.level.z() * se / hazard);
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
        let mut fit = Fit::from_covariance("cox", self.n, self.events, covariance)?.at(self.level);
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
