use nalgebra::{DMatrix, DVector};

use super::{Cells, HazardError, Link, Prior};
use crate::ascent::{Ascent, Evaluated, ascend};

/// The penalised likelihood on standardised covariates: parameters are bands, then covariates.
pub(super) struct Problem<'a> {
    pub cells: &'a Cells,
    pub link: Link,
    /// Mean and standard deviation of each covariate.
    pub moments: &'a [(f64, f64)],
    /// Bands with time at risk.
    pub present: &'a [usize],
    /// One per parameter.
    pub priors: &'a [Prior],
}

/// Objective and derivatives at one point.
pub(super) struct Evaluation {
    pub loglik: f64,
    pub penalised: f64,
    pub gradient: DVector<f64>,
    pub information: DMatrix<f64>,
}

const ITERATIONS: usize = 100;

impl Evaluated for Evaluation {
    fn objective(&self) -> f64 {
        self.penalised
    }

    fn gradient(&self) -> &DVector<f64> {
        &self.gradient
    }

    fn information(&self) -> &DMatrix<f64> {
        &self.information
    }
}

impl Problem<'_> {
    /// Fisher scoring with step halving.
    pub fn solve(&self) -> Result<Ascent<Evaluation>, HazardError> {
        ascend(
            self.start(),
            ITERATIONS,
            |parameters| self.evaluate(parameters),
            |_, _| HazardError::Singular,
        )
    }

    /// Baselines at their crude rates (kept off 0 and 1), coefficients at 0.
    fn start(&self) -> DVector<f64> {
        let totals = self.cells.band_totals();
        let mut parameters = DVector::zeros(self.priors.len());
        for (k, &band) in self.present.iter().enumerate() {
            let (at_risk, events) = totals[band];
            parameters[k] = self.link.predictor((events + 0.5) / (at_risk + 1.0));
        }
        parameters
    }

    pub fn evaluate(&self, parameters: &DVector<f64>) -> Evaluation {
        let b = self.present.len();
        let size = parameters.len();
        let p = size - b;
        let mut loglik = 0.0;
        let mut gradient = DVector::zeros(size);
        let mut information = DMatrix::zeros(size, size);
        let mut x = vec![0.0; p];
        for row in 0..self.cells.len() {
            self.standardise(row, &mut x);
            let linear: f64 = (0..p).map(|i| x[i] * parameters[b + i]).sum();
            let (mut score, mut weight, mut next) = (0.0, 0.0, 0);
            for (band, (at_risk, events)) in self.cells.counts(row).enumerate() {
                if self.present.get(next) != Some(&band) {
                    continue;
                }
                let k = next;
                next += 1;
                if at_risk <= 0.0 {
                    continue;
                }
                let c = self
                    .link
                    .contribution(parameters[k] + linear, at_risk, events);
                loglik += c.loglik;
                gradient[k] += c.score;
                information[(k, k)] += c.information;
                score += c.score;
                weight += c.information;
                // Column by column, the lower triangle of the symmetric matrix.
                for i in 0..p {
                    information[(b + i, k)] += c.information * x[i];
                }
            }
            for i in 0..p {
                gradient[b + i] += score * x[i];
                for j in i..p {
                    information[(b + j, b + i)] += weight * x[i] * x[j];
                }
            }
        }
        information.fill_upper_triangle_with_lower_triangle();
        let mut penalised = loglik;
        for (i, prior) in self.priors.iter().enumerate() {
            let (slope, precision) = prior.derivatives(parameters[i]);
            penalised += prior.log_density(parameters[i]);
            gradient[i] += slope;
            information[(i, i)] += precision;
        }
        Evaluation {
            loglik,
            penalised,
            gradient,
            information,
        }
    }

    fn standardise(&self, row: usize, x: &mut [f64]) {
        let values = self.cells.covariates(row).iter().zip(self.moments);
        for (z, (value, (mean, sd))) in x.iter_mut().zip(values) {
            *z = (value - mean) / sd;
        }
    }
}
