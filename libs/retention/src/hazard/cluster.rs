use nalgebra::{DMatrix, DVector};

use super::HazardFit;
use crate::survival::Observation;

/// Robust covariance for customers whose periods are not independent of each other.
///
/// A second pass over the histories that were put into the cells: the sandwich `V·(Σ s s')·V`
/// with one score `s` per customer (Liang & Zeger 1986) and the factor `G/(G − 1)` for `G`
/// customers. Stretches of one customer must follow each other; nothing but the current
/// customer's score is kept.
#[derive(Debug)]
pub struct ClusterScores<'a> {
    fit: &'a HazardFit,
    current: Option<(u64, f64)>,
    score: DVector<f64>,
    meat: DMatrix<f64>,
    customers: f64,
}

impl<'a> ClusterScores<'a> {
    /// Scores at the estimates of a fit.
    pub fn new(fit: &'a HazardFit) -> Self {
        let size = fit.coefficients.len();
        let (score, meat) = (DVector::zeros(size), DMatrix::zeros(size, size));
        Self {
            fit,
            current: None,
            score,
            meat,
            customers: 0.0,
        }
    }

    /// Adds a stretch of a customer's time. A weight means that many customers alike.
    pub fn push(&mut self, customer: u64, observation: &Observation, covariates: &[f64]) {
        if self.current.is_none_or(|(before, _)| before != customer) {
            self.close();
        }
        self.current = Some((customer, observation.weight()));
        let fit = self.fit;
        let b = fit.present.len();
        let score = &mut self.score;
        fit.grid.spread(observation, |band, at_risk, events| {
            let Some(k) = fit.present.iter().position(|&p| p == band) else {
                return;
            };
            let eta = fit.predictor(k, covariates);
            let slope = fit.link.contribution(eta, at_risk, events).score;
            score[k] += slope;
            for (i, x) in covariates.iter().enumerate() {
                score[b + i] += slope * x;
            }
        });
    }

    fn close(&mut self) {
        if let Some((_, weight)) = self.current.take() {
            self.meat.ger(weight, &self.score, &self.score, 1.0);
            self.customers += weight;
            self.score.fill(0.0);
        }
    }

    /// The robust covariance; `None` with fewer than two customers.
    pub fn covariance(mut self) -> Option<DMatrix<f64>> {
        self.close();
        let factor = self.customers / (self.customers - 1.0);
        let bread = &self.fit.covariance;
        (self.customers > 1.0).then(|| bread * &self.meat * bread * factor)
    }
}
