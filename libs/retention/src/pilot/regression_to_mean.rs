use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use statrs::distribution::{Continuous, ContinuousCDF, Normal};

use super::{PilotError, Sums};
use crate::fit::{Estimate, Level, Scale};

/// Rise that a group picked for scoring below `cutoff` shows at the next wave with nothing done.
///
/// For normal scores with retest correlation `ρ`: `(1 − ρ)·σ·φ(z)/Φ(z)`, `z = (cutoff − μ)/σ`
/// (Davis 1976).
///
/// ```
/// # use keepworth_retention::pilot::expected_rise;
/// // Picking the lower half of scores with sd 10 and retest correlation 0.5.
/// let rise = expected_rise(50.0, 10.0, 0.5, 50.0).expect("a standard deviation and a share");
/// assert!((rise - 3.989).abs() < 0.001);
/// ```
///
/// # Errors
/// [`PilotError::Share`] when the correlation is not in (0, 1), [`PilotError::Group`] when mean,
/// sd or cutoff are not finite or the sd is not above 0.
pub fn expected_rise(mean: f64, sd: f64, correlation: f64, cutoff: f64) -> Result<f64, PilotError> {
    if !(correlation > 0.0 && correlation < 1.0) {
        return Err(PilotError::Share {
            field: "retest correlation",
            value: correlation,
        });
    }
    let z = (cutoff - mean) / sd;
    if !(sd > 0.0 && z.is_finite()) {
        return Err(PilotError::Group("targeted"));
    }
    let law = Normal::standard();
    // Far below the mean the ratio φ/Φ tends to −z, where both are 0 in f64.
    let ratio = if z < -30.0 {
        -z
    } else {
        law.pdf(z) / law.cdf(z)
    };
    Ok((1.0 - correlation) * sd * ratio)
}

/// A targeted group's rise, with regression to the mean taken out.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Correction {
    /// What the targeted group rose by, as seen.
    pub seen: f64,
    /// What customers picked the same way rose by with nothing done.
    pub expected: f64,
    /// The difference, the only part that may be credited to the treatment.
    pub effect: Estimate,
}

/// A rise beyond that of customers who had scored the same.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Matched {
    /// What both rose by, and the difference.
    pub correction: Correction,
    /// Targeted customers who are compared.
    pub targeted: usize,
    /// Targeted customers for whom nobody untreated had scored the same.
    pub unmatched: usize,
    /// Untreated customers who are compared.
    pub untreated: usize,
}

/// Fewer untreated customers of a score tell nothing of how far their rises scatter.
const FEWEST_ALIKE: usize = 2;

/// Compares the targeted with untreated customers of the same first score, to the nearest whole point: where some were picked
/// for other reasons, or by another day's score, no cutoff tells who was picked alike.
///
/// Rises of each score are weighed by how many targeted have it: the estimate is `Σ n(s)·(t(s) − u(s))/Σ n(s)`, its variance
/// `Σ (n(s)/Σ n)²·(V_t/n(s) + V_u/m(s))` with the variances of each side within scores.
///
/// # Errors
/// [`PilotError::Group`] where too few of either side have a score in common to tell how rises scatter within scores.
pub fn rise_beyond_matched(
    targeted: &[(f64, f64)],
    untreated: &[(f64, f64)],
) -> Result<Matched, PilotError> {
    let [ours, theirs] = [targeted, untreated].map(Rises::by_score);
    let alike = |(score, rises): (i64, Rises)| {
        let of = theirs.get(&score).copied();
        Some((rises, of.filter(|it| it.n >= FEWEST_ALIKE as f64)?))
    };
    let pairs = Vec::from_iter(ours.into_iter().filter_map(alike));
    let (n, m) = pairs.iter().fold((0.0, 0.0), |(n, m), (ours, theirs)| {
        (n + ours.n, m + theirs.n)
    });
    let scores = pairs.len() as f64;
    let within = |side: &'static str, squares: f64, freedom: f64| match freedom >= 1.0 {
        true => Ok(squares / freedom),
        false => Err(PilotError::Group(side)),
    };
    let off = |of: fn(&(Rises, Rises)) -> f64| pairs.iter().map(of).sum::<f64>();
    let ours_vary = within("targeted", off(|it| it.0.squares_off()), n - scores)?;
    let theirs_vary = within("untreated", off(|it| it.1.squares_off()), m - scores)?;
    let weighed = |of: fn(&(Rises, Rises)) -> f64| {
        let each = pairs.iter().map(|it| it.0.n / n * of(it));
        each.sum::<f64>()
    };
    let (seen, expected) = (weighed(|it| it.0.mean()), weighed(|it| it.1.mean()));
    let variance = |(ours, theirs): &(Rises, Rises)| {
        (ours.n / n).powi(2) * (ours_vary / ours.n + theirs_vary / theirs.n)
    };
    let se = pairs.iter().map(variance).sum::<f64>().sqrt();
    let effect = Estimate::wald(Scale::Identity, seen - expected, se, Level::USUAL);
    Ok(Matched {
        correction: Correction {
            seen,
            expected,
            effect,
        },
        targeted: n as usize,
        unmatched: targeted.len() - n as usize,
        untreated: m as usize,
    })
}

/// Sums of the rises of customers of one score.
#[derive(Clone, Copy, Default)]
struct Rises {
    n: f64,
    sum: f64,
    squares: f64,
}

impl Rises {
    fn by_score(pairs: &[(f64, f64)]) -> BTreeMap<i64, Self> {
        let mut rises: BTreeMap<i64, Self> = BTreeMap::new();
        for (first, next) in pairs {
            let it = rises.entry(first.round() as i64).or_default();
            let rise = next - first;
            it.n += 1.0;
            it.sum += rise;
            it.squares += rise * rise;
        }
        rises
    }

    fn mean(&self) -> f64 {
        self.sum / self.n
    }

    fn squares_off(&self) -> f64 {
        (self.squares - self.sum * self.sum / self.n).max(0.0)
    }
}

/// As [`rise_beyond_matched`] where nobody was left untreated: the rise expected of such a group
/// comes from the law of scores before, by [`expected_rise`].
///
/// `rises` are each customer's second score less the first. The expected rise is taken as known:
/// the error is that of the rises alone, and the answer is only as good as the retest correlation.
/// Two arms drawn by lot among the same customers need none of this: both regress alike.
///
/// # Errors
/// [`PilotError::NoSpread`] where all rose by the same, [`PilotError::Group`] for an expected rise
/// that is not finite.
pub fn rise_beyond_expected(rises: Sums, expected: f64) -> Result<Correction, PilotError> {
    let se = (rises.variance() / rises.n).sqrt();
    if se == 0.0 {
        return Err(PilotError::NoSpread { field: "rises" });
    }
    if !expected.is_finite() {
        return Err(PilotError::Group("targeted"));
    }
    let seen = rises.mean();
    let effect = Estimate::wald(Scale::Identity, seen - expected, se, Level::USUAL);
    Ok(Correction {
        seen,
        expected,
        effect,
    })
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::ChaCha8Rng;
    use rand_distr::{Distribution, StandardNormal};

    use super::super::difference::moments;
    use super::*;

    /// Scores that share a stable part: retest correlation 0.5, nothing done to anybody.
    fn waves(seed: u64, n: usize) -> Vec<(f64, f64)> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        (0..n)
            .map(|_| {
                let [stable, first, next]: [f64; 3] =
                    std::array::from_fn(|_| StandardNormal.sample(&mut rng));
                (
                    50.0 + 7.071_07 * (stable + first),
                    50.0 + 7.071_07 * (stable + next),
                )
            })
            .collect()
    }

    #[test]
    fn formula_agrees_with_simulation() {
        let rises: Vec<f64> = waves(1, 200_000)
            .iter()
            .filter(|w| w.0 < 45.0)
            .map(|w| w.1 - w.0)
            .collect();
        let mean = rises.iter().sum::<f64>() / rises.len() as f64;
        let expected = expected_rise(50.0, 10.0, 0.5, 45.0).unwrap();
        assert!((mean - expected).abs() < 0.15, "{mean} and {expected}");
    }

    /// All of the lowest scores are treated half the time, of others one in twenty: no cutoff tells who is like them.
    #[test]
    fn matched_by_score_a_group_with_nothing_done_has_no_effect() {
        let (mut without_effect, mut cut_off) = (0, 0);
        for seed in 0..100 {
            let all = waves(seed, 2000);
            let (mut targeted, mut untreated) = (Vec::new(), Vec::new());
            for (index, wave) in all.into_iter().enumerate() {
                let every = if wave.0 < 42.0 { 2 } else { 20 };
                if index % every == 0 {
                    targeted.push(wave);
                } else {
                    untreated.push(wave);
                }
            }
            let matched = rise_beyond_matched(&targeted, &untreated).unwrap();
            assert_eq!(matched.targeted + matched.unmatched, targeted.len());
            let Estimate { low, high, .. } = matched.correction.effect;
            without_effect += usize::from(low < 0.0 && high > 0.0);
            let best = targeted.iter().map(|it| it.0).fold(0.0, f64::max);
            let [ours, theirs] = [&targeted, &untreated].map(|side| {
                let below = side.iter().filter(|it| it.0 <= best);
                let rises = Vec::from_iter(below.map(|it| it.1 - it.0));
                moments("either", &rises).unwrap()
            });
            let se = (ours.1 + theirs.1).sqrt();
            cut_off += usize::from(ours.0 - theirs.0 > 1.96 * se);
        }
        assert!(
            (89..=100).contains(&without_effect),
            "{without_effect} of 100"
        );
        assert!(
            cut_off > 90,
            "a cutoff credits what comes by itself: {cut_off}"
        );
    }

    #[test]
    fn without_untreated_the_law_of_scores_tells_what_to_expect() {
        let expected = expected_rise(50.0, 10.0, 0.5, 45.0).unwrap();
        let mut without_effect = 0;
        for seed in 0..100 {
            let rises: Vec<f64> = (waves(seed, 1000).iter())
                .filter(|w| w.0 < 45.0)
                .map(|w| w.1 - w.0)
                .collect();
            let squares = rises.iter().map(|r| r * r).sum();
            let sums = Sums::new(rises.len() as u64, rises.iter().sum(), squares).unwrap();
            let correction = rise_beyond_expected(sums, expected).unwrap();
            assert!(correction.seen > 3.0);
            let Estimate { low, high, .. } = correction.effect;
            without_effect += usize::from(low < 0.0 && high > 0.0);
        }
        assert!(
            (89..=100).contains(&without_effect),
            "{without_effect} of 100"
        );
    }

    #[test]
    fn groups_too_small_to_compare_are_refused() {
        assert!(rise_beyond_matched(&[], &waves(3, 50)).is_err());
        assert!(rise_beyond_matched(&waves(3, 50), &[]).is_err());
        assert!(rise_beyond_matched(&[(1.0, 2.0)], &[(1.0, 2.0), (1.0, 3.0)]).is_err());
        assert!(expected_rise(50.0, 0.0, 0.5, 45.0).is_err());
        assert!(expected_rise(50.0, 10.0, 1.0, 45.0).is_err());
        assert!(expected_rise(50.0, 10.0, 0.5, f64::NAN).is_err());
        assert!(expected_rise(50.0, 10.0, 0.5, -1e4).unwrap() > 0.0);
    }
}
