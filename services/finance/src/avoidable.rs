//! Which share of a cost would not be spent otherwise: what finance confirmed, and 0 where it
//! confirmed nothing.

use crate::maintenance::{AvoidableShare, Maintenance, MaintenanceComponent};
use crate::ratio::divide_half_even;

/// A confirmed share of a component, of one segment or channel or of all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfirmedShare {
    /// Of what.
    pub component: MaintenanceComponent,
    /// Of one segment only.
    pub segment: Option<String>,
    /// Of one channel only.
    pub channel: Option<String>,
    /// How much.
    pub share: AvoidableShare,
}

impl ConfirmedShare {
    /// Whether it speaks of this cost at all.
    fn applies(&self, component: MaintenanceComponent, place: Place<'_>) -> bool {
        let holds = |own: &Option<String>, asked: Option<&str>| {
            own.as_deref().is_none_or(|own| asked == Some(own))
        };
        self.component == component
            && holds(&self.segment, place.segment)
            && holds(&self.channel, place.channel)
    }
}

/// Whose cost, and by which channel; none: not told apart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Place<'a> {
    /// The segment's key.
    pub segment: Option<&'a str>,
    /// The channel.
    pub channel: Option<&'a str>,
}

/// The shares in force, in the order in which they were confirmed.
#[derive(Debug, Clone, Default)]
pub struct ConfirmedShares(pub Vec<ConfirmedShare>);

impl ConfirmedShares {
    /// The share of a cost: what was said last of its segment and channel, else of its segment,
    /// else of its channel, else of all; else nothing.
    #[must_use]
    pub fn share(&self, component: MaintenanceComponent, place: Place<'_>) -> AvoidableShare {
        let applying = self.0.iter().filter(|it| it.applies(component, place));
        applying
            .max_by_key(|it| (it.segment.is_some(), it.channel.is_some()))
            .map(|it| it.share)
            .unwrap_or_default()
    }

    /// The avoidable part of one cost, minor units, half to even.
    #[must_use]
    pub fn part(
        &self,
        component: MaintenanceComponent,
        place: Place<'_>,
        minor: i64,
    ) -> Option<i64> {
        let share = u16::from(self.share(component, place));
        divide_half_even(i128::from(minor) * i128::from(share), 10_000)
    }

    /// The avoidable part of all costs of a place.
    #[must_use]
    pub fn of(&self, spent: &Maintenance, place: Place<'_>) -> Option<i64> {
        let components = spent.costs.keys();
        let shares = components.map(|it| (*it, self.share(*it, place)));
        spent.avoidable(&shares.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn confirmed(segment: Option<&str>, channel: Option<&str>, share: u16) -> ConfirmedShare {
        ConfirmedShare {
            component: MaintenanceComponent::Consumption,
            segment: segment.map(str::to_owned),
            channel: channel.map(str::to_owned),
            share: share.try_into().unwrap(),
        }
    }

    #[test]
    fn the_most_particular_share_counts_and_of_equals_the_last() {
        let shares = ConfirmedShares(vec![
            confirmed(Some("home"), Some("phone"), 5_000),
            confirmed(None, None, 1_000),
            confirmed(None, Some("phone"), 2_000),
            confirmed(Some("home"), None, 3_000),
            confirmed(Some("home"), None, 4_000),
        ]);
        let share = |segment, channel| {
            let place = Place { segment, channel };
            u16::from(shares.share(MaintenanceComponent::Consumption, place))
        };
        assert_eq!(share(Some("home"), Some("phone")), 5_000);
        assert_eq!(share(Some("home"), Some("chat")), 4_000);
        assert_eq!(share(Some("office"), Some("phone")), 2_000);
        assert_eq!(share(None, Some("phone")), 2_000);
        assert_eq!(share(Some("office"), None), 1_000);
        let overhead = shares.share(MaintenanceComponent::Overhead, Place::default());
        assert_eq!(
            u16::from(overhead),
            0,
            "nothing is avoidable until confirmed"
        );
        let half_cent = shares.part(MaintenanceComponent::Consumption, Place::default(), 25);
        assert_eq!(half_cent, Some(2));
    }
}
