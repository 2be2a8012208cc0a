use crate::goodness::upper_tail;
use nalgebra::{DMatrix, DVector};
use serde::{Deserialize, Serialize};

use super::irls::{Evaluation, Problem};
use super::{Cells, HazardError, Link, Prior, TenureGrid};
use crate::ascent::Ascent;
use crate::fit::{Covariance, Estimate, Fit, Flag, InputHash, Level, Scale};
use crate::survival::Observation;

/// A fitted discrete-time hazard.
#[derive(Debug, Clone, PartialEq)]
pub struct HazardFit {
    pub(super) grid: TenureGrid,
    pub(super) link: Link,
    /// Bands with time at risk.
    pub(super) present: Vec<usize>,
    names: Vec<String>,
    pub(super) coefficients: DVector<f64>,
    pub(super) covariance: DMatrix<f64>,
    loglik: f64,
    n: f64,
    events: f64,
    person_periods: f64,
    patterns: usize,
    penalised: bool,
    converged: bool,
    iterations: usize,
    flags: Vec<Flag>,
    input_hash: String,
    level: Level,
}

/// A likelihood-ratio test of a model against one within it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LikelihoodRatio {
    /// Twice the difference of the log-likelihoods.
    pub chi2: f64,
    /// Coefficients more.
    pub df: usize,
    /// Probability of a statistic this large if they are all 0.
    pub p: f64,
}

impl HazardFit {
    pub(super) fn new(
        problem: &Problem<'_>,
        solution: &Ascent<Evaluation>,
        names: Vec<String>,
        separating: &[String],
    ) -> Result<Self, HazardError> {
        let b = problem.present.len();
        let size = names.len();
        // From standardised to given units: βᵢ = γᵢ/sᵢ, baseline = a − Σ γᵢ mᵢ/sᵢ.
        let mut back = DMatrix::identity(size, size);
        for (i, &(mean, sd)) in problem.moments.iter().enumerate() {
            back[(b + i, b + i)] = 1.0 / sd;
            for k in 0..b {
                back[(k, b + i)] = -mean / sd;
            }
        }
        let cells = problem.cells;
        let mut fit = Self {
            grid: cells.grid().clone(),
            link: problem.link,
            present: problem.present.to_vec(),
            names,
            coefficients: &back * &solution.parameters,
            covariance: &back * &solution.covariance * back.transpose(),
            loglik: solution.at.loglik,
            n: cells.n(),
            events: cells.events(),
            person_periods: cells.person_periods(),
            patterns: cells.len(),
            penalised: problem.priors.iter().any(|prior| *prior != Prior::Flat),
            converged: solution.converged,
            iterations: solution.iterations,
            flags: Vec::new(),
            input_hash: hash(cells),
            level: Level::USUAL,
        };
        if !fit
            .coefficients
            .iter()
            .chain(fit.covariance.iter())
            .all(|v| v.is_finite())
        {
            return Err(HazardError::Singular);
        }
        fit.flags = fit.find_flags(solution, cells, separating);
        Ok(fit)
    }

    fn find_flags(
        &self,
        solution: &Ascent<Evaluation>,
        cells: &Cells,
        separating: &[String],
    ) -> Vec<Flag> {
        let mut flags = Vec::new();
        if !self.converged {
            let index = solution.at.gradient.icamax();
            let detail = format!(
                "the search stopped after {} iterations with the estimate of {} still moving",
                self.iterations, self.names[index]
            );
            flags.push(Flag::new("not_converged", detail));
        }
        if !separating.is_empty() {
            let detail = format!(
                "{} separates leavers from stayers: the estimate is finite only by its prior",
                separating.join(", ")
            );
            flags.push(Flag::new("separated", detail));
        }
        let covariates = self.names.len() - self.present.len();
        if covariates > 0 && self.events < 10.0 * covariates as f64 {
            let detail = format!(
                "{} departures for {covariates} coefficients: fewer than ten each",
                self.events
            );
            flags.push(Flag::new("few_events", detail));
        }
        let totals = cells.band_totals();
        for (k, &band) in self.present.iter().enumerate() {
            if totals[band].1 < 5.0 {
                let detail = format!("only {} departures in {}", totals[band].1, self.names[k]);
                flags.push(Flag::new("thin_band", detail));
            }
        }
        flags
    }

    /// The same with intervals of another level.
    #[must_use]
    pub fn with_level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    /// Names of the coefficients: tenure bands, then covariates.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Coefficient, standard error and interval by name.
    pub fn find_estimate(&self, name: &str) -> Option<Estimate> {
        let i = self.names.iter().position(|n| n == name)?;
        let se = self.covariance[(i, i)].sqrt();
        Some(Estimate::wald(
            Scale::Identity,
            self.coefficients[i],
            se,
            self.level,
        ))
    }

    /// Coefficients in the order of [`HazardFit::names`], and their covariance.
    pub fn parameters(&self) -> (&DVector<f64>, &DMatrix<f64>) {
        (&self.coefficients, &self.covariance)
    }

    /// Log-likelihood at the estimates, without the prior.
    pub fn loglik(&self) -> f64 {
        self.loglik
    }

    /// True when the iteration reached the maximum.
    pub fn converged(&self) -> bool {
        self.converged
    }

    /// What to mind.
    pub fn flags(&self) -> &[Flag] {
        &self.flags
    }

    /// Replaces the covariance, e.g. by that of [`super::ClusterScores`].
    #[must_use]
    pub fn with_covariance(mut self, covariance: DMatrix<f64>) -> Self {
        if covariance.shape() == self.covariance.shape() {
            self.covariance = covariance;
        }
        self
    }

    /// Tests this model against `nested`, which drops some of its covariates.
    ///
    /// # Errors
    /// [`HazardError::NotNested`] for penalised fits, other data, or other covariates.
    pub fn likelihood_ratio(&self, nested: &Self) -> Result<LikelihoodRatio, HazardError> {
        let same = self.grid == nested.grid
            && self.link == nested.link
            && self.events == nested.events
            && (self.person_periods - nested.person_periods).abs() < 1e-6 * self.person_periods;
        let within = nested.names.iter().all(|name| self.names.contains(name));
        let more = self.names.len().saturating_sub(nested.names.len());
        if !same || !within || more == 0 || self.penalised || nested.penalised {
            return Err(HazardError::NotNested);
        }
        let chi2 = (2.0 * (self.loglik - nested.loglik)).max(0.0);
        let p = upper_tail(chi2, more);
        Ok(LikelihoodRatio { chi2, df: more, p })
    }

    /// Linear predictor of a band, by its place among the bands present.
    pub(super) fn predictor(&self, present: usize, covariates: &[f64]) -> f64 {
        let b = self.present.len();
        let linear = covariates.iter().zip(&self.coefficients.as_slice()[b..]);
        self.coefficients[present] + linear.map(|(x, beta)| x * beta).sum::<f64>()
    }

    /// Probability of still being a customer at tenure `t` when one at tenure `from`, with its
    /// interval by the delta method on the log of the cumulative hazard. `None` when the
    /// covariates do not match or a band on the way was never observed.
    pub fn survival(&self, covariates: &[f64], from: f64, t: f64) -> Option<Estimate> {
        let b = self.present.len();
        if covariates.len() != self.names.len() - b {
            return None;
        }
        let (mut hazard, mut gradient) = (0.0, DVector::zeros(self.names.len()));
        let mut known = true;
        let watched = Observation::new(from, t, false).ok()?;
        self.grid.spread(&watched, |band, periods, _| {
            let Some(k) = self.present.iter().position(|&p| p == band) else {
                known = false;
                return;
            };
            let eta = self.predictor(k, covariates);
            let slope = periods * self.link.hazard_slope(eta);
            hazard += periods * self.link.hazard(eta);
            gradient[k] += slope;
            for (i, x) in covariates.iter().enumerate() {
                gradient[b + i] += slope * x;
            }
        });
        let se = (gradient.transpose() * &self.covariance * &gradient)[(0, 0)].sqrt();
        let factor = (self.level.z() * se / hazard).exp();
        let value = (-hazard).exp();
        let (low, high) = ((-hazard * factor).exp(), (-hazard / factor).exp());
        known.then_some(Estimate {
            value,
            se: value * se,
            low,
            high,
        })
    }

    /// The hand-over form, on the scale of the linear predictor.
    ///
    /// # Errors
    /// When the covariance is no covariance, which a converged fit never has.
    pub fn hand_over(&self) -> Result<Fit, HazardError> {
        let covariance = Covariance::from_matrix(
            Scale::Identity,
            &self.names,
            &self.coefficients,
            &symmetric(&self.covariance),
        )?;
        let mut fit =
            Fit::from_covariance("hazard", self.n, self.events, covariance)?.at(self.level);
        fit.loglik = Some(self.loglik);
        fit.converged = self.converged;
        fit.input_hash.clone_from(&self.input_hash);
        fit.data.insert(
            "person_time".into(),
            self.person_periods * self.grid.period(),
        );
        fit.data
            .insert("person_periods".into(), self.person_periods);
        fit.data.insert("rows".into(), self.patterns as f64);
        for flag in &self.flags {
            fit.warn(flag.clone());
        }
        if self.penalised {
            fit.flags
                .push(Flag::new("prior", "estimates are pulled by a stated prior"));
        }
        Ok(fit)
    }
}

/// Rounding in products leaves the triangles a few units apart.
fn symmetric(matrix: &DMatrix<f64>) -> DMatrix<f64> {
    (matrix + matrix.transpose()) * 0.5
}

fn hash(cells: &Cells) -> String {
    let mut hash = InputHash::new()
        .text("hazard")
        .numbers([cells.grid().period()]);
    hash = hash.numbers(cells.grid().edges().iter().map(|&edge| f64::from(edge)));
    for name in cells.names() {
        hash = hash.text(name);
    }
    for row in 0..cells.len() {
        hash = hash.numbers(cells.covariates(row).iter().copied());
        hash = hash.numbers(
            cells
                .counts(row)
                .flat_map(|(at_risk, events)| [at_risk, events]),
        );
    }
    hash.finish()
}
