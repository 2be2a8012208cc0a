//! Who bears a shared cost: shares that sum to one, and cents that are never lost.
//!
//! Shares are whole-number weights over their sum, so they sum to one by construction. A stream
//! of ledger entries is split by largest remainder **with the remainders carried from entry to
//! entry**: each entry is split into whole minor units that sum to it exactly, so every
//! allocated cent is traceable to its entry, and each target's total stays within one minor unit
//! of its exact share of the stream. Splitting each entry on its own would give every leftover
//! cent of a million small entries to the same target.

use serde::{Deserialize, Serialize};

use crate::rule::ledger::share::{AllocationError, Shares};

/// How a shared cost is split between segments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AllocationRule {
    /// To the segment that the entry names.
    Direct,
    /// In proportion to contacts handled.
    ByContacts,
    /// In proportion to minutes of handling.
    ByMinutes,
    /// In proportion to revenue.
    ByRevenue,
    /// In proportion to headcount.
    ByHeadcount,
    /// In equal parts.
    Even,
}

/// What a segment used of the shared things in one period: the weights of the rules.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activity {
    /// Contacts handled.
    pub contacts: i64,
    /// Minutes of handling.
    pub minutes: i64,
    /// Revenue in minor units, all segments in one currency.
    pub revenue: i64,
    /// People working for the segment.
    pub headcount: i64,
}

impl AllocationRule {
    /// The shares of the segments under this rule; `own` is the segment that the entry names.
    ///
    /// # Errors
    /// As [`Shares::weighted`]; [`AllocationError::NoSegment`] for `direct` without a segment.
    pub fn shares<T: Clone + Ord + ToString>(
        self,
        own: Option<&T>,
        activity: &[(T, Activity)],
    ) -> Result<Shares<T>, AllocationError> {
        let by = |name, weight: fn(&Activity) -> i64| {
            let weights = activity
                .iter()
                .map(|(segment, used)| (segment.clone(), weight(used)));
            Shares::weighted(name, weights)
        };
        match self {
            Self::Direct => own
                .cloned()
                .map(Shares::direct)
                .ok_or(AllocationError::NoSegment),
            Self::ByContacts => by("contacts", |used| used.contacts),
            Self::ByMinutes => by("minutes", |used| used.minutes),
            Self::ByRevenue => by("revenue", |used| used.revenue),
            Self::ByHeadcount => by("headcount", |used| used.headcount),
            Self::Even => by("segments", |_| 1),
        }
    }
}

/// A part of one ledger entry borne by one target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allocated<E, T> {
    /// The entry it comes from.
    pub entry: E,
    /// Who bears it.
    pub target: T,
    /// Minor units, of the entry's sign or within one unit of zero.
    pub minor: i64,
}

/// Splits a stream of amounts, carrying remainders.
#[derive(Debug)]
pub struct Splitter<'a, T> {
    shares: &'a Shares<T>,
    /// What each target has been given too little, in 1/total of a minor unit; sums to zero and
    /// stays within one minor unit.
    owed: Vec<i128>,
}

impl<'a, T: Clone + Ord + ToString> Splitter<'a, T> {
    /// A splitter that has split nothing yet.
    #[must_use]
    pub fn new(shares: &'a Shares<T>) -> Self {
        Self {
            shares,
            owed: vec![0; shares.weights().len()],
        }
    }

    /// Splits the next amount of minor units; the parts sum to it. Targets without a part are
    /// left out.
    pub fn split(&mut self, minor: i64) -> Vec<(T, i64)> {
        let total = self.shares.total();
        let mut parts: Vec<i128> = Vec::with_capacity(self.owed.len());
        for (owed, (_, weight)) in self.owed.iter_mut().zip(self.shares.weights()) {
            let (part, rest) = divide(*owed + i128::from(minor) * i128::from(*weight), total);
            parts.push(part);
            *owed = rest;
        }
        let left_over = i128::from(minor) - parts.iter().sum::<i128>();
        for index in self.most_owed(left_over) {
            parts[index] += 1;
            self.owed[index] -= total;
        }
        let targets = self.shares.weights().iter().map(|(target, _)| target);
        let given = targets.zip(parts).filter(|(_, part)| *part != 0);
        given
            .map(|(target, part)| (target.clone(), narrow(part)))
            .collect()
    }

    /// The indices of the `count` largest remainders, earlier targets first among equals.
    fn most_owed(&self, count: i128) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.owed.len()).collect();
        let count = usize::try_from(count).unwrap_or(0);
        if count > 0 {
            let most_first = |index: &usize| (std::cmp::Reverse(self.owed[*index]), *index);
            order.select_nth_unstable_by_key(count - 1, most_first);
        }
        order.truncate(count);
        order
    }
}

/// Quotient and remainder, the remainder never negative; in 64 bits where they suffice, which
/// is several times as fast and nearly always.
fn divide(numerator: i128, denominator: i128) -> (i128, i128) {
    if let (Ok(n), Ok(d)) = (i64::try_from(numerator), i64::try_from(denominator)) {
        return (n.div_euclid(d).into(), n.rem_euclid(d).into());
    }
    (
        numerator.div_euclid(denominator),
        numerator.rem_euclid(denominator),
    )
}

/// A part is at most one unit larger than the `i64` it came from, and only on one side.
fn narrow(part: i128) -> i64 {
    i64::try_from(part).unwrap_or(if part > 0 { i64::MAX } else { i64::MIN })
}

/// Splits entries in the order given; see the module's documentation for what that guarantees.
/// The order must be a stable one (posting date, then id) for the result to be reproducible.
pub fn allocate<'a, E, T>(
    entries: impl IntoIterator<Item = (E, i64)> + 'a,
    shares: &'a Shares<T>,
) -> impl Iterator<Item = Allocated<E, T>> + 'a
where
    E: Clone + 'a,
    T: Clone + Ord + ToString + 'a,
{
    let mut splitter = Splitter::new(shares);
    entries.into_iter().flat_map(move |(entry, minor)| {
        let parts = splitter.split(minor).into_iter();
        parts.map(move |(target, minor)| Allocated {
            entry: entry.clone(),
            target,
            minor,
        })
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn shares(weights: &[i64]) -> Shares<usize> {
        Shares::weighted("weight", weights.iter().copied().enumerate()).unwrap()
    }

    #[test]
    fn the_leftover_cent_goes_to_the_largest_remainder_and_comes_round() {
        let thirds = shares(&[1, 1, 1]);
        let mut splitter = Splitter::new(&thirds);
        assert_eq!(splitter.split(100), [(0, 34), (1, 33), (2, 33)]);
        assert_eq!(splitter.split(100), [(0, 33), (1, 34), (2, 33)]);
        assert_eq!(splitter.split(100), [(0, 33), (1, 33), (2, 34)]);
    }

    #[test]
    fn small_entries_are_not_all_borne_by_the_largest_segment() {
        let shares = shares(&[60, 40]);
        let cents = allocate((0..1_000).map(|entry| (entry, 1)), &shares);
        let borne: i64 = cents
            .filter(|part| part.target == 1)
            .map(|part| part.minor)
            .sum();
        assert_eq!(borne, 400);
    }

    #[test]
    fn rules_weigh_by_what_they_name() {
        let used = |contacts, minutes| Activity {
            contacts,
            minutes,
            revenue: 1,
            headcount: 0,
        };
        let activity = [("home", used(30, 100)), ("office", used(10, 900))];
        let weights = |rule: AllocationRule| rule.shares(Some(&"home"), &activity);
        assert_eq!(
            weights(AllocationRule::ByContacts).unwrap().weights(),
            [("home", 30), ("office", 10)]
        );
        assert_eq!(weights(AllocationRule::ByMinutes).unwrap().total(), 1_000);
        assert_eq!(
            weights(AllocationRule::Even).unwrap().weights(),
            [("home", 1), ("office", 1)]
        );
        assert_eq!(
            weights(AllocationRule::Direct).unwrap().weights(),
            [("home", 1)]
        );
        assert_eq!(
            weights(AllocationRule::ByHeadcount)
                .unwrap_err()
                .to_string(),
            "headcount is zero for every target; record it or choose another rule"
        );
        let refund = [(
            "home",
            Activity {
                revenue: -5,
                ..Activity::default()
            },
        )];
        assert_eq!(
            AllocationRule::ByRevenue
                .shares(None, &refund)
                .unwrap_err()
                .to_string(),
            "revenue of home is -5; a share cannot be negative, correct it"
        );
        assert_eq!(
            AllocationRule::Direct.shares(None, &activity).unwrap_err(),
            AllocationError::NoSegment
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn what_is_allocated_is_the_ledger(
            weights in prop::collection::vec(0i64..1_000, 1..8),
            amounts in prop::collection::vec(-1_000_000i64..1_000_000, 0..40),
        ) {
            prop_assume!(weights.iter().sum::<i64>() > 0);
            let shares = shares(&weights);
            let parts: Vec<_> = allocate(amounts.iter().copied().enumerate(), &shares).collect();
            for (entry, amount) in amounts.iter().enumerate() {
                let own = parts.iter().filter(|part| part.entry == entry);
                prop_assert_eq!(own.map(|part| part.minor).sum::<i64>(), *amount);
            }
            let ledger: i64 = amounts.iter().sum();
            for (target, weight) in shares.weights() {
                let own = parts.iter().filter(|part| part.target == *target);
                let borne: i64 = own.map(|part| part.minor).sum();
                let exact = i128::from(ledger) * i128::from(*weight);
                let off = (i128::from(borne) * shares.total() - exact).abs();
                prop_assert!(off < shares.total(), "{} of {}", borne, ledger);
            }
        }

        #[test]
        fn a_correction_takes_back_exactly_what_was_given(
            weights in prop::collection::vec(1i64..1_000, 1..8),
            amount in any::<i64>(),
        ) {
            prop_assume!(amount != i64::MIN);
            let shares = shares(&weights);
            let mut borne = BTreeMap::<usize, i128>::new();
            let mut splitter = Splitter::new(&shares);
            for (target, part) in splitter.split(amount).into_iter().chain(splitter.split(-amount)) {
                *borne.entry(target).or_default() += i128::from(part);
            }
            prop_assert!(borne.values().all(|sum| *sum == 0), "{:?}", borne);
        }
    }
}
