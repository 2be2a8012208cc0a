//! What happens to everybody at the same time: drift, seasons, shocks.

use std::collections::BTreeMap;

use keepworth_contract::Month;
use rand::Rng;
use rand_distr::{Distribution, StandardNormal};
use serde::Serialize;

/// How hazards and contacts change with calendar time; [`Calendar::still`] changes nothing.
///
/// The hazard of a month is that of the customer's tenure times `drift × season × shock`; contacts
/// follow season and shock. The factors are 1 on average (season, shock) or in the month of the
/// export (drift).
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Calendar {
    /// Change of the logarithm of hazards in a year, which goes on in the future.
    pub(crate) log_drift_a_year: f64,
    /// Largest departure of a month from the year's mean, as a share.
    pub(crate) season: f64,
    /// Month of the year (0 is January) with the most leaving.
    pub(crate) season_peak: u32,
    /// Spread of the logarithm of a month's shock, common to all segments.
    pub(crate) shock_log_sd: f64,
    /// Month of the export.
    #[serde(skip)]
    now: Month,
    /// What came in the months of the records.
    #[serde(skip)]
    shocks: BTreeMap<Month, f64>,
}

/// Seven nodes and weights of Gauss and Hermite's rule for a standard normal variable.
const NODES: [(f64, f64); 7] = [
    (-3.750_439_717_725_742, 0.000_548_268_855_972_218_7),
    (-2.366_759_410_734_541_4, 0.030_757_123_967_586_46),
    (-1.154_405_394_739_968_2, 0.240_123_178_605_012_7),
    (0.0, 0.457_142_857_142_857_5),
    (1.154_405_394_739_968_2, 0.240_123_178_605_012_7),
    (2.366_759_410_734_541_4, 0.030_757_123_967_586_46),
    (3.750_439_717_725_742, 0.000_548_268_855_972_218_7),
];

impl Calendar {
    /// Nothing changes.
    pub(crate) fn still(now: Month) -> Self {
        Self {
            log_drift_a_year: 0.0,
            season: 0.0,
            season_peak: 0,
            shock_log_sd: 0.0,
            now,
            shocks: BTreeMap::new(),
        }
    }

    /// Draws the shocks of the months from `first` to the export's.
    pub(crate) fn draw_shocks(&mut self, rng: &mut impl Rng, first: Month) {
        for index in first.index()..=self.now.index() {
            let z: f64 = StandardNormal.sample(rng);
            self.shocks.insert(Month::from_index(index), self.shock(z));
        }
    }

    /// A shock with mean 1.
    fn shock(&self, z: f64) -> f64 {
        (self.shock_log_sd * (z - self.shock_log_sd / 2.0)).exp()
    }

    /// What a month of the past did to hazards.
    pub(crate) fn hazard_factor(&self, month: Month) -> f64 {
        self.hazard_trend(month) * self.past_shock(month)
    }

    /// What a month of the past did to contacts.
    pub(crate) fn contact_factor(&self, month: Month) -> f64 {
        self.season_factor(month) * self.past_shock(month)
    }

    fn past_shock(&self, month: Month) -> f64 {
        self.shocks.get(&month).copied().unwrap_or(1.0)
    }

    /// What can be foreseen of a month's effect on hazards.
    pub(crate) fn hazard_trend(&self, month: Month) -> f64 {
        let years = f64::from(month.index() - self.now.index()) / 12.0;
        (self.log_drift_a_year * years).exp() * self.season_factor(month)
    }

    /// What can be foreseen of a month's effect on contacts.
    pub(crate) fn season_factor(&self, month: Month) -> f64 {
        let since = f64::from(month.index() - self.season_peak.cast_signed());
        1.0 + self.season * (std::f64::consts::TAU * since / 12.0).cos()
    }

    /// Shocks that a month of the future may bring, each with its probability.
    pub(crate) fn possible_shocks(&self) -> Vec<(f64, f64)> {
        if self.shock_log_sd == 0.0 {
            return vec![(1.0, 1.0)];
        }
        let shock = |&(z, weight): &(f64, f64)| (self.shock(z), weight);
        NODES.iter().map(shock).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seasons_and_shocks_are_one_on_average() {
        let now: Month = "2025-06".parse().unwrap();
        let calendar = Calendar {
            season: 0.4,
            season_peak: 2,
            shock_log_sd: 0.5,
            log_drift_a_year: 0.3,
            ..Calendar::still(now)
        };
        let year: f64 = (0..12).map(|m| calendar.season_factor(now.plus(m))).sum();
        assert!((year / 12.0 - 1.0).abs() < 1e-12);
        assert!((calendar.season_factor("2025-03".parse().unwrap()) - 1.4).abs() < 1e-12);
        let shocks = calendar.possible_shocks();
        let mean: f64 = shocks.iter().map(|(shock, weight)| shock * weight).sum();
        assert!((mean - 1.0).abs() < 1e-6, "{mean}");
        let drifted = calendar.hazard_trend(now.plus(12)) / calendar.hazard_trend(now);
        assert!((drifted - 0.3_f64.exp()).abs() < 1e-12);
    }
}
