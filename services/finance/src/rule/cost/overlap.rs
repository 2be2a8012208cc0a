//! Campaigns that touch the same prospects: each customer is credited once, never doubled.
//!
//! Two campaigns that both claim a customer would halve their cost per customer on paper
//! (E. Kolsky). So the credit for one prospect is split by a stated rule, and the credits of all
//! campaigns sum to the customers who were won.

use std::collections::BTreeMap;

use keepworth_contract::finance::OverlapRule;

use crate::rule::ledger::allocation::Splitter;
use crate::rule::ledger::share::{AllocationError, Shares};

/// The campaigns' shares of one prospect, from the touches in time order.
///
/// # Errors
/// [`AllocationError::NoTarget`] without a touch.
pub fn shares<T: Clone + Ord + ToString>(
    rule: OverlapRule,
    touches: &[T],
) -> Result<Shares<T>, AllocationError> {
    let mut counts: BTreeMap<&T, i64> = BTreeMap::new();
    for campaign in touches {
        *counts.entry(campaign).or_default() += 1;
    }
    let counts = counts
        .into_iter()
        .map(|(campaign, count)| (campaign.clone(), count));
    match rule {
        OverlapRule::First => touches.first().cloned().map(Shares::direct),
        OverlapRule::Last => touches.last().cloned().map(Shares::direct),
        OverlapRule::Even => return Shares::even(counts.map(|(campaign, _)| campaign)),
        OverlapRule::ByTouch => return Shares::weighted("touches", counts),
    }
    .ok_or(AllocationError::NoTarget)
}

/// A prospect credited to campaigns is this many parts, so that halves and thirds stay whole
/// numbers and sum to it.
pub const CREDIT: i64 = 1_000_000;

/// How many of the prospects each campaign is credited with, in [`CREDIT`]ths of a prospect. Each
/// prospect, given by its touches in time order, is credited exactly once in all.
///
/// # Errors
/// [`AllocationError::NoTarget`] when a prospect has no touch.
pub fn credit<'a, T: Clone + Ord + ToString + 'a>(
    prospects: impl IntoIterator<Item = &'a [T]>,
    rule: OverlapRule,
) -> Result<BTreeMap<T, i64>, AllocationError> {
    let mut credits = BTreeMap::new();
    for touches in prospects {
        for (campaign, part) in Splitter::new(&shares(rule, touches)?).split(CREDIT) {
            *credits.entry(campaign).or_default() += part;
        }
    }
    Ok(credits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_overlap_is_split_never_doubled() {
        let touches = ["mail", "fair", "mail"];
        let weights = |rule: OverlapRule| shares(rule, &touches).unwrap().weights().to_vec();
        assert_eq!(weights(OverlapRule::First), [("mail", 1)]);
        assert_eq!(weights(OverlapRule::Last), [("mail", 1)]);
        assert_eq!(weights(OverlapRule::Even), [("fair", 1), ("mail", 1)]);
        assert_eq!(weights(OverlapRule::ByTouch), [("fair", 1), ("mail", 2)]);
        assert_eq!(
            shares::<&str>(OverlapRule::First, &[]),
            Err(AllocationError::NoTarget)
        );
    }

    #[test]
    fn a_customer_whom_three_campaigns_touched_is_one_customer() {
        let prospects = [
            vec!["mail", "fair", "web"],
            vec!["mail"],
            vec!["web", "mail", "web"],
        ];
        let credited = |rule| credit(prospects.iter().map(Vec::as_slice), rule).unwrap();
        assert_eq!(
            credited(OverlapRule::First),
            [("mail", 2 * CREDIT), ("web", CREDIT)].into()
        );
        let even = [
            ("fair", 333_334),
            ("mail", 333_333 + CREDIT + 500_000),
            ("web", 833_333),
        ];
        assert_eq!(credited(OverlapRule::Even), even.into());
        for rule in [
            OverlapRule::First,
            OverlapRule::Last,
            OverlapRule::Even,
            OverlapRule::ByTouch,
        ] {
            assert_eq!(credited(rule).values().sum::<i64>(), 3 * CREDIT);
        }
    }
}
