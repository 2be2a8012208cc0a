//! Counts of a segment by completed month of tenure.

use std::collections::BTreeMap;

use keepworth_contract::feed::CohortRow;
use keepworth_contract::record::LeavingCause;

/// Who was at risk of leaving, and who left.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Cohorts {
    /// Rows of customers/cohorts.
    pub(crate) rows: u64,
    /// Customers who came under observation.
    pub(crate) entered: u64,
    /// Customers on the day by completed months of tenure.
    pub(crate) active: Vec<u64>,
    /// Leavers by cause.
    pub(crate) left_by_cause: BTreeMap<LeavingCause, u64>,
    /// Customer-months under observation and leavers by month of tenure.
    pub(crate) at_risk: BTreeMap<u32, (f64, u64)>,
}

impl Cohorts {
    /// Adds a row of the feed.
    pub(crate) fn push(&mut self, row: &CohortRow) {
        self.rows += 1;
        self.entered += row.entered;
        let left = row.left.values().sum();
        self.put(row.tenure_month, row.active, (row.exposure_months, left));
        for (cause, left) in &row.left {
            *self.left_by_cause.entry(*cause).or_default() += left;
        }
    }

    /// Adds another segment.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.rows += other.rows;
        self.entered += other.entered;
        for (active, month) in other.active.iter().zip(0..) {
            self.put(month, *active, (0.0, 0));
        }
        for (month, at_risk) in &other.at_risk {
            self.put(*month, 0, *at_risk);
        }
        for (cause, left) in &other.left_by_cause {
            *self.left_by_cause.entry(*cause).or_default() += left;
        }
    }

    fn put(&mut self, month: u32, active: u64, (exposure, left): (f64, u64)) {
        let cell = self.at_risk.entry(month).or_default();
        cell.0 += exposure;
        cell.1 += left;
        if active > 0 {
            let index = month as usize;
            self.active.resize(self.active.len().max(index + 1), 0);
            self.active[index] += active;
        }
    }

    /// Customer-months under observation and leavers, from one month of tenure up to another.
    pub(crate) fn between(&self, from: u32, to: Option<u32>) -> (f64, u64) {
        self.at_risk
            .range(from..to.unwrap_or(u32::MAX))
            .fold((0.0, 0), |sum, (_, cell)| (sum.0 + cell.0, sum.1 + cell.1))
    }

    /// All customer-months under observation.
    pub(crate) fn person_months(&self) -> f64 {
        self.between(0, None).0
    }

    /// All leavers.
    pub(crate) fn left(&self) -> u64 {
        self.between(0, None).1
    }
}
