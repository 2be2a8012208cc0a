use serde::{Deserialize, Serialize};

use super::LinkModel;
use crate::fit::{Estimate, Level, Scale};

/// Whether the exposure "explains" departures that experience cannot have caused.
///
/// It should not. When it does, the exposure was recorded after the decision, or something else
/// moves both.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NegativeControl {
    /// Customers who left for such a reason.
    pub n: f64,
    /// Probability that one of them has worse exposure than one who stayed, ties counting half;
    /// ½ when the exposure knows nothing of these departures.
    pub worse_than_stayers: Estimate,
    /// Of them, how many have an exposure worse than that of every customer who stayed.
    pub worse_than_all_stayers: f64,
}

impl NegativeControl {
    /// True when the interval excludes ½.
    pub fn reacts(&self) -> bool {
        self.worse_than_stayers.low > 0.5 || self.worse_than_stayers.high < 0.5
    }

    /// One sentence.
    pub fn sentence(&self) -> String {
        format!(
            "of {} who left for reasons experience cannot touch, {} have a worse exposure than \
             anyone who stayed (probability of worse than a stayer {:.2}, 0.50 expected)",
            self.n, self.worse_than_all_stayers, self.worse_than_stayers.value
        )
    }
}

/// `None` without control departures or without stayers.
pub(super) fn negative_control(model: &LinkModel<'_>) -> Option<NegativeControl> {
    let control = model.control?;
    let sign = model.direction.sign();
    let rows = || {
        let rows = model.observations.iter().zip(model.exposure).zip(control);
        let last = rows.enumerate().filter(|(i, _)| model.is_final(*i));
        last.map(|(_, row)| row)
    };
    // Larger is worse from here on.
    let left: Vec<(f64, f64)> = rows()
        .filter(|((o, _), control)| o.is_event() && **control)
        .map(|((o, x), _)| (-sign * x, o.weight()))
        .collect();
    let stayed: Vec<(f64, f64)> = rows()
        .filter(|((o, _), _)| !o.is_event())
        .map(|((o, x), _)| (-sign * x, o.weight()))
        .collect();
    let n: f64 = left.iter().map(|row| row.1).sum();
    let worse_than_stayers = discrimination(&left, &stayed, model.level)?;
    let worst = stayed
        .iter()
        .map(|row| row.0)
        .fold(f64::NEG_INFINITY, f64::max);
    let beyond: f64 = left
        .iter()
        .filter(|row| row.0 > worst)
        .map(|row| row.1)
        .sum();
    Some(NegativeControl {
        n,
        worse_than_stayers,
        // The sum over nobody is −0.
        worse_than_all_stayers: beyond + 0.0,
    })
}

/// Area under the ROC curve of `(value, weight)` rows, positives against negatives, with the
/// standard error of Hanley & McNeil (1982); `None` when either side is empty.
pub(super) fn discrimination(
    positives: &[(f64, f64)],
    negatives: &[(f64, f64)],
    level: Level,
) -> Option<Estimate> {
    let total = |rows: &[(f64, f64)]| rows.iter().map(|row| row.1).sum::<f64>();
    let (n1, n0) = (total(positives), total(negatives));
    if n1 <= 0.0 || n0 <= 0.0 {
        return None;
    }
    let mut all: Vec<(f64, f64, bool)> = positives.iter().map(|r| (r.0, r.1, true)).collect();
    all.extend(negatives.iter().map(|r| (r.0, r.1, false)));
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut below, mut right) = (0.0, 0.0);
    for tie in all.chunk_by(|a, b| a.0 == b.0) {
        let of = |side: bool| tie.iter().filter(|r| r.2 == side).map(|r| r.1).sum::<f64>();
        right += of(true) * (below + 0.5 * of(false));
        below += of(false);
    }
    let a = right / (n1 * n0);
    let (q1, q2) = (a / (2.0 - a), 2.0 * a * a / (1.0 + a));
    let variance =
        (a * (1.0 - a) + (n1 - 1.0) * (q1 - a * a) + (n0 - 1.0) * (q2 - a * a)) / (n1 * n0);
    let se = variance.max(0.0).sqrt();
    Some(Estimate::wald(Scale::Identity, a, se, level))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn area_counts_pairs_and_half_of_ties() {
        let found = discrimination(
            &[(3.0, 1.0), (2.0, 1.0)],
            &[(1.0, 1.0), (2.0, 1.0)],
            Level::USUAL,
        )
        .unwrap();
        assert!((found.value - 3.5 / 4.0).abs() < 1e-12);
        assert_eq!(discrimination(&[], &[(1.0, 1.0)], Level::USUAL), None);
    }
}
