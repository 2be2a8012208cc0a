//! One search: Newton steps in a trust region on the logarithms of the parameters.

use std::cell::RefCell;
use std::convert::Infallible;

use basin::core::math::DenseMatrix;
use basin::{CostFunction, Executor, FirstOrderState, Gradient, Hessian, TrustRegion};
use nalgebra::{SMatrix, SVector};
use num_dual::{DualNum, hessian};

use super::{LOG_BOUND, Likelihood, exponentiated};

/// Gradient of the likelihood per observation at which the search hands over to plain Newton steps.
const SEARCH_TOLERANCE: f64 = 1e-7;

/// Runs one search; returns the scaled negative log-likelihood and where it was reached.
pub(super) fn climb<const N: usize, L: Likelihood<N>>(
    likelihood: &L,
    weight: f64,
    start: &[f64; N],
) -> (f64, Vec<f64>) {
    let problem = Problem {
        likelihood,
        weight,
        last: RefCell::default(),
    };
    let logs = start.iter().map(DualNum::ln).collect();
    let solver = TrustRegion::new().with_absolute_gradient_tolerance(SEARCH_TOLERANCE);
    let Ok(result) = Executor::new(problem, solver, FirstOrderState::new(logs))
        .max_iter(200)
        .run();
    (result.cost(), result.param().clone())
}

/// The scaled negative log-likelihood as the optimiser's crate wants it.
struct Problem<'a, const N: usize, L> {
    likelihood: &'a L,
    weight: f64,
    /// Where gradient and Hessian were last asked for: the search asks for them one by one, but
    /// one pass over the data gives both.
    last: RefCell<Option<Derivatives<N>>>,
}

struct Derivatives<const N: usize> {
    logs: SVector<f64, N>,
    slope: SVector<f64, N>,
    curvature: SMatrix<f64, N, N>,
}

impl<const N: usize, L: Likelihood<N>> Problem<'_, N, L> {
    fn with_derivatives<T>(&self, logs: &[f64], read: impl Fn(&Derivatives<N>) -> T) -> T {
        let logs = SVector::<f64, N>::from_column_slice(logs);
        let mut last = self.last.borrow_mut();
        match &*last {
            Some(known) if known.logs == logs => read(known),
            _ => {
                let (_, slope, curvature) = hessian(|x| exponentiated(self.likelihood, &x), &logs);
                read(last.insert(Derivatives {
                    logs,
                    slope,
                    curvature,
                }))
            }
        }
    }
}

impl<const N: usize, L: Likelihood<N>> CostFunction for Problem<'_, N, L> {
    type Param = Vec<f64>;
    type Output = f64;
    type Error = Infallible;

    /// Infinite outside the bounds, which the trust region takes as "step back".
    fn cost(&self, logs: &Vec<f64>) -> Result<f64, Infallible> {
        if logs.iter().any(|x| x.abs() > LOG_BOUND) {
            return Ok(f64::INFINITY);
        }
        let value = exponentiated(self.likelihood, &SVector::<f64, N>::from_column_slice(logs));
        Ok(-value / self.weight)
    }
}

impl<const N: usize, L: Likelihood<N>> Gradient for Problem<'_, N, L> {
    type Gradient = Vec<f64>;

    fn gradient(&self, logs: &Vec<f64>) -> Result<Vec<f64>, Infallible> {
        Ok(self.with_derivatives(logs, |d| d.slope.iter().map(|g| -g / self.weight).collect()))
    }
}

impl<const N: usize, L: Likelihood<N>> Hessian for Problem<'_, N, L> {
    type Hessian = DenseMatrix<f64>;

    fn hessian(&self, logs: &Vec<f64>) -> Result<DenseMatrix<f64>, Infallible> {
        Ok(self.with_derivatives(logs, |d| {
            DenseMatrix::from_fn(N, N, |i, j| -d.curvature[(i, j)] / self.weight)
        }))
    }
}
