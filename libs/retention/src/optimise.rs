//! Maximum likelihood over positive parameters, with the curvature that its uncertainty needs.
//!
//! The search runs on the logarithms of the parameters, where it is unconstrained and where the
//! estimates are closest to normal: Newton steps in a trust region (crate `basin`), with gradient
//! and Hessian by automatic differentiation (crate `num-dual`), from several starts. The
//! covariance is the inverse of the observed information at the best point.

mod delta;
mod optimum;
mod search;

use nalgebra::SVector;

pub use crate::number::Number;
pub use delta::{Range, derive, derive_jointly};
pub use optimum::Optimum;

/// Logarithms of parameters beyond this count as "no maximum": `e²⁴ ≈ 3·10¹⁰`.
const LOG_BOUND: f64 = 24.0;
/// Log-likelihood that a converged fit may at most leave on the table (half Newton decrement).
const REMAINING_LIKELIHOOD: f64 = 1e-8;
/// Newton steps at the end, each of which doubles the digits.
const POLISHING_STEPS: usize = 3;

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
        .map(|start| search::climb(likelihood, weight, start))
        .filter(|(cost, _)| cost.is_finite())
        .min_by(|(a, _), (b, _)| a.total_cmp(b));
    let (_, logs) = best.ok_or(OptimiseError::NoStart)?;
    let mut found = Optimum::at(likelihood, SVector::from_column_slice(&logs))?;
    // The search ends where rounding of the likelihood hides its progress; its exact derivatives
    // still tell the last digits.
    for _ in 0..POLISHING_STEPS {
        let logs = SVector::from(found.parameters).map(f64::ln);
        match Optimum::at(
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

/// The log-likelihood at logarithms of the parameters.
fn exponentiated<const N: usize, D: Number, L: Likelihood<N>>(
    likelihood: &L,
    logs: &SVector<D, N>,
) -> D {
    likelihood.ln_likelihood(std::array::from_fn(|i| logs[i].exp()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Independent Poisson counts with means λ and μ: everything is known in closed form.
    pub(super) struct Poisson;

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
