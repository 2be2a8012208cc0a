//! Who comes back after having stopped paying, and how the hazard of it falls with time.
//!
//! A customer **pays** in a month when what recurs of theirs is above zero on its last day, as
//! [`movement`](crate::rule::revenue::movement) has it. Who paid once and does not pay is in the pool: in the month
//! after `d` months without a payment they come back or not. The hazard per month is occurrences over exposure within
//! a band of `d`, its interval the exact one of a Poisson count (Garwood, Biometrika 28, 1936). Who stopped before the
//! records begin is never in the pool: nobody knows of them.

use keepworth_contract::Month;
use statrs::distribution::{ChiSquared, ContinuousCDF};

/// First months without a payment of each band.
pub const BANDS: [u32; 5] = [1, 4, 7, 13, 25];

/// Level of intervals.
pub const LEVEL: f64 = 0.95;

/// What happened to those who had stopped paying, in some months.
#[derive(Debug, Clone)]
pub struct WinBacks {
    first: Month,
    last: Month,
    /// By band: months at risk, and returns.
    pub bands: [(u64, u64); BANDS.len()],
    /// Who paid once and does not in the last month.
    pub pool: u64,
    /// Of those who returned in the months, who pays in the last one.
    pub still_paying: u64,
}

impl WinBacks {
    /// Nobody yet.
    #[must_use]
    pub fn new(first: Month, last: Month) -> Self {
        Self {
            first,
            last,
            bands: Default::default(),
            pool: 0,
            still_paying: 0,
        }
    }

    /// Counts a customer in; `pays` are the months in which they pay, ascending, none after the last.
    pub fn add(&mut self, pays: &[Month]) {
        let mut has_returned = false;
        for pair in pays.windows(2) {
            let [before, next] = pair else { continue };
            self.dormant(*before, *next);
            let is_gap = next.index() - before.index() > 1;
            if is_gap && *next >= self.first {
                has_returned = true;
                self.bands[band(dormant(*before, *next))].1 += 1;
            }
        }
        let Some(latest) = pays.last().copied() else {
            return;
        };
        self.dormant(latest, self.last.plus(1));
        let pays_now = latest == self.last;
        self.pool += u64::from(!pays_now);
        self.still_paying += u64::from(pays_now && has_returned);
    }

    /// Months from the second after `paid` on, up to `until`, in which they could come back: all of them but the first
    /// month without a payment, at whose beginning they still paid.
    fn dormant(&mut self, paid: Month, until: Month) {
        let from = paid.plus(2).max(self.first);
        let to = until.min(self.last);
        for index in from.index()..=to.index() {
            self.bands[band(dormant(paid, Month::from_index(index)))].0 += 1;
        }
    }

    /// Everybody who came back.
    #[must_use]
    pub fn returned(&self) -> u64 {
        self.bands.iter().map(|(_, returned)| returned).sum()
    }
}

/// Months without a payment between the month last paid for and another.
fn dormant(paid: Month, month: Month) -> u32 {
    month.index().abs_diff(paid.index()).saturating_sub(1)
}

fn band(dormant: u32) -> usize {
    BANDS.iter().rposition(|from| *from <= dormant).unwrap_or(0)
}

/// Ends of the exact interval of a rate of Poisson events over an exposure; none without exposure.
#[must_use]
pub fn exact_rate(events: u64, exposure: u64) -> Option<(f64, f64)> {
    let (k, tail) = (events as f64, (1.0 - LEVEL) / 2.0);
    let quantile = |freedom: f64, p: f64| Some(ChiSquared::new(freedom).ok()?.inverse_cdf(p) / 2.0);
    let low = if events == 0 {
        0.0
    } else {
        quantile(2.0 * k, tail)?
    };
    let high = quantile(2.0 * k + 2.0, 1.0 - tail)?;
    (exposure > 0).then(|| (low / exposure as f64, high / exposure as f64))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    fn of(customers: &[&[&str]]) -> WinBacks {
        let mut found = WinBacks::new(month("2025-01"), month("2025-06"));
        for pays in customers {
            let pays: Vec<Month> = pays.iter().map(|it| month(it)).collect();
            found.add(&pays);
        }
        found
    }

    #[test]
    fn who_comes_back_was_in_the_pool_until_then() {
        // Two months without: at risk at the end of one, and of two, when they came.
        let back = of(&[&["2024-12", "2025-03", "2025-04", "2025-05", "2025-06"]]);
        assert_eq!(
            (back.bands[0], back.pool, back.still_paying),
            ((2, 1), 0, 1)
        );
        // Back, and gone again.
        let gone = of(&[&["2024-12", "2025-03"]]);
        assert_eq!(
            (gone.bands[0], gone.pool, gone.still_paying),
            ((4, 1), 1, 0)
        );
        // Five months before the first one, still away at the end of the sixth.
        let away = of(&[&["2024-07"]]);
        assert_eq!(away.bands[..3], [(0, 0), (2, 0), (4, 0)]);
        let always = of(&[&[
            "2025-01", "2025-02", "2025-03", "2025-04", "2025-05", "2025-06",
        ]]);
        assert_eq!((always.bands[0], always.pool), ((0, 0), 0));
    }

    #[test]
    fn intervals_are_the_published_ones() {
        // Garwood (1936): 10 events, 4.795 to 18.39; none, 0 to 3.689.
        let (low, high) = exact_rate(10, 1).unwrap();
        assert!(
            (low - 4.795).abs() < 5e-4 && (high - 18.390).abs() < 5e-3,
            "{low} {high}"
        );
        let (low, high) = exact_rate(0, 1).unwrap();
        assert!(low == 0.0 && (high - 3.689).abs() < 5e-4, "{high}");
        assert_eq!(exact_rate(0, 0), None);
    }

    /// Of ledgers drawn with a known chance to come back, which is the same for all: 95% intervals hold it in as many,
    /// give or take three standard errors of what 600 ledgers tell.
    #[test]
    fn intervals_hold_the_truth_as_often_as_they_say() {
        const LEDGERS: u32 = 600;
        let (stop, back) = (0.1, 0.15);
        let mut luck = 36_912_u64;
        let mut uniform = || {
            luck = luck * 48_271 % 2_147_483_647;
            luck as f64 / 2_147_483_647.0
        };
        let (first, last) = (month("2024-01"), month("2025-12"));
        let mut held = 0;
        for _ in 0..LEDGERS {
            let mut found = WinBacks::new(first, last);
            for _ in 0..40 {
                let mut pays = true;
                let months = (0..24).map(|at| first.plus(at));
                let paid = months.filter(|_| {
                    let now = pays;
                    pays = uniform() < if pays { 1.0 - stop } else { back };
                    now
                });
                found.add(&Vec::from_iter(paid));
            }
            let (risk, returned) = found
                .bands
                .iter()
                .fold((0, 0), |sum, it| (sum.0 + it.0, sum.1 + it.1));
            let (low, high) = exact_rate(returned, risk).unwrap();
            held += u32::from(low < back && back < high);
        }
        let share = f64::from(held) / f64::from(LEDGERS);
        let error = 3.0 * (LEVEL * (1.0 - LEVEL) / f64::from(LEDGERS)).sqrt();
        // A chance a month is no rate of many: its counts scatter less, and intervals are on the safe side.
        assert!(share > LEVEL - error && share < 0.995, "{share}");
    }

    proptest! {
        /// Month by month: whoever did not pay the month before and paid once before it is at risk.
        #[test]
        fn risk_and_returns_are_those_of_a_walk_through_the_months(
            histories in prop::collection::vec(prop::collection::vec(any::<bool>(), 40), 1..20),
        ) {
            let (start, first, last) = (month("2023-01"), month("2024-06"), month("2026-04"));
            let mut found = WinBacks::new(first, last);
            let mut bands = [(0, 0); BANDS.len()];
            let mut pool = 0;
            for history in &histories {
                let pays = |at: usize| history[at];
                let months = (0..history.len()).filter(|at| pays(*at));
                let months: Vec<Month> = months.map(|at| start.plus(at as i32)).collect();
                found.add(&months);
                for at in 1..history.len() {
                    let Some(latest) = (0..at).rev().find(|it| pays(*it)) else { continue };
                    let without = at - latest - 1;
                    if without == 0 || start.plus(at as i32) < first {
                        continue;
                    }
                    let place = match without { 1..=3 => 0, 4..=6 => 1, 7..=12 => 2, 13..=24 => 3, _ => 4 };
                    bands[place].0 += 1;
                    bands[place].1 += u64::from(pays(at));
                }
                pool += u64::from(history.contains(&true) && !history[39]);
            }
            prop_assert_eq!(found.bands, bands);
            prop_assert_eq!(found.pool, pool);
        }
    }
}
