//! Costs of one segment (or of all) over a period, in one currency, and the unit costs that
//! follow.

use std::collections::BTreeMap;

use keepworth_contract::finance::{CostCategory, CostComponent};

use crate::rule::cost::acquisition::Acquisition;
use crate::rule::cost::component::{CostPlace, find_place};
use crate::rule::cost::maintenance::Maintenance;
use crate::rule::ledger::month_allocation::Overflow;

/// Who the costs are spread over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Active customers, summed over the months.
    pub customer_months: u64,
    /// Customers who paid for the first time.
    pub new_customers: u64,
    /// Those of them from paid channels.
    pub from_paid: u64,
    /// What customers were charged, minor units.
    pub revenue: i128,
}

/// Minor units by category and component.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CostTotal(BTreeMap<(CostCategory, Option<CostComponent>), i64>);

impl CostTotal {
    /// Counts a cost in.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn add(
        &mut self,
        category: CostCategory,
        component: Option<CostComponent>,
        minor: i64,
    ) -> Result<(), Overflow> {
        let sum = self.0.entry((category, component)).or_default();
        *sum = sum.checked_add(minor).ok_or(Overflow)?;
        Ok(())
    }

    /// What was spent on some categories, minor units.
    #[must_use]
    pub fn of(&self, categories: &[CostCategory]) -> i128 {
        let counted = self.0.iter().filter(|((it, _), _)| categories.contains(it));
        counted.map(|(_, minor)| i128::from(*minor)).sum()
    }

    /// The costs of winning customers.
    pub fn acquisition_lines(
        &self,
    ) -> impl Iterator<Item = (CostCategory, Option<CostComponent>, i64)> {
        self.lines(|place| matches!(place, CostPlace::Acquisition(_)))
    }

    /// The costs of keeping them.
    pub fn maintenance_lines(
        &self,
    ) -> impl Iterator<Item = (CostCategory, Option<CostComponent>, i64)> {
        self.lines(|place| matches!(place, CostPlace::Maintenance(_)))
    }

    fn lines(
        &self,
        counts: impl Fn(CostPlace) -> bool,
    ) -> impl Iterator<Item = (CostCategory, Option<CostComponent>, i64)> {
        let lines = self
            .0
            .iter()
            .map(|((category, component), minor)| (*category, *component, *minor));
        lines.filter(move |(category, component, _)| {
            find_place(*category, *component).is_some_and(&counts)
        })
    }

    /// What was spent on winning customers, and who was won.
    #[must_use]
    pub fn acquisition(&self, counts: Counts) -> Acquisition {
        let mut spend = BTreeMap::new();
        for ((category, component), minor) in &self.0 {
            if let Some(CostPlace::Acquisition(place)) = find_place(*category, *component) {
                *spend.entry(place).or_default() += minor;
            }
        }
        Acquisition {
            spend,
            new_customers: counts.new_customers,
            from_paid: counts.from_paid,
        }
    }

    /// What was spent on keeping customers, and whom.
    #[must_use]
    pub fn maintenance(&self, counts: Counts) -> Maintenance {
        let mut costs = BTreeMap::new();
        for ((category, component), minor) in &self.0 {
            if let Some(CostPlace::Maintenance(place)) = find_place(*category, *component) {
                *costs.entry(place).or_default() += minor;
            }
        }
        Maintenance {
            costs,
            customer_months: counts.customer_months,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cost_counts_once() {
        let mut total = CostTotal::default();
        for (category, component, minor) in [
            (CostCategory::Acquisition, None, 100),
            (CostCategory::Acquisition, Some(CostComponent::Outreach), 20),
            (CostCategory::Acquisition, Some(CostComponent::Media), 30),
            (CostCategory::Service, None, 1_000),
            (CostCategory::Service, Some(CostComponent::Contacts), 200),
            (CostCategory::Training, None, 5),
            (CostCategory::CostOfRevenue, None, 7),
        ] {
            total.add(category, component, minor).unwrap();
        }
        let counts = Counts {
            customer_months: 12,
            new_customers: 3,
            from_paid: 2,
            revenue: 0,
        };
        assert_eq!(total.acquisition(counts).fully_loaded().numerator, 150);
        assert_eq!(total.acquisition(counts).paid().numerator, 30);
        assert_eq!(total.maintenance(counts).total(), 1_205);
        assert_eq!(
            total.of(&[CostCategory::Training, CostCategory::CostOfRevenue]),
            12
        );
        assert_eq!(total.acquisition_lines().count(), 3);
        assert_eq!(total.maintenance_lines().count(), 3);
    }
}
