//! Counts of a segment by completed month of tenure.

use std::collections::BTreeMap;

use keepworth_contract::customers::CohortRow;
use keepworth_contract::customers::LeavingCause;

/// Who was at risk of leaving, and who left.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Cohorts {
    /// Rows of customers/cohorts.
    pub(crate) rows: u64,
    /// Customers who came under observation.
    pub(crate) entered: u64,
    /// Customers on the day by completed months of tenure.
    pub(crate) active: Vec<u64>,
    /// Leavers by cause, where it is known.
    pub(crate) left_by_cause: BTreeMap<LeavingCause, u64>,
    /// Leavers whose cause nobody recorded.
    pub(crate) left_unknown: u64,
    /// Customer-months under observation and leavers by month of tenure and years ago.
    pub(crate) at_risk: BTreeMap<(u32, u32), (f64, u64)>,
}

/// Which part of the record counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Record {
    /// All of it.
    Whole,
    /// The last twelve calendar months.
    LastYear,
}

impl Cohorts {
    /// Adds a row of the feed.
    pub(crate) fn push(&mut self, row: &CohortRow) {
        self.rows += 1;
        self.entered += row.entered;
        self.left_unknown += row.left_unknown;
        let left = row.departures();
        self.put(row.tenure_month, row.years_ago, (row.exposure_months, left));
        self.put_active(row.tenure_month, row.active);
        for (cause, left) in &row.left {
            *self.left_by_cause.entry(*cause).or_default() += left;
        }
    }

    /// Adds another segment.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.rows += other.rows;
        self.entered += other.entered;
        self.left_unknown += other.left_unknown;
        for (active, month) in other.active.iter().zip(0..) {
            self.put_active(month, *active);
        }
        for ((month, years_ago), at_risk) in &other.at_risk {
            self.put(*month, *years_ago, *at_risk);
        }
        for (cause, left) in &other.left_by_cause {
            *self.left_by_cause.entry(*cause).or_default() += left;
        }
    }

    fn put(&mut self, month: u32, years_ago: u32, (exposure, left): (f64, u64)) {
        let cell = self.at_risk.entry((month, years_ago)).or_default();
        cell.0 += exposure;
        cell.1 += left;
    }

    fn put_active(&mut self, month: u32, active: u64) {
        if active > 0 {
            let index = month as usize;
            self.active.resize(self.active.len().max(index + 1), 0);
            self.active[index] += active;
        }
    }

    /// Customer-months under observation and leavers, from one month of tenure up to another.
    pub(crate) fn between(&self, record: Record, from: u32, to: Option<u32>) -> (f64, u64) {
        self.at_risk
            .range((from, 0)..(to.unwrap_or(u32::MAX), 0))
            .filter(|((_, years_ago), _)| record == Record::Whole || *years_ago == 0)
            .fold((0.0, 0), |sum, (_, cell)| (sum.0 + cell.0, sum.1 + cell.1))
    }

    /// Those of the last year and of all before, by month of tenure.
    pub(crate) fn by_year(&self) -> impl Iterator<Item = ((f64, u64), (f64, u64))> {
        let mut months: BTreeMap<u32, [(f64, u64); 2]> = BTreeMap::new();
        for ((month, years_ago), cell) in &self.at_risk {
            let sum = &mut months.entry(*month).or_default()[usize::from(*years_ago > 0)];
            sum.0 += cell.0;
            sum.1 += cell.1;
        }
        let both = months.into_values().map(|[last, before]| (last, before));
        both.filter(|(last, before)| last.0 + before.0 > 0.0)
    }

    /// Who was at risk, and left, in the last twelve months, or before them.
    pub(crate) fn at_risk_of(&self, last_year: bool) -> Self {
        let of = self.at_risk.iter();
        let of = of.filter(|((_, years_ago), _)| (*years_ago == 0) == last_year);
        Self {
            at_risk: of.map(|(at, cell)| (*at, *cell)).collect(),
            ..Self::default()
        }
    }

    /// The same by month of tenure alone.
    pub(crate) fn by_tenure(&self) -> impl Iterator<Item = (u32, f64, u64)> {
        let mut months: BTreeMap<u32, (f64, u64)> = BTreeMap::new();
        for ((month, _), cell) in &self.at_risk {
            let sum = months.entry(*month).or_default();
            *sum = (sum.0 + cell.0, sum.1 + cell.1);
        }
        months
            .into_iter()
            .map(|(month, (exposure, left))| (month, exposure, left))
    }

    /// The longest tenure of anybody, in completed months.
    pub(crate) fn longest_tenure(&self) -> Option<u32> {
        let observed = self.at_risk.keys().map(|(month, _)| *month).max();
        let active = self.active.len().checked_sub(1).map(|month| month as u32);
        observed.max(active)
    }

    /// All customer-months under observation.
    pub(crate) fn person_months(&self) -> f64 {
        self.between(Record::Whole, 0, None).0
    }

    /// All leavers.
    pub(crate) fn left(&self) -> u64 {
        self.between(Record::Whole, 0, None).1
    }
}
