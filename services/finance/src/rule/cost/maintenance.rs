//! What a customer costs to keep: an overhead pool plus what they use.
//!
//! `overhead + Σ minutes · rate + training + …`, per customer-month. An average over customers
//! hides that a few cost most of it, so the concentration stands beside it. Only what would not
//! be spent otherwise can be saved: each component carries its avoidable share, 0 until finance
//! confirms another.

use std::collections::BTreeMap;

use keepworth_contract::finance::MaintenanceComponent;
use serde::{Deserialize, Serialize};

use crate::rule::metric::ratio::{Ratio, divide_half_even};

/// Unit costs are kept in this fraction of a minor unit.
pub const RATE_SCALE: i64 = 10_000;

/// Contacts of one channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Consumption {
    /// Seconds of handling, summed over contacts.
    pub handle_seconds: u64,
    /// Cost per minute in [`RATE_SCALE`]ths of a minor unit.
    pub rate_per_minute: u64,
}

impl Consumption {
    /// Its cost in minor units, half to even; none when it does not fit.
    #[must_use]
    pub fn cost(&self) -> Option<i64> {
        let numerator = i128::from(self.handle_seconds) * i128::from(self.rate_per_minute);
        divide_half_even(numerator, 60 * i128::from(RATE_SCALE))
    }
}

/// An avoidable share in ten-thousandths, 0 to 10,000.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct AvoidableShare(u16);

/// An avoidable share above one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("avoidable share is {0} ten-thousandths; it must be between 0 and 10000")]
pub struct AvoidableShareError(u16);

impl TryFrom<u16> for AvoidableShare {
    type Error = AvoidableShareError;

    fn try_from(basis_points: u16) -> Result<Self, AvoidableShareError> {
        if basis_points <= 10_000 {
            Ok(Self(basis_points))
        } else {
            Err(AvoidableShareError(basis_points))
        }
    }
}

impl From<AvoidableShare> for u16 {
    fn from(share: AvoidableShare) -> Self {
        share.0
    }
}

/// Costs and customers of one period.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Maintenance {
    /// Minor units by component, already allocated to whatever this is about.
    pub costs: BTreeMap<MaintenanceComponent, i64>,
    /// Active customers, summed over the months of the period.
    pub customer_months: u64,
}

impl Maintenance {
    /// The sum of the components, minor units.
    #[must_use]
    pub fn total(&self) -> i128 {
        self.costs.values().map(|minor| i128::from(*minor)).sum()
    }

    /// Cost of an average customer over a year.
    #[must_use]
    pub fn per_customer_year(&self) -> Ratio {
        Ratio {
            numerator: 12 * self.total(),
            denominator: self.customer_months.into(),
        }
    }

    /// The part that would really not be spent, minor units, half to even; components without a
    /// share have none. None when it does not fit.
    #[must_use]
    pub fn avoidable(
        &self,
        shares: &BTreeMap<MaintenanceComponent, AvoidableShare>,
    ) -> Option<i64> {
        let parts = self.costs.iter().map(|(component, minor)| {
            let share = shares.get(component).copied().unwrap_or_default();
            i128::from(*minor) * i128::from(share.0)
        });
        divide_half_even(parts.sum(), 10_000)
    }
}

/// How much of the cost falls on the costliest customers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Concentration {
    /// The costliest part of customers, as a fraction.
    pub costliest: f64,
    /// How many customers that is, rounded up.
    pub customers: usize,
    /// Their share of all cost, as a fraction.
    pub cost_share: f64,
}

/// The costliest parts of customers that are reported: 1%, 5% and 20%.
pub const COSTLIEST: [f64; 3] = [0.01, 0.05, 0.20];

/// The share of cost that falls on the costliest 1%, 5% and 20% of customers. Give every active
/// customer, those without cost too, or the shares come out too low.
///
/// None without customers or without cost. The costs are sorted in place.
pub fn concentration(costs: &mut [i64]) -> Option<[Concentration; 3]> {
    costs.sort_unstable_by(|a, b| b.cmp(a));
    let total: i128 = costs.iter().map(|minor| i128::from(*minor)).sum();
    if total <= 0 {
        return None;
    }
    Some(COSTLIEST.map(|costliest| {
        let customers = (costs.len() as f64 * costliest).ceil() as usize;
        let theirs: i128 = costs[..customers]
            .iter()
            .map(|minor| i128::from(*minor))
            .sum();
        Concentration {
            costliest,
            customers,
            cost_share: theirs as f64 / total as f64,
        }
    }))
}

#[cfg(test)]
#[expect(clippy::inconsistent_digit_grouping, reason = "cents stand apart")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// customers.json "maintenance_cost", in cents: five lines, 5,000 average customers a year.
    fn year() -> Maintenance {
        use MaintenanceComponent::{AccountManagement, Billing, Consumption, Loyalty, Programme};
        let costs = [
            (Consumption, 240_000_00),
            (AccountManagement, 160_000_00),
            (Loyalty, 40_000_00),
            (Billing, 30_000_00),
            (Programme, 30_000_00),
        ];
        Maintenance {
            costs: costs.into(),
            customer_months: 5_000 * 12,
        }
    }

    #[test]
    fn an_average_customer_costs_100_a_year() {
        let (definition, ratio) = crate::rule::metric::definition::maintenance(&year())
            .next()
            .unwrap();
        assert_eq!(
            (definition.id, ratio.minor()),
            ("maintenance_cost", Some(100_00))
        );
        assert_eq!(Maintenance::default().per_customer_year().minor(), None);
    }

    #[test]
    fn nothing_is_avoidable_until_confirmed() {
        assert_eq!(year().avoidable(&BTreeMap::new()), Some(0));
        let half = AvoidableShare::try_from(5_000).unwrap();
        let shares = BTreeMap::from([(MaintenanceComponent::Consumption, half)]);
        assert_eq!(year().avoidable(&shares), Some(120_000_00));
        let error = AvoidableShare::try_from(10_001).unwrap_err().to_string();
        assert_eq!(
            error,
            "avoidable share is 10001 ten-thousandths; it must be between 0 and 10000"
        );
    }

    #[test]
    fn contacts_cost_their_minutes() {
        // customers.json kolsky_chain: 120,000 contacts of 6 minutes at 1.00 a minute.
        let rate_per_minute = 100 * RATE_SCALE.unsigned_abs();
        let contacts = Consumption {
            handle_seconds: 120_000 * 360,
            rate_per_minute,
        };
        assert_eq!(contacts.cost(), Some(720_000_00));
    }

    #[test]
    fn a_few_customers_cost_most() {
        let mut costs = vec![0; 80];
        costs.extend([10; 19]);
        costs.push(810);
        let [one, five, twenty] = concentration(&mut costs).unwrap();
        assert_eq!((one.customers, one.cost_share), (1, 0.81));
        assert_eq!((five.customers, five.cost_share), (5, 0.85));
        assert_eq!((twenty.customers, twenty.cost_share), (20, 1.0));
        assert_eq!(concentration(&mut []), None);
        assert_eq!(concentration(&mut [0, 0]), None);
    }

    proptest! {
        #[test]
        fn concentration_lies_between_equality_and_all(
            mut costs in prop::collection::vec(0i64..1_000_000, 1..500),
        ) {
            prop_assume!(costs.iter().any(|minor| *minor > 0));
            let n = costs.len() as f64;
            for part in concentration(&mut costs).unwrap() {
                prop_assert!(part.cost_share <= 1.0);
                prop_assert!(part.cost_share >= part.customers as f64 / n - 1e-12);
            }
        }
    }
}
