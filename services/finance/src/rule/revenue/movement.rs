//! How recurring revenue moved from one month to the next.
//!
//! Every customer's change is one movement: new, reactivation, expansion, contraction or churn,
//! and beside it the part that is only exchange rates. The identity
//! `closing = opening + new + reactivation + expansion − contraction − churn + fx`
//! holds to the last unit, because the change is split at one point: what the opening amount is
//! worth at the closing rate.
//!
//! Amounts are whole numbers in one unit of the reporting currency, such as [`MRR_SCALE`]ths of
//! a minor unit. The grain is whatever one [`Change`] stands for: pass customers, not
//! subscriptions, or a customer who moves between two plans counts as expansion and contraction.

use serde::{Deserialize, Serialize};

use crate::rule::metric::ratio::divide_half_even;

/// Recurring amounts are kept in this fraction of a minor unit, so that a yearly fee's twelfth
/// keeps its fraction over thousands of subscriptions.
pub const MRR_SCALE: i64 = 10_000;

/// How often an amount recurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Interval {
    /// 52 weeks are 12 months.
    Week,
    /// A month.
    Month,
    /// 12 months.
    Year,
}

/// An amount that recurs every `count` intervals, as an amount per month in [`MRR_SCALE`]ths of
/// a minor unit: week × 52/12, month × 1, year ÷ 12, divided by `count`; half rounds to even.
///
/// None when `count` is zero or the result does not fit.
#[must_use]
pub fn monthly_recurring(minor: i64, interval: Interval, count: u32) -> Option<i64> {
    let (times, over) = match interval {
        Interval::Week => (52, 12),
        Interval::Month => (1, 1),
        Interval::Year => (1, 12),
    };
    let numerator = i128::from(minor) * i128::from(MRR_SCALE) * times;
    divide_half_even(numerator, over * i128::from(count))
}

/// One customer's recurring revenue at the start and the end of a period, never negative.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Change {
    /// At the start, converted at the opening rate.
    pub opening: u64,
    /// The same amount of the customer's currency, converted at the closing rate.
    pub opening_at_closing_rate: u64,
    /// At the end, converted at the closing rate.
    pub closing: u64,
    /// Months since the customer last paid, if they ever did before; only used at `opening = 0`.
    pub dormant_months: Option<u32>,
}

/// Choices on which vendors differ.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovementPolicy {
    /// A customer who returns later than this many months is new again; none: never.
    pub reactivation_window_months: Option<u32>,
    /// When who cancels is gone.
    pub cancellation: Cancellation,
}

/// When a customer who cancels is gone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cancellation {
    /// When it takes effect: nothing that was paid for runs any more.
    #[default]
    Effective,
    /// When it is decided, though what was paid for still runs.
    Decided,
}

/// What a change was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Movement {
    /// A first payment.
    New,
    /// A payment after a time without.
    Reactivation,
    /// More than before.
    Expansion,
    /// Less than before, but not nothing.
    Contraction,
    /// Nothing any more.
    Churn,
}

impl Change {
    /// What the change was, with its size; none when nothing changed in the customer's own money.
    #[must_use]
    pub fn movement(&self, policy: MovementPolicy) -> Option<(Movement, u64)> {
        let before = self.opening_at_closing_rate;
        match (self.opening, self.closing) {
            (0, 0) => None,
            (0, closing) => {
                let window = policy.reactivation_window_months.unwrap_or(u32::MAX);
                let back = self.dormant_months.is_some_and(|months| months <= window);
                let movement = if back {
                    Movement::Reactivation
                } else {
                    Movement::New
                };
                Some((movement, closing))
            }
            (_, 0) => Some((Movement::Churn, before)),
            (_, closing) if closing > before => Some((Movement::Expansion, closing - before)),
            (_, closing) if closing < before => Some((Movement::Contraction, before - closing)),
            _ => None,
        }
    }

    /// What exchange rates alone did to the opening amount.
    #[must_use]
    pub fn exchange(&self) -> i128 {
        if self.opening == 0 {
            return 0;
        }
        i128::from(self.opening_at_closing_rate) - i128::from(self.opening)
    }
}

/// The movements of a period, summed, so wide that no sum overflows. All but `fx` are magnitudes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Movements {
    /// Recurring revenue at the start, at the opening rate.
    pub opening: i128,
    /// From customers who never paid before.
    pub new: i128,
    /// From customers who came back.
    pub reactivation: i128,
    /// More from customers who stayed.
    pub expansion: i128,
    /// Less from customers who stayed.
    pub contraction: i128,
    /// From customers who left.
    pub churn: i128,
    /// Exchange rates alone; either sign.
    pub fx: i128,
    /// Customers counted.
    pub logos: Logos,
}

/// The movements of a period, in customers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Logos {
    /// Paying at the start.
    pub opening: i128,
    /// New or back during the period.
    pub won: i128,
    /// Of those paying at the start, gone by the end.
    pub lost: i128,
    /// Of those won, gone again by the end. Invisible to month-end amounts, so zero unless counted
    /// from events.
    pub won_and_lost: i128,
}

impl Movements {
    /// Recurring revenue at the end, by the identity.
    #[must_use]
    pub fn closing(&self) -> i128 {
        self.opening + self.new + self.reactivation + self.expansion - self.contraction - self.churn
            + self.fx
    }

    /// The sum of all changes.
    #[must_use]
    pub fn of(changes: impl IntoIterator<Item = Change>, policy: MovementPolicy) -> Self {
        let mut sums = Self::default();
        for change in changes {
            sums.add(&change, policy);
        }
        sums
    }

    fn add(&mut self, change: &Change, policy: MovementPolicy) {
        self.opening += i128::from(change.opening);
        self.fx += change.exchange();
        self.logos.opening += i128::from(change.opening > 0);
        self.logos.won += i128::from(change.opening == 0 && change.closing > 0);
        self.logos.lost += i128::from(change.opening > 0 && change.closing == 0);
        let Some((movement, size)) = change.movement(policy) else {
            return;
        };
        let sum = match movement {
            Movement::New => &mut self.new,
            Movement::Reactivation => &mut self.reactivation,
            Movement::Expansion => &mut self.expansion,
            Movement::Contraction => &mut self.contraction,
            Movement::Churn => &mut self.churn,
        };
        *sum += i128::from(size);
    }
}

#[cfg(test)]
#[expect(clippy::inconsistent_digit_grouping, reason = "cents stand apart")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A change without exchange rates.
    fn change(opening: u64, closing: u64) -> Change {
        Change {
            opening,
            opening_at_closing_rate: opening,
            closing,
            dormant_months: None,
        }
    }

    fn of(changes: &[Change]) -> Movements {
        Movements::of(changes.iter().copied(), MovementPolicy::default())
    }

    #[test]
    fn stripe_normalises_years_to_months() {
        // Stripe, Billing analytics: 100 subscriptions at 100 a month and 50 at 600 a year.
        let month = monthly_recurring(100_00, Interval::Month, 1).unwrap();
        let year = monthly_recurring(600_00, Interval::Year, 1).unwrap();
        assert_eq!(100 * month + 50 * year, 12_500_00 * MRR_SCALE);
        let week = monthly_recurring(12_00, Interval::Week, 1).unwrap();
        assert_eq!(week, 52_00 * MRR_SCALE);
        assert_eq!(
            monthly_recurring(300_00, Interval::Month, 3),
            Some(100_00 * MRR_SCALE)
        );
        assert_eq!(monthly_recurring(1, Interval::Month, 0), None);
        // A thousand fees of 10.00 a year are 833.33 a month, not 1,000 times 0.83.
        let small = monthly_recurring(10_00, Interval::Year, 1).unwrap();
        assert_eq!(
            divide_half_even(i128::from(1_000 * small), i128::from(MRR_SCALE)),
            Some(833_33)
        );
    }

    #[test]
    fn stripe_movements_close() {
        // Stripe, Billing analytics: 1,000 + 100 + 50 − 40 − 60 − 5 = 1,045.
        let movements = Movements {
            opening: 1_000,
            new: 100,
            expansion: 50,
            contraction: 40,
            churn: 60,
            fx: -5,
            ..Movements::default()
        };
        assert_eq!(movements.closing(), 1_045);
        // Stripe: a cancelled 120 a year and a downgrade from 50 to 25 are 35 of churned revenue.
        let lost = of(&[change(10, 0), change(50, 25)]);
        assert_eq!(lost.churn + lost.contraction, 35);
    }

    #[test]
    fn exchange_rates_are_apart_from_what_customers_did() {
        // 100 at the opening rate is 90 at the closing rate; the customer doubled their plan.
        let doubled = Change {
            opening: 100,
            opening_at_closing_rate: 90,
            closing: 180,
            dormant_months: None,
        };
        let movements = of(&[doubled]);
        assert_eq!(
            (movements.fx, movements.expansion, movements.closing()),
            (-10, 90, 180)
        );
    }

    #[test]
    fn who_comes_back_in_time_is_no_new_customer() {
        let back = Change {
            closing: 70,
            dormant_months: Some(4),
            ..Change::default()
        };
        let within = |months| MovementPolicy {
            reactivation_window_months: months,
            ..MovementPolicy::default()
        };
        assert_eq!(
            back.movement(within(None)),
            Some((Movement::Reactivation, 70))
        );
        assert_eq!(
            back.movement(within(Some(4))),
            Some((Movement::Reactivation, 70))
        );
        assert_eq!(back.movement(within(Some(3))), Some((Movement::New, 70)));
        assert_eq!(
            change(0, 70).movement(within(None)),
            Some((Movement::New, 70))
        );
        assert_eq!(change(70, 70).movement(within(None)), None);
    }

    #[test]
    fn grain_matters() {
        // One customer, two subscriptions: 100 to 150 and 100 to 70.
        let customer = of(&[change(200, 220)]);
        let subscriptions = of(&[change(100, 150), change(100, 70)]);
        assert_eq!((customer.expansion, customer.contraction), (20, 0));
        assert_eq!(
            (subscriptions.expansion, subscriptions.contraction),
            (50, 30)
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn the_identity_closes_over_any_history(
            // Per month: an exchange rate in percent and each customer's amount in own money.
            months in prop::collection::vec((50u64..200, prop::collection::vec(0u64..500, 5)), 2..14),
            window in prop::option::of(0u32..4),
        ) {
            let policy = MovementPolicy { reactivation_window_months: window, ..MovementPolicy::default() };
            let convert = |amount: u64, percent: u64| amount * percent / 100;
            let value = |month: &(u64, Vec<u64>)| -> i128 {
                month.1.iter().map(|amount| i128::from(convert(*amount, month.0))).sum()
            };
            for (at, pair) in months.windows(2).enumerate() {
                let [(opening_rate, before), (closing_rate, after)] = pair else { unreachable!() };
                let changes = (0..before.len()).map(|customer| {
                    let last_paid = (0..=at).rev().find(|month| months[*month].1[customer] > 0);
                    Change {
                        opening: convert(before[customer], *opening_rate),
                        opening_at_closing_rate: convert(before[customer], *closing_rate),
                        closing: convert(after[customer], *closing_rate),
                        dormant_months: last_paid.map(|month| u32::try_from(at - month).unwrap()),
                    }
                });
                let sums = Movements::of(changes, policy);
                prop_assert_eq!(sums.opening, value(&pair[0]));
                prop_assert_eq!(sums.closing(), value(&pair[1]));
                prop_assert!(sums.churn + sums.contraction <= sums.opening + sums.fx);
                prop_assert!(sums.logos.lost <= sums.logos.opening);
            }
        }
    }
}
