use nalgebra::{DMatrix, DVector};

use super::CoxError;
use super::sweep::{Departure, Stratum, sweep};
use crate::ascent::{Ascent, Evaluated, ascend};
use crate::covariate::{CovariateError, find_collinear};

/// Partial log-likelihood and its derivatives.
pub(super) struct Evaluation {
    pub loglik: f64,
    pub gradient: DVector<f64>,
    pub information: DMatrix<f64>,
}

const ITERATIONS: usize = 50;

/// Newton's method with step halving from 0.
pub(super) fn solve(strata: &[Stratum], names: &[String]) -> Result<Ascent<Evaluation>, CoxError> {
    ascend(
        DVector::zeros(names.len()),
        ITERATIONS,
        |beta| evaluate(strata, beta),
        |beta, at| stuck(names, beta, at),
    )
}

impl Evaluated for Evaluation {
    fn objective(&self) -> f64 {
        self.loglik
    }

    fn gradient(&self) -> &DVector<f64> {
        &self.gradient
    }

    fn information(&self) -> &DMatrix<f64> {
        &self.information
    }
}

/// A coefficient per standard deviation beyond this is on its way to infinity.
pub(super) const ENDLESS: f64 = 8.0;

/// Why the information matrix has no inverse: a coefficient ran away and left none, or there was none.
fn stuck(names: &[String], beta: &DVector<f64>, at: &Evaluation) -> CoxError {
    let endless = names
        .iter()
        .zip(beta.iter())
        .filter(|(_, beta)| beta.abs() > ENDLESS);
    let endless: Vec<String> = endless.map(|(name, _)| name.clone()).collect();
    if !endless.is_empty() {
        return CoxError::Separated { names: endless };
    }
    match find_collinear(names, &at.information) {
        Some(CovariateError::Collinear { name, .. }) => {
            CoxError::Unidentified { names: vec![name] }
        }
        _ => CoxError::Unidentified {
            names: names.to_vec(),
        },
    }
}

pub(super) fn evaluate(strata: &[Stratum], beta: &DVector<f64>) -> Evaluation {
    let mut sum = Evaluation::zeros(beta.len());
    for stratum in strata {
        let predictors = stratum.predictors(beta);
        sweep(stratum, &predictors, true, |departure| {
            sum.add(stratum, &predictors, departure);
        });
    }
    sum.information.fill_lower_triangle_with_upper_triangle();
    sum
}

impl Evaluation {
    pub fn zeros(p: usize) -> Self {
        Self {
            loglik: 0.0,
            gradient: DVector::zeros(p),
            information: DMatrix::zeros(p, p),
        }
    }

    /// Adds what the departures of one time say; of the information the upper triangle only.
    pub fn add(&mut self, stratum: &Stratum, predictors: &[f64], departure: &Departure<'_>) {
        for &row in departure.rows {
            let weight = stratum.observations[row].weight();
            self.loglik += weight * predictors[row];
            for (slope, x) in self.gradient.iter_mut().zip(stratum.row(row)) {
                *slope += weight * x;
            }
        }
        self.subtract(departure);
    }

    /// Takes off the denominators of one tie. The sums over its members need only five scalars:
    /// with `f` the share and `D` the denominator, `Σ1/D, Σf/D, Σ1/D², Σf/D², Σf²/D²`.
    fn subtract(&mut self, departure: &Departure<'_>) {
        let (mut a0, mut a1, mut b0, mut b1, mut b2) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for (share, denominator) in departure.denominators() {
            self.loglik -= departure.mean_weight * denominator.ln();
            let inverse = 1.0 / denominator;
            a0 += inverse;
            a1 += share * inverse;
            b0 += inverse * inverse;
            b1 += share * inverse * inverse;
            b2 += share * share * inverse * inverse;
        }
        let (risk, left, w) = (departure.risk, departure.left, departure.mean_weight);
        let mut packed = risk.two.iter().zip(&left.two);
        for i in 0..risk.one.len() {
            let (r, l) = (risk.one[i], left.one[i]);
            self.gradient[i] -= w * (a0 * r - a1 * l);
            let (cross_r, cross_l) = (b0 * r - b1 * l, b2 * l - b1 * r);
            for (j, (two_r, two_l)) in (i..risk.one.len()).zip(packed.by_ref()) {
                self.information[(i, j)] +=
                    w * (a0 * two_r - a1 * two_l - cross_r * risk.one[j] - cross_l * left.one[j]);
            }
        }
    }
}
