//! Newton's method with step halving, for likelihoods that give their own information.

use nalgebra::{DMatrix, DVector};

use crate::linear::factorise;

/// Steps are halved this often before none is found that rises.
const HALVINGS: u32 = 30;

/// An objective with its derivatives at one point.
pub(crate) trait Evaluated {
    /// What is maximised.
    fn objective(&self) -> f64;
    /// Its gradient.
    fn gradient(&self) -> &DVector<f64>;
    /// Its negative Hessian, or that expected.
    fn information(&self) -> &DMatrix<f64>;
}

/// Where the iteration ended.
pub(crate) struct Ascent<E> {
    pub parameters: DVector<f64>,
    pub at: E,
    /// The objective where the iteration began.
    pub at_start: f64,
    pub covariance: DMatrix<f64>,
    pub iterations: usize,
    pub converged: bool,
}

/// Steps until the expected gain `g'I⁻¹g` of a further one is below 1e-16 of the objective, at most
/// `most` times.
///
/// # Errors
/// What `stuck` says of a point at which the information has no inverse.
pub(crate) fn ascend<E: Evaluated, X>(
    start: DVector<f64>,
    most: usize,
    evaluate: impl Fn(&DVector<f64>) -> E,
    stuck: impl Fn(&DVector<f64>, &E) -> X,
) -> Result<Ascent<E>, X> {
    let mut parameters = start;
    let mut at = evaluate(&parameters);
    let at_start = at.objective();
    let (mut converged, mut iterations) = (false, 0);
    while iterations < most && !converged {
        iterations += 1;
        let factor = factorise(at.information()).ok_or_else(|| stuck(&parameters, &at))?;
        let step = factor.solve(at.gradient());
        let gain = step.dot(at.gradient());
        converged = gain <= 1e-16 * (1.0 + at.objective().abs());
        let Some((next, there)) = halve(&evaluate, &parameters, &step, at.objective()) else {
            break;
        };
        parameters = next;
        at = there;
    }
    let factor = factorise(at.information()).ok_or_else(|| stuck(&parameters, &at))?;
    // A step that cannot rise any more ends at the maximum of what f64 resolves.
    let gain = factor.solve(at.gradient()).dot(at.gradient());
    let converged = converged || gain <= 1e-9 * (1.0 + at.objective().abs());
    Ok(Ascent {
        parameters,
        at,
        at_start,
        covariance: factor.inverse(),
        iterations,
        converged,
    })
}

/// The longest of the steps 1, ½, ¼, … that does not lower the objective.
fn halve<E: Evaluated>(
    evaluate: &impl Fn(&DVector<f64>) -> E,
    from: &DVector<f64>,
    step: &DVector<f64>,
    floor: f64,
) -> Option<(DVector<f64>, E)> {
    let mut length = 1.0;
    for _ in 0..HALVINGS {
        let next = from + step * length;
        let there = evaluate(&next);
        if there.objective() >= floor - 1e-12 * (1.0 + floor.abs()) {
            return Some((next, there));
        }
        length *= 0.5;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `−(eˣ − 3x)`, whose full steps from far below overshoot.
    struct Bowl {
        value: f64,
        gradient: DVector<f64>,
        information: DMatrix<f64>,
    }

    impl Evaluated for Bowl {
        fn objective(&self) -> f64 {
            self.value
        }

        fn gradient(&self) -> &DVector<f64> {
            &self.gradient
        }

        fn information(&self) -> &DMatrix<f64> {
            &self.information
        }
    }

    fn bowl(x: &DVector<f64>) -> Bowl {
        let exp = x[0].exp();
        Bowl {
            value: 3.0 * x[0] - exp,
            gradient: DVector::from_element(1, 3.0 - exp),
            information: DMatrix::from_element(1, 1, exp),
        }
    }

    #[test]
    fn halved_steps_reach_the_maximum() {
        let found = ascend(DVector::from_element(1, -3.0), 100, bowl, |_, _| ()).unwrap();
        assert!(found.converged && found.iterations < 50);
        assert!((found.parameters[0] - 3.0_f64.ln()).abs() < 1e-9);
        assert!((found.covariance[(0, 0)] - 1.0 / 3.0).abs() < 1e-9);
    }

    #[test]
    fn a_point_without_an_inverse_is_told() {
        let flat = |x: &DVector<f64>| Bowl {
            information: DMatrix::zeros(1, 1),
            ..bowl(x)
        };
        let found = ascend(DVector::zeros(1), 100, flat, |x, _| x[0]);
        assert_eq!(found.err(), Some(0.0));
    }
}
