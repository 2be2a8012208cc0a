use crate::goodness::upper_tail;
use nalgebra::{DMatrix, DVector};
use serde::{Deserialize, Serialize};

use super::{Observation, RiskTable, SurvivalError, tie};

/// Observed and expected departures of one group.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct GroupCount {
    /// Customers in the group.
    pub n: f64,
    /// Departures seen.
    pub observed: f64,
    /// Departures expected if all groups left at the same rate.
    pub expected: f64,
}

/// Log-rank test that all groups share one hazard, with delayed entry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LogRank {
    /// Test statistic.
    pub chi2: f64,
    /// Degrees of freedom: groups that can differ, less one.
    pub df: usize,
    /// Probability of a statistic this large if the hazards are equal.
    pub p: f64,
    /// Counts per group, in the order given.
    pub groups: Vec<GroupCount>,
}

impl LogRank {
    /// Compares two or more groups.
    ///
    /// `U = Σ (d_g − d·n_g/n)` with its hypergeometric covariance (Mantel 1966).
    ///
    /// # Errors
    /// Fewer than two groups with observations, no event in any, or an observation of no length.
    pub fn new(groups: &[Vec<Observation>]) -> Result<Self, SurvivalError> {
        Self::within(std::slice::from_ref(&groups))
    }

    /// Compares the groups of each stratum with each other, not across strata: customers are held
    /// against those alike. Differences and covariances sum over the strata (Klein & Moeschberger,
    /// 7.5).
    ///
    /// Every stratum lists the same groups in the same order, some of them perhaps without anybody.
    ///
    /// # Errors
    /// As [`LogRank::new`], of all strata together.
    pub fn within<G: AsRef<[Vec<Observation>]>>(strata: &[G]) -> Result<Self, SurvivalError> {
        let k = strata.iter().map(|groups| groups.as_ref().len()).max();
        let k = k.unwrap_or(0);
        let (mut counts, mut covariance) = (vec![GroupCount::NOBODY; k], DMatrix::zeros(k, k));
        for groups in strata {
            compare(groups.as_ref(), &mut counts, &mut covariance)?;
        }
        let present = counts.iter().filter(|group| group.n > 0.0).count();
        if present < 2 {
            return Err(SurvivalError::TooFewGroups(present));
        }
        if counts.iter().all(|group| group.observed == 0.0) {
            return Err(SurvivalError::NoEvents);
        }
        Ok(Self::test(counts, covariance))
    }

    /// The quadratic form with the pseudo-inverse: rows sum to zero, so one group is redundant,
    /// and a group never at risk together with others cannot differ.
    fn test(groups: Vec<GroupCount>, covariance: DMatrix<f64>) -> Self {
        let u =
            DVector::from_iterator(groups.len(), groups.iter().map(|g| g.observed - g.expected));
        let eigen = covariance.symmetric_eigen();
        let floor = 1e-10 * eigen.eigenvalues.amax();
        let (mut chi2, mut df) = (0.0, 0);
        for (value, vector) in eigen
            .eigenvalues
            .iter()
            .zip(eigen.eigenvectors.column_iter())
        {
            if *value > floor {
                chi2 += vector.dot(&u).powi(2) / value;
                df += 1;
            }
        }
        let p = upper_tail(chi2, df);
        Self {
            chi2,
            df,
            p,
            groups,
        }
    }
}

impl GroupCount {
    const NOBODY: Self = Self {
        n: 0.0,
        observed: 0.0,
        expected: 0.0,
    };
}

/// Adds what the groups of one stratum say.
fn compare(
    groups: &[Vec<Observation>],
    counts: &mut [GroupCount],
    covariance: &mut DMatrix<f64>,
) -> Result<(), SurvivalError> {
    let all: Vec<Observation> = groups.iter().flatten().copied().collect();
    if all.iter().all(|o| o.weight() == 0.0) {
        return Ok(());
    }
    let all = tie(&all)?;
    let pooled = RiskTable::new(&all)?;
    let mut rest = &*all;
    let mut sweeps: Vec<GroupSweep> = Vec::with_capacity(groups.len());
    for (group, count) in groups.iter().zip(&mut *counts) {
        count.n += group.iter().map(Observation::weight).sum::<f64>();
        let (group, others) = rest.split_at(group.len());
        sweeps.push(GroupSweep::new(group));
        rest = others;
    }
    for row in pooled.rows().iter().filter(|row| row.events > 0.0) {
        let risk: Vec<(f64, f64)> = sweeps.iter_mut().map(|s| s.advance(row.t)).collect();
        let (n, d) = (row.at_risk, row.events);
        // The factor of the hypergeometric variance; a lone customer carries none.
        let spread = if n > 1.0 {
            d * (n - d) / (n - 1.0)
        } else {
            0.0
        };
        for (g, (at_risk, left)) in risk.iter().enumerate() {
            let share = at_risk / n;
            counts[g].observed += left;
            counts[g].expected += d * share;
            for (h, (others, _)) in risk.iter().enumerate() {
                let same = if g == h { 1.0 } else { 0.0 };
                covariance[(g, h)] += spread * share * (same - others / n);
            }
        }
    }
    Ok(())
}

/// Number at risk and events of one group at ascending times.
struct GroupSweep {
    entries: Vec<(f64, f64)>,
    exits: Vec<(f64, f64, bool)>,
    entered: usize,
    gone: usize,
    at_risk: f64,
}

impl GroupSweep {
    fn new(group: &[Observation]) -> Self {
        let mut entries: Vec<_> = group.iter().map(|o| (o.entry(), o.weight())).collect();
        let mut exits: Vec<_> = group
            .iter()
            .map(|o| (o.exit(), o.weight(), o.is_event()))
            .collect();
        entries.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        exits.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        Self {
            entries,
            exits,
            entered: 0,
            gone: 0,
            at_risk: 0.0,
        }
    }

    /// `(at risk, events)` at `t`; times must ascend.
    fn advance(&mut self, t: f64) -> (f64, f64) {
        while self.entered < self.entries.len() && self.entries[self.entered].0 < t {
            self.at_risk += self.entries[self.entered].1;
            self.entered += 1;
        }
        while self.gone < self.exits.len() && self.exits[self.gone].0 < t {
            self.at_risk -= self.exits[self.gone].1;
            self.gone += 1;
        }
        let now = self.exits[self.gone..]
            .iter()
            .take_while(|exit| exit.0 == t);
        (
            self.at_risk,
            now.filter(|exit| exit.2).map(|exit| exit.1).sum(),
        )
    }
}
