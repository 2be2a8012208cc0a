//! Likelihoods of counts by tenure.

use super::Counts;
use crate::contractual::BetaWeibull;
use crate::number::Number;
use crate::optimise::{ALIKE, Likelihood, NONE};

/// `Σ d·ln h(a) − E·h(a)`.
fn ln_likelihood<D: Number>(counts: &Counts, hazard: impl Fn(f64) -> D) -> D {
    let mut total = D::from(0.0);
    for (month, exposure, left) in counts.cells() {
        let hazard = hazard(f64::from(month));
        total -= hazard * exposure;
        if left > 0.0 {
            total += hazard.ln() * left;
        }
    }
    total
}

fn of_mixture<D: Number>(counts: &Counts, model: &BetaWeibull<D>) -> D {
    ln_likelihood(counts, |month| {
        model.ln_survival(month) - model.ln_survival(month + 1.0)
    })
}

fn edge(alpha: f64, beta: f64) -> Option<&'static str> {
    if alpha > ALIKE {
        return Some(
            "customers do not differ in how likely they leave: the share that leaves tells as much",
        );
    }
    (alpha / (alpha + beta) < NONE * NONE).then_some("nobody leaves")
}

/// sBG.
pub(super) struct Sbg<'a>(pub(super) &'a Counts);

impl Likelihood<2> for Sbg<'_> {
    const NAMES: [&'static str; 2] = ["alpha", "beta"];

    fn ln_likelihood<D: Number>(&self, [alpha, beta]: [D; 2]) -> D {
        let c = D::from(1.0);
        of_mixture(self.0, &BetaWeibull { alpha, beta, c })
    }

    fn edge([alpha, beta]: [f64; 2]) -> Option<&'static str> {
        edge(alpha, beta)
    }
}

/// BdW.
pub(super) struct Bdw<'a>(pub(super) &'a Counts);

impl Likelihood<3> for Bdw<'_> {
    const NAMES: [&'static str; 3] = ["alpha", "beta", "c"];

    fn ln_likelihood<D: Number>(&self, [alpha, beta, c]: [D; 3]) -> D {
        of_mixture(self.0, &BetaWeibull { alpha, beta, c })
    }

    fn edge([alpha, beta, _]: [f64; 3]) -> Option<&'static str> {
        edge(alpha, beta)
    }
}

/// Weibull.
pub(super) struct Weibull<'a>(pub(super) &'a Counts);

impl Likelihood<2> for Weibull<'_> {
    const NAMES: [&'static str; 2] = ["rate", "shape"];

    fn ln_likelihood<D: Number>(&self, [rate, shape]: [D; 2]) -> D {
        let power = |t: f64| match t > 0.0 {
            true => (shape * t.ln()).exp(),
            false => D::from(0.0),
        };
        ln_likelihood(self.0, |month| rate * (power(month + 1.0) - power(month)))
    }
}
