use super::sweep::Stratum;

/// Weighted counts below each rank, by a Fenwick tree.
struct Ranks(Vec<f64>);

impl Ranks {
    fn add(&mut self, rank: usize, weight: f64) {
        let mut i = rank + 1;
        while i < self.0.len() {
            self.0[i] += weight;
            i += i & i.wrapping_neg();
        }
    }

    /// Weight of all ranks below `rank`.
    fn below(&self, rank: usize) -> f64 {
        let (mut i, mut sum) = (rank, 0.0);
        while i > 0 {
            sum += self.0[i];
            i &= i - 1;
        }
        sum
    }
}

/// Harrell's concordance with delayed entry, within strata: of pairs of which one left while the
/// other was at risk and stayed longer, the share in which the leaver had the higher predictor;
/// ties of the predictor count half. `None` without such pairs.
pub(super) fn concordance(strata: &[Stratum], predictors: &[Vec<f64>]) -> Option<f64> {
    let (mut right, mut pairs) = (0.0, 0.0);
    for (stratum, eta) in strata.iter().zip(predictors) {
        let all = &stratum.observations;
        let (rank, distinct) = ranked(eta);
        let rank = |i: usize| rank[i];
        let mut ranks = Ranks(vec![0.0; distinct + 1]);
        let mut total = 0.0;
        let mut by_entry: Vec<usize> = (0..all.len()).filter(|&i| all[i].entry() > 0.0).collect();
        by_entry.sort_by(|&a, &b| all[b].entry().total_cmp(&all[a].entry()));
        let mut removed = 0;
        for group in group_by_exit(stratum) {
            let t = all[group.start].exit();
            let mut enter = |i: usize, weight: f64| {
                ranks.add(rank(i), weight);
                total += weight;
            };
            // Those who stay at t outlast those who leave at t; leavers of one time do not compare.
            group
                .clone()
                .filter(|&i| !all[i].is_event())
                .for_each(|i| enter(i, all[i].weight()));
            while removed < by_entry.len() && all[by_entry[removed]].entry() >= t {
                let i = by_entry[removed];
                enter(i, -all[i].weight());
                removed += 1;
            }
            for i in group.clone().filter(|&i| all[i].is_event()) {
                let (below, upto) = (ranks.below(rank(i)), ranks.below(rank(i) + 1));
                right += all[i].weight() * 0.5 * (below + upto);
                pairs += all[i].weight() * total;
            }
            for i in group.filter(|&i| all[i].is_event()) {
                ranks.add(rank(i), all[i].weight());
                total += all[i].weight();
            }
        }
    }
    (pairs > 0.0).then(|| right / pairs)
}

/// Rank of each value among the distinct ones, and their number.
fn ranked(values: &[f64]) -> (Vec<usize>, usize) {
    let mut order: Vec<(f64, usize)> = values.iter().copied().zip(0..).collect();
    order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let (mut rank, mut distinct) = (vec![0; values.len()], 0);
    for tie in order.chunk_by(|a, b| a.0 == b.0) {
        tie.iter().for_each(|&(_, i)| rank[i] = distinct);
        distinct += 1;
    }
    (rank, distinct)
}

fn group_by_exit(stratum: &Stratum) -> Vec<std::ops::Range<usize>> {
    let mut start = 0;
    let groups = stratum.observations.chunk_by(|a, b| a.exit() == b.exit());
    groups
        .map(|group| {
            let range = start..start + group.len();
            start = range.end;
            range
        })
        .collect()
}
