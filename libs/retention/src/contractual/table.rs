//! What was observed: how many of each cohort were left after each period.

/// One cohort, counted at the end of consecutive periods.
#[derive(Debug, Clone, PartialEq)]
pub struct Cohort {
    /// Whole periods of tenure at the first count; 0 when the cohort was seen from its start.
    /// Customers first seen later entered late (left truncation): who left before is not known.
    pub first_tenure: u32,
    /// Customers left at tenure `first_tenure`, `first_tenure + 1`, …; may be weighted counts.
    pub survivors: Vec<f64>,
}

/// Sufficient statistics of any number of cohorts, indexed by tenure in periods.
#[derive(Debug, Clone, PartialEq)]
pub struct SurvivorTable {
    /// Entered observation at this tenure.
    entered: Vec<f64>,
    /// Left between tenure `t − 1` and `t`.
    left: Vec<f64>,
    /// Still there when last counted, at this tenure.
    remained: Vec<f64>,
}

/// Why a survivor table cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TableError {
    /// No cohort, or a cohort counted fewer than twice.
    #[error(
        "cohort {cohort} has {counts} counts: at least two are needed, at its start and one period later"
    )]
    TooShort {
        /// Index of the cohort.
        cohort: usize,
        /// Number of counts.
        counts: usize,
    },
    /// A count is negative, NaN or infinite.
    #[error(
        "survivors of cohort {cohort} at period {period} are {value}: they must be finite and not negative"
    )]
    NotACount {
        /// Index of the cohort.
        cohort: usize,
        /// Tenure of the count.
        period: usize,
        /// The value found.
        value: f64,
    },
    /// More customers than the period before.
    #[error(
        "survivors of cohort {cohort} rise from {before} to {after} at period {period}: a survivor count never rises; \
         those who came back are new customers"
    )]
    Rising {
        /// Index of the cohort.
        cohort: usize,
        /// Tenure of the higher count.
        period: usize,
        /// Count before.
        before: f64,
        /// Count after.
        after: f64,
    },
    /// A cohort longer than any life.
    #[error(
        "cohort {cohort} reaches tenure {tenure}: at most {most} periods are supported, use longer periods"
    )]
    TooLong {
        /// Index of the cohort.
        cohort: usize,
        /// Last tenure.
        tenure: usize,
        /// The limit.
        most: usize,
    },
    /// Nobody left, so churn cannot be told.
    #[error(
        "none of {customers} customers left in {periods} periods: observe longer before fitting"
    )]
    NoDepartures {
        /// Customers observed.
        customers: f64,
        /// Longest tenure.
        periods: usize,
    },
}

/// Ten thousand periods are 27 years of days.
const MOST_PERIODS: usize = 10_000;

impl SurvivorTable {
    /// One cohort counted from its start: `survivors[t]` customers are left after `t` periods.
    ///
    /// # Errors
    /// [`TableError`], naming the count.
    pub fn from_survivors(survivors: &[f64]) -> Result<Self, TableError> {
        Self::from_cohorts(&[Cohort {
            first_tenure: 0,
            survivors: survivors.to_vec(),
        }])
    }

    /// Several cohorts that share their parameters, of any lengths.
    ///
    /// # Errors
    /// [`TableError`], naming the cohort and the count.
    pub fn from_cohorts(cohorts: &[Cohort]) -> Result<Self, TableError> {
        if cohorts.is_empty() {
            return Err(TableError::TooShort {
                cohort: 0,
                counts: 0,
            });
        }
        for (index, cohort) in cohorts.iter().enumerate() {
            cohort.check(index)?;
        }
        let longest = cohorts.iter().map(Cohort::last_tenure).max().unwrap_or(0);
        let mut table = Self {
            entered: vec![0.0; longest + 1],
            left: vec![0.0; longest + 1],
            remained: vec![0.0; longest + 1],
        };
        for cohort in cohorts {
            table.add(cohort);
        }
        if table.departures() > 0.0 {
            Ok(table)
        } else {
            Err(TableError::NoDepartures {
                customers: table.customers(),
                periods: longest,
            })
        }
    }

    fn add(&mut self, cohort: &Cohort) {
        let first = cohort.first_tenure as usize;
        self.entered[first] += cohort.survivors[0];
        for (step, pair) in cohort.survivors.windows(2).enumerate() {
            self.left[first + step + 1] += pair[0] - pair[1];
        }
        let last = cohort.last_tenure();
        self.remained[last] += cohort.survivors[last - first];
    }

    /// Customers observed.
    pub fn customers(&self) -> f64 {
        self.entered.iter().sum()
    }

    /// Customers seen to leave.
    pub fn departures(&self) -> f64 {
        self.left.iter().sum()
    }

    /// Customers still there when last counted.
    pub fn remaining(&self) -> f64 {
        self.remained.iter().sum()
    }

    /// Longest tenure observed, in periods.
    pub fn periods(&self) -> usize {
        self.left.len() - 1
    }

    /// Customer-periods at risk.
    pub fn exposure(&self) -> f64 {
        let (mut at_risk, mut exposure) = (0.0, 0.0);
        for tenure in 0..self.left.len() {
            exposure += at_risk;
            at_risk += self.entered[tenure] - self.left[tenure] - self.remained[tenure];
        }
        exposure
    }

    /// Tenure with who entered, left in the period that ends there, and remained.
    pub(super) fn rows(&self) -> impl Iterator<Item = (f64, f64, f64, f64)> + '_ {
        let columns = self.entered.iter().zip(&self.left).zip(&self.remained);
        columns
            .enumerate()
            .map(|(tenure, ((&entered, &left), &remained))| {
                (tenure as f64, entered, left, remained)
            })
    }
}

impl Cohort {
    fn last_tenure(&self) -> usize {
        self.first_tenure as usize + self.survivors.len().saturating_sub(1)
    }

    fn check(&self, cohort: usize) -> Result<(), TableError> {
        let counts = self.survivors.len();
        if counts < 2 {
            return Err(TableError::TooShort { cohort, counts });
        }
        let first = self.first_tenure as usize;
        if self.last_tenure() > MOST_PERIODS {
            return Err(TableError::TooLong {
                cohort,
                tenure: self.last_tenure(),
                most: MOST_PERIODS,
            });
        }
        for (step, &value) in self.survivors.iter().enumerate() {
            let period = first + step;
            if !(value >= 0.0 && value.is_finite()) {
                return Err(TableError::NotACount {
                    cohort,
                    period,
                    value,
                });
            }
            let before = self.survivors[step.saturating_sub(1)];
            if value > before {
                return Err(TableError::Rising {
                    cohort,
                    period,
                    before,
                    after: value,
                });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cohorts_add_up() {
        let early = Cohort {
            first_tenure: 0,
            survivors: vec![10.0, 7.0, 6.0],
        };
        let late = Cohort {
            first_tenure: 1,
            survivors: vec![5.0, 5.0, 4.0],
        };
        let table = SurvivorTable::from_cohorts(&[early, late]).unwrap();
        assert_eq!(
            (table.customers(), table.departures(), table.periods()),
            (15.0, 5.0, 3)
        );
        // 10 + 7 in the first cohort, 5 + 5 in the second.
        assert_eq!(table.exposure(), 27.0);
    }

    #[test]
    fn impossible_counts_are_named() {
        let table = |counts: &[f64]| SurvivorTable::from_survivors(counts).unwrap_err();
        assert!(matches!(table(&[]), TableError::TooShort { counts: 0, .. }));
        assert!(matches!(
            table(&[5.0]),
            TableError::TooShort { counts: 1, .. }
        ));
        assert!(matches!(
            table(&[5.0, 6.0]),
            TableError::Rising { period: 1, .. }
        ));
        assert!(matches!(
            table(&[5.0, f64::NAN]),
            TableError::NotACount { period: 1, .. }
        ));
        assert!(matches!(
            table(&[f64::INFINITY, 1.0]),
            TableError::NotACount { period: 0, .. }
        ));
        assert!(matches!(table(&[5.0, -1.0]), TableError::NotACount { .. }));
        assert!(matches!(
            table(&[5.0, 5.0]),
            TableError::NoDepartures { .. }
        ));
        assert!(matches!(
            table(&[0.0, 0.0]),
            TableError::NoDepartures { .. }
        ));
        assert!(matches!(
            SurvivorTable::from_cohorts(&[]),
            Err(TableError::TooShort { .. })
        ));
        let eternal = Cohort {
            first_tenure: u32::MAX,
            survivors: vec![2.0, 1.0],
        };
        assert!(matches!(
            SurvivorTable::from_cohorts(&[eternal]),
            Err(TableError::TooLong { .. })
        ));
    }
}
