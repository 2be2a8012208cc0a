//! A fit held against what its customers did afterwards.
//!
//! What a customer did in the holdout has, given what was known before, the likelihood
//! `L(x', t_x', T' | θ)/L(x, t_x, T | θ)`: the same days of purchase make both, so that the ratio is the density of
//! the later ones. It tells models apart that expect the same number of purchases of other customers.

use std::collections::HashMap;

use super::history::Row;
use super::{Histories, History, PurchaseError, PurchaseFit, measured};

/// Customers with what was known of them at the end of calibration, and at the end of the holdout.
#[derive(Debug, Clone, Default)]
pub struct HeldOut {
    groups: HashMap<[[u64; 3]; 2], (History, History, f64)>,
}

/// How well a fit foretold the holdout.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HoldoutScore {
    /// Customers.
    pub customers: f64,
    /// Purchases that they made in the holdout.
    pub purchases: f64,
    /// Purchases that were expected of them.
    pub expected: f64,
    /// Mean over customers of how far their purchases were from those expected.
    pub mean_absolute_error: f64,
    /// Log-likelihood of what they did.
    pub log_likelihood: f64,
}

/// Log-likelihood of a holdout by which one fit is ahead of another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ahead {
    /// The difference.
    pub by: f64,
    /// Its standard error, customers taken as independent.
    pub se: f64,
}

impl HeldOut {
    /// Adds `weight` customers.
    ///
    /// # Errors
    /// When the weight is negative or not finite, or `after` does not go on from `before`.
    pub fn add(
        &mut self,
        before: History,
        after: History,
        weight: f64,
    ) -> Result<(), PurchaseError> {
        let grows = after.age() > before.age() && after.purchases() >= before.purchases();
        let again = after.purchases() > before.purchases();
        let goes_on = match again {
            true => after.recency() > before.age(),
            false => after.recency() == before.recency(),
        };
        if !(grows && goes_on) {
            return Err(PurchaseError::NotContinued);
        }
        let key = [before, after].map(|it| {
            [it.purchases(), it.recency(), it.age()].map(|figure| (figure + 0.0).to_bits())
        });
        let group = self.groups.entry(key).or_insert((before, after, 0.0));
        group.2 += measured("weight", weight)?;
        Ok(())
    }

    /// The customers as they were known at the end of calibration.
    ///
    /// # Errors
    /// None of those that were added.
    pub fn before(&self) -> Result<Histories, PurchaseError> {
        let mut histories = Histories::default();
        for (before, _, weight) in self.rows() {
            histories.add(before, weight)?;
        }
        Ok(histories)
    }

    /// In a fixed order, so that sums do not depend on hashing.
    fn rows(&self) -> Vec<(History, History, f64)> {
        let mut rows: Vec<_> = self.groups.iter().collect();
        rows.sort_unstable_by_key(|(key, _)| **key);
        rows.into_iter().map(|(_, row)| *row).collect()
    }
}

impl PurchaseFit {
    /// Holds the fit against a holdout that it was not fitted to.
    ///
    /// # Errors
    /// Without customers, or for a history that is not one of the model.
    pub fn score(&self, held: &HeldOut) -> Result<HoldoutScore, PurchaseError> {
        let rows = held.rows();
        let mut score = HoldoutScore {
            customers: 0.0,
            purchases: 0.0,
            expected: 0.0,
            mean_absolute_error: 0.0,
            log_likelihood: 0.0,
        };
        let process = self.model.with(self.parameters);
        for (before, after, weight) in &rows {
            self.model.check(before)?;
            self.model.check(after)?;
            let made = after.purchases() - before.purchases();
            let expected = process.future_purchases(*before, after.age() - before.age());
            score.customers += weight;
            score.purchases += weight * made;
            score.expected += weight * expected;
            score.mean_absolute_error += weight * (made - expected).abs();
            score.log_likelihood += weight * self.foretold(before, after);
        }
        if score.customers <= 0.0 {
            return Err(PurchaseError::Empty);
        }
        score.mean_absolute_error /= score.customers;
        Ok(score)
    }

    /// How far this fit is ahead of another on a holdout.
    pub fn ahead_of(&self, other: &Self, held: &HeldOut) -> Ahead {
        let (mut n, mut sum, mut squares) = (0.0, 0.0, 0.0);
        for (before, after, weight) in held.rows() {
            let lead = self.foretold(&before, &after) - other.foretold(&before, &after);
            n += weight;
            sum += weight * lead;
            squares += weight * lead * lead;
        }
        let variance = (squares - sum * sum / n).max(0.0) * n / (n - 1.0).max(1.0);
        Ahead {
            by: sum,
            se: variance.sqrt(),
        }
    }

    /// Log-likelihood of one customer's holdout.
    fn foretold(&self, before: &History, after: &History) -> f64 {
        let process = self.model.with(self.parameters);
        let of = |history: &History| {
            process.ln_likelihood(&[Row {
                history: *history,
                weight: 1.0,
                spend: 0.0,
            }])
        };
        of(after) - of(before)
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::ChaCha8Rng;

    use super::super::life::Life;
    use super::super::*;
    use super::*;

    fn history(x: f64, t_x: f64, age: f64) -> History {
        History::new(x, t_x, age).unwrap()
    }

    /// Customers who live by a model for two years, told after one and after both.
    fn held(model: Model, truth: [f64; 4]) -> HeldOut {
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        let mut held = HeldOut::default();
        for _ in 0..3_000 {
            let life = Life::new(model, truth, 104.0, &mut rng);
            held.add(life.history(52.0), life.history(104.0), 1.0)
                .unwrap();
        }
        held
    }

    #[test]
    fn the_model_that_made_the_purchases_is_ahead_and_expects_them() {
        let held = held(Model::ParetoNbd, [0.6, 6.0, 0.7, 9.0]);
        let before = held.before().unwrap();
        let [own, other] =
            [Model::ParetoNbd, Model::BgNbd].map(|model| fit(model, &before).unwrap());
        let score = own.score(&held).unwrap();
        assert_eq!(score.customers, 3_000.0);
        assert!(
            (score.expected / score.purchases - 1.0).abs() < 0.06,
            "{score:?}"
        );
        let ahead = own.ahead_of(&other, &held);
        assert!(ahead.by > 0.0 && ahead.se > 0.0, "{ahead:?}");
        let both = score.log_likelihood - other.score(&held).unwrap().log_likelihood;
        assert!((both - ahead.by).abs() < 1e-6);
        assert_eq!(other.ahead_of(&own, &held).by, -ahead.by);
        assert!(own.ahead_of(&own, &held).se < 1e-9);
    }

    #[test]
    fn a_history_that_goes_back_is_refused() {
        let mut held = HeldOut::default();
        let before = history(2.0, 10.0, 30.0);
        assert!(held.add(before, history(2.0, 10.0, 40.0), 1.0).is_ok());
        for after in [
            history(2.0, 10.0, 30.0),
            history(1.0, 10.0, 40.0),
            history(3.0, 20.0, 40.0),
            history(2.0, 12.0, 40.0),
        ] {
            let found = held.add(before, after, 1.0);
            assert_eq!(found, Err(PurchaseError::NotContinued), "{after:?}");
        }
    }
}
