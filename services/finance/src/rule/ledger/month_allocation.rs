//! Who bears the costs of one month: what names a segment stays there, what is shared is split by
//! the rule in force, and what no rule covers is shown as unallocated. Nothing is counted twice:
//! over segments and what is unallocated, the parts sum to the ledger.

use keepworth_contract::Word;
use std::collections::BTreeMap;
use std::sync::Arc;

use keepworth_contract::Currency;
use keepworth_contract::finance::{CostCategory, CostComponent};
use rust_decimal::Decimal;

use crate::rule::ledger::allocation::{Activity, AllocationRule, Splitter};
use crate::rule::ledger::share::{AllocationError, Shares};

/// A segment's key.
pub type Segment = Arc<str>;

/// How the shared costs of a category are split.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Method {
    /// By what the segments used.
    Rule(AllocationRule),
    /// By shares that somebody states.
    Stated(Vec<(Segment, Decimal)>),
}

impl Method {
    /// The segments' shares, given what each did in the month.
    ///
    /// # Errors
    /// When the shares do not sum to one, or there is nothing to go by.
    pub fn shares(
        &self,
        activity: &[(Segment, Activity)],
    ) -> Result<Shares<Segment>, AllocationError> {
        match self {
            Self::Rule(rule) => rule.shares(None, activity),
            Self::Stated(shares) => Shares::stated(shares.iter().cloned()),
        }
    }
}

/// What a cost is, as far as allocation keeps costs apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CostKey {
    /// What was spent on.
    pub category: CostCategory,
    /// What exactly.
    pub component: Option<CostComponent>,
    /// The currency.
    pub currency: Currency,
}

impl CostKey {
    fn order(&self) -> (CostCategory, Option<CostComponent>, &'static str) {
        (self.category, self.component, self.currency.code())
    }
}

impl Ord for CostKey {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.order().cmp(&other.order())
    }
}

impl PartialOrd for CostKey {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// What one segment bears, in minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Borne {
    /// From entries that name it.
    pub direct: i64,
    /// From shared entries.
    pub shared: i64,
}

/// Shared costs that no rule covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unallocated {
    /// Minor units.
    pub minor: i64,
    /// Why.
    pub reason: String,
}

/// Shared costs of one key while they are split.
#[derive(Debug)]
enum Pool<'a> {
    Split {
        splitter: Splitter<'a, Segment>,
        borne: BTreeMap<Segment, i64>,
    },
    Kept(Unallocated),
}

/// A sum that does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the costs of one segment and category exceed 9·10¹⁸ minor units")]
pub struct Overflow;

/// The shares in force for each category, or why there are none.
pub type SharesInForce = BTreeMap<CostCategory, Result<Shares<Segment>, String>>;

/// Allocates the entries of one month.
#[derive(Debug)]
pub struct MonthAllocator<'a> {
    shares: &'a SharesInForce,
    pools: BTreeMap<CostKey, Pool<'a>>,
    borne: BTreeMap<(CostKey, Segment), Borne>,
}

impl<'a> MonthAllocator<'a> {
    /// Nothing is allocated yet.
    #[must_use]
    pub fn new(shares: &'a SharesInForce) -> Self {
        Self {
            shares,
            pools: BTreeMap::new(),
            borne: BTreeMap::new(),
        }
    }

    /// Counts what names a segment.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn add_direct(
        &mut self,
        key: CostKey,
        segment: Segment,
        minor: i64,
    ) -> Result<(), Overflow> {
        let direct = &mut self.borne.entry((key, segment)).or_default().direct;
        *direct = direct.checked_add(minor).ok_or(Overflow)?;
        Ok(())
    }

    /// Splits a shared entry, and answers its parts, which sum to it; none when no rule covers it.
    /// Entries come in one order (day, then id), so that the parts are always the same.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn add_shared(
        &mut self,
        key: CostKey,
        minor: i64,
    ) -> Result<Vec<(Segment, i64)>, Overflow> {
        let shares = self.shares;
        match self.pools.entry(key).or_insert_with(|| pool(shares, key)) {
            Pool::Kept(kept) => {
                kept.minor = kept.minor.checked_add(minor).ok_or(Overflow)?;
                Ok(Vec::new())
            }
            Pool::Split { splitter, borne } => {
                let parts = splitter.split(minor);
                for (segment, part) in &parts {
                    if let Some(sum) = borne.get_mut(segment) {
                        *sum = sum.checked_add(*part).ok_or(Overflow)?;
                    } else {
                        borne.insert(segment.clone(), *part);
                    }
                }
                Ok(parts)
            }
        }
    }

    /// What each segment bears, and what is left.
    #[must_use]
    pub fn finish(mut self) -> MonthAllocation {
        let mut unallocated = BTreeMap::new();
        for (key, pool) in self.pools {
            match pool {
                Pool::Kept(kept) => {
                    unallocated.insert(key, kept);
                }
                Pool::Split { borne, .. } => {
                    for (segment, minor) in borne {
                        self.borne.entry((key, segment)).or_default().shared = minor;
                    }
                }
            }
        }
        MonthAllocation {
            borne: self.borne,
            unallocated,
        }
    }
}

fn pool(shares: &SharesInForce, key: CostKey) -> Pool<'_> {
    let reason = match shares.get(&key.category) {
        Some(Ok(shares)) => {
            return Pool::Split {
                splitter: Splitter::new(shares),
                borne: BTreeMap::new(),
            };
        }
        Some(Err(reason)) => reason.clone(),
        None => format!(
            "no allocation rule for {}; state one with POST /v1/allocation-rules",
            key.category.name()
        ),
    };
    Pool::Kept(Unallocated { minor: 0, reason })
}

/// The costs of one month by who bears them.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct MonthAllocation {
    /// By cost and segment.
    pub borne: BTreeMap<(CostKey, Segment), Borne>,
    /// Shared costs that nobody bears.
    pub unallocated: BTreeMap<CostKey, Unallocated>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(category: CostCategory) -> CostKey {
        CostKey {
            category,
            component: None,
            currency: "EUR".parse().unwrap(),
        }
    }

    fn activity() -> Vec<(Segment, Activity)> {
        let used = |contacts| Activity {
            contacts,
            ..Activity::default()
        };
        vec![("a".into(), used(1)), ("b".into(), used(2))]
    }

    fn in_force() -> SharesInForce {
        let by_contacts = Method::Rule(AllocationRule::ByContacts).shares(&activity());
        let by_headcount = Method::Rule(AllocationRule::ByHeadcount).shares(&activity());
        let reason = by_headcount.unwrap_err().to_string();
        [
            (CostCategory::Overhead, Ok(by_contacts.unwrap())),
            (CostCategory::Training, Err(reason)),
        ]
        .into()
    }

    #[test]
    fn what_no_rule_covers_is_unallocated_with_its_reason() {
        let shares = in_force();
        let mut allocator = MonthAllocator::new(&shares);
        for category in [CostCategory::Training, CostCategory::Service] {
            assert_eq!(allocator.add_shared(key(category), 100), Ok(vec![]));
        }
        let done = allocator.finish();
        let reason = |category| done.unallocated[&key(category)].reason.clone();
        assert!(reason(CostCategory::Training).contains("headcount is zero"));
        assert!(reason(CostCategory::Service).contains("no allocation rule for SERVICE"));
    }

    #[test]
    fn stated_shares_must_sum_to_one() {
        let stated = |shares: &[(&str, &str)]| {
            let share =
                |(segment, share): &(&str, &str)| ((*segment).into(), share.parse().unwrap());
            Method::Stated(shares.iter().map(share).collect()).shares(&[])
        };
        assert!(stated(&[("a", "0.3"), ("b", "0.7")]).is_ok());
        assert!(stated(&[("a", "0.3"), ("b", "0.6")]).is_err());
    }

    #[test]
    fn a_sum_that_does_not_fit_is_refused() {
        let shares = in_force();
        let mut allocator = MonthAllocator::new(&shares);
        let service = key(CostCategory::Service);
        allocator.add_direct(service, "a".into(), i64::MAX).unwrap();
        assert_eq!(allocator.add_direct(service, "a".into(), 1), Err(Overflow));
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_nothing_counted_twice(
            entries in proptest::collection::vec(
                (0usize..4, proptest::option::of(0usize..3), -1_000_000_i64..1_000_000), 0..200),
        ) {
            let categories = [CostCategory::Overhead, CostCategory::Training,
                CostCategory::Service, CostCategory::Programme];
            let shares = in_force();
            let mut allocator = MonthAllocator::new(&shares);
            for (category, segment, minor) in &entries {
                let key = key(categories[*category]);
                match segment {
                    Some(segment) => {
                        let segment = ["a", "b", "c"][*segment].into();
                        allocator.add_direct(key, segment, *minor).unwrap();
                    }
                    None => {
                        let parts = allocator.add_shared(key, *minor).unwrap();
                        let sum: i64 = parts.iter().map(|(_, part)| part).sum();
                        prop_assert!(parts.is_empty() || sum == *minor);
                    }
                }
            }
            let done = allocator.finish();
            for (index, category) in categories.into_iter().enumerate() {
                let ledger: i64 = entries.iter().filter(|entry| entry.0 == index).map(|entry| entry.2).sum();
                let borne: i64 = done.borne.iter().filter(|((key, _), _)| key.category == category)
                    .map(|(_, borne)| borne.direct + borne.shared).sum();
                let left: i64 = done.unallocated.iter().filter(|(key, _)| key.category == category)
                    .map(|(_, kept)| kept.minor).sum();
                prop_assert_eq!(borne + left, ledger);
            }
        }
    }
}
