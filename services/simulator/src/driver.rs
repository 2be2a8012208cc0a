//! What costs are held against, by calendar month.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use keepworth_contract::Month;

use crate::tally::Tally;
use crate::window::months_between;

/// One calendar month of a segment, or of the company: only its part within the window.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct MonthDrivers {
    /// Customer-months under observation.
    pub(crate) months: f64,
    /// Customers won.
    pub(crate) won: f64,
    /// Revenue in minor units.
    #[expect(dead_code, reason = "margins are still taken over the whole window")]
    pub(crate) revenue_minor: f64,
    /// Minutes of contact by channel.
    pub(crate) minutes_by_channel: BTreeMap<String, f64>,
}

/// The months of the window, each with its drivers, in order.
pub(crate) type DriversByMonth = BTreeMap<Month, MonthDrivers>;

/// A segment's drivers from the window's first day to its last. What the tally knows as a sum only
/// is spread evenly over the days.
pub(crate) fn drivers_by_month(
    tally: &Tally,
    window_from: NaiveDate,
    as_of: NaiveDate,
) -> DriversByMonth {
    let after = as_of + Days::new(1);
    let length = months_between(window_from, after);
    let months = Month::of(window_from).index()..=Month::of(as_of).index();
    let drivers = |month: Month| {
        let (from, to) = (
            window_from.max(month.first_day()),
            after.min(month.plus(1).first_day()),
        );
        let part = months_between(from, to) / length;
        let won: u64 = tally.won.range(from..to).map(|(_, won)| won).sum();
        MonthDrivers {
            months: tally.months * part,
            won: won as f64,
            revenue_minor: tally.window_revenue * part,
            minutes_by_channel: tally
                .channels
                .iter()
                .map(|(name, contacts)| (name.clone(), contacts.minutes() * part))
                .collect(),
        }
    };
    months
        .map(Month::from_index)
        .map(|month| (month, drivers(month)))
        .collect()
}
