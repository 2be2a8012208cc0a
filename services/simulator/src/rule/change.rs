//! Whether churn of the last twelve months is that of the years before: if not, hazards are taken
//! from the last twelve months, over which money is taken too.
//!
//! In each month of tenure (and segment), given its leavers, each left in the last year with the
//! chance that its share of the customer-months gives, were the hazard the same: the sum over all
//! of them is a sum of binomials, whatever the hazard by tenure. Its probability is computed
//! exactly, so that one test in a hundred cries wolf, with few leavers fewer.

use keepworth_contract::{Flag, FlagCode};

use crate::rule::cohort::{Cohorts, Record};

/// Probability below which churn is said to have changed.
const SIGNIFICANT: f64 = 0.01;
/// More leavers than this, and their sum is as good as normal.
const EXACT: u64 = 1000;

/// Churn of the last twelve months against all before.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Change {
    /// Customer-months and leavers of the last twelve months.
    last: (f64, u64),
    /// Those of the record before.
    before: (f64, u64),
    /// How many times the hazard before is that of the last twelve months, at equal tenure
    /// (Mantel and Haenszel's estimate); none where nobody left before.
    ratio: Option<f64>,
    /// Probability of a difference as large without any.
    p: f64,
    /// Whether the other segments changed, and this one is taken with them.
    with_others: bool,
    /// What hazards are taken from.
    pub(crate) record: Record,
}

/// Changes of the company and of each segment; none where there is nothing before to compare with.
///
/// A segment follows its own test; segments whose own says nothing are tested together, for what a
/// small one cannot tell.
pub(crate) fn changes(segments: &[(&str, &Cohorts)]) -> (Option<Change>, Vec<Option<Change>>) {
    let all: Vec<&Cohorts> = segments.iter().map(|(_, cohorts)| *cohorts).collect();
    let company = Change::of(&all);
    let mut own: Vec<Option<Change>> = all.iter().map(|it| Change::of(&[it])).collect();
    let unchanged = |change: &Option<Change>| {
        let change = change.as_ref();
        change.is_none_or(|change| change.record == Record::Whole)
    };
    let others = all.iter().zip(&own).filter(|(_, change)| unchanged(change));
    let others: Vec<&Cohorts> = others.map(|(cohorts, _)| *cohorts).collect();
    if let Some(together) = Change::of(&others).filter(|it| it.record == Record::LastYear) {
        for change in own
            .iter_mut()
            .flatten()
            .filter(|it| it.record == Record::Whole)
        {
            change.record = Record::LastYear;
            change.with_others = true;
            change.p = together.p;
        }
    }
    (company, own)
}

impl Change {
    fn of(cohorts: &[&Cohorts]) -> Option<Self> {
        let total = |record: Record| {
            let each = cohorts.iter().map(|it| it.between(record, 0, None));
            each.fold((0.0, 0), |sum, it| (sum.0 + it.0, sum.1 + it.1))
        };
        let (last, whole) = (total(Record::LastYear), total(Record::Whole));
        let before = (whole.0 - last.0, whole.1 - last.1);
        if last.0 <= 0.0 || before.0 <= 1e-9 * whole.0 {
            return None;
        }
        let (mut more, mut less) = (0.0, 0.0);
        let (mut seen, mut chances) = (0, Vec::new());
        for (now, then) in cohorts.iter().flat_map(|it| it.by_year()) {
            let months = now.0 + then.0;
            more += now.1 as f64 * then.0 / months;
            less += then.1 as f64 * now.0 / months;
            seen += now.1;
            chances.push((now.1 + then.1, now.0 / months));
        }
        let p = probability(seen, &chances);
        Some(Self {
            last,
            before,
            ratio: (less > 0.0).then(|| more / less),
            p,
            with_others: false,
            record: if p < SIGNIFICANT {
                Record::LastYear
            } else {
                Record::Whole
            },
        })
    }

    /// Which record is used, and why.
    pub(crate) fn flag(&self) -> Flag {
        let percent = |(months, left): (f64, u64)| 100.0 * left as f64 / months;
        let (last, before) = (percent(self.last), percent(self.before));
        let times = match self.ratio {
            Some(ratio) => format!("{ratio:.2} times as many at equal tenure"),
            None => "nobody left before at a tenure that is seen now".to_owned(),
        };
        let figures = format!(
            "{last:.2}% a month left in the last twelve months, {before:.2}% before ({times}"
        );
        let p = self.p;
        match (self.record, self.with_others) {
            (Record::Whole, _) => Flag::new(
                FlagCode::WholeRecord,
                format!("{figures}, p = {p:.2}): hazards are from all of it"),
            ),
            (Record::LastYear, false) => Flag::new(
                FlagCode::ChurnChanged,
                format!("{figures}, p = {p:.4}): hazards are from the last twelve months"),
            ),
            (Record::LastYear, true) => Flag::new(
                FlagCode::ChurnChangedElsewhere,
                format!(
                    "{figures}), and with other segments p = {p:.4}: hazards are from the last \
                     twelve months"
                ),
            ),
        }
    }
}

/// Two-sided probability of so many leavers in the last year, when each of `count` leavers left in
/// it with its `chance`; half of a tie counts.
fn probability(seen: u64, chances: &[(u64, f64)]) -> f64 {
    let total: u64 = chances.iter().map(|(count, _)| count).sum();
    let below = if total > EXACT {
        normal(seen as f64, chances)
    } else {
        let mut law = vec![1.0];
        for (count, chance) in chances {
            for _ in 0..*count {
                law.push(0.0);
                for left in (1..law.len()).rev() {
                    law[left] = law[left] * (1.0 - chance) + law[left - 1] * chance;
                }
                law[0] *= 1.0 - chance;
            }
        }
        let seen = seen as usize;
        law[..seen].iter().sum::<f64>() + 0.5 * law[seen]
    };
    (2.0 * below.min(1.0 - below)).clamp(0.0, 1.0)
}

/// The same by the normal distribution.
fn normal(seen: f64, chances: &[(u64, f64)]) -> f64 {
    let sums = chances.iter().map(|&(count, p)| {
        let count = count as f64;
        (count * p, count * p * (1.0 - p))
    });
    let (mean, variance) = sums.fold((0.0, 0.0), |sum, it| (sum.0 + it.0, sum.1 + it.1));
    if variance <= 0.0 {
        return 0.5;
    }
    let z = (seen - mean) / variance.sqrt();
    0.5 * statrs::function::erf::erfc(-z / std::f64::consts::SQRT_2)
}

#[cfg(test)]
mod tests;
