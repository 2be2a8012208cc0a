use nalgebra::DVector;
use serde::{Deserialize, Serialize};
use statrs::distribution::{ChiSquared, ContinuousCDF};

use super::CoxFit;
use super::sweep::sweep;
use crate::survival::KaplanMeier;

/// Whether one hazard ratio changes with time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProportionalityTest {
    /// The covariate, or `global` for all together.
    pub name: String,
    /// Test statistic.
    pub chi2: f64,
    /// Degrees of freedom.
    pub df: usize,
    /// Probability of a statistic this large if the ratio is constant.
    pub p: f64,
}

/// Schoenfeld-residual test of proportional hazards.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Proportionality {
    /// One test per covariate.
    pub tests: Vec<ProportionalityTest>,
    /// All covariates together.
    pub global: ProportionalityTest,
}

impl CoxFit {
    /// Correlates scaled Schoenfeld residuals with `1 − S(t)` of the Kaplan–Meier curve
    /// (Grambsch & Therneau 1994).
    pub fn proportionality(&self) -> Proportionality {
        let p = self.names().len();
        let (times, residuals) = self.schoenfeld();
        let d = times.len() as f64;
        let centre = times.iter().sum::<f64>() / d;
        let spread: f64 = times.iter().map(|g| (g - centre).powi(2)).sum();
        let mut trend = DVector::zeros(p);
        for (g, residual) in times.iter().zip(&residuals) {
            trend += residual * (g - centre);
        }
        let scaled = &self.standard_covariance * &trend;
        let of = |i: usize| {
            let variance = self.standard_covariance[(i, i)] * spread;
            test(self.names()[i].clone(), d * scaled[i].powi(2) / variance, 1)
        };
        let global = test("global".into(), d * trend.dot(&scaled) / spread, p);
        Proportionality {
            tests: (0..p).map(of).collect(),
            global,
        }
    }

    /// Transformed time and residual `x − x̄` of every departure, in standardised units.
    fn schoenfeld(&self) -> (Vec<f64>, Vec<DVector<f64>>) {
        let all: Vec<_> = self
            .strata
            .iter()
            .flat_map(|s| s.observations.clone())
            .collect();
        let curve = KaplanMeier::new(&all).ok();
        let transform = |t: f64| curve.as_ref().map_or(t, |curve| 1.0 - curve.at(t).value);
        let (mut times, mut residuals) = (Vec::new(), Vec::new());
        for stratum in &self.strata {
            let predictors = stratum.predictors(&self.standard_beta);
            sweep(stratum, &predictors, false, |departure| {
                let d = departure.rows.len() as f64;
                let mut centre = DVector::<f64>::zeros(stratum.p);
                for (share, denominator) in departure.denominators() {
                    for i in 0..stratum.p {
                        centre[i] += departure.mean(i, share, denominator) / d;
                    }
                }
                for &row in departure.rows {
                    times.push(transform(departure.t));
                    residuals.push(DVector::from_column_slice(stratum.row(row)) - &centre);
                }
            });
        }
        (times, residuals)
    }
}

fn test(name: String, chi2: f64, df: usize) -> ProportionalityTest {
    let p = ChiSquared::new(df as f64).map_or(1.0, |law| law.sf(chi2));
    ProportionalityTest { name, chi2, df, p }
}
