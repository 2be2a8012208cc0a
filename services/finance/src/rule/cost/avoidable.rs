//! Which share of a cost would not be spent otherwise: what finance confirmed, and 0 where it
//! confirmed nothing.

use keepworth_contract::Month;
use keepworth_contract::Word;
use keepworth_contract::finance::avoidable::{ConfirmedShare, Place, WHOLE, share_in_force};

use crate::rule::cost::maintenance::{AvoidableShare, Maintenance};
use crate::rule::metric::ratio::divide_half_even;
use keepworth_contract::finance::MaintenanceComponent;

/// The shares in force in a month.
#[derive(Debug, Clone)]
pub struct ConfirmedShares {
    /// All of them, in the order in which they were confirmed.
    confirmed: Vec<ConfirmedShare>,
    month: Month,
}

impl ConfirmedShares {
    /// Those of `confirmed`, in the order in which they were confirmed, that hold in a month.
    #[must_use]
    pub fn in_force(confirmed: Vec<ConfirmedShare>, month: Month) -> Self {
        Self { confirmed, month }
    }

    /// The share of a cost, by [`share_in_force`]; nothing where nothing is confirmed.
    #[must_use]
    pub fn share(&self, component: MaintenanceComponent, place: Place<'_>) -> AvoidableShare {
        let found = share_in_force(&self.confirmed, component.name(), place, self.month);
        let share = found.and_then(|it| AvoidableShare::try_from(it.basis_points).ok());
        share.unwrap_or_default()
    }

    /// The avoidable part of one cost, minor units, half to even; none when it does not fit.
    #[must_use]
    pub fn part(
        &self,
        component: MaintenanceComponent,
        place: Place<'_>,
        minor: i64,
    ) -> Option<i64> {
        let share = u16::from(self.share(component, place));
        let numerator = i128::from(minor) * i128::from(share);
        divide_half_even(numerator, i128::from(WHOLE))
    }

    /// The avoidable part of what a segment bears, contacts apart: which of those can be avoided
    /// depends on their channel.
    #[must_use]
    pub fn of_all_but_contacts(&self, spent: &Maintenance, segment: Option<&str>) -> Option<i64> {
        let place = Place {
            segment,
            channel: None,
        };
        let components = spent.costs.keys();
        let others = components.filter(|it| **it != MaintenanceComponent::Consumption);
        let shares = others.map(|it| (*it, self.share(*it, place)));
        spent.avoidable(&shares.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_rounded_half_to_even_and_contacts_are_apart() {
        let confirmed = |component: &str, basis_points| ConfirmedShare {
            component: component.to_owned(),
            segment: None,
            channel: None,
            from: "2025-09".parse().unwrap(),
            basis_points,
            reason: "board".to_owned(),
            confirmed_on: "2025-09-15".parse().unwrap(),
        };
        let all = vec![
            confirmed("CONSUMPTION", 1_000),
            confirmed("OVERHEAD", 5_000),
        ];
        let shares = ConfirmedShares::in_force(all.clone(), "2025-09".parse().unwrap());
        let half_cent = shares.part(MaintenanceComponent::Consumption, Place::default(), 25);
        assert_eq!(half_cent, Some(2));
        let spent = Maintenance {
            costs: [
                (MaintenanceComponent::Overhead, 100),
                (MaintenanceComponent::Consumption, 1_000),
                (MaintenanceComponent::Billing, 70),
            ]
            .into(),
            customer_months: 1,
        };
        assert_eq!(shares.of_all_but_contacts(&spent, Some("home")), Some(50));
        let before = ConfirmedShares::in_force(all, "2025-08".parse().unwrap());
        assert_eq!(before.of_all_but_contacts(&spent, None), Some(0));
    }
}
