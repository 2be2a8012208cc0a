//! Lifetime value: future purchases, what they are worth, and when.

use nalgebra::{Matrix3, Matrix4, SMatrix};
use serde::{Deserialize, Serialize};

use crate::fit::{Estimate, Level};
use crate::number::Number;
use crate::optimise::{Range, derive};

use super::history::Row;
use super::model::Process;
use super::spend::expected_spend;
use super::{Histories, Model, PurchaseError, PurchaseFit, SpendFit, measured, positive};

/// How far, how discounted, and how much of a purchase is earned.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ValueTerms {
    /// Horizon in whole time units of the data.
    pub periods: u32,
    /// Discount rate per time unit of the data, not per year: `(1+annual)^(unit in years) − 1`.
    pub rate: f64,
    /// Share of the spend that is contribution margin, in (0, 1].
    pub margin: f64,
}

/// A group of customers, valued.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SegmentValue {
    /// Customers (sum of weights).
    pub customers: f64,
    /// Expected number of them who are still active.
    pub active: Estimate,
    /// Expected purchases of all of them over the horizon, undiscounted.
    pub purchases: Estimate,
    /// Discounted margin of those purchases, of all of them.
    pub value: Estimate,
}

/// The purchase model's four parameters, then the spend model's three.
const PARAMETERS: usize = 7;

impl PurchaseFit {
    /// Values a group of customers, such as a segment: build one [`Histories`] per segment, with
    /// [`Histories::add_with_spend`], all under the fit of the whole.
    ///
    /// `Σ_k (F(k) − F(k−1))·spend·margin/(1+rate)ᵏ`, `F(k)` the expected purchases in the next `k`
    /// time units, paid at the end of each; the standard error carries that of both models, which
    /// are fitted apart.
    ///
    /// # Errors
    /// For an empty group, a history that is not one of the model, unusable terms, or a spend model without a mean.
    pub fn value(
        &self,
        spend: &SpendFit,
        customers: &Histories,
        terms: ValueTerms,
    ) -> Result<SegmentValue, PurchaseError> {
        terms.check()?;
        spend.finite_mean()?;
        let rows = customers.rows();
        rows.iter()
            .try_for_each(|row| self.model.check(&row.history))?;
        let count: f64 = rows.iter().map(|row| row.weight).sum();
        if count <= 0.0 {
            return Err(PurchaseError::Empty);
        }
        let horizon = f64::from(terms.periods);
        Ok(SegmentValue {
            customers: count,
            active: self.derive(Range::Positive, |model| {
                weighted(&rows, |row| model.alive(row.history))
            }),
            purchases: self.derive(Range::Positive, |model| {
                weighted(&rows, |row| model.future_purchases(row.history, horizon))
            }),
            value: self.derive_with_spend(spend, |model, spending| {
                let worth = |row: &Row| {
                    let purchases = terms.discounted(|k| model.future_purchases(row.history, k));
                    purchases * row_spend(spending, row)
                };
                rows.iter().map(worth).sum::<Joint>() * terms.margin
            }),
        })
    }

    /// Value of a new customer's repeat purchases, the first purchase not counted.
    ///
    /// # Errors
    /// For unusable terms or a spend model without a mean.
    pub fn new_customer_value(
        &self,
        spend: &SpendFit,
        terms: ValueTerms,
    ) -> Result<Estimate, PurchaseError> {
        terms.check()?;
        spend.finite_mean()?;
        Ok(self.derive_with_spend(spend, |model, spending| {
            terms.discounted(|k| model.purchases(k))
                * expected_spend(spending, 0.0, 0.0)
                * terms.margin
        }))
    }

    fn derive_with_spend<F>(&self, spend: &SpendFit, figure: F) -> Estimate
    where
        F: Fn(&Process<Joint>, [Joint; 3]) -> Joint,
    {
        let purchases = (self.model, &self.parameters, &self.covariance);
        let spending = (&spend.parameters, &spend.covariance);
        derive_with_spend(purchases, spending, self.hand_over().level, figure)
    }
}

/// A figure of both models, which are fitted apart: their parameters, each with the covariance of its logarithms.
pub(super) fn derive_with_spend(
    (model, purchases, of_purchases): (Model, &[f64; 4], &Matrix4<f64>),
    (spend, of_spend): (&[f64; 3], &Matrix3<f64>),
    level: Level,
    figure: impl Fn(&Process<Joint>, [Joint; 3]) -> Joint,
) -> Estimate {
    let [r, alpha, a, b] = *purchases;
    let [p, q, gamma] = *spend;
    let mut covariance = SMatrix::<f64, PARAMETERS, PARAMETERS>::zeros();
    covariance
        .fixed_view_mut::<4, 4>(0, 0)
        .copy_from(of_purchases);
    covariance.fixed_view_mut::<3, 3>(4, 4).copy_from(of_spend);
    derive(
        &[r, alpha, a, b, p, q, gamma],
        &covariance,
        (Range::Positive, level),
        |[r, alpha, a, b, p, q, gamma]| figure(&model.with([r, alpha, a, b]), [p, q, gamma]),
    )
}

pub(super) type Joint = num_dual::DualSVec64<PARAMETERS>;

/// Sum over the customers of a group of their expected mean spend: linear in their own means.
fn row_spend<D: Number>(spending: [D; 3], row: &Row) -> D {
    let mean = row.spend / row.weight.max(f64::MIN_POSITIVE);
    expected_spend(spending, row.x(), row.x() * mean) * row.weight
}

fn weighted<D: Number>(rows: &[Row], figure: impl Fn(&Row) -> D) -> D {
    rows.iter()
        .fold(D::from(0.0), |sum, row| sum + figure(row) * row.weight)
}

impl ValueTerms {
    fn check(self) -> Result<(), PurchaseError> {
        positive("periods", f64::from(self.periods))?;
        measured("rate", self.rate)?;
        positive("margin", self.margin)?;
        Ok(())
    }

    /// `Σ_{k=1}^{n} (F(k) − F(k−1))·vᵏ`, `v = 1/(1+rate)`, `F(0) = 0`.
    fn discounted<D: Number>(self, cumulative: impl Fn(f64) -> D) -> D {
        let factor = 1.0 / (1.0 + self.rate);
        let (mut sum, mut before, mut weight) = (D::from(0.0), D::from(0.0), 1.0);
        for k in 1..=self.periods {
            let now = cumulative(f64::from(k));
            weight *= factor;
            sum += (now - before) * weight;
            before = now;
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::purchase::{History, Spends, fit, fit_spend};

    fn customers(shift: f64) -> Histories {
        let mut customers = Histories::default();
        let rows = [
            (0.0, 0.0, 90.0),
            (1.0, 6.0, 25.0),
            (2.0, 30.0, 20.0),
            (5.0, 12.0, 9.0),
            (9.0, 37.0, 6.0),
        ];
        for (x, t_x, weight) in rows {
            let history = History::new(x, t_x, 39.0 + shift).unwrap();
            customers
                .add_with_spend(history, weight, 20.0 + 3.0 * x)
                .unwrap();
        }
        customers
    }

    fn spending() -> SpendFit {
        let mut spends = Spends::default();
        for (x, mean) in [
            (1.0, 12.0),
            (1.0, 55.0),
            (2.0, 30.0),
            (3.0, 18.0),
            (4.0, 41.0),
            (9.0, 24.0),
            (2.0, 90.0),
        ] {
            spends.add(x, mean, 5.0).unwrap();
        }
        fit_spend(&spends).unwrap()
    }

    const UNDISCOUNTED: ValueTerms = ValueTerms {
        periods: 26,
        rate: 0.0,
        margin: 1.0,
    };

    #[test]
    fn undiscounted_value_is_purchases_times_spend() {
        let (fitted, spend) = (fit(Model::BgNbd, &customers(0.0)).unwrap(), spending());
        let history = History::new(2.0, 30.0, 39.0).unwrap();
        let mut one = Histories::default();
        one.add_with_spend(history, 1.0, 26.0).unwrap();
        let valued = fitted.value(&spend, &one, UNDISCOUNTED).unwrap();
        let purchases = fitted.future_purchases(&history, 26.0).unwrap();
        let mean = spend.expected_mean(2.0, 26.0).unwrap();
        assert!((valued.value.value - purchases.value * mean.value).abs() < 1e-9);
        assert!((valued.active.value - fitted.alive(&history).unwrap().value).abs() < 1e-12);
        // Two independent sources of error add in relative terms.
        let relative = (purchases.se / purchases.value).hypot(mean.se / mean.value);
        assert!((valued.value.se / valued.value.value - relative).abs() < 1e-6);
    }

    #[test]
    fn segments_sum_to_the_whole() {
        let (fitted, spend) = (fit(Model::ParetoNbd, &customers(0.0)).unwrap(), spending());
        let terms = ValueTerms {
            rate: 0.002,
            margin: 0.4,
            ..UNDISCOUNTED
        };
        let (one, other) = (customers(0.0), customers(5.0));
        let mut both = Histories::default();
        for row in one.rows().iter().chain(&other.rows()) {
            both.add_with_spend(row.history, row.weight, row.spend / row.weight)
                .unwrap();
        }
        let of = |group| fitted.value(&spend, group, terms).unwrap();
        let (whole, parts) = (of(&both), [of(&one), of(&other)]);
        let sum = |figure: fn(&SegmentValue) -> f64| parts.iter().map(figure).sum::<f64>();
        assert!((whole.value.value / sum(|s| s.value.value) - 1.0).abs() < 1e-12);
        assert!((whole.purchases.value / sum(|s| s.purchases.value) - 1.0).abs() < 1e-12);
        assert_eq!(whole.customers, sum(|s| s.customers));
        assert!(whole.value.low < whole.value.value && whole.value.value < whole.value.high);
    }

    #[test]
    fn discounting_and_margin_lower_a_new_customers_value() {
        let (fitted, spend) = (fit(Model::MbgNbd, &customers(0.0)).unwrap(), spending());
        let full = fitted
            .new_customer_value(&spend, UNDISCOUNTED)
            .unwrap()
            .value;
        let expected =
            fitted.purchases(26.0).unwrap().value * spend.population_mean().unwrap().value;
        assert!((full / expected - 1.0).abs() < 1e-12);
        let half = ValueTerms {
            margin: 0.5,
            ..UNDISCOUNTED
        };
        assert!(
            (fitted.new_customer_value(&spend, half).unwrap().value / full - 0.5).abs() < 1e-12
        );
        let discounted = ValueTerms {
            rate: 0.01,
            ..UNDISCOUNTED
        };
        let later = fitted.new_customer_value(&spend, discounted).unwrap().value;
        assert!(later < full && later > full / 1.01_f64.powi(26));
    }

    #[test]
    fn unusable_terms_are_refused() {
        let (fitted, spend) = (fit(Model::BgNbd, &customers(0.0)).unwrap(), spending());
        for terms in [
            ValueTerms {
                periods: 0,
                ..UNDISCOUNTED
            },
            ValueTerms {
                rate: -0.1,
                ..UNDISCOUNTED
            },
            ValueTerms {
                rate: f64::NAN,
                ..UNDISCOUNTED
            },
            ValueTerms {
                margin: 0.0,
                ..UNDISCOUNTED
            },
        ] {
            assert!(
                fitted.value(&spend, &customers(0.0), terms).is_err(),
                "{terms:?}"
            );
        }
        assert_eq!(
            fitted.value(&spend, &Histories::default(), UNDISCOUNTED),
            Err(PurchaseError::Empty)
        );
    }
}
