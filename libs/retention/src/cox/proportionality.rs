use crate::goodness::upper_tail;
use nalgebra::{DMatrix, DVector};
use serde::{Deserialize, Serialize};

use super::CoxFit;
use super::newton::Evaluation;
use super::sweep::sweep;
use crate::linear::factorise;
use crate::survival::KaplanMeier;

#[cfg(test)]
mod tests;

/// Whether one hazard ratio changes with time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProportionalityTest {
    /// The covariate, or `global` for all together.
    pub name: String,
    /// Test statistic, 0 or more; 0 where there is nothing to test.
    pub chi2: f64,
    /// Degrees of freedom; 0 where no change with time could show, as when all the departures that
    /// tell anything lie at one time.
    pub df: usize,
    /// Probability of a statistic this large if the ratio is constant; 1 without degrees of freedom.
    pub p: f64,
}

/// Score test of proportional hazards.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Proportionality {
    /// One test per covariate.
    pub tests: Vec<ProportionalityTest>,
    /// All covariates together.
    pub global: ProportionalityTest,
}

impl CoxFit {
    /// Tests that each hazard ratio stays the same, against one that moves with `g(t) = 1 − S(t−)`.
    ///
    /// The score test of adding `g(t)·x` to the model, with the information of the enlarged model
    /// at the fitted coefficients: each covariate's own term beside all main effects, then all terms
    /// at once (Grambsch & Therneau 1994, exact as in `cox.zph` of R's survival 3). `S` is the
    /// Kaplan–Meier curve of all observations just before `t`; risk sets are those of each stratum;
    /// departures of one time share `g` and Efron's denominators. Errors robust to clusters do not
    /// enter.
    pub fn proportionality(&self) -> Proportionality {
        let p = self.names().len();
        let terms = Interaction::of(&self.parts(), p);
        let each = |i: usize| {
            let (chi2, df) = terms.test(&[i]);
            test(self.names()[i].clone(), chi2, df)
        };
        let (chi2, df) = terms.test(&(0..p).collect::<Vec<_>>());
        Proportionality {
            tests: (0..p).map(each).collect(),
            global: test("global".into(), chi2, df),
        }
    }

    /// What each time of departure says, with `g` about its mean over the departures.
    fn parts(&self) -> Vec<Part> {
        let p = self.names().len();
        let mut parts = Vec::new();
        let g = self.transform();
        for stratum in &self.strata {
            let predictors = stratum.predictors(&self.standard_beta);
            sweep(stratum, &predictors, true, |departure| {
                let mut at = Evaluation::zeros(p);
                at.add(stratum, &predictors, departure);
                at.information.fill_lower_triangle_with_upper_triangle();
                let left = departure.mean_weight * departure.rows.len() as f64;
                let g = g(departure.t);
                parts.push(Part { g, left, at });
            });
        }
        // A constant added to g changes nothing but the rounding.
        let left: f64 = parts.iter().map(|part| part.left).sum();
        let centre = parts.iter().map(|part| part.g * part.left).sum::<f64>() / left;
        parts.iter_mut().for_each(|part| part.g -= centre);
        parts
    }

    /// `1 − S(t−)`, the share that has left before `t`.
    fn transform(&self) -> impl Fn(f64) -> f64 + use<> {
        let all: Vec<_> = self
            .strata
            .iter()
            .flat_map(|stratum| stratum.observations.iter().copied())
            .collect();
        let steps: Vec<(f64, f64)> = KaplanMeier::new(&all)
            .map(|curve| curve.points().iter().map(|p| (p.t, p.value)).collect())
            .unwrap_or_default();
        move |t| match steps.partition_point(|step| step.0 < t) {
            0 => 0.0,
            before => 1.0 - steps[before - 1].1,
        }
    }
}

/// One time of departure in one stratum.
struct Part {
    g: f64,
    /// Weight of those who left.
    left: f64,
    /// Score and information in standardised units.
    at: Evaluation,
}

/// A term that keeps less than this share of its information once the main effects are known is
/// not identified.
const IDENTIFIED: f64 = 1e-9;

/// The enlarged model at the fitted coefficients: score of the new terms, and information of main
/// effects, of both, and of the new terms.
struct Interaction {
    score: DVector<f64>,
    main: DMatrix<f64>,
    cross: DMatrix<f64>,
    own: DMatrix<f64>,
}

impl Interaction {
    fn of(parts: &[Part], p: usize) -> Self {
        let mut terms = Self {
            score: DVector::zeros(p),
            main: DMatrix::zeros(p, p),
            cross: DMatrix::zeros(p, p),
            own: DMatrix::zeros(p, p),
        };
        for Part { g, at, .. } in parts {
            terms.score += &at.gradient * *g;
            terms.main += &at.information;
            terms.cross += &at.information * *g;
            terms.own += &at.information * (g * g);
        }
        terms
    }

    /// `U' V⁻¹ U` of the chosen terms and its degrees of freedom, `V` being their information less
    /// what the main effects explain; directions without information are left out.
    fn test(&self, terms: &[usize]) -> (f64, usize) {
        let Some(main) = factorise(&self.main) else {
            return (0.0, 0);
        };
        let left = &self.own - &self.cross * main.solve(&self.cross);
        // In units in which each term has information 1.
        let unit = |i: usize| {
            let own = self.own[(terms[i], terms[i])];
            if own > 0.0 { 1.0 / own.sqrt() } else { 0.0 }
        };
        let k = terms.len();
        let variance = DMatrix::from_fn(k, k, |i, j| {
            let both = left[(terms[i], terms[j])] + left[(terms[j], terms[i])];
            0.5 * both * unit(i) * unit(j)
        });
        let score = DVector::from_fn(k, |i, _| self.score[terms[i]] * unit(i));
        if !variance.iter().chain(score.iter()).all(|v| v.is_finite()) {
            return (0.0, 0);
        }
        let eigen = variance.symmetric_eigen();
        let directions = eigen
            .eigenvalues
            .iter()
            .zip(eigen.eigenvectors.column_iter());
        directions
            .filter(|(value, _)| **value > IDENTIFIED)
            .fold((0.0, 0), |(chi2, df), (value, vector)| {
                (chi2 + vector.dot(&score).powi(2) / value, df + 1)
            })
    }
}

fn test(name: String, chi2: f64, df: usize) -> ProportionalityTest {
    let p = upper_tail(chi2, df);
    ProportionalityTest { name, chi2, df, p }
}
