//! A band for all months at once: one month outside the band of 95% happens in most years, a figure that leaves this band at
//! any time happens in at most one future of twenty.

/// The share of futures that leave the band at some time.
const LEAVE: f64 = 0.05;

/// The lower and upper end of each month's part of the band. A future's depth is how far its rank comes from the middle
/// in the month in which it comes furthest; the band is of the depth that all but so many futures stay within, the same
/// in every month (the rank envelope: Myllymäki and others, Journal of the Royal Statistical Society B 79, 2017).
pub(super) fn alarm_band(by_month: &[Vec<f64>]) -> Vec<[f64; 2]> {
    let futures = by_month.first().map_or(0, Vec::len);
    let mut furthest = vec![0.0_f64; futures];
    let mut sorted_months = Vec::with_capacity(by_month.len());
    for values in by_month {
        let mut order: Vec<usize> = (0..futures).collect();
        order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
        let mut first = 0;
        for equal in order.chunk_by(|a, b| values[*a] == values[*b]) {
            // Those who are equal have the rank of the one among them that is nearest to the middle: a figure that is
            // the same in all futures leaves nothing.
            let [low, high] = [first, first + equal.len() - 1].map(|it| from_middle(it, futures));
            let off = if low * high < 0.0 {
                0.0
            } else {
                low.abs().min(high.abs())
            };
            equal
                .iter()
                .for_each(|it| furthest[*it] = furthest[*it].max(off));
            first += equal.len();
        }
        sorted_months.push(order.iter().map(|it| values[*it]).collect::<Vec<_>>());
    }
    furthest.sort_by(f64::total_cmp);
    let within = ((1.0 - LEAVE) * futures as f64).ceil() as usize;
    let depth = furthest.get(within.max(1) - 1).copied().unwrap_or(0.0);
    let ends = |sorted: Vec<f64>| {
        let place = |off: f64| ((0.5 + off) * futures as f64 - 0.5).round() as usize;
        [-depth, depth].map(|off| sorted[place(off).min(futures - 1)])
    };
    sorted_months.into_iter().map(ends).collect()
}

/// How far a rank is from the middle of so many, as a share of them: from above −½ to below ½.
fn from_middle(rank: usize, of: usize) -> f64 {
    (rank as f64 + 0.5) / of as f64 - 0.5
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forecast::chance::Chance;

    fn leave(by_month: &[Vec<f64>], band: &[[f64; 2]]) -> f64 {
        let futures = by_month[0].len();
        let leaves = |it: &usize| {
            let mut months = by_month.iter().zip(band);
            months.any(|(values, [low, high])| values[*it] < *low || values[*it] > *high)
        };
        (0..futures).filter(leaves).count() as f64 / futures as f64
    }

    /// Twelve months of futures that share half of their variance.
    fn drawn(seed: u64) -> Vec<Vec<f64>> {
        let mut chance = Chance::common(seed, 0);
        let shared: Vec<f64> = (0..4000).map(|_| chance.normal()).collect();
        let month = |_| shared.iter().map(|it| it + chance.normal()).collect();
        (0..12).map(month).collect()
    }

    #[test]
    fn one_future_of_twenty_leaves_it_at_any_time() {
        let seen = drawn(1);
        let band = alarm_band(&seen);
        // Two futures of each month share a depth.
        let of_these = leave(&seen, &band);
        assert!((0.043..=0.05).contains(&of_these), "{of_these}");
        // Others of the same kind too: 200 of 4,000 expected, with errors of both samples.
        let others = leave(&drawn(2), &band);
        assert!((others - 0.05).abs() < 0.016, "{others}");
        let wide = &band[3];
        assert!(
            wide[1] > 1.96 * 2_f64.sqrt(),
            "wider than a month's own: {wide:?}"
        );
    }

    #[test]
    fn what_is_certain_raises_none_and_bounds_it() {
        let certain = vec![vec![7.0; 50], (0..50).map(f64::from).collect()];
        let band = alarm_band(&certain);
        assert_eq!(band[0], [7.0, 7.0]);
        assert!((leave(&certain, &band) - 0.05).abs() < 0.02, "{band:?}");
        assert_eq!(alarm_band(&[vec![3.0]]), [[3.0, 3.0]], "of one future");
    }
}
