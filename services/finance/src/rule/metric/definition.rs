//! The metric definitions that finance knows, each with the vendor whose figure it reproduces.
//!
//! One ledger gives several figures of one name: "net retention" is 100%, 101% or 100.5% of the
//! same months, by who counts reactivations and exchange rates. So no figure is computed but
//! through an entry of this registry, and its id and version travel with the value. A changed
//! formula is a new version; an old one stays as it was.

use serde::Serialize;

use crate::rule::cost::acquisition::Acquisition;
use crate::rule::cost::maintenance::Maintenance;
use crate::rule::metric::ratio::Ratio;
use crate::rule::metric::registry::REGISTRY;
use crate::rule::revenue::movement::Movements;

/// A metric's meaning.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Definition {
    /// Stable id, such as `nrr_netsuite`.
    pub id: &'static str,
    /// Rises by one with each change of the formula.
    pub version: u32,
    /// What people call it.
    pub name: &'static str,
    /// The formula in words and fields.
    pub formula: &'static str,
    /// Whose figure it reproduces.
    pub matches: &'static str,
    /// How the value reads.
    pub unit: Unit,
    #[serde(skip)]
    pub(crate) compute: Compute,
}

/// How a value reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// A fraction of the denominator over the period of the ledger; 0.92 is 92 percent.
    Share,
    /// Minor units of the reporting currency per new customer.
    MinorPerNewCustomer,
    /// Minor units of the reporting currency per average customer and year.
    MinorPerCustomerYear,
    /// Minor units of the reporting currency per customer.
    MinorPerCustomer,
    /// Per unit of the currency that is spent per head.
    PerUnitOfSpend,
    /// Minor units of the reporting currency per minute of handling.
    MinorPerMinute,
    /// Minor units of the reporting currency per contact.
    MinorPerContact,
}

/// What a definition is computed from, and how.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Compute {
    Movements(fn(&Movements) -> Ratio),
    Acquisition(fn(&Acquisition) -> Ratio),
    Maintenance(fn(&Maintenance) -> Ratio),
    /// Where its parts are at hand: by a model, or from what no other definition needs.
    Model,
}

/// An id or version that the registry does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("definition {id} version {version} is unknown; choose one of {known}")]
pub struct UnknownDefinition {
    /// The id asked for.
    pub id: String,
    /// The version asked for.
    pub version: u32,
    /// All ids with their versions.
    pub known: String,
}

/// All definitions, grouped by what they measure.
#[must_use]
pub fn all() -> &'static [Definition] {
    REGISTRY
}

/// The newest version of `id`.
#[must_use]
pub fn find_definition(id: &str) -> Option<&'static Definition> {
    let versions = REGISTRY.iter().filter(|definition| definition.id == id);
    versions.max_by_key(|definition| definition.version)
}

/// One version of `id`.
///
/// # Errors
/// [`UnknownDefinition`], naming those that exist.
pub fn load_definition(id: &str, version: u32) -> Result<&'static Definition, UnknownDefinition> {
    let mut all = REGISTRY.iter();
    all.find(|known| known.id == id && known.version == version)
        .ok_or_else(|| {
            let known: Vec<String> = REGISTRY
                .iter()
                .map(|known| format!("{} v{}", known.id, known.version))
                .collect();
            UnknownDefinition {
                id: id.to_owned(),
                version,
                known: known.join(", "),
            }
        })
}

/// Every retention figure of one period, side by side: why several tools print several numbers.
pub fn retention(movements: &Movements) -> impl Iterator<Item = (&'static Definition, Ratio)> {
    REGISTRY
        .iter()
        .filter_map(move |definition| match definition.compute {
            Compute::Movements(compute) => Some((definition, compute(movements))),
            _ => None,
        })
}

/// Every acquisition cost of one period, side by side.
pub fn acquisition(spent: &Acquisition) -> impl Iterator<Item = (&'static Definition, Ratio)> {
    REGISTRY
        .iter()
        .filter_map(move |definition| match definition.compute {
            Compute::Acquisition(compute) => Some((definition, compute(spent))),
            _ => None,
        })
}

/// Every maintenance cost of one period, side by side.
pub fn maintenance(spent: &Maintenance) -> impl Iterator<Item = (&'static Definition, Ratio)> {
    REGISTRY
        .iter()
        .filter_map(move |definition| match definition.compute {
            Compute::Maintenance(compute) => Some((definition, compute(spent))),
            _ => None,
        })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::rule::revenue::movement::Logos;

    fn figure(movements: &Movements, id: &str) -> f64 {
        let mut all = retention(movements);
        let (_, ratio) = all.find(|(definition, _)| definition.id == id).unwrap();
        ratio.value().unwrap()
    }

    #[test]
    fn one_ledger_three_net_retentions() {
        // customers.json "ledger", thousands: opening 100, closing 112.5.
        let ledger = Movements {
            opening: 100_000,
            new: 12_000,
            reactivation: 1_000,
            expansion: 8_000,
            contraction: 3_000,
            churn: 5_000,
            fx: -500,
            logos: Logos::default(),
        };
        assert_eq!(ledger.closing(), 112_500);
        assert_eq!(figure(&ledger, "grr"), 0.92);
        assert_eq!(figure(&ledger, "nrr_cohort"), 1.00);
        assert_eq!(figure(&ledger, "net_mrr_churn_chartmogul"), -0.01);
        assert_eq!(figure(&ledger, "gross_mrr_churn_chartmogul"), 0.08);
        assert_eq!(figure(&ledger, "nrr_netsuite"), 1.005);
        assert_eq!(
            figure(&ledger, "grr_constant_currency"),
            91_500.0 / 99_500.0
        );
        assert_eq!(figure(&ledger, "nrr_constant_currency"), 1.00);
    }

    #[test]
    fn three_churns_of_the_same_customers() {
        // Stripe, Billing analytics: 1,000 at the start, 100 won, 100 left, 10 of them new.
        let logos = Logos {
            opening: 1_000,
            won: 100,
            lost: 90,
            won_and_lost: 10,
        };
        let ledger = Movements {
            logos,
            ..Movements::default()
        };
        assert!((figure(&ledger, "logo_churn_stripe") - 0.090_909).abs() < 1e-6);
        assert_eq!(figure(&ledger, "logo_churn_opening"), 0.10);
        assert_eq!(figure(&ledger, "logo_churn_cohort"), 0.09);
        assert_eq!(figure(&ledger, "logo_retention"), 0.91);
    }

    #[test]
    fn customers_at_their_own_grain() {
        // The product's metric definitions, 3.9: A 100→130, B 100→60, C 100→0, D 100→100.
        let changes = [(100, 130), (100, 60), (100, 0), (100, 100)].map(|(opening, closing)| {
            crate::rule::revenue::movement::Change {
                opening,
                opening_at_closing_rate: opening,
                closing,
                dormant_months: None,
            }
        });
        let sums = Movements::of(
            changes,
            crate::rule::revenue::movement::MovementPolicy::default(),
        );
        assert_eq!(figure(&sums, "grr"), 0.65);
        assert_eq!(figure(&sums, "nrr_cohort"), 0.725);
        // Stripe's cohort: 100 at 10, ten leave, five move to 25.
        let cohort = Movements {
            opening: 1_000,
            expansion: 75,
            churn: 100,
            logos: Logos {
                opening: 100,
                lost: 10,
                ..Logos::default()
            },
            ..Movements::default()
        };
        assert_eq!(figure(&cohort, "nrr_cohort"), 0.975);
        assert_eq!(figure(&cohort, "logo_retention"), 0.90);
    }

    #[test]
    fn nothing_to_divide_by_is_no_figure() {
        let empty = Movements::default();
        assert!(retention(&empty).all(|(_, ratio)| ratio.value().is_none()));
    }

    #[test]
    fn every_id_and_version_is_once_and_can_be_loaded() {
        let ids: BTreeSet<_> = all()
            .iter()
            .map(|known| (known.id, known.version))
            .collect();
        assert_eq!(ids.len(), all().len());
        assert_eq!(
            load_definition("grr", 1).unwrap().matches,
            "cohort (SaaS Metrics Standards Board)"
        );
        assert_eq!(find_definition("nps").map(|known| known.id), None);
        let error = load_definition("grr", 9).unwrap_err().to_string();
        assert!(
            error.starts_with("definition grr version 9 is unknown; choose one of grr v1, "),
            "{error}"
        );
    }
}
