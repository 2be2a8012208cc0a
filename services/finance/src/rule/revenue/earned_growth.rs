//! How much of growth customers earned the company: by staying, by buying more, and by bringing
//! others.
//!
//! Revenue of a period is held against that of the period before it, of the same length. Those who
//! had revenue then are kept; the others are new, and earned when they came by referral or
//! reputation. The **earned growth rate** is what was kept and what was earned anew, over the revenue
//! before, less one; the **earned growth ratio** is its part of all growth (F. Reichheld, D. Darnell
//! and M. Burns, *Winning on Purpose*, 2021, appendix).

use std::collections::{BTreeMap, BTreeSet};

use keepworth_contract::Month;

use crate::rule::metric::ratio::Ratio;
use crate::rule::revenue::segment_count::CustomerCharge;

/// Minor units by currency code.
pub type Amounts = BTreeMap<&'static str, i128>;

/// Revenue of two periods, by where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarnedGrowth {
    first: Month,
    last: Month,
    earned_channels: BTreeSet<String>,
    /// Of the period before.
    pub before: Amounts,
    /// Of the period, from those who had revenue before.
    pub kept: Amounts,
    /// Of the period, from new customers who came by an earned channel.
    pub earned: Amounts,
    /// Of the period, from new customers who came by another.
    pub bought: Amounts,
    /// Of the period, from new customers of whom it is not known.
    pub unknown: Amounts,
    /// Customers with revenue in either period.
    pub customers: u64,
}

impl EarnedGrowth {
    /// Nobody is counted yet; the period is `first..=last`.
    #[must_use]
    pub fn new(first: Month, last: Month, earned_channels: BTreeSet<String>) -> Self {
        Self {
            first,
            last,
            earned_channels,
            before: Amounts::new(),
            kept: Amounts::new(),
            earned: Amounts::new(),
            bought: Amounts::new(),
            unknown: Amounts::new(),
            customers: 0,
        }
    }

    /// Counts a customer in: what they were charged, and by which channel they came.
    pub fn add(&mut self, channel: Option<&str>, charges: &[CustomerCharge]) {
        let length = self.last.index() - self.first.index() + 1;
        let before = revenue(charges, self.first.plus(-length), self.first.plus(-1));
        let now = revenue(charges, self.first, self.last);
        let has_revenue = |amounts: &Amounts| amounts.values().any(|minor| *minor != 0);
        self.customers += u64::from(has_revenue(&before) || has_revenue(&now));
        let had_revenue = before.values().any(|minor| *minor > 0);
        let now_from = match channel {
            _ if had_revenue => &mut self.kept,
            Some(channel) if self.earned_channels.contains(channel) => &mut self.earned,
            Some(_) => &mut self.bought,
            None => &mut self.unknown,
        };
        add(now_from, now);
        add(&mut self.before, before);
    }
}

/// What the charges bring in the months `first..=last`.
fn revenue(charges: &[CustomerCharge], first: Month, last: Month) -> Amounts {
    let mut amounts = Amounts::new();
    for charge in charges {
        let (from, to) = (charge.span.first().max(first), charge.span.last().min(last));
        for month in (from.index()..=to.index()).map(Month::from_index) {
            *amounts.entry(charge.currency.code()).or_default() += charge.part(month);
        }
    }
    amounts
}

fn add(sums: &mut Amounts, amounts: Amounts) {
    for (currency, minor) in amounts {
        *sums.entry(currency).or_default() += minor;
    }
}

/// The same in one currency, minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Growth {
    /// Revenue of the period before.
    pub before: i128,
    /// From those who had revenue then.
    pub kept: i128,
    /// From new customers who came by an earned channel.
    pub earned: i128,
    /// From all other new customers.
    pub other: i128,
}

impl Growth {
    /// Revenue from those who had some before, over the revenue before.
    #[must_use]
    pub fn net_retention(&self) -> Ratio {
        self.of_before(self.kept)
    }

    /// Earned new revenue over the revenue before.
    #[must_use]
    pub fn earned_new_share(&self) -> Ratio {
        self.of_before(self.earned)
    }

    /// Net retention and earned new share, less one.
    #[must_use]
    pub fn earned_growth_rate(&self) -> Ratio {
        self.of_before(self.earned_growth())
    }

    /// The part of all growth that is earned; without growth there is none.
    #[must_use]
    pub fn earned_growth_ratio(&self) -> Ratio {
        Ratio {
            numerator: self.earned_growth(),
            denominator: self.kept + self.earned + self.other - self.before,
        }
    }

    fn earned_growth(&self) -> i128 {
        self.kept + self.earned - self.before
    }

    fn of_before(&self, numerator: i128) -> Ratio {
        Ratio {
            numerator,
            denominator: self.before,
        }
    }
}

#[cfg(test)]
mod tests {
    use keepworth_contract::feed::CustomerKey;
    use keepworth_contract::finance::RevenueKind;

    use super::*;
    use crate::rule::revenue::span::Span;

    #[test]
    fn reichhelds_example() {
        // Winning on Purpose, appendix: revenue from 100 to 130, 85 of it kept, 45 new, of which
        // 25 earned: an earned growth rate of 10%, a third of all growth.
        let growth = Growth {
            before: 100,
            kept: 85,
            earned: 25,
            other: 20,
        };
        assert_eq!(growth.net_retention().value(), Some(0.85));
        assert_eq!(growth.earned_new_share().value(), Some(0.25));
        assert_eq!(growth.earned_growth_rate().value(), Some(0.10));
        assert_eq!(growth.earned_growth_ratio().value(), Some(10.0 / 30.0));
        let shrinking = Growth {
            other: 0,
            kept: 60,
            ..growth
        };
        assert_eq!(shrinking.earned_growth_rate().value(), Some(-0.15));
        assert_eq!(shrinking.earned_growth_ratio().value(), None);
    }

    #[test]
    fn who_had_revenue_before_is_kept_whoever_won_them() {
        let month = |text: &str| -> Month { text.parse().unwrap() };
        let charge = |last: &str, months, minor| CustomerCharge {
            customer: CustomerKey {
                source: "crm".into(),
                external_id: "1".into(),
            },
            kind: RevenueKind::Recurring,
            currency: "EUR".parse().unwrap(),
            minor,
            span: Span::new(month(last), months, None),
        };
        let earned = BTreeSet::from(["referral".to_owned()]);
        let mut growth = EarnedGrowth::new(month("2025-07"), month("2025-12"), earned);
        // Half of a year's charge is in either period.
        growth.add(Some("referral"), &[charge("2025-12", 12, 1_200)]);
        growth.add(
            Some("referral"),
            &[charge("2025-08", 1, 30), charge("2024-12", 1, 99)],
        );
        growth.add(Some("search"), &[charge("2025-08", 1, 20)]);
        growth.add(None, &[charge("2025-07", 1, 5)]);
        growth.add(None, &[charge("2026-01", 1, 5)]);
        let euros = |amounts: &Amounts| amounts.get("EUR").copied().unwrap_or(0);
        assert_eq!((euros(&growth.before), euros(&growth.kept)), (600, 600));
        assert_eq!((euros(&growth.earned), euros(&growth.bought)), (30, 20));
        assert_eq!((euros(&growth.unknown), growth.customers), (5, 4));
    }
}
