//! What estimates of a calendar vary by: months that are shaken, and customers who are what they are.

use nalgebra::{DMatrix, DVector};
use statrs::distribution::{ContinuousCDF, FisherSnedecor, StudentsT};

use super::record::HARMONICS;
use crate::fit::Estimate;

/// Probability below and above an interval together.
const OUTSIDE: f64 = 0.05;

/// Covariance by what estimates without each part come to, and its degrees of freedom.
pub(super) fn jackknife(without: &[DVector<f64>]) -> Scatter {
    let parts = without.len() as f64;
    let mut mean = DVector::zeros(without.first().map_or(0, DVector::len));
    for estimate in without {
        mean.axpy(1.0 / parts, estimate, 1.0);
    }
    let mut covariance = DMatrix::zeros(mean.len(), mean.len());
    for estimate in without {
        let off = estimate - &mean;
        covariance.ger((parts - 1.0) / parts, &off, &off, 1.0);
    }
    Scatter {
        covariance,
        freedom: (parts - 1.0).max(1.0),
    }
}

/// A covariance of coefficients, and its degrees of freedom.
pub(super) struct Scatter {
    pub(super) covariance: DMatrix<f64>,
    pub(super) freedom: f64,
}

impl Scatter {
    fn variance(&self, weights: &DVector<f64>) -> f64 {
        (weights.transpose() * &self.covariance * weights)[0]
    }
}

/// What customers vary by.
pub(super) struct Customers {
    pub(super) of_estimates: Scatter,
    /// Variance of what is counted of each month beyond what is expected, of all parts but one.
    pub(super) of_months: DVector<f64>,
}

/// The two things that estimates vary by.
pub(super) struct Scatters<'a> {
    pub(super) by_months: Scatter,
    pub(super) by_customers: Option<&'a Scatter>,
}

impl Scatters<'_> {
    fn parts(&self) -> impl Iterator<Item = &Scatter> {
        [&self.by_months].into_iter().chain(self.by_customers)
    }

    pub(super) fn estimate(&self, value: f64, weights: &DVector<f64>) -> Estimate {
        let variance: f64 = self.parts().map(|it| it.variance(weights)).sum();
        estimate(value, variance.sqrt(), self.freedom(weights))
    }

    /// Satterthwaite's degrees of freedom of a sum of variances (Biometrics 2, 1946).
    pub(super) fn freedom(&self, weights: &DVector<f64>) -> f64 {
        let (mut sum, mut squares) = (0.0, 0.0);
        for part in self.parts() {
            let variance = part.variance(weights);
            sum += variance;
            squares += variance * variance / part.freedom;
        }
        if squares > 0.0 {
            sum * sum / squares
        } else {
            self.by_months.freedom
        }
    }

    fn covariance(&self) -> DMatrix<f64> {
        let mut sum = self.by_months.covariance.clone();
        self.by_customers
            .iter()
            .for_each(|it| sum += &it.covariance);
        sum
    }
}

/// Wald's test that all harmonics are 0, as an F.
pub(super) fn seasonless(parameters: &DVector<f64>, scatters: &Scatters<'_>) -> f64 {
    let columns = 2 * HARMONICS;
    let coefficients = parameters.rows(1, columns).into_owned();
    let covariance = scatters.covariance();
    let block = covariance.view((1, 1), (columns, columns)).into_owned();
    let Some(factor) = block.cholesky() else {
        return 1.0;
    };
    let f = coefficients.dot(&factor.solve(&coefficients)) / columns as f64;
    let mut any = DVector::zeros(parameters.len());
    any[1] = 1.0;
    let freedom = scatters.freedom(&any);
    FisherSnedecor::new(columns as f64, freedom).map_or(1.0, |law| law.sf(f))
}

fn estimate(value: f64, se: f64, freedom: f64) -> Estimate {
    let reach = StudentsT::new(0.0, 1.0, freedom)
        .map_or(f64::INFINITY, |law| law.inverse_cdf(1.0 - OUTSIDE / 2.0));
    Estimate {
        value,
        se,
        low: value - reach * se,
        high: value + reach * se,
    }
}
