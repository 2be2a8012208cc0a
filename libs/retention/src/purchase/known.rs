//! Single customers under models that were fitted before: all that it takes are the estimates and their covariance, as
//! they were handed over, and not the data.

use nalgebra::{Matrix3, Matrix4, SMatrix};
use num_dual::DualSVec64;

use crate::fit::{Covariance, Estimate, Level, Scale};
use crate::optimise::{Range, derive};

use super::model::Process;
use super::spend::expected_spend;
use super::value::derive_with_spend;
use super::{History, Model, PurchaseError, measured, positive};

/// A model of purchases as it was handed over.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownPurchases {
    model: Model,
    parameters: [f64; 4],
    /// Of the logarithms of the parameters.
    covariance: Matrix4<f64>,
}

/// What a purchase is worth, as it was handed over.
#[derive(Debug, Clone, PartialEq)]
pub enum KnownSpending {
    /// Customers differ, by Gamma–Gamma: `p, q, γ` with the covariance of their logarithms.
    Fitted([f64; 3], Matrix3<f64>),
    /// The same for all, in units of the currency.
    Mean(f64),
}

/// What one customer is expected to do, with intervals of 95% by the error of the models' parameters. What the customer
/// then does is chance beyond that.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CustomerAhead {
    /// Chance of being active at the end of observation.
    pub active: Estimate,
    /// Expected purchases in the time after it.
    pub purchases: Estimate,
    /// What is expected to be paid for these, in units of the currency; none where nobody says what one is worth.
    pub spend: Option<Estimate>,
}

impl KnownPurchases {
    /// The model with the parameters of a fit of it.
    ///
    /// # Errors
    /// [`PurchaseError::OtherParameters`] when the fit is of another model.
    pub fn new(model: Model, fit: &Covariance) -> Result<Self, PurchaseError> {
        let names = model.parameter_names();
        let (parameters, covariance) = parameters(model.name(), names, fit)?;
        Ok(Self {
            model,
            parameters,
            covariance,
        })
    }

    /// What a customer with this history and `mean_spend` per repeat purchase will do in the `t` after the end of
    /// observation: the same figures as [`PurchaseFit::alive`](super::PurchaseFit::alive) and
    /// [`PurchaseFit::future_purchases`](super::PurchaseFit::future_purchases), and the latter times
    /// [`SpendFit::expected_mean`](super::SpendFit::expected_mean).
    ///
    /// # Errors
    /// When `t` or the spend is negative or not finite, or the history is not one of this model.
    pub fn ahead(
        &self,
        spending: Option<&KnownSpending>,
        (history, mean_spend): (&History, f64),
        t: f64,
    ) -> Result<CustomerAhead, PurchaseError> {
        self.model.check(history)?;
        let t = self.model.time("t", t)?;
        let paid = history.purchases() * measured("mean spend", mean_spend)?;
        Ok(CustomerAhead {
            active: self.derive(Range::Probability, |model| model.alive(*history)),
            purchases: self.derive(Range::Positive, |model| model.future_purchases(*history, t)),
            spend: spending.map(|spending| self.spend(spending, *history, paid, t)),
        })
    }

    /// Future purchases times what one is worth to a customer who paid so much for all repeat purchases.
    fn spend(&self, spending: &KnownSpending, history: History, paid: f64, t: f64) -> Estimate {
        match spending {
            KnownSpending::Mean(mean) => self.derive(Range::Positive, |model| {
                model.future_purchases(history, t) * *mean
            }),
            KnownSpending::Fitted(parameters, covariance) => derive_with_spend(
                (self.model, &self.parameters, &self.covariance),
                (parameters, covariance),
                Level::USUAL,
                |model, spend| {
                    model.future_purchases(history, t)
                        * expected_spend(spend, history.purchases(), paid)
                },
            ),
        }
    }

    fn derive(
        &self,
        range: Range,
        figure: impl Fn(&Process<DualSVec64<4>>) -> DualSVec64<4>,
    ) -> Estimate {
        let form = (range, Level::USUAL);
        derive(&self.parameters, &self.covariance, form, |parameters| {
            figure(&self.model.with(parameters))
        })
    }
}

impl KnownSpending {
    /// Gamma–Gamma with the parameters of a fit of it.
    ///
    /// # Errors
    /// [`PurchaseError::OtherParameters`] when the fit is of another model, [`PurchaseError::InfiniteSpend`] when
    /// it has no mean.
    pub fn fitted(fit: &Covariance) -> Result<Self, PurchaseError> {
        let (parameters, covariance) = parameters("gamma-gamma", ["p", "q", "gamma"], fit)?;
        let [_, q, _] = parameters;
        if q > 1.0 {
            Ok(Self::Fitted(parameters, covariance))
        } else {
            Err(PurchaseError::InfiniteSpend { q })
        }
    }

    /// The same mean for all.
    ///
    /// # Errors
    /// Unless it is finite and greater than 0.
    pub fn mean(mean: f64) -> Result<Self, PurchaseError> {
        positive("mean spend", mean).map(Self::Mean)
    }
}

/// Parameters of a fit with the covariance of their logarithms, in the order of their names.
fn parameters<const N: usize>(
    model: &'static str,
    names: [&'static str; N],
    fit: &Covariance,
) -> Result<([f64; N], SMatrix<f64, N, N>), PurchaseError> {
    if fit.scale != Scale::Log || fit.names != names {
        return Err(PurchaseError::OtherParameters {
            model,
            expected: names.join(", "),
            found: format!("{} ({:?})", fit.names.join(", "), fit.scale),
        });
    }
    let covariance = SMatrix::from_fn(|row, column| fit.matrix[row][column]);
    Ok((std::array::from_fn(|i| fit.mean[i].exp()), covariance))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::purchase::{Histories, PurchaseFit, SpendFit, Spends, fit, fit_spend};

    const MODELS: [Model; 3] = [Model::BgNbd, Model::MbgNbd, Model::ParetoNbd];

    fn fitted(model: Model) -> PurchaseFit {
        let mut customers = Histories::default();
        let rows = [
            (0.0, 0.0, 90.0),
            (1.0, 6.0, 25.0),
            (2.0, 30.0, 20.0),
            (5.0, 12.0, 9.0),
            (9.0, 37.0, 6.0),
        ];
        for (x, t_x, weight) in rows {
            let history = History::new(x, t_x, 39.0).unwrap();
            customers.add(history, weight).unwrap();
        }
        fit(model, &customers).unwrap()
    }

    fn spends() -> SpendFit {
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

    fn covariance(fit: &crate::fit::Fit) -> &Covariance {
        fit.covariance.as_ref().unwrap()
    }

    fn near(one: Estimate, other: Estimate) {
        for (a, b) in [
            (one.value, other.value),
            (one.se, other.se),
            (one.low, other.low),
            (one.high, other.high),
        ] {
            assert!((a - b).abs() <= 1e-9 * b.abs(), "{one:?} {other:?}");
        }
    }

    #[test]
    fn what_was_handed_over_tells_what_the_fit_does() {
        let (history, mean) = (History::new(2.0, 30.0, 39.0).unwrap(), 26.0);
        let spend = spends();
        let spending = KnownSpending::fitted(covariance(spend.hand_over())).unwrap();
        for model in MODELS {
            let fit = fitted(model);
            let known = KnownPurchases::new(model, covariance(fit.hand_over())).unwrap();
            let told = known
                .ahead(Some(&spending), (&history, mean), 52.0)
                .unwrap();
            near(told.active, fit.alive(&history).unwrap());
            let purchases = fit.future_purchases(&history, 52.0).unwrap();
            near(told.purchases, purchases);
            let worth = spend.expected_mean(2.0, mean).unwrap();
            let paid = told.spend.unwrap();
            assert!((paid.value / (purchases.value * worth.value) - 1.0).abs() < 1e-9);
            let relative = (purchases.se / purchases.value).hypot(worth.se / worth.value);
            assert!((paid.se / paid.value - relative).abs() < 1e-6);
            let one_price = KnownSpending::mean(20.0).unwrap();
            let told = known.ahead(Some(&one_price), (&history, mean), 52.0);
            let paid = told.unwrap().spend.unwrap();
            assert!((paid.value - 20.0 * purchases.value).abs() < 1e-9);
            assert!(
                known
                    .ahead(None, (&history, 0.0), 52.0)
                    .unwrap()
                    .spend
                    .is_none()
            );
        }
    }

    /// What no chance is left of is told all the same, and in numbers that can be written.
    #[test]
    fn every_history_has_figures() {
        let spending = KnownSpending::fitted(covariance(spends().hand_over())).unwrap();
        for model in MODELS {
            let known = KnownPurchases::new(model, covariance(fitted(model).hand_over())).unwrap();
            for (x, t_x, age) in [
                (0.0, 0.0, 0.0),
                (0.0, 0.0, 5_000.0),
                (1.0, 0.2, 5_000.0),
                (700.0, 100.0, 101.0),
                (700.0, 100.0, 5_000.0),
                (9_000.0, 1.0, 5_000.0),
            ] {
                let history = History::new(x, t_x, age).unwrap();
                let told = known
                    .ahead(Some(&spending), (&history, 1e4), 520.0)
                    .unwrap();
                let spend = told.spend.unwrap();
                assert!((0.0..=1.0).contains(&told.active.value), "{told:?}");
                for it in [told.active, told.purchases, spend] {
                    let all = [it.value, it.se, it.low, it.high];
                    assert!(all.iter().all(|it| it.is_finite()), "{history:?} {told:?}");
                    assert!(it.low <= it.value && it.value <= it.high, "{told:?}");
                }
            }
        }
    }

    #[test]
    fn what_is_of_another_model_is_refused() {
        let (fit, spend) = (fitted(Model::BgNbd), spends());
        let (fit, spend) = (covariance(fit.hand_over()), covariance(spend.hand_over()));
        let refused = KnownPurchases::new(Model::ParetoNbd, fit).unwrap_err();
        let said = refused.to_string();
        assert!(said.contains("r, alpha, s, beta") && said.contains("r, alpha, a, b"));
        assert!(KnownSpending::fitted(fit).is_err());
        assert!(KnownPurchases::new(Model::BgNbd, spend).is_err());
        assert!(KnownSpending::mean(0.0).is_err());
        let endless = Covariance {
            mean: vec![2.0, -0.1, 3.0],
            ..spend.clone()
        };
        assert!(matches!(
            KnownSpending::fitted(&endless),
            Err(PurchaseError::InfiniteSpend { .. })
        ));
    }
}
