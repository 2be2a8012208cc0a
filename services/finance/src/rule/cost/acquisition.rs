//! What a new customer cost to win, in three named figures.
//!
//! Paid and blended count what was paid to media and agencies; fully loaded counts everyone and
//! everything that worked on winning. The denominator is first-time **paying** customers. Spend
//! comes before the customer: with a lag of `L` months the customers of month `t` are held
//! against the spend of month `t − L`.

use std::collections::{BTreeMap, BTreeSet};

use keepworth_contract::Month;
use serde::{Deserialize, Serialize};

use crate::rule::metric::ratio::Ratio;

/// What acquisition money went to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AcquisitionComponent {
    /// Advertising space.
    Media,
    /// Agencies.
    Agency,
    /// Bought or generated leads.
    Leads,
    /// Reaching out to prospects.
    Outreach,
    /// Salaries and benefits of sales and marketing.
    Salaries,
    /// Commissions.
    Commissions,
    /// Systems and their customisation.
    Tools,
    /// Fairs and events.
    Events,
    /// Training of those who sell.
    Training,
    /// The allocated part of overhead.
    Overhead,
    /// Bringing the new customer into use. Counted here only by the figure that says so, and then
    /// not in maintenance.
    Onboarding,
}

/// Spend and customers of one period.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Acquisition {
    /// Minor units by component, already allocated to whatever this is about.
    pub spend: BTreeMap<AcquisitionComponent, i64>,
    /// Customers who paid for the first time.
    pub new_customers: u64,
    /// Those of them attributed to paid channels.
    pub from_paid: u64,
}

impl Acquisition {
    /// Media and agencies over customers from paid channels.
    #[must_use]
    pub fn paid(&self) -> Ratio {
        per(self.media_and_agency(), self.from_paid)
    }

    /// Media and agencies over all new customers.
    #[must_use]
    pub fn blended(&self) -> Ratio {
        per(self.media_and_agency(), self.new_customers)
    }

    /// Everything but onboarding over all new customers.
    #[must_use]
    pub fn fully_loaded(&self) -> Ratio {
        per(
            self.sum_of(|part| part != AcquisitionComponent::Onboarding),
            self.new_customers,
        )
    }

    /// Everything over all new customers.
    #[must_use]
    pub fn fully_loaded_with_onboarding(&self) -> Ratio {
        per(self.sum_of(|_| true), self.new_customers)
    }

    fn media_and_agency(&self) -> i128 {
        use AcquisitionComponent::{Agency, Media};
        self.sum_of(|part| matches!(part, Media | Agency))
    }

    fn sum_of(&self, counts: impl Fn(AcquisitionComponent) -> bool) -> i128 {
        let parts = self.spend.iter().filter(|(part, _)| counts(**part));
        parts.map(|(_, minor)| i128::from(*minor)).sum()
    }
}

fn per(numerator: i128, customers: u64) -> Ratio {
    Ratio {
        numerator,
        denominator: customers.into(),
    }
}

/// New customers of one month.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NewCustomers {
    /// All who paid for the first time.
    pub all: u64,
    /// Those attributed to paid channels.
    pub from_paid: u64,
}

/// Each month's customers beside the spend of `lag_months` before. Months with only one of the two
/// are kept: spend without customers has no cost per customer, and must not vanish.
#[must_use]
pub fn by_month(
    spend: &BTreeMap<Month, BTreeMap<AcquisitionComponent, i64>>,
    customers: &BTreeMap<Month, NewCustomers>,
    lag_months: u16,
) -> BTreeMap<Month, Acquisition> {
    let lag = i32::from(lag_months);
    let spent_for = spend.keys().map(|month| month.plus(lag));
    let months: BTreeSet<Month> = customers.keys().copied().chain(spent_for).collect();
    let of = |month: Month| {
        let won = customers.get(&month).copied().unwrap_or_default();
        Acquisition {
            spend: spend.get(&month.plus(-lag)).cloned().unwrap_or_default(),
            new_customers: won.all,
            from_paid: won.from_paid,
        }
    };
    months.into_iter().map(|month| (month, of(month))).collect()
}

#[cfg(test)]
#[expect(clippy::inconsistent_digit_grouping, reason = "cents stand apart")]
mod tests {
    use super::*;

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    /// customers.json "acquisition_cost", in cents.
    fn year() -> Acquisition {
        use AcquisitionComponent::{
            Agency, Commissions, Events, Media, Onboarding, Salaries, Tools,
        };
        let spend = [
            (Media, 120_000_00),
            (Agency, 30_000_00),
            (Salaries, 200_000_00),
            (Commissions, 60_000_00),
            (Tools, 25_000_00),
            (Events, 15_000_00),
            (Onboarding, 50_000_00),
        ];
        Acquisition {
            spend: spend.into(),
            new_customers: 500,
            from_paid: 300,
        }
    }

    #[test]
    fn three_figures_of_one_year() {
        let figures: BTreeMap<_, _> = crate::rule::metric::definition::acquisition(&year())
            .map(|(definition, ratio)| (definition.id, ratio.minor().unwrap()))
            .collect();
        assert_eq!(figures["cac_paid"], 500_00);
        assert_eq!(figures["cac_blended"], 300_00);
        assert_eq!(figures["cac_fully_loaded"], 900_00);
        assert_eq!(figures["cac_fully_loaded_onboarding"], 1_000_00);
    }

    #[test]
    fn nobody_won_is_no_figure() {
        let none = Acquisition {
            new_customers: 0,
            from_paid: 0,
            ..year()
        };
        assert_eq!(
            (none.paid().minor(), none.fully_loaded().value()),
            (None, None)
        );
    }

    #[test]
    fn customers_are_held_against_the_spend_that_came_before() {
        let spend = |minor| BTreeMap::from([(AcquisitionComponent::Media, minor)]);
        let spend = [
            (month("2026-01"), spend(900)),
            (month("2026-02"), spend(500)),
        ];
        let won = |all| NewCustomers {
            all,
            from_paid: all,
        };
        let customers = [(month("2026-01"), won(7)), (month("2026-03"), won(3))];
        let lagged = by_month(&spend.into(), &customers.into(), 2);
        let figures: Vec<_> = lagged
            .iter()
            .map(|(month, a)| (month.to_string(), a.paid().minor()))
            .collect();
        let expected = [
            ("2026-01", Some(0)),
            ("2026-03", Some(300)),
            ("2026-04", None),
        ];
        assert_eq!(
            figures,
            expected.map(|(month, cost)| (month.to_owned(), cost))
        );
    }

    #[test]
    fn lag_moves_spend_but_loses_none() {
        let months = ["2026-01", "2026-02", "2026-05"].map(month);
        let spend: BTreeMap<_, _> = months.iter().map(|m| (*m, year().spend)).collect();
        for lag in 0..5 {
            let lagged = by_month(&spend, &BTreeMap::new(), lag);
            let total: i64 = lagged.values().flat_map(|a| a.spend.values()).sum();
            assert_eq!(total, 3 * 500_000_00);
        }
    }
}
