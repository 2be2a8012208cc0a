//! Where a search ended: what is there, and what to mind about it.

use nalgebra::{SMatrix, SVector};
use num_dual::{DualNum, hessian};

use super::{LOG_BOUND, Likelihood, OptimiseError, exponentiated};
use crate::fit::{Covariance, Fit, FitError, Flag, Scale, Z95};

/// A standard error of this size on the log scale spans seven-fold either way at 95%.
const WEAK_LOG_SE: f64 = 1.0;
/// Intervals that span more than this factor are not counted out.
const BEYOND_MEASURE: f64 = 1e6;

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

impl<const N: usize> Optimum<N> {
    /// Judges a point where a search ended.
    pub(super) fn at<L: Likelihood<N>>(
        likelihood: &L,
        point: SVector<f64, N>,
    ) -> Result<Self, OptimiseError> {
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

    /// Log-likelihood still to be gained by the quadratic around this point.
    pub(super) fn remaining(&self) -> f64 {
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

#[cfg(test)]
mod tests {
    use super::super::maximise;
    use super::super::tests::Poisson;

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
}
