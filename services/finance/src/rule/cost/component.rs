//! What a cost counts as: each category has a usual component, and admits few others.

use keepworth_contract::Word;
use keepworth_contract::finance::{CostCategory, CostComponent};

use crate::rule::cost::acquisition::AcquisitionComponent;
use keepworth_contract::finance::MaintenanceComponent;

/// Where a cost is counted, once and nowhere else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CostPlace {
    /// In the gross margin.
    CostOfRevenue,
    /// In the cost of winning customers.
    Acquisition(AcquisitionComponent),
    /// In the cost of keeping them.
    Maintenance(MaintenanceComponent),
}

/// Where a cost of a category counts; `None` when the category has no such component.
///
/// Acquisition without a component counts as outreach: in the fully loaded figure, but not in
/// paid and blended, which count media and agencies only. Onboarding counts with acquisition,
/// where only the figure that says so includes it.
#[must_use]
pub fn find_place(category: CostCategory, component: Option<CostComponent>) -> Option<CostPlace> {
    use CostPlace::{Acquisition, CostOfRevenue, Maintenance};
    use MaintenanceComponent as Keep;
    Some(match (category, component) {
        (CostCategory::CostOfRevenue, None) => CostOfRevenue,
        (CostCategory::Acquisition, component) => Acquisition(winning(component)?),
        (CostCategory::Service, None | Some(CostComponent::Contacts)) => {
            Maintenance(Keep::Consumption)
        }
        (
            CostCategory::Service | CostCategory::Retention,
            Some(CostComponent::AccountManagement),
        ) => Maintenance(Keep::AccountManagement),
        (CostCategory::Overhead, None | Some(CostComponent::Overhead)) => {
            Maintenance(Keep::Overhead)
        }
        (CostCategory::Service | CostCategory::Overhead, Some(CostComponent::Billing)) => {
            Maintenance(Keep::Billing)
        }
        (CostCategory::Training, None | Some(CostComponent::Training)) => {
            Maintenance(Keep::Training)
        }
        (CostCategory::Retention, None | Some(CostComponent::RetentionMarketing)) => {
            Maintenance(Keep::RetentionMarketing)
        }
        (CostCategory::Retention, Some(CostComponent::Loyalty)) => Maintenance(Keep::Loyalty),
        (CostCategory::Programme, None) => Maintenance(Keep::Programme),
        _ => return None,
    })
}

fn winning(component: Option<CostComponent>) -> Option<AcquisitionComponent> {
    use AcquisitionComponent as Win;
    Some(match component {
        None | Some(CostComponent::Outreach) => Win::Outreach,
        Some(CostComponent::Media) => Win::Media,
        Some(CostComponent::Agency) => Win::Agency,
        Some(CostComponent::Leads) => Win::Leads,
        Some(CostComponent::Salaries) => Win::Salaries,
        Some(CostComponent::Commissions) => Win::Commissions,
        Some(CostComponent::Tools) => Win::Tools,
        Some(CostComponent::Events) => Win::Events,
        Some(CostComponent::Training) => Win::Training,
        Some(CostComponent::Overhead) => Win::Overhead,
        Some(CostComponent::Onboarding) => Win::Onboarding,
        Some(_) => return None,
    })
}

/// The components that a category admits, in words.
#[must_use]
pub fn admitted(category: CostCategory) -> String {
    let names: Vec<&str> = CostComponent::all()
        .filter(|component| find_place(category, Some(*component)).is_some())
        .map(CostComponent::name)
        .collect();
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_category_counts_somewhere_without_a_component() {
        for category in CostCategory::all() {
            assert!(find_place(category, None).is_some(), "{}", category.name());
        }
    }

    #[test]
    fn every_component_has_a_category() {
        for component in CostComponent::all() {
            let mut places =
                CostCategory::all().filter_map(|category| find_place(category, Some(component)));
            assert!(places.next().is_some(), "{}", component.name());
        }
    }

    #[test]
    fn training_of_sellers_is_acquisition_and_of_agents_maintenance() {
        let training = Some(CostComponent::Training);
        assert_eq!(
            find_place(CostCategory::Acquisition, training),
            Some(CostPlace::Acquisition(AcquisitionComponent::Training))
        );
        assert_eq!(
            find_place(CostCategory::Training, training),
            Some(CostPlace::Maintenance(MaintenanceComponent::Training))
        );
        assert_eq!(find_place(CostCategory::Programme, training), None);
        assert_eq!(admitted(CostCategory::Programme), "none");
        assert_eq!(
            admitted(CostCategory::Retention),
            "ACCOUNT_MANAGEMENT, RETENTION_MARKETING, LOYALTY"
        );
    }
}
