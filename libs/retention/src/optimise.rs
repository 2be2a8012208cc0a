//! Maximum likelihood over positive parameters, with the curvature that its uncertainty needs.
//!
//! The search runs on the logarithms of the parameters, where it is unconstrained and where the
//! estimates are closest to normal: Newton steps in a trust region (crate `basin`), with gradient
//! and Hessian by automatic differentiation (crate `num-dual`), from several starts. The
//! covariance is the inverse of the observed information at the best point.

mod delta;

use std::cell::RefCell;
use std::convert::Infallible;

use basin::core::math::DenseMatrix;
use basin::{CostFunction, Executor, FirstOrderState, Gradient, Hessian, TrustRegion};
use nalgebra::{SMatrix, SVector};
use num_dual::{DualNum, hessian};

use crate::fit::{Covariance, Fit, FitError, Flag, Scale, Z95};
pub use crate::number::Number;
pub use delta::{Range, derive, derive_jointly};

/// Logarithms of parameters beyond this count as "no maximum": `e²⁴ ≈ 3·10¹⁰`.
const LOG_BOUND: f64 = 24.0;
/// Log-likelihood that a converged fit may at most leave on the table (half Newton decrement).
const REMAINING_LIKELIHOOD: f64 = 1e-8;
/// Gradient of the likelihood per observation at which the search hands over to plain Newton steps.
const SEARCH_TOLERANCE: f64 = 1e-7;
/// Newton steps at the end, each of which doubles the digits.
const POLISHING_STEPS: usize = 3;
/// A standard error of this size on the log scale spans seven-fold either way at 95%.
const WEAK_LOG_SE: f64 = 1.0;

/// A log-likelihood of `N` positive parameters.
pub trait Likelihood<const N: usize> {
    /// Parameter names, in the order of the arrays.
    const NAMES: [&'static str; N];

    /// The log-likelihood at `parameters` on their natural scale.
    fn ln_likelihood<D: Number>(&self, parameters: [D; N]) -> D;

    /// What the data say when the fit runs to `parameters` at an edge of the model, in a sentence.
    fn edge(_parameters: [f64; N]) -> Option<&'static str> {
        None
    }
}

/// A shape beyond this means customers whose own parameters differ by less than a tenth: the
/// coefficient of variation of a gamma is `1/√shape`.
pub(crate) const ALIKE: f64 = 100.0;
/// A share below this counts as none where the fit runs to an edge.
pub(crate) const NONE: f64 = 1e-3;
/// Intervals that span more than this factor are not counted out.
const BEYOND_MEASURE: f64 = 1e6;

/// Why a likelihood could not be maximised.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum OptimiseError {
    /// The likelihood is not finite at any start.
    #[error("the log-likelihood is not finite at any starting value: check the units of the data")]
    NoStart,
    /// The likelihood rises towards an edge of the model, which says something about the customers.
    #[error("the model has no estimate: {0}")]
    AtEdge(&'static str),
    /// The likelihood rises towards the edge of the parameter space or is flat.
    #[error(
        "the likelihood has no maximum: {parameter} ran to {value:.1e}, so the data do not tell this model's \
         parameters apart; use a simpler model"
    )]
    NoMaximum {
        /// The parameter furthest from 1 on the log scale.
        parameter: &'static str,
        /// Where the search left it.
        value: f64,
    },
}

/// The best point found, with its curvature.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Optimum<const N: usize> {
    /// Estimates on the natural scale.
    pub parameters: [f64; N],
    /// Log-likelihood at the estimates.
    pub ln_likelihood: f64,
    /// Covariance of the logarithms of the parameters: inverse observed information.
    pub covariance: SMatrix<f64, N, N>,
    /// Gradient that remains, with respect to the logarithms.
    pub gradient: [f64; N],
    /// Whether what remains to be gained is below 1e-8 of log-likelihood.
    pub converged: bool,
    /// What the data say when this is at an edge of the model.
    edge: Option<&'static str>,
}

/// Maximises `likelihood` from each of `starts` (natural scale) and keeps the best.
///
/// `weight` is the number of observations: the search scales the likelihood by it, so that one
/// tolerance serves ten customers and ten million.
///
/// # Errors
/// [`OptimiseError::NoStart`], [`OptimiseError::AtEdge`] or [`OptimiseError::NoMaximum`]. A search that stopped early at a
/// proper maximum's slope is not an error: see [`Optimum::converged`].
pub fn maximise<const N: usize, L: Likelihood<N>>(
    likelihood: &L,
    weight: f64,
    starts: &[[f64; N]],
) -> Result<Optimum<N>, OptimiseError> {
    let best = starts
        .iter()
        .map(|start| climb(likelihood, weight, start))
        .filter(|(cost, _)| cost.is_finite())
        .min_by(|(a, _), (b, _)| a.total_cmp(b));
    let (_, logs) = best.ok_or(OptimiseError::NoStart)?;
    let mut found = at(likelihood, SVector::from_column_slice(&logs))?;
    // The search ends where rounding of the likelihood hides its progress; its exact derivatives
    // still tell the last digits.
    for _ in 0..POLISHING_STEPS {
        let logs = SVector::from(found.parameters).map(f64::ln);
        match at(
            likelihood,
            logs + found.covariance * SVector::from(found.gradient),
        ) {
            Ok(next) if next.remaining() < found.remaining() => found = next,
            _ => break,
        }
    }
    found.converged = found.remaining() < REMAINING_LIKELIHOOD;
    Ok(found)
}

/// Runs one search; returns the scaled negative log-likelihood and where it was reached.
fn climb<const N: usize, L: Likelihood<N>>(
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

/// Judges a point where a search ended.
fn at<const N: usize, L: Likelihood<N>>(
    likelihood: &L,
    point: SVector<f64, N>,
) -> Result<Optimum<N>, OptimiseError> {
    let (ln_likelihood, slope, curvature) = hessian(|x| exponentiated(likelihood, &x), &point);
    let inside = point.iter().all(|x| x.abs() < LOG_BOUND - 1.0);
    let Some(information) = inside.then(|| (-curvature).cholesky()).flatten() else {
        return Err(no_maximum::<N, L>(&point));
    };
    let covariance = information.inverse();
    Ok(Optimum {
        parameters: point.map(f64::exp).into(),
        ln_likelihood,
        covariance: (covariance + covariance.transpose()) * 0.5,
        gradient: slope.into(),
        converged: false,
        edge: L::edge(point.map(f64::exp).into()),
    })
}

fn no_maximum<const N: usize, L: Likelihood<N>>(logs: &SVector<f64, N>) -> OptimiseError {
    if let Some(finding) = L::edge(logs.map(f64::exp).into()) {
        return OptimiseError::AtEdge(finding);
    }
    let furthest = (0..N).max_by(|&i, &j| logs[i].abs().total_cmp(&logs[j].abs()));
    let index = furthest.unwrap_or(0);
    OptimiseError::NoMaximum {
        parameter: L::NAMES[index],
        value: logs[index].exp(),
    }
}

fn exponentiated<const N: usize, D: Number, L: Likelihood<N>>(
    likelihood: &L,
    logs: &SVector<D, N>,
) -> D {
    likelihood.ln_likelihood(std::array::from_fn(|i| logs[i].exp()))
}

impl<const N: usize> Optimum<N> {
    /// Log-likelihood still to be gained by the quadratic around this point.
    fn remaining(&self) -> f64 {
        let slope = SVector::from(self.gradient);
        0.5 * slope.dot(&(self.covariance * slope))
    }

    /// Flags for a search that stopped early and for weak parameters; at an edge of the model, where
    /// both are bound to be, for what the edge says.
    fn flags(&self, names: [&'static str; N]) -> Vec<Flag> {
        let se = |index: usize| self.covariance[(index, index)].sqrt();
        let weak: Vec<usize> = (0..N).filter(|&index| se(index) > WEAK_LOG_SE).collect();
        if let Some(finding) = self.edge.filter(|_| !weak.is_empty()) {
            let names: Vec<&str> = weak.iter().map(|&index| names[index]).collect();
            let detail = format!(
                "{finding}; the estimates of {} lie at the edge of the model and mean nothing by themselves",
                names.join(", ")
            );
            return vec![Flag::new("at_the_edge", detail)];
        }
        let mut flags = Vec::new();
        if !self.converged {
            let detail = format!(
                "the search stopped early: about {:.1e} of log-likelihood is still to be gained",
                self.remaining()
            );
            flags.push(Flag::new("not_converged", detail));
        }
        flags.extend(weak.into_iter().map(|index| {
            let factor = (2.0 * Z95 * se(index)).exp();
            let span = if factor < BEYOND_MEASURE {
                format!("a factor of {factor:.0}")
            } else {
                "more than a millionfold".to_owned()
            };
            let detail = format!(
                "{} is hardly determined: its 95% interval spans {span}",
                names[index]
            );
            Flag::new("weakly_identified", detail)
        }));
        flags
    }

    /// The hand-over form with its flags.
    ///
    /// # Errors
    /// When the covariance is not finite, see [`FitError`].
    pub fn into_fit(
        self,
        model: &str,
        names: [&'static str; N],
        n: f64,
        events: f64,
    ) -> Result<Fit, FitError> {
        let mean = self.parameters.iter().map(DualNum::ln).collect();
        let matrix = self
            .covariance
            .row_iter()
            .map(|row| row.iter().copied().collect())
            .collect();
        let covariance = Covariance::new(Scale::Log, &names, mean, matrix)?;
        let mut fit = Fit::from_covariance(model, n, events, covariance)?;
        fit.loglik = Some(self.ln_likelihood);
        fit.converged = self.converged;
        let flags = self.flags(names);
        flags.into_iter().for_each(|flag| fit.warn(flag));
        Ok(fit)
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Independent Poisson counts with means λ and μ: everything is known in closed form.
    struct Poisson;

    impl Likelihood<2> for Poisson {
        const NAMES: [&'static str; 2] = ["lambda", "mu"];

        fn ln_likelihood<D: Number>(&self, [lambda, mu]: [D; 2]) -> D {
            lambda.ln() * 40.0 - lambda * 10.0 + mu.ln() * 9.0 - mu * 100.0
        }
    }

    #[test]
    fn finds_a_known_maximum_and_its_information() {
        let starts = [[1.0, 1.0], [50.0, 1e-3]];
        let best = maximise(&Poisson, 110.0, &starts).unwrap();
        assert!((best.parameters[0] - 4.0).abs() < 1e-9);
        assert!((best.parameters[1] - 0.09).abs() < 1e-10);
        // The observed information of ln λ is the count.
        assert!((best.covariance[(0, 0)] - 1.0 / 40.0).abs() < 1e-10);
        assert!((best.covariance[(1, 1)] - 1.0 / 9.0).abs() < 1e-10);
        assert!(best.converged);
    }

    /// Rises for ever in both parameters.
    struct Ridge;

    impl Likelihood<2> for Ridge {
        const NAMES: [&'static str; 2] = ["alpha", "beta"];

        fn ln_likelihood<D: Number>(&self, [alpha, beta]: [D; 2]) -> D {
            -(alpha + beta).recip()
        }
    }

    #[test]
    fn an_endless_ridge_is_no_maximum() {
        let error = maximise(&Ridge, 1.0, &[[1.0, 1.0]]).unwrap_err();
        assert!(matches!(error, OptimiseError::NoMaximum { .. }), "{error}");
        assert!(error.to_string().len() < 160, "{error}");
    }

    #[test]
    fn an_interval_beyond_measure_is_said_in_words() {
        let best = maximise(&Poisson, 110.0, &[[1.0, 1.0]]).unwrap();
        let told = |variance: f64| {
            let mut weak = best;
            weak.covariance[(0, 0)] = variance;
            weak.flags(["lambda", "mu"])[0].detail.clone()
        };
        assert!(
            told(2.0).ends_with("spans a factor of 256"),
            "{}",
            told(2.0)
        );
        assert!(
            told(1e9).ends_with("more than a millionfold"),
            "{}",
            told(1e9)
        );
    }

    struct Nowhere;

    impl Likelihood<1> for Nowhere {
        const NAMES: [&'static str; 1] = ["alpha"];

        fn ln_likelihood<D: Number>(&self, [alpha]: [D; 1]) -> D {
            alpha * f64::NAN
        }
    }

    #[test]
    fn a_likelihood_that_is_never_finite_has_no_start() {
        let error = maximise(&Nowhere, 1.0, &[[1.0], [2.0]]).unwrap_err();
        assert_eq!(error, OptimiseError::NoStart);
    }
}
