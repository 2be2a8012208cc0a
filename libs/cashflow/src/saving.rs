//! Operational savings of a programme (E. Kolsky's three): fewer interactions, shorter
//! interactions, less training.
//!
//! Fewer and shorter multiply: `N·h·c → N(1−a)·h(1−b)·c`. Adding `a + b` counts the minutes of
//! contacts that no longer happen a second time.

use serde::Serialize;

use crate::error::{Error, checked};

/// What handling contacts costs in one period.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Handling {
    cost: f64,
}

impl Handling {
    /// `contacts` of `minutes` each at `cost_per_minute`.
    ///
    /// # Errors
    /// When one of them is negative.
    pub fn new(contacts: f64, minutes: f64, cost_per_minute: f64) -> Result<Self, Error> {
        let parts = [
            ("contacts", contacts),
            ("minutes", minutes),
            ("cost_per_minute", cost_per_minute),
        ];
        for (name, value) in parts {
            checked(name, value, value >= 0.0, "zero or more")?;
        }
        Ok(Self {
            cost: contacts * minutes * cost_per_minute,
        })
    }

    /// The cost before any change.
    #[must_use]
    pub fn cost(&self) -> f64 {
        self.cost
    }

    /// The saving when a share `fewer` of contacts does not happen and the others are `shorter`
    /// by that share. Negative shares mean more or longer contacts, and a negative saving.
    ///
    /// # Errors
    /// When a share is above 1.
    pub fn saving(&self, fewer: f64, shorter: f64) -> Result<Saving, Error> {
        checked(
            "fewer",
            fewer,
            fewer <= 1.0,
            "a share of contacts, at most 1",
        )?;
        checked(
            "shorter",
            shorter,
            shorter <= 1.0,
            "a share of minutes, at most 1",
        )?;
        Ok(Saving {
            from_fewer: self.cost * fewer,
            from_shorter: self.cost * (1.0 - fewer) * shorter,
        })
    }
}

/// A saving split so that its parts sum to it: the contacts that no longer happen at their old
/// length, then the minutes saved on those that still do.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Saving {
    /// From contacts that no longer happen.
    pub from_fewer: f64,
    /// From shorter contacts among those that remain.
    pub from_shorter: f64,
}

impl Saving {
    /// The whole saving.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.from_fewer + self.from_shorter
    }

    /// The part that is money not spent: `avoidable` is the share of handling cost that really
    /// falls (attrition, overtime, vendor minutes); 0 until finance confirms.
    ///
    /// # Errors
    /// When `avoidable` is outside [0, 1].
    pub fn avoidable(&self, avoidable: f64) -> Result<f64, Error> {
        let in_range = (0.0..=1.0).contains(&avoidable);
        checked("avoidable", avoidable, in_range, "a share between 0 and 1")?;
        Ok(self.total() * avoidable)
    }
}

/// The saving from `hours` less training for each of `hires`, at `loaded_rate` per hour.
#[must_use]
pub fn training_saving(hires: f64, hours: f64, loaded_rate: f64) -> f64 {
    hires * hours * loaded_rate
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kolsky_chain() {
        // customers.json kolsky_chain, first row.
        let saving = Handling::new(120_000.0, 6.0, 1.0)
            .unwrap()
            .saving(0.10, 0.08)
            .unwrap();
        assert!((saving.total() - 123_840.0).abs() < 1e-6);
        assert!((saving.from_fewer - 72_000.0).abs() < 1e-6);
        assert!((saving.from_shorter - 51_840.0).abs() < 1e-6);
        // With training the year saves 132,840 (the product's metric definitions, 3.15).
        assert_eq!(training_saving(20.0, 10.0, 45.0), 9_000.0);
        // Second row: priced by the contact; adding the shares would claim 760,500.
        let handling = Handling::new(500_000.0 * 1.8, 1.0, 6.5).unwrap();
        let saving = handling.saving(0.08, 0.05).unwrap();
        assert!((saving.total() - 737_100.0).abs() < 1e-6);
        assert!((handling.cost() * (0.08 + 0.05) - 760_500.0).abs() < 1e-6);
    }

    #[test]
    fn order_does_not_matter_and_only_the_avoidable_counts() {
        let handling = Handling::new(1_000.0, 5.0, 0.8).unwrap();
        let (one, other) = (
            handling.saving(0.3, 0.1).unwrap(),
            handling.saving(0.1, 0.3).unwrap(),
        );
        assert!((one.total() - other.total()).abs() < 1e-9);
        assert_eq!(one.avoidable(0.0).unwrap(), 0.0);
        assert!((one.avoidable(0.4).unwrap() - 0.4 * one.total()).abs() < 1e-9);
        assert!(one.avoidable(1.1).is_err());
        assert!(handling.saving(1.1, 0.0).is_err());
        assert!(Handling::new(-1.0, 5.0, 0.8).is_err());
    }
}
