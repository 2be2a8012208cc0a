use std::collections::BTreeMap;

use super::{Observation, Outcome, SurvivalError, tie};

/// The risk set at one distinct time of exit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RiskRow {
    /// Time of exit.
    pub t: f64,
    /// Customers with `entry < t ≤ exit`.
    pub at_risk: f64,
    /// Of these, how many left at `t`.
    pub events: f64,
}

/// Risk sets at every distinct time of exit, the sufficient statistic of every curve here.
#[derive(Debug, Clone, PartialEq)]
pub struct RiskTable {
    rows: Vec<RiskRow>,
    causes: BTreeMap<u32, Vec<f64>>,
    n: f64,
    person_time: f64,
    late_entry: bool,
}

impl RiskTable {
    /// Counts risk sets in one sweep over the sorted entries and exits.
    ///
    /// # Errors
    /// [`SurvivalError::Empty`] when no observation carries weight, [`SurvivalError::Instant`]
    /// when one has no length.
    pub fn new(observations: &[Observation]) -> Result<Self, SurvivalError> {
        let mut exits: Vec<Observation> = tie(observations)?
            .iter()
            .filter(|o| o.weight() > 0.0)
            .copied()
            .collect();
        if exits.is_empty() {
            return Err(SurvivalError::Empty);
        }
        // Times are not negative, so their bits have their order and compare faster.
        exits.sort_unstable_by_key(|o| o.exit().to_bits());
        let mut entries: Vec<(f64, f64)> = exits.iter().map(|o| (o.entry(), o.weight())).collect();
        entries.sort_unstable_by_key(|entry| entry.0.to_bits());
        let mut table = Self {
            n: exits.iter().map(Observation::weight).sum(),
            person_time: exits
                .iter()
                .map(|o| o.weight() * (o.exit() - o.entry()))
                .sum(),
            late_entry: entries.last().is_some_and(|last| last.0 > 0.0),
            rows: Vec::new(),
            causes: BTreeMap::new(),
        };
        table.sweep(&exits, &entries);
        Ok(table)
    }

    fn sweep(&mut self, exits: &[Observation], entries: &[(f64, f64)]) {
        let (mut entered, mut gone, mut next) = (0.0, 0.0, 0);
        for group in exits.chunk_by(|a, b| a.exit() == b.exit()) {
            let t = group[0].exit();
            while next < entries.len() && entries[next].0 < t {
                entered += entries[next].1;
                next += 1;
            }
            let row = self.rows.len();
            let mut events = 0.0;
            for o in group {
                if let Outcome::Left(cause) = o.outcome() {
                    events += o.weight();
                    let column = self.causes.entry(cause).or_default();
                    column.resize(row + 1, 0.0);
                    column[row] += o.weight();
                }
            }
            // Sums of fractional weights may differ in the last bit; events never exceed the risk.
            self.rows.push(RiskRow {
                t,
                at_risk: (entered - gone).max(events),
                events,
            });
            gone += group.iter().map(Observation::weight).sum::<f64>();
        }
        let rows = self.rows.len();
        for column in self.causes.values_mut() {
            column.resize(rows, 0.0);
        }
    }

    /// Risk sets in time order.
    pub fn rows(&self) -> &[RiskRow] {
        &self.rows
    }

    /// Causes that occurred, in ascending order.
    pub fn causes(&self) -> impl Iterator<Item = u32> + '_ {
        self.causes.keys().copied()
    }

    /// Events of one cause, aligned with [`RiskTable::rows`]; `None` for a cause never seen.
    pub fn events_of(&self, cause: u32) -> Option<&[f64]> {
        self.causes.get(&cause).map(Vec::as_slice)
    }

    /// Customers observed.
    pub fn n(&self) -> f64 {
        self.n
    }

    /// Events of all causes.
    pub fn events(&self) -> f64 {
        self.rows.iter().map(|row| row.events).sum()
    }

    /// Total time at risk.
    pub fn person_time(&self) -> f64 {
        self.person_time
    }

    /// True when somebody entered after time 0.
    pub fn has_late_entry(&self) -> bool {
        self.late_entry
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// The sweep agrees with counting each risk set on its own.
        #[test]
        fn sweep_equals_direct_count(
            people in prop::collection::vec((0u8..6, 1u8..6, 0u32..3, 0u8..4), 1..60)
        ) {
            let observations: Vec<Observation> = people.iter().map(|&(entry, length, cause, w)| {
                let (entry, length) = (f64::from(entry), f64::from(length));
                Observation::new(entry, entry + length, cause > 0).unwrap()
                    .with_cause(cause).with_weight(f64::from(w)).unwrap()
            }).collect();
            let Ok(table) = RiskTable::new(&observations) else {
                prop_assert!(observations.iter().all(|o| o.weight() == 0.0));
                return Ok(());
            };
            for (index, row) in table.rows().iter().enumerate() {
                let sum = |keep: &dyn Fn(&Observation) -> bool| -> f64 {
                    observations.iter().filter(|o| keep(o)).map(Observation::weight).sum()
                };
                prop_assert_eq!(row.at_risk, sum(&|o| o.entry() < row.t && row.t <= o.exit()));
                prop_assert_eq!(row.events, sum(&|o| o.is_event() && o.exit() == row.t));
                for cause in table.causes() {
                    let of_cause = sum(&|o| o.outcome() == Outcome::Left(cause) && o.exit() == row.t);
                    prop_assert_eq!(table.events_of(cause).unwrap()[index], of_cause);
                }
            }
        }
    }
}
