//! What is known of a customer without a contract, and many of them grouped.

use std::collections::HashMap;

use super::{PurchaseError, measured};

/// Repeat purchases of one customer are counted at most this far.
const MOST_PURCHASES: f64 = 1e6;

/// One customer's history: `(x, t_x, T)` of the literature. Ages count from the first purchase.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct History {
    x: f64,
    t_x: f64,
    age: f64,
}

impl History {
    /// `x` repeat purchases, the last at age `t_x`, observed until age `age` (T).
    ///
    /// # Errors
    /// When a figure is not finite or negative, `x` not whole, `t_x > age`, or `t_x > 0` without a
    /// repeat purchase.
    pub fn new(x: f64, t_x: f64, age: f64) -> Result<Self, PurchaseError> {
        let (x, t_x, age) = (
            measured("x", x)?,
            measured("t_x", t_x)?,
            measured("T", age)?,
        );
        if x.fract() != 0.0 || x > MOST_PURCHASES {
            return Err(PurchaseError::NotACount {
                x,
                most: MOST_PURCHASES,
            });
        }
        if t_x > age {
            return Err(PurchaseError::RecencyBeyondAge { t_x, age });
        }
        if x == 0.0 && t_x > 0.0 {
            return Err(PurchaseError::RecencyWithoutPurchase { t_x });
        }
        if x > 0.0 && t_x == 0.0 {
            return Err(PurchaseError::PurchaseWithoutRecency { x });
        }
        Ok(Self { x, t_x, age })
    }

    /// Repeat purchases, the first one not counted.
    pub fn purchases(&self) -> f64 {
        self.x
    }

    /// Age at the last purchase; 0 without a repeat purchase.
    pub fn recency(&self) -> f64 {
        self.t_x
    }

    /// Age at the end of observation.
    pub fn age(&self) -> f64 {
        self.age
    }

    /// Equal histories have equal keys; adding 0 makes −0 and 0 the same.
    fn key(self) -> [u64; 3] {
        [self.x, self.t_x, self.age].map(|figure| (figure + 0.0).to_bits())
    }
}

/// Customers grouped by history: what costs is the number of different histories, not of customers.
#[derive(Debug, Clone, Default)]
pub struct Histories {
    groups: HashMap<[u64; 3], Group>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Group {
    weight: f64,
    spend: f64,
}

/// One group of customers with the same history.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Row {
    pub history: History,
    /// How many.
    pub weight: f64,
    /// Sum over the customers of their mean spend per repeat purchase.
    pub spend: f64,
}

impl Row {
    pub(super) fn x(&self) -> f64 {
        self.history.x
    }

    pub(super) fn t_x(&self) -> f64 {
        self.history.t_x
    }

    pub(super) fn age(&self) -> f64 {
        self.history.age
    }
}

impl Histories {
    /// Adds `weight` customers (a count or a sampling weight) with this history.
    ///
    /// # Errors
    /// When the weight is negative or not finite.
    pub fn add(&mut self, history: History, weight: f64) -> Result<(), PurchaseError> {
        self.add_with_spend(history, weight, 0.0)
    }

    /// Adds customers whose mean spend per repeat purchase is known, for their lifetime value.
    ///
    /// `mean_spend` is ignored for customers without a repeat purchase, as the literature does:
    /// their value rests on the population's mean.
    ///
    /// # Errors
    /// When the weight or the spend is negative or not finite.
    pub fn add_with_spend(
        &mut self,
        history: History,
        weight: f64,
        mean_spend: f64,
    ) -> Result<(), PurchaseError> {
        measured("weight", weight)?;
        measured("mean spend", mean_spend)?;
        let group = self.groups.entry(history.key()).or_default();
        group.weight += weight;
        if history.x > 0.0 {
            group.spend += weight * mean_spend;
        }
        Ok(())
    }

    /// Number of different histories, the measure of cost.
    pub fn distinct(&self) -> usize {
        self.groups.len()
    }

    /// Each different history with its number of customers, by `(x, t_x, T)`.
    pub fn groups(&self) -> Vec<(History, f64)> {
        let rows = self.rows().into_iter();
        rows.map(|row| (row.history, row.weight)).collect()
    }

    /// The groups in a fixed order, by `(x, t_x, T)`, so that sums do not depend on hashing.
    pub(super) fn rows(&self) -> Vec<Row> {
        let mut rows: Vec<Row> = self
            .groups
            .iter()
            .map(|(key, group)| row(key, group))
            .collect();
        // Non-negative floats order as their bits do.
        rows.sort_unstable_by_key(|row| row.history.key());
        rows
    }
}

fn row(key: &[u64; 3], group: &Group) -> Row {
    let [x, t_x, age] = key.map(f64::from_bits);
    Row {
        history: History { x, t_x, age },
        weight: group.weight,
        spend: group.spend,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_histories_are_one_row() {
        let mut customers = Histories::default();
        let one = History::new(2.0, 30.43, 38.86).unwrap();
        customers.add_with_spend(one, 1.0, 20.0).unwrap();
        customers.add_with_spend(one, 2.0, 35.0).unwrap();
        customers
            .add(History::new(0.0, -0.0, 38.86).unwrap(), 1.0)
            .unwrap();
        customers
            .add(History::new(0.0, 0.0, 38.86).unwrap(), 1.0)
            .unwrap();
        let rows = customers.rows();
        assert_eq!(rows.len(), 2);
        assert_eq!((rows[0].weight, rows[0].x()), (2.0, 0.0));
        assert_eq!((rows[1].weight, rows[1].spend), (3.0, 90.0));
    }

    #[test]
    fn impossible_histories_are_refused() {
        use PurchaseError as E;
        let of = |x, t_x, age| History::new(x, t_x, age).unwrap_err();
        assert!(matches!(
            of(f64::NAN, 0.0, 1.0),
            E::NotMeasured { field: "x", .. }
        ));
        assert!(matches!(
            of(1.0, -1.0, 1.0),
            E::NotMeasured { field: "t_x", .. }
        ));
        assert!(matches!(
            of(1.0, 1.0, f64::INFINITY),
            E::NotMeasured { field: "T", .. }
        ));
        assert!(matches!(of(1.5, 1.0, 2.0), E::NotACount { .. }));
        assert!(matches!(of(1e9, 1.0, 2.0), E::NotACount { .. }));
        assert!(matches!(of(1.0, 3.0, 2.0), E::RecencyBeyondAge { .. }));
        assert!(matches!(
            of(0.0, 1.0, 2.0),
            E::RecencyWithoutPurchase { .. }
        ));
        let mut customers = Histories::default();
        let one = History::new(0.0, 0.0, 1.0).unwrap();
        assert!(matches!(
            customers.add(one, -1.0),
            Err(E::NotMeasured {
                field: "weight",
                ..
            })
        ));
        assert!(customers.add_with_spend(one, 1.0, f64::NAN).is_err());
    }
}
