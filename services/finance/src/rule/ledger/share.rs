//! Shares that sum to one.
//!
//! Whole-number weights over their sum, so that no rounding can make them sum to anything else.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// Why a cost cannot be split.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AllocationError {
    /// Nobody to bear it.
    #[error("there is no target to allocate to; name at least one")]
    NoTarget,
    /// All weights are zero.
    #[error("{0} is zero for every target; record it or choose another rule")]
    NoWeight(&'static str),
    /// A weight below zero.
    #[error("{name} of {target} is {weight}; a share cannot be negative, correct it")]
    NegativeWeight {
        /// What is counted.
        name: &'static str,
        /// Whose.
        target: String,
        /// Its value.
        weight: i64,
    },
    /// A target named twice.
    #[error("target {0} is named twice; add its shares up")]
    Repeated(String),
    /// Stated shares do not sum to one.
    #[error("the shares sum to {0}; change them so that they sum to exactly 1")]
    NotOne(Decimal),
    /// A stated share with too many decimals or below zero.
    #[error("share {share} of {target} must lie between 0 and 1 with at most 9 decimals")]
    Share {
        /// Whose.
        target: String,
        /// Its value.
        share: Decimal,
    },
    /// A rule without what it needs.
    #[error("rule direct needs the entry's own segment; name it or choose another rule")]
    NoSegment,
}

/// Shares of targets that sum to one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shares<T> {
    /// Targets in order with their weights; every target once, the sum above zero.
    weights: Vec<(T, u64)>,
    total: i128,
}

impl<T: Clone + Ord + ToString> Shares<T> {
    /// Everything to one target.
    pub fn direct(target: T) -> Self {
        Self {
            weights: vec![(target, 1)],
            total: 1,
        }
    }

    /// Equal shares.
    ///
    /// # Errors
    /// [`AllocationError::NoTarget`], [`AllocationError::Repeated`].
    pub fn even(targets: impl IntoIterator<Item = T>) -> Result<Self, AllocationError> {
        Self::weighted("target", targets.into_iter().map(|target| (target, 1)))
    }

    /// Shares in proportion to weights of `name`, which errors use.
    ///
    /// # Errors
    /// When there is no target, one is named twice, a weight is negative, or all are zero.
    pub fn weighted(
        name: &'static str,
        weights: impl IntoIterator<Item = (T, i64)>,
    ) -> Result<Self, AllocationError> {
        let mut by_target = BTreeMap::new();
        for (target, weight) in weights {
            let Ok(share) = u64::try_from(weight) else {
                let target = target.to_string();
                return Err(AllocationError::NegativeWeight {
                    name,
                    target,
                    weight,
                });
            };
            if let Some(_twice) = by_target.insert(target.clone(), share) {
                return Err(AllocationError::Repeated(target.to_string()));
            }
        }
        if by_target.is_empty() {
            return Err(AllocationError::NoTarget);
        }
        let total = by_target.values().map(|weight| i128::from(*weight)).sum();
        if total == 0 {
            return Err(AllocationError::NoWeight(name));
        }
        Ok(Self {
            weights: by_target.into_iter().collect(),
            total,
        })
    }

    /// Shares as a person states them, such as 0.30 and 0.70.
    ///
    /// # Errors
    /// When they do not sum to exactly one, or one is outside [0, 1].
    pub fn stated(shares: impl IntoIterator<Item = (T, Decimal)>) -> Result<Self, AllocationError> {
        let mut sum = Decimal::ZERO;
        let mut weights = Vec::new();
        for (target, share) in shares {
            let Some(weight) = billionths(share) else {
                let target = target.to_string();
                return Err(AllocationError::Share { target, share });
            };
            sum += share;
            weights.push((target, weight));
        }
        if sum != Decimal::ONE {
            return Err(AllocationError::NotOne(sum));
        }
        Self::weighted("share", weights)
    }

    /// The targets in order, each with its weight out of [`Self::total`].
    pub fn weights(&self) -> &[(T, u64)] {
        &self.weights
    }

    /// The sum of the weights.
    pub fn total(&self) -> i128 {
        self.total
    }
}

/// A share as a whole number of billionths; none outside [0, 1] or with more decimals.
fn billionths(share: Decimal) -> Option<i64> {
    if share < Decimal::ZERO || share > Decimal::ONE {
        return None;
    }
    let scaled = share * Decimal::from(1_000_000_000);
    scaled.fract().is_zero().then(|| scaled.to_i64())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stated_shares_must_sum_to_exactly_one() {
        let share = |text: &str| text.parse::<Decimal>().unwrap();
        let off = Shares::stated([("a", share("0.3")), ("b", share("0.69"))]).unwrap_err();
        let words = "the shares sum to 0.99; change them so that they sum to exactly 1";
        assert_eq!(off.to_string(), words);
        let fine = Shares::stated([("a", share("0.300")), ("b", share("0.7"))]).unwrap();
        assert_eq!(fine.weights(), [("a", 300_000_000), ("b", 700_000_000)]);
        assert!(Shares::stated([("a", Decimal::MAX)]).is_err());
        assert!(Shares::stated([("a", share("1.2")), ("b", share("-0.2"))]).is_err());
        assert!(
            Shares::stated([("a", share("0.12345678901")), ("b", share("0.87654321099"))]).is_err()
        );
    }

    #[test]
    fn a_target_is_named_once_and_there_is_one() {
        let twice = Shares::even(["a", "a"]).unwrap_err();
        assert_eq!(
            twice.to_string(),
            "target a is named twice; add its shares up"
        );
        let nobody: [&str; 0] = [];
        assert_eq!(Shares::even(nobody).unwrap_err(), AllocationError::NoTarget);
    }
}
