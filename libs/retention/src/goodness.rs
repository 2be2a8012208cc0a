//! Whether customers did as a fitted model says that they do: counts observed against expected.

use serde::Serialize;
use statrs::distribution::{ChiSquared, ContinuousCDF};

/// Fewest customers expected of a cell: with fewer, Pearson's sum is no chi-square (W. G. Cochran,
/// Biometrics 10, 1954).
pub(crate) const FEWEST: f64 = 5.0;
/// Below this probability a model is called a misfit.
pub(crate) const FALSE_ALARMS: f64 = 0.01;
/// A misfit that puts fewer than this share of the customers elsewhere matters to nobody, however
/// surely it is there.
pub(crate) const NEGLIGIBLE: f64 = 0.02;

/// Customers of one kind, as they were counted and as the model has them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Cell {
    /// Where the cell begins, in the unit of [`Goodness`]'s owner.
    pub from: f64,
    /// Where it ends; none for "and more".
    pub to: Option<f64>,
    /// Customers observed (sum of weights).
    pub observed: f64,
    /// Customers expected by the model.
    pub expected: f64,
}

/// Pearson's test of all cells together.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ChiSquareTest {
    /// `Σ (observed − expected)²/expected`.
    pub chi2: f64,
    /// Degrees of freedom: cells less one, less the parameters estimated.
    pub df: usize,
    /// Probability of such a sum or a larger one where the model is true.
    pub p: f64,
}

/// A check of fit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Goodness {
    /// Customers compared.
    pub n: f64,
    /// The cells, in order.
    pub cells: Vec<Cell>,
    /// The test; none where there are too few cells for the parameters.
    pub test: Option<ChiSquareTest>,
}

impl Goodness {
    /// Compares `cells` of a model of which `estimated` parameters were fitted to the same customers.
    pub(crate) fn of(cells: Vec<Cell>, estimated: usize) -> Self {
        let n = cells.iter().map(|cell| cell.observed).sum();
        let chi2 = cells.iter().map(Cell::square).sum();
        let freedom = cells.len().checked_sub(estimated + 1).filter(|it| *it > 0);
        let test = freedom.map(|df| ChiSquareTest {
            chi2,
            df,
            p: upper_tail(chi2, df),
        });
        Self { n, cells, test }
    }

    /// The cell that is off by most customers and the test, where the model does not fit and it matters.
    pub(crate) fn misfit(&self) -> Option<(&Cell, ChiSquareTest)> {
        let test = self.test.filter(|it| it.p < FALSE_ALARMS)?;
        let elsewhere = 0.5 * self.cells.iter().map(|cell| cell.gap().abs()).sum::<f64>();
        let worst = self
            .cells
            .iter()
            .max_by(|a, b| a.gap().abs().total_cmp(&b.gap().abs()))?;
        (elsewhere >= NEGLIGIBLE * self.n).then_some((worst, test))
    }
}

impl Cell {
    /// Customers more than expected.
    pub(crate) fn gap(&self) -> f64 {
        self.observed - self.expected
    }

    fn square(&self) -> f64 {
        self.gap() * self.gap() / self.expected
    }
}

impl std::fmt::Display for ChiSquareTest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { chi2, df, p } = self;
        write!(f, "chi-square {chi2:.1} on {df}, p = ")?;
        if *p < 0.001 {
            write!(f, "{p:.1e}")
        } else {
            write!(f, "{p:.3}")
        }
    }
}

/// Probability that chi-square on `df` degrees of freedom exceeds `chi2`; 1 for none.
pub(crate) fn upper_tail(chi2: f64, df: usize) -> f64 {
    ChiSquared::new(df as f64).map_or(1.0, |law| law.sf(chi2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(observed: f64, expected: f64) -> Cell {
        Cell {
            from: 0.0,
            to: None,
            observed,
            expected,
        }
    }

    /// Mendel's peas, 9 : 3 : 3 : 1 (R. A. Fisher, Annals of Science 1, 1936): 0.470 on 3, p = 0.925.
    #[test]
    fn mendels_peas_fit() {
        let observed = [315.0, 108.0, 101.0, 32.0];
        let expected = [9.0, 3.0, 3.0, 1.0].map(|share| 556.0 * share / 16.0);
        let cells = observed.into_iter().zip(expected);
        let check = Goodness::of(cells.map(|(o, e)| cell(o, e)).collect(), 0);
        let test = check.test.unwrap();
        assert!((test.chi2 - 0.470).abs() < 5e-4, "{test}");
        assert!(test.df == 3 && (test.p - 0.925).abs() < 1e-3, "{test}");
        assert!(check.misfit().is_none());
    }

    #[test]
    fn small_gaps_of_many_customers_matter_to_nobody() {
        let found = |scale: f64| {
            let cells = [(51.0, 50.0), (49.0, 50.0), (100.0, 100.0)];
            Goodness::of(cells.map(|(o, e)| cell(scale * o, scale * e)).to_vec(), 0)
        };
        let many = found(1e5);
        assert!(many.test.unwrap().p < 1e-9 && many.misfit().is_none());
        assert!(found(1.0).test.unwrap().p > 0.9);
        assert!(Goodness::of(vec![cell(5.0, 5.0); 3], 2).test.is_none());
    }
}
