//! Which share of a cost would not be spent otherwise: what finance confirmed, and which of several
//! shares holds. Finance and simulator resolve them here, so that they cannot disagree.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Month;

/// A share of all of a cost, in ten-thousandths.
pub const WHOLE: u16 = 10_000;

/// A share that finance confirmed, of one segment or channel or of all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConfirmedShare {
    /// Of which cost of keeping customers: CONSUMPTION, OVERHEAD, TRAINING, …
    pub component: String,
    /// Of this segment only; null is all.
    pub segment: Option<String>,
    /// Of this channel only; null is all.
    pub channel: Option<String>,
    /// The first month in which it holds.
    pub from: Month,
    /// How much, in ten-thousandths, 0 to 10,000.
    pub basis_points: u16,
    /// Who confirmed it, and why.
    pub reason: String,
    /// The day on which it was written.
    pub confirmed_on: NaiveDate,
}

/// Whose cost, and by which channel; none: not told apart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Place<'a> {
    /// The segment's key.
    pub segment: Option<&'a str>,
    /// The channel.
    pub channel: Option<&'a str>,
}

impl ConfirmedShare {
    /// Whether it speaks of this cost at all.
    fn applies(&self, component: &str, place: Place<'_>, month: Month) -> bool {
        let holds = |own: &Option<String>, asked: Option<&str>| {
            own.as_deref().is_none_or(|own| asked == Some(own))
        };
        self.component == component
            && self.from <= month
            && holds(&self.segment, place.segment)
            && holds(&self.channel, place.channel)
    }
}

/// The share that holds for a cost in a month, of those in the order in which they were confirmed:
/// that of its segment and channel before that of its segment, that before its channel's, that
/// before the one of all. Of equals the one counts that took effect last; of those that took effect
/// in one month, the one confirmed last.
#[must_use]
pub fn share_in_force<'a>(
    confirmed: &'a [ConfirmedShare],
    component: &str,
    place: Place<'_>,
    month: Month,
) -> Option<&'a ConfirmedShare> {
    let applying = confirmed
        .iter()
        .filter(|it| it.applies(component, place, month));
    // Of equals `max_by_key` answers the last.
    applying.max_by_key(|it| (it.segment.is_some(), it.channel.is_some(), it.from))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn confirmed(
        segment: Option<&str>,
        channel: Option<&str>,
        from: &str,
        points: u16,
    ) -> ConfirmedShare {
        ConfirmedShare {
            component: "CONSUMPTION".to_owned(),
            segment: segment.map(str::to_owned),
            channel: channel.map(str::to_owned),
            from: from.parse().unwrap(),
            basis_points: points,
            reason: "board".to_owned(),
            confirmed_on: "2025-01-15".parse().unwrap(),
        }
    }

    fn share(
        all: &[ConfirmedShare],
        month: &str,
        segment: Option<&str>,
        channel: Option<&str>,
    ) -> Option<u16> {
        let place = Place { segment, channel };
        let found = share_in_force(all, "CONSUMPTION", place, month.parse().unwrap());
        found.map(|it| it.basis_points)
    }

    #[test]
    fn the_most_particular_share_counts() {
        let from = "2025-01";
        let all = [
            confirmed(Some("home"), Some("phone"), from, 5_000),
            confirmed(None, None, from, 1_000),
            confirmed(None, Some("phone"), from, 2_000),
            confirmed(Some("home"), None, from, 3_000),
        ];
        let share = |segment, channel| share(&all, "2025-02", segment, channel);
        assert_eq!(share(Some("home"), Some("phone")), Some(5_000));
        assert_eq!(share(Some("home"), Some("chat")), Some(3_000));
        assert_eq!(share(Some("office"), Some("phone")), Some(2_000));
        assert_eq!(share(None, Some("phone")), Some(2_000));
        assert_eq!(share(Some("office"), None), Some(1_000));
        let overhead = share_in_force(
            &all,
            "OVERHEAD",
            Place::default(),
            "2025-02".parse().unwrap(),
        );
        assert_eq!(overhead, None, "nothing is avoidable until confirmed");
    }

    #[test]
    fn a_later_step_holds_and_a_correction_of_the_same_month_replaces() {
        let all = [
            confirmed(None, None, "2026-07", 8_000),
            confirmed(None, None, "2026-01", 3_000),
            confirmed(None, None, "2026-01", 4_000),
        ];
        let at = |month| share(&all, month, None, None);
        assert_eq!(at("2025-12"), None);
        assert_eq!(at("2026-06"), Some(4_000), "the later version wins");
        assert_eq!(at("2026-07"), Some(8_000), "though confirmed before");
    }
}
