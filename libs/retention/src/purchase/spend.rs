//! Gamma–Gamma: what a purchase is worth, for customers who differ.
//!
//! A customer's spend per purchase varies around an own mean as Gamma(p, ν), ν ~ Gamma(q, γ), and
//! independently of how often the customer buys: check that assumption before use. With `x`
//! purchases of mean `z`,
//!
//! `ln L = lnΓ(px+q) − lnΓ(px) − lnΓ(q) + q·ln γ + (px−1)·ln z + px·ln x − (px+q)·ln(γ + x·z)`
//!
//! (Fader, Hardie & Lee 2005, "RFM and CLV", equation 1a; Fader & Hardie 2013, "The Gamma–Gamma
//! model of monetary value").

use std::collections::HashMap;

use nalgebra::Matrix3;
use statrs::function::beta::checked_beta_reg;

use crate::fit::{Estimate, Fit, Flag, InputHash, Level};
use crate::goodness::{Cell, FEWEST, Goodness};
use crate::number::{Number, ln_gamma, ln_gamma_ratio};
use crate::optimise::{ALIKE, Likelihood, Range, derive, maximise};

use super::{PurchaseError, measured, positive};

/// A correlation beyond this contradicts the model's independence of frequency and spend.
const DEPENDENT: f64 = 0.3;

/// Mean spends of repeat buyers, grouped.
#[derive(Debug, Clone, Default)]
pub struct Spends {
    groups: HashMap<[u64; 2], f64>,
}

/// Customers with the same number of purchases and the same mean spend.
#[derive(Debug, Clone, Copy)]
struct Row {
    x: f64,
    mean: f64,
    weight: f64,
}

impl Spends {
    /// Adds `weight` customers with `x` purchases of `mean` each on average.
    ///
    /// # Errors
    /// Unless `x` and `mean` are greater than 0: leave out who never bought again.
    pub fn add(&mut self, x: f64, mean: f64, weight: f64) -> Result<(), PurchaseError> {
        let key = [positive("x", x)?, positive("mean spend", mean)?].map(f64::to_bits);
        *self.groups.entry(key).or_default() += measured("weight", weight)?;
        Ok(())
    }

    /// Sorted by `(x, mean)`, so that sums do not depend on hashing.
    fn rows(&self) -> Vec<Row> {
        let row = |(&[x, mean], &weight): (&[u64; 2], &f64)| Row {
            x: f64::from_bits(x),
            mean: f64::from_bits(mean),
            weight,
        };
        let mut rows: Vec<Row> = self.groups.iter().map(row).collect();
        rows.sort_unstable_by(|one, other| {
            (one.x, one.mean)
                .partial_cmp(&(other.x, other.mean))
                .unwrap_or(std::cmp::Ordering::Equal)
        });
        rows
    }
}

/// A fitted Gamma–Gamma model.
#[derive(Debug, Clone, PartialEq)]
pub struct SpendFit {
    /// Estimates of `p, q, γ`; γ in the data's currency unit.
    pub parameters: [f64; 3],
    /// Covariance of the logarithms of the parameters.
    pub covariance: Matrix3<f64>,
    hand_over: Fit,
    goodness: Goodness,
}

/// Fits the Gamma–Gamma model by maximum likelihood.
///
/// # Errors
/// Without customers, or when the likelihood has no maximum (as when all spend the same).
pub fn fit_spend(spends: &Spends) -> Result<SpendFit, PurchaseError> {
    let rows = spends.rows();
    let customers: f64 = rows.iter().map(|row| row.weight).sum();
    if customers <= 0.0 {
        return Err(PurchaseError::Empty);
    }
    let purchases: f64 = rows.iter().map(|row| row.weight * row.x).sum();
    let total: f64 = rows.iter().map(|row| row.weight * row.x * row.mean).sum();
    let mean = total / purchases;
    // Each start has the population mean pγ/(q−1) of the data.
    let starts = [
        [3.0, 3.0, mean * 2.0 / 3.0],
        [1.0, 1.5, mean * 0.5],
        [20.0, 10.0, mean * 0.45],
    ];
    let best = maximise(&SpendLikelihood { rows: &rows }, customers, &starts)?;
    let mut hand_over =
        best.into_fit("gamma-gamma", SpendLikelihood::NAMES, customers, purchases)?;
    hand_over.data.insert("rows".into(), rows.len() as f64);
    hand_over.data.insert("person_time".into(), customers);
    hand_over.data.insert("mean_spend".into(), mean);
    let correlation = correlation(&rows);
    hand_over
        .data
        .insert("correlation_of_frequency_and_spend".into(), correlation);
    if correlation.abs() > DEPENDENT {
        let detail = format!(
            "how often customers buy and how much they spend correlate by {correlation:.2}, but the model takes them as independent: value customers by segment"
        );
        hand_over.warn(Flag::new("spend_depends_on_frequency", detail));
    }
    let goodness = tenths(best.parameters, &rows);
    if let Some(flag) = misfit(&goodness) {
        hand_over.warn(flag);
    }
    let cells = rows.iter().flat_map(|row| [row.x, row.mean, row.weight]);
    hand_over.input_hash = InputHash::new().text("gamma-gamma").numbers(cells).finish();
    Ok(SpendFit {
        parameters: best.parameters,
        covariance: best.covariance,
        hand_over,
        goodness,
    })
}

/// Customers by the tenth of the fitted distribution in which their mean spend lies, fewer parts where
/// a tenth would expect less than five: `x·z/(γ + x·z) ~ Beta(px, q)`.
fn tenths([p, q, gamma]: [f64; 3], rows: &[Row]) -> Goodness {
    let customers: f64 = rows.iter().map(|row| row.weight).sum();
    let parts = (customers / FEWEST).floor().clamp(1.0, 10.0);
    let mut observed = vec![0.0; parts as usize];
    for row in rows {
        let total = row.x * row.mean;
        let rank = checked_beta_reg(p * row.x, q, total / (gamma + total)).unwrap_or(f64::NAN);
        observed[((parts * rank) as usize).min(parts as usize - 1)] += row.weight;
    }
    let cell = |(part, observed): (usize, f64)| Cell {
        from: part as f64 / parts,
        to: Some((part as f64 + 1.0) / parts),
        observed,
        expected: customers / parts,
    };
    let cells = observed.into_iter().enumerate().map(cell).collect();
    Goodness::of(cells, SpendLikelihood::NAMES.len())
}

/// What to say of spends that are not as the model has them.
fn misfit(check: &Goodness) -> Option<Flag> {
    let (worst, test) = check.misfit()?;
    let to = worst.to.unwrap_or(1.0);
    let at_the_end = worst.from == 0.0 || to == 1.0;
    let unsaid = if at_the_end == (worst.gap() > 0.0) {
        "small and large spenders seem kinds of their own, where it has customers who differ by degrees: fit kinds apart"
    } else {
        "spends crowd around some amounts, as fixed prices do, where it has them spread smoothly"
    };
    let detail = format!(
        "the model does not fit: {:.0}% of the customers spend between its {:.0}% and {:.0}% points, it says {:.0}% \
         ({test}); {unsaid}",
        100.0 * worst.observed / check.n,
        100.0 * worst.from,
        100.0 * to,
        100.0 * worst.expected / check.n
    );
    Some(Flag::new("misfit", detail))
}

/// Correlation of the number of purchases with their mean; 0 when one of them does not vary.
fn correlation(rows: &[Row]) -> f64 {
    let sum =
        |figure: &dyn Fn(&Row) -> f64| rows.iter().map(|row| row.weight * figure(row)).sum::<f64>();
    let n = sum(&|_| 1.0);
    let (x, mean) = (sum(&|row| row.x) / n, sum(&|row| row.mean) / n);
    let together = sum(&|row| (row.x - x) * (row.mean - mean));
    let apart = sum(&|row| (row.x - x).powi(2)) * sum(&|row| (row.mean - mean).powi(2));
    if apart > 0.0 {
        together / apart.sqrt()
    } else {
        0.0
    }
}

struct SpendLikelihood<'a> {
    rows: &'a [Row],
}

impl Likelihood<3> for SpendLikelihood<'_> {
    const NAMES: [&'static str; 3] = ["p", "q", "gamma"];

    fn ln_likelihood<D: Number>(&self, [p, q, gamma]: [D; 3]) -> D {
        let prior = q * gamma.ln() - ln_gamma(q);
        let mut total = D::from(0.0);
        for same_x in self.rows.chunk_by(|one, other| one.x == other.x) {
            let x = same_x[0].x;
            let shape = p * x;
            let constant = prior - ln_gamma_ratio(shape, q) + shape * x.ln();
            for row in same_x {
                let scale = (shape + q) * (gamma + x * row.mean).ln();
                total += (constant + (shape - 1.0) * row.mean.ln() - scale) * row.weight;
            }
        }
        total
    }

    fn edge([p, q, _]: [f64; 3]) -> Option<&'static str> {
        if q > ALIKE {
            Some("customers do not differ in how much they spend: the mean of all tells as much")
        } else {
            (p > ALIKE).then_some("each customer spends the same every time: take their own means")
        }
    }
}

/// `E[mean spend | x purchases of mean z] = p·(γ + x·z)/(px + q − 1)` (equation 5), with
/// `x_times_mean = x·z`.
pub(super) fn expected_spend<D: Number>([p, q, gamma]: [D; 3], x: f64, x_times_mean: f64) -> D {
    p * (gamma + x_times_mean) / (p * x + q - 1.0)
}

impl SpendFit {
    /// The hand-over form for the engine: `ln p, ln q, ln γ` with their covariance.
    pub fn hand_over(&self) -> &Fit {
        &self.hand_over
    }

    /// The same with intervals of another level.
    #[must_use]
    pub fn at(mut self, level: Level) -> Self {
        self.hand_over = self.hand_over.at(level);
        self
    }

    /// Customers by where in the fitted distribution their mean spend lies, in parts of equal
    /// expectation (from 0 to 1), with Pearson's test.
    pub fn goodness(&self) -> &Goodness {
        &self.goodness
    }

    /// Mean spend per purchase in the population, `pγ/(q−1)`: that of a customer without history.
    ///
    /// # Errors
    /// [`PurchaseError::InfiniteSpend`] for `q ≤ 1`.
    pub fn population_mean(&self) -> Result<Estimate, PurchaseError> {
        self.finite_mean()?;
        Ok(self.derive(|parameters| expected_spend(parameters, 0.0, 0.0)))
    }

    /// Expected mean spend per purchase of a customer with `x` purchases of `mean` on average:
    /// between the customer's own mean and the population's.
    ///
    /// # Errors
    /// For `x` or `mean` negative or not finite, and as [`SpendFit::population_mean`].
    pub fn expected_mean(&self, x: f64, mean: f64) -> Result<Estimate, PurchaseError> {
        self.finite_mean()?;
        let (x, mean) = (measured("x", x)?, measured("mean spend", mean)?);
        Ok(self.derive(|parameters| expected_spend(parameters, x, x * mean)))
    }

    /// Fails when the population's mean does not exist.
    pub(super) fn finite_mean(&self) -> Result<(), PurchaseError> {
        let [_, q, _] = self.parameters;
        if q > 1.0 {
            Ok(())
        } else {
            Err(PurchaseError::InfiniteSpend { q })
        }
    }

    fn derive(
        &self,
        figure: impl Fn([num_dual::DualSVec64<3>; 3]) -> num_dual::DualSVec64<3>,
    ) -> Estimate {
        let form = (Range::Positive, self.hand_over.level);
        derive(&self.parameters, &self.covariance, form, figure)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Customers whose spend has the heavy tail of an inverse gamma, times a factor.
    fn fitted(factor: impl Fn(f64) -> f64) -> SpendFit {
        let mut spends = Spends::default();
        for customer in 0..200 {
            let x = f64::from(1 + customer % 7);
            let spread = 600.0 / f64::from(6 + (customer * 37) % 53);
            spends.add(x, spread * factor(x), 1.0).unwrap();
        }
        fit_spend(&spends).unwrap()
    }

    #[test]
    fn spend_that_grows_with_frequency_is_flagged() {
        let flagged = |fit: SpendFit| {
            let mut flags = fit.hand_over().flags.iter();
            flags.any(|flag| flag.code == "spend_depends_on_frequency")
        };
        assert!(flagged(fitted(|x| x)));
        assert!(!flagged(fitted(|_| 1.0)));
    }

    /// The more purchases are known, the closer the expectation comes to the customer's own mean.
    #[test]
    fn expectations_shrink_towards_the_population() {
        let fitted = fitted(|_| 1.0);
        let population = fitted.population_mean().unwrap().value;
        let of = |x| fitted.expected_mean(x, 500.0).unwrap().value;
        assert!(
            population < of(1.0) && of(1.0) < of(5.0) && of(5.0) < of(500.0) && of(500.0) < 500.0
        );
        assert!((of(0.0) - population).abs() < 1e-12);
    }

    #[test]
    fn a_spend_without_a_mean_says_so() {
        let fitted = SpendFit {
            parameters: [6.0, 0.9, 15.0],
            ..fitted(|_| 1.0)
        };
        assert_eq!(
            fitted.population_mean(),
            Err(PurchaseError::InfiniteSpend { q: 0.9 })
        );
    }
}
